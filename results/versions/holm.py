"""Which of several verdicts hold together: Holm's procedure on their intervals.

Every step of a series is tested, so that among twenty steps without any change one would be
called a change by chance. S. Holm, "A simple sequentially rejective multiple test procedure",
Scandinavian Journal of Statistics 6 (1979): the probability of even one false alarm among
them stays below 5 %. It asks nothing of how the tests depend on each other: neighbouring
steps share a version, which makes them opposite, and that is not what the usual false
discovery rate (Benjamini and Hochberg) is proved for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from results.comparison import Estimate, Verdict
from results.shares import SIGNIFICANCE
from results.stats import t_quantile


def holding(estimates: Sequence[Estimate]) -> tuple[bool, ...]:
    """For each estimate whether it is faster or slower, also among all of them.

    With m tests, those whose p is below 0.05/m are rejected, then with the k that are left
    those below 0.05/k, until none is added: the same as Holm's ordered steps. Estimates
    without an interval are no tests. Unpaired ones are none either: a drift of the machine
    between the two measurements is in them, and their intervals do not see it.
    """
    tests = [at for at, one in enumerate(estimates) if one.paired and one.ci_low is not None]
    held: set[int] = set()
    while True:
        level = SIGNIFICANCE / max(1, len(tests) - len(held))
        more = {at for at in tests if differs(estimates[at], level)}
        if more <= held:
            break
        held |= more
    told = (Verdict.FASTER, Verdict.SLOWER)
    return tuple(at in held and one.verdict in told for at, one in enumerate(estimates))


def differs(estimate: Estimate, level: float) -> bool:
    """Whether the ratio differs from 1 at this level: the p of its t-test is below it.

    t = |ln ratio| / standard error, where the 95 % interval's half width is the error times
    the quantile of t with blocks - 1 degrees of freedom, as a paired estimate has.
    """
    if estimate.ci_low is None or estimate.ci_high is None:
        return False
    effect = abs(math.log(estimate.ratio))
    half = (math.log(estimate.ci_high) - math.log(estimate.ci_low)) / 2
    freedom = estimate.blocks - 1
    if half == 0:
        return effect > 0
    return effect / half * t_quantile(freedom) > t_quantile(freedom, 1.0 - level)
