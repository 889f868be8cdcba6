"""Executed graphs for tests, from a few words a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from results.facts import SourceOp
from results.graph import ExecGraph
from results.graph_building import ExecRow, NodeLink, build_graph


def row(
    index: int,
    name: str,
    *,
    reads: tuple[int, ...] = (),
    node_type: str = "Convolution",
    precision: str = "f32",
    time_us: float | None = 10.0,
) -> ExecRow:
    """A row of ``queries.layers_table``; without a time it was not executed."""
    return ExecRow(
        node_index=index,
        name=name,
        node_type=node_type,
        primitive=f"jit_avx512_{precision}",
        runtime_precision=precision,
        input_precisions=(precision,),
        input_layouts=("abcd",),
        output_precisions=(precision,),
        output_layouts=("abcd",),
        output_shapes=("[1,8,4,4]",),
        producers=reads,
        from_constant=False,
        original_names=(name,),
        status="not_executed" if time_us is None else "executed",
        time_us=time_us,
        time_share=None if time_us is None else time_us / 1000.0,
    )


def reorder(index: int, reads: tuple[int, ...], time_us: float = 5.0) -> ExecRow:
    """An inserted node that changes the layout and the precision."""
    plain = row(index, f"reorder{index}", reads=reads, node_type="Reorder", time_us=time_us)
    return replace(
        plain, runtime_precision="u8", output_precisions=("u8",), output_layouts=("acdb",),
        original_names=(),
    )  # fmt: skip


def op(name: str, *producers: str, op_type: str = "opset1::Convolution") -> SourceOp:
    """A source op that reads these."""
    return SourceOp(
        "variant", name, op_type, 0, (), ("[1,8,4,4]",), producers, 1000, 128, 64, 128, ""
    )


def named(rows: Sequence[ExecRow]) -> tuple[NodeLink, ...]:
    """The bridge: each layer that names an operation carries the one of its own name."""
    return tuple(NodeLink(r.node_index, r.name, "name", 1.0) for r in rows if r.original_names)


def chain(count: int, time_us: float = 10.0) -> ExecGraph:
    """Layers that read one another, ``layer0`` first."""
    rows = [
        row(at, f"layer{at}", reads=(at - 1,) if at else (), time_us=time_us)
        for at in range(count)
    ]  # fmt: skip
    return build_graph(rows, named(rows))
