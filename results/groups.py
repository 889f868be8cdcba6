"""What a group is called and which class it belongs to.

A group is given as its layers on both sides, its source ops and its weakest link;
who belongs to it is decided in ``results.align``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from results.comparison import Group, GroupClass, LayerSide, WorstLayer
from results.facts import SourceOp
from results.kinds import is_float, is_half, is_heavy, is_int8
from results.universe import Universe

FLOOR_US = 20.0
FLOOR_SHARE = 0.01
"""A single layer is called different above the larger of the two, 20 µs or 1 % of the time."""
_KEPT_FOR_LOSSES = 3

NO_METHOD = "none"


class Draft:
    """A group while it is being collected."""

    def __init__(self) -> None:
        self.baseline: list[LayerSide] = []
        self.candidate: list[LayerSide] = []
        self.ops: set[str] = set()
        self._confidence, self._method = 1.0, "name"

    def note(self, confidence: float, method: str) -> None:
        """Remember the weakest link."""
        if confidence < self._confidence:
            self._confidence, self._method = confidence, method

    def finish(self, universe: Universe, *, candidate_is_int8: bool) -> Group:
        """The group, named after its most telling op, with its class."""
        ops = tuple(sorted(self.ops, key=universe.order))
        telling = _most_telling(ops, universe)
        first = (*self.candidate, *self.baseline)[0]
        counted = [flops for name in ops if (flops := universe.flops(name)) is not None]
        return Group(
            label=telling or first.name,
            op_type=(universe.type_of(telling) if telling else "") or first.node_type,
            source_ops=ops,
            group_class=classify(
                self.baseline, self.candidate, candidate_is_int8=candidate_is_int8
            ),
            baseline=tuple(self.baseline),
            candidate=tuple(self.candidate),
            baseline_us=sum(layer.time_us for layer in self.baseline),
            candidate_us=sum(layer.time_us for layer in self.candidate),
            method=self._method if ops else NO_METHOD,
            confidence=self._confidence if ops else 0.0,
            flops=sum(counted) if counted else None,
        )


def floor_us(candidate_us: float, items: float = 1.0) -> float:
    """What a single layer must differ by; ``candidate_us`` is the candidate's wall-clock time.

    In throughput times are per item, and 20 µs are those of an inference, of which ``items``
    share (``per_item.items_of``).
    """
    return max(FLOOR_US / items, FLOOR_SHARE * candidate_us)


def called_different(group: Group, candidate_us: float, items: float = 1.0) -> bool:
    """Whether a single group may be called slower, or faster, than its baseline.

    By the profile launches where they could judge it (``Group.differs``); where there were
    too few of them, by the floor alone. Which way it differs is the sign of its ``delta_us``.
    """
    if group.differs is not None:
        return group.differs
    return abs(group.delta_us) > floor_us(candidate_us, items)


def with_sqnr(groups: Sequence[Group], sqnr_db: Mapping[str, float]) -> tuple[Group, ...]:
    """The groups with the SQNR at the last of their source ops for which it is known.

    That is the value the group hands on; what comes before it inside of the group may be
    fused and never exist.
    """
    return tuple(
        replace(group, sqnr_db=next((sqnr_db[op] for op in ends if op in sqnr_db), None))
        for group in groups
        for ends in (tuple(reversed(group.source_ops)),)
    )


class Differing(Protocol):
    """What differs between two sides, candidate minus baseline."""

    @property
    def delta_us(self) -> float:
        """In µs; above 0 is time lost."""


DifferingT = TypeVar("DifferingT", bound=Differing)


def telling(groups: Sequence[DifferingT], count: int) -> tuple[DifferingT, ...]:
    """The ``count`` that differ most; three places are kept for those that lost most."""
    ranked = sorted(groups, key=lambda group: -abs(group.delta_us))
    lost = [group for group in ranked if group.delta_us > 0][:_KEPT_FOR_LOSSES]
    rest = [group for group in ranked if group not in lost][: count - len(lost)]
    return tuple(sorted((*lost, *rest), key=lambda group: -abs(group.delta_us)))


def worst_layers(
    groups: Sequence[Group],
    sqnr_db: Mapping[str, float],
    ops: Sequence[SourceOp],
    *,
    timed: bool,
    count: int = 5,
) -> tuple[WorstLayer, ...]:
    """The ``count`` layers with the lowest SQNR, the lowest first; those of no profile too.

    Without groups the source ops stand for the layers. ``timed`` says that the times of the
    groups mean something.
    """
    found = [
        WorstLayer(group.label, group.op_type, group.sqnr_db, group.delta_us if timed else None)
        for group in groups
        if group.sqnr_db is not None
    ]
    if not groups:
        found = [
            WorstLayer(op.op_name, op.op_type, sqnr_db[op.op_name], None)
            for op in ops
            if op.op_name in sqnr_db
        ]
    return tuple(sorted(found, key=lambda layer: layer.sqnr_db)[:count])


def classify(
    baseline: Sequence[LayerSide], candidate: Sequence[LayerSide], *, candidate_is_int8: bool
) -> GroupClass:
    """The class of a group: the first that fits, in the order of the tests below."""
    if not baseline or not candidate:
        return GroupClass.UNMATCHED
    if candidate_is_int8 and _mostly_in_float(candidate):
        return GroupClass.LEFT_IN_FLOAT
    if len(baseline) != len(candidate):
        return GroupClass.FUSION_CHANGED
    if _in_int8(candidate) and not _in_int8(baseline):
        faster = _total_us(candidate) <= _total_us(baseline)
        return GroupClass.INT8_FASTER if faster else GroupClass.INT8_SLOWER
    if _kinds(baseline) != _kinds(candidate):
        return GroupClass.PRECISION_CHANGED
    return GroupClass.SAME_PRECISION


def heavy_layers(layers: Sequence[LayerSide]) -> tuple[LayerSide, ...]:
    """The layers that carry a convolution or a matrix product."""
    return tuple(layer for layer in layers if is_heavy((*layer.op_types, layer.node_type)))


def _mostly_in_float(layers: Sequence[LayerSide]) -> bool:
    """Whether most of the convolution and matrix time, if any, runs in float."""
    heavy = heavy_layers(layers)
    in_float = [layer for layer in heavy if is_float(layer.runtime_precision)]
    return bool(in_float) and 2 * _total_us(in_float) >= _total_us(heavy)


def _in_int8(layers: Sequence[LayerSide]) -> bool:
    return any(is_int8(layer.runtime_precision) for layer in layers)


def _kinds(layers: Sequence[LayerSide]) -> set[str]:
    return {_kind(layer.runtime_precision) for layer in layers}


def _kind(precision: str) -> str:
    if is_int8(precision):
        return "int8"
    if is_half(precision):
        return "half"
    return "float" if is_float(precision) else precision.lower()


def _total_us(layers: Sequence[LayerSide]) -> float:
    return sum(layer.time_us for layer in layers)


def _most_telling(ops: Sequence[str], universe: Universe) -> str | None:
    """The op with most FLOP, the first of equals; the first where none is counted."""
    return max(ops, key=lambda name: universe.flops(name) or 0) if ops else None
