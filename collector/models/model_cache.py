"""The cache of prepared models: source -> fp32 IR and INT8 IRs, cached by content.

Everything is written under ``DATA/cache/models/<model id>``; a second run reads the source
again (that is what gives the hash) but quantises and judges nothing that it did before.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from collector.models import graph as graphs
from collector.models.convert.sources import Source, tidy_names
from collector.models.ir_files import cached
from collector.models.judge.judged import ModelData, judgement, open_data
from collector.models.kept import Kept, file_bytes, find_kept, keep, newest_kept
from collector.models.order import FP32, MODES, NATIVE, SIMPLIFIED, Order
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.models.quantize.making import ids_of, quantised
from collector.models.quantize.quantizer import nncf_version
from collector.models.quantize.recipe import Recipe
from collector.models.steps import Report, silent
from results.errors import UsageError
from results.facts import Model, RevertedOp, Variant

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
        batch = graphs.batch_size(source.graph)
        is_quantised = graphs.is_quantised(source.graph)
        if is_quantised:
            _refuse_again(source, order)
        elif native is not None:
            _check_twin(source, native)
        data = open_data(order.judging, source.graph, report)
        if is_quantised:
            alone = self._as_read(model, source, NATIVE, None)
            return self._judged(PreparedModel(model, (alone,), batch), data, report)
        first = self._as_read(model, source, FP32, None)
        bench = _Bench(model, first, order, data, report)
        made = {kind: self._made(bench, kind) for kind in MODES if order.wants(kind)}
        variants = [first, *(variant for variant in made.values() if variant is not None)]
        if native is not None:
            variants.append(self._as_read(model, native, NATIVE, first.variant.variant_id))
        asked = () if order.kinds is None else tuple(made)
        lacking = tuple(kind for kind in asked if made[kind] is None)
        return self._judged(PreparedModel(model, tuple(variants), batch, (), lacking), data, report)

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

    def _made(self, bench: _Bench, kind: str) -> PreparedVariant | None:
        """A variant of a kind: as it was made before, else made now; None where neither can be."""
        order = bench.order
        if order.recipe is None and kind != SIMPLIFIED:
            kept = newest_kept(self.folder / bench.model.model_id, kind)
            if kept is not None:
                return self._read_kept(kept)
        recipe = order.recipe_of(kind)
        return None if recipe is None else self._quantised(bench, recipe)

    def _quantised(self, bench: _Bench, recipe: Recipe) -> PreparedVariant:
        model_id, data = bench.model.model_id, bench.data
        text = recipe.to_json(*(ids_of(data, recipe) if data else (None, None)))
        variant_id = _hash(model_id, recipe.kind, text, nncf_version())
        variant = Variant(
            variant_id, model_id, recipe.kind, bench.first.variant.variant_id, "nncf",
            nncf_version(), text, 0, None,
        )  # fmt: skip
        kept = find_kept(self._path(variant)) or self._make(bench, recipe, variant)
        return self._read_kept(kept)

    def _make(self, bench: _Bench, recipe: Recipe, variant: Variant) -> Kept:
        import openvino as ov

        graph = ov.Core().read_model(str(bench.first.ir_path))
        made = quantised(graph, recipe, bench.data, bench.report)
        tidy_names(made.graph)
        reverted = tuple(RevertedOp(variant.variant_id, *astuple(op)) for op in made.reverted)
        return keep(self._path(variant), made.graph, variant, made.note, reverted)

    def _read_kept(self, kept: Kept) -> PreparedVariant:
        import openvino as ov

        path = self._path(kept.variant)
        ops = graphs.source_ops(ov.Core().read_model(str(path)), kept.variant.variant_id)
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
class _Bench:
    """What a variant is made from."""

    model: Model
    first: PreparedVariant
    order: Order
    data: ModelData | None
    report: Report


def _refuse_again(source: Source, order: Order) -> None:
    if order.recipe is not None:
        raise UsageError(
            f"{source.name} is quantised already",
            hint="give the float model; `python -m collector run` measures this one as it is",
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


def _openvino_version() -> str:
    import openvino as ov

    return str(ov.get_version())
