"""What the page Versions follows by its link: a history, two of its versions, an arm.

What it says of them comes from ``results.versions``; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.link import Link
from results.comparison import CellView
from results.kinds import is_int8_variant
from results.versions.answers import largest_step, point_at
from results.versions.places import HistoryPlace
from results.versions.shapes import History, Series, Version

_SHORT_ID = 8


def place_of(places: Sequence[HistoryPlace], link: Link, baseline: CellView) -> HistoryPlace:
    """The chosen one; without a choice the baseline's, if it has more than one version."""

    def off(one: HistoryPlace) -> tuple[bool, ...]:
        return (
            bool(link.model) and one.model_id != link.model,
            bool(link.device) and one.device_id != link.device,
            bool(link.driven) and one.scenario_title != link.driven,
            bool(link.scenario) and one.scenario != link.scenario,
            one.versions < 2,
            one.model_id != baseline.model_id,
            one.device_id != baseline.device_id,
            one.scenario != baseline.scenario,
        )

    return min(places, key=off)


def names_of(history: History) -> tuple[str, ...]:
    """The arms of its series; of two variants of one arm each with its id's beginning."""
    arms = [one.arm for one in history.series]
    return tuple(
        one.arm if arms.count(one.arm) == 1 else f"{one.arm} ({one.variant_id[:_SHORT_ID]})"
        for one in history.series
    )


def short_names(history: History) -> tuple[str, ...]:
    """Of the arms of its series only what tells them apart: ``f32``, ``default``, ``int8``.

    The whole names where that is too little.
    """
    kinds = {one.variant_kind for one in history.series if is_int8_variant(one.variant_kind)}
    short = tuple(_short(one.arm, one_int8=len(kinds) == 1) for one in history.series)
    return short if len(set(short)) == len(short) else names_of(history)


def _short(arm: str, *, one_int8: bool) -> str:
    kind, _, precision = arm.partition("@")
    if is_int8_variant(kind):
        return "int8" if one_int8 else kind
    return precision


def versions_of(history: History, link: Link) -> tuple[Version, Version] | None:
    """The two versions to compare: the chosen ones, else those around the largest step.

    One that is chosen twice counts as chosen to compare from. None where the history has but
    one.
    """
    known = {version.runtime_id: version for version in history.versions}
    old, new = known.get(link.old), known.get(link.new)
    if len(known) < 2:
        return None
    if old and new and old != new:
        return old, new
    if old == new:
        new = None
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


def pinned(link: Link, history: History, pair: tuple[Version, Version] | None) -> Link:
    """The link with all that is shown chosen, so that new runs change nothing of what it shows."""
    found = replace(
        link,
        model=history.model_id,
        device=history.device_id,
        driven=history.scenario_title,
    )
    if pair is None:
        return found
    old, new = pair
    arm = series_of(history, link, pair).arm
    return replace(found, arm=arm, old=old.runtime_id, new=new.runtime_id)
