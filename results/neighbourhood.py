"""What of an executed graph is shown: what is near a node, and the whole in segments.

A network of thousands of layers is never drawn whole: a neighbourhood is cut by its reach,
then by cost, and the overview puts layers that run one after the other together. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from results.graph import ExecGraph, GraphNode, Role

MOST_NODES = 48
MOST_SEGMENTS = 120


@dataclass(frozen=True)
class Neighbourhood:
    """The places within reach of ``centre``, in execution order, and how many had to go.

    ``cut`` are within reach and not shown; ``beyond`` is the rest of the graph.
    """

    centre: int
    places: tuple[int, ...]
    cut: int
    beyond: int


@dataclass(frozen=True)
class Segment:
    """Executed layers that run one after the other: their time together, and what was inserted.

    ``costliest`` is the place of the layer that takes most, ``precision`` the one that takes
    most of the time. ``inserted_us`` is the time of the ``inserted`` layers among them, of which
    ``costliest_inserted`` takes most; None without any.
    """

    places: tuple[int, ...]
    time_us: float
    share: float
    costliest: int
    precision: str
    inserted: int
    inserted_us: float
    costliest_inserted: int | None


def neighbourhood(
    graph: ExecGraph, centre: GraphNode, hops: int, most: int = MOST_NODES
) -> Neighbourhood:
    """What is up to ``hops`` edges from a node, up or down; the nearest first, at most ``most``.

    Of those that are equally far the costliest stay.
    """
    kept = [centre.place]
    seen = {centre.place}
    ring: Sequence[int] = kept
    for _ in range(hops):
        ring = _next_ring(graph, ring, seen)
        seen.update(ring)
        kept += ring
    shown = kept[:most]
    return Neighbourhood(
        centre=centre.place,
        places=tuple(sorted(shown)),
        cut=len(kept) - len(shown),
        beyond=len(graph.nodes) - len(kept),
    )


def _next_ring(graph: ExecGraph, ring: Sequence[int], seen: set[int]) -> list[int]:
    """What is one edge further, the costliest first."""
    near = {
        place
        for at in ring
        for place in (*graph.nodes[at].producers, *graph.nodes[at].consumers)
        if place not in seen
    }
    return sorted(near, key=lambda place: (-graph.nodes[place].layer.time_us, place))


def edges_among(graph: ExecGraph, places: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The edges between these places, from producer to consumer."""
    there = set(places)
    return tuple(
        (source, place)
        for place in places
        for source in graph.nodes[place].producers
        if source in there
    )


def segments(graph: ExecGraph, most: int = MOST_SEGMENTS) -> tuple[Segment, ...]:
    """All executed layers in order, as at most ``most`` stretches of about equally many."""
    ran = [node for node in graph.nodes if node.executed and node.role is not Role.END]
    count = min(most, len(ran))
    ends = [number * len(ran) // count for number in range(count + 1)] if count else []
    return tuple(_segment(ran[start:end]) for start, end in pairwise(ends))


def _segment(nodes: Sequence[GraphNode]) -> Segment:
    inserted = [node for node in nodes if node.role is Role.INSERTED]
    spent_us: dict[str, float] = {}
    for node in nodes:
        precision = node.layer.runtime_precision
        spent_us[precision] = spent_us.get(precision, 0.0) + node.layer.time_us
    return Segment(
        places=tuple(node.place for node in nodes),
        time_us=sum(node.layer.time_us for node in nodes),
        share=sum(node.share for node in nodes),
        costliest=_costliest(nodes).place,
        precision=max(spent_us, key=lambda name: spent_us[name]),
        inserted=len(inserted),
        inserted_us=sum(node.layer.time_us for node in inserted),
        costliest_inserted=_costliest(inserted).place if inserted else None,
    )


def _costliest(nodes: Sequence[GraphNode]) -> GraphNode:
    return max(nodes, key=lambda node: node.layer.time_us)
