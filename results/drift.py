"""How the headlines of a run's launches move with time, so that a drift can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from results.views import LaunchView


@dataclass(frozen=True)
class DriftPoint:
    """A good timing launch: minutes since the run's first one, and how far it is off.

    ``deviation`` is its headline over the median of those of the cell's launches, less 1.
    """

    cell_id: str
    block: int | None
    attempt: int
    minutes: float
    headline_ms: float
    deviation: float


def drift(launches: Sequence[LaunchView]) -> tuple[DriftPoint, ...]:
    """The timing launches of one run as points in time order; failed ones are left out."""
    timed = [
        (launch, launch.headline_ms)
        for launch in launches
        if launch.kind == "timing" and launch.ok and launch.headline_ms is not None
    ]
    if not timed:
        return ()
    first = min(launch.started_at for launch, _ in timed)
    by_cell: dict[str, list[float]] = {}
    for launch, headline_ms in timed:
        by_cell.setdefault(launch.cell_id, []).append(headline_ms)
    middle = {cell_id: median(values) for cell_id, values in by_cell.items()}
    return tuple(
        DriftPoint(
            cell_id=launch.cell_id,
            block=launch.block,
            attempt=launch.attempt,
            minutes=(launch.started_at - first).total_seconds() / 60.0,
            headline_ms=headline_ms,
            deviation=headline_ms / middle[launch.cell_id] - 1.0,
        )
        for launch, headline_ms in sorted(timed, key=lambda pair: pair[0].started_at)
    )
