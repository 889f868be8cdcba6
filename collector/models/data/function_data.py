"""Samples that a function of the user's own gives, named as ``module:function``.

The function is called anew for each pass over the samples. How its errors are told is in
user_code.py.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import InputSpec, Sample
from collector.models.data.fitting import fit
from collector.models.data.reading import Unreadable
from collector.models.data.user_code import calling, load_function
from results.errors import UsageError

_PAIR = 2


class FunctionData:
    """What a function without arguments returns or yields, one sample after the other."""

    kind = "function"
    left_out: Sequence[Unreadable] = ()

    def __init__(self, spec: str, inputs: Sequence[InputSpec], folder: Path | None = None) -> None:
        """``folder`` is where the module is looked for first; None is the current folder."""
        self.name = spec
        self._inputs = inputs
        self._function = load_function(spec, "data", folder)

    def count(self) -> int | None:
        """Unknown: a generator has to be gone through."""
        return None

    def read(self, places: Sequence[int] | None) -> Iterator[tuple[int, Sample | Unreadable]]:
        """The samples at these places; the function is not asked for more than the last."""
        wanted = None if places is None else set(places)
        left = None if wanted is None else len(wanted)
        for place, item in enumerate(self._items()):
            if wanted is None or place in wanted:
                yield place, self._sample(place, item)
                left = None if left is None else left - 1
            if left == 0:
                return

    def _items(self) -> Iterator[object]:
        with calling(self.name):
            returned = self._function()
        if isinstance(returned, (Mapping, str, bytes)) or not hasattr(returned, "__iter__"):
            raise UsageError(
                f"{self.name} returned a {type(returned).__name__}, not a row of samples",
                hint="return a list of samples, or yield them one by one",
            )
        with calling(self.name):
            rest = iter(returned)
        end = object()
        while True:
            with calling(self.name):
                item = next(rest, end)
            if item is end:
                return
            yield item

    def _sample(self, place: int, item: object) -> Sample:
        name = f"sample {place} of {self.name}"
        values, label = item, None
        if isinstance(item, tuple):
            if len(item) != _PAIR:
                raise UsageError(
                    f"{name} is a tuple of {len(item)}",
                    hint="give an array, a dict by input name, or a pair of one and its label",
                )
            values, label = item[0], _label(item[1], name)
        return Sample(f"{self.name}[{place}]", self._fitted(values, name), label)

    def _fitted(self, values: object, name: str) -> dict[str, NDArray[Any]]:
        if isinstance(values, Mapping):
            absent = [spec.name for spec in self._inputs if spec.name not in values]
            if absent:
                raise UsageError(
                    f"{name} has nothing for input {absent[0]!r}, but for {_listed(values)}",
                    hint="name the arrays as the model's inputs",
                )
            return {spec.name: fit(values[spec.name], spec, name) for spec in self._inputs}
        if len(self._inputs) != 1:
            raise UsageError(
                f"{name} is a single array, the model has {len(self._inputs)} inputs",
                hint=f"give a dict with {_listed([spec.name for spec in self._inputs])}",
            )
        return {self._inputs[0].name: fit(values, self._inputs[0], name)}


def _listed(names: Mapping[Any, Any] | Sequence[str]) -> str:
    return ", ".join(map(str, names)) or "none"


def _label(value: object, name: str) -> int | None:
    if value is None:
        return None
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "biu":
        raise UsageError(
            f"{name} has the label {str(value)[:40]!r}, which is no whole number",
            hint="give the class's number from 0 on, or no label",
        )
    label = operator.index(array.item())
    if label < 0:
        raise UsageError(f"{name} has the label {label}", hint="give labels from 0 on")
    return label
