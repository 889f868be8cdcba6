"""Samples in .npz and .npy files: an array per input, samples along the first axis.

Arrays that are stored uncompressed are mapped into memory and not read as a whole. Files that
hold Python objects are refused: reading them could run code.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import InputSpec, Sample
from collector.models.data.fitting import fit
from collector.models.data.reading import Unreadable
from collector.probe_process import first_line
from results.errors import UsageError

_LABELS = ("labels", "label", "y")
_LOCAL_HEADER = struct.Struct("<26xHH")  # lengths of name and extra field, APPNOTE.TXT 4.3.7
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_BROKEN = (
    OSError, ValueError, EOFError, RuntimeError, MemoryError, OverflowError,
    zipfile.BadZipFile, zlib.error, struct.error,
)  # fmt: skip


class ArrayFile:
    """Samples that lie along the first axis of arrays."""

    kind = "arrays"
    left_out: Sequence[Unreadable] = ()

    def __init__(
        self,
        name: str,
        arrays: Mapping[str, NDArray[Any]],
        labels: Sequence[int] | None,
        inputs: Sequence[InputSpec],
    ) -> None:
        self.name = name
        self._arrays = arrays
        self._labels = labels
        self._inputs = inputs

    def count(self) -> int | None:
        """How many samples there are."""
        return min((len(array) for array in self._arrays.values()), default=0)

    def read(self, places: Sequence[int] | None) -> Iterator[tuple[int, Sample | Unreadable]]:
        """The samples at these places; all of them for None."""
        for place in range(self.count() or 0) if places is None else places:
            name = f"sample {place} of {self.name}"
            fitted = {s.name: fit(self._arrays[s.name][place], s, name) for s in self._inputs}
            label = None if self._labels is None else self._labels[place]
            yield place, Sample(f"{self.name}[{place}]", fitted, label)


def open_arrays(path: Path, inputs: Sequence[InputSpec]) -> ArrayFile:
    """The samples of an .npz or .npy file for a model with these inputs.

    An .npz file has an array by each input's name, and labels under ``labels``, ``label`` or
    ``y``; for a single input any other array will do where there is only one. An .npy file
    serves a single input. Raises UsageError for a file that cannot be read, arrays that are
    not there, and lengths that differ.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="give an .npz or .npy file")
    try:
        found = _npz(path) if path.suffix.lower() == ".npz" else {"": _npy(path)}
    except _BROKEN as error:
        reason = first_line(str(error) or type(error).__name__)
        raise UsageError(
            f"{path} cannot be read as NumPy arrays: {reason}",
            hint="write it with numpy.savez or numpy.save, without Python objects",
        ) from error
    chosen = _chosen(path, found, inputs)
    labels = _labels(path, found, inputs)
    _check_lengths(path, chosen, labels)
    return ArrayFile(path.name, chosen, labels, inputs)


def _npy(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        return {
            member.filename.removesuffix(".npy"): _member(path, archive, member)
            for member in archive.infolist()
            if member.filename.endswith(".npy")
        }


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    mapped = _mapped(path, archive, member)
    if mapped is not None:
        return mapped
    with archive.open(member) as stream:
        array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def _mapped(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any] | None:
    """An array where it lies in the archive; None where it is compressed or of objects."""
    with archive.open(member) as stream:
        read = _HEADERS.get(np.lib.format.read_magic(stream))
        if read is None or member.compress_type != zipfile.ZIP_STORED:
            return None
        shape, fortran, dtype = read(stream)
        offset = _data_offset(path, member) + stream.tell()
    if dtype.hasobject:
        return None
    order: Literal["F", "C"] = "F" if fortran else "C"
    array: NDArray[Any] = np.memmap(path, dtype, "r", offset, shape, order)
    return array


def _data_offset(path: Path, member: zipfile.ZipInfo) -> int:
    """Where the bytes of an archive's member begin in its file."""
    with path.open("rb") as file:
        file.seek(member.header_offset)
        name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    return member.header_offset + _LOCAL_HEADER.size + int(name) + int(extra)


def _chosen(
    path: Path, found: Mapping[str, NDArray[Any]], inputs: Sequence[InputSpec]
) -> dict[str, NDArray[Any]]:
    """The array of each input."""
    absent = [spec.name for spec in inputs if spec.name not in found]
    if not absent:
        return {spec.name: found[spec.name] for spec in inputs}
    others = [name for name in found if name not in _LABELS]
    if len(inputs) == 1 and len(others) == 1:
        return {inputs[0].name: found[others[0]]}
    if path.suffix.lower() == ".npy":
        raise UsageError(
            f"the model has {len(inputs)} inputs; {path} serves one",
            hint="give an .npz file with an array for each input",
        )
    raise UsageError(
        f"{path} has no array for input {absent[0]!r}, but {', '.join(sorted(found)) or 'none'}",
        hint="name the arrays as the model's inputs",
    )


def _labels(
    path: Path, found: Mapping[str, NDArray[Any]], inputs: Sequence[InputSpec]
) -> list[int] | None:
    taken = {spec.name for spec in inputs}
    name = next((name for name in _LABELS if name in found and name not in taken), None)
    if name is None:
        return None
    array = found[name]
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise UsageError(
            f"{name} in {path} has the shape {'x'.join(map(str, array.shape))}",
            hint="give one whole number per sample, such as labels.argmax(axis=1)",
        )
    if not _whole(array):
        raise UsageError(
            f"{name} in {path} are no whole numbers, but {array.dtype}",
            hint="give the classes' numbers from 0 on",
        )
    negative = np.flatnonzero(array < 0)
    if negative.size:
        raise UsageError(
            f"{name} in {path} has {int(array[negative[0]])} for sample {negative[0]}",
            hint="give labels from 0 on",
        )
    return [int(label) for label in array]


def _whole(array: NDArray[Any]) -> bool:
    with np.errstate(invalid="ignore"):
        return array.dtype.kind in "biuf" and np.array_equal(array, array.astype(np.int64))


def _check_lengths(
    path: Path, arrays: Mapping[str, NDArray[Any]], labels: Sequence[int] | None
) -> None:
    flat = [name for name, array in arrays.items() if array.ndim == 0]
    if flat:
        raise UsageError(
            f"{path} has a single number for input {flat[0]!r}",
            hint="give an array with the samples along its first axis",
        )
    lengths = {name: len(array) for name, array in arrays.items()}
    if labels is not None:
        lengths["labels"] = len(labels)
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{length} of {name}" for name, length in lengths.items())
        raise UsageError(
            f"{path} has arrays of different lengths: {told}", hint="give one of each per sample"
        )
