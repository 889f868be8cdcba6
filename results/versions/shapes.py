"""What is told about OpenVINO versions: the dataclasses of changes, triage and series.

Only shapes live here. ``changes`` says what changed between two versions for one cell,
``triage`` sorts all cells of two versions into buckets, ``series`` follows a cell over all
versions. Times are as everywhere in ``results``: per inference, or in throughput per item;
ratios are the newer version's time over the older one's, below 1 is faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from results import format as fmt
from results.comparison import CellView, Comparison, Estimate, InsertedKind


@dataclass(frozen=True)
class Version:
    """An OpenVINO as it was measured; ``label`` tells two builds of one version apart."""

    runtime_id: str
    version: str
    build: str
    label: str


class ChangeKind(StrEnum):
    """What happened to a group of layers, or to the conversions between them."""

    KERNEL = "kernel"
    PRECISION = "precision"
    FUSION_GAINED = "fusion gained"
    FUSION_LOST = "fusion lost"
    REORDER_GONE = "conversion gone"
    REORDER_COME = "conversion come"
    CONVERTED_IN_BOTH = "conversions that both have"
    SAME = "same kernel"
    UNMATCHED = "without a partner"


@dataclass(frozen=True)
class GroupChange:
    """A group of layers that the two versions run differently; times in µs.

    ``from_kernel`` and ``to_kernel`` are spelled as in today's OpenVINO, several joined by
    ``+``; precisions likewise. ``from_layers`` and ``to_layers`` name the executed layers.
    ``is_depthwise`` says that the group holds a convolution with one channel per group;
    ``cause`` is the change in words that fit every cell that has it.
    """

    kind: ChangeKind
    label: str
    op_type: str
    is_depthwise: bool
    from_kernel: str
    to_kernel: str
    from_precision: str
    to_precision: str
    from_layers: tuple[str, ...]
    to_layers: tuple[str, ...]
    before_us: float
    after_us: float
    cause: str

    @property
    def delta_us(self) -> float:
        """After minus before: negative is time saved."""
        return self.after_us - self.before_us


@dataclass(frozen=True)
class InsertedChange:
    """A Reorder, Convert or the like that only one of the versions has; time in µs."""

    kind: ChangeKind
    name: str
    node_type: str
    why: InsertedKind
    producer: str | None
    consumer: str | None
    time_us: float


@dataclass(frozen=True)
class KindSum:
    """All changes of a kind: how many, and what they add to the time (negative: saved)."""

    kind: ChangeKind
    count: int
    delta_us: float


@dataclass(frozen=True)
class ChangeCause:
    """A change in words that do not depend on the cell, so that it can be told once for many.

    ``count`` is how many layers of the cell it is about, ``delta_us`` what they add to its
    time; None where the layers' times explain nothing.
    """

    text: str
    count: int
    delta_us: float | None


@dataclass(frozen=True)
class Changes:
    """What changed for one cell between two versions, the older one as it was asked first.

    ``groups`` hold what changed in layers (the largest µs first), ``gone`` and ``come`` the
    conversions. ``profiled`` is False where a side has no layers. ``withheld`` says that the
    layers leave more unexplained than the versions differ by: then which kernels changed
    still holds, and their times explain nothing.
    """

    baseline: Version
    candidate: Version
    comparison: Comparison
    groups: tuple[GroupChange, ...]
    gone: tuple[InsertedChange, ...]
    come: tuple[InsertedChange, ...]
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

    def of_kind(self, *kinds: ChangeKind) -> tuple[GroupChange, ...]:
        """The groups that changed in one of these ways."""
        return tuple(group for group in self.groups if group.kind in kinds)


class Bucket(StrEnum):
    """Where the triage puts a cell of two versions; in the order in which it is told."""

    FAILED = "failed"
    MUCH_SLOWER = "much slower"
    SLOWER = "slower"
    SAME = "same"
    UNDECIDED = "undecided"
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
    Bucket.MUCH_SLOWER: _DOWN * 2,
    Bucket.SLOWER: _DOWN,
    Bucket.SAME: "=",
    Bucket.UNDECIDED: "?",
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

    ``reason`` says why the failed side failed. ``causes`` are empty where nothing was
    profiled, and where the versions are not told apart. ``withheld`` as in ``Changes``.
    """

    bucket: Bucket
    baseline: CellView | None
    candidate: CellView | None
    estimate: Estimate | None = None
    reason: str | None = None
    causes: tuple[ChangeCause, ...] = ()
    withheld: bool = False

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

    ``layers`` counts the layers over all cells, 0 for a failure; ``buckets`` those of the
    cells.
    """

    text: str
    cells: int
    models: tuple[str, ...]
    buckets: tuple[Bucket, ...]
    layers: int = 0
    delta_us: float | None = None


@dataclass(frozen=True)
class Triage:
    """All cells of two versions: rows by bucket, in each by effect; causes told once."""

    baseline: Version
    candidate: Version
    rows: tuple[TriageRow, ...]
    counts: tuple[tuple[Bucket, int], ...]
    causes: tuple[SharedCause, ...]
    failures: tuple[SharedCause, ...]
    sentence: str

    def in_bucket(self, bucket: Bucket) -> tuple[TriageRow, ...]:
        """The rows of a bucket."""
        return tuple(row for row in self.rows if row.bucket is bucket)


@dataclass(frozen=True)
class Step:
    """From the version before to this one.

    ``is_change_point`` says that the verdict is faster or slower and holds among all steps of
    its series (Holm). ``previous`` is the last version before that did not fail.
    """

    previous: Version
    estimate: Estimate
    is_change_point: bool


@dataclass(frozen=True)
class SeriesPoint:
    """A version in a series: the geometric mean of the blocks' headlines in ms, 95 % interval.

    ``median_ms`` is None where the version failed; ``failure`` then says why. The bounds are
    None with one block. ``step`` is None for the first version that did not fail.
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
    """The fastest that did not fail, and how far the next one is behind.

    ``runner_up`` is None where there is no other. ``ties`` are equivalent to the best,
    ``unsettled`` not told apart from it.
    """

    point: SeriesPoint
    runner_up: Rival | None
    ties: tuple[SeriesPoint, ...]
    unsettled: tuple[SeriesPoint, ...]
    sentence: str


@dataclass(frozen=True)
class Series:
    """One cell followed over the versions, oldest first; failed versions stay in it."""

    arm: str
    variant_id: str
    variant_kind: str
    points: tuple[SeriesPoint, ...]
    best: Best | None
    sentence: str

    @property
    def change_points(self) -> tuple[SeriesPoint, ...]:
        """The versions at which the time really changed."""
        return tuple(point for point in self.points if point.step and point.step.is_change_point)


@dataclass(frozen=True)
class PaysSince:
    """Since which version an INT8 arm is faster than float as the device runs it by default.

    ``version`` is the first where it is, None where it never was; ``lapses`` are later ones
    where it was measured and is not, ``verdicts`` every version that has both arms.
    """

    arm: str
    baseline_arm: str
    version: Version | None
    lapses: tuple[Version, ...]
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
