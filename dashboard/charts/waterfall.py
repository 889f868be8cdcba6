"""From the baseline's time to the candidate's: one bar for each part of the difference."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, beside, composed, row_names, rows_height
from dashboard.charts.clicked import MARK, row_clicks
from results import format as fmt
from results.class_words import UNATTRIBUTED, class_words
from results.comparison import Attribution, Comparison
from results.headline import layer_time_name
from results.short_sentence import side_names

_ROOM = 1.18
"""Labels stand right of the bars: the axis goes on for this factor."""
_HALF_ROW = 0.35
_CUT_FROM = 0.5
"""The axis begins near the difference where all bars stand above this share of the highest."""
_BEFORE = 0.12
"""Of the bars' span is left free before the lowest, where the axis is cut."""


@dataclass(frozen=True)
class _Bar:
    """A bar from ``start`` for ``length`` µs, with what is written beside it.

    A time on the wall clock has no length: it is a line.

    ``kind`` is the class of the layers that it sums; empty where it sums none.
    """

    name: str
    start: float
    length: float
    label: str
    colour: str
    pattern: str = ""
    kind: str = ""


def waterfall(
    comparison: Comparison, attribution: Attribution, chosen: Collection[str] = ()
) -> Chart:
    """The bars close at the candidate's time on the wall clock; all in µs, as the axis says.

    A click anywhere in a row tells the class of its layers; those of ``chosen`` are marked.
    """
    bars = _bars(comparison, attribution)
    first, last = _range(bars)
    title = f"{layer_time_name((comparison.baseline, comparison.candidate))} (µs)"
    begins = f"; the axis begins at {fmt.us(first)}" if first else ""
    figure = composed(
        [_moves(bars), row_clicks([bar.kind for bar in bars], [_hover(bar) for bar in bars], last)],
        rows_height(len(bars), 40),
        x_axis={
            "title": {"text": f"{title}{begins}"}, "range": [first, last], "tickformat": ",",
        },
        y_axis=row_names([f"{MARK if bar.kind in chosen else ''}{bar.name}" for bar in bars]),
        shapes=_totals(bars),
        annotations=_labels(bars),
        bargap=0.3,
    )  # fmt: skip
    return Chart(figure, _alt(bars))


def _moves(bars: Sequence[_Bar]) -> go.Bar:
    """What lies between the two times."""
    moves = bars[1:-1]
    return go.Bar(
        orientation="h",
        y=list(range(1, len(bars) - 1)),
        base=[bar.start for bar in moves],
        x=[bar.length for bar in moves],
        marker={
            "color": [bar.colour for bar in moves],
            "pattern": {"shape": [bar.pattern for bar in moves], "fgcolor": "white", "size": 6},
        },
        hoverinfo="skip",
        showlegend=False,
    )


def _bars(comparison: Comparison, attribution: Attribution) -> list[_Bar]:
    estimate = comparison.estimate
    start_us, end_us = estimate.baseline_ms * 1000.0, estimate.candidate_ms * 1000.0
    starts = accumulate((delta_us for _, delta_us in attribution.parts), initial=start_us)
    moves = [
        _Bar(
            class_words(kind), start, delta_us, fmt.delta_us(delta_us),
            theme.delta_colour(delta_us), kind=kind.value,
        )
        for (kind, delta_us), start in zip(attribution.parts, starts, strict=False)
    ]  # fmt: skip
    rest_us = attribution.unattributed_us
    explained_us = start_us + attribution.wall_us - rest_us
    moves.append(
        _Bar(UNATTRIBUTED, explained_us, rest_us, fmt.delta_us(rest_us), theme.GREY, pattern="/")
    )
    ends = [
        _Bar(f"<b>{text.chart(text.short(name))}</b>", us, 0.0, fmt.us(us), theme.GREY)
        for name, us in zip(side_names(comparison), (start_us, end_us), strict=True)
    ]
    return [ends[0], *moves, ends[1]]


def _range(bars: Sequence[_Bar]) -> tuple[float, float]:
    """Where the axis begins and ends: cut to the difference where that is small beside both times.

    Both times stand as lines, so that nothing is drawn whose length would be read.
    """
    ends = [end for bar in bars for end in (bar.start, bar.start + bar.length)]
    lowest, highest = min(ends), max(ends)
    span = highest - lowest
    if lowest <= _CUT_FROM * highest:
        return 0.0, highest * _ROOM
    return _rounded(lowest - _BEFORE * span), highest + (_ROOM - 1.0) * span


def _rounded(time_us: float) -> float:
    """Down to two digits, so that the axis can say where it begins."""
    step = 10.0 ** (math.floor(math.log10(time_us)) - 1) if time_us > 0 else 1.0
    return math.floor(time_us / step) * step


def _totals(bars: Sequence[_Bar]) -> list[dict[str, Any]]:
    """Both times as thick lines in their own rows; thin ones lead from each end to the next row."""
    last = len(bars) - 1
    thick = [
        _line(bar.start, (row - _HALF_ROW, row + _HALF_ROW), 5)
        for row, bar in ((0, bars[0]), (last, bars[-1]))
    ]
    thin = [
        _line(bar.start + bar.length, (row + _HALF_ROW, row + 1 - _HALF_ROW), 1)
        for row, bar in enumerate(bars[:-1])
    ]
    return thick + thin


def _line(x: float, rows: tuple[float, float], width: int) -> dict[str, Any]:
    return {"type": "line", "x0": x, "x1": x, "y0": rows[0], "y1": rows[1], "layer": "below",
            "line": {"width": width, "color": theme.GREY}}  # fmt: skip


def _hover(bar: _Bar) -> str:
    what = ": click for its layers" if bar.kind else ""
    return f"{bar.name} {bar.label}{what}"


def _labels(bars: Sequence[_Bar]) -> list[dict[str, Any]]:
    """The label of each bar stands right of it, whichever way the bar goes."""
    return [
        beside(max(bar.start, bar.start + bar.length), row, bar.label, 6)
        for row, bar in enumerate(bars)
    ]


def _alt(bars: list[_Bar]) -> str:
    names = [bar.name.removeprefix("<b>").removesuffix("</b>") for bar in bars]
    steps = "; ".join(
        f"{name} {bar.label}" for name, bar in zip(names[1:-1], bars[1:-1], strict=True)
    )
    return (
        f"Waterfall from {names[0]} at {bars[0].label} to {names[-1]} at {bars[-1].label}: {steps}."
    )
