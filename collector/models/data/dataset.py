"""Samples for a model, laid out as its inputs want them.

Opens what the user names. The forms themselves are elsewhere: images.py, arrays.py and
function_data.py; how they are gone through is in reading.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from collector.models.request import DataRequest, is_function
from collector.models.steps import Report, silent
from results import facts
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

    from collector.models.data.reading import Origin

_KINDS = {
    "boolean": "bool", "f16": "float16", "f32": "float32", "f64": "float64",
    **{f"{sign}{bits}": f"{name}{bits}" for sign, name in (("i", "int"), ("u", "uint"))
       for bits in (8, 16, 32, 64)},
}  # fmt: skip
_GOLDEN_PPM = 618_034


@dataclass(frozen=True)
class InputSpec:
    """What an input of a model takes: ``shape`` with its batch axis, ``kind`` such as float32.

    ``layout`` is such as NCHW where the model says so, a letter per axis and ``?`` for an axis
    that it does not tell, else None.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    layout: str | None


@dataclass(frozen=True)
class Sample:
    """One sample: an array per input name, shaped as the input; its label where there is one."""

    name: str
    inputs: Mapping[str, NDArray[Any]]
    label: int | None


class Dataset(Protocol):
    """Samples that can be gone through again and again, decoded as they are asked for."""

    @property
    def fact(self) -> facts.Dataset:
        """What is stored of it."""
        ...

    def __len__(self) -> int:
        """How many samples there are."""
        ...

    def __iter__(self) -> Iterator[Sample]:
        """The samples, in a fixed order."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The samples' names in their order; nothing is decoded for it."""
        ...

    @property
    def labels(self) -> Sequence[int | None]:
        """The samples' labels in their order, all known or all None; nothing is decoded for it."""
        ...

    def some(self, most: int) -> Sequence[Sample]:
        """At most so many samples, evenly spread over all."""
        ...


def input_specs(graph: ov.Model) -> tuple[InputSpec, ...]:
    """What each input of a graph takes, in the graph's order.

    Raises UsageError for a dynamic shape and for a type that no array can have.
    """
    return tuple(
        _input_spec(port, node)
        for port, node in zip(graph.inputs, graph.get_parameters(), strict=True)
    )


def _input_spec(port: ov.Output, node: ov.Node) -> InputSpec:
    name, shape = str(port.any_name), port.get_partial_shape()
    if not shape.is_static:
        raise UsageError(
            f"input {name!r} has the dynamic shape {shape}", hint="fix it with --input-shape"
        )
    kind = port.get_element_type().get_type_name()
    if kind not in _KINDS:
        raise UsageError(
            f"input {name!r} takes {kind}, for which there is no data",
            hint=f"give a model whose inputs take one of {', '.join(_KINDS)}",
        )
    sizes = tuple(int(size) for size in shape.to_shape())
    return InputSpec(name, sizes, _KINDS[kind], _letters(node.get_layout(), len(sizes)))


def _letters(layout: ov.Layout, rank: int) -> str | None:
    """OpenVINO's ``[N,...,C]`` as ``N??C``; None where it names no axis or does not fit."""
    if layout.empty:
        return None
    axes = layout.to_string().strip("[]").split(",")
    if "..." in axes:
        gap = axes.index("...")
        axes[gap : gap + 1] = ["?"] * (rank - len(axes) + 1)
    letters = "".join(axis if len(axis) == 1 else "?" for axis in axes)
    return letters if len(letters) == rank and letters.strip("?") else None


def open_dataset(
    request: DataRequest, inputs: Sequence[InputSpec], report: Report = silent
) -> Dataset:
    """The data that was asked for, laid out for these inputs; each used sample is read once.

    ``report`` is told ``reading samples``; where only reading tells how many there are, the
    total grows with it. Samples that cannot be read are left out and named in the fact.
    Raises UsageError for data that is missing, empty, of a wrong shape or type, or not finite,
    and for inputs whose batch is not 1.
    """
    from collector.models.data.reading import read_through

    _check_batch(inputs)
    return read_through(_origin(request, inputs), request.most, report, request.title)


def _origin(request: DataRequest, inputs: Sequence[InputSpec]) -> Origin:
    path = Path(request.source)
    if path.is_dir():
        from collector.models.data.images import open_images

        return open_images(path, request.labels, request.central_fraction, inputs)
    if request.labels is not None:
        raise UsageError(
            f"labels are given in {request.labels}, but {request.source} is no folder of images",
            hint="put the labels into the data, see docs/data.md",
        )
    if is_function(request.source, request.folder):
        from collector.models.data.function_data import FunctionData

        return FunctionData(request.source, inputs, request.folder)
    if path.suffix.lower() in {".npz", ".npy"}:
        from collector.models.data.arrays import open_arrays

        return open_arrays(path, inputs)
    known = "a folder of images, an .npz or .npy file, or module:function"
    if path.exists():
        raise UsageError(f"{request.source} is no data set", hint=f"give {known}")
    raise UsageError(f"there is no data at {request.source}", hint=f"give {known}")


def _check_batch(inputs: Sequence[InputSpec]) -> None:
    for spec in inputs:
        batch = _batch_of(spec)
        if batch != 1:
            raise UsageError(
                f"input {spec.name!r} takes {batch} samples at a time; data is judged one by one",
                hint="prepare the model with a batch of 1, with --input-shape",
            )


def _batch_of(spec: InputSpec) -> int:
    """Size of the batch axis; 1 where the input has none."""
    if spec.layout is not None and "N" in spec.layout:
        return spec.shape[spec.layout.index("N")]
    says_it_has_none = spec.layout is not None and "?" not in spec.layout
    return 1 if says_it_has_none or len(spec.shape) < 2 else spec.shape[0]


def spread(count: int, most: int | None) -> list[int]:
    """Places of at most ``most`` of ``count`` samples: one out of each of ``most`` stretches.

    Where in its stretch it lies differs from one to the next, by multiples of the golden ratio,
    so that labels that take turns (0, 1, 2, ..., 0, 1, ...) are all met.
    """
    if most is None or most >= count:
        return list(range(count))
    starts = [turn * count // most for turn in range(most + 1)]
    shares_ppm = [turn * _GOLDEN_PPM % 1_000_000 for turn in range(most)]
    return [
        start + (end - start) * share_ppm // 1_000_000
        for start, end, share_ppm in zip(starts, starts[1:], shares_ppm, strict=False)
    ]


def sample_digest(sample: Sample) -> bytes:
    """SHA-256 of a sample's arrays, in the order of the inputs, and its label; not its name."""
    digest = hashlib.sha256(repr(sample.label).encode())
    for array in sample.inputs.values():
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.digest()


def hash_of_samples(digests: Iterable[bytes]) -> str:
    """16 hexadecimal digits that stand for samples in an order."""
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]
