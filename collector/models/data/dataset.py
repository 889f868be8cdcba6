"""Samples for a model, laid out as its inputs want them: what they are, and how one knows them.

How they are opened is in opening.py, how they are gone through in reading.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from results import facts
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

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
