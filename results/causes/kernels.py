"""Causes in how a convolution or matrix product of the candidate runs: its precision, its kernel.

One pure function per cause. Each takes only layers that no cause before it has claimed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from results.causes.case import (
    Case,
    Finding,
    claims_of,
    names_of,
    plural,
    precision,
    precisions,
    short,
)
from results.comparison import Group, LayerSide
from results.groups import called_different, heavy_layers
from results.isa import Isa
from results.kinds import is_fallback_kernel, is_float, is_int8, vector_width

_WIDTHS = {
    Isa.SSE42: 128, Isa.AVX2: 256, Isa.AVX2_VNNI: 256,
    Isa.AVX512: 512, Isa.AVX512_VNNI: 512, Isa.AMX: 512,
}  # fmt: skip
"""Bits of the vectors that a kernel for the instruction set uses, at least."""


def fallback_kernel(case: Case) -> Finding | None:
    """An INT8 convolution or product on a kernel of last resort, which float is not on.

    Recoverable is what the layers take over the float kernel's time divided by the
    instruction set's ceiling: an upper bound.
    """
    found: list[LayerSide] = []
    recoverable_us = 0.0
    for group in case.matched():
        layers = _on_fallback(case, group)
        found += layers
        recoverable_us += _over_ceiling_us(case, group, layers)
    if not found:
        return None
    kernels = Counter(layer.primitive for layer in found)
    told = ", ".join(f"{count} on {kernel}" for kernel, count in kernels.most_common())
    worst = max(found, key=lambda layer: layer.time_us)
    return case.finding(found, told, recoverable_us, then=f"; the longest is {short(worst.name)}")


def _on_fallback(case: Case, group: Group) -> list[LayerSide]:
    """Layers of the group on such a kernel; none where float has no better one either."""
    found = [
        layer
        for layer in heavy_layers(group.candidate)
        if is_int8(precision(layer)) and case.free(layer) and _is_fallback(case, layer)
    ]
    twins = heavy_layers(group.baseline) if found else ()
    return [] if any(_is_fallback(case, layer) for layer in twins) or not twins else found


def _is_fallback(case: Case, layer: LayerSide) -> bool:
    """By the kernel's name; or it uses narrower vectors than the device, as capped, has."""
    if is_fallback_kernel(layer.primitive):
        return True
    width = vector_width(layer.primitive)
    return case.isa is not None and width is not None and width < _WIDTHS[case.isa]


def _over_ceiling_us(case: Case, group: Group, layers: Sequence[LayerSide]) -> float:
    """What the layers take over the best that INT8 could make of the float layers."""
    if not layers:
        return 0.0
    best_us = sum(
        layer.time_us / case.gain_over(precision(layer)) for layer in heavy_layers(group.baseline)
    )
    return max(0.0, sum(layer.time_us for layer in layers) - best_us)


def left_in_float(case: Case) -> Finding | None:
    """A convolution or matrix product of the INT8 variant that executes in float.

    Recoverable is what the instruction set's ceiling would take off: an upper bound.
    """
    layers = [
        layer
        for group in case.matched()
        for layer in heavy_layers(group.candidate)
        if is_float(precision(layer)) and case.free(layer)
    ]
    recoverable_us = sum(
        layer.time_us * (1.0 - 1.0 / case.gain_over(precision(layer))) for layer in layers
    )
    told = plural(len(layers), "layer runs", "layers run")
    return case.finding(layers, f"{told} in {precisions(layers)}", recoverable_us)


def slower_kernel(case: Case) -> Finding | None:
    """One-to-one groups whose INT8 kernel takes longer than its float twin.

    Counted are single layers that are called different, and a type of operation that is
    slower as a whole: where all its layers together, the faster ones too, surely lose more
    than the floor (depthwise convolutions often lose a little each).
    """
    twins = _twins_by_type(case)
    found: list[Group] = []
    recoverable_us = 0.0
    for groups in twins.values():
        slower = [group for group in groups if group.delta_us > 0]
        net_us = sum(group.delta_us for group in groups)
        if not _slower_as_a_whole(case, groups):
            slower = [
                group for group in slower if called_different(group, case.candidate_us, case.items)
            ]
            net_us = sum(group.delta_us for group in slower)
        found += slower
        recoverable_us += net_us
    if not found:
        return None
    layers = [group.candidate[0] for group in found]
    totals = {kind: len(groups) for kind, groups in twins.items()}
    return Finding(
        recoverable_us, _slower_words(found, totals), names_of(layers), claims_of(layers)
    )


def _slower_as_a_whole(case: Case, groups: Sequence[Group]) -> bool:
    """Whether several layers together lose more than the floor, and more than they scatter by.

    The intervals of single layers add up as independent errors do where the profile launches
    took turns: the machine's pace is then common to both sides of a round, and divided out.
    Where they did not, it is in all layers of a launch alike, and the intervals simply add
    up. Without intervals the floor decides.
    """
    net_us = sum(group.delta_us for group in groups)
    if len(groups) == 1 or net_us <= case.floor_us:
        return False
    halves = [
        (group.delta_high_us - group.delta_low_us) / 2.0
        for group in groups
        if group.delta_low_us is not None and group.delta_high_us is not None
    ]
    return net_us > (math.hypot(*halves) if case.in_turns else math.fsum(halves))


def _twins_by_type(case: Case) -> dict[str, list[Group]]:
    """One-to-one groups that run in INT8, by the type of their operation, unclaimed."""
    twins: dict[str, list[Group]] = {}
    for group in case.groups:
        if len(group.candidate) != 1 or len(group.baseline) != 1:
            continue
        mine, twin = group.candidate[0], group.baseline[0]
        in_int8 = is_int8(precision(mine)) and not is_int8(precision(twin))
        if in_int8 and case.free(mine):
            twins.setdefault(group.op_type, []).append(group)
    return twins


def _slower_words(slower: Sequence[Group], totals: dict[str, int]) -> str:
    worst = max(slower, key=lambda group: group.delta_us)
    counts = Counter(group.op_type for group in slower)
    kinds = ", ".join(f"{count} of {totals[kind]} {kind}" for kind, count in counts.most_common())
    verb = "takes" if len(slower) == 1 else "take"
    return (
        f"{kinds} {verb} longer in INT8; worst: {short(worst.label)},"
        f" {worst.baseline[0].primitive} {worst.baseline_us:.0f} µs ->"
        f" {worst.candidate[0].primitive} {worst.candidate_us:.0f} µs"
    )
