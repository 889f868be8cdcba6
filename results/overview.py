"""What should I ship? Every model on every device at a glance.

One row per model, device, runtime and scenario: the times of its arms, the INT8 arms
against both float baselines, and the best arm. Layers and causes are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results import accuracy_queries, queries
from results import format as fmt
from results.accuracy import AccuracyView
from results.accuracy_views import of_variants
from results.comparison import CellView, Estimate, ShownCaution, Verdict
from results.facts import Caution
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.pairing import headlines_ms
from results.stats import geometric_mean
from results.store import Index
from results.trust import verdict_cautions
from results.views import LaunchView

BASELINE_ARMS = ("fp32@f32", "fp32@default")
DEFAULT_BASELINE = "fp32@default"
"""What is shown first: the float file as it would be deployed without further thought."""


@dataclass(frozen=True)
class ArmTime:
    """An arm's time in its latest run: geometric mean of its launches' headlines.

    That is a latency, or in throughput the time per item. ``median_ms`` is None where
    no launch succeeded. ``error`` says why the arm failed in its latest run; an older run may
    have a time all the same.
    """

    cell: CellView
    run_id: str | None
    median_ms: float | None
    launches: int
    error: str | None

    @property
    def is_older(self) -> bool:
        """Whether the time is from an older run, because the latest one failed."""
        return self.error is not None and self.median_ms is not None


@dataclass(frozen=True)
class ArmVerdict:
    """An INT8 arm against a float baseline, in their latest shared run if they share one.

    ``cautions`` are those that lower trust in the verdict itself: stored ones of that run,
    and what has to be said of the variants.
    """

    baseline: CellView
    candidate: CellView
    estimate: Estimate
    cautions: tuple[ShownCaution, ...] = ()


@dataclass(frozen=True)
class OverviewRow:
    """A model on a device with a runtime in a scenario.

    ``best`` is the arm with the lowest time, None where nothing was measured;
    ``ties`` are the arms that are equivalent to it. ``accuracy`` is that of the arms' variants.
    Of two variants of one arm, made by different recipes, the newest measured stands in
    ``arms`` and in the verdicts, the others in ``older``.
    """

    model_id: str
    model: str
    model_title: str
    model_note: str | None
    device_id: str
    device: str
    runtime_id: str
    runtime: str
    scenario: str
    batch: int
    streams: int | None
    threads: int | None
    requests: int | None
    arms: tuple[ArmTime, ...]
    verdicts: tuple[ArmVerdict, ...]
    best: CellView | None
    ties: tuple[CellView, ...]
    accuracy: tuple[AccuracyView, ...] = ()
    older: tuple[CellView, ...] = ()

    @property
    def origin(self) -> str:
        """Where its figures come from: measured, imported or published; never mixed in a row."""
        return self.arms[0].cell.origin

    @property
    def cells(self) -> tuple[CellView, ...]:
        """All cells of the row, those that count first."""
        return (*(arm.cell for arm in self.arms), *self.older)

    def accuracy_of(self, cell: CellView) -> tuple[AccuracyView, ...]:
        """How good the answers of a cell's variant are, the dataset that says most first."""
        return of_variants(self.accuracy, [cell.variant_id])

    @property
    def scenario_title(self) -> str:
        """How its cells are driven: ``throughput, batch 8, 4 streams``."""
        return fmt.scenario(self.scenario, self.batch, self.streams, self.threads, self.requests)


def overview(index: Index, run_id: str | None = None) -> tuple[OverviewRow, ...]:
    """The rows of the whole store, or of one run; in the order of the cells."""
    launches = queries.launches(index, run_id=run_id)
    run_ids = sorted({launch.run_id for launch in launches})
    measured = {launch.cell_id for launch in launches}
    cells = [cell for cell in queries.cells(index) if cell.cell_id in measured]
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
        self._accuracy = accuracy

    def accuracy(self, cells: Sequence[CellView]) -> tuple[AccuracyView, ...]:
        """That of all variants of these cells."""
        variant_ids = {cell.variant_id for cell in cells}
        return tuple(view for view in self._accuracy if view.variant_id in variant_ids)


def _row(cells: Sequence[CellView], book: _Book) -> OverviewRow:
    first = cells[0]
    every, cells = cells, _newest_of_arms(cells, book)
    arms = tuple(_arm_time(cell, book) for cell in cells)
    best = _best(arms)
    return OverviewRow(
        model_id=first.model_id,
        model=first.model,
        model_title=first.model_title,
        model_note=first.model_note,
        device_id=first.device_id,
        device=first.device,
        runtime_id=first.runtime_id,
        runtime=first.runtime,
        scenario=first.scenario,
        batch=first.batch,
        streams=first.streams,
        threads=first.threads,
        requests=first.requests,
        arms=arms,
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
            verdict_cautions(book.cautions, (baseline, candidate), used),
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
