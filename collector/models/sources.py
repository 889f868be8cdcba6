"""Reads what the user gives: built-in names, OpenVINO IR, ONNX and TFLite files.

A source is brought into one form: static shapes at batch 1, friendly names that
are unique and free of commas (the runtime joins names with commas). Nothing here
quantises or measures.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from collector.builtin.catalogue import SYNTHETIC_NOTE, BuiltinModel
from collector.probe_process import first_line
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

_GENERATED = re.compile(r"([A-Z][A-Za-z]*_)?\d+")
_FORMATS = {".xml": "openvino-ir", ".onnx": "onnx", ".tflite": "tflite"}


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
        synthetic_weights=True,
        note=SYNTHETIC_NOTE,
    )


def read_file(path: Path, input_shape: Sequence[int] | None = None) -> Source:
    """Read a model file and make its shapes static.

    ``input_shape`` fixes the shape of a single-input model; without it a dynamic
    batch becomes 1. Raises UsageError for a file that is missing, no model, or
    dynamic in more than its batch.
    """
    source_format = check_file(path)
    graph = _read_graph(path)
    _make_static(graph, path, input_shape)
    if source_format != "openvino-ir":
        name_generated(graph)
    tidy_names(graph)
    weights = path.with_suffix(".bin")
    size = path.stat().st_size
    if source_format == "openvino-ir" and weights.exists():
        size += weights.stat().st_size
    return Source(
        path.stem, path.stem, source_format, size, graph, synthetic_weights=False, note=None
    )


def check_file(path: Path) -> str:
    """The format of a model file by its ending; UsageError where it cannot be read."""
    if not path.exists():
        raise UsageError(f"no such file: {path}", hint="give the path of a model file")
    if not path.is_file():
        raise UsageError(f"not a file: {path}", hint="give the path of a model file")
    if path.suffix.lower() not in _FORMATS:
        known = ", ".join(sorted(_FORMATS))
        raise UsageError(
            f"cannot tell the format of {path} from its ending {path.suffix!r}",
            hint=f"give a file that ends in one of {known}",
        )
    if path.suffix.lower() == ".xml" and not path.with_suffix(".bin").exists():
        raise UsageError(
            f"{path} has no weights beside it",
            hint=f"put {path.with_suffix('.bin').name} into the same folder",
        )
    return _FORMATS[path.suffix.lower()]


def _read_graph(path: Path) -> ov.Model:
    import openvino as ov

    try:
        with _silent_readers():
            return ov.Core().read_model(str(path))
    except RuntimeError as error:
        raise UsageError(
            f"OpenVINO cannot read {path} as a model: {first_line(str(error))}",
            hint="check that the file is complete and of the format its ending says",
        ) from error


@contextlib.contextmanager
def _silent_readers() -> Iterator[None]:
    """OpenVINO's readers write to the process's standard error; their errors are raised too."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _make_static(graph: ov.Model, path: Path, input_shape: Sequence[int] | None) -> None:
    shapes = {
        port: _static_shape(port, path, input_shape, len(graph.inputs)) for port in graph.inputs
    }
    if all(port.get_partial_shape().is_static for port in graph.inputs) and not input_shape:
        return
    try:
        graph.reshape(shapes)
    except RuntimeError as error:
        wanted = ", ".join(str(shape) for shape in shapes.values())
        raise UsageError(
            f"{path} does not work with the input shape {wanted}: {first_line(str(error))}",
            hint="give one that fits with --input-shape",
        ) from error


def _static_shape(
    port: ov.Output, path: Path, input_shape: Sequence[int] | None, inputs: int
) -> list[int]:
    shape = port.get_partial_shape()
    if input_shape is not None:
        if inputs != 1:
            raise UsageError(
                f"{path} has {inputs} inputs", hint="--input-shape serves models with one input"
            )
        return list(input_shape)
    if shape.rank.is_dynamic:
        raise UsageError(
            f"input {port.any_name!r} of {path} has an unknown number of axes",
            hint="fix it with --input-shape, for example --input-shape 1,3,224,224",
        )
    sizes = [1 if place == 0 and size.is_dynamic else size for place, size in enumerate(shape)]
    if any(not isinstance(size, int) and size.is_dynamic for size in sizes):
        raise UsageError(
            f"input {port.any_name!r} of {path} has the dynamic shape {shape}",
            hint="fix it with --input-shape, for example --input-shape 1,3,224,224",
        )
    return [size if isinstance(size, int) else size.get_length() for size in sizes]


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
