"""The questions about variants: what was quantised, how good it is, what each layer costs.

A neighbour of ``results.queries``, with its rules: bound parameters, frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.accuracy import AccuracyView, JudgedVariant, LayerSqnr, RevertedView
from results.accuracy_views import accuracy_views, layer_sqnr, of_variants, reverted_view
from results.facts import Dataset, LayerAccuracy, RevertedOp
from results.index import Index
from results.read_rows import rows_as
from results.views import AccuracyRow, VariantView

_ACCURACY = """
WITH newest AS (
    SELECT a.variant_id, a.dataset_id, max_by(a.run_id, (r.started_at, r.run_id)) AS run_id
    FROM accuracy a JOIN runs r USING (run_id) GROUP BY a.variant_id, a.dataset_id
)
SELECT a.run_id, n.run_id IS NOT NULL AS newest, a.variant_id, v.kind AS variant_kind,
    v.model_id, a.dataset_id, coalesce(d.name, a.dataset_id) AS dataset, d.skipped,
    d.skipped_names, a.metric, a.output, a.reference_variant_id, a.value, a.samples
FROM accuracy a
JOIN variants v ON v.variant_id = a.variant_id
LEFT JOIN newest n ON n.run_id = a.run_id AND n.variant_id = a.variant_id
    AND n.dataset_id = a.dataset_id
LEFT JOIN datasets d ON d.run_id = a.run_id AND d.dataset_id = a.dataset_id
WHERE ($model_ids IS NULL OR list_contains($model_ids, v.model_id))
    AND (n.run_id IS NOT NULL OR v.kind NOT LIKE 'int8%')
ORDER BY v.model_id, a.variant_id, a.dataset_id, a.output NULLS FIRST, a.metric, a.run_id
"""
_LAYERS = """
SELECT * FROM layer_accuracy WHERE list_contains($variant_ids, variant_id)
ORDER BY dataset_id, op_name
"""
_REVERTED = """
SELECT * FROM reverted_ops WHERE list_contains($variant_ids, variant_id)
ORDER BY variant_id, step, op_name
"""
_VARIANTS = """
SELECT v.variant_id, v.model_id, coalesce(m.name, v.model_id) AS model,
    coalesce(m.title, v.model_id) AS model_title, v.kind, v.tool, v.tool_version, v.recipe,
    v.file_bytes, v.note
FROM variants v LEFT JOIN models m USING (model_id)
"""
_IN_ORDER = " ORDER BY model, v.model_id, v.kind <> 'fp32', v.kind, v.variant_id"
_OF_RUN = """
WHERE v.variant_id IN (
    SELECT variant_id FROM run_variants WHERE run_id = $run_id)
"""
_UNMEASURED = """
WHERE v.kind LIKE 'int8%' AND v.variant_id NOT IN (SELECT variant_id FROM cell_views)
    AND v.variant_id IN (
        SELECT b.variant_id FROM run_variants b JOIN runs r ON r.run_id = b.run_id
        WHERE r.kind = 'quantized')
"""
_DATASETS = """
SELECT * EXCLUDE (run_id) FROM datasets WHERE run_id = $run_id ORDER BY name, dataset_id
"""


def accuracy(index: Index, model_ids: Sequence[str] | None = None) -> tuple[AccuracyView, ...]:
    """All views of the variants of these models, their float variants among them; None: all.

    Each is that of the newest run that judged the variant on the data, the float variant's
    figures in it too.
    """
    ids = None if model_ids is None else list(model_ids)
    return accuracy_views(rows_as(AccuracyRow, index.fetch(_ACCURACY, {"model_ids": ids})))


def layer_accuracy(
    index: Index, variant_ids: Sequence[str]
) -> dict[str, tuple[LayerAccuracy, ...]]:
    """By variant how far its layers are off, on all data that it was looked at with."""
    found: dict[str, list[LayerAccuracy]] = {variant_id: [] for variant_id in variant_ids}
    for row in rows_as(LayerAccuracy, index.fetch(_LAYERS, {"variant_ids": list(variant_ids)})):
        found[row.variant_id].append(row)
    return {variant_id: tuple(rows) for variant_id, rows in found.items()}


def sqnr_of_layers(
    rows: Sequence[LayerAccuracy], variant_id: str, views: Sequence[AccuracyView]
) -> LayerSqnr | None:
    """Of a variant's ``layer_accuracy`` that on the data which ``views`` show of it first."""
    return layer_sqnr(rows, [view for view in views if view.variant_id == variant_id])


def reverted(index: Index, kinds: dict[str, str]) -> tuple[RevertedView, ...]:
    """What the accuracy control kept in float, of the variants whose kinds are given by id."""
    table = index.fetch(_REVERTED, {"variant_ids": list(kinds)})
    rows = rows_as(RevertedOp, table)
    views = (
        reverted_view(kind, [row for row in rows if row.variant_id == variant_id])
        for variant_id, kind in kinds.items()
    )
    return tuple(view for view in views if view is not None)


def variants_of_run(index: Index, run_id: str) -> tuple[JudgedVariant, ...]:
    """The variants that a run brought, float ones first, as they are judged today."""
    sql = "".join((_VARIANTS, _OF_RUN, _IN_ORDER))
    return _judged(index, rows_as(VariantView, index.fetch(sql, {"run_id": run_id})))


def unmeasured_variants(index: Index) -> tuple[JudgedVariant, ...]:
    """INT8 variants that were made by ``quantize`` and of which no cell was launched."""
    sql = "".join((_VARIANTS, _UNMEASURED, _IN_ORDER))
    return _judged(index, rows_as(VariantView, index.fetch(sql)))


def _judged(index: Index, variants: Sequence[VariantView]) -> tuple[JudgedVariant, ...]:
    if not variants:
        return ()
    views = accuracy(index, sorted({variant.model_id for variant in variants}))
    kept = {
        view.variant_id: view
        for view in reverted(index, {variant.variant_id: variant.kind for variant in variants})
    }
    return tuple(
        JudgedVariant(
            variant, of_variants(views, [variant.variant_id]), kept.get(variant.variant_id)
        )
        for variant in variants
    )


def datasets_of_run(index: Index, run_id: str) -> tuple[Dataset, ...]:
    """The data that a run judged on or calibrated with."""
    return rows_as(Dataset, index.fetch(_DATASETS, {"run_id": run_id}))
