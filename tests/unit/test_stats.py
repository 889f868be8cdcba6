"""The estimates: quantiles, both intervals, verdicts, false alarms."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from results import stats
from results.comparison import Estimate, Verdict
from results.errors import LensError
from results.stats import (
    EQUIVALENCE,
    MOST_BLOCKS,
    geometric_mean,
    paired_estimate,
    t_quantile,
    two_sided_tail,
    unpaired_estimate,
    welch_freedom,
)

# scipy 1.17.1: scipy.stats.t.ppf(0.975, freedom)
QUANTILES = [
    (1, 12.706204736174694),
    (1.5, 6.016663104427929),
    (2, 4.302652729749462),
    (3, 3.1824463052837078),
    (4, 2.7764451051977934),
    (4.37, 2.6861481000408847),
    (9, 2.262157162798205),
    (29.3, 2.044320421500141),
    (100, 1.9839715185235518),
    (999, 1.9623414611334493),
    (100000, 1.9599877075346095),
]


@pytest.mark.parametrize(("freedom", "expected"), QUANTILES)
def test_t_quantile_agrees_with_scipy(freedom: float, expected: float) -> None:
    assert t_quantile(freedom) == pytest.approx(expected, rel=1e-10)


# scipy 1.17.1: 2 * scipy.stats.t.sf(abs(t), freedom)
TAILS = [
    (0.0, 4, 1.0),
    (1.0, 4, 0.37390096630005887),
    (-8.61030158, 4, 0.0010000000006133607),
    (40.0, 4, 2.3340163226012678e-06),
    (3.3, 2.7, 0.05324215291873395),
    (12.7062, 1, 0.0500000185607104),
]


@pytest.mark.parametrize(("t", "freedom", "expected"), TAILS)
def test_the_two_sided_tail_agrees_with_scipy(t: float, freedom: float, expected: float) -> None:
    assert two_sided_tail(t, freedom) == pytest.approx(expected, rel=1e-8)


def test_the_tail_beyond_a_quantile_is_what_the_quantile_leaves() -> None:
    rng = np.random.default_rng(5)
    for freedom, tail in zip(
        rng.uniform(1, 40, 200), 10 ** rng.uniform(-6, -0.2, 200), strict=True
    ):
        assert two_sided_tail(t_quantile(freedom, 1.0 - tail), freedom) == pytest.approx(tail)


def test_paired_by_hand() -> None:
    """d = ln 0.5, ln 0.6, ln 0.55: mean, s and t(2) = 4.3027 by hand."""
    estimate = paired_estimate([2.0, 2.0, 4.0], [1.0, 1.2, 2.2])
    d = [math.log(0.5), math.log(0.6), math.log(0.55)]
    mean = sum(d) / 3
    s = math.sqrt(sum((x - mean) ** 2 for x in d) / 2)
    half = 4.302652729749462 * s / math.sqrt(3)
    assert estimate.ratio == pytest.approx(math.exp(mean))
    assert estimate.ci_low == pytest.approx(math.exp(mean - half))
    assert estimate.ci_high == pytest.approx(math.exp(mean + half))
    assert (estimate.paired, estimate.blocks, estimate.verdict) == (True, 3, Verdict.FASTER)
    assert estimate.candidate_ms / estimate.baseline_ms == pytest.approx(estimate.ratio)


def test_a_drift_shared_by_a_block_cancels() -> None:
    drift = [1.0, 3.0, 10.0, 0.2]
    estimate = paired_estimate(drift, [1.5 * x for x in drift])
    assert estimate.ratio == pytest.approx(1.5)
    assert estimate.ci_high == pytest.approx(1.5)
    assert estimate.verdict is Verdict.SLOWER


def test_welch_agrees_with_scipy() -> None:
    """scipy.stats.ttest_ind(ln b, ln a, equal_var=False).confidence_interval()."""
    estimate = unpaired_estimate([3.1, 3.2, 3.0, 3.3], [2.9, 3.1, 2.7])
    assert estimate.ci_low == pytest.approx(math.exp(-0.22495090979256116), rel=1e-9)
    assert estimate.ci_high == pytest.approx(math.exp(0.057650151569773045), rel=1e-9)
    assert (estimate.paired, estimate.blocks) == (False, 3)


def _around(ratio: float, spread: float) -> Estimate:
    """Four blocks whose log differences are ln(ratio) ± spread."""
    signs = (1, -1, 1, -1)
    return paired_estimate([1.0] * 4, [ratio * math.exp(sign * spread) for sign in signs])


@pytest.mark.parametrize(
    ("ratio", "spread", "verdict"),
    [
        (1.00, 0.005, Verdict.EQUIVALENT),
        (1.01, 0.004, Verdict.EQUIVALENT),
        (0.80, 0.01, Verdict.FASTER),
        (1.25, 0.01, Verdict.SLOWER),
        (1.019, 0.001, Verdict.INCONCLUSIVE),  # excludes 1, and is not over 2 %
        (0.90, 0.10, Verdict.INCONCLUSIVE),  # over 2 %, and includes 1
        (1.00, 0.05, Verdict.INCONCLUSIVE),
    ],
)
def test_verdicts(ratio: float, spread: float, verdict: Verdict) -> None:
    assert _around(ratio, spread).verdict is verdict


def test_swapping_the_sides_swaps_the_verdict() -> None:
    for ratio in (0.5, 0.979, 0.985, 1.0, 1.015, 1.0199, 1.0205, 2.0):
        there = paired_estimate([1.0, 1.0, 1.0], [ratio, ratio * 1.0002, ratio])
        back = paired_estimate([ratio, ratio * 1.0002, ratio], [1.0, 1.0, 1.0])
        swap = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
        assert back.verdict is swap.get(there.verdict, there.verdict)


def test_blocks_needed_is_the_first_number_that_settles_it() -> None:
    estimate = _around(0.90, 0.10)
    spread = math.sqrt(4 * 0.10**2 / 3)
    needed = estimate.blocks_needed
    assert needed is not None
    half = {n: t_quantile(n - 1) * spread / math.sqrt(n) for n in (needed - 1, needed)}
    assert half[needed] < -math.log(0.90) <= half[needed - 1]


def _asked_one_by_one(mean: float, half_width: Callable[[int], float], blocks: int) -> int | None:
    """The definition, word for word: the first number of blocks whose interval settles it."""
    for n in range(blocks + 1, MOST_BLOCKS + 1):
        half, far = half_width(n), abs(mean) > EQUIVALENCE
        if abs(mean) + half <= EQUIVALENCE or (far and half < abs(mean)):
            return n
    return None


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("blocks", [2, 3, 5, 20])
def test_blocks_needed_is_what_asking_one_by_one_finds(seed: int, blocks: int) -> None:
    rng = np.random.default_rng([seed, blocks])
    mean, spread = rng.normal(0.0, 0.03), 10 ** rng.uniform(-3.0, -0.7)
    a, b = np.exp(rng.normal([[0.0], [mean]], spread, (2, blocks))).tolist()
    for estimate in (paired_estimate(a, b), unpaired_estimate(a, b)):
        if estimate.verdict is not Verdict.INCONCLUSIVE:
            assert estimate.blocks_needed is None
            continue
        logs_a, logs_b = np.log(a), np.log(b)
        s = np.std(logs_b - logs_a, ddof=1)
        v_a, v_b = np.var(logs_a, ddof=1), np.var(logs_b, ddof=1)

        def half_width(
            n: int,
            *,
            paired: bool = estimate.paired,
            s: float = s,
            v: tuple[float, float] = (v_a, v_b),
        ) -> float:
            if paired:
                return t_quantile(n - 1) * s / math.sqrt(n)
            return t_quantile(welch_freedom(*v, n, n)) * math.sqrt((v[0] + v[1]) / n)

        assert estimate.blocks_needed == _asked_one_by_one(
            math.log(estimate.ratio), half_width, blocks
        )


def test_a_number_of_blocks_is_found_with_few_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def counted(freedom: float) -> float:
        asked.append(freedom)
        return t_quantile(freedom)

    monkeypatch.setattr(stats, "t_quantile", counted)
    assert unpaired_estimate([1.0, 1.1, 1.3, 0.9], [1.0, 1.2, 1.25, 1.0]).blocks_needed is not None
    assert len(asked) <= 4


def test_no_reasonable_number_of_blocks() -> None:
    assert _around(1.0199, 0.05).blocks_needed is None
    assert _around(0.80, 0.01).blocks_needed is None


def test_one_block_has_no_interval() -> None:
    for estimate in (paired_estimate([2.0], [1.0]), unpaired_estimate([2.0], [1.0, 1.1])):
        assert (estimate.ci_low, estimate.ci_high) == (None, None)
        assert estimate.verdict is Verdict.INCONCLUSIVE
        assert estimate.blocks_needed is not None


def test_identical_medians_are_equivalent() -> None:
    assert paired_estimate([2.0, 2.0], [2.0, 2.0]).verdict is Verdict.EQUIVALENT
    assert unpaired_estimate([2.0, 2.0], [2.0, 2.0]).verdict is Verdict.EQUIVALENT


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_median_that_cannot_be_is_refused(bad: float) -> None:
    for estimate in (paired_estimate, unpaired_estimate):
        with pytest.raises(LensError, match="no inference can take"):
            estimate([1.0, bad], [1.0, 1.0])


def test_no_and_unequal_medians_are_refused() -> None:
    with pytest.raises(LensError, match="cannot be paired"):
        paired_estimate([1.0, 2.0], [1.0])
    with pytest.raises(LensError, match="no launch median"):
        paired_estimate([], [])
    with pytest.raises(LensError, match="no launch median"):
        unpaired_estimate([1.0], [])


def test_log_ratios_of_the_turns_go_before_the_headlines() -> None:
    logs = [math.log(0.5), None, math.log(0.6)]
    estimate = paired_estimate([2.0, 2.0, 2.0], [1.5, 1.1, 1.5], logs)
    assert estimate.ratio == pytest.approx((0.5 * 0.55 * 0.6) ** (1 / 3))
    assert estimate.candidate_ms / estimate.baseline_ms == pytest.approx(estimate.ratio, rel=1e-12)


def test_geometric_mean() -> None:
    assert geometric_mean([1.0, 4.0]) == pytest.approx(2.0)


def test_a_against_a_raises_five_per_cent_false_alarms() -> None:
    """600 comparisons of a program with itself on a machine that drifts from block to block."""
    random = np.random.default_rng(20261123)
    alarms = 0
    for _ in range(600):
        drift = np.cumsum(random.normal(0.0, 0.05, 10))
        a, b = np.exp(drift + random.normal(0.0, 0.02, (2, 10)))
        estimate = paired_estimate(a.tolist(), b.tolist())
        assert estimate.ci_low is not None
        assert estimate.ci_high is not None
        alarms += not estimate.ci_low <= 1.0 <= estimate.ci_high
    assert 0.03 <= alarms / 600 <= 0.075
