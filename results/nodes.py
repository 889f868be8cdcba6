"""One side's compiled graph, with each node's time by profile launch and their median.

Turns the ExecNode rows of 1..n launches into ``Node`` objects and the bridge
rows into ``Link`` objects. What nodes of two sides have to do with each other is
``results.align``'s matter, what their times by launch say is ``results.layer_stats``'s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from statistics import median

from results.comparison import LayerSide
from results.facts import ExecNode, ExecNodeSource
from results.kinds import canonical_precision

_NUMBER = re.compile(r"_\d+")
EXECUTED = "executed"
"""The status of a layer that ran."""
LONGEST_US = 1e12
"""No layer takes eleven days: what is longer is no time, and its sums would overflow."""
_IN_ORDER = attrgetter("launch_id", "node_index", "name")

NodeKey = tuple[int, str]


@dataclass(frozen=True)
class Node:
    """An exec node as it stands in the graph; ``layer.time_us`` is 0 where not executed.

    ``producers`` and ``consumers`` are positions in the side's tuple of nodes.
    """

    layer: LayerSide
    executed: bool
    from_constant: bool
    input_precisions: tuple[str, ...]
    input_layouts: tuple[str, ...]
    output_precisions: tuple[str, ...]
    producers: tuple[int, ...]
    consumers: tuple[int, ...]


@dataclass(frozen=True)
class Link:
    """The node at this position carries this source op, known by this method."""

    position: int
    op_name: str
    method: str
    confidence: float


@dataclass(frozen=True)
class Side:
    """What one cell's profile launches stored: nodes and their bridge to source ops.

    Times that are asked of it are those of the rows, multiplied by ``scale``.
    """

    nodes: tuple[ExecNode, ...]
    sources: tuple[ExecNodeSource, ...]
    scale: float = 1.0

    def scaled(self, factor: float) -> Side:
        """The side with its times multiplied; the sorted rows are shared, not sorted again."""
        found = replace(self, scale=self.scale * factor)
        vars(found)["_sorted"] = self._sorted
        return found

    @cached_property
    def averaged(self) -> tuple[Node, ...]:
        """``median_nodes`` of the rows, worked out once."""
        return _median_nodes(self._sorted, self.scale)

    @property
    def links(self) -> tuple[Link, ...]:
        """The bridge by position in ``averaged``; the weakest of all launches."""
        return _links(self._sorted, self.sources)

    @property
    def times(self) -> LaunchTimes:
        """The times that ``averaged`` takes its medians of, by node and launch."""
        return _launch_times(self._sorted, self.scale)

    @property
    def drawn(self) -> tuple[ExecNode, ...]:
        """The rows that ``averaged`` takes its edges from: of each node the first launch's."""
        return tuple(self._sorted.rows[key][0] for key in self._sorted.keys)

    @cached_property
    def _sorted(self) -> _Sorted:
        return _Sorted.of(self.nodes)

    @property
    def executed_layers(self) -> tuple[LayerSide, ...]:
        """The layers that ran at inference, as ``precision.executed_layers`` has them."""
        return tuple(node.layer for node in self.averaged if node.executed)


@dataclass(frozen=True)
class LaunchTimes:
    """Every node's time in µs in each launch that tells it; by the node, then by the launch."""

    launch_ids: tuple[str, ...]
    by_node: Mapping[NodeKey, Mapping[str, float]]
    scale: float = 1.0

    def of(self, layers: Iterable[LayerSide]) -> dict[str, float]:
        """What these layers took together, in µs by launch; launches that lack one are left out.

        Sums per launch, because the times of neighbours in one launch are not independent:
        the spread of their sum cannot be had from their own spreads. The median of these
        sums need not be the sum of the layers' medians, which is what a group shows: medians
        shrug off a launch that was held up in one layer, layer by layer.
        """
        times = [self.by_node.get(_key_of(at.node_index, at.name), {}) for at in layers]
        if len(times) == 1:
            alone = times[0]
            return {at: alone[at] * self.scale for at in self.launch_ids if at in alone}
        return {
            launch: math.fsum(node[launch] for node in times) * self.scale
            for launch in self.launch_ids
            if all(launch in node for node in times)
        }


@dataclass(frozen=True)
class _Sorted:
    """The rows of all launches by the node they tell of, in the order of the launches.

    ``keys`` are the nodes in execution order.
    """

    keys: tuple[NodeKey, ...]
    rows: Mapping[NodeKey, Sequence[ExecNode]]
    launches: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[ExecNode]) -> _Sorted:
        by_key: dict[NodeKey, list[ExecNode]] = {}
        for row in sorted(rows, key=_IN_ORDER):
            by_key.setdefault(_key_of(row.node_index, row.name), []).append(row)
        launches = {row.launch_id for found in by_key.values() for row in found}
        return cls(tuple(sorted(by_key)), by_key, tuple(sorted(launches)))

    @cached_property
    def times_us(self) -> Mapping[NodeKey, Mapping[str, float]]:
        """Each node's time in each launch that tells it; none where none timed it."""
        return {key: _times_by_launch(self.rows[key], self.launches) for key in self.keys}


def is_time(time_us: float | None) -> bool:
    """Whether it is a time in µs at all: a number, not negative, and not beyond all measure."""
    return time_us is not None and 0.0 <= time_us <= LONGEST_US


def median_nodes(rows: Sequence[ExecNode]) -> tuple[Node, ...]:
    """Nodes in execution order, with the median of their time over the launches in the rows.

    The median, because the counters are means: one inference that was held up makes
    every layer of its launch that it met many times longer.

    A node is the same one in two launches where its index and its name are, the
    numbers in the name left out: ``Multiply_27024`` is numbered anew in every
    process. A launch where its time is unknown does not count; one that lacks the node,
    or calls it not executed, counts as 0.
    """
    return _median_nodes(_Sorted.of(rows))


def launch_times(rows: Sequence[ExecNode]) -> LaunchTimes:
    """The times that ``median_nodes`` takes its medians of, by node and launch."""
    return _launch_times(_Sorted.of(rows))


def _median_nodes(found: _Sorted, scale: float = 1.0) -> tuple[Node, ...]:
    first_at: dict[int, int] = {}
    for position, (index, _) in enumerate(found.keys):
        first_at.setdefault(index, position)
    firsts = [found.rows[key][0] for key in found.keys]
    producers = [_positions(row.producers, first_at, at) for at, row in enumerate(firsts)]
    consumers = _inverse(producers)
    return tuple(
        _node(row, found.times_us[key], scale, producers[at], consumers[at])
        for at, (key, row) in enumerate(zip(found.keys, firsts, strict=True))
    )


def _launch_times(found: _Sorted, scale: float = 1.0) -> LaunchTimes:
    return LaunchTimes(found.launches, found.times_us, scale)


def _links(found: _Sorted, sources: Iterable[ExecNodeSource]) -> tuple[Link, ...]:
    position_of = {
        (row.launch_id, row.node_index): position
        for position, key in enumerate(found.keys)
        for row in found.rows[key]
    }
    weakest: dict[tuple[int, str], ExecNodeSource] = {}
    for source in sources:
        place = position_of.get((source.launch_id, source.node_index))
        if place is None:
            continue
        known = weakest.setdefault((place, source.op_name), source)
        if source.confidence < known.confidence:
            weakest[place, source.op_name] = source
    return tuple(
        Link(place, name, link.method, link.confidence)
        for (place, name), link in sorted(weakest.items(), key=itemgetter(0))
    )


def _key_of(node_index: int, name: str) -> NodeKey:
    return node_index, _unnumbered(name)


@lru_cache(maxsize=1 << 15)
def _unnumbered(name: str) -> str:
    """The name without numbers; remembered, because every launch tells the same names."""
    return _NUMBER.sub("", name)


def _positions(indices: Iterable[int], first_at: Mapping[int, int], own: int) -> tuple[int, ...]:
    found = (first_at.get(index) for index in indices)
    return tuple(at for at in found if at is not None and at != own)


def _inverse(producers: Sequence[tuple[int, ...]]) -> list[list[int]]:
    consumers: list[list[int]] = [[] for _ in producers]
    for at, sources in enumerate(producers):
        for source in dict.fromkeys(sources):
            consumers[source].append(at)
    return consumers


def _times_by_launch(rows: Sequence[ExecNode], launches: Sequence[str]) -> dict[str, float]:
    """A node's time in each launch that tells it, in µs; none where none timed it.

    What one launch timed and another calls not executed took it under a microsecond
    there; what ran without a time, or with one that is none, is unknown.
    """
    timed: dict[str, float] = {}
    unknown: set[str] = set()
    for row in rows:
        if row.status != EXECUTED:
            continue
        if row.time_us is not None and is_time(row.time_us):
            timed[row.launch_id] = timed.get(row.launch_id, 0.0) + row.time_us
        else:
            unknown.add(row.launch_id)
    if not timed or len(timed) == len(launches):
        return timed
    told = (launch for launch in launches if launch in timed or launch not in unknown)
    return {launch: timed.get(launch, 0.0) for launch in told}


def _node(
    row: ExecNode,
    times_us: Mapping[str, float],
    scale: float,
    producers: Sequence[int],
    consumers: Sequence[int],
) -> Node:
    layer = LayerSide(
        node_index=row.node_index,
        name=row.name,
        node_type=row.node_type,
        primitive=row.primitive,
        runtime_precision=canonical_precision(row.runtime_precision),
        output_layouts=row.output_layouts,
        output_shapes=row.output_shapes,
        time_us=_median_us(times_us) * scale,
        original_names=tuple(filter(None, row.original_names)),
    )
    return Node(
        layer=layer,
        executed=bool(times_us),
        from_constant=row.from_constant,
        input_precisions=row.input_precisions,
        input_layouts=row.input_layouts,
        output_precisions=row.output_precisions,
        producers=tuple(producers),
        consumers=tuple(consumers),
    )


def _median_us(times_us: Mapping[str, float]) -> float:
    """Over the launches; 0 without any. Many layers come with one time, a median already."""
    if len(times_us) > 1:
        return median(times_us.values())
    return next(iter(times_us.values()), 0.0)
