"""Estimates from launches: paired, unpaired, and the verdict that follows.

Pure numbers in, an ``Estimate`` out; what a launch or a block is, is not known
here. The unit of analysis is the block: iterations and turns inside a launch are
not independent. A launch's headline is in ms, ratios are candidate / baseline.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from results.comparison import Estimate, Verdict
from results.errors import MeasurementError
from results.shares import CONFIDENCE

EQUIVALENCE = math.log(1.02)
"""Half width of the zone of equivalence on the log scale, so that A and B may be swapped."""
BLOCKS_FOR_AN_INTERVAL = 5
"""What one block is told to become: nothing is known yet about its spread."""
MOST_BLOCKS = 1000
"""Above this nobody measures; ``blocks_needed`` is None then."""
_NORMAL = 1.95996398
"""Just below the quantile that Student's t falls to with more and more freedom."""
_FEWEST_TURNS = 2
_MOST_STEPS = 100
"""Newton's method takes a dozen; rounding alone could keep it going."""


@dataclass(frozen=True)
class _LogDifference:
    """Mean of ln(candidate) - ln(baseline), its standard error at n blocks, its freedom."""

    mean: float
    error_at: Callable[[int], float]
    freedom_at: Callable[[int], float]
    blocks: int

    def half_width(self, blocks: int) -> float:
        """Half the 95 % interval with this many blocks and today's spread."""
        error = self.error_at(blocks)
        return 0.0 if error == 0 else t_quantile(self.freedom_at(blocks)) * error

    def least_half_width(self, blocks: int) -> float:
        """What that is never below, found without the quantile."""
        return _quantile_floor(self.freedom_at(blocks)) * self.error_at(blocks)


def turns_log_ratio(baseline_ms: Sequence[float], candidate_ms: Sequence[float]) -> float | None:
    """d of a block whose two launches took turns: the median over turns i of ln(b_i / a_i).

    Entry i of both was measured in turn i, within a second, in random order. Whatever
    changes the machine's pace for longer than a turn is in both entries and cancels;
    a turn in which the pace changes is an outlier, on either side alike because of
    the random order, and the median leaves it out while such turns are fewer than half.
    It says nothing about how two launches of one program differ (layout of memory,
    placement of threads): that is the spread of d between blocks. Turns without two
    positive times are left out; None where fewer than two turns are left, or the
    numbers of turns differ.
    """
    if len(baseline_ms) != len(candidate_ms):
        return None
    ratios = [
        math.log(b / a)
        for a, b in zip(baseline_ms, candidate_ms, strict=True)
        if 0 < a < math.inf and 0 < b < math.inf
    ]
    return median(ratios) if len(ratios) >= _FEWEST_TURNS else None


def paired_estimate(
    baseline_ms: Sequence[float],
    candidate_ms: Sequence[float],
    log_ratios: Sequence[float | None] = (),
) -> Estimate:
    """Ratio from blocks: position i of all sequences was measured in the same block.

    d per block is what ``log_ratios`` has for it (from ``turns_log_ratio``), else
    ln(mB) - ln(mA) of the launches' headlines. ratio = exp(mean d), 95 % interval
    exp(mean d ± t·s/√n). Valid where the d of different blocks are independent and
    symmetric about the truth: every launch is a process of its own, and what drifts
    for longer than a block (for longer than a turn, where turns were taken) cancels
    in d. Blocks of both kinds may stand in one estimate; its interval then rests on
    the mixture of their spreads.

    The times told are the geometric means of the headlines, each moved by half of
    what they disagree with the ratio by on the log scale, so that their quotient is
    the ratio.

    Raises MeasurementError for no block, for a different number of headlines, and
    for a headline that is not a positive number.
    """
    if len(baseline_ms) != len(candidate_ms):
        raise MeasurementError(
            f"{len(baseline_ms)} baseline and {len(candidate_ms)} candidate medians cannot be"
            " paired",
            hint="give one of each per block",
        )
    logs_a, logs_b = _logs(baseline_ms, "baseline"), _logs(candidate_ms, "candidate")
    known = log_ratios or [None] * len(logs_a)
    differences = [b - a if d is None else d for a, b, d in zip(logs_a, logs_b, known, strict=True)]
    spread = math.sqrt(variance_of(differences))
    difference = _LogDifference(
        mean=mean_of(differences),
        error_at=lambda n: spread / math.sqrt(n),
        freedom_at=lambda n: n - 1,
        blocks=len(differences),
    )
    return _estimate(difference, logs_a, logs_b, paired=True)


def unpaired_estimate(baseline_ms: Sequence[float], candidate_ms: Sequence[float]) -> Estimate:
    """Ratio of cells that never shared a block: Welch's t on launch log-medians.

    B. L. Welch, "The generalization of Student's problem when several different
    population variances are involved", Biometrika 34 (1947), with the freedom of
    Welch-Satterthwaite. Valid for independent launches; a drift between the two
    measurements is not seen, so the interval may be too narrow. Raises as
    ``paired_estimate``.
    """
    logs_a, logs_b = _logs(baseline_ms, "baseline"), _logs(candidate_ms, "candidate")
    variance_a, variance_b = variance_of(logs_a), variance_of(logs_b)
    now = min(len(logs_a), len(logs_b))

    def sizes(n: int) -> tuple[int, int]:
        return (len(logs_a), len(logs_b)) if n == now else (n, n)

    difference = _LogDifference(
        mean=mean_of(logs_b) - mean_of(logs_a),
        error_at=lambda n: math.sqrt(variance_a / sizes(n)[0] + variance_b / sizes(n)[1]),
        freedom_at=lambda n: welch_freedom(variance_a, variance_b, *sizes(n)),
        blocks=now,
    )
    return _estimate(difference, logs_a, logs_b, paired=False)


def geometric_mean(values_ms: Sequence[float]) -> float:
    """exp(mean ln m) of positive medians in ms: the typical time that fits the ratio."""
    return math.exp(mean_of(_logs(values_ms, "launch")))


def _estimate(
    difference: _LogDifference, logs_a: Sequence[float], logs_b: Sequence[float], *, paired: bool
) -> Estimate:
    known = difference.blocks >= 2
    half = difference.half_width(difference.blocks) if known else None
    verdict = _verdict(difference.mean, half)
    inconclusive = verdict is Verdict.INCONCLUSIVE
    middle = (mean_of(logs_a) + mean_of(logs_b)) / 2
    return Estimate(
        verdict=verdict,
        ratio=math.exp(difference.mean),
        ci_low=None if half is None else math.exp(difference.mean - half),
        ci_high=None if half is None else math.exp(difference.mean + half),
        paired=paired,
        blocks=difference.blocks,
        blocks_needed=_blocks_needed(difference) if inconclusive else None,
        baseline_ms=math.exp(middle - difference.mean / 2),
        candidate_ms=math.exp(middle + difference.mean / 2),
    )


def _verdict(mean: float, half: float | None) -> Verdict:
    """Inside ±2 % is equivalent; excluding 1 and over 2 % is faster or slower; else open."""
    if half is None:
        return Verdict.INCONCLUSIVE
    if abs(mean) + half <= EQUIVALENCE:
        return Verdict.EQUIVALENT
    if abs(mean) > EQUIVALENCE and half < abs(mean):
        return Verdict.FASTER if mean < 0 else Verdict.SLOWER
    return Verdict.INCONCLUSIVE


def _blocks_needed(difference: _LogDifference) -> int | None:
    """Fewest blocks that settle it if mean and spread stay; None above ``MOST_BLOCKS``.

    A quantile takes long and its floor does not: the search is made with the floor, and the
    quantile is asked from there on alone, for a number of blocks or two.
    """
    if difference.blocks < 2:
        return BLOCKS_FOR_AN_INTERVAL

    def settles(half: float) -> bool:
        return _verdict(difference.mean, half) is not Verdict.INCONCLUSIVE

    fewest = _first(
        lambda blocks: settles(difference.least_half_width(blocks)), difference.blocks, MOST_BLOCKS
    )
    if fewest is None:
        return None
    possible = range(fewest, MOST_BLOCKS + 1)
    return next((n for n in possible if settles(difference.half_width(n))), None)


def _first(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """The first number above ``low`` that it holds for, where it holds for all after it too.

    None where it does not hold for ``high``.
    """
    if not holds(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _logs(medians_ms: Sequence[float], side: str) -> list[float]:
    if not medians_ms:
        raise MeasurementError(f"the {side} has no launch median", hint="measure it first")
    for value_ms in medians_ms:
        if not (math.isfinite(value_ms) and value_ms > 0):
            raise MeasurementError(
                f"a {side} launch median is {value_ms} ms, which no inference can take",
                hint="check the stored launches with `python -m results verify`",
            )
    return [math.log(value_ms) for value_ms in medians_ms]


def mean_of(values: Sequence[float]) -> float:
    """Arithmetic mean of one value at least."""
    return math.fsum(values) / len(values)


def variance_of(values: Sequence[float]) -> float:
    """Unbiased sample variance; 0 for a single value."""
    if len(values) < 2:
        return 0.0
    mean = mean_of(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def welch_freedom(variance_a: float, variance_b: float, n_a: int, n_b: int) -> float:
    """Degrees of freedom of Welch-Satterthwaite, for two values a side at least."""
    part_a, part_b = variance_a / n_a, variance_b / n_b
    if part_a + part_b == 0:
        return float(n_a + n_b - 2)
    # Shares, not squares of tiny variances: those underflow to 0 / 0.
    share = part_a / (part_a + part_b)
    return 1.0 / (share**2 / (n_a - 1) + (1 - share) ** 2 / (n_b - 1))


@lru_cache(maxsize=4096)
def t_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """Two-sided quantile of Student's t: P(|T| <= t) = ``confidence``.

    ``freedom`` is any real of at least 1. The tail is the regularised incomplete
    beta function, P(|T| > t) = I_x(f/2, 1/2) with x = f/(f+t²) (Abramowitz and
    Stegun 26.5.27 and 26.7.1), inverted by Newton's method to about 1e-13. The tail is
    convex above 0, so that from below the quantile every step stays below it.
    """
    tail = 1.0 - confidence
    t = 0.0
    while two_sided_tail(2.0 * t + 1.0, freedom) > tail:
        t = 2.0 * t + 1.0
    for _ in range(_MOST_STEPS):
        step = (two_sided_tail(t, freedom) - tail) / (2.0 * _t_density(t, freedom))
        t += step
        if step <= 1e-13 * t:
            break
    return t


def _quantile_floor(freedom: float) -> float:
    """Below ``t_quantile(freedom)`` and close to it: by 2 % at 4 degrees of freedom.

    The first terms in 1 / freedom of its expansion about the normal quantile (Abramowitz and
    Stegun 26.7.5); those after them are above 0.
    """
    z = _NORMAL
    first = (z**3 + z) / 4.0
    second = (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0
    return z + first / freedom + second / freedom**2


def _t_density(t: float, freedom: float) -> float:
    """Density of Student's t (Abramowitz and Stegun 26.7.2)."""
    log_front = math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0)
    log_shape = (freedom + 1.0) / 2.0 * math.log1p(t * t / freedom)
    return math.exp(log_front - log_shape) / math.sqrt(freedom * math.pi)


def two_sided_tail(t: float, freedom: float) -> float:
    """P(|T| > |t|) of Student's t: the p of a two-sided test; see ``t_quantile``."""
    square = t * t
    return _incomplete_beta(freedom / (freedom + square), square / (freedom + square), freedom / 2)


def _incomplete_beta(x: float, one_minus_x: float, a: float) -> float:
    """Regularised I_x(a, 1/2), from the continued fraction of DLMF 8.17.22."""
    b = 0.5
    if one_minus_x == 0.0:
        return 1.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log(one_minus_x)
    )  # fmt: skip
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(x, a, b) / a
    return 1.0 - front * _beta_fraction(one_minus_x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    """DLMF 8.17.22 by the modified Lentz method (Thompson and Barnett 1986)."""
    tiny = 1e-300
    d = 1.0 - (a + b) * x / (a + 1.0)
    c, d = 1.0, 1.0 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 400):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = 1.0 + term / c
            c = c if abs(c) > tiny else tiny
            step = c * d
            value *= step
        if abs(step - 1.0) < 1e-15:
            break
    return value
