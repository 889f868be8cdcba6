"""Peaks are measured through profile launches, stored as a run of their own, and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openvino as ov
import pytest

from collector import cli
from collector.answers import (
    DeviceAnswer,
    InterferenceReading,
    LaunchAnswer,
    ProbeFailure,
    ProbeNode,
    ProfileAnswer,
)
from collector.launcher import Launcher, ProbeRequest
from collector.machine import this_machine
from collector.models.graph import multiply_accumulates
from collector.peak_nets import PeakNet, copy_net, heavy_net
from collector.peaks import copy_sizes, measure_peaks, planned_nets
from collector.topology import pinned_cpus
from results import cli as results_cli
from results import queries
from results.compare import compare_cells
from results.comparison import Comparison, Group
from results.errors import HostError, MeasurementError, UsageError
from results.facts import Device, Machine, Peak
from results.peak_queries import peaks_of
from results.roofline import BANDWIDTH, FLOPS, peak_bandwidth, peak_flops
from results.store import Store
from tests.planted import planted_store
from tests.planted_peaks import planted_peaks
from tests.unit.recorded import plant, two_socket_xeon

MIB = 2**20
CPU = DeviceAnswer("2026.4.1-1-x", "3.11.7", "Some CPU", ("FP32", "BF16", "INT8"), ("CPU",),
                   missing=False)  # fmt: skip
QUIET = InterferenceReading(0.0, 0.0, 0, 0, 0, 3000.0)
Profile = Callable[[ProbeRequest], ProfileAnswer | ProbeFailure]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return this_machine(plant(tmp_path / "machine", two_socket_xeon()), private=False)


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[ProbeRequest]:
    """Every profile launch answers that each of its layers took 1000 µs."""
    return _answering(monkeypatch, lambda request: _answer(request, 1000))


def _answering(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> list[ProbeRequest]:
    requests: list[ProbeRequest] = []

    def launch(_launcher: Launcher, request: ProbeRequest) -> ProfileAnswer | ProbeFailure:
        requests.append(request)
        return profile(request)

    monkeypatch.setattr(Launcher, "describe", lambda *_: CPU)
    monkeypatch.setattr(Launcher, "profile", launch)
    return requests


def _answer(
    request: ProbeRequest, time_us: int, *, samples_ms: tuple[float, ...] = (2.0,) * 4,
    int8: str = "u8", reading: InterferenceReading = QUIET,
) -> ProfileAnswer:  # fmt: skip
    """A reordering of the layer's output takes longer than the layer; a constant is not run."""
    name = Path(request.model_path).stem
    precision = dict(request.config).get("INFERENCE_PRECISION_HINT", int8)
    layers = ("copy",) if name.startswith("copy") else ("product", "convolution")
    nodes = [_node(at, layer, "Convolution", precision) for at, layer in enumerate(layers)]
    nodes += [_node(8, f"{layers[0]}_nChw16c_abcd_out", "Reorder", "f32"),
              _node(9, f"{layers[0]}/weights", "Transpose", "f32")]  # fmt: skip
    counters: dict[int, int | None] = dict.fromkeys((node.order for node in nodes), time_us)
    counters[8] = 9 * time_us
    launch = LaunchAnswer(
        read_ms=1.0, compile_ms=1.0, first_inference_ms=1.0, warmup_iterations=5,
        warmup_settled=True, samples_ms=samples_ms, slice_ms=(2.0,), items=4, wall_s=1.0,
        inference_s=1.0, requests=1, properties=json.dumps({"INFERENCE_NUM_THREADS": 4}),
        peak_memory_mib=1.0, interference=reading,
    )  # fmt: skip
    return ProfileAnswer(launch, tuple(nodes), frozenset({9}), frozenset(), 10, counters, 20,
                         counters)  # fmt: skip


def _node(order: int, name: str, kind: str, precision: str) -> ProbeNode:
    return ProbeNode(order, name, kind, f"jit_{precision}", precision, ("a",), (precision,),
                     ("[1]",), (name,), ())  # fmt: skip


def _by(rows: tuple[Peak, ...]) -> dict[tuple[str, str], Peak]:
    return {(row.operation, row.precision): row for row in rows}


@pytest.mark.parametrize("precision", ["f32", "int8"])
@pytest.mark.parametrize("threads", [2, 64])
def test_what_a_network_is_said_to_do_is_what_its_layers_do(precision: str, threads: int) -> None:
    net = heavy_net(precision, threads)
    ops = {op.get_friendly_name(): op for op in net.build().get_ordered_ops()}
    for layer in net.layers:
        assert layer.amount == 2 * (multiply_accumulates(ops[layer.name]) or 0)
        assert ops[layer.name].get_type_name() == layer.operation
        ports = (*ops[layer.name].inputs(), ops[layer.name].output(0))
        elements = sum(map(_elements, ports))
        assert layer.working_set_bytes == elements * (1 if precision == "int8" else 4)


def _elements(port: ov.Input | ov.Output) -> int:
    size = 1
    for axis in port.get_shape():
        size *= axis
    return size


@pytest.mark.parametrize("working_set", [MIB, 3 * MIB + 5, 64 * MIB, 10])
def test_a_copy_reads_and_writes_what_it_is_said_to(working_set: int) -> None:
    net = copy_net(working_set)
    (layer,) = net.layers
    copy = next(op for op in net.build().get_ordered_ops() if op.get_friendly_name() == "copy")
    assert layer.amount == layer.working_set_bytes == 4 * 2 * _elements(copy.output(0))
    assert max(working_set, 8192) - 8192 < layer.working_set_bytes <= max(working_set, 8192)


def test_int8_really_runs_in_int8_and_float_in_float() -> None:
    for precision, expected in (("int8", {"u8", "i8"}), ("f32", {"f32"})):
        hint = {} if precision == "int8" else {"INFERENCE_PRECISION_HINT": precision}
        compiled = ov.compile_model(heavy_net(precision, 1).build(), "CPU", hint)
        told = [node.get_rt_info() for node in compiled.get_runtime_model().get_ops()]
        heavy = [
            info
            for info in told
            if info["layerType"].astype(str) in {"FullyConnected", "MatMul", "Convolution"}
        ]
        assert len(heavy) == 2
        assert {info["runtimePrecision"].astype(str) for info in heavy} <= expected


def test_copies_are_sized_by_the_caches_and_bounded_by_the_memory(machine: Machine) -> None:
    small = replace(machine, l2_kib=1024, l3_kib=32 * 1024)
    mib = [size / MIB for size in copy_sizes(small, 4, 100_000)]
    assert mib == [2, 16, 256]  # at least 256 MiB
    large = replace(machine, l2_kib=2048, l3_kib=105 * 1024)
    assert [size / MIB for size in copy_sizes(large, 8, 100_000)] == [8, 52.5, 420]
    assert copy_sizes(large, 8, 1000)[-1] == 100 * MIB
    huge = replace(machine, l3_kib=1024 * 1024)
    assert copy_sizes(huge, 8, 100_000)[-1] == 768 * MIB
    unknown = replace(machine, l2_kib=None, l3_kib=None)
    assert [size / MIB for size in copy_sizes(unknown, 4, 100_000)] == [0.5, 256]


def test_each_precision_that_the_device_has_is_asked_for(machine: Machine) -> None:
    def asked(*capabilities: str, cap: str | None = None, name: str = "CPU") -> list[str]:
        device = Device("d", "m", name, cap, "CPU", "CPU", capabilities)
        nets: tuple[PeakNet, ...] = planned_nets(machine, device, 4, 10_000)
        return [net.precision for net in nets if net.layers[0].kind == FLOPS]

    assert asked("FP32", "BF16", "INT8") == ["f32", "bf16", "int8"]
    assert asked("FP32", "INT8", "FP16") == ["f32", "int8"]
    assert asked("FP32", "BF16", cap="AVX2") == ["f32", "int8"]  # a capped one tells bf16 too
    assert asked("FP32", "FP16", "INT8", name="GPU.0") == ["f32", "f16", "int8"]


def test_a_peak_is_what_the_layer_does_over_its_own_time(
    tmp_path: Path, launches: list[ProbeRequest]
) -> None:
    found = measure_peaks(tmp_path, "doctor --peaks")
    rows = _by(found.rows)
    product, convolution = (layer.amount for layer in heavy_net("f32", 1).layers)
    time_us = 1000.5  # truncated to whole µs: half of one too little on the average
    assert rows["MatMul", "f32"].value == pytest.approx(product / time_us / 1e3)
    assert rows["Convolution", "int8"].value == pytest.approx(convolution / time_us / 1e3)
    copies = [row for row in found.rows if row.kind == BANDWIDTH]
    assert [row.value * 1e3 * time_us for row in copies] == pytest.approx(
        [row.working_set_bytes for row in copies]
    )
    assert {row.executed_precision for row in found.rows} == {"f32", "bf16", "u8"}
    assert {row.threads for row in found.rows} == {4}


def test_a_launch_is_pinned_and_driven_as_one_of_latency(
    tmp_path: Path, launches: list[ProbeRequest]
) -> None:
    measure_peaks(tmp_path, "doctor --peaks")
    assert {request.pinned_cpus for request in launches} == {pinned_cpus() or ()}
    assert all(("NUM_STREAMS", "1") in request.config for request in launches)
    hints = [dict(request.config).get("INFERENCE_PRECISION_HINT") for request in launches]
    assert hints[:3] == ["f32", "bf16", None]


def test_an_inference_that_was_held_up_does_not_make_a_peak_lower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # one of four took 10 ms: the mean is 4 ms, twice the median, and so is the counter
    held_up = (2.0, 2.0, 2.0, 10.0)
    _answering(monkeypatch, lambda request: _answer(request, 2000, samples_ms=held_up))
    rows = _by(measure_peaks(tmp_path, "x").rows)
    product = heavy_net("f32", 1).layers[0].amount
    assert rows["MatMul", "f32"].value == pytest.approx(product / (2000.5 / 2) / 1e3)


def test_peaks_are_read_back_as_they_were_stored(
    tmp_path: Path, launches: list[ProbeRequest]
) -> None:
    found = measure_peaks(tmp_path, "doctor --peaks")
    index = Store(tmp_path).index()
    stored = peaks_of(index, found.device.device_id)
    assert stored is not None
    assert sorted(stored.rows, key=repr) == sorted(found.rows, key=repr)
    assert (stored.run_id, stored.runtime) == (found.run_id, "2026.4.1")
    assert stored.whole_device is ((found.machine.physical_cores or 99) <= 4)
    assert peaks_of(index, "another") is None
    (run,) = queries.run_views(index)
    assert (run.kind, run.cells, run.launches, run.command) == ("peaks", 0, 0, "doctor --peaks")


def test_the_newest_run_of_the_device_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answering(monkeypatch, lambda request: _answer(request, 1000))
    measure_peaks(tmp_path, "x")
    _answering(monkeypatch, lambda request: _answer(request, 500))
    second = measure_peaks(tmp_path, "x")
    stored = peaks_of(Store(tmp_path).index(), second.device.device_id)
    assert stored is not None
    assert stored.run_id == second.run_id
    best = peak_flops(stored, "f32") or 0.0
    assert best == pytest.approx(max(r.value for r in second.rows if r.precision == "f32" and
                                     r.kind == FLOPS) * 1e9)  # fmt: skip
    far = [row.value * 1e9 for row in second.rows if row.kind == BANDWIDTH][-1]
    assert peak_bandwidth(stored, float("inf")) == pytest.approx(far)


def test_int8_that_ran_in_float_is_told_and_is_no_int8_peak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _answering(monkeypatch, lambda request: _answer(request, 1000, int8="f32"))
    assert cli.main(["doctor", "--peaks", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "MatMul was asked for in int8, but ran in f32: it says nothing about int8" in out
    assert "\n  int8 " not in out.partition("ridge")[2].partition("What to know")[0]


def test_what_disturbed_it_is_stored_and_told_and_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy = InterferenceReading(0.3, 0.8, 7, 0, 0, None)
    _answering(monkeypatch, lambda request: _answer(request, 1000, reading=noisy))
    assert cli.main(["doctor", "--peaks", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "30.0 % of the CPU time, during MatMul and Convolution in int8" in out
    index = Store(tmp_path).index()
    (run,) = queries.run_views(index)
    stored = {caution.caution_id for caution in queries.cautions(index, [run.run_id])}
    assert {"interference_steal", "interference_load", "throttled"} <= stored
    table = index.fetch("SELECT DISTINCT steal_share, other_cpu_share, throttled_us FROM peaks")
    assert [tuple(row.values()) for row in table.to_pylist()] == [(0.3, 0.8, 7)]


def test_a_network_that_fails_leaves_the_others_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(request: ProbeRequest) -> ProfileAnswer | ProbeFailure:
        name = Path(request.model_path).stem
        if name == "heavy-bf16":
            return ProbeFailure("compile: no kernel", None)
        return _answer(request, 0 if name == "heavy-int8" else 1000)

    _answering(monkeypatch, failing)
    assert cli.main(["doctor", "--peaks", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "MatMul and Convolution in bf16 gave no peak: compile: no kernel" in out
    assert "in int8 gave no peak: Convolution: OpenVINO tells no time for the layer" in out
    assert "MatMul       f32" in out


def test_where_nothing_could_be_measured_nothing_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answering(monkeypatch, lambda _: ProbeFailure("read: no", None))
    with pytest.raises(MeasurementError, match="no peak could be measured: read: no"):
        measure_peaks(tmp_path, "x")
    assert Store(tmp_path).is_empty
    assert not list((tmp_path / "runs").iterdir())


def test_a_device_that_is_not_there_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = _answering(monkeypatch, lambda request: _answer(request, 1000))
    gone = replace(CPU, full_name=None, missing=True)
    monkeypatch.setattr(Launcher, "describe", lambda *_: gone)
    with pytest.raises(UsageError, match="no device 'NPU' here"):
        measure_peaks(tmp_path, "x", ov_device="NPU")
    with pytest.raises(UsageError, match="limits a CPU"):
        measure_peaks(tmp_path, "x", ov_device="GPU.0", isa_cap="AVX2")
    with pytest.raises(UsageError, match="no ISA cap 'avx9'"):
        measure_peaks(tmp_path, "x", isa_cap="avx9")
    monkeypatch.setattr(Launcher, "describe", lambda *_: ProbeFailure("broken", None))
    with pytest.raises(HostError, match="broken"):
        measure_peaks(tmp_path, "x")
    assert launched == []


def test_the_text_has_every_peak_the_ratios_and_the_ridge(
    tmp_path: Path, launches: list[ProbeRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor", "--peaks", "--isa-cap", "AVX2", "--data", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Peaks of Some CPU, capped to AVX2, OpenVINO 2026.4.1, 4 threads, ")
    assert "MatMul       f32        f32     jit_f32  12.6 MB           2,146 GFLOP/s" in out
    assert "GB/s" in out
    assert "1.00x" in out
    assert "(AVX2)" in out or "unknown" in out  # where this machine has no AVX2
    assert "peaks stored in" in err


def test_as_json_it_is_all_there(
    tmp_path: Path, launches: list[ProbeRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor", "--peaks", "--json", "--data", str(tmp_path)]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["runtime"]["version"] == "2026.4.1"
    rates = {(row["operation"], row["precision"]): row["value"] for row in body["peaks"]}
    memory = max((row for row in body["peaks"] if row["kind"] == BANDWIDTH),
                 key=lambda row: row["working_set_bytes"])  # fmt: skip
    assert body["ridge"]["f32"] == pytest.approx(rates["MatMul", "f32"] / memory["value"])
    assert set(body["ridge"]) == {"f32", "bf16", "int8"}


@pytest.mark.parametrize("option", ["--device", "--isa-cap", "--openvino"])
def test_options_of_the_peaks_without_them_are_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor", option, "CPU"]) == 2
    err = capsys.readouterr().err
    assert err == f"error: {option} says where peaks are measured; give --peaks with it\n"


def test_a_store_with_peaks_alone_is_listed_and_verified(
    tmp_path: Path, launches: list[ProbeRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    measure_peaks(tmp_path, "x")
    for command in ("list", "verify", "rebuild"):
        code = results_cli.main([command, "--data", str(tmp_path)])
        assert (code, "Traceback" in capsys.readouterr().err) == (0, False)


def test_a_comparison_in_a_store_with_peaks_has_shares(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    cells = {cell.arm: cell for cell in queries.cells(index)}
    pair = cells["fp32@f32"], cells["int8-simplified@default"]
    roofs = [group.roof for group in _heavy(compare_cells(index, *pair))]
    assert {roof.candidate_share for roof in roofs if roof is not None} == {None}
    index = planted_peaks(tmp_path, pair[0].device_id).index()
    groups = _heavy(compare_cells(index, *pair))
    assert groups
    for group in groups:
        assert group.roof is not None
        assert group.roof.candidate_share is not None
        assert group.roof.candidate_share > 0


def _heavy(found: Comparison) -> list[Group]:
    return [group for group in found.groups if group.flops and group.candidate_us > 0]
