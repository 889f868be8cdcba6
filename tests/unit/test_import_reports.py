"""``import``: what benchmark_app reported becomes a run, as it was told and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.importing import REPORTS, Importing

PY, CPP, OLD = REPORTS / "python-2026.4", REPORTS / "cpp-2024", REPORTS / "cpp-2021"
COLUMNS = b"layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms)\n"
FLOAT = ("--arm", "fp32@default")


@pytest.fixture
def importing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Importing:
    return Importing(tmp_path / "store", capsys)


@pytest.mark.parametrize(
    "folder", ["python-2026.4/no_counters-csv", "python-2023.3/no_counters-csv"]
)
def test_a_python_report_becomes_one_timing_launch(importing: Importing, folder: str) -> None:
    said = importing(REPORTS / folder / "benchmark_report.csv", *FLOAT, "--cpu", "a CPU")
    text = (REPORTS / folder / "benchmark_report.csv").read_text()
    told = dict(line.split(";", 1) for line in text.splitlines() if ";" in line)
    (launch,) = importing.launches()
    (cell,) = importing.cells()
    assert said.code == 0
    assert launch.p50_ms == float(told["latency (ms)"])
    assert launch.mean_ms == float(told["avg latency"])
    assert (launch.min_ms, launch.max_ms) == (
        float(told["min latency"]), float(told["max latency"]))  # fmt: skip
    assert launch.throughput_fps == float(told["throughput"])
    assert launch.compile_ms == float(told["compile model time (ms)"])
    assert launch.read_ms == float(told["read model time (ms)"])
    assert launch.first_inference_ms == float(told["first inference time (ms)"])
    assert (launch.iterations, launch.requests) == (50, 1)
    assert (cell.origin, cell.model, cell.scenario, cell.streams) == (
        "imported", "tiny_net", "latency", 1)  # fmt: skip


def test_json_tells_the_same_kind_of_launch(importing: Importing) -> None:
    importing(PY / "no_counters-json" / "benchmark_report.json", *FLOAT)
    (launch,) = importing.launches()
    assert (launch.p50_ms, launch.iterations) == (0.04, 50)


@pytest.mark.parametrize("end", ["csv", "json"])
def test_the_cpp_sample_tells_the_same_in_its_own_words(importing: Importing, end: str) -> None:
    said = importing(
        CPP / f"benchmark_report.{end}", CPP / f"benchmark_average_counters_report.{end}"
    )
    (launch,) = importing.launches()
    (cell,) = importing.cells()
    assert said.code == 0
    assert (cell.arm, cell.model, cell.scenario) == ("fp32@f32", "tiny_net", "latency")
    assert (launch.p50_ms, launch.mean_ms, launch.min_ms, launch.max_ms) == (
        0.055, 0.061, 0.049, 0.12)  # fmt: skip
    assert (launch.read_ms, launch.compile_ms, launch.first_inference_ms) == (4.12, 31.5, 0.48)
    assert launch.throughput_fps == 16129.032258


def test_a_report_of_2021_with_a_file_for_each_request_is_averaged(importing: Importing) -> None:
    importing(*sorted(OLD.iterdir()))
    (launch,) = importing.launches()
    (cell,) = importing.cells()
    times = {node.name: node.time_us for node in importing.nodes()}
    assert (launch.read_ms, launch.compile_ms) == (5.01, 60.2)
    assert (cell.scenario, cell.requests, cell.streams, cell.arm) == (
        "throughput", 4, 4, "int8@default")  # fmt: skip
    assert times["stem"] == pytest.approx((2.0 + 12.0) / 2)
    assert times["block/dw"] == pytest.approx(300.0)


def test_what_nobody_told_is_null(importing: Importing) -> None:
    importing(PY / "no_counters-csv" / "benchmark_report.csv", *FLOAT)
    (launch,) = importing.launches()
    (cell,) = importing.cells()
    unknown = (
        launch.p90_ms, launch.p99_ms, launch.warmup_iterations, launch.warmup_settled,
        launch.steal_share, launch.throttled_us, launch.peak_memory_mib, launch.properties,
        launch.cached_compile_ms, launch.inference_s, launch.pinned_to, launch.block,
        cell.threads, cell.isa_cap,
    )  # fmt: skip
    assert unknown == (None,) * len(unknown)
    assert (cell.runtime, cell.isa_flags) == ("unknown", ())
    assert "unknown machine" in cell.device


def test_two_unknown_machines_are_not_taken_for_one(importing: Importing) -> None:
    importing(PY / "no_counters-csv" / "benchmark_report.csv", *FLOAT)
    importing(PY / "no_counters-json" / "benchmark_report.json", *FLOAT)
    assert len({cell.device_id for cell in importing.cells()}) == 2
    assert len({cell.runtime_id for cell in importing.cells()}) == 2


def test_a_machine_that_is_described_is_one_machine(importing: Importing) -> None:
    for name in ("csv", "json"):
        importing(PY / f"no_counters-{name}" / f"benchmark_report.{name}", *FLOAT,
                  "--cpu", "i5-8500", "--isa-class", "avx2", "--openvino", "2024.6")  # fmt: skip
    (cell,) = importing.cells()
    assert (cell.device, cell.isa_flags) == ("i5-8500 (imported)", ("sse4_2", "avx2"))


def test_two_unknown_versions_of_openvino_are_not_taken_for_one(importing: Importing) -> None:
    for name in ("csv", "json"):
        importing(PY / f"no_counters-{name}" / f"benchmark_report.{name}", *FLOAT, "--cpu", "one")
    cells = importing.cells()
    assert len({cell.device_id for cell in cells}) == 1
    assert len({cell.runtime_id for cell in cells}) == 2
    assert {cell.runtime for cell in cells} == {"unknown"}


def test_the_hint_for_throughput_makes_a_throughput_cell(importing: Importing) -> None:
    importing(*(PY / "throughput").iterdir())
    (cell,) = importing.cells()
    assert (cell.scenario, cell.streams, cell.requests) == ("throughput", None, None)


def test_layers_of_the_graph_have_their_producers_and_the_counters_times(
    importing: Importing,
) -> None:
    importing(*(PY / "average_counters-csv").iterdir())
    nodes = {node.name: node for node in importing.nodes()}
    order = {node.node_index: name for name, node in nodes.items()}
    depthwise = nodes["block/dw"]
    assert [order[at] for at in depthwise.producers] == ["stem"]
    assert (depthwise.time_us, depthwise.primitive) == (3.0, "brgconv_avx512_dw_bf16")
    assert nodes["fc"].time_us == 12.0
    assert depthwise.original_names == ("block/dw", "block/dw/relu6")
    assert nodes["softmax"].time_us is None
    assert not [node for node in nodes.values() if node.node_type == "Const"]


def test_counters_alone_give_layers_in_execution_order(importing: Importing) -> None:
    importing(PY / "detailed_counters-json" / "benchmark_detailed_counters_report.json",
              "--model", "tiny")  # fmt: skip
    nodes = importing.nodes()
    assert [node.name for node in nodes][:4] == [
        "image", "Convert_32", "Convert_32_abcd_acdb_stem", "stem"]  # fmt: skip
    assert nodes[3].runtime_precision == "bf16"
    assert importing.launches() == []


@pytest.mark.parametrize(
    "file",
    [
        PY / "sort-csv" / "benchmark_sorted_report.csv",
        PY / "sort-json" / "benchmark_sorted_report.json",
        CPP / "benchmark_sort_detailed_counters_report.csv",
        CPP / "benchmark_sort_detailed_counters_report.json",
    ],
)
def test_a_sorted_report_is_read_and_its_order_is_cautioned(
    importing: Importing, file: Path
) -> None:
    assert importing(file, "--model", "tiny").code == 0
    assert importing.caution_ids() == [
        "imported_layer_order", "imported_not_driven", "imported_running_averages"]  # fmt: skip
    assert importing.nodes()[0].time_us == max(node.time_us or 0 for node in importing.nodes())


def test_a_detailed_report_is_the_mean_of_its_requests(importing: Importing) -> None:
    importing(CPP / "benchmark_detailed_counters_report.json", "--model", "tiny")
    times = {node.name: node.time_us for node in importing.nodes()}
    assert times["stem"] == pytest.approx((20.0 + 60.0) / 2)
    assert times["softmax"] is None


def test_the_sorted_report_beside_the_average_one_does_not_set_the_order(
    importing: Importing,
) -> None:
    importing(*(PY / "sort-csv").iterdir())
    assert importing.nodes()[0].name == "image"
    assert importing.caution_ids() == ["imported_counters_on", "imported_running_averages"]


def test_a_latency_with_counters_on_is_cautioned(importing: Importing) -> None:
    importing(PY / "sync" / "benchmark_report.csv", *FLOAT)
    assert importing.caution_ids() == ["imported_counters_on"]


def test_a_run_that_gave_up_becomes_a_failed_launch_with_its_reason(importing: Importing) -> None:
    said = importing(PY / "failed.csv", *FLOAT)
    (launch,) = importing.launches()
    assert said.code == 0
    assert (launch.status, launch.p50_ms) == ("failed", None)
    assert "Wrong value foo for property key INFERENCE_PRECISION_HINT" in (launch.error or "")


def test_the_same_files_a_second_time_change_nothing(importing: Importing) -> None:
    files = sorted((PY / "average_counters-csv").iterdir())
    importing(*files)
    before = importing.runs()
    again = importing(*reversed(files))
    assert (again.code, importing.runs()) == (0, before)
    assert "imported already" in again.err


def test_another_description_is_another_import(importing: Importing) -> None:
    file = PY / "no_counters-csv" / "benchmark_report.csv"
    importing(file, *FLOAT, "--cpu", "one")
    importing(file, *FLOAT, "--cpu", "other")
    assert len(importing.runs()) == 2


def test_the_first_layer_alone_is_refused_as_the_fault_that_it_is(importing: Importing) -> None:
    said = importing(PY / "average_counters-json" / "benchmark_average_counters_report.json",
                     "--model", "tiny")  # fmt: skip
    assert (said.code, importing.runs()) == (2, [])
    assert "line 6: only the first layer" in said.err


@pytest.mark.parametrize(
    "file",
    [
        PY / "no_counters-csv" / "benchmark_report.csv",
        PY / "no_counters-json" / "benchmark_report.json",
        PY / "average_counters-csv" / "benchmark_average_counters_report.csv",
        PY / "average_counters-csv" / "exec_graph.xml",
        PY / "sort-csv" / "benchmark_sorted_report.csv",
        PY / "sort-json" / "benchmark_sorted_report.json",
        CPP / "benchmark_report.csv",
        CPP / "benchmark_average_counters_report.csv",
    ],
)
def test_a_file_cut_off_anywhere_is_refused_with_its_line(
    importing: Importing, tmp_path: Path, file: Path
) -> None:
    whole = file.read_bytes().rstrip()
    for share in (0.2, 0.5, 0.8, 1.0):
        cut = tmp_path / f"cut-{share}-{file.name}"
        cut.write_bytes(whole[: int(len(whole) * share) - 3])
        said = importing(cut, *FLOAT, "--model", "tiny")
        assert (said.code, importing.runs()) == (2, []), said
        assert f"{cut}, line " in said.err
        assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"hello\nworld\n", 1),
        (b"\x89PNG\r\n\x1a\n\x00\xff", 1),
        (b"{\n  \"a\": 1\n}\n", 1),
        (b"<html>\n<body></body></html>\n", 1),
        (b"Command line parameters\n-m;x.xml\nnonsense\n", 3),
        (b"Execution results\nlatency (ms);fast\nthroughput;3\n", 2),
        (COLUMNS + b"a;DONE;b;c;1;1\n", 2),
        (b"layerName;execStatus;layerType;execType;time;cpuTime (ms)\n", 1),
        (b"<!DOCTYPE net [<!ENTITY a \"b\">]>\n<net/>\n", 1),
    ],
)  # fmt: skip
def test_a_foreign_file_is_refused_with_its_line(
    importing: Importing, tmp_path: Path, content: bytes, line: int
) -> None:
    file = tmp_path / "benchmark_report.csv"
    file.write_bytes(content)
    said = importing(file, *FLOAT, "--model", "tiny")
    assert (said.code, importing.runs()) == (2, [])
    assert f"{file}, line {line}: " in said.err


def test_counters_from_whose_middle_lines_are_missing_are_refused(
    importing: Importing, tmp_path: Path
) -> None:
    text = (CPP / "benchmark_average_counters_report.csv").read_text()
    file = tmp_path / "counters.csv"
    file.write_text("".join(line for line in text.splitlines(True) if "stem;" not in line))
    said = importing(file, "--model", "tiny")
    assert said.code == 2
    assert "line 8: the Total is 0.046 ms, the layers add up to 0.026 ms" in said.err


def test_a_model_is_no_execution_graph(importing: Importing, tmp_path: Path) -> None:
    file = tmp_path / "model.xml"
    file.write_text('<net name="m">\n<layers>\n<layer id="0" name="x" type="Parameter"/>\n'
                    "</layers>\n</net>\n")  # fmt: skip
    said = importing(file)
    assert said.code == 2
    assert "line 3: layer 'x' has no execOrder: this is a model" in said.err


def test_counters_and_graph_of_different_models_are_refused(importing: Importing) -> None:
    said = importing(OLD / "benchmark_detailed_counters_report_0.csv",
                     PY / "average_counters-csv" / "exec_graph.xml")  # fmt: skip
    assert (said.code, importing.runs()) == (2, [])
    assert "line 4: layer 'block/dw_nChw8c_nhwc_block/pw' is executed, but not in" in said.err


def test_report_and_graph_of_different_models_are_refused_unless_named(
    importing: Importing, tmp_path: Path
) -> None:
    report = tmp_path / "r.csv"
    text = (PY / "average_counters-csv" / "benchmark_report.csv").read_text()
    report.write_text(text.replace("tiny_net.xml", "resnet_50.xml"))
    graph = PY / "average_counters-csv" / "exec_graph.xml"
    said = importing(report, graph)
    assert "is of model 'resnet_50', the execution graph of 'tiny_net'" in said.err
    assert (said.code, importing(report, graph, "--model", "resnet").code) == (2, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("target device;CPU", "target device;GPU"), "the report is of GPU"),
        (("-hint;none", "-infer_precision;f32"), "which asked for f32"),
    ],
)
def test_contradictions_are_refused(
    importing: Importing, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    folder = PY / "average_counters-csv"
    report = tmp_path / "r.csv"
    report.write_text((folder / "benchmark_report.csv").read_text().replace(*change))
    said = importing(report, folder / "benchmark_average_counters_report.csv", *FLOAT)
    assert (said.code, importing.runs()) == (2, [])
    assert words in said.err


def test_kernels_beyond_the_class_of_the_cpu_are_refused(importing: Importing) -> None:
    said = importing(PY / "average_counters-csv" / "exec_graph.xml", "--isa-class", "avx2")
    assert said.code == 2
    assert "which no CPU of class avx2 can" in said.err


def test_layers_in_int8_are_no_float_arm(importing: Importing) -> None:
    said = importing(OLD / "benchmark_detailed_counters_report_0.csv", "--model", "x", *FLOAT)
    assert "contradicts the layers, which ran in INT8" in said.err


def test_two_reports_are_two_runs(importing: Importing) -> None:
    said = importing(PY / "no_counters-csv" / "benchmark_report.csv",
                     PY / "sync" / "benchmark_report.csv", *FLOAT)  # fmt: skip
    assert (said.code, importing.runs()) == (2, [])


def test_a_report_alone_does_not_tell_its_arm(importing: Importing) -> None:
    said = importing(PY / "no_counters-csv" / "benchmark_report.csv")
    assert said.code == 2
    assert "give the arm" in said.err


def test_line_ends_of_windows_are_read(importing: Importing, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_bytes((CPP / "benchmark_report.csv").read_bytes().replace(b"\n", b"\r\n"))
    assert importing(file, "--arm", "fp32@f32").code == 0
