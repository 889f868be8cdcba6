"""Timing launches by cell and run: which of them a figure or a pair is made of, and what failed.

For many cells at once, from launches that were read together; what to ask about them is
decided by ``results.overview`` and ``results.versions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from results.comparison import CellView
from results.facts import Caution
from results.pairing import Sample, dirty_launches, one_per_block, sample
from results.views import LaunchView


class LaunchBook:
    """Timing launches by cell and run; runs in order of their first launch."""

    def __init__(self, launches: Iterable[LaunchView], cautions: Sequence[Caution]) -> None:
        self.cautions = cautions
        self.dirty = dirty_launches(cautions)
        self._good: dict[str, dict[str, list[LaunchView]]] = {}
        self._failed: dict[str, LaunchView] = {}
        self._launched: dict[str, str] = {}
        self._cautions: dict[str, list[Caution]] = {}
        for caution in cautions:
            self._cautions.setdefault(caution.run_id, []).append(caution)
        for launch in sorted(launches, key=lambda x: (x.started_at, x.run_id, x.launch_id)):
            if launch.kind != "timing":
                continue
            last = self._launched.get(launch.cell_id, "")
            self._launched[launch.cell_id] = max(last, launch.run_id)
            if launch.ok and launch.headline_ms is not None:
                runs = self._good.setdefault(launch.cell_id, {})
                runs.setdefault(launch.run_id, []).append(launch)
            elif not launch.ok:
                self._failed[launch.cell_id] = launch

    def cautions_on(self, used: Sample) -> list[Caution]:
        """The stored cautions of the runs that launches are of."""
        run_ids = sorted({launch.run_id for launch in (*used.baseline, *used.candidate)})
        return [caution for run_id in run_ids for caution in self._cautions.get(run_id, ())]

    def runs(self, cell: CellView) -> Mapping[str, list[LaunchView]]:
        """Good timing launches by run, the latest run last."""
        return self._good.get(cell.cell_id, {})

    def measured_last(self, cell: CellView) -> str:
        """The latest run with a good launch; ids of runs begin with the time, none is first."""
        return max(self.runs(cell), default="")

    def launched_last(self, cell: CellView) -> str | None:
        """The latest run with a timing launch, good or not; None where there is none."""
        return self._launched.get(cell.cell_id)

    def failed_launch(self, cell: CellView) -> LaunchView | None:
        """The last failed launch of a cell that failed; None where it did not, or was never timed.

        This is the one rule: a cell has failed where the latest run that launched it has no good
        launch of it, whatever an older run had.
        """
        launched, failed = self.launched_last(cell), self._failed.get(cell.cell_id)
        if failed is None or failed.run_id != launched or launched in self.runs(cell):
            return None
        return failed

    def failure(self, cell: CellView) -> str | None:
        """Why the cell failed, by that rule, or that it was never timed; None where it is fine."""
        failed = self.failed_launch(cell)
        if failed is not None:
            return failed.error or "no reason was given"
        return None if self.runs(cell) else "it was never timed"

    def latest(self, cell: CellView) -> tuple[LaunchView, ...]:
        """The launches that count of its latest run with a good one, one a block."""
        runs = self.runs(cell)
        return one_per_block(_latest(runs), self.dirty) if runs else ()

    def sample(self, baseline: CellView, candidate: CellView) -> Sample | None:
        """From the latest shared run with common blocks, else from each one's latest."""
        runs_a, runs_b = self.runs(baseline), self.runs(candidate)
        if not runs_a or not runs_b:
            return None
        for run_id in reversed(list(runs_a)):
            if run_id in runs_b:
                used = sample(runs_a[run_id], runs_b[run_id], self.dirty)
                if used.paired:
                    return used
        return sample(_latest(runs_a), _latest(runs_b), self.dirty)


def _latest(runs: Mapping[str, list[LaunchView]]) -> list[LaunchView]:
    return runs[next(reversed(list(runs)))]
