"""The cache of prepared models: source -> fp32 IR and INT8 IR, cached by content.

Everything is written under ``DATA/cache/models/<model id>``; a second run builds
the source again (that is what gives the hash) but quantises nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from collector.models import graph as graphs
from collector.models.graph import QUANTISED_OPS
from collector.models.quantize import (
    SIMPLIFIED,
    SimplifiedRecipe,
    nncf_version,
    quantize_simplified,
)
from collector.models.sources import Source, tidy_names
from results.errors import HostError, UsageError
from results.facts import Model, SourceOp, Variant

if TYPE_CHECKING:
    import openvino as ov

FP32 = "fp32"
NATIVE = "int8-native"


@dataclass(frozen=True)
class PreparedVariant:
    """A variant, the IR file to measure, and its source ops."""

    variant: Variant
    ir_path: Path
    source_ops: tuple[SourceOp, ...]


@dataclass(frozen=True)
class PreparedModel:
    """A model with the variants to measure; the first is what it was read as."""

    model: Model
    variants: tuple[PreparedVariant, ...]
    batch: int

    @property
    def is_quantised(self) -> bool:
        """Whether quantising found anything to quantise; true where nothing was tried."""
        tried = [found for found in self.variants if found.variant.kind == SIMPLIFIED]
        return not tried or any(op.op_type in QUANTISED_OPS for op in tried[0].source_ops)


@dataclass(frozen=True)
class ModelCache:
    """Prepares models below one folder."""

    folder: Path

    def prepare(self, source: Source, native: Source | None = None) -> PreparedModel:
        """Save the source as IR and quantise it, unless it came quantised.

        ``native`` is the same network as its framework quantised it.
        """
        model = _model(source)
        if graphs.is_quantised(source.graph):
            alone = self._as_read(model, source, NATIVE, None)
            return PreparedModel(model, (alone,), graphs.batch_size(source.graph))
        if native is not None:
            _check_twin(source, native)
        variants = [self._as_read(model, source, FP32, None)]
        variants.append(self._simplified(model, variants[0]))
        if native is not None:
            variants.append(self._as_read(model, native, NATIVE, variants[0].variant.variant_id))
        return PreparedModel(model, tuple(variants), graphs.batch_size(source.graph))

    def _as_read(
        self, model: Model, source: Source, kind: str, parent: str | None
    ) -> PreparedVariant:
        content = graphs.content_hash(source.graph)
        recipe = f'{{"content": "{content}", "source_format": "{source.source_format}"}}'
        variant_id = _hash(model.model_id, kind, recipe)
        path = self.folder / model.model_id / f"{kind}-{variant_id}.xml"
        # Read back: what is measured and what is described are the same file.
        graph = _cached(path, lambda: source.graph)
        variant = _variant(model, path, variant_id, kind=kind, parent=parent, recipe=recipe)
        return _prepared(path, graph, variant)

    def _simplified(self, model: Model, parent: PreparedVariant) -> PreparedVariant:
        recipe = SimplifiedRecipe()
        variant_id = _hash(model.model_id, SIMPLIFIED, recipe.to_json(), nncf_version())
        path = self.folder / model.model_id / f"{SIMPLIFIED}-{variant_id}.xml"
        graph = _cached(path, lambda: _quantized(parent, recipe))
        variant = _variant(
            model, path, variant_id, kind=SIMPLIFIED, parent=parent.variant.variant_id,
            recipe=recipe.to_json(),
        )  # fmt: skip
        return _prepared(path, graph, variant)


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


def _quantized(parent: PreparedVariant, recipe: SimplifiedRecipe) -> ov.Model:
    import openvino as ov

    graph = quantize_simplified(ov.Core().read_model(str(parent.ir_path)), recipe)
    tidy_names(graph)
    return graph


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


def _variant(
    model: Model, path: Path, variant_id: str, *, kind: str, parent: str | None, recipe: str
) -> Variant:
    by_nncf = kind == SIMPLIFIED
    return Variant(
        variant_id=variant_id,
        model_id=model.model_id,
        kind=kind,
        parent_variant_id=parent,
        tool="nncf" if by_nncf else "openvino",
        tool_version=nncf_version() if by_nncf else _openvino_version(),
        recipe=recipe,
        file_bytes=path.stat().st_size + path.with_suffix(".bin").stat().st_size,
        note=None,
    )


def _prepared(path: Path, graph: ov.Model, variant: Variant) -> PreparedVariant:
    return PreparedVariant(variant, path, graphs.source_ops(graph, variant.variant_id))


def _openvino_version() -> str:
    import openvino as ov

    return str(ov.get_version())


def _cached(path: Path, make: Callable[[], ov.Model]) -> ov.Model:
    """The graph at ``path``; made and written first where it is not there or damaged."""
    import openvino as ov

    if path.exists():
        # A file that was cut short since is made anew.
        with contextlib.suppress(RuntimeError):
            return ov.Core().read_model(str(path))
    _save(make(), path)
    return ov.Core().read_model(str(path))


def _save(graph: ov.Model, path: Path) -> None:
    """Write an IR so that it is there whole or not at all (the .xml comes last)."""
    import openvino as ov

    temporary = path.parent / f".{path.stem}.{os.getpid()}"
    for left in path.parent.glob(f".{path.stem}.*"):  # of a process that was killed
        if not psutil.pid_exists(int(left.suffix[1:])):
            shutil.rmtree(left, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        ov.save_model(graph, str(temporary / path.name), compress_to_fp16=False)
        (temporary / path.name).with_suffix(".bin").replace(path.with_suffix(".bin"))
        (temporary / path.name).replace(path)
    except (OSError, RuntimeError) as error:
        raise HostError(
            f"cannot write {path}: {error}", hint="free some space or give another --data folder"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
