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
from results.versions.change_shapes import (
    LEAST_TOLD_US,
    ChangeCause,
    ChangeKind,
    InsertedChange,
    Moved,
)
from results.versions.kernels import Kernel, changed_kernels, changed_widths

LEAST_SHARE = 0.01
"""Layers that moved less of the difference than this are told as no cause."""
SAME_SHARE = 0.1
"""The same kernels are told as a cause where they moved at least this share of it."""
LEAST_US = 1.0
"""Counters are whole µs: the same kernels that took less than one more or less are the same."""
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
            before, after = changed_widths(group.baseline, group.candidate)
            return f"{family} from {_named(before, _stem)} to {_named(after, _stem)} kernels"
        case ChangeKind.KERNEL:
            before, after = changed_kernels(group.baseline, group.candidate)
            word = _kernel_words(before, after)
            return f"{family} from {_named(before, word)} to {_named(after, word)} kernels"
        case ChangeKind.FUSION_GAINED:
            return f"{_moved(group.baseline, group.candidate)} fused into {family}"
        case ChangeKind.FUSION_LOST:
            return f"{_moved(group.candidate, group.baseline)} no longer fused into {family}"
        case ChangeKind.UNMATCHED:
            return UNMATCHED
        case _:
            return ""


def causes_of(
    groups: Sequence[Moved], alone: Sequence[InsertedChange], attribution: Attribution
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
    found += [
        cause
        for cause in _summed((_conversion_words(node), _signed_us(node)) for node in alone)
        if attribution.withheld or abs(cause.delta_us or 0.0) >= LEAST_TOLD_US
    ]
    if attribution.withheld:
        return tuple(ChangeCause(cause.text, cause.count, None) for cause in found)
    found += _same_kernels(groups, attribution.wall_us)
    return tuple(sorted(found, key=lambda cause: (-abs(cause.delta_us or 0.0), cause.text)))


def _summed(parts: Iterable[tuple[str, float]]) -> list[ChangeCause]:
    times_us: dict[str, list[float]] = {}
    for text, us in parts:
        times_us.setdefault(text, []).append(us)
    return [ChangeCause(text, len(times), math.fsum(times)) for text, times in times_us.items()]


def _same_kernels(groups: Sequence[Moved], wall_us: float) -> list[ChangeCause]:
    times_us = [change.delta_us for change in groups if change.kind is ChangeKind.SAME]
    total_us = math.fsum(times_us)
    if abs(total_us) < max(SAME_SHARE * abs(wall_us), LEAST_US):
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


def _kernel_words(before: Sequence[Kernel], after: Sequence[Kernel]) -> Callable[[Kernel], str]:
    """The kernel's name; with the layer's type where the two sides differ in that too."""
    types = [{kernel.node_type for kernel in side} for side in (before, after)]
    if types[0] == types[1]:
        return _stem
    return lambda kernel: f"{kernel.node_type} {kernel.stem}"


def _named(kernels: Iterable[Kernel], word: Callable[[Kernel], str]) -> str:
    return _listed(map(word, kernels))


def _stem(kernel: Kernel) -> str:
    return kernel.stem


def _moved(apart: Sequence[LayerSide], fused: Sequence[LayerSide]) -> str:
    """The types of the operations that have layers of their own on one side only.

    An operation that both sides run by itself was not fused. Where no type tells it, as with
    two convolutions in one layer, those of all layers but the main one.
    """
    types = _types(besides(apart)) - _types(besides(fused))
    return _listed(types or _types(all_but_main(apart)))


def besides(layers: Sequence[LayerSide]) -> list[LayerSide]:
    """The layers that run beside those which others are fused into: none of the heavy ones."""
    heavy = heavy_layers(layers) or [_main(layers)]
    return [layer for layer in layers if not any(layer is host for host in heavy)]


def all_but_main(layers: Sequence[LayerSide]) -> list[LayerSide]:
    """All layers but the one that takes most time, of the heavy ones if there are any."""
    return [layer for layer in layers if layer is not _main(layers)]


def _main(layers: Sequence[LayerSide]) -> LayerSide:
    return max(heavy_layers(layers) or layers, key=lambda layer: layer.time_us)


def operations_of(layer: LayerSide) -> tuple[str, ...]:
    """The types of the operations that a layer carries, its own where it names none."""
    return tuple(map(base_type, layer.op_types or (canonical_type(layer.node_type),)))


def _types(layers: Iterable[LayerSide]) -> Counter[str]:
    return Counter(name for layer in layers for name in operations_of(layer))


def _listed(words: Iterable[str]) -> str:
    return " and ".join(sorted(set(words)))
