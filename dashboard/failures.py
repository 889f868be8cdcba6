"""Why a cell has failed, picked from all of its launches by the rule of ``LaunchBook``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results import format as fmt
from results.comparison import CellView
from results.launch_book import LaunchBook
from results.views import LaunchView


@dataclass(frozen=True)
class CellFailure:
    """A cell that failed in its latest run: the last reason, and what it wrote last.

    ``older_shown`` says that an older run has a result of it, which is what is shown.
    """

    cell: CellView
    run_id: str
    reason: str
    stderr_tail: str | None
    older_shown: bool


def failure_of(cell: CellView, launches: Sequence[LaunchView]) -> CellFailure | None:
    """The failure of a cell from its launches; None where its latest run has a good one.

    A cell that was only ever profiled has not failed: it has no failed launch.
    """
    book = LaunchBook(launches, ())
    last = book.failed_launch(cell)
    if last is None:
        return None
    reason = last.error or fmt.UNKNOWN
    return CellFailure(cell, last.run_id, reason, last.stderr_tail, bool(book.runs(cell)))
