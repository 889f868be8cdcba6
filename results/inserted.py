"""Exec nodes without a source op: what they are there for, and between what they stand.

A compiled graph holds nodes that no model asked for: Reorder, Convert, a lone
FakeQuantize. This module tells them apart (design: layout, precision, both,
boundary, constant, quantise), finds which of them both sides have, and between which
operations of the model they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from results.comparison import Group, Inserted, InsertedKind, LayerSide
from results.kinds import (
    CONVERSION_TYPES,
    INPUT_TYPES,
    OUTPUT_TYPES,
    canonical_type,
    is_quantise,
)
from results.nodes import Node

BASELINE = "baseline"
CANDIDATE = "candidate"

_HOPS = 4
"""How many source-less nodes in a row are walked through; real graphs chain one or two."""
_BEFORE = "the input"
_AFTER = "the output"

Place = tuple[str, str, str]

_CHANGES = {
    (True, True): InsertedKind.BOTH,
    (True, False): InsertedKind.LAYOUT,
    (False, True): InsertedKind.PRECISION,
    (False, False): InsertedKind.OTHER,
}
"""By whether the layout and whether the precision changes."""


@dataclass(frozen=True)
class Ends:
    """What stands before and after a source-less node, beyond others of its like.

    An anchor is the name of a group of source ops, of an input or of an output;
    None where the graph does not say.
    """

    before: str | None
    after: str | None

    @property
    def at_boundary(self) -> bool:
        """Whether the node stands at an input or an output of the model."""
        return self.before == _BEFORE or self.after == _AFTER


def describe(
    side: str, nodes: Sequence[Node], sourceless: Sequence[int], anchors: Sequence[str | None]
) -> tuple[tuple[Inserted, Place], ...]:
    """The executed source-less nodes of a side, each with its place for ``mark_shared``.

    ``sourceless`` are positions in ``nodes``; ``anchors`` holds per position the name of
    the group it belongs to, the same on both sides, or None for a source-less one.
    """
    found = []
    for at in sourceless:
        node = nodes[at]
        ends = _ends(nodes, at, anchors)
        inserted = Inserted(
            side=side,
            layer=node.layer,
            kind=kind_of(node, ends),
            producer=_first_name(nodes, node.producers),
            consumer=_first_name(nodes, node.consumers),
        )
        kind = canonical_type(node.layer.node_type)
        found.append((inserted, (kind, ends.before or "", ends.after or "")))
    return tuple(found)


def mark_shared(
    mine: Sequence[tuple[Inserted, Place]], others: Sequence[tuple[Inserted, Place]]
) -> tuple[Inserted, ...]:
    """``mine`` with ``shared`` set for each that finds a partner in the same place."""
    free = Counter(place for _, place in others if place[1] or place[2])
    marked = []
    for inserted, place in mine:
        shared = free[place] > 0
        free[place] -= shared
        marked.append(replace(inserted, shared=shared))
    return tuple(marked)


def with_operations(
    inserted: Sequence[Inserted],
    groups: Sequence[Group],
    baseline: Sequence[Node],
    candidate: Sequence[Node],
) -> tuple[Inserted, ...]:
    """The inserted nodes with ``producer_op`` and ``consumer_op``: the groups they stand between.

    ``baseline`` and ``candidate`` are the nodes that were aligned.
    """
    sides = {
        BASELINE: _Labelled(baseline, [(layer, g.label) for g in groups for layer in g.baseline]),
        CANDIDATE: _Labelled(
            candidate, [(layer, g.label) for g in groups for layer in g.candidate]
        ),
    }
    return tuple(
        replace(one, producer_op=ends.before, consumer_op=ends.after)
        for one in inserted
        for ends in (sides[one.side].ends(one.layer),)
    )


class _Labelled:
    """A side's graph with the label of the group that each of its layers belongs to."""

    def __init__(self, nodes: Sequence[Node], labels: Iterable[tuple[LayerSide, str]]) -> None:
        self._nodes = nodes
        self._position = {_layer_key(node.layer): at for at, node in enumerate(nodes)}
        self._labels: list[str | None] = [None] * len(nodes)
        for layer, label in labels:
            self._labels[self._position[_layer_key(layer)]] = label

    def ends(self, layer: LayerSide) -> Ends:
        """The labels before and after a source-less layer of this side."""
        at = self._position[_layer_key(layer)]
        return _ends(self._nodes, at, self._labels)


def _layer_key(layer: LayerSide) -> tuple[int, str]:
    return layer.node_index, layer.name


def kind_of(node: Node, ends: Ends) -> InsertedKind:
    """What a source-less node is there for; the first that fits."""
    if node.from_constant:
        return InsertedKind.CONSTANT
    if is_quantise(node.layer.node_type, node.layer.original_names):
        return InsertedKind.QUANTIZE
    if node.layer.node_type not in CONVERSION_TYPES:
        return InsertedKind.OTHER
    if ends.at_boundary:
        return InsertedKind.BOUNDARY
    return _CHANGES[
        _changes(node.input_layouts, node.layer.output_layouts),
        _changes(node.input_precisions, node.output_precisions),
    ]


def is_explained(inserted: Inserted) -> bool:
    """Whether it is known why the node is there: what coverage may count."""
    conversion = inserted.layer.node_type in CONVERSION_TYPES
    return conversion or inserted.kind is not InsertedKind.OTHER


def _changes(before: Sequence[str], after: Sequence[str]) -> bool:
    return bool(before) and bool(after) and before[0] != after[0]


def _first_name(nodes: Sequence[Node], positions: Sequence[int]) -> str | None:
    return nodes[positions[0]].layer.name if positions else None


def _ends(nodes: Sequence[Node], at: int, anchors: Sequence[str | None]) -> Ends:
    return Ends(_walk(nodes, at, anchors, upwards=True), _walk(nodes, at, anchors, upwards=False))


def _walk(
    nodes: Sequence[Node], start: int, anchors: Sequence[str | None], *, upwards: bool
) -> str | None:
    """The nearest anchor; at most ``_HOPS`` steps, so that a cycle ends too."""
    at = start
    for _ in range(_HOPS):
        steps = nodes[at].producers if upwards else nodes[at].consumers
        if not steps:
            return None
        at = steps[0]
        name = _end_name(nodes[at]) or anchors[at]
        if name is not None:
            return name
    return None


def _end_name(node: Node) -> str | None:
    if node.layer.node_type in INPUT_TYPES:
        return _BEFORE
    return _AFTER if node.layer.node_type in OUTPUT_TYPES else None
