"""Why a cell has no result: its last failed launch, picked from all of its launches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results import format as fmt
from results.comparison import CellView
from results.views import LaunchView


@dataclass(frozen=True)
class CellFailure:
    """A cell that was never timed with success: the last reason, and what it wrote last."""

    cell: CellView
    run_id: str
    reason: str
    stderr_tail: str | None


def failure_of(cell: CellView, launches: Sequence[LaunchView]) -> CellFailure | None:
    """The failure of a cell from its launches in time order; None where a timing launch was good.

    A cell that was only ever profiled has not failed: it has no failed launch.
    """
    timed = [launch for launch in launches if launch.kind == "timing"]
    failed = [launch for launch in timed if not launch.ok]
    if len(failed) < len(timed) or not failed:
        return None
    last = failed[-1]
    return CellFailure(cell, last.run_id, last.error or fmt.UNKNOWN, last.stderr_tail)
