"""Whether single layers differ: intervals over profile launches, and which of them hold.

Says of each group how far its difference is known, and whether it is called different among
all groups of the pair. The launch is the unit: what is read inside of one is not independent.
Which launches belong together is decided in ``results.pairing``; what a difference means for
the whole model, in ``results.attribution``. Times in µs, candidate minus baseline.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from results.comparison import Group
from results.groups import floor_us
from results.nodes import LaunchTimes
from results.shares import SIGNIFICANCE
from results.stats import mean_of, t_quantile, two_sided_tail, variance_of, welch_freedom

_FEWEST_LAUNCHES = 2
_FREEDOM_STEPS = 8
_ROUNDING = 1e-9
"""6 degrees of freedom that come out as 5.999999999999999 are 6."""

Round = tuple[str, str]
"""The ids of a baseline's and a candidate's profile launch that belong together."""
_Times = tuple[Mapping[str, float], Mapping[str, float]]
"""Of the baseline's layers and of the candidate's: their time together in µs, by launch."""


@dataclass(frozen=True)
class Difference:
    """A mean difference in µs with its 95 % interval, and the p that it is within the floor."""

    mean_us: float
    low_us: float
    high_us: float
    p_value: float


def judge(
    groups: Sequence[Group],
    baseline: LaunchTimes,
    candidate: LaunchTimes,
    rounds: Sequence[Round],
    candidate_us: float,
    *,
    items: float = 1.0,
) -> tuple[Group, ...]:
    """The groups with the interval of their ``delta_us``, and whether they ``differ``.

    ``rounds`` are the profile launches that were made in turns with each other; their
    difference is taken round by round, without the pace that both had in common
    (``_at_one_pace``). Without rounds, all launches of both sides count by themselves.
    ``candidate_us`` is the candidate's wall-clock time, for the floor, as are ``items``
    (``groups.floor_us``).

    A group differs where its p is among the discoveries over all groups of the pair, what
    is shown of it is above the floor, and its interval leaves out 0. The p is that of a
    difference within the floor, not of none: small layers that surely differ by less would
    else be discoveries, raise the bar's rank for all, and then not be told themselves. A
    group of one side only, or with fewer than two launches on a side, is left as it is:
    nothing is known.
    """
    least_us = floor_us(candidate_us, items)
    times = [_times(group, baseline, candidate) for group in groups]
    found = (
        _paired(times, rounds, least_us) if rounds else [_unpaired(one, least_us) for one in times]
    )
    held = discoveries([None if one is None else one.p_value for one in found])
    return tuple(
        group if one is None else _judged(group, one, least_us, discovered=discovered)
        for group, one, discovered in zip(groups, found, held, strict=True)
    )


def paired_difference(differences_us: Sequence[float], floor_us: float = 0.0) -> Difference | None:
    """Mean d ± t·s/√n with n-1 degrees of freedom; None for fewer than two.

    Valid where the d are independent and symmetric about the truth: each round's launches
    are processes of their own.
    """
    n = len(differences_us)
    if n < _FEWEST_LAUNCHES:
        return None
    error_us = math.sqrt(variance_of(differences_us) / n)
    return _difference(mean_of(differences_us), error_us, n - 1, floor_us)


def welch_difference(
    baseline_us: Sequence[float], candidate_us: Sequence[float], floor_us: float = 0.0
) -> Difference | None:
    """Difference of means by Welch's t (see ``stats.unpaired_estimate``); None below two each.

    A drift between the launches of both sides is in it and not in its interval where they
    were made one side after the other. The degrees of freedom are rounded down to an eighth,
    which widens the interval a little, so that many layers share few quantiles of t.
    """
    sizes = len(baseline_us), len(candidate_us)
    if min(sizes) < _FEWEST_LAUNCHES:
        return None
    spreads = variance_of(baseline_us), variance_of(candidate_us)
    error_us = math.sqrt(spreads[0] / sizes[0] + spreads[1] / sizes[1])
    steps = math.floor(_FREEDOM_STEPS * welch_freedom(*spreads, *sizes) + _ROUNDING)
    mean_us = mean_of(candidate_us) - mean_of(baseline_us)
    return _difference(mean_us, error_us, steps / _FREEDOM_STEPS, floor_us)


def discoveries(p_values: Sequence[float | None], rate: float = SIGNIFICANCE) -> tuple[bool, ...]:
    """Which hypotheses are rejected, so that at most this share of them is expected false.

    With m p-values in rising order, the first k are, k being the largest with p_k at most
    k·rate/m: Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", Journal of
    the Royal Statistical Society B 57 (1995). Proved for independent tests, and for ones that
    depend positively (Benjamini, Yekutieli 2001), as layers timed in the same launches do.
    What has no p-value is no test.
    """
    ranked = sorted(p for p in p_values if p is not None)
    below = [p for rank, p in enumerate(ranked, start=1) if p <= rank * rate / len(ranked)]
    threshold = max(below, default=-1.0)
    return tuple(p is not None and p <= threshold for p in p_values)


def _judged(group: Group, found: Difference, least_us: float, *, discovered: bool) -> Group:
    """The interval is widened to hold what is shown: a difference of medians, not a mean."""
    low_us, high_us = min(found.low_us, group.delta_us), max(found.high_us, group.delta_us)
    excludes_zero = low_us > 0.0 or high_us < 0.0
    above = abs(group.delta_us) > least_us
    return replace(
        group,
        delta_low_us=low_us,
        delta_high_us=high_us,
        differs=discovered and above and excludes_zero,
    )


def _difference(mean_us: float, error_us: float, freedom: float, least_us: float) -> Difference:
    """With the p of the minimum-effect test: that the truth is ``least_us`` or nearer to 0.

    P(T > (|d| - f)/s) + P(T > (|d| + f)/s), the largest p of all truths within ±f, which is
    that at its ends; f = 0 gives the two-sided test (K. R. Murphy, B. Myors, "Testing the
    hypothesis that treatments have negligible effects", Journal of Applied Psychology 84,
    1999).
    """
    away_us = abs(mean_us)
    if error_us == 0.0:
        return Difference(mean_us, mean_us, mean_us, 0.0 if away_us > least_us else 1.0)
    half_us = t_quantile(freedom) * error_us
    tails = [_upper_tail((away_us + off) / error_us, freedom) for off in (-least_us, least_us)]
    return Difference(mean_us, mean_us - half_us, mean_us + half_us, math.fsum(tails))


def _upper_tail(t: float, freedom: float) -> float:
    """P(T > t)."""
    half = two_sided_tail(t, freedom) / 2.0
    return half if t >= 0.0 else 1.0 - half


def _times(group: Group, baseline: LaunchTimes, candidate: LaunchTimes) -> _Times | None:
    """None for a group of one side: what it would take on the other is not 0, but unknown."""
    if not group.baseline or not group.candidate:
        return None
    return baseline.of(group.baseline), candidate.of(group.candidate)


def _unpaired(times: _Times | None, least_us: float) -> Difference | None:
    if times is None:
        return None
    baseline, candidate = times
    return welch_difference(tuple(baseline.values()), tuple(candidate.values()), least_us)


def _paired(
    times: Sequence[_Times | None], rounds: Sequence[Round], least_us: float
) -> list[Difference | None]:
    """The differences over the rounds, of each group where both its times are known."""
    paces = _paces([one for one in times if one is not None], rounds)
    return [
        None if one is None else paired_difference(_at_one_pace(one, paces), least_us)
        for one in times
    ]


def _at_one_pace(times: _Times, paces: Mapping[Round, float]) -> list[float]:
    """d of each round in which both are known, in µs at the typical pace of the rounds.

    A machine that runs a round 1.5 times as slow makes every d of it 1.5 times as large,
    which says nothing of the layers: divided out. The same number divides both sides, and
    swapping them does not change it, so that two equal programs still give a d that is
    symmetric about 0.
    """
    baseline, candidate = times
    return [
        (candidate[b] - baseline[a]) / pace
        for (a, b), pace in paces.items()
        if a in baseline and b in candidate
    ]


def _paces(times: Sequence[_Times], rounds: Sequence[Round]) -> dict[Round, float]:
    """How slow each round was: √(baseline's sum · candidate's sum), the geometric mean being 1.

    The sums are over the groups that every round tells; 1 for all rounds where one took no
    time.
    """
    known = [
        (baseline, candidate)
        for baseline, candidate in times
        if all(a in baseline and b in candidate for a, b in rounds)
    ]
    products = [
        math.fsum(baseline[a] for baseline, _ in known)
        * math.fsum(candidate[b] for _, candidate in known)
        for a, b in rounds
    ]
    if min(products) <= 0.0:
        return dict.fromkeys(rounds, 1.0)
    logs = [math.log(product) / 2 for product in products]
    return {one: math.exp(log - mean_of(logs)) for one, log in zip(rounds, logs, strict=True)}
