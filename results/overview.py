"""What should I ship? Every model on every device at a glance.

One row per model, device, runtime and scenario: the times of its arms, the INT8 arms
against both float baselines, and the best arm. Layers and causes are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from results import accuracy_queries, queries
from results import format as fmt
from results.accuracy import AccuracyView
from results.accuracy_views import of_variants
from results.comparison import CellView, Estimate, ShownCaution, Verdict
from results.facts import Caution
from results.kinds import is_int8_variant
from results.pairing import Sample, dirty_launches, headlines_ms, one_per_block, sample
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
    no launch succeeded; ``error`` then says why.
    """

    cell: CellView
    run_id: str | None
    median_ms: float | None
    launches: int
    error: str | None


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
        cell.model_id, cell.device_id, cell.runtime_id, cell.scenario,
        cell.batch, cell.streams, cell.threads, cell.requests,
    )  # fmt: skip


class _Book:
    """Timing launches by cell and run; runs in order of their first launch."""

    def __init__(
        self,
        launches: Iterable[LaunchView],
        cautions: Sequence[Caution],
        accuracy: Sequence[AccuracyView],
    ) -> None:
        self.cautions = cautions
        self._accuracy = accuracy
        self.dirty = dirty_launches(cautions)
        self._good: dict[str, dict[str, list[LaunchView]]] = {}
        self._errors: dict[str, str] = {}
        for launch in sorted(launches, key=lambda x: (x.started_at, x.run_id, x.launch_id)):
            if launch.kind != "timing":
                continue
            if launch.ok and launch.headline_ms is not None:
                runs = self._good.setdefault(launch.cell_id, {})
                runs.setdefault(launch.run_id, []).append(launch)
            elif launch.error:
                self._errors[launch.cell_id] = launch.error

    def runs(self, cell: CellView) -> Mapping[str, list[LaunchView]]:
        """Good timing launches by run, the latest run last."""
        return self._good.get(cell.cell_id, {})

    def measured_last(self, cell: CellView) -> str:
        """The latest run with a good launch; ids of runs begin with the time, none is first."""
        return max(self.runs(cell), default="")

    def accuracy(self, cells: Sequence[CellView]) -> tuple[AccuracyView, ...]:
        """That of all variants of these cells."""
        variant_ids = {cell.variant_id for cell in cells}
        return tuple(view for view in self._accuracy if view.variant_id in variant_ids)

    def error(self, cell: CellView) -> str | None:
        """Why the cell's last failed launch failed."""
        return self._errors.get(cell.cell_id)

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
    runs = book.runs(cell)
    if not runs:
        return ArmTime(cell, None, None, 0, book.error(cell))
    used = one_per_block(_latest(runs), book.dirty)
    return ArmTime(cell, used[0].run_id, geometric_mean(headlines_ms(used)), len(used), None)


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
