"""Series, the best version and since when INT8 pays, in sentences for a person.

Every number in a sentence stands in the data, rounded. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import format as fmt
from results.comparison import CellView, Estimate, Verdict
from results.versions.shapes import Best, PaysSince, Rival, SeriesPoint, Version
from results.versions.words import evidence_words, ratio_words


def series_sentence(arm: str, points: Sequence[SeriesPoint]) -> str:
    """From the first time to the last, the change points and the failures."""
    good = [point for point in points if point.median_ms is not None]
    parts = [_span(arm, good)]
    steps = [_step(point) for point in good if point.step and point.step.is_change_point]
    if steps:
        parts.append(f"Change points: {'; '.join(steps)}.")
    elif len(good) > 1:
        parts.append("No step between two versions is sure.")
    failed = [point for point in points if point.failure is not None]
    if failed:
        reasons = "; ".join(f"{point.version.label} ({point.failure})" for point in failed)
        parts.append(f"Failed: {reasons}.")
    return " ".join(parts)


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
    return f"{point.version.label} {_is(ratio_words(point.step.estimate))}"


def _is(words: str) -> str:
    """``1.30x as fast`` wants a verb, ``takes 1.30x as long`` has one."""
    return words if words.startswith("takes") else f"is {words}"


def time_words(point: SeriesPoint) -> str:
    """``1.23 ms``; in throughput the items per second and the time of one."""
    if not point.cell.is_throughput:
        return fmt.ms(point.median_ms)
    return f"{fmt.ms(point.median_ms)} per item ({fmt.fps(point.per_second)})"


def best_sentence(best: SeriesPoint, rivals: Sequence[Rival], *, name_arm: bool) -> str:
    """The best version, the next one behind it, and which are not told apart from it."""
    first = f"Best version: {_name(best, name_arm=name_arm)}, {time_words(best)}"
    if not rivals:
        return f"{first}; no other version has a time."
    behind = [rival for rival in rivals if rival.estimate.verdict is Verdict.SLOWER]
    parts = [first]
    ties = _named(rivals, Verdict.EQUIVALENT, name_arm=name_arm)
    if ties:
        parts.append(f"as fast, within 2 %: {ties}")
    unsettled = _named(rivals, Verdict.INCONCLUSIVE, name_arm=name_arm)
    if unsettled:
        parts.append(f"not told apart from it: {unsettled}")
    if behind:
        next_one = min(behind, key=lambda rival: rival.estimate.ratio)
        words = ratio_words(next_one.estimate)
        basis = evidence_words(next_one.estimate)
        name = _name(next_one.point, name_arm=name_arm)
        parts.append(f"the next, {name}, {_is(words)}, {basis}")
    return f"{'; '.join(parts)}."


def _named(rivals: Sequence[Rival], verdict: Verdict, *, name_arm: bool) -> str:
    return ", ".join(
        _name(rival.point, name_arm=name_arm)
        for rival in rivals
        if rival.estimate.verdict is verdict
    )


def _name(point: SeriesPoint, *, name_arm: bool) -> str:
    return f"{point.version.label} with {point.cell.arm}" if name_arm else point.version.label


def pays_sentence(
    arm: str,
    baseline_arm: str,
    version: Version | None,
    lapses: Sequence[Version],
    verdicts: Sequence[tuple[Version, Estimate]],
) -> str:
    """``INT8 (arm) pays from 2023.3.0 on: 1.50x as fast as fp32@default there (...)``."""
    if not verdicts:
        return f"No version ran both {arm} and {baseline_arm}."
    if version is None:
        tried = ", ".join(found.label for found, _ in verdicts)
        return f"INT8 ({arm}) is in no version surely faster than {baseline_arm} ({tried})."
    estimate = next(one for found, one in verdicts if found == version)
    low, high = estimate.speedup_bounds
    times = f"{fmt.speedup(estimate.speedup)} as fast as {baseline_arm}"
    there = f"{times} there ({fmt.interval(low, high)}, {evidence_words(estimate)})"
    first = verdicts[0][0] == version
    since = f"from {version.label} on{', the first that ran both' if first else ''}"
    if lapses:
        names = ", ".join(lapse.label for lapse in lapses)
        return f"INT8 ({arm}) first pays with {version.label}: {there}, but not with {names}."
    return f"INT8 ({arm}) pays {since}: {there}."


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
