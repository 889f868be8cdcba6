"""What a probe answers becomes facts, with NULL for what it could not tell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.launcher import (
    InterferenceReading,
    LaunchAnswer,
    ProbeFailure,
    ProbeNode,
    ProfileAnswer,
)
from collector.measure import launch_cautions
from collector.records import LaunchKey, exec_nodes, launch_fact, steady_time_us

KEY = LaunchKey("run", "launch", "cell", "timing", 0, 1, datetime(2026, 1, 1, tzinfo=UTC))


def _answer(**reading: float) -> LaunchAnswer:
    return LaunchAnswer(
        read_ms=1.0,
        compile_ms=2.0,
        first_inference_ms=3.0,
        warmup_iterations=10,
        warmup_settled=True,
        samples_ms=(1.0, 2.0, 3.0, 4.0, 10.0),
        wall_s=0.02,
        properties="{}",
        peak_memory_mib=100.0,
        interference=InterferenceReading(steal_share=reading.get("steal_share")),
    )


def test_launch_statistics() -> None:
    launch = launch_fact(KEY, _answer(), batch=2)
    assert (launch.p50_ms, launch.mean_ms, launch.min_ms, launch.max_ms) == (3.0, 4.0, 1.0, 10.0)
    assert launch.throughput_fps == pytest.approx(5 * 2 / 0.02)
    assert launch.status == "ok"
    assert launch.throttled_us is None


def test_a_failed_launch_keeps_its_reason_and_invents_no_numbers() -> None:
    launch = launch_fact(KEY, ProbeFailure("killed by SIGKILL", "last words"), batch=1)
    assert (launch.status, launch.error) == ("failed", "killed by SIGKILL")
    assert launch.stderr_tail == "last words"
    assert launch.p50_ms is None
    assert launch.iterations is None
    assert launch.samples_ms == ()


def test_steady_time_takes_the_warm_up_out_of_a_running_average() -> None:
    # 10 inferences of 100 us, then 90 of 20 us: the average of all is 28
    assert steady_time_us(10, 100, 100, 28) == pytest.approx(20.0)
    assert steady_time_us(10, 100, 100, 0) == 0.0


def test_steal_above_its_limit_is_a_caution() -> None:
    disturbed = launch_fact(KEY, _answer(steal_share=0.1), batch=1)
    assert launch_cautions(disturbed) == (("interference_steal", "10.0 % of the CPU time"),)
    assert launch_cautions(launch_fact(KEY, _answer(steal_share=0.001), batch=1)) == ()


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
        _answer(), nodes, frozenset({2}), frozenset({3}), 10, counters, 100, counters
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
        _answer(), nodes, frozenset(), frozenset({1}), 10, counters, 100, counters
    )
    found = {node.name: node for node in exec_nodes(KEY, answer)}
    assert (found["classifier"].status, found["classifier"].time_us) == ("executed", 0.0)
    assert (found["input"].status, found["input"].time_us) == ("not_executed", None)
