"""What a row of the overview is: the arms of one model in one place, and their verdicts.

Only shapes live here; ``results.overview`` makes the rows, ``results.kept_overview`` stores
them in an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from results import format as fmt
from results.accuracy import AccuracyView
from results.accuracy_views import of_variants
from results.comparison import CellView, Estimate, ShownCaution, Verdict

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

    @property
    def undecided(self) -> tuple[CellView, ...]:
        """The arms whose verdict with the quickest one is inconclusive: they may be as quick."""
        open_ones = [
            (verdict.baseline, verdict.candidate)
            for verdict in self.verdicts
            if verdict.estimate.verdict is Verdict.INCONCLUSIVE
        ]
        sides = [pair for a, b in open_ones for pair in ((a, b), (b, a))]
        return tuple(other for one, other in sides if one == self.best)

    def accuracy_of(self, cell: CellView) -> tuple[AccuracyView, ...]:
        """How good the answers of a cell's variant are, the dataset that says most first."""
        return of_variants(self.accuracy, [cell.variant_id])

    @property
    def scenario_title(self) -> str:
        """How its cells are driven: ``throughput, batch 8, 4 streams``."""
        return fmt.scenario(self.scenario, self.batch, self.streams, self.threads, self.requests)


class Answers:
    """How good the answers of variants are, to be found by the cells that run them."""

    def __init__(self, accuracy: Sequence[AccuracyView]) -> None:
        self._by_variant: dict[str, list[tuple[int, AccuracyView]]] = {}
        for at, view in enumerate(accuracy):
            self._by_variant.setdefault(view.variant_id, []).append((at, view))

    def of(self, cells: Sequence[CellView]) -> tuple[AccuracyView, ...]:
        """That of all variants of these cells, in the order in which it was given."""
        variant_ids = {cell.variant_id for cell in cells}
        found = (one for i in variant_ids for one in self._by_variant.get(i, ()))
        return tuple(view for _, view in sorted(found, key=itemgetter(0)))


def row_of(
    arms: tuple[ArmTime, ...],
    *,
    verdicts: tuple[ArmVerdict, ...],
    best: CellView | None,
    ties: tuple[CellView, ...],
    accuracy: tuple[AccuracyView, ...],
    older: tuple[CellView, ...],
) -> OverviewRow:
    """A row about the arms of one model in one place, which names itself after them."""
    first = arms[0].cell
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
        verdicts=verdicts,
        best=best,
        ties=ties,
        accuracy=accuracy,
        older=older,
    )
