"""Which formats of models there are, told from a path, and the files that a source consists of.

Nothing is parsed here beyond what tells one format from another, and OpenVINO is not imported.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from results.errors import UsageError

IR = "openvino-ir"
ONNX = "onnx"
TFLITE = "tflite"
FROZEN = "tensorflow-frozen"
SAVED_MODEL = "tensorflow-saved-model"
PADDLE = "paddle"
EXPORTED = "pytorch-exported"

_BY_ENDING = {
    ".xml": IR,
    ".onnx": ONNX,
    ".tflite": TFLITE,
    ".pb": FROZEN,
    ".pdmodel": PADDLE,
    ".pt2": EXPORTED,
}
_BESIDE = {IR: ".bin", PADDLE: ".pdiparams"}
_SAVED_MODEL_FILE = "saved_model.pb"
_SAVED_MODEL_FOLDERS = ("variables", "assets")
# How ONNX names a file of weights outside of the model: the entry "location" of TensorProto's
# external_data, as Protocol Buffers write it, up to the length of the name.
_ONNX_LOCATION = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])")


def check_file(path: Path) -> str:
    """The format of a model by its ending; UsageError where it cannot be read.

    A folder is taken for a SavedModel.
    """
    if not path.exists():
        raise UsageError(f"no such file: {path}", hint="give the path of a model file")
    if path.is_dir():
        return _saved_model(path)
    if not path.is_file():
        raise UsageError(f"not a file: {path}", hint="give the path of a model file")
    _refuse_parts(path)
    ending = path.suffix.lower()
    if ending not in _BY_ENDING:
        raise UsageError(
            f"cannot tell the format of {path} from its ending {path.suffix!r}",
            hint=f"give a file that ends in one of {', '.join(sorted(_BY_ENDING))}, "
            "or the folder of a SavedModel",
        )
    found = _BY_ENDING[ending]
    _require_weights(path, found)
    return found


def _saved_model(folder: Path) -> str:
    if not (folder / _SAVED_MODEL_FILE).is_file():
        raise UsageError(
            f"not a file: {folder} is a folder without {_SAVED_MODEL_FILE}",
            hint="give a model file, or the folder of a SavedModel",
        )
    return SAVED_MODEL


def _refuse_parts(path: Path) -> None:
    """Raise UsageError for files that belong to a model but are not where one begins."""
    if path.name == _SAVED_MODEL_FILE:
        raise UsageError(
            f"{path} is a part of a SavedModel", hint=f"give its folder, {path.parent}"
        )
    if path.suffix.lower() == ".json" and b'"pir"' in _start(path):
        raise UsageError(
            f"{path} is a program of Paddle 3 (PIR), which OpenVINO {version('openvino')} "
            "does not read",
            hint="save it as .pdmodel, with FLAGS_enable_pir_api=0 in Paddle's environment",
        )


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(200)


def _require_weights(path: Path, source_format: str) -> None:
    if source_format not in _BESIDE:
        return
    weights = path.with_suffix(_BESIDE[source_format])
    if not weights.exists():
        raise UsageError(
            f"{path} has no weights beside it", hint=f"put {weights.name} into the same folder"
        )


def source_files(path: Path, source_format: str) -> tuple[Path, ...]:
    """Every file that the model at ``path`` consists of, in a fixed order.

    What else lies in the folder of a SavedModel, such as an IR made of it, is none of them.
    """
    if source_format == SAVED_MODEL:
        parts = (found for name in _SAVED_MODEL_FOLDERS for found in (path / name).rglob("*"))
        return path / _SAVED_MODEL_FILE, *sorted(found for found in parts if found.is_file())
    if source_format in _BESIDE:
        return path, path.with_suffix(_BESIDE[source_format])
    if source_format == ONNX:
        outside = sorted({path.parent / name for name in _outside(path)})
        return path, *(found for found in outside if found.is_file())
    return (path,)


def _outside(path: Path) -> Iterator[str]:
    """The names of the files that hold an ONNX model's weights, where it does not itself."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for found in _ONNX_LOCATION.finditer(text):
            name = text[found.end() : found.end() + found[1][0]]
            yield name.decode(errors="replace")


def source_bytes(path: Path, source_format: str) -> int:
    """Size of a model with all its files."""
    return sum(found.stat().st_size for found in source_files(path, source_format))


def model_name(path: Path) -> str:
    """The name of a model after its file or folder."""
    return path.resolve().name if path.is_dir() else path.stem
