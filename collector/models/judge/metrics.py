"""What makes answers right, and how far two arrays are from each other. Pure numpy.

Nothing here knows of OpenVINO, of facts or of datasets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_score_vector(shape: Sequence[int]) -> bool:
    """Whether an output is one score per class: all its axes but one have the size 1."""
    size = math.prod(shape)
    return size > 1 and max(shape, default=1) == size


def score_output(shapes: Sequence[Sequence[int] | None]) -> int | None:
    """The place of the output that classifies; None where none can.

    Of the outputs that are one score per class it is the only one with two axes; where
    there is not exactly one of those, the first. A shape is None where it is not known or the
    output holds no scores.
    """
    vectors = [
        place for place, shape in enumerate(shapes) if shape is not None and is_score_vector(shape)
    ]
    flat = [place for place in vectors if len(shapes[place] or ()) == 2]
    chosen = flat if len(flat) == 1 else vectors
    return chosen[0] if chosen else None


def best(scores: NDArray[Any]) -> int | None:
    """The class with the highest score, the first of equal ones; None where one is NaN."""
    flat = scores.ravel()
    return None if np.isnan(flat).any() else int(np.argmax(flat))


def is_in_top(scores: NDArray[Any], label: int, most: int) -> bool:
    """Whether fewer than ``most`` classes come before the label; never where a score is NaN.

    Of equal scores the lower class comes first, so that ties are decided alike everywhere.
    """
    flat = scores.ravel()
    if np.isnan(flat).any():
        return False
    before = np.count_nonzero(flat > flat[label]) + np.count_nonzero(flat[:label] == flat[label])
    return bool(before < most)


def sqnr_db(signal: float, noise: float) -> float | None:
    """10 log10(signal / noise) in dB, of sums or of means; None without signal or noise."""
    if signal <= 0.0 or noise <= 0.0:
        return None
    return 10.0 * (math.log10(signal) - math.log10(noise))


@dataclass
class Squares:
    """Sums of squares of a reference and of the differences from it, in float64.

    ``is_known`` turns false, for good, with arrays that are not finite or not alike in shape.
    """

    signal: float = 0.0
    noise: float = 0.0
    elements: int = 0
    is_known: bool = True

    def add(self, reference: NDArray[Any], other: NDArray[Any]) -> None:
        """Take in one more pair of arrays."""
        if reference.shape != other.shape:
            self.is_known = False
            return
        kind = np.result_type(reference, other, np.float32)
        with np.errstate(invalid="ignore", over="ignore"):  # not finite: told by is_known
            # float32 is exact here where it matters: for numbers within a factor of 2 (Sterbenz)
            difference = np.subtract(other, reference, dtype=kind)
            self.signal += _sum_of_squares(reference)
            self.noise += _sum_of_squares(difference)
        self.is_known &= math.isfinite(self.signal) and math.isfinite(self.noise)
        self.elements += reference.size

    @property
    def sqnr_db(self) -> float | None:
        """SQNR over everything taken in; None where it cannot be known."""
        return sqnr_db(self.signal, self.noise) if self.is_known else None


def _sum_of_squares(values: NDArray[Any]) -> float:
    flat = values.ravel()
    # einsum goes through in small float64 pieces: no copy of the whole, and no BLAS threads
    return float(np.einsum("i,i->", flat, flat, dtype=np.float64))


@dataclass
class Cosines:
    """The mean over samples of the cosine between two arrays.

    Two arrays of zeros are alike: 1. Zeros against anything else: 0.
    """

    total: float = 0.0
    samples: int = 0
    is_known: bool = True

    def add(self, reference: NDArray[Any], other: NDArray[Any]) -> None:
        """Take in one sample."""
        if reference.shape != other.shape:
            self.is_known = False
            return
        self.total += _cosine(reference.astype(np.float64), other.astype(np.float64))
        self.samples += 1
        self.is_known &= math.isfinite(self.total)

    @property
    def mean(self) -> float | None:
        """The mean; None where it cannot be known."""
        return self.total / self.samples if self.is_known and self.samples else None


def _cosine(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    lengths = [math.sqrt(_sum_of_squares(values)) for values in (first, second)]
    if not all(math.isfinite(length) for length in lengths):
        return math.nan
    if 0.0 in lengths:
        return float(lengths[0] == lengths[1])
    product = float(np.sum(first / lengths[0] * (second / lengths[1])))
    return min(1.0, max(-1.0, product))
