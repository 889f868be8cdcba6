"""One baseline against many candidates: which ones, and the estimate of each.

Only timing launches are looked at, of the cells that were asked for alone; why a candidate is
faster or slower is a matter of two cells (``results.compare``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from results import queries
from results.candidate_queries import launches_against
from results.comparison import CellView, Estimate, ShownCaution, Verdict
from results.index import Index
from results.launch_book import LaunchBook
from results.overview import DEFAULT_BASELINE, ArmVerdict, OverviewRow
from results.trust import verdict_cautions

MOST = 40
"""Candidates in one table: more nobody reads, and the rest can be chosen by name."""
_SETTLED = frozenset({Verdict.FASTER, Verdict.SLOWER})


@dataclass(frozen=True)
class Candidate:
    """A cell against the baseline; without an estimate ``reason`` says why there is none.

    ``has_failed`` says that one of the two failed in its latest run: with an estimate, which is
    then of an older run, ``reason`` says how. ``cautions`` are those that lower trust in the
    verdict itself.
    """

    cell: CellView
    estimate: Estimate | None
    reason: str | None
    cautions: tuple[ShownCaution, ...]
    has_failed: bool = False

    @property
    def is_told(self) -> bool:
        """Whether it was not measured here and has no interval: then there is no verdict."""
        return bool(self.estimate and not self.cell.is_measured and self.estimate.ci_low is None)


@dataclass(frozen=True)
class Field:
    """The cells that a baseline is compared with, and how many more there are like them."""

    cells: tuple[CellView, ...]
    left_out: int


def field_of(
    cells: Sequence[CellView],
    baseline: CellView,
    shown: CellView,
    chosen: Collection[str] = (),
    most: int = MOST,
) -> Field:
    """The shown candidate with the chosen ones, else with the nearest cells of the same model.

    Nearest: measured like the baseline and driven the same way; then on the same device and
    version, then on the same device, then with the shown candidate's arm.
    """
    others = [cell for cell in cells if cell.cell_id not in {baseline.cell_id, shown.cell_id}]
    if chosen:
        found = [cell for cell in others if cell.cell_id in chosen]
    else:
        alike = [cell for cell in others if _is_alike(cell, baseline)]
        found = sorted(alike, key=lambda cell: _distance(cell, baseline, shown))
    kept = found[: most - 1]
    first = () if shown.cell_id == baseline.cell_id else (shown,)
    return Field((*first, *kept), len(found) - len(kept))


def _is_alike(cell: CellView, baseline: CellView) -> bool:
    same = cell.model_id == baseline.model_id and cell.origin == baseline.origin
    return same and _driven(cell) == _driven(baseline)


def _driven(cell: CellView) -> tuple[object, ...]:
    return cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests


def _distance(cell: CellView, baseline: CellView, shown: CellView) -> tuple[bool, ...]:
    device, runtime = cell.device_id != baseline.device_id, cell.runtime_id != baseline.runtime_id
    return device or runtime, device, cell.arm != shown.arm, runtime


def candidates(
    index: Index, baseline: CellView, cells: Sequence[CellView]
) -> tuple[Candidate, ...]:
    """Each cell against the baseline, in their order; as ``compare_cells`` would estimate it."""
    launches = launches_against(index, baseline.cell_id, [cell.cell_id for cell in cells])
    run_ids = sorted({launch.run_id for launch in launches})
    book = LaunchBook(launches, queries.cautions(index, run_ids))
    return tuple(_candidate(book, baseline, cell) for cell in cells)


def _candidate(book: LaunchBook, baseline: CellView, cell: CellView) -> Candidate:
    used = book.sample(baseline, cell)
    if used is None:
        missing = baseline if not book.runs(baseline) else cell
        has_failed = book.failed_launch(missing) is not None
        return Candidate(cell, None, _reason(book, baseline, missing), (), has_failed)
    cautions = verdict_cautions(book.cautions, (baseline, cell), used)
    failed = [one for one in (cell, baseline) if book.failed_launch(one) is not None]
    reason = "; ".join(_reason(book, baseline, one) for one in failed) or None
    return Candidate(cell, used.estimate(), reason, cautions, bool(failed))


def _reason(book: LaunchBook, baseline: CellView, failed: CellView) -> str:
    whose = "baseline: " if failed.cell_id == baseline.cell_id else ""
    return f"{whose}{book.failure(failed)}"


def clearest(rows: Sequence[OverviewRow]) -> ArmVerdict | None:
    """The verdict to open with: a settled one, against the usual baseline, the surest of them.

    The surest has no caution and the interval that is farthest from 1, by its own width. None
    where nothing was compared.
    """
    found = [verdict for row in rows for verdict in row.verdicts]
    return max(found, key=_clarity, default=None)


def _clarity(verdict: ArmVerdict) -> tuple[bool, bool, bool, float]:
    estimate = verdict.estimate
    return (
        estimate.verdict in _SETTLED,
        verdict.baseline.arm == DEFAULT_BASELINE,
        not verdict.cautions,
        _distance_from_1(estimate),
    )


def _distance_from_1(estimate: Estimate) -> float:
    """How far the nearer bound is from 1, in widths of the interval; 0 without an interval."""
    low, high = estimate.ci_low, estimate.ci_high
    if low is None or high is None or not high > low:
        return 0.0
    return max(low - 1.0, 1.0 - high, 0.0) / (high - low)
