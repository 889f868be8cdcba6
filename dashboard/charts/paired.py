"""Layers of a comparison: baseline and candidate side by side, the costliest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts import calls
from dashboard.charts.base import Chart, beside, composed, row_names, rows_height
from dashboard.charts.clicked import MARK, row_clicks
from dashboard.row_words import class_words
from results import format as fmt
from results.layer_rows import LayerRow

_PAIR_PX = 46
_HALF, _GAP, _UNDER = 0.34, 0.02, 0.4
_ROOM = 1.25


def paired_layers(rows: Sequence[LayerRow], time_name: str, opened: str = "") -> Chart:
    """Two bars for each row, in µs: grey the baseline, below it the candidate as it is called.

    The line under them is the 95 % interval of the difference, around the end of the
    candidate's bar. ``time_name`` says what the times count for, as
    ``results.headline.layer_time_name``. A click on a row reports its key; the row with the
    key ``opened`` is marked.
    """
    traces = [_side("baseline", theme.GREY, [row.baseline_us for row in rows], -_HALF)]
    traces += calls.bars(
        [row.call for row in rows],
        [row.candidate_us for row in rows],
        prefix="candidate, ",
        width=_HALF - _GAP,
        offset=_GAP,
    )
    highest = max((_end_us(row) for row in rows), default=0.0) * _ROOM or 1.0
    clicks = row_clicks([row.key for row in rows], [_hover(row) for row in rows], highest)
    figure = composed(
        [*traces, _whiskers(rows), *_cut(rows), clicks],
        rows_height(len(rows), _PAIR_PX),
        x_axis={"title": {"text": f"{time_name} (µs)"}, "range": [0, highest], "tickformat": ","},
        y_axis=row_names([f"{MARK if row.key == opened else ''}{_name(row)}" for row in rows]),
        annotations=_deltas(rows),
        barmode="overlay",
    )
    return Chart(figure, _alt(rows))


def _name(row: LayerRow) -> str:
    return text.chart(text.short(row.label))


def _side(name: str, colour: str, times_us: Sequence[float | None], offset: float) -> go.Bar:
    return go.Bar(
        name=name,
        orientation="h",
        y=list(range(len(times_us))),
        x=list(times_us),
        width=_HALF - _GAP,
        offset=offset,
        marker={"color": colour},
        hoverinfo="skip",
        showlegend=any(us is not None for us in times_us),
    )


def _whiskers(rows: Sequence[LayerRow]) -> go.Scatter:
    """Under the candidate's bar: where it would end at both ends of the difference's interval."""
    known = [
        (at, (row.baseline_us or 0.0) + low, (row.baseline_us or 0.0) + high)
        for at, row in enumerate(rows)
        for low, high in [(row.delta_low_us, row.delta_high_us)]
        if low is not None and high is not None
    ]
    return go.Scatter(
        name="95 % interval of the difference",
        mode="lines",
        x=[x for _, low, high in known for x in (max(low, 0.0), max(high, 0.0), None)],
        y=[y for at, _, _ in known for y in (at + _UNDER, at + _UNDER, None)],
        line={"color": theme.GREY, "width": 2},
        hoverinfo="skip",
        showlegend=bool(known),
    )


def _cut(rows: Sequence[LayerRow]) -> list[go.Scatter]:
    """A mark at 0 where an interval goes on below it: no bar can end there."""
    at = [
        place
        for place, row in enumerate(rows)
        if row.delta_low_us is not None and (row.baseline_us or 0.0) + row.delta_low_us < 0.0
    ]
    if not at:
        return []
    return [
        go.Scatter(
            name="cut at 0",
            mode="markers",
            x=[0.0] * len(at),
            y=[place + _UNDER for place in at],
            marker={"symbol": "triangle-left", "size": 11, "color": theme.GREY},
            cliponaxis=False,
            hoverinfo="skip",
        )
    ]


def _deltas(rows: Sequence[LayerRow]) -> list[dict[str, Any]]:
    """The difference right of each pair."""
    return [beside(_end_us(row), at, fmt.delta_us(row.delta_us), 6) for at, row in enumerate(rows)]


def _end_us(row: LayerRow) -> float:
    """Where the longest mark of a row ends."""
    whisker_us = (row.baseline_us or 0.0) + (row.delta_high_us or 0.0)
    return max(row.baseline_us or 0.0, row.candidate_us or 0.0, whisker_us)


def _hover(row: LayerRow) -> str:
    kernels = " to ".join(
        " + ".join(text.chart(layer.primitive) for layer in side) or "no layer"
        for side in (row.baseline, row.candidate)
    )
    return (
        f"{text.chart(row.label)}<br>{_times(row)}, {row.call}; {class_words(row)}"
        f"<br>{kernels}<br>click to open it"
    )


def _times(row: LayerRow) -> str:
    return " to ".join(
        "none" if us is None else fmt.us(us) for us in (row.baseline_us, row.candidate_us)
    )


def _alt(rows: Sequence[LayerRow]) -> str:
    told = "; ".join(f"{row.label} {_times(row)}, {row.call}" for row in rows)
    return f"Baseline and candidate time of the layers that differ most: {told}."
