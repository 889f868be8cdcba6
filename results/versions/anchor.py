"""On which run a series stands, and by which launches two of its points are compared.

Times of different days differ by what the machine drifted, so that a series whose points
come from several runs shows steps that no version made. Its times are therefore those of one
run wherever that run has them; the others' are marked, and only pairs compare them.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.comparison import CellView
from results.launch_book import LaunchBook
from results.pairing import Sample, one_per_block, sample
from results.versions.shapes import SeriesPoint
from results.views import LaunchView


def anchor_run(cells: Sequence[CellView], book: LaunchBook) -> str | None:
    """The run that launched most of these cells, the newest of equals; None where none did.

    A cell that failed in its latest run counts there: that is where it is told from.
    """
    by_cell = [_runs(cell, book) for cell in cells]
    known = {run_id for runs in by_cell for run_id in runs}
    return max(known, key=lambda run_id: (sum(run_id in runs for runs in by_cell), run_id),
               default=None)  # fmt: skip


def _runs(cell: CellView, book: LaunchBook) -> frozenset[str]:
    last = book.launched_last(cell)
    return frozenset((*book.runs(cell), *((last,) if last else ())))


def launches_in(cell: CellView, anchor: str | None, book: LaunchBook) -> tuple[LaunchView, ...]:
    """The launches that count, one a block: of the anchor where it has good ones, else the latest.

    Empty where no launch was good.
    """
    runs = book.runs(cell)
    if anchor is None or anchor not in runs:
        return book.latest(cell)
    return one_per_block(runs[anchor], book.dirty)


def pair(baseline: SeriesPoint, candidate: SeriesPoint, book: LaunchBook) -> Sample | None:
    """Paired from the run of the points, else from the latest shared one; else unpaired.

    Unpaired are the launches that the two times are made of. None where a side has no good
    launch.
    """
    runs_a, runs_b = book.runs(baseline.cell), book.runs(candidate.cell)
    run_a, run_b = baseline.run_id or "", candidate.run_id or ""
    if run_a not in runs_a or run_b not in runs_b:
        return None
    shared = (run_a, run_b, *reversed(list(runs_a)))
    for run_id in dict.fromkeys(shared):
        if run_id in runs_a and run_id in runs_b:
            used = sample(runs_a[run_id], runs_b[run_id], book.dirty)
            if used.paired:
                return used
    return sample(runs_a[run_a], runs_b[run_b], book.dirty)
