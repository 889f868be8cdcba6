"""Stored metrics as accuracy: one view for each variant and dataset.

Pure: rows come from ``results.accuracy_queries``, the shapes are those of ``results.accuracy``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from results.accuracy import (
    COSINE,
    ONLY_REFERENCE_RIGHT,
    ONLY_VARIANT_RIGHT,
    SHARES,
    SQNR_DB,
    TOP1,
    TOP1_AGREEMENT,
    TOP5,
    AccuracyView,
    Agreement,
    Labelled,
    LayerSqnr,
    OwnMetric,
    RevertedView,
    Share,
)
from results.facts import LayerAccuracy, RevertedOp
from results.kinds import is_int8_variant
from results.views import AccuracyRow

FoundT = TypeVar("FoundT")


class _Key(NamedTuple):
    """What a stored value is found by."""

    run_id: str
    variant_id: str
    dataset_id: str
    metric: str
    output: str | None


def accuracy_views(rows: Sequence[AccuracyRow]) -> tuple[AccuracyView, ...]:
    """One view for each variant and dataset of these rows, from the newest run that has it.

    Drops are known where the same run judged the float variant of the model: rows of other
    runs never stand beside each other. The dataset that says most comes first: with labels
    before without, then the most samples.
    """
    book = {_key(row): row for row in rows}
    floats = {
        (row.run_id, row.model_id): row.variant_id
        for row in rows
        if not is_int8_variant(row.variant_kind)
    }
    judged: dict[tuple[str, str], list[AccuracyRow]] = {}
    for row in rows:
        if row.newest:
            judged.setdefault((row.variant_id, row.dataset_id), []).append(row)
    views = [_view(own, book, floats) for own in judged.values()]
    return tuple(sorted(views, key=_order))


def _key(row: AccuracyRow) -> _Key:
    return _Key(row.run_id, row.variant_id, row.dataset_id, row.metric, row.output)


def of_variants(
    views: Iterable[AccuracyView], variant_ids: Iterable[str]
) -> tuple[AccuracyView, ...]:
    """The views of these variants; a float one only where no other stands beside it.

    Every view of an INT8 variant has its float variant's figures in it.
    """
    wanted = frozenset(variant_ids)
    found = [view for view in views if view.variant_id in wanted]
    beside = {(v.model_id, v.dataset_id) for v in found if not v.is_reference}
    return tuple(
        view
        for view in found
        if not view.is_reference or (view.model_id, view.dataset_id) not in beside
    )


def on_shared_data(
    views: Sequence[AccuracyView], kinds: Mapping[str, str], candidate_id: str
) -> tuple[AccuracyView, ...]:
    """Of the views of two compared variants those on data that says something of the pair.

    That is data on which an INT8 one of them was judged, or where none is INT8 the candidate;
    ``kinds`` has the kind of each by its id.
    """
    telling = {i for i, kind in kinds.items() if is_int8_variant(kind)} or {candidate_id}
    shared = {view.dataset_id for view in views if view.variant_id in telling}
    return tuple(view for view in views if view.dataset_id in shared)


def reverted_view(kind: str, rows: Sequence[RevertedOp]) -> RevertedView | None:
    """All steps of a variant's accuracy control as one; None where nothing was reverted."""
    steps = sorted(rows, key=lambda row: (row.step, row.op_name))
    if not steps:
        return None
    first, last = steps[0], steps[-1]
    return RevertedView(
        variant_id=first.variant_id,
        variant_kind=kind,
        metric=first.metric,
        ops=tuple(row.op_name for row in steps),
        drop_before=first.drop_before,
        drop_after=last.drop_after,
    )


def layer_sqnr(rows: Sequence[LayerAccuracy], views: Sequence[AccuracyView]) -> LayerSqnr | None:
    """The SQNR of a variant's layers on the one dataset that its ``views`` show first.

    Of data without a view the first by its id counts. Unknown figures are left out; None
    where nothing is known.
    """
    names = {view.dataset_id: view.dataset for view in views}
    stored = sorted({row.dataset_id for row in rows})
    chosen = next((one for one in (*names, *stored) if one in stored), None)
    if chosen is None:
        return None
    known = {
        row.op_name: row.sqnr_db
        for row in rows
        if row.dataset_id == chosen and row.sqnr_db is not None
    }
    return LayerSqnr(names.get(chosen, chosen), known)


def _order(view: AccuracyView) -> tuple[object, ...]:
    return (
        view.is_reference, view.variant_kind, view.variant_id, not view.labels, -view.samples,
        view.dataset, view.dataset_id,
    )  # fmt: skip


def _view(
    own: Sequence[AccuracyRow],
    book: dict[_Key, AccuracyRow],
    floats: dict[tuple[str, str], str],
) -> AccuracyView:
    first = own[0]
    reference_id = next(
        (row.reference_variant_id for row in own if row.reference_variant_id),
        floats.get((first.run_id, first.model_id)),
    )
    side = _Side(book, first.run_id, first.variant_id, first.dataset_id)
    reference = None
    if reference_id is not None and reference_id != first.variant_id:
        reference = _Side(book, first.run_id, reference_id, first.dataset_id)
    outputs = tuple(dict.fromkeys(row.output for row in own))
    return AccuracyView(
        variant_id=first.variant_id,
        variant_kind=first.variant_kind,
        model_id=first.model_id,
        dataset_id=first.dataset_id,
        dataset=first.dataset,
        samples=max(row.samples for row in own),
        skipped=first.skipped or 0,
        labels=_known(_labelled(side, reference, output) for output in outputs),
        agreements=_known(_agreement(side, output) for output in outputs),
        own=tuple(_own(row, reference) for row in own if row.metric not in _STANDARD),
        skipped_names=first.skipped_names or (),
    )


_STANDARD = SHARES | {ONLY_REFERENCE_RIGHT, ONLY_VARIANT_RIGHT, COSINE, SQNR_DB}


@dataclass(frozen=True)
class _Side:
    """What a run stored of one variant on one dataset."""

    book: dict[_Key, AccuracyRow]
    run_id: str
    variant_id: str
    dataset_id: str

    def _row(self, metric: str, output: str | None) -> AccuracyRow | None:
        return self.book.get(_Key(self.run_id, self.variant_id, self.dataset_id, metric, output))

    def value(self, metric: str, output: str | None) -> float | None:
        row = self._row(metric, output)
        return None if row is None else row.value

    def share(self, metric: str, output: str | None) -> Share | None:
        row = self._row(metric, output)
        return None if row is None else Share(row.value, row.samples)

    def count(self, metric: str, output: str | None) -> int | None:
        value = self.value(metric, output)
        return None if value is None else round(value)


def _known(found: Iterable[FoundT | None]) -> tuple[FoundT, ...]:
    return tuple(one for one in found if one is not None)


def _labelled(side: _Side, reference: _Side | None, output: str | None) -> Labelled | None:
    top1 = side.share(TOP1, output)
    if top1 is None:
        return None
    return Labelled(
        output=output,
        top1=top1,
        top5=side.share(TOP5, output),
        reference_top1=reference.share(TOP1, output) if reference else None,
        reference_top5=reference.share(TOP5, output) if reference else None,
        only_reference_right=side.count(ONLY_REFERENCE_RIGHT, output),
        only_variant_right=side.count(ONLY_VARIANT_RIGHT, output),
    )


def _agreement(side: _Side, output: str | None) -> Agreement | None:
    top1 = side.share(TOP1_AGREEMENT, output)
    cosine, sqnr_db = side.value(COSINE, output), side.value(SQNR_DB, output)
    if top1 is None and cosine is None and sqnr_db is None:
        return None
    return Agreement(output, top1, cosine, sqnr_db)


def _own(row: AccuracyRow, reference: _Side | None) -> OwnMetric:
    value = reference.value(row.metric, row.output) if reference else None
    return OwnMetric(row.metric, row.output, row.value, value, row.samples)
