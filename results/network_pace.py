"""What brings the layers of a network's arms to the pace of their headlines.

Profile launches run at other minutes than the timing blocks, with counters on, and their times
are those of an inference, where the headline of a throughput cell tells an item. Pure: totals, a
comparison and launches in, divisors out; how a comparison is brought to its pace stands in
``results.pace``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from results.comparison import Comparison
from results.overview_rows import ArmTime
from results.pace import profile_ms
from results.per_item import items_of
from results.views import LaunchView

AS_READ = 1.0
"""The divisor where nothing tells the pace."""


def divisors(
    arms: Sequence[ArmTime],
    totals_us: Mapping[str, float],
    compared: Comparison | None,
    launches: Sequence[LaunchView],
) -> dict[str, float]:
    """By cell, what the times of its layers have to be divided by.

    The sides of the comparison then add up to what they add up to there. The layers of any
    other arm, which ``totals_us`` sums by cell as they were read, are divided by how many times
    as long as its headline its profile launches took; ``launches`` are those of their runs.
    """
    paced = _totals_us(compared) if compared else {}
    return {
        cell_id: by if by > 0 and math.isfinite(by) else AS_READ
        for arm in arms
        for cell_id in (arm.cell.cell_id,)
        for by in (
            totals_us.get(cell_id, 0.0) / paced[cell_id]
            if paced.get(cell_id)
            else _own(arm, launches),
        )
    }


def _totals_us(compared: Comparison) -> dict[str, float]:
    """What the layers of both sides of a comparison add up to, at its pace."""
    sides = (
        (compared.baseline, compared.baseline_precisions),
        (compared.candidate, compared.candidate_precisions),
    )
    return {cell.cell_id: math.fsum(one.time_us for one in parts) for cell, parts in sides}


def _own(arm: ArmTime, launches: Sequence[LaunchView]) -> float:
    wall_ms = profile_ms(arm.cell, launches, ())
    if wall_ms is None or not arm.median_ms:
        return AS_READ
    return items_of(arm.cell, launches) * wall_ms / arm.median_ms
