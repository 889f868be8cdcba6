"""The samples that quantisation takes the ranges of activations from.

Either a seeded choice of a dataset, or synthetic ones where there is no data. NNCF is not known
here: what goes through it are arrays by input name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import Dataset, Sample
from collector.models.quantize.recipe import Recipe
from collector.models.steps import Report
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

SETTING_RANGES = "setting ranges and biases"
"""What NNCF does with the samples of a pass, without saying how far it is."""

KEPT_BYTES = 256 * 2**20
"""Decoded samples are kept in memory up to here; beyond, each pass decodes them again."""


@dataclass(frozen=True)
class Calibration:
    """Where calibration samples come from; ``dataset`` None: they are synthetic."""

    dataset: Dataset | None = None

    def samples(self, graph: ov.Model, recipe: Recipe) -> Sequence[Sample] | ChosenSamples:
        """``recipe.subset_size`` samples, or all where the dataset has fewer.

        Which ones follows from the recipe's seed alone. Raises UsageError where there are none,
        or where samples cannot be made up for an input without a fixed shape.
        """
        if self.dataset is None:
            return tuple(_synthetic(graph, recipe))
        if not len(self.dataset):
            raise UsageError(
                f"{self.dataset.fact.name} has no sample to calibrate with",
                hint="give a dataset with samples",
            )
        return ChosenSamples(self.dataset, chosen(len(self.dataset), recipe))


def chosen(there_are: int, recipe: Recipe) -> tuple[int, ...]:
    """Ascending places of a seeded choice without repetition.

    A choice at even distances would see some classes only where classes take turns.
    """
    if there_are <= recipe.subset_size:
        return tuple(range(there_are))
    random = np.random.Generator(np.random.PCG64(recipe.seed))
    return tuple(sorted(random.choice(there_are, recipe.subset_size, replace=False).tolist()))


@dataclass
class ChosenSamples:
    """Some samples of a dataset, to be gone through several times; ``places`` ascend."""

    dataset: Dataset
    places: tuple[int, ...]
    kept_bytes: int = KEPT_BYTES
    _kept: list[Sample] | None = field(default=None, init=False)

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.places)

    def __iter__(self) -> Iterator[Sample]:
        """The samples in the dataset's order; read only once where they fit into memory."""
        return iter(self._kept) if self._kept is not None else self._read()

    def _read(self) -> Iterator[Sample]:
        kept: list[Sample] | None = []
        size = 0
        for done, sample in enumerate(self._picked(), start=1):
            size += sum(values.nbytes for values in sample.inputs.values())
            if kept is not None:
                kept.append(sample)
            if size > self.kept_bytes:
                kept = None
            if done == len(self):  # NNCF takes the last one and does not come back for more
                self._kept = kept
            yield sample

    def _picked(self) -> Iterator[Sample]:
        wanted = iter(self.places)
        place = next(wanted, None)
        for number, sample in enumerate(self.dataset):
            if number == place:
                yield sample
                place = next(wanted, None)
            if place is None:
                return


@dataclass
class Told:
    """Samples as arrays by input name, that say how far each pass over them is.

    NNCF goes over them once per algorithm that needs statistics, which depends on the network:
    so each pass is told by its number, with the samples of that pass as the total.
    """

    samples: Sequence[Sample] | ChosenSamples
    report: Report
    passes: int = 0

    def __len__(self) -> int:
        """Samples of one pass."""
        return len(self.samples)

    def __iter__(self) -> Iterator[Mapping[str, NDArray[Any]]]:
        """One pass."""
        self.passes += 1
        activity = "calibrating" if self.passes == 1 else f"calibrating, pass {self.passes}"
        for done, sample in enumerate(self.samples, start=1):
            self.report(activity, done, len(self))
            if done == len(self):
                self.report(SETTING_RANGES, 0, 1)
            yield dict(sample.inputs)


def _synthetic(graph: ov.Model, recipe: Recipe) -> Iterator[Sample]:
    random = np.random.Generator(np.random.PCG64(recipe.seed))
    for port in graph.inputs:
        if not port.get_partial_shape().is_static:
            raise UsageError(
                f"samples cannot be made up: input {port.any_name} has the shape "
                f"{port.get_partial_shape()}",
                hint="fix it with --input-shape, or give --dataset",
            )
    for number in range(recipe.subset_size):
        inputs = {
            port.any_name: _values(tuple(port.shape), port.get_element_type().to_dtype(), random)
            for port in graph.inputs
        }
        yield Sample(f"synthetic {number}", inputs, None)


def _values(
    shape: tuple[int, ...], kind: np.dtype[Any], random: np.random.Generator
) -> NDArray[Any]:
    """Normal numbers for float inputs; bytes for 8-bit ones; 0 and 1 for indices."""
    if np.issubdtype(kind, np.floating):
        return random.standard_normal(shape).astype(kind)
    is_byte = kind.itemsize == 1 and kind != np.bool_
    low, high = (np.iinfo(kind).min, np.iinfo(kind).max + 1) if is_byte else (0, 2)
    return random.integers(low, high, size=shape).astype(kind)
