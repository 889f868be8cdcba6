"""The changes of a cell in words that fit every cell that has them, so that they are told once.

``depthwise convolutions from f32 to int8 kernels``, ``Reorders gone``: no names of layers and
no numbers. What changed is decided in ``results.versions.differences``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from results.comparison import Attribution, Group, LayerSide
from results.groups import heavy_layers
from results.kinds import base_type, canonical_type
from results.versions.kernels import kernel_of, stem_of, width_of
from results.versions.shapes import ChangeCause, ChangeKind, GroupChange, InsertedChange

LEAST_SHARE = 0.01
"""Layers that moved less of the difference than this are told as no cause."""
SAME_SHARE = 0.1
"""The same kernels are told as a cause where they moved at least this share of it."""
SAME_KERNELS_FASTER = "the same kernels take less time"
SAME_KERNELS_SLOWER = "the same kernels take more time"
UNMATCHED = "layers without a partner in the other version"

_FAMILIES = {
    "Convolution": "convolutions",
    "GroupConvolution": "grouped convolutions",
    "ConvolutionBackpropData": "transposed convolutions",
    "GroupConvolutionBackpropData": "transposed convolutions",
    "MatMul": "matrix products",
    "FullyConnected": "matrix products",
}
_DEPTHWISE = "depthwise convolutions"


def group_cause(group: Group, kind: ChangeKind, *, is_depthwise: bool) -> str:
    """What happened to a group; empty where nothing did."""
    family = _DEPTHWISE if is_depthwise else _family(group.op_type)
    match kind:
        case ChangeKind.PRECISION:
            return f"{family} from {_differing(width_of, group)} kernels"
        case ChangeKind.KERNEL:
            return f"{family} from {_differing(_kernel_words(group), group)} kernels"
        case ChangeKind.FUSION_GAINED:
            return f"{_extra(group.baseline)} fused into {family}"
        case ChangeKind.FUSION_LOST:
            return f"{_extra(group.candidate)} no longer fused into {family}"
        case ChangeKind.UNMATCHED:
            return UNMATCHED
        case _:
            return ""


def causes_of(
    groups: Sequence[GroupChange], alone: Sequence[InsertedChange], attribution: Attribution
) -> tuple[ChangeCause, ...]:
    """The causes of a cell, the most µs first; equal ones together.

    Where the layers explain nothing (withheld) none has a time, and what would be told for
    its time alone, that the same kernels took another, is left out.
    """
    floor_us = LEAST_SHARE * abs(attribution.wall_us)
    found = [
        cause
        for cause in _summed((change.cause, change.delta_us) for change in groups if change.cause)
        if attribution.withheld or abs(cause.delta_us or 0.0) >= floor_us
    ]
    found += _summed((_conversion_words(node), _signed_us(node)) for node in alone)
    if attribution.withheld:
        return tuple(ChangeCause(cause.text, cause.count, None) for cause in found)
    found += _same_kernels(groups, attribution.wall_us)
    return tuple(sorted(found, key=lambda cause: (-abs(cause.delta_us or 0.0), cause.text)))


def _summed(parts: Iterable[tuple[str, float]]) -> list[ChangeCause]:
    times_us: dict[str, list[float]] = {}
    for text, us in parts:
        times_us.setdefault(text, []).append(us)
    return [ChangeCause(text, len(times), math.fsum(times)) for text, times in times_us.items()]


def _same_kernels(groups: Sequence[GroupChange], wall_us: float) -> list[ChangeCause]:
    times_us = [change.delta_us for change in groups if change.kind is ChangeKind.SAME]
    total_us = math.fsum(times_us)
    if not times_us or abs(total_us) < SAME_SHARE * abs(wall_us) or total_us == 0:
        return []
    text = SAME_KERNELS_FASTER if total_us < 0 else SAME_KERNELS_SLOWER
    return [ChangeCause(text, len(times_us), total_us)]


def _conversion_words(node: InsertedChange) -> str:
    return f"{node.node_type}s {'come' if node.kind is ChangeKind.REORDER_COME else 'gone'}"


def _signed_us(node: InsertedChange) -> float:
    return node.time_us if node.kind is ChangeKind.REORDER_COME else -node.time_us


def _family(op_type: str) -> str:
    base = base_type(op_type)
    return _FAMILIES.get(base, f"{base} layers")


def _differing(word: Callable[[LayerSide], str], group: Group) -> str:
    """``f32 to int8``: what only one side has; all of both where that tells nothing."""
    before, after = Counter(map(word, group.baseline)), Counter(map(word, group.candidate))
    left, right = before - after or before, after - before or after
    return f"{_listed(left)} to {_listed(right)}"


def _kernel_words(group: Group) -> Callable[[LayerSide], str]:
    """The kernel's name; with the layer's type where the two sides differ in that too."""
    types = [
        {kernel_of(layer).node_type for layer in side} for side in (group.baseline, group.candidate)
    ]
    if types[0] == types[1]:
        return stem_of
    return lambda layer: f"{kernel_of(layer).node_type} {stem_of(layer)}"


def _extra(layers: Sequence[LayerSide]) -> str:
    """The types of the operations that all layers but the main one carry."""
    main = max(heavy_layers(layers) or layers, key=lambda layer: layer.time_us)
    types = [
        base_type(name)
        for layer in layers
        if layer is not main
        for name in (layer.op_types or (canonical_type(layer.node_type),))
    ]
    return _listed(types)


def _listed(words: Iterable[str]) -> str:
    return " and ".join(sorted(set(words)))
