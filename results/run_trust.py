"""How far the numbers of one run can be trusted: what failed, what was not steady, what is told.

Pure. When a cell counts as unsteady is said in ``results.trust``, the words of cautions stand
in ``results.cautions``; the same for every run of a store is ``results.run_queries``'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from results.comparison import CellView, ShownCaution
from results.drift import Pace, pace, told_cautions
from results.facts import Caution
from results.format import count, counted, percent
from results.trust import UNSTEADY
from results.views import LaunchView


@dataclass(frozen=True)
class RunTrust:
    """Counts of a run's cells: all, those without any good launch, those that a caution is about.

    ``cautions`` are the stored and the computed ones in words, as a page lists them; one that
    is about the whole run or its machine counts for no cell.
    """

    cells: int
    failed: int
    cautioned: int
    kept: Pace
    cautions: tuple[ShownCaution, ...]

    @property
    def sentence(self) -> str:
        """What can be trusted, and what not."""
        if self.cells == self.failed:
            return "There is nothing to trust in this run: no launch succeeded."
        known = self.cells - self.failed
        gone = (
            f"; {count(self.failed)} of {counted(self.cells, 'cell')} failed and "
            f"{'has' if self.failed == 1 else 'have'} no result"
            if self.failed
            else ""
        )
        if self.kept.unsteady:
            return (
                "Trust the ratios of this run within their intervals, but not its milliseconds: "
                f"{count(self.kept.unsteady)} of {counted(known, 'cell')} did not run "
                f"steadily{gone}."
            )
        every = "its cell" if known == 1 else f"all {count(known)} cells"
        return f"Trust the ratios and the milliseconds of this run: {every} ran steadily{gone}."

    @property
    def steady_words(self) -> str:
        """Of how many cells the launches lie close together."""
        return f"{count(self.kept.cells - self.kept.unsteady)} of {count(self.kept.cells)}"


def run_trust(
    launches: Sequence[LaunchView], stored: Sequence[Caution], cells: Mapping[str, CellView]
) -> RunTrust:
    """The trust in a run, from all its launches and its stored cautions."""
    kept = pace(launches, stored, cells)
    cell_of = {launch.launch_id: launch.cell_id for launch in launches}
    launched = frozenset(cell_of.values())
    named = {cell_of.get(one.subject_id, one.subject_id) for one in stored} & launched
    good = {launch.cell_id for launch in launches if launch.ok}
    return RunTrust(
        cells=len(launched),
        failed=len(launched - good),
        cautioned=len(named | kept.unsteady_ids),
        kept=kept,
        cautions=(*kept.cautions, *told_cautions(stored, launches, cells)),
    )


STEADY_RULE = f"launches within {percent(UNSTEADY - 1.0)} of each other"
"""What a cell has to keep to count as steady."""
