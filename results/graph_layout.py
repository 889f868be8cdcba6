"""Where the nodes of a small graph are drawn: rows from top to bottom, few crossings.

Layered drawing after K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
hierarchical system structures" (IEEE SMC 11, 1981): each node a row below the lowest of what it
reads (longest path), edges over several rows bent around the nodes between, the order within
a row by barycentres, and places as near to their neighbours' mean as the spacing allows.
A library was left out: this much serves a few dozen nodes. Pure; knows no time and no names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 24
_STRAIGHTENED = 12
"""Sweeps at the end in which nothing pulls but a chain itself, so that it hangs straight."""
_APART = 1.0
"""What a node's own words need on its right, in columns."""
_BEND_APART = 0.22
"""What a bend needs: only the line passes there."""

Edge = tuple[int, int]


@dataclass(frozen=True)
class Point:
    """Columns to the right, and rows down, from the top left."""

    x: float
    row: int


@dataclass(frozen=True)
class Route:
    """The way of an edge, over a bend in each row between its producer and its consumer."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Drawing:
    """Where each node stands, and the routes of the edges; ``columns`` is how wide it is."""

    points: Mapping[int, Point]
    routes: tuple[Route, ...]
    rows: int
    columns: float


def lay_out(places: Sequence[int], edges: Sequence[Edge]) -> Drawing:
    """A drawing of these nodes; their numbers rise in execution order.

    Every edge from a lower to a higher number goes downwards. One that goes against the
    order of execution, which only broken facts have, is drawn upwards and orders nothing.
    """
    rows = _rows(places, edges)
    chains = {edge: _chain(edge, rows, number) for number, edge in enumerate(edges)}
    members = _members(rows, chains.values())
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    ordered = _ordered(members, _Near.of(links))
    spots = _spots(ordered, _Near.of(links))
    points = {place: Point(spots[place, -1], row) for place, row in rows.items()}
    return Drawing(
        points=points,
        routes=tuple(Route(edge, _way(edge, chain, spots, rows)) for edge, chain in chains.items()),
        rows=max(rows.values(), default=-1) + 1,
        columns=max((point.x for point in points.values()), default=0.0) + _APART,
    )


_Spot = tuple[int, int]
"""A node as ``(place, -1)``, or the bend of an edge as ``(row, number of the edge)``."""


def _rows(places: Sequence[int], edges: Sequence[Edge]) -> dict[int, int]:
    """The row of each node: below everything that it reads."""
    reads: dict[int, list[int]] = {place: [] for place in places}
    for source, place in edges:
        if source < place:
            reads[place].append(source)
    rows: dict[int, int] = {}
    for place in sorted(places):
        rows[place] = max((rows[source] + 1 for source in reads[place]), default=0)
    return _lowered(rows, edges)


def _lowered(rows: dict[int, int], edges: Sequence[Edge]) -> dict[int, int]:
    """What reads nothing here stands right above what reads it, not on top of everything."""
    first_use: dict[int, int] = {}
    for source, place in edges:
        if source < place:
            first_use[source] = min(first_use.get(source, rows[place]), rows[place])
    fed = {place for source, place in edges if source < place}
    return {
        place: first_use[place] - 1 if place not in fed and place in first_use else row
        for place, row in rows.items()
    }


def _chain(edge: Edge, rows: Mapping[int, int], number: int) -> tuple[_Spot, ...]:
    """An edge as the spots that it goes through; one against the order has no bends."""
    source, place = edge
    bends = [(row, number) for row in range(rows[source] + 1, rows[place])]
    return ((source, -1), *bends, (place, -1))


def _members(rows: Mapping[int, int], chains: Iterable[tuple[_Spot, ...]]) -> list[list[_Spot]]:
    """The spots of each row, bends before the nodes: they pass on the left, away from words."""
    found: list[list[_Spot]] = [[] for _ in range(max(rows.values(), default=-1) + 1)]
    for chain in chains:
        for bend in chain[1:-1]:
            found[bend[0]].append(bend)
    for place in sorted(rows):
        found[rows[place]].append((place, -1))
    return found


@dataclass(frozen=True)
class _Near:
    """The spots that each spot is joined to, above and below."""

    above: Mapping[_Spot, Sequence[_Spot]]
    below: Mapping[_Spot, Sequence[_Spot]]

    @classmethod
    def of(cls, links: Iterable[tuple[_Spot, _Spot]]) -> _Near:
        above: dict[_Spot, list[_Spot]] = {}
        below: dict[_Spot, list[_Spot]] = {}
        for upper, lower in links:
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
        return cls(above, below)


def _ordered(members: list[list[_Spot]], near: _Near) -> list[list[_Spot]]:
    """The spots of each row from left to right, by sweeps of barycentres down and up."""
    ordered = [list(row) for row in members]
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        joined = near.above if downwards else near.below
        numbers = range(1, len(ordered)) if downwards else range(len(ordered) - 2, -1, -1)
        for number in numbers:
            beside = ordered[number - 1 if downwards else number + 1]
            at = {spot: float(place) for place, spot in enumerate(beside)}
            own = {spot: float(place) for place, spot in enumerate(ordered[number])}
            ordered[number].sort(key=lambda spot: _mean(joined.get(spot, ()), at, own[spot]))
    return ordered


def _mean(spots: Iterable[_Spot], at: Mapping[_Spot, float], otherwise: float) -> float:
    found = [at[spot] for spot in spots if spot in at]
    return sum(found) / len(found) if found else otherwise


def _spots(ordered: Sequence[Sequence[_Spot]], near: _Near) -> dict[_Spot, float]:
    """The column of every spot, from 0 on; what hangs in one chain stands below each other."""
    spots = {
        spot: x
        for row in ordered
        for spot, x in zip(row, _spread(row, [0.0] * len(row)), strict=True)
    }
    chains = _straight(spots, near)
    for sweep in range(_SWEEPS + _STRAIGHTENED):
        free = sweep >= _SWEEPS
        pulls = {
            id(chain): _own(chain, spots) if free else _pull(chain, near, spots)
            for chain in chains.values()
        }
        for row in ordered if sweep % 2 == 0 else reversed(ordered):
            wanted = [pulls[id(chains[spot])] for spot in row]
            spots.update(zip(row, _spread(row, wanted), strict=True))
    left = min(spots.values(), default=0.0)
    return {spot: x - left for spot, x in spots.items()}


def _straight(spots: Iterable[_Spot], near: _Near) -> dict[_Spot, list[_Spot]]:
    """By spot the chain that it hangs in: each the only one below the other, and the only above."""
    chains: dict[_Spot, list[_Spot]] = {}
    for spot in spots:
        above = near.above.get(spot, ())
        follows = len(above) == 1 and len(near.below.get(above[0], ())) == 1
        chain = chains[above[0]] if follows and above[0] in chains else []
        chain.append(spot)
        chains[spot] = chain
    return chains


def _pull(chain: Sequence[_Spot], near: _Near, spots: Mapping[_Spot, float]) -> float:
    """Where a chain is drawn to: the mean column of what its ends are joined to."""
    beyond = (*near.above.get(chain[0], ()), *near.below.get(chain[-1], ()))
    return _mean(beyond, spots, _own(chain, spots))


def _own(chain: Sequence[_Spot], spots: Mapping[_Spot, float]) -> float:
    return sum(spots[spot] for spot in chain) / len(chain)


def _spread(row: Sequence[_Spot], wanted: Sequence[float]) -> list[float]:
    """Columns nearest to those wanted (least squares) that keep the order and the spacing.

    Pool adjacent violators: R. E. Barlow and others, "Statistical inference under order
    restrictions" (1972), on the wanted columns less the room that stands before each.
    """
    room, offsets = 0.0, []
    for _, number in row:
        offsets.append(room)
        room += _APART if number < 0 else _BEND_APART
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, size = want - offset, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        pools.append((mean, size))
    flat = [mean for mean, size in pools for _ in range(size)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


def _way(
    edge: Edge, chain: Sequence[_Spot], spots: Mapping[_Spot, float], rows: Mapping[int, int]
) -> tuple[Point, ...]:
    source, place = edge
    ends = Point(spots[chain[0]], rows[source]), Point(spots[chain[-1]], rows[place])
    bends = tuple(Point(spots[bend], bend[0]) for bend in chain[1:-1])
    return (ends[0], *bends, ends[1])
