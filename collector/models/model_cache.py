"""The cache of prepared models: source -> fp32 IR and INT8 IRs, cached by content.

Everything is written under ``DATA/cache/models/<model id>``; a second run reads the source
again (that is what gives the hash) but quantises and judges nothing that it did before.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models import graph as graphs
from collector.models.convert.sources import Source, tidy_names
from collector.models.ir_files import cached
from collector.models.judge.accuracy import check_labels
from collector.models.judge.inference import check_pair
from collector.models.judge.judged import ModelData, judgement, open_data
from collector.models.kept import Kept, ask_for, file_bytes, find_kept, keep, newest_kept
from collector.models.order import FP32, MODES, NATIVE, Order
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.models.quantize.making import quantised, recipe_text
from collector.models.quantize.quantizer import nncf_version
from collector.models.quantize.recipe import Recipe
from collector.models.steps import Report, silent
from results.errors import UsageError
from results.facts import Model, RevertedOp, Variant

if TYPE_CHECKING:
    import openvino as ov

_USUAL = Order()


@dataclass(frozen=True)
class ModelCache:
    """Prepares models below one folder."""

    folder: Path

    def prepare(
        self,
        source: Source,
        native: Source | None = None,
        order: Order = _USUAL,
        report: Report = silent,
    ) -> PreparedModel:
        """Save the source as IR, make what is ordered of it, and judge all of that.

        ``native`` is the same network as its framework quantised it. A source that came
        quantised is never quantised again: raises UsageError where just that is ordered.
        """
        model = _model(source)
        is_quantised = graphs.is_quantised(source.graph)
        if is_quantised:
            _refuse_again(source, native, order)
        elif native is not None:
            _check_twin(source, native)
        first = self._as_read(model, source, NATIVE if is_quantised else FP32, None)
        prepared = PreparedModel(model, (first,), graphs.batch_size(source.graph))
        graph = _read(first.ir_path)
        data = open_data(order.judging, graph, report)
        if data is not None:
            check_labels(graph, data.judged)
        if is_quantised:
            return self._judged(prepared, data, report)
        if data is not None and native is not None:
            check_pair(graph, native.graph)
        bench = _Bench(model, first, order, data, report)
        return self._judged(self._with_variants(prepared, bench, native), data, report)

    def _with_variants(
        self, prepared: PreparedModel, bench: _Bench, native: Source | None
    ) -> PreparedModel:
        """With every INT8 variant that is ordered and can be had."""
        order, model = bench.order, bench.model
        found = {kind: self._found(bench, kind) for kind in MODES if order.wants(kind)}
        variants = [*prepared.variants, *(one.variant for one in found.values() if one)]
        if native is not None:
            parent = bench.first.variant.variant_id
            variants.append(self._as_read(model, native, NATIVE, parent))
        asked = found if order.kinds is not None else {}
        return replace(
            prepared,
            variants=tuple(variants),
            lacking=tuple(kind for kind, one in asked.items() if one is None),
            reused=tuple(kind for kind, one in found.items() if one and one.reused),
        )

    def kinds(self, source: Source, order: Order) -> tuple[str, ...]:
        """The kinds of INT8 variants that ``prepare`` would give of a float model."""
        folder = self.folder / graphs.content_hash(source.graph)
        return tuple(
            kind
            for kind in MODES
            if order.wants(kind)
            and (order.recipe_of(kind) is not None or newest_kept(folder, kind) is not None)
        )

    def _as_read(
        self, model: Model, source: Source, kind: str, parent: str | None
    ) -> PreparedVariant:
        content = graphs.content_hash(source.graph)
        recipe = f'{{"content": "{content}", "source_format": "{source.source_format}"}}'
        variant_id = _hash(model.model_id, kind, recipe)
        path = self.folder / model.model_id / f"{kind}-{variant_id}.xml"
        # Read back: what is measured and what is described are the same file.
        graph = cached(path, lambda: source.graph)
        variant = Variant(
            variant_id, model.model_id, kind, parent, "openvino", _openvino_version(), recipe,
            file_bytes(path), None,
        )  # fmt: skip
        return PreparedVariant(variant, path, graphs.source_ops(graph, variant_id))

    def _found(self, bench: _Bench, kind: str) -> _Found | None:
        """A variant of a kind: what ``quantize`` made last, else made now; None if neither can be.

        One that a run began with is taken where that run is continued.
        """
        order, folder = bench.order, self.folder / bench.model.model_id
        paths = [folder / f"{kind}-{variant_id}.xml" for variant_id in order.fixed]
        fixed = next((kept for path in paths if (kept := find_kept(path))), None)
        if fixed is not None:
            return _Found(self._read_kept(fixed), reused=False)
        if order.recipe is None and not order.fixed:
            kept = newest_kept(folder, kind)
            if kept is not None:
                return _Found(self._read_kept(kept), reused=True)
        recipe = order.recipe_of(kind)
        return None if recipe is None else self._quantised(bench, recipe)

    def _quantised(self, bench: _Bench, recipe: Recipe) -> _Found:
        model_id, by = bench.model.model_id, nncf_version()
        text = recipe_text(recipe, bench.data)
        variant_id = _hash(model_id, recipe.kind, text, by)
        parent = bench.first.variant.variant_id
        variant = Variant(variant_id, model_id, recipe.kind, parent, "nncf", by, text, 0, None)
        path = self._path(variant)
        before = find_kept(path)
        kept = before or self._make(bench, recipe, variant)
        if bench.order.recipe is None:
            return _Found(self._read_kept(kept), reused=False)
        return _Found(self._read_kept(ask_for(kept, path)), reused=before is not None)

    def _make(self, bench: _Bench, recipe: Recipe, variant: Variant) -> Kept:
        graph = _read(bench.first.ir_path)
        made = quantised(graph, recipe, bench.data, bench.report)
        tidy_names(made.graph)
        reverted = tuple(RevertedOp(variant.variant_id, *astuple(op)) for op in made.reverted)
        return keep(self._path(variant), made.graph, replace(variant, note=made.note), reverted)

    def _read_kept(self, kept: Kept) -> PreparedVariant:
        path = self._path(kept.variant)
        ops = graphs.source_ops(_read(path), kept.variant.variant_id)
        return PreparedVariant(kept.variant, path, ops, kept.reverted)

    def _path(self, variant: Variant) -> Path:
        return self.folder / variant.model_id / f"{variant.kind}-{variant.variant_id}.xml"

    def _judged(
        self, prepared: PreparedModel, data: ModelData | None, report: Report
    ) -> PreparedModel:
        if data is None:
            return prepared
        folder = self.folder / prepared.model.model_id
        return replace(prepared, judged=judgement(prepared, data, folder, report))


@dataclass(frozen=True)
class _Found:
    """A variant, and whether it is one that ``quantize`` made earlier."""

    variant: PreparedVariant
    reused: bool


@dataclass(frozen=True)
class _Bench:
    """What a variant is made from."""

    model: Model
    first: PreparedVariant
    order: Order
    data: ModelData | None
    report: Report


def _refuse_again(source: Source, native: Source | None, order: Order) -> None:
    """Raise UsageError for what only a float model can be asked for."""
    if order.recipe is not None:
        raise UsageError(
            f"{source.name} is quantised already",
            hint="give the float model; `python -m collector run` measures this one as it is",
        )
    if native is not None:
        raise UsageError(
            f"{source.name} is quantised already, and so should its twin {native.name} be",
            hint="give the float model as the model and the INT8 file with --native",
        )


def _check_twin(source: Source, native: Source) -> None:
    """Raise UsageError where ``native`` cannot be the same network, quantised."""
    if not graphs.is_quantised(native.graph):
        raise UsageError(
            f"{native.name} is not quantised: it holds no quantisation step",
            hint="give --native the INT8 file",
        )
    shapes, native_shapes = graphs.signature(source.graph), graphs.signature(native.graph)
    if shapes != native_shapes:
        raise UsageError(
            f"{native.name} is another network than {source.name}: its inputs and outputs are "
            f"{native_shapes}, not {shapes}",
            hint="give --native the same network, quantised",
        )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _model(source: Source) -> Model:
    return Model(
        model_id=graphs.content_hash(source.graph),
        name=source.name,
        title=source.title,
        source_format=source.source_format,
        source_bytes=source.source_bytes,
        parameters=graphs.parameter_count(source.graph),
        macs=graphs.total_macs(source.graph),
        synthetic_weights=source.synthetic_weights,
        note=source.note,
    )


def _read(path: Path) -> ov.Model:
    import openvino as ov

    return ov.Core().read_model(str(path))


def _openvino_version() -> str:
    import openvino as ov

    return str(ov.get_version())
