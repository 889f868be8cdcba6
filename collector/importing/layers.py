"""Layers as facts: from counters, from an execution graph, or from both.

With both, the graph says how the layers hang together and the counters what they took.
What neither tells is left empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.importing.counters import Counter, Counters
from collector.importing.exec_graph import Graph, GraphLayer
from results.errors import UsageError
from results.facts import ExecNode
from results.kinds import is_heavy, is_int8

_UNKNOWN = "unknown"
_UNSIGNED = "I8"
_PRECISIONS = frozenset({"f32", "fp32", "bf16", "f16", "fp16", "i8", "u8", "i32", "u32", "i64"})
_OPENED = "one run: import what belongs together, and the rest by itself"


@dataclass(frozen=True)
class Owner:
    """The launch that exec nodes belong to."""

    run_id: str
    launch_id: str
    cell_id: str


NOBODY = Owner("", "", "")
"""For looking at layers before it is known what they belong to."""


def nodes(owner: Owner, counters: Counters | None, graph: Graph | None) -> tuple[ExecNode, ...]:
    """The exec nodes of a profile launch, constants left out, in execution order.

    Raises UsageError where counters and graph are not of one compiled graph.
    """
    if graph is None:
        found = counters.layers if counters else ()
        return tuple(_from_counter(owner, at, layer) for at, layer in enumerate(found))
    times = None if counters is None else _times(counters, graph)
    constant = graph.from_constants()
    return tuple(
        _from_graph(owner, graph, at, times=times, constant=constant)
        for at in sorted(range(len(graph.layers)), key=lambda at: graph.layers[at].order)
        if not graph.layers[at].is_constant
    )


def runs_int8(found: Sequence[ExecNode]) -> bool | None:
    """Whether a convolution or matrix product runs in INT8; None where none is executed."""
    heavy = [node for node in found if node.time_us is not None and is_heavy((node.node_type,))]
    return any(is_int8(node.runtime_precision) for node in heavy) if heavy else None


def _times(counters: Counters, graph: Graph) -> dict[str, float | None]:
    """Time by name; every executed layer of the counters has to be in the graph."""
    known = {layer.name for layer in graph.layers}
    for layer in counters.layers:
        if layer.time_us is not None and layer.name not in known:
            raise counters.source.fault(
                layer.line,
                f"layer {layer.name!r} is executed, but not in {graph.source.path.name}",
                hint=f"the counters and the graph have to be of {_OPENED}",
            )
    return {layer.name: layer.time_us for layer in counters.layers}


def _from_counter(owner: Owner, at: int, layer: Counter) -> ExecNode:
    return ExecNode(
        run_id=owner.run_id,
        launch_id=owner.launch_id,
        cell_id=owner.cell_id,
        node_index=at,
        name=layer.name,
        node_type=layer.node_type,
        primitive=layer.primitive,
        runtime_precision=_precision(layer.primitive),
        input_precisions=(),
        input_layouts=(),
        output_precisions=(),
        output_layouts=(),
        output_shapes=(),
        producers=(),
        from_constant=False,
        original_names=(),
        status=_status(layer.time_us),
        time_us=layer.time_us,
    )


def _precision(primitive: str) -> str:
    """The precision that a kernel's name ends with; ``I8`` is u8, ``i8`` is signed."""
    token = primitive.rpartition("_")[2]
    if token == _UNSIGNED:
        return "u8"
    return token.lower() if token.lower() in _PRECISIONS else _UNKNOWN


def _status(time_us: float | None) -> str:
    return "not_executed" if time_us is None else "executed"


def _from_graph(
    owner: Owner,
    graph: Graph,
    at: int,
    *,
    times: dict[str, float | None] | None,
    constant: frozenset[int],
) -> ExecNode:
    layer = graph.layers[at]
    time_us = layer.time_us if times is None else times.get(layer.name)
    time_us = None if at in constant else time_us
    reads = [(graph.layers[producer], port) for producer, port in layer.inputs]
    return ExecNode(
        run_id=owner.run_id,
        launch_id=owner.launch_id,
        cell_id=owner.cell_id,
        node_index=layer.order,
        name=layer.name,
        node_type=layer.node_type,
        primitive=layer.primitive,
        runtime_precision=layer.precision,
        input_precisions=tuple(_at(source.output_precisions, port) for source, port in reads),
        input_layouts=tuple(_at(source.output_layouts, port) for source, port in reads),
        output_precisions=layer.output_precisions,
        output_layouts=layer.output_layouts,
        output_shapes=layer.output_shapes,
        producers=_producers(graph, layer, constant),
        from_constant=at in constant,
        original_names=layer.original_names,
        status=_status(time_us),
        time_us=time_us,
    )


def _producers(graph: Graph, layer: GraphLayer, constant: frozenset[int]) -> tuple[int, ...]:
    return tuple(
        graph.layers[producer].order for producer, _ in layer.inputs if producer not in constant
    )


def _at(values: tuple[str, ...], port: int) -> str:
    """The value of an output port; layers with one value use it for every port."""
    return values[port] if port < len(values) else values[0] if values else _UNKNOWN


def check_hardware(found: Sequence[ExecNode], ov_device: str, isa_class: str | None) -> None:
    """UsageError where the kernels cannot have run on what was told."""
    for node in found:
        tokens = set(node.primitive.lower().split("_"))
        beyond = tokens & _BEYOND.get((isa_class or "").lower(), frozenset())
        if node.time_us is not None and beyond:
            raise UsageError(
                f"layer {node.name!r} ran in {node.primitive}, which no CPU of class"
                f" {isa_class} can",
                hint="give the class of the CPU that was measured, or leave --isa-class out",
            )
        foreign = ov_device.startswith(("GPU", "NPU")) and tokens & _CPU_TOKENS
        if node.time_us is not None and foreign:
            raise UsageError(
                f"layer {node.name!r} ran in {node.primitive} on a CPU, the report is of"
                f" {ov_device}",
                hint=f"the files have to be of {_OPENED}",
            )


_CPU_TOKENS = frozenset({"avx512", "avx2", "avx", "sse42", "amx"})
_BEYOND = {
    "sse42": frozenset({"avx", "avx2", "avx512", "amx"}),
    "avx2": frozenset({"avx512", "amx"}),
    "avx2_vnni": frozenset({"avx512", "amx"}),
    "avx512": frozenset({"amx"}),
    "avx512_vnni": frozenset({"amx"}),
}
