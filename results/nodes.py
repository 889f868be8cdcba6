"""One side's compiled graph, with each node's median time over its profile launches.

Turns the ExecNode rows of 1..n launches into ``Node`` objects and the bridge
rows into ``Link`` objects. What nodes of two sides have to do with each other is
``results.align``'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from results.comparison import LayerSide
from results.facts import ExecNode, ExecNodeSource
from results.kinds import canonical_precision

_NUMBER = re.compile(r"_\d+")

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
    """What one cell's profile launches stored: nodes and their bridge to source ops."""

    nodes: tuple[ExecNode, ...]
    sources: tuple[ExecNodeSource, ...]


def median_nodes(rows: Sequence[ExecNode]) -> tuple[Node, ...]:
    """Nodes in execution order, with the median of their time over the launches in the rows.

    The median, because the counters are means: one inference that was held up makes
    every layer of its launch that it met many times longer.

    A node is the same one in two launches where its index and its name are, the
    numbers in the name left out: ``Multiply_27024`` is numbered anew in every
    process. A launch where its time is unknown does not count; one that lacks the node,
    or calls it not executed, counts as 0.
    """
    by_key = _rows_by_key(rows)
    launches = len({row.launch_id for row in rows})
    keys = sorted(by_key)
    first_at: dict[int, int] = {}
    for position, (index, _) in enumerate(keys):
        first_at.setdefault(index, position)
    producers = [_positions(by_key[key][0].producers, first_at, at) for at, key in enumerate(keys)]
    consumers = _inverse(producers)
    return tuple(
        _node(by_key[key], launches, producers[at], consumers[at]) for at, key in enumerate(keys)
    )


def links_of(side: Side) -> tuple[Link, ...]:
    """The bridge by position in ``median_nodes(side.nodes)``; the weakest of all launches."""
    positions = {key: at for at, key in enumerate(sorted(_rows_by_key(side.nodes)))}
    key_of = {(row.launch_id, row.node_index): _key(row) for row in side.nodes}
    weakest: dict[tuple[int, str], Link] = {}
    for source in side.sources:
        key = key_of.get((source.launch_id, source.node_index))
        if key is None:
            continue
        link = Link(positions[key], source.op_name, source.method, source.confidence)
        known = weakest.get((link.position, link.op_name))
        if known is None or link.confidence < known.confidence:
            weakest[link.position, link.op_name] = link
    return tuple(weakest[key] for key in sorted(weakest))


def _key(row: ExecNode) -> NodeKey:
    return row.node_index, _NUMBER.sub("", row.name)


def _rows_by_key(rows: Iterable[ExecNode]) -> Mapping[NodeKey, list[ExecNode]]:
    by_key: dict[NodeKey, list[ExecNode]] = {}
    for row in sorted(rows, key=lambda row: (row.launch_id, row.node_index, row.name)):
        by_key.setdefault(_key(row), []).append(row)
    return by_key


def _positions(indices: Iterable[int], first_at: Mapping[int, int], own: int) -> tuple[int, ...]:
    found = (first_at.get(index) for index in indices)
    return tuple(at for at in found if at is not None and at != own)


def _inverse(producers: Sequence[tuple[int, ...]]) -> list[list[int]]:
    consumers: list[list[int]] = [[] for _ in producers]
    for at, sources in enumerate(producers):
        for source in dict.fromkeys(sources):
            consumers[source].append(at)
    return consumers


def _times_by_launch(rows: Sequence[ExecNode], launches: int) -> list[float]:
    """A node's time in each launch that tells it, in µs; none where none timed it.

    What one launch timed and another calls not executed took it under a microsecond
    there; what ran without a time is unknown.
    """
    timed: dict[str, float] = {}
    unknown: set[str] = set()
    for row in rows:
        if row.status == "executed" and row.time_us is None:
            unknown.add(row.launch_id)
        elif row.status == "executed" and row.time_us is not None:
            timed[row.launch_id] = timed.get(row.launch_id, 0.0) + row.time_us
    untimed = launches - len(timed) - len(unknown - timed.keys())
    return [*timed.values(), *([0.0] * untimed)] if timed else []


def _node(
    rows: Sequence[ExecNode], launches: int, producers: Sequence[int], consumers: Sequence[int]
) -> Node:
    row = rows[0]
    times_us = _times_by_launch(rows, launches)
    layer = LayerSide(
        node_index=row.node_index,
        name=row.name,
        node_type=row.node_type,
        primitive=row.primitive,
        runtime_precision=canonical_precision(row.runtime_precision),
        output_layouts=row.output_layouts,
        output_shapes=row.output_shapes,
        time_us=median(times_us) if times_us else 0.0,
        original_names=tuple(name for name in row.original_names if name),
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
