"""Cell A against cell B: the one comparator, put together from the pure parts.

``compare_cells`` reads facts through ``results.queries``; ``build_comparison`` needs
no store. Statistics, alignment, causes and words live in their own modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from results import accuracy_queries, queries
from results.accuracy import AccuracyView, LayerSqnr, RevertedView
from results.accuracy_views import on_shared_data
from results.align import Alignment, align
from results.attribution import attribute
from results.causes import find_causes
from results.certificate import CertificateView, standings
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
from results.errors import MeasurementError, UsageError
from results.facts import Caution, SourceOp
from results.groups import with_sqnr, worst_layers
from results.kinds import is_int8_variant
from results.nodes import Side
from results.pairing import Sample, dirty_launches, headlines_ms, sample, timing_ok
from results.per_item import per_item
from results.precision import executed_layers, precision_times
from results.sentence import verdict_sentence
from results.store import Index
from results.trust import TrustInputs, computed_cautions, stored_cautions
from results.views import LaunchView


@dataclass(frozen=True)
class ComparisonInputs:
    """Everything a comparison is made of.

    ``launches`` hold the launches of both cells in the runs ``baseline_run`` and
    ``candidate_run``; ``ops`` are the source ops of the model's float variant, ``sqnr``
    says how far the candidate's values are off at them.
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


def compare_cells(
    index: Index, baseline: CellView, candidate: CellView, run_id: str | None = None
) -> Comparison:
    """Compare two cells of a store in one run.

    Without ``run_id``: the latest run in which both share blocks, else the latest
    run of each, unpaired and with a caution. Raises UsageError where both are the
    same cell, MeasurementError where one of them has no good timing launch.
    """
    if baseline.cell_id == candidate.cell_id:
        raise UsageError(
            f"baseline and candidate are the same cell, {baseline.arm} of {baseline.model}",
            hint="choose two different cells",
        )
    shared = run_id or queries.latest_shared_run(index, baseline.cell_id, candidate.cell_id)
    run_a = shared or _latest_run(index, baseline)
    run_b = shared or _latest_run(index, candidate)
    return build_comparison(_read(index, baseline, candidate, run_a, run_b))


def build_comparison(inputs: ComparisonInputs) -> Comparison:
    """The comparison from facts in memory; raises MeasurementError as ``compare_cells``."""
    inputs = _per_item(inputs)
    baseline, candidate = inputs.baseline, inputs.candidate
    used = _sample(inputs)
    estimate = used.estimate()
    if not (baseline.is_measured and candidate.is_measured):
        estimate = replace(estimate, blocks_needed=None)  # nobody can measure another block
    aligned = _align(inputs)
    attribution = _attribute(estimate, aligned)
    groups = aligned.groups if aligned else ()
    if inputs.sqnr is not None:
        groups = with_sqnr(groups, inputs.sqnr.sqnr_db)
    worst = _worst(inputs, groups, attribution)
    inserted = aligned.inserted if aligned else ()
    candidate_us = estimate.candidate_ms * 1000.0
    causes = find_causes(baseline, candidate, candidate_us, groups, inserted) if aligned else ()
    return Comparison(
        baseline=baseline,
        candidate=candidate,
        run_ids=tuple(dict.fromkeys((inputs.baseline_run, inputs.candidate_run))),
        estimate=estimate,
        attribution=attribution,
        coverage=aligned.coverage if aligned else None,
        groups=groups,
        inserted=inserted,
        causes=_told(causes, attribution),
        cautions=_cautions(inputs, used, estimate, aligned, attribution),
        sentence=verdict_sentence(baseline, candidate, estimate, attribution, inserted),
        baseline_precisions=precision_times(executed_layers(inputs.baseline_side.nodes)),
        candidate_precisions=precision_times(executed_layers(inputs.candidate_side.nodes)),
        standings=standings((baseline, candidate), inputs.certificates),
        accuracy=inputs.accuracy,
        reverted=inputs.reverted,
        sqnr_dataset=inputs.sqnr.dataset if inputs.sqnr and worst else None,
        worst_layers=worst,
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
    index: Index, baseline: CellView, candidate: CellView, run_a: str, run_b: str
) -> ComparisonInputs:
    pairs = ((baseline, run_a), (candidate, run_b))
    kinds = {cell.variant_id: cell.variant_kind for cell in (baseline, candidate)}
    model_ids = sorted({baseline.model_id, candidate.model_id})
    launches = [queries.launches(index, run, [cell.cell_id]) for cell, run in pairs]
    side_a, side_b = (
        Side(
            queries.exec_nodes(index, cell.cell_id, run),
            queries.exec_node_sources(index, cell.cell_id, run),
        )
        for cell, run in pairs
    )
    variant = queries.fp32_variant(index, baseline.model_id)
    views = accuracy_queries.accuracy_of_variants(index, model_ids, list(kinds))
    accuracy = on_shared_data(views, kinds, candidate.variant_id)
    return ComparisonInputs(
        baseline=baseline,
        candidate=candidate,
        baseline_run=run_a,
        candidate_run=run_b,
        launches=launches[0] + launches[1],
        baseline_side=side_a,
        candidate_side=side_b,
        ops=queries.source_ops(index, variant.variant_id) if variant else (),
        cautions=queries.cautions(index, sorted({run_a, run_b})),
        certificates=queries.certificates(index),
        accuracy=accuracy,
        reverted=accuracy_queries.reverted(index, kinds),
        sqnr=accuracy_queries.sqnr_of_layers(index, candidate.variant_id, accuracy),
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


def _align(inputs: ComparisonInputs) -> Alignment | None:
    """The layers of both; None for different models or where one has no profile.

    None too where the model's operations are not known, as those of an imported one.
    """
    profiled = inputs.baseline_side.nodes and inputs.candidate_side.nodes
    if not profiled or not inputs.ops or inputs.baseline.model_id != inputs.candidate.model_id:
        return None
    return align(
        inputs.baseline_side,
        inputs.candidate_side,
        inputs.ops,
        candidate_is_int8=is_int8_variant(inputs.candidate.variant_kind),
    )


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
    """Stored and computed cautions, each once."""
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
    )
    stored = stored_cautions(trust, inputs.cautions, used.launch_ids)
    shown = (*computed_cautions(trust), *stored)
    return tuple({(caution.caution_id, caution.message): caution for caution in shown}.values())
