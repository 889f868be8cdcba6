"""Reads what the user gives: built-in names and model files of every format.

A source is brought into one form: static shapes at batch 1, friendly names that
are unique and free of commas (the runtime joins names with commas). Nothing here
quantises or measures.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from collector.builtin.catalogue import SYNTHETIC_NOTE, BuiltinModel
from collector.models.convert.formats import IR, check_file, model_name, source_bytes
from collector.models.convert.kept_ir import description, keep, kept_path
from collector.models.convert.readers import port_name, read_graph
from collector.probe_process import first_line
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

__all__ = ["Source", "check_file", "name_generated", "read_builtin", "read_file", "tidy_names"]

_GENERATED = re.compile(r"([A-Z][A-Za-z]*_)?\d+")


@dataclass(frozen=True)
class Source:
    """A model as it was read, before it gets its hash."""

    name: str
    title: str
    source_format: str
    source_bytes: int | None
    graph: ov.Model
    synthetic_weights: bool
    note: str | None


def read_builtin(model: BuiltinModel) -> Source:
    """Build a built-in model."""
    return Source(
        name=model.name,
        title=model.title,
        source_format="builtin",
        source_bytes=None,
        graph=model.build(),
        synthetic_weights=model.synthetic_weights,
        note=SYNTHETIC_NOTE if model.synthetic_weights else None,
    )


def read_file(
    path: Path, input_shape: Sequence[int] | None = None, cache: Path | None = None
) -> Source:
    """Read a model file and make its shapes static.

    ``input_shape`` fixes the shape of a single-input model; without it a dynamic
    batch becomes 1. What is no IR is converted once and kept in the folder ``cache``, if one
    is given. Raises UsageError for a file that is missing, no model, or dynamic in more than
    its batch, HostError where it cannot be kept.
    """
    source_format = check_file(path)
    if cache is None or source_format == IR:
        graph = _read(path, source_format, input_shape)
    else:
        graph = _converted_once(path, source_format, input_shape, cache)
    name = model_name(path)
    size = source_bytes(path, source_format)
    return Source(name, name, source_format, size, graph, synthetic_weights=False, note=None)


def _read(path: Path, source_format: str, input_shape: Sequence[int] | None) -> ov.Model:
    graph = read_graph(path, source_format)
    _make_static(graph, path, input_shape)
    finish(graph, source_format)
    return graph


def _converted_once(
    path: Path, source_format: str, input_shape: Sequence[int] | None, cache: Path
) -> ov.Model:
    """The graph as it is kept, the first time too: it is the same whenever it is read."""
    wish = json.dumps({"read": input_shape and list(input_shape)})
    kept = kept_path(cache, path, source_format, wish)
    if description(kept) is None:
        keep(kept, _read(path, source_format, input_shape), {"source_format": source_format})
    return read_graph(kept, IR)


def finish(graph: ov.Model, source_format: str) -> None:
    """Make of a graph as its reader gives it what is measured and quantised, in place.

    It is folded as ``openvino.convert_model`` folds it: batch norms into convolutions, a
    spelled-out h-swish into one operation. What is quantised would else be another network
    than the one that people deploy. Then operations get names that are the same whenever the
    file is read. An IR is what it is, and its names are in the file.
    """
    if source_format != IR:
        _fold(graph)
        name_generated(graph)
    tidy_names(graph)


def _fold(graph: ov.Model) -> None:
    # What openvino.tools.ovc.moc_frontend.moc_emit_ir does; a test holds it to convert_model.
    from openvino import _offline_transformations as offline

    offline.apply_moc_transformations(graph, cf=False, smart_reshape=True)
    offline.compress_quantize_weights_transformation(graph)
    offline.apply_fused_names_cleanup(graph)


def _make_static(graph: ov.Model, path: Path, input_shape: Sequence[int] | None) -> None:
    if input_shape is None:
        make_static(graph, path, {})
        return
    if len(graph.inputs) != 1:
        raise UsageError(
            f"{path} has {len(graph.inputs)} inputs",
            hint="--input-shape serves models with one input; fix the shapes with `convert`",
        )
    make_static(graph, path, {0: input_shape})


def make_static(graph: ov.Model, path: Path, shapes: Mapping[int, Sequence[int]]) -> None:
    """Fix the shape of every input, in place: to that in ``shapes`` by the input's place.

    An input without a shape there gets batch 1 where its batch is dynamic. Raises UsageError
    where another size is dynamic, or where the network does not work with the shapes.
    """
    wanted = {
        port: list(shapes[place]) if place in shapes else _static_shape(port, path)
        for place, port in enumerate(graph.inputs)
    }
    if not shapes and all(port.get_partial_shape().is_static for port in graph.inputs):
        return
    try:
        graph.reshape(wanted)
    except RuntimeError as error:
        told = ", ".join(str(shape) for shape in wanted.values())
        reason = first_line(str(error)).rstrip(".")
        raise UsageError(
            f"{path} does not work with the input shape {told}: {reason}",
            hint="give one that fits with --input-shape",
        ) from error


def _static_shape(port: ov.Output, path: Path) -> list[int]:
    shape = port.get_partial_shape()
    if shape.rank.is_dynamic:
        raise UsageError(
            f"input {port_name(port)!r} of {path} has an unknown number of axes",
            hint="fix it with --input-shape, for example --input-shape 1,3,224,224",
        )
    sizes = [1 if place == 0 and size.is_dynamic else size for place, size in enumerate(shape)]
    if any(not isinstance(size, int) and size.is_dynamic for size in sizes):
        raise UsageError(
            f"input {port_name(port)!r} of {path} has the dynamic shape {shape}",
            hint=f"fix it with --input-shape, for example --input-shape {_example(sizes)}",
        )
    return [size if isinstance(size, int) else size.get_length() for size in sizes]


def _example(sizes: Sequence[int | ov.Dimension]) -> str:
    """Sizes with usual ones where they are open: 224 for an image's sides, which are two."""
    fixed = [size if isinstance(size, int) else _length(size) for size in sizes]
    usual = 224 if fixed.count(None) == 2 else 128
    return ",".join(str(usual if size is None else size) for size in fixed)


def _length(size: ov.Dimension) -> int | None:
    return None if size.is_dynamic else size.get_length()


def name_generated(graph: ov.Model) -> None:
    """Give operations that a reader numbered (``Transpose_264``) a stable name, in place.

    The numbers come from a counter of the process and differ between two readings
    of one file. The new name is that of the operation's tensor where it has one,
    else its type and its place among operations of that type.
    """
    seen: Counter[str] = Counter()
    for op in graph.get_ordered_ops():
        kind = op.get_type_name()
        seen[kind] += 1
        if _GENERATED.fullmatch(op.get_friendly_name()) and kind != "Parameter":
            tensors = sorted(name for port in op.outputs() for name in port.get_names())
            op.set_friendly_name(tensors[0] if tensors else f"{kind}_{seen[kind]}")


def tidy_names(graph: ov.Model) -> None:
    """Make friendly names unique and free of commas, in place."""
    seen: Counter[str] = Counter()
    for op in graph.get_ordered_ops():
        name = re.sub(r"\s*,\s*", ";", op.get_friendly_name())
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}#{seen[name]}"
        if name != op.get_friendly_name():
            op.set_friendly_name(name)
