"""Series, the best version and since when INT8 pays, in sentences for a person.

Every number in a sentence stands in the data, rounded. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import format as fmt
from results.comparison import CellView, Estimate, Verdict
from results.versions.shapes import Best, OtherVariant, PaysSince, Rival, SeriesPoint, Version
from results.versions.words import (
    BESIDE,
    NEVER_IN_ONE_RUN,
    NOT_COMPARED,
    NOT_KNOWN,
    NOT_TOLD_APART,
    OTHER_RUN,
    UNPAIRED,
    evidence_words,
    ratio_words,
)


def series_sentence(
    arm: str, points: Sequence[SeriesPoint], others: Sequence[OtherVariant] = ()
) -> str:
    """From the first time to the last, the change points, the failures, other variants."""
    good = [point for point in points if point.median_ms is not None]
    of_run = [point for point in good if not point.of_another_run]
    parts = [_span(arm, of_run or good)]
    steps = [_step(point) for point in good if point.step and point.step.is_change_point]
    if steps:
        parts.append(f"Change points: {'; '.join(steps)}.")
    elif len(good) > 1:
        parts.append("No step between two versions is sure.")
    if elsewhere := elsewhere_words(points):
        parts.append(elsewhere)
    apart = [point for point in good if point.step and not point.step.estimate.paired]
    if apart:
        names = ", ".join(point.version.label for point in apart)
        parts.append(f"Never in one run with the version before, so {UNPAIRED}: {names}.")
    failed = [point for point in points if point.failure is not None]
    if failed:
        reasons = "; ".join(f"{point.version.label} ({point.failure})" for point in failed)
        parts.append(f"Failed: {reasons}.")
    if others:
        parts.append(f"{others_words(others)}.")
    return " ".join(parts)


def elsewhere_words(points: Sequence[SeriesPoint]) -> str:
    """Which times are not of the series' run; empty where all are."""
    labels = [p.version.label for p in points if p.of_another_run and p.median_ms is not None]
    return f"{OTHER_RUN.capitalize()}, so {BESIDE}: {', '.join(labels)}." if labels else ""


def others_words(others: Sequence[OtherVariant]) -> str:
    """Which versions ran another variant of the arm, and which of those failed."""
    told = [
        f"{one.version.label}{f' (failed: {one.failure})' if one.failure else ''}" for one in others
    ]
    return f"Another variant of this arm, which is not followed here, ran with {'; '.join(told)}"


def _span(arm: str, good: Sequence[SeriesPoint]) -> str:
    if not good:
        return f"{arm} failed with every version that was tried."
    first = f"{arm} takes {time_words(good[0])} with {good[0].version.label}"
    if len(good) == 1:
        return f"{first}; it is the only version with a time."
    return f"{first} and {time_words(good[-1])} with {good[-1].version.label}."


def _step(point: SeriesPoint) -> str:
    if point.step is None:
        return ""
    since = f"since {point.step.previous.label}"
    return f"{point.version.label} {_is(ratio_words(point.step.estimate))} {since}"


def _is(words: str) -> str:
    """``1.30x as fast`` wants a verb, ``takes 1.30x as long`` has one."""
    return words if words.startswith("takes") else f"is {words}"


def time_words(point: SeriesPoint) -> str:
    """``1.23 ms``; in throughput the items per second and the time of one."""
    if not point.cell.is_throughput:
        return fmt.ms(point.median_ms)
    return f"{fmt.ms(point.median_ms)} per item ({fmt.fps(point.per_second)})"


def together(names: Sequence[str]) -> str:
    """``A, B and C``."""
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def best_sentence(best: Best, rivals: Sequence[Rival], *, name_arm: bool) -> str:
    """The fastest versions, the next one behind them, and what was not compared with them."""
    if not best.is_known:
        others = _named(best.uncompared, name_arm=False)
        alone = best.point.version.label
        return f"Best version: {NOT_KNOWN}; {alone} was {NEVER_IN_ONE_RUN} with {others}."
    parts = [f"Best version: {_leading(best, name_arm=name_arm)}"]
    if best.ties and best.unsettled:
        ties = _named(best.ties, name_arm=name_arm)
        parts.append(f"within 2 % of {best.point.version.label}: {ties}")
    behind = [rival for rival in rivals if rival.estimate.verdict is Verdict.SLOWER]
    if behind:
        next_one = min(behind, key=lambda rival: rival.estimate.ratio)
        several = len(best.fastest) > 1
        against = f" against {best.point.version.label}" if several else ""
        words = f"{_is(ratio_words(next_one.estimate))}{against}"
        basis = evidence_words(next_one.estimate)
        name = _named([next_one.point], name_arm=name_arm)
        parts.append(f"the next, {name}, {words}, {basis}")
    if best.uncompared:
        parts.append(f"{NOT_COMPARED}: {_named(best.uncompared, name_arm=False)}")
    elif not rivals:
        parts.append("no other version has a time")
    return f"{'; '.join(parts)}."


def _leading(best: Best, *, name_arm: bool) -> str:
    """``2025.4.0 (1.20 ms) and 2026.4.1 (1.19 ms) with int8@default, not told apart``."""
    if len(best.fastest) == 1:
        return f"{_named(best.fastest, name_arm=name_arm)}, {time_words(best.point)}"
    near = "" if best.unsettled else " and within 2 %"
    names = _named(best.fastest, name_arm=name_arm, timed=True)
    return f"{names}, {NOT_TOLD_APART}{near}"


def _named(points: Sequence[SeriesPoint], *, name_arm: bool, timed: bool = False) -> str:
    """The versions, each with its arm, or once where all have the same."""
    one_arm = len({point.cell.arm for point in points}) == 1
    names = [
        point.version.label
        + (f" with {point.cell.arm}" if name_arm and not one_arm else "")
        + (f" ({time_words(point)})" if timed else "")
        for point in points
    ]
    return together(names) + (f" with {points[0].cell.arm}" if name_arm and one_arm else "")


def pays_sentence(pays: PaysSince) -> str:
    """``INT8 (arm) pays from 2023.3.0 on: 1.50x as fast as fp32@default there (...)``."""
    if not pays.verdicts:
        return f"No version ran both {pays.arm} and {pays.baseline_arm}."
    int8, known = f"INT8 ({pays.arm})", dict(pays.verdicts)
    unsettled = "; ".join(_not_settled(version, known[version]) for version in pays.unsettled)
    open_words = f"; not settled: {unsettled}" if unsettled else ""
    if pays.version is None:
        tried = ", ".join(found.label for found in known)
        none = f"in no version surely faster than {pays.baseline_arm} ({tried})"
        return f"{int8} is {none}{open_words}."
    estimate = known[pays.version]
    low, high = estimate.speedup_bounds
    times = f"{fmt.speedup(estimate.speedup)} as fast as {pays.baseline_arm}"
    there = f"{times} there ({fmt.interval(low, high)}, {evidence_words(estimate)})"
    lapsed = f", but not with {', '.join(one.label for one in pays.lapses)}" if pays.lapses else ""
    return f"{int8} {_since(pays)}: {there}{lapsed}{open_words}."


def _since(pays: PaysSince) -> str:
    """``first pays with`` one version where a later one does not, or is not settled."""
    order = [version for version, _ in pays.verdicts]
    if pays.version is None:
        return "never pays"
    at = order.index(pays.version)
    if pays.lapses or not set(pays.unsettled).isdisjoint(order[at:]):
        return f"first pays with {pays.version.label}"
    return f"pays from {pays.version.label} on{'' if at else ', the first that ran both'}"


def _not_settled(version: Version, estimate: Estimate) -> str:
    marked = "" if estimate.paired else f", {UNPAIRED}"
    return f"{version.label} ({fmt.speedup(estimate.speedup)} as fast{marked})"


def history_sentence(
    cell: CellView, versions: Sequence[Version], best: Best | None, pays: Sequence[PaysSince]
) -> str:
    """The answer for a model on a device: the best version, and whether INT8 pays."""
    about = f"{cell.model} on {cell.device}"
    if best is None:
        tried = ", ".join(version.label for version in versions)
        return f"{about}: no version has a time ({tried})."
    told = [one.sentence for one in pays if one.verdicts]
    return " ".join([f"{about}. {best.sentence}", *told])
