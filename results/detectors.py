"""What must be seen for each cause: one pure function per cause, over an aligned pair.

A detector returns what it found, or None. It takes only layers of the candidate
that no cause before it has claimed (``Case.free``), and claims what it counts. Words
for people about the cause itself stand in ``results.causes``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.comparison import CellView, Group, GroupClass, Inserted, InsertedKind, LayerSide
from results.groups import heavy_layers
from results.inserted import CANDIDATE
from results.isa import Ceiling, best_isa, ceiling, has_int8_instructions
from results.kinds import (
    CONVERSION_TYPES,
    is_float,
    is_half,
    is_int8,
    is_lone_activation,
)

FLOOR_US = 20.0
FLOOR_SHARE = 0.01
"""A single layer is called slower above the larger of the two, 20 µs or 1 % of the time."""
TOLD_SHARE = 0.005
"""Layers that together take less of the candidate's time are no cause worth a line."""
LITTLE_SHARE = 0.5
UNKNOWN_GAIN = 2.0
"""Gain assumed for a layer left in float where the CPU's flags are not known."""

LayerKey = tuple[int, str]


@dataclass(frozen=True)
class Finding:
    """What a detector saw: µs that could be won back, the evidence, the layers it claims."""

    recoverable_us: float
    evidence: str
    layers: tuple[str, ...] = ()
    claims: frozenset[LayerKey] = frozenset()


@dataclass(frozen=True)
class Case:
    """An aligned pair, INT8 against float, and the candidate's layers already claimed."""

    baseline: CellView
    candidate: CellView
    candidate_us: float
    groups: tuple[Group, ...]
    inserted: tuple[Inserted, ...]
    claimed: frozenset[LayerKey]

    def free(self, layer: LayerSide) -> bool:
        """Whether no cause before has claimed this layer of the candidate."""
        return _key(layer) not in self.claimed

    def added(self) -> tuple[Inserted, ...]:
        """Inserted nodes of the candidate that the baseline lacks there, unclaimed."""
        return tuple(
            node
            for node in self.inserted
            if node.side == CANDIDATE and not node.shared and self.free(node.layer)
        )


def lone_fake_quantize(case: Case) -> Finding | None:
    """FakeQuantize, or a Subgraph of nothing else, executed as a node of its own."""
    layers = [node.layer for node in case.added() if node.kind is InsertedKind.QUANTIZE]
    verb = "layer only quantises" if len(layers) == 1 else "layers only quantise"
    return _layers_finding(case, layers, f"{len(layers)} {verb}: {_us(layers)}")


def inserted_reorders(case: Case) -> Finding | None:
    """Reorders and Converts in the candidate where the baseline has none."""
    nodes = [node for node in case.added() if node.layer.node_type in CONVERSION_TYPES]
    kinds = Counter(node.kind.value for node in nodes)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    layers = [node.layer for node in nodes]
    noun = "conversion" if len(nodes) == 1 else "conversions"
    return _layers_finding(case, layers, f"{len(nodes)} {noun} ({told}): {_us(layers)}")


def unfused_activation(case: Case) -> Finding | None:
    """An activation that is a layer of its own in INT8 and part of another in float."""
    layers = [
        layer
        for group in case.groups
        if group.baseline and not any(is_lone_activation(b.op_types) for b in group.baseline)
        for layer in group.candidate
        if is_lone_activation(layer.op_types) and case.free(layer)
    ]
    kinds = ", ".join(sorted({name for layer in layers for name in layer.op_types}))
    noun = "layer" if len(layers) == 1 else "layers"
    return _layers_finding(case, layers, f"{len(layers)} {noun} of {kinds} alone: {_us(layers)}")


def left_in_float(case: Case) -> Finding | None:
    """A convolution or matrix product of the INT8 variant that executes in float.

    Recoverable is what the instruction set's ceiling would take off: an upper bound.
    """
    layers = [
        layer
        for group in case.groups
        if group.baseline
        for layer in heavy_layers(group.candidate)
        if is_float(layer.runtime_precision) and case.free(layer)
    ]
    if not layers:
        return None
    precisions = ", ".join(sorted({layer.runtime_precision for layer in layers}))
    noun = "layer runs" if len(layers) == 1 else "layers run"
    recoverable = sum(layer.time_us * (1.0 - 1.0 / _gain(case, layer)) for layer in layers)
    finding = _layers_finding(case, layers, f"{len(layers)} {noun} in {precisions}: {_us(layers)}")
    return finding and Finding(recoverable, finding.evidence, finding.layers, finding.claims)


def slower_kernel(case: Case) -> Finding | None:
    """One-to-one groups whose INT8 kernel takes longer than its float twin.

    Counted are single layers above the floor, and a type of operation that is slower
    as a whole: where all its layers together, the faster ones too, lose more than the
    floor (depthwise convolutions often lose a little each).
    """
    floor_us = max(FLOOR_US, FLOOR_SHARE * case.candidate_us)
    found: list[Group] = []
    recoverable_us = 0.0
    for groups in _twins_by_type(case).values():
        slower = [group for group in groups if group.delta_us > 0]
        net_us = sum(group.delta_us for group in groups)
        if net_us <= floor_us:
            slower = [group for group in slower if group.delta_us > floor_us]
            net_us = sum(group.delta_us for group in slower)
        found += slower
        recoverable_us += net_us
    if not found:
        return None
    layers = [group.candidate[0] for group in found]
    return Finding(
        recoverable_us,
        _slower_words(found, case),
        tuple(layer.name for layer in layers),
        _claims(layers),
    )


def _twins_by_type(case: Case) -> dict[str, list[Group]]:
    """One-to-one groups that run in INT8, by the type of their operation, unclaimed."""
    twins: dict[str, list[Group]] = {}
    for group in case.groups:
        is_pair = len(group.candidate) == len(group.baseline) == 1
        in_int8 = group.group_class in {GroupClass.INT8_SLOWER, GroupClass.INT8_FASTER}
        if not is_pair or not in_int8 or not case.free(group.candidate[0]):
            continue
        if is_int8(group.candidate[0].runtime_precision):
            twins.setdefault(group.op_type, []).append(group)
    return twins


def _slower_words(slower: Sequence[Group], case: Case) -> str:
    worst = max(slower, key=lambda group: group.delta_us)
    totals = Counter({kind: len(groups) for kind, groups in _twins_by_type(case).items()})
    counts = Counter(group.op_type for group in slower)
    kinds = ", ".join(f"{count} of {totals[kind]} {kind}" for kind, count in counts.most_common())
    return (
        f"{kinds} slower in INT8; worst: {worst.label},"
        f" {worst.baseline[0].primitive} {worst.baseline_us:.0f} µs ->"
        f" {worst.candidate[0].primitive} {worst.candidate_us:.0f} µs"
    )


def lost_fusion(case: Case) -> Finding | None:
    """Groups that are more layers in the candidate; the extra ones are the price.

    Recoverable is all but the longest layer of each group, and no more than the
    group lost. At least the floor of a single layer, so that noise is no cause.
    """
    groups = [
        group
        for group in case.groups
        if group.baseline and len(group.candidate) > len(group.baseline) and group.delta_us > 0
    ]
    extra = [layer for group in groups for layer in _all_but_longest(group) if case.free(layer)]
    free_us = sum(
        min(group.delta_us, sum(x.time_us for x in _all_but_longest(group) if case.free(x)))
        for group in groups
    )
    if not extra or free_us <= max(FLOOR_US, FLOOR_SHARE * case.candidate_us):
        return None
    noun = "group is" if len(groups) == 1 else "groups are"
    return Finding(
        free_us,
        f"{len(groups)} {noun} split into more layers than in float: {_us(extra)} in the extra",
        tuple(layer.name for layer in extra),
        _claims(extra),
    )


def no_int8_instructions(case: Case) -> Finding | None:
    """A CPU, or a cap, without VNNI and AMX."""
    cell = case.candidate
    isa = best_isa(cell.isa_flags, cell.isa_cap)
    top = ceiling(cell.isa_flags, cell.isa_cap, "f32")
    if isa is None or top is None or has_int8_instructions(isa):
        return None
    because = f"capped to {cell.isa_cap}" if cell.isa_cap else f"the best is {isa}"
    return Finding(0.0, f"no VNNI and no AMX ({because}): at most {_times(top)} over f32")


def baseline_is_bf16(case: Case) -> Finding | None:
    """Most of the baseline's convolution and matrix time ran in bf16 or f16."""
    heavy = [layer for group in case.groups for layer in heavy_layers(group.baseline)]
    half = [layer for layer in heavy if is_half(layer.runtime_precision)]
    total, in_half = _sum_us(heavy), _sum_us(half)
    if not total or in_half <= 0.5 * total:
        return None
    names = " and ".join(sorted({layer.runtime_precision for layer in half}))
    return Finding(
        0.0,
        f"{case.baseline.arm} spends {100 * in_half / total:.0f} % of its convolution and matrix"
        f" time in {names}",
    )


def little_to_gain(case: Case) -> Finding | None:
    """Convolutions and matrix products are under half of the float time; Amdahl's bound."""
    layers = [layer for group in case.groups for layer in group.baseline]
    removed = [node.layer for node in case.inserted if node.side != CANDIDATE]
    total = _sum_us([*layers, *removed])
    share = _sum_us(heavy_layers(layers)) / total if total else 1.0
    if share >= LITTLE_SHARE:
        return None
    free = 1.0 / (1.0 - share)
    return Finding(
        0.0,
        f"convolutions and matrix products are {100 * share:.0f} % of the float time: even if"
        f" they took none, the model would be {free:.2f}x as fast at most",
    )


def _layers_finding(case: Case, layers: Sequence[LayerSide], evidence: str) -> Finding | None:
    """All the time of these layers; None where it is next to nothing."""
    total = _sum_us(layers)
    if total <= 0 or total < TOLD_SHARE * case.candidate_us:
        return None
    return Finding(total, evidence, tuple(layer.name for layer in layers), _claims(layers))


def _all_but_longest(group: Group) -> tuple[LayerSide, ...]:
    longest = max(group.candidate, key=lambda layer: layer.time_us)
    return tuple(layer for layer in group.candidate if layer is not longest)


def _gain(case: Case, layer: LayerSide) -> float:
    top = ceiling(case.candidate.isa_flags, case.candidate.isa_cap, layer.runtime_precision)
    return UNKNOWN_GAIN if top is None else min(top.high, top.memory)


def _times(top: Ceiling) -> str:
    return f"{top.low:g}x" if top.low == top.high else f"{top.low:g}-{top.high:g}x"


def _key(layer: LayerSide) -> LayerKey:
    return layer.node_index, layer.name


def _claims(layers: Iterable[LayerSide]) -> frozenset[LayerKey]:
    return frozenset(_key(layer) for layer in layers)


def _sum_us(layers: Iterable[LayerSide]) -> float:
    return sum(layer.time_us for layer in layers)


def _us(layers: Iterable[LayerSide]) -> str:
    return f"{_sum_us(layers):.0f} µs"
