"""What is told about OpenVINO versions: the dataclasses of changes, triage and series.

Only shapes live here; what a change in a layer is made of is in ``change_shapes``.
``changes`` says what changed between two versions for one cell, ``triage`` sorts all cells
of two versions into buckets, ``series`` follows a cell over all versions. Times are as
everywhere in ``results``: per inference, or in throughput per item;
ratios are the newer version's time over the older one's, below 1 is faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from results import format as fmt
from results.comparison import CellView, Comparison, Estimate
from results.versions.change_shapes import (
    ChangeCause,
    ChangeKind,
    GroupChange,
    InsertedChange,
    KindSum,
    LoneLayer,
)
from results.versions.reasons import reason_key


@dataclass(frozen=True)
class Version:
    """An OpenVINO as it was measured; ``label`` tells two builds of one version apart."""

    runtime_id: str
    version: str
    build: str
    label: str


@dataclass(frozen=True)
class Changes:
    """What changed for one cell between two versions, the older one as it was asked first.

    ``groups`` hold what changed in layers (the largest µs first), ``gone`` and ``come`` the
    conversions, ``lone`` the layers that only one version has. ``profiled`` is False where a
    side has no layers. ``withheld`` says that the layers leave more unexplained than the
    versions differ by: then which kernels changed still holds, and their times explain nothing.
    """

    baseline: Version
    candidate: Version
    comparison: Comparison
    groups: tuple[GroupChange, ...]
    gone: tuple[InsertedChange, ...]
    come: tuple[InsertedChange, ...]
    lone: tuple[LoneLayer, ...]
    sums: tuple[KindSum, ...]
    causes: tuple[ChangeCause, ...]
    profiled: bool
    withheld: bool
    sentence: str

    @property
    def estimate(self) -> Estimate:
        """Candidate version over baseline version, with its interval."""
        return self.comparison.estimate

    @property
    def unattributed_us(self) -> float | None:
        """What no layer explains; None without layers."""
        found = self.comparison.attribution
        return None if found is None else found.unattributed_us

    @property
    def wall_us(self) -> float:
        """The difference that all sums and what is unattributed add up to."""
        return (self.estimate.candidate_ms - self.estimate.baseline_ms) * 1000.0

    def of_kind(self, *kinds: ChangeKind) -> tuple[GroupChange, ...]:
        """The groups that changed in one of these ways."""
        return tuple(group for group in self.groups if group.kind in kinds)


class Bucket(StrEnum):
    """Where the triage puts a cell of two versions; in the order in which it is told."""

    FAILED = "failed"
    NEW_FAILED = "new, failed"
    MUCH_SLOWER = "much slower"
    SLOWER = "slower"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    FASTER = "faster"
    MUCH_FASTER = "much faster"
    FIXED = "fixed"
    FAILED_IN_BOTH = "failed in both"
    NEW = "new"
    VANISHED = "vanished"

    @property
    def sign(self) -> str:
        """The sign that goes with the word."""
        return _BUCKET_SIGNS[self]


_UP, _DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"
_BUCKET_SIGNS = {
    Bucket.FAILED: "\N{MULTIPLICATION SIGN}",
    Bucket.NEW_FAILED: "+\N{MULTIPLICATION SIGN}",
    Bucket.MUCH_SLOWER: _DOWN * 2,
    Bucket.SLOWER: _DOWN,
    Bucket.SAME: "=",
    Bucket.INCONCLUSIVE: "?",
    Bucket.FASTER: _UP,
    Bucket.MUCH_FASTER: _UP * 2,
    Bucket.FIXED: "\N{CHECK MARK}",
    Bucket.FAILED_IN_BOTH: "\N{MULTIPLICATION SIGN}" * 2,
    Bucket.NEW: "+",
    Bucket.VANISHED: "\N{MINUS SIGN}",
}


@dataclass(frozen=True)
class TriageRow:
    """One cell in both versions; a side is None where that version never launched it.

    The reasons say why a side failed, None where it did not. ``causes`` are empty where
    nothing was profiled, and where the versions are not told apart. ``withheld`` as in
    ``Changes``.
    """

    bucket: Bucket
    baseline: CellView | None
    candidate: CellView | None
    estimate: Estimate | None = None
    baseline_reason: str | None = None
    candidate_reason: str | None = None
    causes: tuple[ChangeCause, ...] = ()
    withheld: bool = False

    @property
    def is_unpaired(self) -> bool:
        """Whether the two sides never shared a block: a drift between them is not seen."""
        return self.estimate is not None and not self.estimate.paired

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it failed, the candidate's side first; the same reason of both sides once."""
        told = [text for text in (self.candidate_reason, self.baseline_reason) if text]
        return tuple({reason_key(text): text for text in reversed(told)}.values())[::-1]

    @property
    def reason(self) -> str | None:
        """The reasons in one text; each with its side where the two differ."""
        if len(self.reasons) < 2:
            return self.reasons[0] if self.reasons else None
        return f"before: {self.baseline_reason}; now: {self.candidate_reason}"

    @property
    def cell(self) -> CellView:
        """The side that is there, the candidate first."""
        found = self.candidate or self.baseline
        if found is None:
            raise ValueError("a row of the triage is about a cell")
        return found


@dataclass(frozen=True)
class SharedCause:
    """The same cause, or the same reason of a failure, told once for all cells that have it.

    Where reasons differ in the layer or the version only, ``text`` is one of them and says
    how many there are. ``layers`` counts the layers over all cells, 0 for a failure;
    ``buckets`` those of the cells.
    """

    text: str
    cells: int
    models: tuple[str, ...]
    buckets: tuple[Bucket, ...]
    layers: int = 0
    delta_us: float | None = None


@dataclass(frozen=True)
class Triage:
    """All cells of two versions: rows by bucket, in each by effect; causes told once.

    ``unexplained`` counts the rows that are told apart and whose causes were not looked for.
    """

    baseline: Version
    candidate: Version
    rows: tuple[TriageRow, ...]
    counts: tuple[tuple[Bucket, int], ...]
    causes: tuple[SharedCause, ...]
    failures: tuple[SharedCause, ...]
    sentence: str
    unexplained: int = 0

    @property
    def unpaired(self) -> int:
        """How many cells never shared a block between the two versions."""
        return sum(row.is_unpaired for row in self.rows)

    def in_bucket(self, bucket: Bucket) -> tuple[TriageRow, ...]:
        """The rows of a bucket."""
        return tuple(row for row in self.rows if row.bucket is bucket)


@dataclass(frozen=True)
class Step:
    """From a version before to this one.

    ``previous`` is the last one before that did not fail and is of the series' run too; for a
    version of another run the last one that it shared blocks with, else the last one.
    ``is_change_point`` says that the estimate is paired and passes over no version of the
    series' run, and that its verdict is faster or slower and holds among all such steps (Holm).
    """

    previous: Version
    estimate: Estimate
    is_change_point: bool


@dataclass(frozen=True)
class SeriesPoint:
    """A version in a series: the geometric mean of the blocks' headlines in ms, 95 % interval.

    ``median_ms`` is None where the version failed; ``failure`` then says why. The bounds are
    None with one block. ``step`` is None for the first version that did not fail. Where
    ``of_another_run`` the run that the series stands on did not measure this version: its time
    is no measure against the others', only paired estimates are.
    """

    version: Version
    cell: CellView
    run_id: str | None
    median_ms: float | None
    low_ms: float | None
    high_ms: float | None
    blocks: int
    failure: str | None
    step: Step | None = None
    of_another_run: bool = False

    @property
    def per_second(self) -> float | None:
        """Items per second."""
        return fmt.per_second(self.median_ms)


@dataclass(frozen=True)
class Rival:
    """Another version (or arm) against the best one: ``estimate`` has the best as baseline."""

    point: SeriesPoint
    estimate: Estimate


@dataclass(frozen=True)
class Best:
    """The fastest by paired estimates, and how far the next one is behind.

    ``runner_up`` is None where no other shared blocks with it. ``ties`` are equivalent to the
    best, ``unsettled`` inconclusive against it; ``fastest`` are all three, oldest first: one
    alone only where all that it shared blocks with are surely slower. ``uncompared`` never
    shared blocks with it, nor are they slower than one that it beats.
    """

    point: SeriesPoint
    runner_up: Rival | None
    ties: tuple[SeriesPoint, ...]
    unsettled: tuple[SeriesPoint, ...]
    fastest: tuple[SeriesPoint, ...]
    uncompared: tuple[SeriesPoint, ...]
    sentence: str

    @property
    def is_known(self) -> bool:
        """False where it was compared with none of the others that have a time."""
        return self.runner_up is not None or not self.uncompared

    @property
    def is_told_apart(self) -> bool:
        """Whether one version alone is the fastest of all that have a time."""
        return len(self.fastest) == 1 and not self.uncompared


@dataclass(frozen=True)
class OtherVariant:
    """A version that ran another variant of a series' arm, and why that failed if it did."""

    version: Version
    cell: CellView
    failure: str | None


@dataclass(frozen=True)
class Series:
    """One cell followed over the versions, oldest first; failed versions stay in it.

    ``run_id`` is the run that it stands on: the one that launched most of its versions, the
    newest of equals. ``others`` are cells of other variants of the arm (made by another
    recipe), oldest version first: they are other models, so their times stand in no point.
    """

    arm: str
    variant_id: str
    variant_kind: str
    run_id: str | None
    points: tuple[SeriesPoint, ...]
    best: Best | None
    sentence: str
    others: tuple[OtherVariant, ...] = ()

    @property
    def change_points(self) -> tuple[SeriesPoint, ...]:
        """The versions at which the time really changed."""
        return tuple(point for point in self.points if point.step and point.step.is_change_point)


@dataclass(frozen=True)
class PaysSince:
    """Since which version an INT8 arm is faster than float as the device runs it by default.

    ``version`` is the first where it surely is, None where it never was; ``lapses`` are later
    ones where it is slower or as fast. ``unsettled`` are those that say neither: inconclusive,
    unpaired, or faster by itself and not among all. ``verdicts`` has every version with both
    arms.
    """

    arm: str
    baseline_arm: str
    version: Version | None
    lapses: tuple[Version, ...]
    unsettled: tuple[Version, ...]
    verdicts: tuple[tuple[Version, Estimate], ...]
    sentence: str


@dataclass(frozen=True)
class History:
    """A model on a device in a scenario over all versions: a series for each arm.

    ``versions`` are all that launched it, oldest first. ``best`` is the fastest of all arms
    and versions; None where all failed.
    """

    model_id: str
    model: str
    model_title: str
    model_note: str | None
    device_id: str
    device: str
    scenario: str
    batch: int
    streams: int | None
    threads: int | None
    requests: int | None
    versions: tuple[Version, ...]
    series: tuple[Series, ...]
    best: Best | None
    pays: tuple[PaysSince, ...]
    sentence: str

    @property
    def scenario_title(self) -> str:
        """How its cells are driven: ``throughput, batch 8, 4 streams``."""
        return fmt.scenario(self.scenario, self.batch, self.streams, self.threads, self.requests)
