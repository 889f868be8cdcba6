"""Shares of samples: how sure one is, and whether two of the same samples differ.

Wilson's interval and McNemar's exact test, in whole numbers. What a success is, such as a
false alarm or a right answer, is not known here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
"""That of every interval."""
SIGNIFICANCE = 1.0 - CONFIDENCE
"""Below this p a difference is called real."""
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@dataclass(frozen=True)
class Interval:
    """The bounds of a 95 % interval of a share of 1."""

    low: float
    high: float


def wilson_interval(successes: int, trials: int) -> Interval:
    """95 % interval of a share from k successes in n independent trials.

    (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = k/n: E. B. Wilson, "Probable
    inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927). Keeps inside 0..1, and has a width at k = 0
    and k = n too. Without trials nothing is known: 0 to 1.
    """
    if trials == 0:
        return Interval(0.0, 1.0)
    share, square = successes / trials, _Z * _Z / trials
    middle = share + square / 2
    half = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return Interval(max(0.0, low), min(1.0, high))


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided p that two classifiers are right equally often on the same samples.

    ``only_first`` (b) and ``only_second`` (c) count the samples that one of them alone got
    right; the others say nothing. p = 2·Σ_{i ≤ min(b,c)} C(b+c, i) / 2^(b+c), at most 1:
    the exact binomial form of Q. McNemar, "Note on the sampling error of the difference
    between correlated proportions or percentages", Psychometrika 12 (1947). In whole
    numbers, so that it neither overflows nor loses digits. Without such samples p is 1.
    """
    pairs = only_first + only_second
    term = tail = 1
    for i in range(1, min(only_first, only_second) + 1):
        term = term * (pairs - i + 1) // i
        tail += term
    return min(1.0, 2 * tail / (1 << pairs))
