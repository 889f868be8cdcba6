"""Layer times brought to the pace of the headline that they are to explain.

Profile launches run at other minutes than the timing blocks, with the counters on, and a
machine changes its pace. A layer of 100 µs says little beside a wall clock that ran twice as
fast. Here the sides are scaled; what the scaled layers mean is for others. How and why:
docs/method.md.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from results.comparison import CellView, Comparison, Estimate, Pace
from results.graph import ExecGraph
from results.nodes import Side
from results.views import LaunchView

PROFILE = "profile"
"""The kind of a launch with counters on."""
_TIMING = "timing"
AS_READ = Pace(1.0, 1.0, 1.0, 1.0)
"""Nothing is scaled: the wall clock of a profile launch is not known on both sides."""


@dataclass(frozen=True)
class Profiled:
    """A cell with its layers and the launches of its run."""

    cell: CellView
    side: Side
    launches: Sequence[LaunchView]

    @property
    def wall_ms(self) -> float | None:
        """What an inference, or an item, took with counters on: median of the launches' headlines.

        Launches whose layers are not used, as those of a round that was measured again, are
        left out where there are others. None where no launch tells it.
        """
        return profile_ms(self.cell, self.launches, {node.launch_id for node in self.side.nodes})


def profile_ms(
    cell: CellView, launches: Sequence[LaunchView], profiled: Collection[str]
) -> float | None:
    """Median headline of a cell's profile launches in ms, of those in ``profiled`` if any are."""
    found = [
        (launch.launch_id in profiled, launch.headline_ms)
        for launch in launches
        if launch.cell_id == cell.cell_id and launch.kind == PROFILE and launch.headline_ms
    ]
    used_ms = [ms for used, ms in found if used] or [ms for _, ms in found]
    return median(used_ms) if used_ms else None


def pace_of(baseline: Profiled, candidate: Profiled, estimate: Estimate, *, in_turns: bool) -> Pace:
    """How much slower each side ran with its counters on than in the headline, and the remedy.

    Sides that were profiled ``in_turns`` with each other met the same pace, so both are divided
    by the one number √(a·b): two equal programs then still differ by nothing but chance, and
    what is left between a and b is unattributed. Sides that were not are each divided by their
    own. ``AS_READ`` where a side's wall clock with counters is not known.
    """
    walls_ms = baseline.wall_ms, candidate.wall_ms
    if walls_ms[0] is None or walls_ms[1] is None:
        return AS_READ
    a, b = walls_ms[0] / estimate.baseline_ms, walls_ms[1] / estimate.candidate_ms
    common = math.sqrt(a * b)
    return Pace(a, b, common, common) if in_turns else Pace(a, b, a, b)


def at_pace(side: Side, divisor: float) -> Side:
    """The side with its times divided; as it is where there is nothing to divide by."""
    return side if divisor == 1.0 else side.scaled(1.0 / divisor)


def side_pace(comparison: Comparison, cell_id: str) -> float:
    """What the layers' times of this side of a comparison were divided by."""
    pace = comparison.pace or AS_READ
    return pace.baseline_by if cell_id == comparison.baseline.cell_id else pace.candidate_by


def own_pace(cell: CellView, launches: Sequence[LaunchView]) -> float:
    """How many times as long a cell took with counters on as without, by its own launches.

    Median over median; 1 where either is not known, and nothing is to be brought to a pace.
    """
    with_counters_ms = profile_ms(cell, launches, ())
    timed_ms = [
        launch.headline_ms
        for launch in launches
        if launch.cell_id == cell.cell_id and launch.kind == _TIMING and launch.headline_ms
    ]
    return with_counters_ms / median(timed_ms) if with_counters_ms and timed_ms else 1.0


def graph_at_pace(graph: ExecGraph, divisor: float) -> ExecGraph:
    """The graph with its layers' times divided; their shares stay."""
    if divisor == 1.0:
        return graph
    nodes = (
        replace(node, layer=replace(node.layer, time_us=node.layer.time_us / divisor))
        for node in graph.nodes
    )
    return replace(graph, nodes=tuple(nodes))


def table_at_pace(rows: pa.Table, divisor: float) -> pa.Table:
    """The rows with their ``time_us`` divided."""
    place = rows.column_names.index("time_us")
    return rows.set_column(place, "time_us", pc.divide(rows["time_us"], divisor))
