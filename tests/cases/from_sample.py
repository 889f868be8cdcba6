"""Really measured networks as plans: the float arm of a built-in model in ``data/sample``.

Operations, names, shapes, kernels and times are what was measured; the median over the
profile launches is taken for the truth. What INT8 makes of them is planted (``plan.as_int8``),
so that nothing is wrong with it but what an edit puts in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from statistics import median

from results import queries
from results.facts import ExecNode, SourceOp
from results.store import Index, Store
from tests.cases.plan import Layer, Net, Op

_SAMPLE = Path(__file__).parents[2] / "data" / "sample"
_ARM, _DEVICE = "fp32@f32", "AMD EPYC"
_LEAST_US = 1.0
"""A layer that took less than the clock can tell is taken for one of so much."""


@cache
def measured(model: str) -> Net:
    """The float arm of a model of the committed sample, as it ran in f32."""
    with closing(Store(_SAMPLE).index()) as index:
        return _net(index, model)


def _net(index: Index, model: str) -> Net:
    cell = next(
        found
        for found in queries.cells(index)
        if (found.model, found.arm, found.device) == (model, _ARM, _DEVICE)
    )
    run = queries.latest_run_of(index, cell.cell_id) or ""
    nodes = queries.exec_nodes(index, cell.cell_id, run)
    launch = min(node.launch_id for node in nodes)
    carried: dict[int, list[str]] = defaultdict(list)
    for source in queries.exec_node_sources(index, cell.cell_id, run):
        if source.launch_id == launch:
            carried[source.node_index].append(source.op_name)
    kept = [node for node in nodes if node.launch_id == launch and _is_shown(node)]
    names = {node.node_index: node.name for node in kept}
    through = {node.node_index: node.producers for node in nodes if node.node_index not in names}
    ops = queries.source_ops(index, cell.variant_id)
    rank = {op.op_name: op.position for op in ops}
    layers = [
        _layer(node, _time_us(nodes, node), sorted(carried[node.node_index], key=rank.__getitem__),
               [names[one] for one in _shown(node.producers, through) if one in names])
        for node in kept
    ]  # fmt: skip
    return Net(tuple(_op(op) for op in ops), tuple(layers))


def _is_shown(node: ExecNode) -> bool:
    """Without what only prepares constants, and what moves data before a layer."""
    return not node.from_constant and node.node_type != "Reorder"


def _shown(producers: Sequence[int], through: Mapping[int, Sequence[int]]) -> list[int]:
    """What is read, with each node that is left out replaced by what that reads."""
    found: list[int] = []
    for one in producers:
        found += _shown(through[one], through) if one in through else [one]
    return found


def _time_us(nodes: Sequence[ExecNode], node: ExecNode) -> float | None:
    if node.status != "executed":
        return None
    same = [one.time_us or 0.0 for one in nodes if one.name == node.name]
    return max(median(same), _LEAST_US)


def _layer(
    node: ExecNode, time_us: float | None, ops: Sequence[str], reads: Sequence[str]
) -> Layer:
    return Layer(node.name, node.node_type, node.primitive, node.runtime_precision, time_us,
                 tuple(ops), tuple(reads), _shape(node.output_shapes))  # fmt: skip


def _op(op: SourceOp) -> Op:
    return Op(op.op_name, op.op_type, _shape(op.output_shapes), op.producers, op.flops,
              op.input_elements, op.weight_elements)  # fmt: skip


def _shape(shapes: Sequence[str]) -> tuple[int, ...]:
    """The first of shapes such as ``[1,16,8,8]``."""
    numbers = shapes[0].strip("[]").split(",") if shapes else []
    return tuple(int(number) for number in numbers if number)
