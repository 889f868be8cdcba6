"""A model over the OpenVINO versions: a line for each arm, its steps, and what failed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, paneled
from dashboard.followed import names_of, short_names
from results import format as fmt
from results.headline import time_name
from results.versions.shapes import History, Series, SeriesPoint, Version
from results.versions.words import OTHER_RUN, UNPAIRED

_PLOT_PX = 380
_LINE_PX = 20
_LEGEND_PX = 60
_ROOM = 1.12
_APART = 0.07
_MOST_STEPS = 6
_LANE = 0.075
"""Share of the plot's height that a row of failed marks takes below zero."""
_MARK, _STEP_MARK, _FAILED_MARK, _OTHER_MARK = "circle", "diamond", "x", "circle-open"
_CHANGED_WORDS = "change point"
_LARGE = {"font": None, "standoff": None}
"""A title of an axis in Plotly's own size: these two axes are all that the chart is about."""


@dataclass(frozen=True)
class _Line:
    """A series as it is drawn: its name, colour, place among the others, what it counts in.

    ``short`` is what tells its arm apart, for words inside of the plot.
    """

    series: Series
    name: str
    short: str
    colour: str
    shift: float
    rate: bool

    def value(self, point: SeriesPoint) -> float | None:
        """Milliseconds, or items per second."""
        return point.per_second if self.rate else point.median_ms

    def bounds(self, point: SeriesPoint) -> tuple[float, float] | None:
        """The ends of the 95 % interval in the same unit."""
        if point.low_ms is None or point.high_ms is None:
            return None
        if not self.rate:
            return point.low_ms, point.high_ms
        low, high = fmt.per_second(point.high_ms), fmt.per_second(point.low_ms)
        return None if low is None or high is None else (low, high)

    def reach(self, point: SeriesPoint) -> float:
        """How high the point and its whisker reach."""
        return max(self.value(point) or 0.0, *(self.bounds(point) or (0.0,)))

    def words(self, value: float | None) -> str:
        """A value in the unit of the axis."""
        return fmt.fps(value) if self.rate else fmt.ms(value)


def versions(history: History, *, rate: bool = False) -> Chart:
    """Versions from left to right, ms (or items per second) upwards, 95 % whiskers.

    A diamond is a change point, its sign and speed-up stand above the version; a hollow mark
    beside the line is a time of another run; a cross below zero is a version that failed.
    """
    lines = _lines(history, rate)
    places = {version: number for number, version in enumerate(history.versions)}
    top = max((line.reach(p) for line in lines for p in line.series.points), default=0.0)
    top = top * _ROOM or 1.0
    traces: list[go.Scatter] = []
    for line in lines:
        traces.append(_trace(line, places))
        if any(_is_beside(point) for point in line.series.points):
            traces.append(_beside(line, places))
    failed, told = _failed(lines, places, top), _changes(lines, places)
    lanes, above = len(failed), max(map(len, told.values()), default=0)
    figure = paneled(
        [*traces, *failed, *_explained(lines)],
        _PLOT_PX + (above + lanes) * _LINE_PX,
        {"xaxis": _x_axis(places), "yaxis": _y_axis(history, top, lanes, rate=rate)},
        annotations=[_annotation(place, found) for place, found in told.items()],
        showlegend=True,
        margin={"t": _LEGEND_PX + above * _LINE_PX},
        legend={"y": 1.0, "yanchor": "top", "yref": "container"},
    )
    return Chart(figure, _alt(history, lines))


def _x_axis(places: dict[Version, int]) -> dict[str, Any]:
    return {
        "tickmode": "array", "tickvals": list(places.values()),
        "ticktext": [text.chart(version.label) for version in places],
        "range": [-0.5, len(places) - 0.5], "showgrid": False,
        "title": {"text": "OpenVINO", **_LARGE},
    }  # fmt: skip


def _y_axis(history: History, top: float, lanes: int, *, rate: bool) -> dict[str, Any]:
    unit = "Items per second (1/s)" if rate else f"{_time_name(history)} (ms)"
    return {
        "title": {"text": unit, **_LARGE}, "range": [-_LANE * top * lanes, top],
        "tickmode": "array", "tickvals": _ticks(top),
        "zeroline": True, "zerolinecolor": theme.GREY,
    }  # fmt: skip


def _ticks(top: float) -> list[float]:
    """Round values from 0 up to ``top``, at most seven: below zero there is no time."""
    rough = top / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough)
    return [step * number for number in range(int(top / step) + 1)]


def _lines(history: History, rate: bool) -> tuple[_Line, ...]:
    """The series side by side, so that whiskers of equal times do not cover each other."""
    named = list(zip(history.series, names_of(history), short_names(history), strict=True))
    middle = (len(named) - 1) / 2.0
    return tuple(
        _Line(one, name, short, theme.arm_colour(one.arm), (number - middle) * _APART, rate)
        for number, (one, name, short) in enumerate(named)
    )


def _time_name(history: History) -> str:
    return time_name([point.cell for one in history.series for point in one.points])


def _trace(line: _Line, places: dict[Version, int]) -> go.Scatter:
    """The line of the series' own run; a version that failed breaks it."""
    points = [point for point in line.series.points if not _is_beside(point)]
    return go.Scatter(
        name=text.chart(line.name), mode="lines+markers", connectgaps=False,
        line={"color": line.colour, "width": 3},
        marker={
            "opacity": 1, "size": [15 if _is_change(point) else 9 for point in points],
            "symbol": [_STEP_MARK if _is_change(point) else _MARK for point in points],
        },
        **_drawn(line, points, places),
    )  # fmt: skip


def _beside(line: _Line, places: dict[Version, int]) -> go.Scatter:
    """Times of other runs: hollow, and joined to nothing, as they differ by the day too."""
    points = [point for point in line.series.points if _is_beside(point)]
    return go.Scatter(
        name=f"{text.chart(line.name)}, {OTHER_RUN}",
        showlegend=False,
        mode="markers",
        marker={
            "opacity": 1, "color": line.colour, "line": {"width": 2},
            "size": [15 if _is_change(point) else 11 for point in points],
            "symbol": [
                f"{_STEP_MARK}-open" if _is_change(point) else _OTHER_MARK for point in points
            ],
        },
        **_drawn(line, points, places),
    )  # fmt: skip


def _drawn(
    line: _Line, points: Sequence[SeriesPoint], places: dict[Version, int]
) -> dict[str, Any]:
    """Where points stand, their whiskers, and what is told over them."""
    spans = [_span(line, point) for point in points]
    return {
        "x": [places[point.version] + line.shift for point in points],
        "y": [line.value(point) for point in points],
        "error_y": {
            "type": "data", "symmetric": False, "thickness": 2, "width": 5,
            "array": [up for _, up in spans], "arrayminus": [down for down, _ in spans],
        },
        "hovertext": [text.chart(_hover(line, point)) for point in points],
        "hoverinfo": "text",
    }  # fmt: skip


def _is_beside(point: SeriesPoint) -> bool:
    """A time of another run than the series'; a failure has no time, whichever run it is of."""
    return point.of_another_run and point.median_ms is not None


def _is_change(point: SeriesPoint) -> bool:
    return point.step is not None and point.step.is_change_point


def _span(line: _Line, point: SeriesPoint) -> tuple[float, float]:
    """Lengths of the whiskers down and up; none without an interval."""
    value, bounds = line.value(point), line.bounds(point)
    if value is None or bounds is None:
        return 0.0, 0.0
    return max(value - bounds[0], 0.0), max(bounds[1] - value, 0.0)


def _hover(line: _Line, point: SeriesPoint) -> str:
    told = f"{line.name}, OpenVINO {point.version.label}: {line.words(line.value(point))}"
    bounds = line.bounds(point)
    if bounds is not None:
        told += f" (95 %: {line.words(bounds[0])} to {line.words(bounds[1])})"
    if _is_beside(point):
        told += f", {OTHER_RUN}"
    return f"{told}; {_step_words(point)}" if point.step else told


def _step_words(point: SeriesPoint) -> str:
    if point.step is None:
        return ""
    estimate = point.step.estimate
    marked = "" if estimate.paired else f", {UNPAIRED}"
    since = f"since {point.step.previous.label}{marked}"
    return f"{estimate.verdict.sign} {fmt.speedup(estimate.speedup)} {since}"


def _failed(lines: Sequence[_Line], places: dict[Version, int], top: float) -> list[go.Scatter]:
    """A row of marks below zero for each arm that failed anywhere."""
    lost = [(line, [p for p in line.series.points if p.failure is not None]) for line in lines]
    there = [(line, points) for line, points in lost if points]
    return [
        go.Scatter(
            name=f"{theme.FAILED.word}: {text.chart(line.name)}", showlegend=False,
            x=[places[point.version] for point in points],
            y=[-_LANE * top * (row - 0.4)] * len(points),
            mode="markers+text", hoverinfo="text", textposition="middle right",
            marker={"size": 11, "symbol": _FAILED_MARK, "color": line.colour, "opacity": 1},
            text=[f" {text.chart(line.short)} {theme.FAILED.word}"] * len(points),
            hovertext=[
                text.chart(f"{line.name}, OpenVINO {p.version.label}: {p.failure}") for p in points
            ],
        )
        for row, (line, points) in enumerate(there, start=1)
    ]  # fmt: skip


def _changes(lines: Sequence[_Line], places: dict[Version, int]) -> dict[int, list[str]]:
    """By the place of a version its change points in words, one line for each arm."""
    told: dict[int, list[str]] = {}
    for line in lines:
        for point in line.series.change_points:
            if point.step is not None:
                estimate = point.step.estimate
                mark = f'<span style="color:{line.colour}">\N{BLACK DIAMOND}</span>'
                arm = text.chart(line.short)
                words = f"{arm} {estimate.verdict.sign} {fmt.speedup(estimate.speedup)}"
                told.setdefault(places[point.version], []).append(f"{mark} {words}")
    return told


def _annotation(place: int, lines: Sequence[str]) -> dict[str, Any]:
    """Lines above a version."""
    return {
        "x": place, "y": 1.0, "yref": "paper", "yanchor": "bottom", "showarrow": False,
        "text": "<br>".join(lines), "align": "left",
    }  # fmt: skip


def _explained(lines: Sequence[_Line]) -> list[go.Scatter]:
    """The marks that occur beside the usual one, for the legend."""
    points = [point for line in lines for point in line.series.points]
    changed = any(_is_change(point) for point in points)
    beside = any(_is_beside(point) for point in points)
    lost = any(point.failure is not None for point in points)
    return [
        go.Scatter(
            name=words, x=[None], y=[None], mode="markers",
            marker={"size": 11, "symbol": symbol, "color": theme.GREY},
        )
        for there, symbol, words in (
            (changed, _STEP_MARK, _CHANGED_WORDS),
            (beside, _OTHER_MARK, OTHER_RUN),
            (lost, _FAILED_MARK, theme.FAILED.word),
        )
        if there
    ]  # fmt: skip


def _alt(history: History, lines: Sequence[_Line]) -> str:
    told = "; ".join(
        f"{line.name}: " + ", ".join(_point_words(line, point) for point in line.series.points)
        for line in lines
    )
    return f"{_time_name(history)} of {history.model_title} over OpenVINO versions. {told}."


def _point_words(line: _Line, point: SeriesPoint) -> str:
    if point.failure is not None:
        return f"{point.version.label} {theme.FAILED.word}"
    time = line.words(line.value(point))
    changed = f" ({_CHANGED_WORDS} {_step_words(point)})" if _is_change(point) else ""
    apart = f", {OTHER_RUN}" if _is_beside(point) else ""
    return f"{point.version.label} {time}{apart}{changed}"
