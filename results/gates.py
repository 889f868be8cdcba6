"""Gates: what a comparison must hold to be let through, as for a pull request.

A gate is judged on a finished comparison; nothing is measured or estimated here. A pair that
no gate means anything for is refused. What the figures mean is said in docs/compare.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from results import format as fmt
from results.accuracy import AccuracyView, Change, Labelled
from results.accuracy_words import brief_verdict
from results.alike import is_same_model
from results.comparison import CellView, Comparison, Estimate, Verdict
from results.comparison_words import basis_words, settle_words
from results.errors import UsageError
from results.headline import TOLD, is_told
from results.kinds import is_int8_variant

_ROUNDING_POINTS = 1e-9
"""Shares are quotients of counts: 98.0 % less 97.5 % is 0.5 points, whatever its last bit."""
_MOST_DIGITS = 9


class FailOn(StrEnum):
    """Verdicts that fail the gate ``--fail-on``."""

    SLOWER = "slower"
    INCONCLUSIVE = "inconclusive"
    NOT_FASTER = "not-faster"


_FAILING = {
    FailOn.SLOWER: frozenset({Verdict.SLOWER}),
    FailOn.INCONCLUSIVE: frozenset({Verdict.INCONCLUSIVE}),
    FailOn.NOT_FASTER: frozenset(Verdict) - {Verdict.FASTER},
}


@dataclass(frozen=True)
class Limits:
    """What is asked of a comparison; None and empty ask nothing.

    ``min_speedup`` is a ratio of times (baseline over candidate), ``max_accuracy_drop_points``
    percentage points of top-1 accuracy. Raises UsageError where one of them cannot be.
    """

    min_speedup: float | None = None
    fail_on: tuple[FailOn, ...] = ()
    max_accuracy_drop_points: float | None = None

    def __post_init__(self) -> None:
        speedup, drop = self.min_speedup, self.max_accuracy_drop_points
        if speedup is not None and not 0 < speedup < math.inf:
            raise UsageError(
                f"--min-speedup is {speedup:g}", hint="give a number above 0, such as 1.5"
            )
        if drop is not None and not 0 <= drop <= 100:
            raise UsageError(
                f"--max-accuracy-drop is {drop:g}",
                hint="give percentage points from 0 to 100, such as 0.5",
            )


@dataclass(frozen=True)
class Gate:
    """A gate with its outcome: ``figure`` against ``limit``, and both in words.

    ``figure`` is None where it is not known; such a gate has not passed.
    """

    gate: str
    limit: float | str
    passed: bool
    figure: float | str | None
    message: str

    @property
    def line(self) -> str:
        """``gate passed: --min-speedup 1.5: 1.94x, ...``."""
        return f"gate {self.outcome}: {self.option}: {self.message}"

    @property
    def outcome(self) -> str:
        """``passed`` or ``failed``."""
        return "passed" if self.passed else "failed"

    @property
    def option(self) -> str:
        """The option that asked for it: ``--min-speedup 1.5``."""
        limit = self.limit if isinstance(self.limit, str) else f"{self.limit:g}"
        return f"--{self.gate} {limit}"


def judge_gates(comparison: Comparison, limits: Limits) -> tuple[Gate, ...]:
    """Every gate that was asked for, in the order of the options; none gives ().

    Raises UsageError where one was asked for and the two cells are not of one model, batch and
    scenario: then their ratio is no speed-up.
    """
    if limits != Limits():
        _refuse_unlike(comparison.baseline, comparison.candidate)
    return tuple(_judged(comparison, limits))


def _refuse_unlike(a: CellView, b: CellView) -> None:
    """Raise UsageError for the first axis that no gate can be judged across."""
    if not is_same_model(a, b):
        what, values = "model", (a.model, b.model)
    elif a.scenario != b.scenario:
        what, values = "scenario", (a.scenario, b.scenario)
    elif a.batch != b.batch:
        what, values = "batch", (str(a.batch), str(b.batch))
    else:
        return
    seen = " and ".join(values) if values[0] != values[1] else f"two called {values[0]}"
    raise UsageError(
        f"a gate needs one {what} on both sides, here it is {seen}",
        hint=f"give {what}= in the first selector and leave it out of the second",
    )


def _judged(comparison: Comparison, limits: Limits) -> Iterator[Gate]:
    if limits.min_speedup is not None:
        yield _min_speedup(comparison, limits.min_speedup)
    for asked in dict.fromkeys(limits.fail_on):
        yield _fail_on(comparison, asked)
    if limits.max_accuracy_drop_points is not None:
        yield _max_drop(comparison, limits.max_accuracy_drop_points)


def _min_speedup(comparison: Comparison, limit: float) -> Gate:
    """The estimate must reach the limit, and its interval must not lie wholly below it."""
    estimate = comparison.estimate
    _, high = estimate.speedup_bounds
    passed = estimate.speedup >= limit and (high is None or high >= limit)
    found, wanted = _apart(estimate.speedup, limit)
    words = "reaches" if passed else "is below"
    told = f" ({TOLD})" if is_told(comparison) else ""
    message = f"{found}x {words} {wanted}x{told}; {_how_sure(estimate, limit)}"
    return Gate("min-speedup", limit, passed, estimate.speedup, message)


def _how_sure(estimate: Estimate, limit: float) -> str:
    """What the interval says of the limit, and that a verdict is open where it is."""
    low, high = estimate.speedup_bounds
    if low is None or high is None:
        sure = f"no interval ({basis_words(estimate)})"
    else:
        sure = f"95 % interval {fmt.interval(low, high)}, {_where(low, high, limit)}"
    return f"{sure}; {_open(estimate)}" if estimate.verdict is Verdict.INCONCLUSIVE else sure


def _where(low: float, high: float, limit: float) -> str:
    """On which side of the limit an interval lies."""
    if low >= limit:
        return "none of it below"
    return "all of it below" if high < limit else "on both sides: not settled"


def _open(estimate: Estimate) -> str:
    settle = settle_words(estimate)
    return f"the verdict is inconclusive{f', {settle}' if settle else ''}"


def _apart(value: float, limit: float) -> tuple[str, str]:
    """Both with two digits, or as many more as it takes to tell them apart."""
    for digits in range(2, _MOST_DIGITS):
        texts = f"{value:.{digits}f}", f"{limit:.{digits}f}"
        if value == limit or texts[0] != texts[1]:
            return texts
    return repr(value), repr(limit)


def _fail_on(comparison: Comparison, asked: FailOn) -> Gate:
    estimate = comparison.estimate
    verdict = estimate.verdict
    message = f"the verdict is {verdict.value}, {fmt.speedup(estimate.speedup)}"
    if verdict is Verdict.INCONCLUSIVE:
        message = f"{_open(estimate)}, {fmt.speedup(estimate.speedup)}"
    told = f" ({TOLD})" if is_told(comparison) else ""
    passed = verdict not in _FAILING[asked]
    return Gate("fail-on", asked.value, passed, verdict.value, f"{message}{told}")


def _max_drop(comparison: Comparison, limit: float) -> Gate:
    """The largest drop in top-1 against the labels, over all data and outputs.

    It is against the float variant of the model, whatever the baseline is. A drop that is not
    known is a failure: nobody may take silence for accuracy.
    """
    kind = comparison.candidate.variant_kind
    if not is_int8_variant(kind):
        message = f"the candidate is {kind} itself: nothing was quantised"
        return Gate("max-accuracy-drop", limit, True, 0.0, message)
    known = _drops(comparison.accuracy, comparison.candidate.variant_id)
    if not known:
        message = (
            f"the drop of {kind} is not known: it and fp32 were not judged on data with labels; "
            "run `python -m collector quantize` or `run` with --dataset"
        )
        return Gate("max-accuracy-drop", limit, False, None, message)
    drop, view, one = max(known, key=lambda found: found[0])
    passed = drop <= limit + _ROUNDING_POINTS
    return Gate("max-accuracy-drop", limit, passed, drop, _drop_words(drop, limit, view, one))


def _drops(
    views: Sequence[AccuracyView], variant_id: str
) -> list[tuple[float, AccuracyView, Labelled]]:
    return [
        (one.drop_points, view, one)
        for view in views
        if view.variant_id == variant_id
        for one in view.labels
        if one.drop_points is not None
    ]


def _drop_words(drop: float, limit: float, view: AccuracyView, one: Labelled) -> str:
    """``top-1 is 2.20 points below fp32 (limit 0.50), a real drop, p = 0.013; on digits``."""
    where = f"on {view.dataset} ({fmt.counted(one.top1.samples, 'sample')})"
    if abs(drop) < _ROUNDING_POINTS:
        return f"top-1 is as high as fp32's; {where}"
    found, wanted = _apart(round(abs(drop), 9), limit)
    if drop < 0:
        return f"top-1 is {found} points above fp32; {where}"
    sure = f", {brief_verdict(one)}" if one.change is not Change.UNTESTED else ""
    return f"top-1 is {found} points below fp32, limit {wanted}{sure}; {where}"
