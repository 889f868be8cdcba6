"""Ours against theirs in numbers: a ratio per model from its rounds, one over the models. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

_MEDIAN_INFLATION = math.sqrt(math.pi / 2)
"""Standard error of a median over that of a mean, for a normal distribution."""


@dataclass(frozen=True)
class Round:
    """Both figures of one round: median latencies in ms, or inferences per second."""

    ours: float
    theirs: float

    @property
    def log_ratio(self) -> float:
        """ln(ours / theirs)."""
        return math.log(self.ours / self.theirs)


@dataclass(frozen=True)
class Ratio:
    """A ratio ours / theirs; ``error`` is its standard error on the log scale, None if unknown."""

    value: float
    error: float | None

    @property
    def text(self) -> str:
        """``0.994 ± 0.4 %``: the standard error stands behind the sign."""
        return f"{self.value:.3f}" + ("" if self.error is None else f" ± {100 * self.error:.1f} %")


def ratio_of(rounds: Sequence[Round]) -> Ratio:
    """Median over the rounds of the log-ratio, as a ratio.

    Its standard error is that of the median of a normal sample, √(π/2)·s/√n.
    """
    logs = [found.log_ratio for found in rounds]
    few = len(logs) < 2
    error = None if few else _MEDIAN_INFLATION * stdev(logs) / math.sqrt(len(logs))
    return Ratio(math.exp(median(logs)), error)


def geometric_mean(ratios: Sequence[Ratio]) -> Ratio:
    """Geometric mean of the models' ratios, each with the same weight."""
    mean = fmean(math.log(found.value) for found in ratios)
    errors = [found.error for found in ratios if found.error is not None]
    known = len(errors) == len(ratios)
    error = math.sqrt(math.fsum(e * e for e in errors)) / len(ratios) if known else None
    return Ratio(math.exp(mean), error)
