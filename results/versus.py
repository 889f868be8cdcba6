"""One cell against another by their launches alone: the estimate, without any layers.

For pages that hold many pairs of cells; the whole comparison is ``results.compare``.
"""

from __future__ import annotations

from results import queries
from results.comparison import CellView, Estimate
from results.launch_book import LaunchBook
from results.store import Index


def versus(index: Index, baseline: CellView, candidate: CellView) -> Estimate | None:
    """Candidate against baseline: paired where they shared blocks, else by Welch's t.

    From their latest shared run, else from each one's latest; None where one has no good launch.
    """
    launches = queries.launches(index, cell_ids=[baseline.cell_id, candidate.cell_id])
    run_ids = sorted({launch.run_id for launch in launches})
    book = LaunchBook(launches, queries.cautions(index, run_ids))
    used = book.sample(baseline, candidate)
    return None if used is None else used.estimate()
