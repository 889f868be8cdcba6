"""Facts of any size to time comparisons with: two cells in memory, or a store of many.

Made here and measured by nobody. What is timed with them stands in ``compare_speed``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from results.compare import ComparisonInputs
from results.comparison import CellView
from results.facts import Cell, ExecNode, ExecNodeSource, Fact, Launch, SourceOp, Variant
from results.nodes import Side
from results.schema import TABLES, from_arrow
from results.store import Store
from results.views import LaunchView
from results.writer import RunWriter
from tests.planted import planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch, node

PROFILE_LAUNCHES = 5
_KINDS = ("Convolution", "GroupConvolution", "Convolution", "Add")
"""What the layers of a network are, over and over; convolutions carry an activation too."""
_REORDER_EVERY = 7
"""INT8 has a Reorder before each so-manieth layer."""
_SHAPE = "[1,64,28,28]"


def inputs(layers: int) -> ComparisonInputs:
    """Two cells of a network with so many executed layers in float, a seventh more in INT8."""
    ops = network(layers)
    return ComparisonInputs(
        baseline=FLOAT_CELL,
        candidate=INT8_CELL,
        baseline_run="run",
        candidate_run="run",
        launches=(*_launches(FLOAT_CELL, layers / 10.0), *_launches(INT8_CELL, layers / 16.0)),
        baseline_side=_side(FLOAT_CELL, layers),
        candidate_side=_side(INT8_CELL, layers),
        ops=ops,
        cautions=(),
    )


def _launches(cell: CellView, headline_ms: float) -> Iterator[LaunchView]:
    for kind, number in product(("timing", "profile"), range(PROFILE_LAUNCHES)):
        told = launch(cell, number, headline_ms * (1.0 + 0.01 * number), sitting=number)
        yield replace(told, kind=kind, launch_id=f"{cell.cell_id}-{kind}{number}")


def _side(cell: CellView, layers: int) -> Side:
    launches = [f"{cell.cell_id}-profile{number}" for number in range(PROFILE_LAUNCHES)]
    is_int8 = cell is INT8_CELL
    found = [list(_layers("run", launch_id, cell.cell_id, layers, is_int8=is_int8))
             for launch_id in launches]  # fmt: skip
    nodes = tuple(one for rows in found for one in rows)
    return Side(nodes, tuple(_links(nodes)))


def network(layers: int, variant_id: str = "v-f") -> tuple[SourceOp, ...]:
    """The source ops of a network with so many layers: a chain with a sum in each fourth place."""
    ops: list[SourceOp] = []
    ends = [""]
    for at in range(layers):
        kind = _KINDS[at % len(_KINDS)]
        reads = (ends[-1], ends[-4]) if kind == "Add" else (ends[-1],)
        ops.append(_op(variant_id, f"block{at}/{kind}", kind, len(ops), reads))
        if kind != "Add":
            name = f"block{at}/act"
            ops.append(_op(variant_id, name, "HSwish", len(ops), (ops[-1].op_name,)))
        ends.append(ops[-1].op_name)
    return tuple(ops)


def _op(variant_id: str, name: str, kind: str, at: int, reads: Sequence[str]) -> SourceOp:
    producers = tuple(one for one in reads if one)
    heavy = "Conv" in kind
    return SourceOp(
        variant_id=variant_id, op_name=name, op_type=f"opset1::{kind}", position=at,
        input_shapes=(_SHAPE,) * len(producers), output_shapes=(_SHAPE,), producers=producers,
        flops=10_000_000 if heavy else None, input_elements=50_176,
        weight_elements=36_864 if heavy else 0, output_elements=50_176, module_path="",
    )  # fmt: skip


def _layers(
    run_id: str, launch_id: str, cell_id: str, layers: int, *, is_int8: bool
) -> Iterator[ExecNode]:
    pace = np.random.default_rng(list(launch_id.encode()))
    index, ends = 0, [-1]
    precision = "u8" if is_int8 else "f32"
    for at in range(layers):
        kind = _KINDS[at % len(_KINDS)]
        name = f"block{at}/{kind}"
        reads = (ends[-1], ends[-4]) if kind == "Add" else (ends[-1],)
        if is_int8 and at % _REORDER_EVERY == 1:
            rows = node(index, f"reorder_{at}", 4.0, kind="Reorder", to="u8", names=(),
                        reads=[one for one in reads[:1] if one >= 0], launch=launch_id)  # fmt: skip
            yield replace(rows, run_id=run_id, cell_id=cell_id)
            reads, index = (index, *reads[1:]), index + 1
        names = (name,) if kind == "Add" else (name, f"block{at}/act")
        time_us = (50.0 if is_int8 else 90.0) * float(pace.uniform(0.98, 1.02))
        layer = node(index, name, time_us, kind="Eltwise" if kind == "Add" else "Convolution",
                     precision=precision, reads=[one for one in reads if one >= 0], names=names,
                     launch=launch_id)  # fmt: skip
        yield replace(layer, run_id=run_id, cell_id=cell_id)
        ends.append(index)
        index += 1


def _links(nodes: Sequence[ExecNode]) -> Iterator[ExecNodeSource]:
    for one in nodes:
        for name in one.original_names:
            yield ExecNodeSource(one.run_id, one.launch_id, one.node_index, name, "name", 1.0)


def store_of(folder: Path, models: int, layers: int) -> Store:
    """A store of one run: three arms of each model, five blocks, networks of so many layers."""
    planted = planted_store(folder / "plain", models=tuple(f"net{at}" for at in range(models)))
    run = planted.runs[0]
    facts = [
        fact
        for table in TABLES
        for file in sorted(run.path.glob(f"{table.name}*.parquet"))
        if file.name.removeprefix(table.name)[:1] in {".", "-"}
        for fact in from_arrow(table.row, pq.read_table(file))
    ]
    int8 = {one.variant_id for one in facts if isinstance(one, Variant) and one.kind != "fp32"}
    cells = {one.cell_id: one for one in facts if isinstance(one, Cell)}
    with RunWriter(folder / "grown", run.manifest.run_id) as writer:
        writer.add(
            *(one for one in facts if not isinstance(one, (ExecNode, ExecNodeSource, SourceOp)))
        )
        for one in facts:
            writer.add(*_grown(one, int8, cells, layers))
        writer.commit(tool_version=run.manifest.tool_version, kind=run.manifest.kind)
    return Store(folder / "grown")


def _grown(fact: Fact, int8: set[str], cells: dict[str, Cell], layers: int) -> Iterator[Fact]:
    """The operations of a float variant and the layers of a profile launch, at full size."""
    if isinstance(fact, Variant) and fact.variant_id not in int8:
        yield from network(layers, fact.variant_id)
    if isinstance(fact, Launch) and fact.kind == "profile":
        is_int8 = cells[fact.cell_id].variant_id in int8
        nodes = tuple(_layers(fact.run_id, fact.launch_id, fact.cell_id, layers, is_int8=is_int8))
        yield from nodes
        yield from _links(nodes)
