"""``import`` makes nothing up: what nobody told is unknown, what lowers trust is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.cli import app as results_app
from results.command import run
from results.compare import compare_cells
from results.errors import MeasurementError
from results.facts import Fact, Launch
from results.overview import overview
from results.selector import select_pair
from results.store import Store
from tests.page.stores import altered_store
from tests.planted import ARMS
from tests.unit.importing import REPORTS, Importing

PY, CPP, OLD = REPORTS / "python-2026.4", REPORTS / "cpp-2024", REPORTS / "cpp-2021"
FLOAT = ("--arm", "fp32@default")
REPORT = PY / "no_counters-csv" / "benchmark_report.csv"
GRAPH = PY / "average_counters-csv" / "exec_graph.xml"
SETUP = "Configuration setup"


@pytest.fixture
def importing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Importing:
    return Importing(tmp_path / "store", capsys)


def altered(tmp_path: Path, file: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the file in which each text was replaced; each has to be there."""
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    copy = tmp_path / f"copy-{len(list(tmp_path.iterdir()))}-{file.name}"
    copy.write_text(text)
    return copy


def bare(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A report without its command line."""
    text = REPORT.read_text()
    return altered(tmp_path, REPORT, (text.partition(SETUP)[0], ""), *changes)


def shown(importing: Importing, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(results_app, [*arguments, "--data", str(importing.data)]) == 0
    return capsys.readouterr().out


def test_a_latency_below_the_last_digit_is_unknown_and_breaks_nothing(
    importing: Importing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = altered(tmp_path, REPORT, ("latency (ms);0.06", "latency (ms);0.00"))
    said = importing(file, *FLOAT, "--cpu", "one")
    (launch,) = importing.launches()
    assert said.code == 0
    assert (launch.p50_ms, launch.headline_ms, launch.throughput_fps) == (None, None, 11971.94)
    assert "imported_no_latency" in importing.caution_ids()
    assert "below what the tool prints" in said.err
    assert "unknown" in shown(importing, capsys, "list")
    importing("--manual", "--model", "tiny_net", "--cpu", "one", "--arm", "fp32@f32",
              "--latency-ms", 1)  # fmt: skip
    with closing(Store(importing.data).index()) as index:
        assert overview(index)
        pair = select_pair(queries.cells(index), "arm=fp32@f32", "arm=fp32@default")
        with pytest.raises(MeasurementError, match="no latency above 0 was told"):
            compare_cells(index, pair.baseline, pair.candidate)


@pytest.mark.parametrize("value", ["0.0", "-3", "nan"])
def test_a_throughput_that_cannot_be_is_refused_with_its_line(
    importing: Importing, tmp_path: Path, value: str
) -> None:
    file = altered(tmp_path, REPORT, ("throughput;11971.94", f"throughput;{value}"))
    said = importing(file, *FLOAT)
    line = file.read_text().split("\n").index(f"throughput;{value}") + 1
    assert (said.code, importing.runs()) == (2, [])
    assert f"line {line}: " in said.err


def test_a_stored_time_of_0_takes_no_view_down(tmp_path: Path) -> None:
    def stopped(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Launch) and fact.kind == "timing":
            yield replace(fact, p50_ms=0.0, throughput_fps=0.0)
        else:
            yield fact

    with closing(altered_store(tmp_path, stopped).index()) as index:
        assert queries.cell_summaries(index)["headline_ms"].to_pylist() == [None] * len(ARMS)
        assert not [verdict for row in overview(index) for verdict in row.verdicts]


def test_a_latency_with_counters_on_is_marked_beside_its_figure(importing: Importing) -> None:
    sync = PY / "sync" / "benchmark_report.csv"
    for arm in ("fp32@default", "int8@default"):
        importing(sync, "--arm", arm, "--cpu", "one", "--openvino", "2026.4", "--source", "a blog")
    with closing(Store(importing.data).index()) as index:
        (verdict,) = [verdict for row in overview(index) for verdict in row.verdicts]
    ids = [caution.caution_id for caution in verdict.cautions]
    assert "imported_counters_on" in ids
    told = [one.message for one in verdict.cautions if one.caution_id == "imported_source"]
    assert told == ["where the imported figures are from is only told: a blog"]


@pytest.mark.parametrize(
    ("option", "is_on"),
    [
        ("-pcsort;no_sort", True),  # the tool turns them on whatever the order is
        ("-pc;False", False),
        ("-pc;True", True),
        ("-niter;50", False),
    ],
)
def test_what_turns_the_counters_on(
    importing: Importing, tmp_path: Path, option: str, is_on: bool
) -> None:
    graph = "-exec_graph_path;reports/exec.xml"
    importing(altered(tmp_path, REPORT, (graph, option)), *FLOAT)
    assert ("imported_counters_on" in importing.caution_ids()) is is_on


def test_layers_without_a_report_are_listed_as_layers_only(
    importing: Importing, capsys: pytest.CaptureFixture[str]
) -> None:
    importing(GRAPH)
    text = shown(importing, capsys, "list")
    assert "layers only" in text
    assert "failed" not in text


def test_layers_without_a_report_do_not_tell_how_they_were_driven(importing: Importing) -> None:
    said = importing(GRAPH)
    (cell,) = importing.cells()
    assert (cell.scenario, cell.batch, cell.streams) == ("unknown", 1, None)
    assert importing.caution_ids() == ["imported_not_driven", "imported_running_averages"]
    assert "scenario and streams unknown;" in said.err, "the batch is that of the graph"


def test_the_batch_of_the_graph_is_taken_where_no_report_tells_it(
    importing: Importing, tmp_path: Path
) -> None:
    importing(altered(tmp_path, GRAPH, ("<dim>1</dim>\n\t\t\t\t\t<dim>3</dim>",
                                        "<dim>8</dim>\n\t\t\t\t\t<dim>3</dim>")))  # fmt: skip
    (cell,) = importing.cells()
    assert cell.batch == 8


def test_a_report_that_does_not_tell_how_it_was_driven_says_so(
    importing: Importing, tmp_path: Path
) -> None:
    quiet = (("API;async\n", ""), ("number of parallel infer requests;1\n", ""),
             ("batch size;1\n", ""))  # fmt: skip
    said = importing(bare(tmp_path, *quiet), *FLOAT, "--model", "m")
    (cell,) = importing.cells()
    assert (cell.scenario, cell.streams, cell.requests) == ("unknown", None, None)
    assert "scenario and streams unknown, taken as batch 1" in said.err


def test_a_report_without_its_command_line_does_not_tell_its_streams(
    importing: Importing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    importing(bare(tmp_path), *FLOAT, "--model", "m")
    (cell,) = importing.cells()
    assert (cell.scenario, cell.streams) == ("latency", None)
    assert importing.caution_ids() == ["imported_not_driven"]
    assert "latency, batch 1, streams unknown" in shown(importing, capsys, "list")
    importing(REPORT, *FLOAT, "--cpu", "one")
    assert importing.caution_ids().count("imported_not_driven") == 1


@pytest.mark.parametrize(
    ("told", "streams"),
    [("CPU:4,GPU:2", 4), ("GPU:2,CPU:4", 4), ("GPU:2", None), ("3", 3), ("CPU:AUTO", None)],
)
def test_streams_are_those_of_the_reports_own_device(
    importing: Importing, tmp_path: Path, told: str, streams: int | None
) -> None:
    importing(altered(tmp_path, REPORT, ("-nstreams;1", f"-nstreams;{told}")), *FLOAT)
    (cell,) = importing.cells()
    assert cell.streams == streams


def test_a_layer_under_a_microsecond_in_one_request_counts_as_0_there(
    importing: Importing, tmp_path: Path
) -> None:
    first, second = sorted(OLD.glob("benchmark_detailed*"))
    short = altered(
        tmp_path, first,
        ("stem;EXECUTED;Convolution;jit_avx2_I8;0.002000;0.002000",
         "stem;NOT_RUN;Convolution;jit_avx2_I8;0.000000;0.000000"),
        ("Total;;;;0.308;0.308", "Total;;;;0.306;0.306"),
    )  # fmt: skip
    said = importing(short, second, "--model", "tiny")
    times = {node.name: node.time_us for node in importing.nodes()}
    assert said.code == 0, said.err
    assert times["stem"] == pytest.approx((0.0 + 12.0) / 2)


def test_the_figure_that_is_told_is_that_of_the_timing_launch(
    importing: Importing, tmp_path: Path
) -> None:
    folder = PY / "average_counters-csv"
    off = altered(tmp_path, folder / "benchmark_report.csv",
                  ("-report_type;average_counters", "-pc;False"))  # fmt: skip
    for number in range(4):  # the ids of launches are hashes of the machine's name too
        said = importing(off, GRAPH, "--cpu", f"CPU {number}")
        assert "14,830 /s" in said.out, said.out


def test_layers_that_did_not_run_as_asked_are_cautioned(importing: Importing) -> None:
    said = importing(GRAPH, "--arm", "fp32@f32")
    assert "precision_not_as_asked" in importing.caution_ids()
    assert "layers of fp32@f32 ran in bf16" in said.err


def test_the_line_at_fault_is_that_of_the_second_request(
    importing: Importing, tmp_path: Path
) -> None:
    file = CPP / "benchmark_detailed_counters_report.json"
    late = altered(tmp_path, file, ('"real_time": 0.06,', '"real_time": "fast",'))
    said = importing(late, "--model", "tiny")
    lines = late.read_text().split("\n")
    (value,) = [at for at, line in enumerate(lines, start=1) if '"fast"' in line]
    name = max(at for at, line in enumerate(lines[:value], start=1) if '"name"' in line)
    assert said.code == 2
    assert f"line {name}: real_time is 'fast'" in said.err


def test_the_line_at_fault_is_that_of_the_section(importing: Importing, tmp_path: Path) -> None:
    """``iterations_num`` stands among the setup before it stands among the results."""
    late = altered(tmp_path, CPP / "benchmark_report.json",
                   ('"iterations_num": 50,\n        "latency_avg"',
                    '"iterations_num": 0.5,\n        "latency_avg"'))  # fmt: skip
    said = importing(late, "--arm", "fp32@f32")
    lines = late.read_text().split("\n")
    (line,) = [at for at, text in enumerate(lines, start=1) if "0.5," in text]
    assert said.code == 2
    assert f"line {line}: iterations_num is '0.5'" in said.err


def test_two_layers_of_one_place_are_refused_with_the_line_of_the_second(
    importing: Importing, tmp_path: Path
) -> None:
    file = altered(tmp_path, GRAPH, ('execOrder="1"', 'execOrder="0"'))
    said = importing(file)
    lines = file.read_text().split("\n")
    (line,) = [at for at, text in enumerate(lines, start=1) if 'name="Convert_32"' in text]
    assert said.code == 2
    assert f"line {line}: layers 'image' and 'Convert_32' have the same execOrder, 0" in said.err


def test_another_source_or_a_spelled_out_default_changes_nothing(importing: Importing) -> None:
    folder = sorted((PY / "average_counters-csv").iterdir())
    importing(*folder)
    before = importing.runs()
    for more in (("--source", "a blog"), ("--model", "Tiny-Net"), FLOAT):
        said = importing(*folder, *more)
        assert (said.code, importing.runs()) == (0, before), more
        assert "imported already" in said.err


def test_the_same_files_under_another_description_are_noted(importing: Importing) -> None:
    importing(REPORT, *FLOAT, "--cpu", "one")
    (first,) = importing.runs()
    said = importing(REPORT, *FLOAT, "--cpu", "other")
    assert len(importing.runs()) == 2
    assert f"the same files are there under another description, as run {first}" in said.err


def test_two_imports_with_layers_say_why_there_is_no_layer_story(
    importing: Importing, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, arm in (("average_counters-csv", "fp32@default"), ("sort-csv", "fp32@bf16")):
        importing(*(PY / name).iterdir(), "--arm", arm, "--cpu", "one")
    text = " ".join(
        shown(importing, capsys, "compare", "arm=fp32@default", "arm=fp32@bf16").split()
    )
    assert text.startswith("told, not measured: ")
    assert "operations of their model are not known" in text
    assert "models differ" not in text


def test_layers_alone_are_compared_with_nothing_and_what_to_import_is_said(
    importing: Importing,
) -> None:
    importing(GRAPH, "--cpu", "one")
    importing("--manual", "--model", "tiny_net", "--cpu", "one", "--arm", "fp32@f32",
              "--latency-ms", 1)  # fmt: skip
    with closing(Store(importing.data).index()) as index:
        pair = select_pair(queries.cells(index), "arm=fp32@f32", "arm=fp32@default")
        with pytest.raises(MeasurementError, match="only its layers were imported") as error:
            compare_cells(index, pair.baseline, pair.candidate)
    assert "import the report" in error.value.hint


def test_streams_that_nobody_told_are_said_to_be_unknown(
    importing: Importing, capsys: pytest.CaptureFixture[str]
) -> None:
    for arm, more in (("fp32@f32", ("--streams", 1)), ("int8@default", ())):
        importing(
            "--manual", "--model", "m", "--cpu", "one", "--arm", arm, "--latency-ms", 1, *more
        )
    text = " ".join(shown(importing, capsys, "compare", "arm=fp32@f32", "arm=int8@default").split())
    assert "with an unknown number of streams" in text
    assert "the device chooses" not in text
