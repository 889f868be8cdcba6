"""What a comparison is: the dataclasses that ``results compare`` and the pages show.

Only shapes live here. ``stats`` estimates, ``align`` ties layers together,
``attribution`` adds up, ``compare`` puts it together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from results.accuracy import AccuracyView, RevertedView
from results.roof import GroupRoof, ModelCeiling

THROUGHPUT = "throughput"
MEASURED, IMPORTED, PUBLISHED = "measured", "imported", "published"
"""Where the figures of a cell come from: INT8 Lens, another tool's report, a publication."""


class Verdict(StrEnum):
    """The four possible answers; a candidate is faster, slower, ... than its baseline."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"

    @property
    def sign(self) -> str:
        """The sign that goes with the word wherever a verdict is shown."""
        return _SIGNS[self]


_SIGNS = {
    Verdict.FASTER: "\N{BLACK UP-POINTING TRIANGLE}",
    Verdict.SLOWER: "\N{BLACK DOWN-POINTING TRIANGLE}",
    Verdict.EQUIVALENT: "=",
    Verdict.INCONCLUSIVE: "?",
}


@dataclass(frozen=True)
class CellView:
    """A cell with the names of everything it is made of, for people and selectors."""

    cell_id: str
    device_id: str
    runtime_id: str
    model_id: str
    variant_id: str
    model: str
    model_title: str
    model_note: str | None
    arm: str
    variant_kind: str
    precision: str
    device: str
    machine_id: str
    isa_cap: str | None
    isa_flags: tuple[str, ...]
    runtime: str
    scenario: str
    batch: int
    streams: int | None
    threads: int | None
    requests: int | None
    variant_note: str | None = None
    origin: str = MEASURED

    @property
    def is_measured(self) -> bool:
        """Whether INT8 Lens measured it itself; else it was imported or published."""
        return self.origin == MEASURED

    @property
    def is_throughput(self) -> bool:
        """Whether it is driven for throughput, so that its time is that of an item."""
        return self.scenario == THROUGHPUT


@dataclass(frozen=True)
class Estimate:
    """Ratio candidate / baseline of what the launches took, below 1 is faster.

    Times are in ms: in latency for an inference, in throughput for an item; their
    quotient is the ratio.
    ``ci_low`` and ``ci_high`` bound the 95 % interval; they are None with fewer
    than two blocks. ``blocks`` counts paired blocks, or the smaller number of
    launches where ``paired`` is False. ``blocks_needed`` is set for an
    inconclusive verdict: how many blocks would settle it.
    """

    verdict: Verdict
    ratio: float
    ci_low: float | None
    ci_high: float | None
    paired: bool
    blocks: int
    blocks_needed: int | None
    baseline_ms: float
    candidate_ms: float

    @property
    def speedup(self) -> float:
        """How many times as fast the candidate is: 1 / ratio."""
        return 1.0 / self.ratio

    @property
    def speedup_bounds(self) -> tuple[float | None, float | None]:
        """The 95 % interval of the speed-up; None where the estimate has no interval."""
        low = 1.0 / self.ci_high if self.ci_high else None
        high = 1.0 / self.ci_low if self.ci_low else None
        return low, high


@dataclass(frozen=True)
class PrecisionShare:
    """What runs in one precision: layers, their time in µs, share of all executed time."""

    precision: str
    layers: float
    time_us: float
    share: float


@dataclass(frozen=True)
class Standing:
    """Whether verdicts of a device with a runtime are certified, and the sentence that says so."""

    device_id: str
    device: str
    runtime_id: str
    runtime: str
    certified: bool
    sentence: str


class GroupClass(StrEnum):
    """Classes of the attribution; each is one bar of the waterfall."""

    INT8_FASTER = "int8_faster"
    INT8_SLOWER = "int8_slower"
    LEFT_IN_FLOAT = "left_in_float"
    FUSION_CHANGED = "fusion_changed"
    PRECISION_CHANGED = "precision_changed"
    SAME_PRECISION = "same_precision"
    CONVERTED_ON_BOTH = "converted_on_both"
    INSERTED = "inserted"
    REMOVED = "removed"
    UNMATCHED = "unmatched"


@dataclass(frozen=True)
class LayerSide:
    """An exec node as one side of a group: median over the profile launches.

    ``op_types`` are the types of the source ops that it carries, without opset.
    """

    node_index: int
    name: str
    node_type: str
    primitive: str
    runtime_precision: str
    output_layouts: tuple[str, ...]
    output_shapes: tuple[str, ...]
    time_us: float
    original_names: tuple[str, ...]
    op_types: tuple[str, ...] = ()

    def carrying(self, op_types: tuple[str, ...]) -> LayerSide:
        """The layer with the types of its operations; for thousands ``replace`` takes long."""
        found = object.__new__(LayerSide)
        vars(found).update(vars(self), op_types=op_types)
        return found


@dataclass(frozen=True)
class Group:
    """The exec nodes of A and of B that carry the same source ops (n:m).

    ``sqnr_db`` is how far the candidate's values are from the float variant's where the
    group ends: at the last of its source ops, in topological order, for which that is known.

    ``delta_low_us`` and ``delta_high_us`` bound the 95 % interval of ``delta_us`` over the
    profile launches, None with fewer than two on a side. ``differs`` says whether the group
    is called different (Benjamini-Hochberg at 5 % over all groups, and above the floor);
    None where that could not be judged. ``roof`` is None where nothing is counted.
    """

    label: str
    op_type: str
    source_ops: tuple[str, ...]
    group_class: GroupClass
    baseline: tuple[LayerSide, ...]
    candidate: tuple[LayerSide, ...]
    baseline_us: float
    candidate_us: float
    method: str
    confidence: float
    flops: int | None
    sqnr_db: float | None = None
    delta_low_us: float | None = None
    delta_high_us: float | None = None
    differs: bool | None = None
    roof: GroupRoof | None = None

    @property
    def delta_us(self) -> float:
        """Candidate minus baseline: negative is time saved."""
        return self.candidate_us - self.baseline_us


@dataclass(frozen=True)
class WorstLayer:
    """A layer whose values in the candidate are among the farthest from the float variant's.

    ``delta_us`` is candidate minus baseline; None where the layers' times explain nothing, or
    none are known.
    """

    label: str
    op_type: str
    sqnr_db: float
    delta_us: float | None


class InsertedKind(StrEnum):
    """What an inserted node is there for."""

    LAYOUT = "layout"
    PRECISION = "precision"
    BOTH = "layout and precision"
    BOUNDARY = "input or output"
    CONSTANT = "constant"
    QUANTIZE = "quantise"
    OTHER = "other"


@dataclass(frozen=True)
class Inserted:
    """An exec node without a source op, with where it stands.

    ``side`` is ``candidate`` (inserted) or ``baseline`` (removed). ``producer`` and
    ``consumer`` name the exec nodes next to it. ``producer_op`` and ``consumer_op`` name what
    it stands between in the model: the label of the nearest group beyond other source-less
    nodes, ``the input`` or ``the output``; None where the graph does not say. ``shared``
    says that the other side has one of the same type in the same place.
    """

    side: str
    layer: LayerSide
    kind: InsertedKind
    producer: str | None
    consumer: str | None
    shared: bool = False
    producer_op: str | None = None
    consumer_op: str | None = None


@dataclass(frozen=True)
class Attribution:
    """Where the wall-clock difference comes from; ``parts`` plus ``unattributed_us`` is it.

    All in µs per inference, candidate minus baseline. ``withheld`` says that the
    unattributed part is larger than the effect, so that the layers explain nothing.
    """

    wall_us: float
    parts: tuple[tuple[GroupClass, float], ...]
    unattributed_us: float
    withheld: bool


@dataclass(frozen=True)
class Pace:
    """How many times as long each side took with counters on as in its headline.

    ``baseline_by`` and ``candidate_by`` are what the layers' times were divided by, to bring
    them to the headline's pace (``results.pace``).
    """

    baseline: float
    candidate: float
    baseline_by: float
    candidate_by: float


@dataclass(frozen=True)
class Coverage:
    """Share of executed time that stands in a group or is known to be inserted."""

    baseline: float
    candidate: float


@dataclass(frozen=True)
class FoundCause:
    """A named reason for a difference, with evidence and what to do.

    ``speedup_without`` is the speed-up of the whole model over the baseline if this cause
    were gone (Amdahl's bound: all its recoverable time won back); None where nothing of it
    can be won back by itself. ``seen`` is the evidence without any times, where there is one.
    ``command`` does what ``action`` says first; empty where no single command does.
    """

    cause_id: str
    title: str
    recoverable_us: float
    evidence: str
    action: str
    confidence: str
    layers: tuple[str, ...]
    speedup_without: float | None = None
    seen: str = ""
    command: str = ""


@dataclass(frozen=True)
class ShownCaution:
    """A caution in words: what lowers trust, the value seen, what to do."""

    caution_id: str
    subject: str
    message: str
    action: str


@dataclass(frozen=True)
class Comparison:
    """Cell A (baseline) against cell B (candidate).

    The precisions say in what each side ran; they are empty without a profile.
    ``standings`` has one entry, or two where device or runtime differ. Layer times are
    per inference, or per item where the cell's scenario is throughput. ``accuracy`` has one
    entry for each variant and each dataset that it was judged on; ``reverted`` one for each
    variant that the accuracy control put layers back to float in. ``ceiling`` is None where
    the pair is not INT8 against float, or nothing is known of the instruction set.
    ``sqnr_dataset`` names the data that the SQNR of the groups and of ``worst_layers`` was
    taken on, None where none is known; ``worst_layers`` has the lowest first. ``pace`` says
    what brought the layers' times to the headline's pace; None without profiles of both.
    ``profile_launches`` is how many of a side the layers' intervals rest on: rounds in which
    both took turns, else those of the side that has fewer; None without aligned layers.
    ``items`` share the time of one inference in throughput (``results.per_item``).
    """

    baseline: CellView
    candidate: CellView
    run_ids: tuple[str, ...]
    estimate: Estimate
    attribution: Attribution | None
    coverage: Coverage | None
    groups: tuple[Group, ...]
    inserted: tuple[Inserted, ...]
    causes: tuple[FoundCause, ...]
    cautions: tuple[ShownCaution, ...]
    sentence: str
    baseline_precisions: tuple[PrecisionShare, ...] = ()
    candidate_precisions: tuple[PrecisionShare, ...] = ()
    standings: tuple[Standing, ...] = ()
    accuracy: tuple[AccuracyView, ...] = ()
    reverted: tuple[RevertedView, ...] = ()
    sqnr_dataset: str | None = None
    worst_layers: tuple[WorstLayer, ...] = ()
    ceiling: ModelCeiling | None = None
    pace: Pace | None = None
    profile_launches: int | None = None
    items: float = 1.0
