"""Where data goes from one precision to another inside of a cell, and what that takes.

Counts the ways from layer to layer in an executed graph. Between two cells there are no such
ways; what a precision costs as a whole is in ``results.precision``. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from results.graph import ExecGraph, GraphNode, Role
from results.kinds import is_int8

_INT8 = "int8"
_MOST_STEPS = 16
"""How many nodes that only hand data on are walked through."""


@dataclass(frozen=True)
class PrecisionStep:
    """All ways from layers that run in one precision to layers that run in another, or the same.

    Signed and unsigned bytes are one precision, ``int8``: no data is converted between them.

    ``ways`` counts pairs of producer and consumer, ``converted`` those over an inserted node
    at least. ``inserted`` counts these nodes, ``time_us`` is what they take and ``share`` their
    part of all layers' time: a node on several ways counts in one step only.
    """

    before: str
    after: str
    ways: int
    converted: int
    inserted: int
    time_us: float
    share: float

    @property
    def changes(self) -> bool:
        """Whether the precision is another after it."""
        return self.before != self.after


def precision_steps(graph: ExecGraph) -> tuple[PrecisionStep, ...]:
    """The steps of a graph: those that change the precision first, the costliest of them first.

    A node stands between where it was inserted or not executed; the layers before and after
    it are what the step joins. A node on ways of several steps counts in the first of them,
    in execution order, that changes the precision, else in the first.
    """
    ways = [
        ((_precision(graph.nodes[start]), _precision(node)), between)
        for node in graph.nodes
        if not _hands_on(graph, node.place)
        for start, between in _ways_up(graph, node.place)
    ]
    owner: dict[int, tuple[str, str]] = {}
    for (before, after), between in sorted(ways, key=lambda way: way[0][0] == way[0][1]):
        for place in between:
            owner.setdefault(place, (before, after))
    steps = [_step(graph, pair, ways, owner) for pair in dict.fromkeys(pair for pair, _ in ways)]
    return tuple(sorted(steps, key=lambda step: (not step.changes, -step.time_us, -step.ways)))


_Way = tuple[tuple[str, str], tuple[int, ...]]


def _step(
    graph: ExecGraph,
    pair: tuple[str, str],
    ways: Sequence[_Way],
    owner: dict[int, tuple[str, str]],
) -> PrecisionStep:
    own = [between for found, between in ways if found == pair]
    nodes = [graph.nodes[place] for place, owned in owner.items() if owned == pair]
    return PrecisionStep(
        before=pair[0],
        after=pair[1],
        ways=len(own),
        converted=sum(bool(between) for between in own),
        inserted=len(nodes),
        time_us=math.fsum(node.layer.time_us for node in nodes),
        share=math.fsum(node.share for node in nodes),
    )


def _ways_up(graph: ExecGraph, place: int) -> list[tuple[int, tuple[int, ...]]]:
    """The layers that feed one, each with the inserted nodes on the way."""
    found: list[tuple[int, tuple[int, ...]]] = []
    front: list[tuple[int, tuple[int, ...]]] = [
        (source, ()) for source in graph.nodes[place].producers
    ]
    seen = {place}
    for _ in range(_MOST_STEPS):
        further = []
        for at, between in front:
            if not _hands_on(graph, at):
                found.append((at, between))
            elif at not in seen:
                seen.add(at)
                more = (*between, at) if graph.nodes[at].role is Role.INSERTED else between
                further += [(source, more) for source in graph.nodes[at].producers]
        front = further
    return found


def _precision(node: GraphNode) -> str:
    precision = node.layer.runtime_precision
    return _INT8 if is_int8(precision) else precision


def _hands_on(graph: ExecGraph, place: int) -> bool:
    return graph.nodes[place].role in {Role.INSERTED, Role.IDLE}
