"""What two versions do differently with one cell, from its groups and inserted nodes.

Pure: takes what ``results.align`` found for the two and names what happened to each group
and to each conversion. Every group has one kind, so that the sums of all kinds and what is
not attributed are the wall-clock difference. Words are ``results.versions.words``' matter.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from results.comparison import Attribution, Group, Inserted, LayerSide
from results.facts import SourceOp
from results.inserted import CANDIDATE
from results.kinds import base_type, canonical_type
from results.versions.change_causes import causes_of, group_cause
from results.versions.change_shapes import (
    ChangeCause,
    ChangeKind,
    GroupChange,
    InsertedChange,
    KindSum,
    LoneLayer,
    Moved,
)
from results.versions.kernels import (
    changed_widths,
    precision_of,
    ran_alike,
    same_kernels,
    spelled,
)
from results.versions.lone_layers import lone_layers

_CHANGED = frozenset({
    ChangeKind.KERNEL, ChangeKind.PRECISION, ChangeKind.FUSION_GAINED, ChangeKind.FUSION_LOST,
    ChangeKind.UNMATCHED,
})  # fmt: skip


@dataclass(frozen=True)
class Differences:
    """What changed in layers and conversions, with the sums of every kind and the causes."""

    groups: tuple[GroupChange, ...]
    gone: tuple[InsertedChange, ...]
    come: tuple[InsertedChange, ...]
    lone: tuple[LoneLayer, ...]
    sums: tuple[KindSum, ...]
    causes: tuple[ChangeCause, ...]
    withheld: bool


def depthwise_ops(ops: Iterable[SourceOp]) -> frozenset[str]:
    """Names of the grouped convolutions with one input channel per group.

    A source op stores its number of weights, K·(C/g)·R·S for K output channels, and not their
    shape: with one channel per group, weights per output channel are R·S, which is an odd
    square for the usual kernels.
    """
    return frozenset(op.op_name for op in ops if _is_depthwise(op))


def _is_depthwise(op: SourceOp) -> bool:
    if base_type(op.op_type) != "GroupConvolution" or not op.output_shapes:
        return False
    dims = op.output_shapes[0].strip("[]{}").split(",")
    channels = int(dims[1]) if len(dims) > 1 and dims[1].strip().isdecimal() else 0
    if not channels or op.weight_elements % channels:
        return False
    side = math.isqrt(op.weight_elements // channels)
    return side % 2 == 1 and side * side * channels == op.weight_elements


def differences(
    groups: Sequence[Group],
    inserted: Sequence[Inserted],
    attribution: Attribution,
    depthwise: frozenset[str],
) -> Differences:
    """What changed from the baseline's version to the candidate's, the most µs first.

    ``depthwise`` are the names of ``depthwise_ops``. Where the attribution is withheld,
    causes have no times.
    """
    every = [_told(group, depthwise) for group in groups]
    changed = [one.change for one in every if one.change is not None]
    lone = [
        layer
        for group, one in zip(groups, every, strict=True)
        for layer in lone_layers(group, one.kind)
    ]
    alone = [_inserted_change(node) for node in inserted if not node.shared]
    gone = [node for node in alone if node.kind is ChangeKind.REORDER_GONE]
    come = [node for node in alone if node.kind is ChangeKind.REORDER_COME]
    return Differences(
        groups=tuple(sorted(changed, key=lambda change: -abs(change.delta_us))),
        gone=tuple(sorted(gone, key=lambda node: -node.time_us)),
        come=tuple(sorted(come, key=lambda node: -node.time_us)),
        lone=tuple(sorted(lone, key=lambda layer: -layer.time_us)),
        sums=_sums(every, inserted),
        causes=causes_of(every, alone, attribution),
        withheld=attribution.withheld,
    )


@dataclass(frozen=True)
class _Told:
    """What happened to a group; ``change`` tells it in full where anything did."""

    kind: ChangeKind
    delta_us: float
    change: GroupChange | None = None

    @property
    def cause(self) -> str:
        """The change in words; empty where there is none."""
        return self.change.cause if self.change else ""


def _told(group: Group, depthwise: frozenset[str]) -> _Told:
    """Most groups are the same in both versions: of those nothing is put into words."""
    kind = _kind(group)
    change = _group_change(group, kind, depthwise) if kind in _CHANGED else None
    return _Told(kind, group.delta_us, change)


def _group_change(group: Group, kind: ChangeKind, depthwise: frozenset[str]) -> GroupChange:
    is_depthwise = _holds_depthwise(group, depthwise)
    return GroupChange(
        kind=kind,
        label=group.label,
        op_type=group.op_type,
        is_depthwise=is_depthwise,
        from_kernel=_joined(spelled, group.baseline),
        to_kernel=_joined(spelled, group.candidate),
        from_precision=_joined(precision_of, group.baseline),
        to_precision=_joined(precision_of, group.candidate),
        from_layers=tuple(layer.name for layer in group.baseline),
        to_layers=tuple(layer.name for layer in group.candidate),
        before_us=group.baseline_us,
        after_us=group.candidate_us,
        cause=group_cause(group, kind, is_depthwise=is_depthwise),
    )


def _holds_depthwise(group: Group, depthwise: frozenset[str]) -> bool:
    if group.op_type != "GroupConvolution":
        return False
    named = any("_dw" in layer.primitive for layer in (*group.baseline, *group.candidate))
    return named or not depthwise.isdisjoint(group.source_ops)


def _kind(group: Group) -> ChangeKind:
    """The first that fits: fewer or more layers, another precision, another kernel."""
    before, after = group.baseline, group.candidate
    if not before or not after:
        return ChangeKind.UNMATCHED
    if len(before) != len(after):
        fewer = len(after) < len(before)
        return ChangeKind.FUSION_GAINED if fewer else ChangeKind.FUSION_LOST
    if ran_alike(before, after):
        return ChangeKind.SAME
    if all(changed_widths(before, after)):
        return ChangeKind.PRECISION
    return ChangeKind.SAME if same_kernels(before, after) else ChangeKind.KERNEL


def _joined(word: Callable[[LayerSide], str], layers: Iterable[LayerSide]) -> str:
    return " + ".join(dict.fromkeys(word(layer) or "unknown" for layer in layers))


def _inserted_change(node: Inserted) -> InsertedChange:
    come = node.side == CANDIDATE
    return InsertedChange(
        kind=ChangeKind.REORDER_COME if come else ChangeKind.REORDER_GONE,
        name=node.layer.name,
        node_type=canonical_type(node.layer.node_type),
        why=node.kind,
        producer=node.producer,
        consumer=node.consumer,
        time_us=node.layer.time_us,
    )


def _sums(groups: Sequence[Moved], inserted: Sequence[Inserted]) -> tuple[KindSum, ...]:
    """Count and µs by kind, in the order of ``ChangeKind``; kinds that are not there are left out.

    A conversion that both have counts once, by its difference.
    """
    counts: Counter[ChangeKind] = Counter()
    times: dict[ChangeKind, list[float]] = {kind: [] for kind in ChangeKind}
    for change in groups:
        counts[change.kind] += 1
        times[change.kind].append(change.delta_us)
    for node in inserted:
        come = node.side == CANDIDATE
        alone = ChangeKind.REORDER_COME if come else ChangeKind.REORDER_GONE
        kind = ChangeKind.CONVERTED_IN_BOTH if node.shared else alone
        counts[kind] += come or not node.shared
        times[kind].append(node.layer.time_us if come else -node.layer.time_us)
    return tuple(
        KindSum(kind, counts[kind], math.fsum(times[kind])) for kind in ChangeKind if counts[kind]
    )
