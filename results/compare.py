"""Cell A against cell B: the one comparator, put together from the pure parts.

``compare_cells`` reads facts through ``results.queries``; ``build_comparison`` needs
no store. Statistics, alignment, causes and words live in their own modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from results import queries
from results.accuracy import AccuracyView, LayerSqnr, RevertedView
from results.accuracy_views import on_shared_data
from results.align import Alignment, align
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
    ShownCaution,
    WorstLayer,
)
from results.damaged import damage, untimed
from results.errors import MeasurementError, UsageError
from results.facts import Caution, SourceOp
from results.groups import with_sqnr, worst_layers
from results.inserted import with_operations
from results.kinds import is_int8_variant
from results.layer_stats import judge
from results.nodes import Side
from results.other_baseline import other_baseline
from results.pairing import (
    Sample,
    dirty_launches,
    headlines_ms,
    profile_rounds,
    sample,
    timing_ok,
)
from results.per_item import per_item
from results.precision import precision_times
from results.roof import ModelCeiling, Peaks
from results.roofline import model_ceiling, with_roofs
from results.sentence import Context, OtherBaseline, verdict_sentence
from results.shelf import Shelf
from results.store import Index
from results.trust import TrustInputs, computed_cautions, stored_cautions
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


def compare_cells(
    index: Index,
    baseline: CellView,
    candidate: CellView,
    run_id: str | None = None,
    *,
    shelf: Shelf | None = None,
) -> Comparison:
    """Compare two cells of a store in one run.

    Without ``run_id``: the latest run in which both share blocks, else the latest
    run of each, unpaired and with a caution. Raises UsageError where both are the
    same cell, MeasurementError where one of them has no good timing launch. Who compares
    many pairs of an index gives all of them one ``shelf`` of it.
    """
    if baseline.cell_id == candidate.cell_id:
        raise UsageError(
            f"baseline and candidate are the same cell, {baseline.arm} of {baseline.model}",
            hint="choose two different cells",
        )
    shelf = shelf or Shelf(index)
    shared = run_id or shelf.latest_shared_run(baseline.cell_id, candidate.cell_id)
    run_a = shared or _latest_run(index, baseline)
    run_b = shared or _latest_run(index, candidate)
    inputs = _read(shelf, baseline, candidate, run_a, run_b)
    other = other_baseline(shelf, baseline, candidate, run_b, only=run_id is not None)
    return build_comparison(replace(inputs, other=other))


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
    aligned = _align(inputs, candidate_us)
    attribution = _attribute(estimate, aligned)
    groups, inserted = (aligned.groups, aligned.inserted) if aligned else ((), ())
    worst = _worst(inputs, groups, attribution)
    baseline_us = estimate.baseline_ms * 1000.0
    causes = (
        find_causes(baseline, candidate, candidate_us, groups, inserted, baseline_us=baseline_us)
        if aligned
        else ()
    )
    told = Context(
        other=inputs.other,
        baseline_precisions=precision_times(inputs.baseline_side.executed_layers),
        ceiling=_ceiling(inputs, estimate, aligned),
        groups=groups,
        causes=_told(causes, attribution),
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
    causes: tuple[FoundCause, ...], attribution: Attribution | None
) -> tuple[FoundCause, ...]:
    """Where the layer story is withheld, only what needs no layer times is told."""
    if attribution is None or not attribution.withheld:
        return causes
    return tuple(cause for cause in causes if not cause.recoverable_us)


def _latest_run(index: Index, cell: CellView) -> str:
    run_id = queries.latest_run_of(index, cell.cell_id)
    if run_id is None:
        raise _no_launch(cell, queries.launches(index, None, [cell.cell_id]))
    return run_id


def _no_launch(cell: CellView, launches: Sequence[LaunchView]) -> MeasurementError:
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


def _read(
    shelf: Shelf, baseline: CellView, candidate: CellView, run_a: str, run_b: str
) -> ComparisonInputs:
    kinds = {cell.variant_id: cell.variant_kind for cell in (baseline, candidate)}
    model_ids = tuple(sorted({baseline.model_id, candidate.model_id}))
    views = shelf.accuracy(model_ids, list(kinds))
    accuracy = on_shared_data(views, kinds, candidate.variant_id)
    return ComparisonInputs(
        baseline=baseline,
        candidate=candidate,
        baseline_run=run_a,
        candidate_run=run_b,
        launches=(
            *shelf.launches(baseline.cell_id, run_a),
            *shelf.launches(candidate.cell_id, run_b),
        ),
        baseline_side=shelf.side(baseline.cell_id, run_a),
        candidate_side=shelf.side(candidate.cell_id, run_b),
        ops=shelf.float_ops(baseline.model_id),
        cautions=shelf.cautions(tuple(sorted({run_a, run_b}))),
        certificates=shelf.certificates(),
        accuracy=accuracy,
        reverted=shelf.reverted(kinds),
        sqnr=shelf.sqnr(candidate.variant_id, accuracy),
        peaks=shelf.peaks(candidate.device_id),
    )


def _sample(inputs: ComparisonInputs) -> Sample:
    dirty = dirty_launches(inputs.cautions)
    sides = []
    for cell in (inputs.baseline, inputs.candidate):
        good = timing_ok(inputs.launches, cell.cell_id)
        if not good:
            own = [launch for launch in inputs.launches if launch.cell_id == cell.cell_id]
            raise _no_launch(cell, own)
        sides.append(good)
    return sample(sides[0], sides[1], dirty)


def _per_item(inputs: ComparisonInputs) -> ComparisonInputs:
    """With layer times as the headlines are: per inference, or in throughput per item."""
    return replace(
        inputs,
        baseline_side=per_item(inputs.baseline_side, inputs.baseline, inputs.launches),
        candidate_side=per_item(inputs.candidate_side, inputs.candidate, inputs.launches),
    )


def _align(inputs: ComparisonInputs, candidate_us: float) -> Alignment | None:
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
    groups = _judged(inputs, aligned.groups, candidate_us)
    if inputs.sqnr is not None:
        groups = with_sqnr(groups, inputs.sqnr.sqnr_db)
    groups = with_roofs(groups, inputs.baseline, inputs.candidate, inputs.ops, inputs.peaks)
    inserted = with_operations(aligned.inserted, groups, baseline.averaged, candidate.averaged)
    return replace(aligned, groups=groups, inserted=inserted)


def _judged(
    inputs: ComparisonInputs, groups: Sequence[Group], candidate_us: float
) -> tuple[Group, ...]:
    """The groups with their intervals, from the profile launches."""
    times_a, times_b = inputs.baseline_side.times, inputs.candidate_side.times
    rounds = profile_rounds(
        inputs.launches,
        inputs.baseline.cell_id,
        inputs.candidate.cell_id,
        frozenset((*times_a.launch_ids, *times_b.launch_ids)),
    )
    return judge(groups, times_a, times_b, rounds, candidate_us)


def _ceiling(
    inputs: ComparisonInputs, estimate: Estimate, aligned: Alignment | None
) -> ModelCeiling | None:
    if aligned is None or untimed(inputs.baseline_side.nodes):
        return None  # the share of time that INT8 speeds up is then not known
    baseline_us = estimate.baseline_ms * 1000.0
    cells = inputs.baseline, inputs.candidate
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
