"""What the page Versions follows: a history, two of its versions, an arm; and its headline.

Picks from what ``results.versions`` found by what the link says; no estimate is made here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard.link import Link
from results import format as fmt
from results.comparison import CellView
from results.headline import Figure, Headline, time_words
from results.versions.shapes import History, PaysSince, Series, SeriesPoint, Version

_SHORT_ID = 8


def history_of(histories: Sequence[History], link: Link, baseline: CellView) -> History:
    """The chosen one; without a choice the baseline's, if it has more than one version."""

    def off(one: History) -> tuple[bool, ...]:
        return (
            bool(link.model) and one.model_id != link.model,
            bool(link.device) and one.device_id != link.device,
            bool(link.driven) and one.scenario_title != link.driven,
            bool(link.scenario) and one.scenario != link.scenario,
            len(one.versions) < 2,
            one.model_id != baseline.model_id,
            one.device_id != baseline.device_id,
            one.scenario != baseline.scenario,
        )

    return min(histories, key=off)


def names_of(history: History) -> tuple[str, ...]:
    """The arms of its series; of two variants of one arm each with its id's beginning."""
    arms = [one.arm for one in history.series]
    return tuple(
        one.arm if arms.count(one.arm) == 1 else f"{one.arm} ({one.variant_id[:_SHORT_ID]})"
        for one in history.series
    )


def largest_step(history: History, arm: str = "") -> tuple[Series, SeriesPoint] | None:
    """The series and the point with the largest change, one told by the statistics if any is."""
    found = [
        (series, point)
        for series in history.series
        if arm in {"", series.arm}
        for point in series.points
        if point.step is not None
    ]
    return max(found, key=lambda pair: _size(pair[1]), default=None)


def _size(point: SeriesPoint) -> tuple[bool, float]:
    if point.step is None:
        return False, 0.0
    return point.step.is_change_point, abs(math.log(point.step.estimate.ratio))


def versions_of(history: History, link: Link) -> tuple[Version, Version] | None:
    """The two versions to compare: the chosen ones, else those around the largest step.

    None where the history has but one.
    """
    known = {version.runtime_id: version for version in history.versions}
    old, new = known.get(link.old), known.get(link.new)
    if old and new:
        return old, new
    if len(known) < 2:
        return None
    every = list(history.versions)
    if new:
        return every[max(every.index(new) - 1, 0)] if new != every[0] else every[1], new
    if old:
        return old, every[-1] if old != every[-1] else every[-2]
    step = largest_step(history, link.arm) or largest_step(history)
    if step and step[1].step:
        return step[1].step.previous, step[1].version
    return every[0], every[-1]


def series_of(history: History, link: Link, pair: tuple[Version, Version]) -> Series:
    """The chosen arm's, else one that both versions measured, of those with the largest step."""
    step = largest_step(history)
    return min(
        history.series,
        key=lambda one: (
            bool(link.arm) and one.arm != link.arm,
            any(_is_missing(one, version) for version in pair),
            step is None or one is not step[0],
        ),
    )


def _is_missing(series: Series, version: Version) -> bool:
    point = point_at(series, version)
    return point is None or point.median_ms is None


def point_at(series: Series, version: Version) -> SeriesPoint | None:
    """What a series has of a version."""
    found = [point for point in series.points if point.version == version]
    return found[0] if found else None


def failures_of(history: History) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """(version, arms, reason) of what failed, each reason once per version, oldest first."""
    found: dict[tuple[str, str], list[str]] = {}
    for version in history.versions:
        for series in history.series:
            point = point_at(series, version)
            if point is not None and point.failure is not None:
                found.setdefault((version.label, point.failure), []).append(series.arm)
    return tuple((label, tuple(arms), why) for (label, why), arms in found.items())


def headline(history: History) -> Headline:
    """Its sentence, and at most four numbers: best version, since when INT8 pays, the step."""
    figures = (*_best(history), *_pays(history), *_step(history), _measured(history))
    return Headline(_answer(history), figures)


def _answer(history: History) -> str:
    """The best version and whether INT8 pays, in one sentence; the evidence stands below it."""
    where = f"{history.model_title} on {history.device}"
    if history.best is None:
        return f"{where}: every version failed."
    point = history.best.point
    told = f"{where} is fastest with OpenVINO {point.version.label} ({point.cell.arm})"
    if len(history.versions) == 1:
        return f"{told}, the only version measured."
    first = _first_to_pay(history)
    if first is None:
        return f"{told}."
    if first.version is None:
        return f"{told}; INT8 never paid."
    lapsed = ", with lapses" if first.lapses else ""
    return f"{told}; INT8 pays since {first.version.label}{lapsed}."


def _first_to_pay(history: History) -> PaysSince | None:
    """Of the INT8 arms the one that pays first, else one that never does; None without any."""
    order = {version: number for number, version in enumerate(history.versions)}

    def place(one: PaysSince) -> int:
        return len(order) if one.version is None else order[one.version]

    return min(history.pays, key=place, default=None)


def _best(history: History) -> tuple[Figure, ...]:
    if history.best is None:
        return ()
    point = history.best.point
    time = time_words(point.cell, point.median_ms)
    return (Figure("Lowest time on", point.version.label, f"{point.cell.arm}, {time}"),)


def _pays(history: History) -> tuple[Figure, ...]:
    """That INT8 never pays is an answer too."""
    first = _first_to_pay(history)
    if first is None:
        return ()
    note = f"{first.arm} against {first.baseline_arm}"
    if first.version is None:
        return (Figure("INT8 pays", "never", note),)
    if len(history.versions) == 1:
        return (Figure("INT8 pays", "yes", note),)
    return (Figure("INT8 pays since", first.version.label, note),)


def _step(history: History) -> tuple[Figure, ...]:
    found = largest_step(history)
    if found is None or found[1].step is None:
        return ()
    series, point = found
    step = found[1].step
    value = f"{step.estimate.verdict.sign} {fmt.speedup(step.estimate.speedup)}"
    where = f"{series.arm}, {step.previous.label} to {point.version.label}"
    return (Figure("Largest step", value, where),)


def _measured(history: History) -> Figure:
    broken = {label for label, _, _ in failures_of(history)}
    note = f"{len(broken)} with cells that failed" if broken else "no cell failed"
    return Figure("Versions measured", fmt.count(len(history.versions)), note)
