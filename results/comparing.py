"""The one comparator: a comparison from facts in memory, put together from the pure parts.

Needs no store. Which facts those are, ``results.compare`` reads; statistics, alignment,
causes and words live in their own modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from results.accuracy import AccuracyView, LayerSqnr, RevertedView
from results.align import Alignment, align
from results.alike import is_same_place
from results.attribution import attribute
from results.causes import find_causes
from results.certificate import CertificateView, standings
from results.collection import held_back
from results.comparison import (
    Attribution,
    CellView,
    Comparison,
    Estimate,
    FoundCause,
    Group,
    Pace,
    ShownCaution,
    WorstLayer,
)
from results.damaged import damage, untimed
from results.errors import MeasurementError
from results.facts import Caution, SourceOp
from results.groups import with_sqnr, worst_layers
from results.inserted import with_operations
from results.kinds import is_int8_variant
from results.layer_stats import Round, judge
from results.nodes import Side
from results.pace import Profiled, at_pace, pace_of
from results.pairing import (
    Sample,
    dirty_launches,
    headlines_ms,
    profile_rounds,
    sample,
    timing_ok,
)
from results.per_item import items_of, per_item
from results.precision import precision_times
from results.roof import ModelCeiling, Peaks
from results.roofline import model_ceiling, with_roofs
from results.sentence import Context, OtherBaseline, verdict_sentence
from results.trust import LOW_COVERAGE, TrustInputs, computed_cautions, stored_cautions
from results.views import LaunchView


@dataclass(frozen=True)
class ComparisonInputs:
    """Everything a comparison is made of.

    ``launches`` hold the launches of both cells in the runs ``baseline_run`` and
    ``candidate_run``; ``ops`` are the source ops of the model's float variant, ``sqnr``
    says how far the candidate's values are off at them, ``peaks`` what the candidate's device
    was measured to do at most. ``other`` is the float file in the other precision.
    """

    baseline: CellView
    candidate: CellView
    baseline_run: str
    candidate_run: str
    launches: tuple[LaunchView, ...]
    baseline_side: Side
    candidate_side: Side
    ops: tuple[SourceOp, ...]
    cautions: tuple[Caution, ...]
    certificates: tuple[CertificateView, ...] = ()
    accuracy: tuple[AccuracyView, ...] = ()
    reverted: tuple[RevertedView, ...] = ()
    sqnr: LayerSqnr | None = None
    peaks: Peaks | None = None
    other: OtherBaseline | None = None


def build_comparison(inputs: ComparisonInputs) -> Comparison:
    """The comparison from facts in memory; raises MeasurementError as ``compare_cells``."""
    with held_back:
        return _built(_per_item(inputs))


def _built(inputs: ComparisonInputs) -> Comparison:
    baseline, candidate = inputs.baseline, inputs.candidate
    used = _sample(inputs)
    estimate = used.estimate()
    if not (baseline.is_measured and candidate.is_measured):
        estimate = replace(estimate, blocks_needed=None)  # nobody can measure another block
    candidate_us = estimate.candidate_ms * 1000.0
    rounds = _rounds(inputs)
    pace = _pace(inputs, estimate, in_turns=bool(rounds))
    inputs = _at_pace(inputs, pace)
    aligned = _align(inputs, rounds, candidate_us)
    attribution = _attribute(estimate, aligned)
    groups, inserted = (aligned.groups, aligned.inserted) if aligned else ((), ())
    worst = _worst(inputs, groups, attribution)
    causes = _causes(inputs, aligned, estimate, in_turns=bool(rounds))
    told = Context(
        other=inputs.other,
        baseline_precisions=precision_times(inputs.baseline_side.executed_layers),
        ceiling=_ceiling(inputs, estimate, pace, aligned),
        groups=groups,
        causes=_told(causes, attribution, aligned),
    )
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        run_ids=tuple(dict.fromkeys((inputs.baseline_run, inputs.candidate_run))),
        estimate=estimate,
        attribution=attribution,
        coverage=aligned.coverage if aligned else None,
        groups=groups,
        inserted=inserted,
        causes=told.causes,
        cautions=_cautions(inputs, used, estimate, aligned, attribution),
        sentence=verdict_sentence(
            baseline, candidate, estimate, attribution, inserted, context=told
        ),
        baseline_precisions=told.baseline_precisions,
        candidate_precisions=precision_times(inputs.candidate_side.executed_layers),
        standings=standings((baseline, candidate), inputs.certificates),
        accuracy=inputs.accuracy,
        reverted=inputs.reverted,
        sqnr_dataset=inputs.sqnr.dataset if inputs.sqnr and worst else None,
        worst_layers=worst,
        ceiling=told.ceiling,
        pace=pace if aligned else None,
        profile_launches=_profile_launches(inputs, rounds) if aligned else None,
        items=items_of(candidate, inputs.launches),
    )


def _causes(
    inputs: ComparisonInputs, aligned: Alignment | None, estimate: Estimate, *, in_turns: bool
) -> tuple[FoundCause, ...]:
    """The causes of a pair in one place; elsewhere the same kernels differ by the machine."""
    if aligned is None or not is_same_place(inputs.baseline, inputs.candidate):
        return ()
    return find_causes(
        inputs.baseline,
        inputs.candidate,
        estimate.candidate_ms * 1000.0,
        aligned.groups,
        aligned.inserted,
        baseline_us=estimate.baseline_ms * 1000.0,
        in_turns=in_turns,
        items=items_of(inputs.candidate, inputs.launches),
    )


def _rounds(inputs: ComparisonInputs) -> tuple[Round, ...]:
    """The profile launches of both sides that took turns with each other."""
    times_a, times_b = inputs.baseline_side.times, inputs.candidate_side.times
    return profile_rounds(
        inputs.launches,
        inputs.baseline.cell_id,
        inputs.candidate.cell_id,
        frozenset((*times_a.launch_ids, *times_b.launch_ids)),
    )


def _profile_launches(inputs: ComparisonInputs, rounds: Sequence[Round]) -> int:
    """How many launches of a side the layers' intervals rest on."""
    sides = inputs.baseline_side, inputs.candidate_side
    return len(rounds) or min(len(side.times.launch_ids) for side in sides)


def _pace(inputs: ComparisonInputs, estimate: Estimate, *, in_turns: bool) -> Pace:
    sides = (
        Profiled(inputs.baseline, inputs.baseline_side, inputs.launches),
        Profiled(inputs.candidate, inputs.candidate_side, inputs.launches),
    )
    return pace_of(*sides, estimate, in_turns=in_turns)


def _at_pace(inputs: ComparisonInputs, pace: Pace) -> ComparisonInputs:
    """With the layers' times at the headline's pace."""
    return replace(
        inputs,
        baseline_side=at_pace(inputs.baseline_side, pace.baseline_by),
        candidate_side=at_pace(inputs.candidate_side, pace.candidate_by),
    )


def _worst(
    inputs: ComparisonInputs, groups: Sequence[Group], attribution: Attribution | None
) -> tuple[WorstLayer, ...]:
    """The layers whose output suffers most; the ops are those of the baseline's model."""
    if inputs.sqnr is None or inputs.baseline.model_id != inputs.candidate.model_id:
        return ()
    timed = attribution is not None and not attribution.withheld
    return worst_layers(groups, inputs.sqnr.sqnr_db, inputs.ops, timed=timed)


def _told(
    causes: tuple[FoundCause, ...], attribution: Attribution | None, aligned: Alignment | None
) -> tuple[FoundCause, ...]:
    """Where the layer story is withheld, only what needs no layer times is told, and no µs.

    What one side alone has is then no evidence either, unless the layers of both are matched.
    """
    if aligned is None or attribution is None or not attribution.withheld:
        return causes
    if min(aligned.coverage.baseline, aligned.coverage.candidate) < LOW_COVERAGE:
        return tuple(cause for cause in causes if not cause.recoverable_us)
    return tuple(
        replace(cause, recoverable_us=0.0, speedup_without=None, evidence=cause.seen)
        if cause.recoverable_us
        else cause
        for cause in causes
        if cause.seen or not cause.recoverable_us
    )


def no_launch(cell: CellView, launches: Sequence[LaunchView]) -> MeasurementError:
    """Why a cell cannot be compared: the latest stored reason."""
    reasons = [launch.error for launch in launches if launch.error and not launch.ok]
    timed = any(launch.kind == "timing" for launch in launches)
    why = "it was never timed" if cell.is_measured else "only its layers were imported"
    why = reasons[-1] if reasons else "no latency above 0 was told" if timed else why
    again = "import the report of the same run together with its layers, or one with its latency"
    return MeasurementError(
        f"{cell.arm} of {cell.model} on {cell.device} has no good timing launch: {why}",
        hint="measure it again with `python -m collector run`" if cell.is_measured else again,
    )


def _sample(inputs: ComparisonInputs) -> Sample:
    dirty = dirty_launches(inputs.cautions)
    sides = []
    for cell in (inputs.baseline, inputs.candidate):
        good = timing_ok(inputs.launches, cell.cell_id)
        if not good:
            own = [launch for launch in inputs.launches if launch.cell_id == cell.cell_id]
            raise no_launch(cell, own)
        sides.append(good)
    return sample(sides[0], sides[1], dirty)


def _per_item(inputs: ComparisonInputs) -> ComparisonInputs:
    """With layer times as the headlines are: per inference, or in throughput per item."""
    return replace(
        inputs,
        baseline_side=per_item(inputs.baseline_side, inputs.baseline, inputs.launches),
        candidate_side=per_item(inputs.candidate_side, inputs.candidate, inputs.launches),
    )


def _align(
    inputs: ComparisonInputs, rounds: Sequence[Round], candidate_us: float
) -> Alignment | None:
    """The layers of both with all that is known of them; None for different models.

    None too where one has no profile, or where the model's operations are not known, as
    those of an imported one.
    """
    profiled = inputs.baseline_side.nodes and inputs.candidate_side.nodes
    if not profiled or not inputs.ops or inputs.baseline.model_id != inputs.candidate.model_id:
        return None
    baseline, candidate = inputs.baseline_side, inputs.candidate_side
    aligned = align(
        baseline,
        candidate,
        inputs.ops,
        candidate_is_int8=is_int8_variant(inputs.candidate.variant_kind),
    )
    times = baseline.times, candidate.times
    items = items_of(inputs.candidate, inputs.launches)
    groups = judge(aligned.groups, *times, rounds, candidate_us, items=items)
    if inputs.sqnr is not None:
        groups = with_sqnr(groups, inputs.sqnr.sqnr_db)
    groups = with_roofs(groups, inputs.baseline, inputs.candidate, inputs.ops, inputs.peaks)
    inserted = with_operations(aligned.inserted, groups, baseline.averaged, candidate.averaged)
    return replace(aligned, groups=groups, inserted=inserted)


def _ceiling(
    inputs: ComparisonInputs, estimate: Estimate, pace: Pace, aligned: Alignment | None
) -> ModelCeiling | None:
    """The ceiling of the pair; its inference is the baseline's at the pace of its layers."""
    if aligned is None or untimed(inputs.baseline_side.nodes):
        return None  # the share of time that INT8 speeds up is then not known
    baseline_us = estimate.baseline_ms * 1000.0 * pace.baseline / pace.baseline_by
    cells = inputs.baseline, inputs.candidate
    if not is_same_place(*cells):
        return None
    return model_ceiling(*cells, aligned.groups, aligned.inserted, baseline_us)


def _attribute(estimate: Estimate, aligned: Alignment | None) -> Attribution | None:
    if aligned is None:
        return None
    return attribute(estimate.baseline_ms, estimate.candidate_ms, aligned.groups, aligned.inserted)


def _cautions(
    inputs: ComparisonInputs,
    used: Sample,
    estimate: Estimate,
    aligned: Alignment | None,
    attribution: Attribution | None,
) -> tuple[ShownCaution, ...]:
    """Stored and computed cautions, and what is broken in the facts, each once."""
    trust = TrustInputs(
        baseline=inputs.baseline,
        candidate=inputs.candidate,
        runs=(inputs.baseline_run, inputs.candidate_run),
        launches=inputs.launches,
        headlines_ms=(headlines_ms(used.baseline), headlines_ms(used.candidate)),
        nodes=(inputs.baseline_side.nodes, inputs.candidate_side.nodes),
        estimate=estimate,
        alignment=aligned,
        attribution=attribution,
        layers=(inputs.baseline_side.executed_layers, inputs.candidate_side.executed_layers),
    )
    stored = stored_cautions(trust, inputs.cautions, used.launch_ids)
    broken = damage(trust.cells, (inputs.baseline_side, inputs.candidate_side))
    shown = (*computed_cautions(trust), *broken, *stored)
    return tuple({(caution.caution_id, caution.message): caution for caution in shown}.values())
