"""What should I ship? Every model on every device at a glance.

One row per model, device, runtime and scenario: the times of its arms, the INT8 arms
against both float baselines, and the best arm. Layers and causes are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from results import accuracy_queries, queries
from results.accuracy import AccuracyView
from results.comparison import CellView, Verdict
from results.facts import Caution
from results.index import Index
from results.kept_overview import from_table
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.overview_rows import (
    BASELINE_ARMS,
    DEFAULT_BASELINE,
    Answers,
    ArmTime,
    ArmVerdict,
    OverviewRow,
    row_of,
)
from results.pairing import headlines_ms
from results.stats import geometric_mean
from results.trust import verdict_cautions
from results.views import LaunchView

__all__ = [
    "BASELINE_ARMS", "DEFAULT_BASELINE", "ArmTime", "ArmVerdict", "OverviewRow",
    "build_overview", "computed_overview", "overview",
]  # fmt: skip


def overview(
    index: Index,
    run_id: str | None = None,
    *,
    cells: Mapping[str, CellView] | None = None,
    accuracy: Sequence[AccuracyView] | None = None,
) -> tuple[OverviewRow, ...]:
    """The rows of the whole store, as the index keeps them, or of one run; in cells' order.

    Who has read all cells of the index gives them by their ids, and who has that of all variants
    their ``accuracy``: they are not read again.
    """
    if run_id is not None:
        return computed_overview(index, run_id)
    if cells is None:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
    judged = accuracy_queries.accuracy(index) if accuracy is None else accuracy
    return from_table(queries.overview_rows(index), cells, judged)


def computed_overview(index: Index, run_id: str | None = None) -> tuple[OverviewRow, ...]:
    """The same from the launches: what an index is given to keep when it is built."""
    every = run_id is None
    launches = queries.counting_launches(index) if every else queries.launches(index, run_id)
    run_ids = sorted({launch.run_id for launch in launches})
    measured = {launch.cell_id for launch in launches}
    cells = [cell for cell in queries.cells(index) if every or cell.cell_id in measured]
    accuracy = accuracy_queries.accuracy(index)
    return build_overview(cells, launches, queries.cautions(index, run_ids), accuracy)


def build_overview(
    cells: Sequence[CellView],
    launches: Iterable[LaunchView],
    cautions: Sequence[Caution],
    accuracy: Sequence[AccuracyView] = (),
) -> tuple[OverviewRow, ...]:
    """The rows from facts in memory."""
    book = _Book(launches, cautions, accuracy)
    rows: dict[tuple[object, ...], list[CellView]] = {}
    for cell in cells:
        rows.setdefault(_row_key(cell), []).append(cell)
    return tuple(_row(members, book) for members in rows.values())


def _row_key(cell: CellView) -> tuple[object, ...]:
    return (
        cell.origin, cell.model_id, cell.device_id, cell.runtime_id, cell.scenario,
        cell.batch, cell.streams, cell.threads, cell.requests,
    )  # fmt: skip


class _Book(LaunchBook):
    """The launches, with how good the answers of the cells' variants are."""

    def __init__(
        self,
        launches: Iterable[LaunchView],
        cautions: Sequence[Caution],
        accuracy: Sequence[AccuracyView],
    ) -> None:
        super().__init__(launches, cautions)
        self._answers = Answers(accuracy)

    def accuracy(self, cells: Sequence[CellView]) -> tuple[AccuracyView, ...]:
        """That of all variants of these cells."""
        return self._answers.of(cells)


def _row(cells: Sequence[CellView], book: _Book) -> OverviewRow:
    every, cells = cells, _newest_of_arms(cells, book)
    arms = tuple(_arm_time(cell, book) for cell in cells)
    best = _best(arms)
    return row_of(
        arms,
        verdicts=_verdicts(cells, book),
        best=best,
        ties=_ties(best, cells, book) if best else (),
        accuracy=book.accuracy(cells),
        older=tuple(cell for cell in every if cell not in cells),
    )


def _newest_of_arms(cells: Sequence[CellView], book: _Book) -> tuple[CellView, ...]:
    """One cell for each arm, in their order: the one that was measured last."""
    newest: dict[str, CellView] = {}
    for cell in cells:
        other = newest.get(cell.arm)
        if other is None or book.measured_last(cell) > book.measured_last(other):
            newest[cell.arm] = cell
    return tuple(newest.values())


def _arm_time(cell: CellView, book: _Book) -> ArmTime:
    used = book.latest(cell)
    error = book.failure(cell) if book.failed_launch(cell) else None
    if not used:
        return ArmTime(cell, None, None, 0, error)
    return ArmTime(cell, used[0].run_id, geometric_mean(headlines_ms(used)), len(used), error)


def _verdicts(cells: Sequence[CellView], book: _Book) -> tuple[ArmVerdict, ...]:
    baselines = [cell for arm in BASELINE_ARMS for cell in cells if cell.arm == arm]
    candidates = [cell for cell in cells if is_int8_variant(cell.variant_kind)]
    return tuple(
        ArmVerdict(
            baseline,
            candidate,
            used.estimate(),
            verdict_cautions(book.cautions_on(used), (baseline, candidate), used),
        )
        for candidate in candidates
        for baseline in baselines
        if (used := book.sample(baseline, candidate)) is not None
    )


def _best(arms: Sequence[ArmTime]) -> CellView | None:
    timed = [(arm.median_ms, arm.cell) for arm in arms if arm.median_ms is not None]
    return min(timed, key=lambda pair: pair[0])[1] if timed else None


def _ties(best: CellView, cells: Sequence[CellView], book: _Book) -> tuple[CellView, ...]:
    return tuple(
        cell
        for cell in cells
        if cell.cell_id != best.cell_id
        and (used := book.sample(best, cell)) is not None
        and used.estimate().verdict is Verdict.EQUIVALENT
    )
