"""The answer of a history in a sentence and at most four numbers, and what it picks for them.

Picks among what ``series`` and ``best`` found: the largest step, the arm that pays first, what
failed. Nothing is estimated here; the longer sentences are in ``series_words``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from results import format as fmt
from results.headline import Figure, Headline, time_words
from results.versions.series_words import together
from results.versions.shapes import Best, History, PaysSince, Series, SeriesPoint, Version
from results.versions.words import NEVER_IN_ONE_RUN, NOT_KNOWN, NOT_TOLD_APART


def headline(history: History) -> Headline:
    """Its sentence, and at most four numbers: best version, where INT8 pays, the step."""
    figures = (*_best(history), *_pays(history), *_step(history), _measured(history))
    return Headline(_answer(history), figures)


def largest_step(history: History, arm: str = "") -> tuple[Series, SeriesPoint] | None:
    """The series and the point with the largest step: a change point, else paired, else any."""
    found = [
        (series, point)
        for series in history.series
        if arm in {"", series.arm}
        for point in series.points
        if point.step is not None
    ]
    return max(found, key=lambda pair: _size(pair[1]), default=None)


def _size(point: SeriesPoint) -> tuple[bool, bool, float]:
    if point.step is None:
        return False, False, 0.0
    estimate = point.step.estimate
    return point.step.is_change_point, estimate.paired, abs(math.log(estimate.ratio))


def first_to_pay(history: History) -> PaysSince | None:
    """Of the INT8 arms the one that pays first, else one that may, else one that never does.

    None where no version ran INT8 and float by default.
    """
    order = {version: number for number, version in enumerate(history.versions)}

    def place(one: PaysSince) -> tuple[int, bool]:
        return len(order) if one.version is None else order[one.version], not one.unsettled

    return min((one for one in history.pays if one.verdicts), key=place, default=None)


def point_at(series: Series, version: Version) -> SeriesPoint | None:
    """What a series has of a version."""
    return next((point for point in series.points if point.version == version), None)


def failures_of(history: History) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """(version, arms, reason) of what failed, each reason once per version, oldest first."""
    found: dict[tuple[str, str], list[str]] = {}
    for version in history.versions:
        for series in history.series:
            point = point_at(series, version)
            if point is not None and point.failure is not None:
                found.setdefault((version.label, point.failure), []).append(series.arm)
    return tuple((label, tuple(arms), why) for (label, why), arms in found.items())


def _answer(history: History) -> str:
    """The best version and whether INT8 pays, in one sentence; the evidence stands below it."""
    where = f"{history.model_title} on {history.device}"
    if history.best is None:
        return f"{where}: every version failed."
    told = f"{where} {_best_words(history, history.best)}"
    first = first_to_pay(history)
    if len(history.versions) == 1 or first is None:
        return f"{told}."
    return f"{told}; {_pays_words(history, first)}."


def _best_words(history: History, best: Best) -> str:
    """Which version is the fastest, where one is; else which are not told apart."""
    if len(history.versions) == 1:
        only = history.versions[0].label
        return f"was measured with OpenVINO {only}, the only version measured"
    if best.runner_up is None and not best.uncompared:
        return f"has a time with OpenVINO {_labels(best.fastest)} alone ({_arms(best.fastest)})"
    if not best.is_known:
        every = _labels((best.point, *best.uncompared))
        return f"has no best version: OpenVINO {every} were {NEVER_IN_ONE_RUN}"
    told = f"OpenVINO {_labels(best.fastest)} ({_arms(best.fastest)})"
    if best.is_told_apart:
        return f"is fastest with {told}"
    words = f"is best with {told}"
    if len(best.fastest) > 1:
        words += f", {NOT_TOLD_APART}"
    return f"{words}, not compared with {_labels(best.uncompared)}" if best.uncompared else words


def _labels(points: Sequence[SeriesPoint]) -> str:
    """``2023.3.0, 2024.6.0 and 2026.4.1``."""
    return together([point.version.label for point in points])


def _arms(points: Sequence[SeriesPoint]) -> str:
    """Their arm, or the arm of each where they differ."""
    return " and ".join(dict.fromkeys(point.cell.arm for point in points))


def _pays_words(history: History, first: PaysSince) -> str:
    if first.version is None:
        return "whether INT8 pays is not settled" if first.unsettled else "INT8 never paid"
    if _always_pays(first) and len(first.verdicts) < len(history.versions):
        return f"INT8 pays in every version that ran both (from {first.version.label})"
    order = [version for version, _ in first.verdicts]
    later = order[order.index(first.version) :]
    open_ones = [version.label for version in first.unsettled if version in later]
    told = f"INT8 pays since {first.version.label}"
    if first.lapses:
        told += f", but not with {', '.join(version.label for version in first.lapses)}"
    return f"{told}, not settled with {', '.join(open_ones)}" if open_ones else told


def _always_pays(first: PaysSince) -> bool:
    """Whether INT8 is surely faster in every version that can be judged."""
    versions = [version for version, _ in first.verdicts]
    return first.version == versions[0] and not first.lapses and not first.unsettled


def _best(history: History) -> tuple[Figure, ...]:
    if history.best is None:
        return ()
    best, point = history.best, history.best.point
    if not best.is_known:
        return (Figure("Best version", NOT_KNOWN, NEVER_IN_ONE_RUN),)
    if len(best.fastest) > 1:
        told = f"{_labels(best.fastest)}: {NOT_TOLD_APART}"
        return (Figure("Best versions", fmt.count(len(best.fastest)), told),)
    label = "Lowest time on" if best.is_told_apart else "Best version"
    time = time_words(point.cell, point.median_ms)
    return (Figure(label, point.version.label, f"{point.cell.arm}, {time}"),)


def _pays(history: History) -> tuple[Figure, ...]:
    """That INT8 never pays is an answer too."""
    first = first_to_pay(history)
    if first is None:
        return ()
    note = f"{first.arm} against {first.baseline_arm}"
    if first.version is None:
        return (Figure("INT8 pays", "not settled" if first.unsettled else "never", note),)
    if len(history.versions) == 1:
        return (Figure("INT8 pays", "yes", note),)
    open_ones = len(history.versions) - len(first.verdicts)
    if _always_pays(first) and open_ones:
        judged = len(first.verdicts)
        ran = f"versions that ran both, from {first.version.label}; {open_ones} did not"
        return (Figure("INT8 pays", f"{judged} of {judged}", f"{ran}; {note}"),)
    if first.lapses:
        lapsed = ", ".join(version.label for version in first.lapses)
        return (Figure("INT8 first pays with", first.version.label, f"not with {lapsed}; {note}"),)
    return (Figure("INT8 pays since", first.version.label, note),)


def _step(history: History) -> tuple[Figure, ...]:
    found = largest_step(history)
    if found is None or found[1].step is None:
        return ()
    series, point = found
    step = found[1].step
    if not step.is_change_point:
        return (Figure("Largest step", "none settled", "no step between versions is sure"),)
    value = f"{step.estimate.verdict.sign} {fmt.speedup(step.estimate.speedup)}"
    where = f"{series.arm}, {step.previous.label} to {point.version.label}"
    return (Figure("Largest step", value, where),)


def _measured(history: History) -> Figure:
    broken = {label for label, _, _ in failures_of(history)}
    note = f"{len(broken)} with cells that failed" if broken else "no cell of it failed here"
    return Figure("Versions measured", fmt.count(len(history.versions)), note)
