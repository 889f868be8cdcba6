"""What the layers say for a checklist: time in convolutions, and conversions.

Pure: a comparison, or the layers of a float cell alone, in. Counters leave out what runs between
layers, so that the layers' sum is not an inference; how much of one they are is what counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from results.comparison import Comparison, Inserted, InsertedKind, LayerSide
from results.groups import heavy_layers
from results.inserted import BASELINE, CANDIDATE
from results.kinds import CONVERSION_TYPES
from results.readiness.shapes import Conversions, HeavyTime


def heavy_time(arm: str, layers: Sequence[LayerSide], wall_us: float) -> HeavyTime | None:
    """What convolutions and matrix products take of an inference; None without layers.

    ``wall_us`` is what an inference took in the launches that timed the layers. Counters that
    add up to more than that, as with layers that run side by side, count by themselves.
    """
    if not layers:
        return None
    return HeavyTime(arm, _sum_us(heavy_layers(layers)), max(_sum_us(layers), wall_us))


def heavy_of_baseline(comparison: Comparison) -> HeavyTime | None:
    """The same of a comparison's baseline; None where it has no layers there.

    Its layers' times were divided by the pace of the rounds (``Comparison.pace``), so what an
    inference took with counters on is divided by that too.
    """
    grouped = [layer for group in comparison.groups for layer in group.baseline]
    layers = (*grouped, *_sourceless(comparison, BASELINE))
    pace = comparison.pace
    wall_us = comparison.estimate.baseline_ms * 1000.0
    if pace is not None:
        wall_us *= pace.baseline / pace.baseline_by
    return heavy_time(comparison.baseline.arm, layers, wall_us)


def conversions_of(comparison: Comparison) -> Conversions | None:
    """What the candidate converts and the baseline does not; None where no layers were matched.

    Reorders and Converts of every kind count, because INT8 and float kernels want other
    layouts too, and lone FakeQuantizes; conversions of constants do not.
    """
    if not comparison.groups:
        return None
    added = [one for one in comparison.inserted if one.side == CANDIDATE and not one.shared]
    found = [one.layer for one in added if is_conversion(one)]
    grouped = [layer for group in comparison.groups for layer in group.candidate]
    total_us = _sum_us([*grouped, *_sourceless(comparison, CANDIDATE)])
    return Conversions(comparison.baseline.arm, len(found), _sum_us(found), total_us)


def is_conversion(one: Inserted) -> bool:
    """Whether an inserted layer converts or only quantises; of a constant it counts for neither."""
    if one.kind is InsertedKind.CONSTANT:
        return False
    return one.kind is InsertedKind.QUANTIZE or one.layer.node_type in CONVERSION_TYPES


def _sourceless(comparison: Comparison, side: str) -> list[LayerSide]:
    return [one.layer for one in comparison.inserted if one.side == side]


def _sum_us(layers: Iterable[LayerSide]) -> float:
    return math.fsum(layer.time_us for layer in layers)
