"""Turns a probe's answers into facts. Pure: no files, no processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import numpy as np

from collector.answers import (
    LaunchAnswer,
    ProbeFailure,
    ProbeNode,
    ProfileAnswer,
    StartupAnswer,
)
from collector.bridge import BridgedNode, bridge, twins
from results.facts import ExecNode, ExecNodeSource, Launch, SourceOp

_CONSTANT_TYPES = {"Const", "Constant"}


@dataclass(frozen=True)
class LaunchKey:
    """Which launch a record belongs to; a startup has neither block nor sitting.

    ``block`` is of a profile launch its round.
    """

    run_id: str
    launch_id: str
    cell_id: str
    kind: str
    position: int
    started_at: datetime
    block: int | None = None
    attempt: int = 0
    sitting: int | None = None
    pinned_to: str | None = None


def launch_fact(
    key: LaunchKey, answer: LaunchAnswer | ProfileAnswer | StartupAnswer | ProbeFailure
) -> Launch:
    """The launch as a fact; what it could not tell is None."""
    if isinstance(answer, (LaunchAnswer, ProfileAnswer)):
        return _measured(key, answer if isinstance(answer, LaunchAnswer) else answer.launch)
    empty = _empty(key)
    if isinstance(answer, ProbeFailure):
        return replace(empty, status="failed", error=answer.reason, stderr_tail=answer.stderr_tail)
    return replace(
        empty,
        read_ms=answer.read_ms,
        compile_ms=answer.compile_ms if answer.from_cache is False else None,
        cached_compile_ms=answer.compile_ms if answer.from_cache else None,
        first_inference_ms=answer.first_inference_ms,
        properties=answer.properties,
        peak_memory_mib=answer.peak_memory_mib,
    )


def failed_launch(run_id: str, cell_id: str, reason: str, stderr_tail: str | None = None) -> Launch:
    """The launch of a cell that could not even be tried."""
    key = LaunchKey(run_id, token_hex(6), cell_id, "timing", 0, datetime.now(UTC))
    return launch_fact(key, ProbeFailure(reason, stderr_tail))


def _empty(key: LaunchKey) -> Launch:
    """A launch of which nothing is known but that it was made."""
    values: dict[str, Any] = dict.fromkeys(column.name for column in fields(Launch))
    values |= asdict(key) | {"status": "ok", "samples_ms": ()}
    return Launch(**values)


def _measured(key: LaunchKey, answer: LaunchAnswer) -> Launch:
    samples, reading = np.array(answer.samples_ms, dtype=np.float64), answer.interference
    return replace(
        _empty(key),
        read_ms=answer.read_ms,
        compile_ms=answer.compile_ms,
        first_inference_ms=answer.first_inference_ms,
        warmup_iterations=answer.warmup_iterations,
        warmup_settled=answer.warmup_settled,
        iterations=len(samples),
        p50_ms=_percentile(samples, 50),
        p90_ms=_percentile(samples, 90),
        p99_ms=_percentile(samples, 99),
        mean_ms=float(samples.mean()),
        min_ms=float(samples.min()),
        max_ms=float(samples.max()),
        throughput_fps=answer.items / answer.wall_s,
        samples_ms=answer.samples_ms,
        slice_ms=answer.slice_ms,
        inference_s=answer.inference_s,
        requests=answer.requests,
        properties=answer.properties,
        peak_memory_mib=answer.peak_memory_mib,
        steal_share=reading.steal_share,
        throttled_us=reading.throttled_us,
        cpu_pressure_us=reading.cpu_pressure_us,
        involuntary_switches=reading.involuntary_switches,
        frequency_mhz=reading.frequency_mhz,
        other_cpu_share=reading.other_cpu_share,
    )


def _percentile(samples: np.ndarray[tuple[int], np.dtype[np.float64]], rank: int) -> float | None:
    return float(np.percentile(samples, rank)) if samples.size else None


def steady_time_us(first_count: int, first: int, second_count: int, second: int) -> float:
    """Mean time per inference between two readings of a running average, in µs.

    (n2·avg2 - n1·avg1) / (n2 - n1); never below 0. The averages are truncated, so it may be
    up to n2 / (n2 - n1) too short or n1 / (n2 - n1) too long.
    """
    return max(0.0, (second_count * second - first_count * first) / (second_count - first_count))


def exec_nodes(key: LaunchKey, answer: ProfileAnswer) -> tuple[ExecNode, ...]:
    """Every node of the compiled graph but constants, in execution order."""
    by_name = {node.name: node for node in answer.nodes}
    constant = _constant_nodes(answer.nodes, by_name)
    kept = [node for node in answer.nodes if node.node_type not in _CONSTANT_TYPES]
    return tuple(
        _exec_node(key, node, answer, by_name, constant)
        for node in sorted(kept, key=lambda node: node.order)
    )


def _constant_nodes(nodes: Sequence[ProbeNode], by_name: dict[str, ProbeNode]) -> frozenset[str]:
    """Names of nodes that depend on constants alone."""
    found: set[str] = set()
    for node in sorted(nodes, key=lambda node: node.order):
        reads = [name for name, _ in node.inputs if name in by_name]
        if node.node_type in _CONSTANT_TYPES or (reads and all(name in found for name in reads)):
            found.add(node.name)
    return frozenset(found)


def _exec_node(
    key: LaunchKey,
    node: ProbeNode,
    answer: ProfileAnswer,
    by_name: dict[str, ProbeNode],
    constant: frozenset[str],
) -> ExecNode:
    time_us = _time_us(node, answer)
    reads = [(by_name[name], port) for name, port in node.inputs if name in by_name]
    return ExecNode(
        run_id=key.run_id,
        launch_id=key.launch_id,
        cell_id=key.cell_id,
        node_index=node.order,
        name=node.name,
        node_type=node.node_type,
        primitive=node.primitive,
        runtime_precision=node.precision,
        input_precisions=tuple(_at(source.precisions, port) for source, port in reads),
        input_layouts=tuple(_at(source.layouts, port) for source, port in reads),
        output_precisions=node.precisions,
        output_layouts=node.layouts,
        output_shapes=node.shapes,
        producers=tuple(source.order for source, _ in reads if source.name not in constant),
        from_constant=node.name in constant,
        original_names=node.original_names,
        status="not_executed" if time_us is None else "executed",
        time_us=time_us,
    )


def _at(values: tuple[str, ...], port: int) -> str:
    """The value of an output port; nodes with one value use it for every port."""
    return values[port] if port < len(values) else values[0] if values else "unknown"


def _time_us(node: ProbeNode, answer: ProfileAnswer) -> float | None:
    """Steady time of a node; None where it does not run at inference.

    A node that had a time before the first inference was run once, by OpenVINO,
    while compiling (it reads constants only); its counter never moves again. One that
    had a time after the first inference runs, even where its average is under 1 µs and
    OpenVINO then calls it not executed: its time is 0.
    """
    if node.order in answer.at_compile:
        return None
    first = answer.first_counters.get(node.order)
    second = answer.second_counters.get(node.order)
    if first is None and second is None and node.order not in answer.at_first:
        return None
    return steady_time_us(answer.first_count, first or 0, answer.second_count, second or 0)


def bridge_facts(
    key: LaunchKey,
    nodes: Sequence[ExecNode],
    universe: Sequence[SourceOp],
    native: Sequence[SourceOp] | None,
) -> tuple[ExecNodeSource, ...]:
    """The bridge of one profile launch as facts.

    ``native`` holds the variant's own operations where its framework quantised it,
    so that its names do not meet those of the float model.
    """
    twin_names = None if native is None else twins(native, universe)
    bridged = [
        BridgedNode(node.node_index, node.original_names, executed=node.time_us is not None)
        for node in nodes
    ]
    return tuple(
        ExecNodeSource(
            key.run_id, key.launch_id, link.node_index, link.op_name, link.method, link.confidence
        )
        for link in bridge(bridged, universe, twin_names)
    )
