"""In which precision a cell really ran: shares of its executed time, and whether it is as asked.

What was asked for is no evidence: a device may run an f32 file in bf16, and an INT8 file
in float. Looks at the executed layers only; when it is asked, and where what it finds
is stored or shown, is decided by the collector and by ``results.trust``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from results import format as fmt
from results.comparison import LayerSide, PrecisionShare
from results.facts import ExecNode
from results.kinds import (
    CONVERSION_TYPES,
    INPUT_TYPES,
    OUTPUT_TYPES,
    is_half,
    is_int8,
    is_int8_variant,
    is_quantise,
)
from results.nodes import median_nodes

NOT_AS_ASKED = "precision_not_as_asked"
_SHOWN_SHARE = 0.001
"""A precision below this share of the time is left out of the words."""


def executed_layers(nodes: Sequence[ExecNode]) -> tuple[LayerSide, ...]:
    """Layers that ran at inference, with the median of their time over the profile launches."""
    return tuple(node.layer for node in median_nodes(nodes) if node.executed)


def precision_times(layers: Sequence[LayerSide]) -> tuple[PrecisionShare, ...]:
    """Layers, their time and share of all executed time by precision, the longest first.

    Shares are 0 where no layer took a microsecond.
    """
    total_us = math.fsum(layer.time_us for layer in layers)
    found: dict[str, list[float]] = {}
    for layer in layers:
        found.setdefault(layer.runtime_precision, []).append(layer.time_us)
    shares = [
        PrecisionShare(name, len(times), math.fsum(times), _share(math.fsum(times), total_us))
        for name, times in found.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.time_us, share.precision)))


def precision_words(shares: Sequence[PrecisionShare]) -> str:
    """``bf16 98 %, f32 2 %``; precisions that take under 0.1 % of the time are left out."""
    told = [share for share in shares if share.share >= _SHOWN_SHARE]
    if not told:
        return ", ".join(share.precision for share in shares) or fmt.UNKNOWN
    return ", ".join(f"{share.precision} {whole_percent(share.share)}" for share in told)


def precision_caution(
    arm: str, precision: str, variant_kind: str, nodes: Sequence[ExecNode]
) -> tuple[str, str] | None:
    """The id and the detail of the caution that the executed layers of a cell call for, if any.

    What was asked to run in ``f32`` must not execute any layer in bf16 or f16, and what was
    asked to run in those must execute one; an INT8 variant must compute something in INT8,
    and conversions from or to INT8 are no computing. ``nodes`` are those of all profile
    launches of the cell in a run; without any executed layer nothing is known and nothing
    is said.
    """
    return layers_caution(arm, precision, variant_kind, executed_layers(nodes))


def layers_caution(
    arm: str, precision: str, variant_kind: str, layers: Sequence[LayerSide]
) -> tuple[str, str] | None:
    """The same from layers that are at hand already, as ``executed_layers`` has them."""
    if not layers:
        return None
    if is_int8_variant(variant_kind) and not any(_computes_in_int8(layer) for layer in layers):
        return NOT_AS_ASKED, f"no layer of {arm} ran in INT8 ({_ran_in(layers)})"
    half = [layer for layer in layers if is_half(layer.runtime_precision)]
    if precision == "f32" and half:
        return NOT_AS_ASKED, _half_words(arm, half, layers)
    if is_half(precision) and not half:
        return NOT_AS_ASKED, f"no layer of {arm} ran in {precision} ({_ran_in(layers)})"
    return None


def _computes_in_int8(layer: LayerSide) -> bool:
    if layer.node_type in CONVERSION_TYPES | INPUT_TYPES | OUTPUT_TYPES:
        return False
    return is_int8(layer.runtime_precision) and not is_quantise(
        layer.node_type, layer.original_names
    )


def _half_words(arm: str, half: Sequence[LayerSide], layers: Sequence[LayerSide]) -> str:
    names = " and ".join(sorted({layer.runtime_precision for layer in half}))
    spent_us = math.fsum(layer.time_us for layer in half)
    total_us = math.fsum(layer.time_us for layer in layers)
    counted = f"{len(half)} of {len(layers)} layers of {arm} ran in {names}"
    return f"{counted}, {whole_percent(_share(spent_us, total_us))} of the time"


def _ran_in(layers: Sequence[LayerSide]) -> str:
    return precision_words(precision_times(layers))


def _share(part_us: float, total_us: float) -> float:
    return part_us / total_us if total_us > 0 else 0.0


def whole_percent(share: float) -> str:
    """Whole per cents: ``98 %``; a digit more where that would read 0 or 100."""
    value = 100.0 * share
    near_an_end = 0.0 < value < 1.0 or 99.5 <= value < 100.0
    return f"{value:.1f} %" if near_an_end else f"{value:.0f} %"
