"""What a probe answers becomes facts, with NULL for what it could not tell."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from collector.answers import (
    InterferenceReading,
    ProbeFailure,
    ProbeNode,
    ProfileAnswer,
    StartupAnswer,
)
from collector.disturbance import is_dirty, launch_cautions
from collector.records import LaunchKey, exec_nodes, failed_launch, launch_fact, steady_time_us
from results.facts import Launch
from tests.unit.planned import an_answer

AT = datetime(2026, 1, 1, tzinfo=UTC)
KEY = LaunchKey("run", "launch", "cell", "timing", 0, AT, block=1, sitting=2, pinned_to="0-3")


def test_launch_statistics() -> None:
    answer = replace(an_answer(1.0, 2.0, 3.0, 4.0, 10.0), items=10, wall_s=0.02)
    launch = launch_fact(KEY, answer)
    assert (launch.p50_ms, launch.mean_ms, launch.min_ms, launch.max_ms) == (3.0, 4.0, 1.0, 10.0)
    assert launch.throughput_fps == pytest.approx(10 / 0.02)
    assert (launch.status, launch.iterations) == ("ok", 5)
    assert (launch.requests, launch.inference_s) == (1, 0.5)
    assert launch.throttled_us is None


def test_a_launch_keeps_its_place_its_turns_and_where_it_was_pinned() -> None:
    launch = launch_fact(KEY, an_answer(1.0, 2.0))
    assert (launch.block, launch.sitting, launch.attempt, launch.position) == (1, 2, 0, 0)
    assert launch.slice_ms == (1.0, 2.0)
    assert launch.pinned_to == "0-3"
    assert launch.cached_compile_ms is None, "a timing launch has no cache"


def _startup(*, from_cache: bool | None) -> Launch:
    answer = StartupAnswer(1.0, 7.0, 3.0, from_cache, "{}", 80.0)
    return launch_fact(replace(KEY, kind="startup", block=None), answer)


def test_a_startup_is_no_measurement_of_the_headline() -> None:
    launch = _startup(from_cache=True)
    assert (launch.cached_compile_ms, launch.compile_ms) == (7.0, None)
    assert (launch.first_inference_ms, launch.peak_memory_mib) == (3.0, 80.0)
    assert launch.p50_ms is None
    assert launch.throughput_fps is None
    assert launch.slice_ms is None


def test_a_startup_that_compiled_anew_is_not_called_cached() -> None:
    launch = _startup(from_cache=False)
    assert (launch.cached_compile_ms, launch.compile_ms) == (None, 7.0)
    untold = _startup(from_cache=None)
    assert (untold.cached_compile_ms, untold.compile_ms) == (None, None), "unknown is no figure"


def test_a_failed_launch_keeps_its_reason_and_invents_no_numbers() -> None:
    launch = launch_fact(KEY, ProbeFailure("killed by SIGKILL", "last words"))
    assert (launch.status, launch.error) == ("failed", "killed by SIGKILL")
    assert launch.stderr_tail == "last words"
    known = {"run_id", "launch_id", "cell_id", "kind", "block", "sitting", "attempt", "position",
             "started_at", "status", "error", "stderr_tail", "pinned_to"}  # fmt: skip
    told = {column.name for column in fields(Launch) if getattr(launch, column.name) is not None}
    assert told - known == {"samples_ms"}
    assert launch.samples_ms == ()


def test_a_cell_that_could_not_be_tried_has_a_failed_launch_of_its_own() -> None:
    first, second = failed_launch("run", "cell", "device: x"), failed_launch("run", "cell", "x")
    assert (first.kind, first.status, first.error) == ("timing", "failed", "device: x")
    assert first.block is None
    assert first.launch_id != second.launch_id


def test_steady_time_takes_the_warm_up_out_of_a_running_average() -> None:
    # 10 inferences of 100 us, then 90 of 20 us: the average of all is 28
    assert steady_time_us(10, 100, 100, 28) == pytest.approx(20.0)
    assert steady_time_us(10, 100, 100, 0) == 0.0


def _disturbed(reading: InterferenceReading) -> Launch:
    return launch_fact(KEY, replace(an_answer(), interference=reading))


def test_what_disturbed_a_launch_is_a_caution_with_the_value_seen() -> None:
    steal = _disturbed(InterferenceReading(steal_share=0.1))
    load = _disturbed(InterferenceReading(other_cpu_share=0.25))
    throttled = _disturbed(InterferenceReading(throttled_us=12))
    assert launch_cautions(steal, 2) == (("interference_steal", "10.0 % of the CPU time"),)
    assert launch_cautions(load, 2) == (("interference_load", "25 % of the CPU time"),)
    assert launch_cautions(throttled, 2) == (("throttled", "12 us"),)
    assert all(is_dirty(launch, 2) for launch in (steal, load, throttled))


def test_one_busy_process_disturbs_however_many_cpus_there_are() -> None:
    little = _disturbed(InterferenceReading(other_cpu_share=0.03))
    assert not is_dirty(little, 2)
    assert is_dirty(little, 32)


def test_little_of_it_and_what_is_not_told_are_none() -> None:
    quiet = InterferenceReading(steal_share=0.001, other_cpu_share=0.05, throttled_us=0)
    for reading in (quiet, InterferenceReading()):
        assert launch_cautions(_disturbed(reading), 2) == ()
        assert not is_dirty(_disturbed(reading), 2)


def test_a_warm_up_that_never_settled_is_a_caution_but_not_from_outside() -> None:
    launch = launch_fact(KEY, an_answer(settled=False))
    assert launch_cautions(launch, 2) == (("warmup_unsettled", "10 inferences"),)
    assert not is_dirty(launch, 2)


def _node(order: int, name: str, kind: str, *inputs: str, layout: str = "abcd") -> ProbeNode:
    return ProbeNode(
        order, name, kind, "jit", "f32", (layout,), ("f32",), ("[1]",), (name,),
        tuple((source, 0) for source in inputs),
    )  # fmt: skip


def test_nodes_run_at_compile_time_carry_no_time() -> None:
    nodes = (
        _node(0, "input", "Input"),
        _node(1, "bias", "Const"),
        _node(2, "bias_reorder", "Reorder", "bias", layout="a"),
        _node(3, "conv", "Convolution", "input", "bias_reorder", layout="acdb"),
    )
    counters = {0: None, 1: None, 2: 28, 3: 50}
    answer = ProfileAnswer(
        an_answer(), nodes, frozenset({2}), frozenset({3}), 10, counters, 100, counters
    )
    found = {node.name: node for node in exec_nodes(KEY, answer)}
    assert set(found) == {"input", "bias_reorder", "conv"}
    assert found["bias_reorder"].time_us is None
    assert found["bias_reorder"].status == "not_executed"
    assert found["bias_reorder"].from_constant
    assert found["conv"].time_us == pytest.approx(50.0)
    assert found["conv"].producers == (0,)
    assert found["conv"].input_layouts == ("abcd", "a")


def test_a_node_under_one_microsecond_is_executed_and_takes_no_time() -> None:
    # OpenVINO calls a node "not executed" where its average is truncated to 0
    nodes = (_node(0, "input", "Input"), _node(1, "classifier", "FullyConnected", "input"))
    counters: dict[int, int | None] = {0: None, 1: None}
    answer = ProfileAnswer(
        an_answer(), nodes, frozenset(), frozenset({1}), 10, counters, 100, counters
    )
    found = {node.name: node for node in exec_nodes(KEY, answer)}
    assert (found["classifier"].status, found["classifier"].time_us) == ("executed", 0.0)
    assert (found["input"].status, found["input"].time_us) == ("not_executed", None)
