"""Cell A against cell B, read from a store: which run both are taken from, and their facts.

Reads through ``results.shelf``. What a comparison makes of the facts, without a store, is
``results.comparing``.
"""

from __future__ import annotations

from dataclasses import replace

from results import queries
from results.accuracy_views import on_shared_data
from results.alike import refuse_other_batch
from results.comparing import ComparisonInputs, build_comparison, no_launch
from results.comparison import CellView, Comparison
from results.errors import UsageError
from results.other_baseline import other_baseline
from results.shelf import Shelf
from results.store import Index

__all__ = ["ComparisonInputs", "build_comparison", "compare_cells"]


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
    same cell, or the latency of one batch is held against another batch; MeasurementError
    where one of them has no good timing launch. Who compares many pairs of an index gives
    all of them one ``shelf`` of it.
    """
    if baseline.cell_id == candidate.cell_id:
        raise UsageError(
            f"baseline and candidate are the same cell, {baseline.arm} of {baseline.model}",
            hint="choose two different cells",
        )
    refuse_other_batch(baseline, candidate)
    shelf = shelf or Shelf(index)
    shared = run_id or shelf.latest_shared_run(baseline.cell_id, candidate.cell_id)
    run_a = shared or _latest_run(index, baseline)
    run_b = shared or _latest_run(index, candidate)
    inputs = _read(shelf, baseline, candidate, run_a, run_b)
    other = other_baseline(shelf, baseline, candidate, run_b, only=run_id is not None)
    return build_comparison(replace(inputs, other=other))


def _latest_run(index: Index, cell: CellView) -> str:
    run_id = queries.latest_run_of(index, cell.cell_id)
    if run_id is None:
        raise no_launch(cell, queries.launches(index, None, [cell.cell_id]))
    return run_id


def _read(
    shelf: Shelf, baseline: CellView, candidate: CellView, run_a: str, run_b: str
) -> ComparisonInputs:
    kinds = {cell.variant_id: cell.variant_kind for cell in (baseline, candidate)}
    model_ids = tuple(sorted({baseline.model_id, candidate.model_id}))
    views = shelf.accuracy(model_ids, list(kinds))
    accuracy = on_shared_data(views, kinds, candidate.variant_id)
    sides = shelf.sides((baseline.cell_id, run_a), (candidate.cell_id, run_b))
    return ComparisonInputs(
        baseline=baseline,
        candidate=candidate,
        baseline_run=run_a,
        candidate_run=run_b,
        launches=(
            *shelf.launches(baseline.cell_id, run_a),
            *shelf.launches(candidate.cell_id, run_b),
        ),
        baseline_side=sides[0],
        candidate_side=sides[1],
        ops=shelf.float_ops(baseline.model_id),
        cautions=shelf.cautions(tuple(sorted({run_a, run_b}))),
        certificates=shelf.certificates(),
        accuracy=accuracy,
        reverted=shelf.reverted(kinds),
        sqnr=shelf.sqnr(candidate.variant_id, accuracy),
        peaks=shelf.peaks(candidate.device_id),
    )
