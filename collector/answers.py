"""What a probe answers, as dataclasses, and how its JSON becomes them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProbeFailure:
    """Why there is no answer, and the end of what the probe wrote to standard error."""

    reason: str
    stderr_tail: str | None


@dataclass(frozen=True)
class DeviceAnswer:
    """What OpenVINO says of itself and of the device; ``missing``: it is not on this machine.

    ``newest_opset`` is told by OpenVINO before 2022.1 alone, which reads IR version 10.
    """

    version: str
    python: str
    full_name: str | None
    capabilities: tuple[str, ...]
    devices: tuple[str, ...]
    missing: bool
    newest_opset: int | None = None


@dataclass(frozen=True)
class InterferenceReading:
    """What the rest of the machine did while the launch measured; None: not told."""

    steal_share: float | None = None
    other_cpu_share: float | None = None
    throttled_us: int | None = None
    cpu_pressure_us: int | None = None
    involuntary_switches: int | None = None
    frequency_mhz: float | None = None


@dataclass(frozen=True)
class LaunchAnswer:
    """A finished timing or profile launch; latencies in ms.

    ``items`` were inferred (inferences times batch) in a steady window of ``wall_s``;
    ``slice_ms`` is the headline of each turn; ``inference_s`` is all time spent inferring,
    the warm-up included. ``adjustments`` are sentences: what OpenVINO was asked otherwise
    than planned, and why.
    """

    read_ms: float
    compile_ms: float
    first_inference_ms: float
    warmup_iterations: int
    warmup_settled: bool
    samples_ms: tuple[float, ...]
    slice_ms: tuple[float, ...]
    items: int
    wall_s: float
    inference_s: float
    requests: int
    properties: str
    peak_memory_mib: float | None
    interference: InterferenceReading
    adjustments: tuple[str, ...] = ()


@dataclass(frozen=True)
class StartupAnswer:
    """A finished startup launch: compiled with OpenVINO's model cache, inferred once.

    ``from_cache``: whether the cache was used; None where the device does not tell.
    """

    read_ms: float
    compile_ms: float
    first_inference_ms: float
    from_cache: bool | None
    properties: str
    peak_memory_mib: float | None


@dataclass(frozen=True)
class ProbeNode:
    """A node of the compiled graph as the runtime model tells it."""

    order: int
    name: str
    node_type: str
    primitive: str
    precision: str
    layouts: tuple[str, ...]
    precisions: tuple[str, ...]
    shapes: tuple[str, ...]
    original_names: tuple[str, ...]
    inputs: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ProfileAnswer:
    """A finished profile launch: nodes, and counters at two numbers of inferences.

    The counters map execution order to the running average in µs; between the two are all
    turns, and the inferences that warmed up again before each of them. ``at_compile``
    lists the nodes that ran once before the first inference, ``at_first`` those that
    had a time after it.
    """

    launch: LaunchAnswer
    nodes: tuple[ProbeNode, ...]
    at_compile: frozenset[int]
    at_first: frozenset[int]
    first_count: int
    first_counters: Mapping[int, int | None]
    second_count: int
    second_counters: Mapping[int, int | None]


def device_answer(answer: dict[str, Any]) -> DeviceAnswer:
    """The answer to ``describe``."""
    return DeviceAnswer(
        version=answer["version"],
        python=answer["python"],
        full_name=answer["full_name"],
        capabilities=tuple(answer["capabilities"]),
        devices=tuple(answer["devices"]),
        missing=answer["missing"],
        newest_opset=answer["newest_opset"],
    )


def launch_answer(answer: dict[str, Any]) -> LaunchAnswer:
    """The answer to ``timing``."""
    return LaunchAnswer(
        read_ms=answer["read_ms"],
        compile_ms=answer["compile_ms"],
        first_inference_ms=answer["first_inference_ms"],
        warmup_iterations=answer["warmup_iterations"],
        warmup_settled=answer["warmup_settled"],
        samples_ms=tuple(answer["samples_ms"]),
        slice_ms=tuple(answer["slice_ms"]),
        items=answer["items"],
        wall_s=answer["wall_s"],
        inference_s=answer["inference_s"],
        requests=answer["requests"],
        properties=json.dumps(answer["properties"], sort_keys=True),
        peak_memory_mib=answer["peak_memory_mib"],
        interference=_interference(answer["interference"]),
        adjustments=tuple(answer["adjustments"]),
    )


def startup_answer(answer: dict[str, Any]) -> StartupAnswer:
    """The answer to ``startup``."""
    return StartupAnswer(
        read_ms=answer["read_ms"],
        compile_ms=answer["compile_ms"],
        first_inference_ms=answer["first_inference_ms"],
        from_cache=answer["from_cache"],
        properties=json.dumps(answer["properties"], sort_keys=True),
        peak_memory_mib=answer["peak_memory_mib"],
    )


def profile_answer(answer: dict[str, Any]) -> ProfileAnswer:
    """The answer to ``profile``."""
    (first_count, first), (second_count, second) = answer["counters"]
    return ProfileAnswer(
        launch=launch_answer(answer),
        nodes=tuple(_probe_node(node) for node in answer["nodes"]),
        at_compile=frozenset(int(order) for order in answer["at_compile"]),
        at_first=frozenset(int(order) for order in answer["at_first"]),
        first_count=first_count,
        first_counters={int(order): time_us for order, time_us in first.items()},
        second_count=second_count,
        second_counters={int(order): time_us for order, time_us in second.items()},
    )


def _interference(answer: dict[str, Any]) -> InterferenceReading:
    return InterferenceReading(
        steal_share=answer["steal_share"],
        other_cpu_share=answer["other_cpu_share"],
        throttled_us=_whole(answer["throttled_us"]),
        cpu_pressure_us=_whole(answer["cpu_pressure_us"]),
        involuntary_switches=_whole(answer["involuntary_switches"]),
        frequency_mhz=answer["frequency_mhz"],
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _probe_node(node: dict[str, Any]) -> ProbeNode:
    return ProbeNode(
        order=node["order"],
        name=node["name"],
        node_type=node["type"],
        primitive=node["primitive"],
        precision=node["precision"],
        layouts=_split(node["layouts"]),
        precisions=_split(node["precisions"]),
        shapes=tuple(node["shapes"]),
        original_names=_split(node["original_names"]),
        inputs=tuple((name, port) for name, port in node["inputs"]),
    )
