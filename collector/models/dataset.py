"""Samples for a model, laid out as its inputs want them; what they come from is not known here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from results import facts


@dataclass(frozen=True)
class InputSpec:
    """What an input of a model takes: ``shape`` with its batch axis, ``kind`` such as float32.

    ``layout`` is such as NCHW where the model says so, else None.
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

    def some(self, most: int) -> Sequence[Sample]:
        """At most so many samples, evenly spread over all."""
        ...
