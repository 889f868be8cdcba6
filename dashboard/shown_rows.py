"""Which rows of the overview are shown: the newest version of each, unless another is chosen.

Picks and counts; what a row says comes from ``results.overview``.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.link import EVERY_VERSION, Link
from results.comparison import MEASURED, CellView
from results.headline import Pick
from results.overview import OverviewRow
from results.versions.order import SortKey, sort_key
from results.versions.shapes import Version


def shown(rows: Sequence[OverviewRow], link: Link) -> tuple[OverviewRow, ...]:
    """The rows of the chosen scenario, in the chosen version, else in every one's newest.

    A version may be chosen by the id of one build of it; one that no row has is as if it was not
    chosen.
    """
    driven = tuple(row for row in rows if link.scenario in {"", row.scenario})
    if link.runtime == EVERY_VERSION:
        return driven
    if any(_ran(row, link.runtime) for row in rows):
        return tuple(row for row in driven if _ran(row, link.runtime))
    return newest(driven)


def measured(rows: Sequence[OverviewRow]) -> tuple[OverviewRow, ...]:
    """The rows that were measured here; the rest is shown apart, marked by a word."""
    return tuple(row for row in rows if row.origin == MEASURED)


def foreign(rows: Sequence[OverviewRow]) -> dict[str, tuple[OverviewRow, ...]]:
    """By origin, the rows that somebody else measured."""
    origins = dict.fromkeys(row.origin for row in rows if row.origin != MEASURED)
    return {one: tuple(row for row in rows if row.origin == one) for one in origins}


def newest(rows: Sequence[OverviewRow]) -> tuple[OverviewRow, ...]:
    """Of rows that differ in the version alone the newest; builds of one version all stay.

    Each model on each device counts for itself: nothing vanishes because something else
    was measured with a newer version.
    """
    latest: dict[tuple[object, ...], str] = {}
    for row in rows:
        other = latest.get(_place(row))
        if other is None or _order(row.runtime) > _order(other):
            latest[_place(row)] = row.runtime
    return tuple(row for row in rows if row.runtime == latest[_place(row)])


def versions(rows: Sequence[OverviewRow]) -> tuple[str, ...]:
    """The versions of these rows, the newest first."""
    return tuple(sorted({row.runtime for row in rows}, key=_order, reverse=True))


def failed_versions(rows: Sequence[OverviewRow]) -> tuple[str, ...]:
    """The versions in which a cell of these rows failed, the newest first."""
    return versions([row for row in rows if any(arm.error for arm in row.arms)])


def _ran(row: OverviewRow, version: str) -> bool:
    return version in {row.runtime, row.runtime_id}


def _place(row: OverviewRow) -> tuple[object, ...]:
    driven = row.scenario, row.batch, row.streams, row.threads, row.requests
    return row.model_id, row.device_id, *driven


def _order(version: str) -> SortKey:
    return sort_key(Version(runtime_id="", version=version, build="", label=version))


def sides(pick: Pick, against: str) -> tuple[CellView, CellView] | None:
    """Baseline and candidate behind a verdict; without one, those of which one has failed.

    Comparing them then tells the reason. None where nothing failed and nothing is compared.
    """
    if pick.verdict is not None:
        return pick.verdict.baseline, pick.verdict.candidate
    arms = pick.row.arms
    failed = [arm.cell for arm in arms if arm.error is not None]
    if not failed:
        return None
    baseline = next((arm.cell for arm in arms if arm.cell.arm == against), arms[0].cell)
    candidate = failed[-1] if failed[-1] != baseline else arms[-1].cell
    return baseline, candidate
