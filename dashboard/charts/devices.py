"""A model on many devices: how long it takes on each, and what INT8 gains there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, composed, paneled, row_names, rows_height
from results import format as fmt
from results.comparison import Verdict
from results.cpu_names import plain_cpu
from results.devices import DeviceRow, TimedArm
from results.headline import time_name, time_words
from results.isa_gains import IsaGain

SYMBOLS = {
    Verdict.FASTER: "triangle-up",
    Verdict.SLOWER: "triangle-down",
    Verdict.EQUIVALENT: "square",
    Verdict.INCONCLUSIVE: "circle-open",
}
"""The mark of a verdict, so that it is never told by its colour alone."""
_NAME = 40
_HEAD_PX = 84
_ROW_PX = 28
_RATIO_PX = 74
_WIDE = 12.0
"""Times of which the longest is so many times the shortest are drawn on a log scale."""
_ISA_ROW_PX = 74
_LANES = (0.0, -0.13, 0.13, -0.26, 0.26)
"""Dots of one instruction set that stand close together are put above and below its line."""
_PLAIN_TICKS = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
_ROOM = 1.3
_GAP = 0.03
_LEFT_PART = 0.52
_TITLE_PX = 16
"""The title of a panel, as large as Plotly's own."""


def devices(rows: Sequence[DeviceRow]) -> Chart:
    """Left the times of both arms in ms, right the speed-up of INT8; 95 % whiskers on both."""
    middle = (1.0 - _GAP) * _LEFT_PART
    left, right = (0.0, middle), (middle + _GAP, 1.0)
    figure = paneled(
        [
            _joins(rows),
            *(_times(name, arms, rows) for name, arms in _arms(rows).items()),
            *(_speedups(verdict, rows) for verdict in Verdict
              if any(_verdict(row) is verdict for row in rows)),
        ],
        rows_height(len(rows), _ROW_PX) + _HEAD_PX,
        _axes(rows, left, right),
        shapes=[_no_difference("x2", "y2")],
        annotations=[
            _title(_time_title(rows), left), _title("INT8 is so many times as fast", right),
            *_ratios(rows),
        ],
        showlegend=True, margin={"t": 30 + _HEAD_PX, "r": _RATIO_PX},
        legend={"y": 1.0, "yref": "container", "yanchor": "top"},
    )  # fmt: skip
    return Chart(figure, _alt(rows))


def _title(words: str, across: tuple[float, float]) -> dict[str, Any]:
    """A panel's title above its middle."""
    return {"text": words, "showarrow": False, "font": {"size": _TITLE_PX},
            "x": sum(across) / 2, "y": 1.0, "xref": "paper", "yref": "paper",
            "xanchor": "center", "yanchor": "bottom"}  # fmt: skip


def short_name(label: str) -> str:
    """A device's name without what tells no CPUs apart; a cap and a host stay."""
    return text.short(plain_cpu(label), _NAME)


def _time_title(rows: Sequence[DeviceRow]) -> str:
    return f"{time_name([arm.row.arms[0].cell for arm in rows])} (ms)"


def _arms(rows: Sequence[DeviceRow]) -> dict[str, list[tuple[int, TimedArm]]]:
    """By arm, the places of the rows that have it and its times; float first."""
    found: dict[str, list[tuple[int, TimedArm]]] = {}
    for side in ("floating", "int8"):
        for place, row in enumerate(rows):
            arm = row.floating if side == "floating" else row.int8
            if arm is not None:
                found.setdefault(arm.cell.arm, []).append((place, arm))
    return found


def _joins(rows: Sequence[DeviceRow]) -> go.Scatter:
    """A line between the two arms of each device."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for place, row in enumerate(rows):
        if row.int8 and row.floating:
            xs += [row.int8.time.time_ms, row.floating.time.time_ms, None]
            ys += [place, place, None]
    return go.Scatter(
        x=xs, y=ys, mode="lines", line={"color": theme.GREY, "width": 2}, opacity=0.6,
        hoverinfo="skip", showlegend=False, xaxis="x", yaxis="y",
    )  # fmt: skip


def _times(
    name: str, arms: Sequence[tuple[int, TimedArm]], rows: Sequence[DeviceRow]
) -> go.Scatter:
    colour = theme.arm_colour(name)
    return go.Scatter(
        name=text.chart(name),
        mode="markers",
        x=[arm.time.time_ms for _, arm in arms],
        y=[place for place, _ in arms],
        marker={"size": 11, "color": colour, "opacity": 1},
        error_x=_whiskers((arm.time.time_ms, arm.time.bounds_ms) for _, arm in arms),
        hovertext=[text.chart(_time_words(rows[place], arm)) for place, arm in arms],
        hoverinfo="text",
        xaxis="x",
        yaxis="y",
    )


def _whiskers(found: Iterable[tuple[float, tuple[float, float] | None]]) -> dict[str, Any]:
    ends = [(value, bounds or (value, value)) for value, bounds in found]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - value, 0.0) for value, (_, high) in ends],
        "arrayminus": [max(value - low, 0.0) for value, (low, _) in ends],
        "thickness": 2,
        "width": 4,
    }


def _speedups(verdict: Verdict, rows: Sequence[DeviceRow]) -> go.Scatter:
    """The devices with this verdict, as one trace, so that the legend names its mark."""
    own = [(place, row) for place, row in enumerate(rows) if _verdict(row) is verdict]
    found = [(place, row, row.verdict.estimate) for place, row in own if row.verdict]
    look = theme.LOOKS[verdict]
    return go.Scatter(
        name=f"{look.sign} {look.word}",
        mode="markers",
        x=[estimate.speedup for _, _, estimate in found],
        y=[place for place, _, _ in found],
        marker={"size": 12, "color": look.colour, "symbol": SYMBOLS[verdict], "opacity": 1,
                "line": {"width": 2, "color": look.colour}},
        error_x=_whiskers((e.speedup, _known(e.speedup_bounds)) for _, _, e in found),
        hovertext=[text.chart(f"{row.label}: {speedup_words(row)}") for _, row, _ in found],
        hoverinfo="text",
        xaxis="x2",
        yaxis="y2",
    )  # fmt: skip


def _ratios(rows: Sequence[DeviceRow]) -> Iterator[dict[str, Any]]:
    """The sign and the ratio of each device at the right edge, under each other."""
    for place, row in enumerate(rows):
        if row.verdict is None:
            words = f"{theme.FAILED.sign} {theme.FAILED.word}" if row.has_failed else fmt.DASH
        else:
            estimate = row.verdict.estimate
            words = f"{estimate.verdict.sign} {fmt.speedup(estimate.speedup)}"
        yield {
            "x": 1.0, "xref": "x2 domain", "y": place, "yref": "y2", "xanchor": "left",
            "showarrow": False, "text": words, "align": "left", "xshift": 6,
        }  # fmt: skip


def _known(bounds: tuple[float | None, float | None]) -> tuple[float, float] | None:
    low, high = bounds
    return None if low is None or high is None else (low, high)


def _verdict(row: DeviceRow) -> Verdict | None:
    return row.verdict.estimate.verdict if row.verdict else None


def speedup_words(row: DeviceRow) -> str:
    """``▲ 1.94x (95 %: 1.90x to 1.98x)``, or why there is none."""
    if row.verdict is None:
        return row.reason or "no verdict"
    estimate = row.verdict.estimate
    bounds = fmt.interval(*estimate.speedup_bounds)
    sign, word = theme.LOOKS[estimate.verdict].sign, theme.LOOKS[estimate.verdict].word
    return f"{sign} {word} {fmt.speedup(estimate.speedup)} (95 %: {bounds})"


def _time_words(row: DeviceRow, arm: TimedArm) -> str:
    bounds = arm.time.bounds_ms
    told = f"{row.label}, {arm.cell.arm}: {time_words(arm.cell, arm.time.time_ms)}"
    return f"{told} (95 %: {fmt.ms(bounds[0])} to {fmt.ms(bounds[1])})" if bounds else told


def _axes(
    rows: Sequence[DeviceRow], left: tuple[float, float], right: tuple[float, float]
) -> dict[str, dict[str, Any]]:
    """The axes of both panels, which lie there side by side; their rows are the same."""
    names = row_names([text.chart(short_name(row.label)) for row in rows])
    speedups = [one for row in rows for one in _reach(row)]
    return {
        "xaxis": {"anchor": "y", "domain": left, **_time_axis(rows)},
        "yaxis": {"anchor": "x", "domain": (0.0, 1.0), **names},
        "xaxis2": {"anchor": "y2", "domain": right, **_speedup_axis(speedups)},
        "yaxis2": {"anchor": "x2", "domain": (0.0, 1.0), "matches": "y",
                   "showticklabels": False, **names},
    }  # fmt: skip


def _time_axis(rows: Sequence[DeviceRow]) -> dict[str, Any]:
    """Times from 0, on a log scale where they are far apart."""
    times = [ms for arm in _both(rows) for ms in (arm.time.time_ms, *(arm.time.bounds_ms or ()))]
    if not is_wide(rows):
        return {"range": [0, max(times, default=1.0) * 1.06]}
    low, high = math.log10(min(times) / _ROOM), math.log10(max(times) * _ROOM)
    ticks = [one * 10.0**power for power in range(-4, 6) for one in (1, 2, 5)]
    return {"type": "log", "range": [low, high], "tickmode": "array", "tickvals": ticks,
            "ticktext": [f"{tick:g}" for tick in ticks]}  # fmt: skip


def _both(rows: Sequence[DeviceRow]) -> list[TimedArm]:
    return [arm for row in rows for arm in (row.int8, row.floating) if arm]


def _reach(row: DeviceRow) -> Iterator[float]:
    """A speed-up and the ends of its interval, whichever are known."""
    if row.verdict is not None:
        estimate = row.verdict.estimate
        yield from (x for x in (estimate.speedup, *estimate.speedup_bounds) if x is not None)


def is_wide(rows: Sequence[DeviceRow]) -> bool:
    """Whether the times of these rows are drawn on a log scale."""
    times = [arm.time.time_ms for arm in _both(rows)]
    return bool(times) and max(times) > _WIDE * min(times)


def _speedup_axis(speedups: Sequence[float]) -> dict[str, Any]:
    """A log axis around 1x, where ``_no_difference`` puts a line."""
    low, high = min([1.0, *speedups]) / _ROOM, max([1.0, *speedups]) * _ROOM
    ticks = [tick for tick in _PLAIN_TICKS if low <= tick <= high]
    finer = [1.5, 3.0] if high / low < 6 else []
    ticks = sorted({*ticks, *(tick for tick in finer if low <= tick <= high)})
    return {"type": "log", "range": [math.log10(low), math.log10(high)], "tickmode": "array",
            "tickvals": ticks, "ticktext": [f"{tick:g}x" for tick in ticks]}  # fmt: skip


def _no_difference(x_axis: str, y_axis: str) -> dict[str, Any]:
    """A line of its own at 1x, over the whole height of these axes."""
    return {"type": "line", "x0": 1.0, "x1": 1.0, "y0": 0, "y1": 1, "xref": x_axis,
            "yref": f"{y_axis} domain",
            "line": {"color": theme.GREY, "width": 2, "dash": "dot"}}  # fmt: skip


def _alt(rows: Sequence[DeviceRow]) -> str:
    told = "; ".join(
        f"{row.label}: "
        + ", ".join(
            f"{arm.cell.arm} {time_words(arm.cell, arm.time.time_ms)}"
            for arm in (row.int8, row.floating)
            if arm
        )
        + f", {speedup_words(row)}"
        for row in rows
    )
    name = time_name([row.row.arms[0].cell for row in rows])
    return f"{name} of INT8 and float on {fmt.counted(len(rows), 'device')}. {told}."


def isa_gains(gains: Sequence[IsaGain]) -> Chart:
    """For each instruction set the speed-up of every device, the ceiling, what was published."""
    top = [one.ceiling.high for gain in gains for one in gain.ceilings]
    published = [gain.published.high for gain in gains if gain.published]
    speedups = [value for gain in gains for value in gain.speedups]
    figure = composed(
        [
            *(_dots(verdict, gains) for verdict in Verdict
              if any(gain.counted(verdict) for gain in gains)),
            _ceilings(gains),
            *([_published(gains)] if published else ()),
        ],
        rows_height(len(gains), _ISA_ROW_PX) + _HEAD_PX,
        x_axis={"title": {"text": "INT8 is so many times as fast"},
                **_speedup_axis([*speedups, *top, *published])},
        y_axis=row_names([f"{gain.name}<br>{_devices_words(gain)}" for gain in gains]),
        shapes=[_no_difference("x", "y")],
        showlegend=True, margin={"t": 30 + _HEAD_PX, "r": _RATIO_PX},
        legend={"y": 1.0, "yref": "container", "yanchor": "top"},
    )  # fmt: skip
    return Chart(figure, _isa_alt(gains))


def _devices_words(gain: IsaGain) -> str:
    capped = f", {gain.capped} capped" if gain.capped else ""
    return f"{fmt.counted(gain.devices, 'device')}{capped}"


def _dots(verdict: Verdict, gains: Sequence[IsaGain]) -> go.Scatter:
    """Every judged device with this verdict; neighbours stand above and below each other."""
    found = [
        (place + _LANES[number % len(_LANES)], row)
        for place, gain in enumerate(gains)
        for number, row in enumerate(gain.judged)
        if _verdict(row) is verdict
    ]
    found.sort(key=lambda one: one[1].facts.isa_cap is not None)  # the legend shows the first
    look = theme.LOOKS[verdict]
    return go.Scatter(
        name=f"{look.sign} {look.word}",
        mode="markers",
        x=[row.verdict.estimate.speedup for _, row in found if row.verdict],
        y=[place for place, _ in found],
        marker={"size": 11, "color": look.colour, "opacity": 0.85,
                "symbol": [_symbol(verdict, row) for _, row in found],
                "line": {"width": 1.5, "color": look.colour}},
        hovertext=[text.chart(f"{row.label}: {speedup_words(row)}") for _, row in found],
        hoverinfo="text",
    )  # fmt: skip


def _symbol(verdict: Verdict, row: DeviceRow) -> str:
    """Hollow for a capped device."""
    plain = SYMBOLS[verdict].removesuffix("-open")
    is_open = verdict is Verdict.INCONCLUSIVE or row.facts.isa_cap is not None
    return f"{plain}-open" if is_open else plain


def _ceilings(gains: Sequence[IsaGain]) -> go.Scatter:
    found = [(place, one) for place, gain in enumerate(gains) for one in gain.ceilings]
    over = {one.precision for _, one in found}
    several = len(over) > 1
    return go.Scatter(
        name="| ceiling of one layer" + ("" if several else f" over {', '.join(over)}"),
        mode="markers+text",
        x=[one.ceiling.high for _, one in found],
        y=[place for place, _ in found],
        text=[f"over {one.precision}" if several else "" for _, one in found],
        textposition="middle right",
        cliponaxis=False,
        marker={"symbol": "line-ns-open", "size": 34, "line": {"width": 4, "color": theme.GREY},
                "color": theme.GREY},
        hovertext=[f"{gains[place].name}: at most {one.words}" for place, one in found],
        hoverinfo="text",
    )  # fmt: skip


def _published(gains: Sequence[IsaGain]) -> go.Scatter:
    found = [(n, gain.published) for n, gain in enumerate(gains) if gain.published]
    return go.Scatter(
        name="published by others (throughput)",
        mode="markers",
        x=[one.speedup for _, one in found],
        y=[place + 0.36 for place, _ in found],
        error_x=_whiskers((one.speedup, (one.low, one.high)) for _, one in found),
        marker={"symbol": "diamond-open", "size": 12, "color": theme.GREEN,
                "line": {"width": 2, "color": theme.GREEN}},
        hovertext=[text.chart(one.sentence) for _, one in found],
        hoverinfo="text",
    )  # fmt: skip


def _isa_alt(gains: Sequence[IsaGain]) -> str:
    told = []
    for gain in gains:
        words = [_devices_words(gain)]
        if gain.judged:
            low, high = fmt.speedup(gain.speedups[-1]), fmt.speedup(gain.speedups[0])
            words.append(f"median speed-up {fmt.speedup(gain.middle)} ({low} to {high})")
        words += [f"ceiling {one.words}" for one in gain.ceilings]
        words += [gain.published.sentence] if gain.published else []
        told.append(f"{gain.name}: {', '.join(words)}")
    return f"Speed-up of INT8 by instruction set. {'; '.join(told)}."
