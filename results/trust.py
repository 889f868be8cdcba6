"""What lowers trust in a comparison: which cautions apply to it.

Decides when a caution is raised and which stored ones concern this pair; their words
are in ``results.cautions``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from results import cautions as words
from results.align import Alignment
from results.alike import is_same_model
from results.comparison import Attribution, CellView, Estimate, LayerSide, ShownCaution
from results.facts import Caution, ExecNode
from results.inserted import BASELINE, CANDIDATE
from results.pace import profile_ms
from results.pairing import DIRTY_CAUTIONS, Sample, headlines_ms
from results.precision import NOT_AS_ASKED, layers_caution
from results.views import LaunchView

DOUBTED = frozenset({"published_same_value", "published_over_ceiling"})
"""Stored cautions about a published figure that may be a mistake."""
VERDICT_CAUTIONS = DOUBTED | {
    NOT_AS_ASKED, "isa_cap_ignored", "stayed_dirty",
    "imported_counters_on", "imported_no_latency", "imported_source", "imported_implausible",
}  # fmt: skip
"""Stored cautions about a cell or a run that lower trust in a verdict itself."""
BAR_MISSED = "bar_missed"
"""The caution about a variant with a note."""
ON_LAUNCHES = DIRTY_CAUTIONS | {"stayed_dirty"}

FEW_BLOCKS = 5
"""Fewer blocks than this get a caution (the collector measures no fewer by itself)."""
LOW_COVERAGE = 0.99
UNSTEADY = 1.25
"""Launch medians of one cell further apart than this get a caution."""
PROFILE_PACE = 1.15
"""Counters cost a few per cent; a profile off by more than this saw another machine state."""


@dataclass(frozen=True)
class TrustInputs:
    """What the computed cautions look at; pairs are (baseline, candidate).

    ``nodes`` are the exec nodes of each side as they were stored, ``layers`` those that ran;
    both are empty without a profile.
    """

    baseline: CellView
    candidate: CellView
    runs: tuple[str, str]
    launches: tuple[LaunchView, ...]
    headlines_ms: tuple[list[float], list[float]]
    nodes: tuple[Sequence[ExecNode], Sequence[ExecNode]]
    estimate: Estimate
    alignment: Alignment | None
    attribution: Attribution | None
    layers: tuple[Sequence[LayerSide], Sequence[LayerSide]]

    @property
    def cells(self) -> tuple[CellView, CellView]:
        """Baseline and candidate."""
        return self.baseline, self.candidate

    @cached_property
    def precisions(self) -> tuple[tuple[CellView, ShownCaution], ...]:
        """The cells that did not run in what they were asked to, and what says so."""
        return tuple(_precisions(self))


def computed_cautions(trust: TrustInputs) -> tuple[ShownCaution, ...]:
    """Cautions that follow from the pair itself, the gravest first."""
    return (
        *origin_cautions(trust.cells),
        *_axes(trust),
        *_measuring(trust),
        *_layers(trust),
        *_subject(trust),
    )


def stored_cautions(
    trust: TrustInputs, stored: Sequence[Caution], used_launches: frozenset[str]
) -> tuple[ShownCaution, ...]:
    """Stored cautions about these cells, machines, runs and the launches that are used.

    Launches with the same caution are told together, with how many they are. What the
    layers at hand say about the executed precision is computed, and not told again.
    """
    about = {trust.baseline.cell_id, trust.candidate.cell_id, *trust.runs}
    about |= {cell.machine_id for cell in trust.cells} | {cell.device_id for cell in trust.cells}
    told = {cell.cell_id for cell, _ in trust.precisions}
    concerned = [
        caution
        for caution in stored
        if caution.subject_id in (used_launches if caution.subject == "launch" else about)
        and not (caution.caution_id == NOT_AS_ASKED and caution.subject_id in told)
    ]
    return _shown(concerned, trust.cells, len(used_launches))


def variant_cautions(cell: CellView) -> tuple[ShownCaution, ...]:
    """What has to be said of a cell's variant, such as a bar of accuracy that it missed."""
    if not cell.variant_note:
        return ()
    return (words.of(BAR_MISSED, cell.variant_kind, cell.variant_note),)


def verdict_cautions(
    stored: Sequence[Caution], cells: tuple[CellView, CellView], used: Sample
) -> tuple[ShownCaution, ...]:
    """Stored cautions of the runs used that lower trust in the verdict of two cells.

    Those are: another precision than asked for, a cap that was ignored, a block that
    stayed dirty, what disturbed the launches that are used, and that those are few or share
    no block. What has to be said of a variant itself comes first. That a machine changed its
    pace is no reason to doubt a paired verdict: what both arms share cancels, and the rest is
    in the interval; a comparison says it all the same, because it has layers too.
    """
    launches = {launch.launch_id: launch for launch in (*used.baseline, *used.candidate)}
    runs = {launch.run_id for launch in launches.values()}
    about = {cell.cell_id for cell in cells} | runs
    concerned = [
        caution
        for caution in stored
        if caution.run_id in runs
        and (
            (caution.caution_id in VERDICT_CAUTIONS and caution.subject_id in about)
            or (caution.caution_id in ON_LAUNCHES and caution.subject_id in launches)
        )
    ]
    noted = (caution for cell in cells for caution in variant_cautions(cell))
    return (
        *origin_cautions(cells),
        *noted,
        *_of_launches(cells, used),
        *_shown(concerned, cells, len(launches)),
    )


def _of_launches(cells: tuple[CellView, CellView], used: Sample) -> Iterator[ShownCaution]:
    """What the launches of a verdict say of it by themselves."""
    if not all(cell.is_measured for cell in cells):
        return
    if not used.paired:
        yield _unpaired(cells, (used.baseline[0].run_id, used.candidate[0].run_id))
    if (blocks := min(len(used.baseline), len(used.candidate))) < FEW_BLOCKS:
        yield words.few_blocks(blocks)
    if not used.paired:
        yield from _pace_changes(cells, (headlines_ms(used.baseline), headlines_ms(used.candidate)))


def _unpaired(cells: tuple[CellView, CellView], runs: tuple[str, str]) -> ShownCaution:
    """Two machines cannot share a block, so that it is no use to ask for one."""
    a, b = cells
    if a.machine_id != b.machine_id:
        return words.unpaired_machines(a.device, b.device)
    return words.unpaired(*runs)


def _pace_changes(
    cells: tuple[CellView, CellView], headlines: tuple[Sequence[float], Sequence[float]]
) -> Iterator[ShownCaution]:
    """That the launches of a cell lie far apart."""
    for cell, used_ms in zip(cells, headlines, strict=True):
        if used_ms and max(used_ms) > UNSTEADY * min(used_ms):
            yield words.unsteady_machine(_called(cell, cells), min(used_ms), max(used_ms))


def _called(cell: CellView, cells: tuple[CellView, CellView]) -> str:
    """The cell by its arm; where both run the same arm, with what else tells it apart."""
    a, b = cells
    if a.arm != b.arm:
        return cell.arm
    if a.device_id != b.device_id:
        return f"{cell.arm} on {cell.device}"
    return f"{cell.arm} with OpenVINO {cell.runtime}" if a.runtime != b.runtime else cell.arm


def _shown(
    concerned: Sequence[Caution], cells: tuple[CellView, CellView], launches: int
) -> tuple[ShownCaution, ...]:
    """In words; one for all launches with the same caution, one for each cell that has it."""
    arms = {cell.cell_id: cell.arm for cell in cells}
    by_kind: dict[tuple[str, str], list[Caution]] = {}
    for caution in dict.fromkeys(concerned):
        about = caution.subject_id if caution.subject_id in arms else caution.subject
        by_kind.setdefault((caution.caution_id, about), []).append(caution)
    return tuple(
        _together(arms.get(about, about), same, launches) for (_, about), same in by_kind.items()
    )


def _together(subject: str, same: Sequence[Caution], launches: int) -> ShownCaution:
    details = list(dict.fromkeys(caution.detail for caution in same))
    detail = details[0] if len(details) == 1 else f"{details[0]} and {len(details) - 1} more"
    if same[0].subject == "launch":
        detail = f"{detail}, in {len(same)} of {launches} launches"
    return words.of(same[0].caution_id, subject, detail)


def origin_cautions(cells: Sequence[CellView]) -> tuple[ShownCaution, ...]:
    """What has to be said of cells that INT8 Lens did not measure, for each once."""
    return tuple(
        words.of(cell.origin, cell.arm, f"{cell.arm} of {cell.model} on {cell.device}")
        for cell in dict.fromkeys(cells)
        if not cell.is_measured
    )


def _axes(trust: TrustInputs) -> Iterator[ShownCaution]:
    """In what the cells differ: a second axis is one too many, model and batch always are."""
    a, b = trust.cells
    values = (
        ("model", True, is_same_model(a, b), a.model_title, b.model_title),
        ("device", a.device_id, b.device_id, a.device, b.device),
        ("runtime", a.runtime_id, b.runtime_id, a.runtime, b.runtime),
        ("batch", a.batch, b.batch, a.batch, b.batch),
        ("arm", a.arm, b.arm, a.arm, b.arm),
        ("scenario", _scenario(a), _scenario(b), a.scenario, b.scenario),
    )
    differing = [(axis, shown_a, shown_b) for axis, x, y, shown_a, shown_b in values if x != y]
    several = len(differing) > 1
    if several:
        yield words.more_than_one_axis(tuple(axis for axis, _, _ in differing))
    for axis, shown_a, shown_b in differing:
        if axis in {"model", "batch"} or (several and axis in {"device", "runtime"}):
            yield words.different(axis, shown_a, shown_b)


def _scenario(cell: CellView) -> tuple[str, int | None, int | None, int | None]:
    return cell.scenario, cell.streams, cell.threads, cell.requests


def _measuring(trust: TrustInputs) -> Iterator[ShownCaution]:
    measured = all(cell.is_measured for cell in trust.cells)  # else that caution says it all
    if measured and not trust.estimate.paired:
        yield _unpaired(trust.cells, trust.runs)
    if measured and trust.estimate.blocks < FEW_BLOCKS:
        yield words.few_blocks(trust.estimate.blocks)
    for cell in trust.cells:
        own = [launch for launch in trust.launches if _measured(launch, cell)]
        failed = [launch for launch in own if not launch.ok]
        if failed:
            yield words.failed_launches(cell.arm, len(failed), len(own), failed[-1].error)
    yield from _pace_changes(trust.cells, trust.headlines_ms)


def _measured(launch: LaunchView, cell: CellView) -> bool:
    """Whether it timed or profiled the cell; what only starts it up says nothing here."""
    return launch.cell_id == cell.cell_id and launch.kind in {"timing", "profile"}


def _pace(trust: TrustInputs) -> Iterator[ShownCaution]:
    for cell, timing_ms in zip(
        trust.cells, (trust.estimate.baseline_ms, trust.estimate.candidate_ms), strict=True
    ):
        profiled = {node.launch_id for nodes in trust.nodes for node in nodes}
        took_ms = profile_ms(cell, trust.launches, profiled)
        if took_ms and abs(math.log(took_ms / timing_ms)) > math.log(PROFILE_PACE):
            yield words.profile_differs(_called(cell, trust.cells), took_ms, timing_ms)


def _layers(trust: TrustInputs) -> Iterator[ShownCaution]:
    for cell, nodes in zip(trust.cells, trust.nodes, strict=True):
        if not nodes and cell.is_measured:
            yield words.no_profile(cell.arm)
    yield from _pace(trust)
    if trust.attribution is not None and trust.attribution.withheld:
        attribution = trust.attribution
        yield words.layers_withheld(attribution.unattributed_us, attribution.wall_us)
    if trust.alignment is not None:
        coverage = trust.alignment.coverage
        for side, share in ((BASELINE, coverage.baseline), (CANDIDATE, coverage.candidate)):
            if share < LOW_COVERAGE:
                yield words.low_coverage(side, share)
    yield from (shown for _, shown in trust.precisions)


def _precisions(trust: TrustInputs) -> Iterator[tuple[CellView, ShownCaution]]:
    """A cell that did not run in what it was asked to, and the caution that says so."""
    for cell, layers in zip(trust.cells, trust.layers, strict=True):
        found = layers_caution(cell.arm, cell.precision, cell.variant_kind, layers)
        if found is not None:
            yield cell, words.of(found[0], cell.arm, found[1])


def _subject(trust: TrustInputs) -> Iterator[ShownCaution]:
    """What is special about the device and the model."""
    for cell in dict.fromkeys(trust.cells):
        if cell.isa_cap is not None:
            yield words.of("capped_device", cell.device, f"{cell.device} ({cell.isa_cap})")
        yield from variant_cautions(cell)
        if cell.model_note is not None and "synthetic" in cell.model_note:
            yield words.of("synthetic_weights", cell.model, cell.model_note)
