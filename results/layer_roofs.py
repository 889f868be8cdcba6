"""How near each single layer of a cell comes to what its device was measured to do.

Gives the layers of one graph to ``results.roofline``, which knows the roof; formulas and
limits: docs/ceiling.md. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from results.comparison import CellView, Group, GroupClass
from results.facts import SourceOp
from results.graph import ExecGraph, GraphNode
from results.roof import GroupRoof, Peaks
from results.roofline import with_roofs
from results.universe import Universe


def layer_roofs(
    graph: ExecGraph,
    cell: CellView,
    ops: Sequence[SourceOp],
    peaks: Peaks | None,
    inferences: float = 1.0,
) -> Mapping[int, GroupRoof]:
    """By place the roof of each executed layer whose source ops are its own.

    ``inferences`` is what a layer's time stands for in items: in throughput the streams that
    ran times the batch, else 1. Where one op runs as several layers, or a layer carries none,
    nothing is said.
    """
    universe = Universe(ops)
    carried = {
        node.place: tuple(link.op_name for link in node.links if universe.holds(link.op_name))
        for node in graph.executed
    }
    carriers = Counter(name for names in carried.values() for name in names)
    found = [
        node
        for node in graph.executed
        if carried[node.place] and all(carriers[name] == 1 for name in carried[node.place])
    ]
    groups = [_group(node, carried[node.place], inferences) for node in found]
    roofed = with_roofs(groups, cell, cell, ops, peaks)
    return {
        node.place: group.roof
        for node, group in zip(found, roofed, strict=True)
        if group.roof is not None
    }


def _group(node: GraphNode, ops: tuple[str, ...], inferences: float) -> Group:
    """A group of one layer, the same on both sides."""
    layer = replace(node.layer, time_us=node.layer.time_us / inferences)
    return Group(
        label=layer.name,
        op_type=layer.node_type,
        source_ops=ops,
        group_class=GroupClass.SAME_PRECISION,
        baseline=(layer,),
        candidate=(layer,),
        baseline_us=layer.time_us,
        candidate_us=layer.time_us,
        method="",
        confidence=1.0,
        flops=None,
    )
