"""What INT8 costs a network beside computing: conversions, layers that stayed in float, more.

Pure: a comparison of INT8 with float in, shares of INT8's layer time out. That two networks are
told apart by them is said in ``results.network_answer``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from results.comparison import Comparison, Group, GroupClass, Inserted
from results.groups import called_different, heavy_layers
from results.inserted import CANDIDATE
from results.kinds import base_type, is_float, is_lone_activation
from results.readiness.layer_facts import conversions_of, is_conversion


class CostKind(StrEnum):
    """What INT8's layer time goes to beside computing in INT8."""

    CONVERSIONS = "conversions"
    LEFT_IN_FLOAT = "layers that stayed in float"
    LONE_ACTIVATIONS = "activations on their own"
    SLOWER = "layers that INT8 makes slower"


@dataclass(frozen=True)
class TypeCost:
    """The part of a cost that has to do with an operation type; share of INT8's layer time."""

    op_type: str
    count: int
    time_us: float
    share: float


@dataclass(frozen=True)
class Cost:
    """A cost of INT8: how many layers, their µs, and their share of INT8's layer time.

    Of layers that INT8 makes slower only what they take longer counts. ``by_type`` tells the
    same by operation, the longest first; a conversion is told under both of the operations
    that it stands between, so that these may add up to more than the whole.
    """

    kind: CostKind
    count: int
    time_us: float
    share: float
    by_type: tuple[TypeCost, ...]

    def of_type(self, op_type: str) -> TypeCost:
        """The part of an operation type; nothing where it has none."""
        found = (one for one in self.by_type if one.op_type == op_type)
        return next(found, TypeCost(op_type, 0, 0.0, 0.0))


@dataclass(frozen=True)
class Costs:
    """All costs of an INT8 arm against its float baseline.

    ``withheld`` says that what no layer accounts for is larger than the difference, so that
    the layers do not explain it.
    """

    baseline_arm: str
    candidate_arm: str
    total_us: float
    withheld: bool
    costs: tuple[Cost, ...]

    def of(self, kind: CostKind) -> Cost:
        """The cost of this kind."""
        return next(cost for cost in self.costs if cost.kind is kind)


@dataclass(frozen=True)
class _Part:
    """Something that costs: its time, and the operation types that it has to do with."""

    time_us: float
    op_types: tuple[str, ...]


def costs_of(comparison: Comparison) -> Costs | None:
    """The costs of a comparison's candidate; None where no layers were matched."""
    groups, attribution = comparison.groups, comparison.attribution
    found = conversions_of(comparison)
    if found is None or attribution is None:
        return None
    total_us = found.total_us
    parts = {
        CostKind.CONVERSIONS: _conversions(comparison),
        CostKind.LEFT_IN_FLOAT: [part for group in groups for part in _left_in_float(group)],
        CostKind.LONE_ACTIVATIONS: [part for group in groups for part in _lone(group)],
        CostKind.SLOWER: _slower(groups, 1000.0 * comparison.estimate.candidate_ms),
    }
    return Costs(
        baseline_arm=comparison.baseline.arm,
        candidate_arm=comparison.candidate.arm,
        total_us=total_us,
        withheld=attribution.withheld,
        costs=tuple(_cost(kind, own, total_us) for kind, own in parts.items()),
    )


def _conversions(comparison: Comparison) -> list[_Part]:
    types = {group.label: base_type(group.op_type) for group in comparison.groups}
    return [
        _Part(one.layer.time_us, _ends(one, types))
        for one in comparison.inserted
        if one.side == CANDIDATE and not one.shared and is_conversion(one)
    ]


def _ends(one: Inserted, types: Mapping[str, str]) -> tuple[str, ...]:
    """The operations that a conversion stands between, each once; the model's ends are none."""
    ends = (types.get(label or "") for label in (one.producer_op, one.consumer_op))
    return tuple(dict.fromkeys(found for found in ends if found))


def _left_in_float(group: Group) -> list[_Part]:
    """The convolutions and matrix products of a group that ran in float."""
    if group.group_class is not GroupClass.LEFT_IN_FLOAT:
        return []
    kind = (base_type(group.op_type),)
    heavy = [one for one in heavy_layers(group.candidate) if is_float(one.runtime_precision)]
    return [_Part(layer.time_us, kind) for layer in heavy]


def _lone(group: Group) -> list[_Part]:
    """The layers of a group that do no more than an activation."""
    return [
        _Part(layer.time_us, tuple(dict.fromkeys(map(base_type, layer.op_types))))
        for layer in group.candidate
        if is_lone_activation(layer.op_types)
    ]


def _slower(groups: Sequence[Group], candidate_us: float) -> list[_Part]:
    """What the groups lose that run in INT8, and are called slower for it."""
    return [
        _Part(group.delta_us, (base_type(group.op_type),))
        for group in groups
        if group.group_class is GroupClass.INT8_SLOWER
        and group.delta_us > 0
        and called_different(group, candidate_us)
    ]


def _cost(kind: CostKind, parts: Sequence[_Part], total_us: float) -> Cost:
    by_type: dict[str, list[float]] = {}
    for part in parts:
        for op_type in part.op_types:
            by_type.setdefault(op_type, []).append(part.time_us)
    told = [
        TypeCost(op_type, len(times), math.fsum(times), _share(math.fsum(times), total_us))
        for op_type, times in by_type.items()
    ]
    time_us = math.fsum(part.time_us for part in parts)
    ranked = sorted(told, key=lambda one: (-one.time_us, one.op_type))
    return Cost(kind, len(parts), time_us, _share(time_us, total_us), tuple(ranked))


def _share(part_us: float, total_us: float) -> float:
    return part_us / total_us if total_us > 0 else 0.0
