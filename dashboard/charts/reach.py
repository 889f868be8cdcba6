"""How many times as fast layers became, beside what the instruction set makes possible."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts import calls
from dashboard.charts.base import Chart, beside, composed, row_names, rows_height
from results.comparison import Group
from results.comparison_words import got_words, shares_words
from results.layer_calls import call_of
from results.layer_rows import LayerRow

_ROOM = 1.45
_AS_FAST = {
    "type": "line", "xref": "x", "x0": 1.0, "x1": 1.0, "yref": "y domain", "y0": 0, "y1": 1,
    "line": {"width": 1, "dash": "dot", "color": theme.GREY},
}  # fmt: skip
"""A line where neither is faster."""


def reach(rows: Sequence[LayerRow]) -> Chart:
    """A bar for each layer that can be judged, and a mark where its ceiling is.

    Rows without a group whose ceiling is known do not belong here.
    """
    judged = [(row, row.group) for row in rows if row.group is not None]
    got = [row.times_as_fast or 0.0 for row, _ in judged]
    most = [_possible(group) for _, group in judged]
    hovers = [_told(group) for _, group in judged]
    traces: list[go.Bar | go.Scatter] = [
        *calls.bars([row.call for row, _ in judged], got, hovers=hovers)
    ]
    traces.append(
        go.Scatter(
            name="possible", mode="markers", x=most, y=list(range(len(judged))),
            marker={"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": theme.GREY}},
            hoverinfo="skip",
        )
    )  # fmt: skip
    highest = max([*got, *most, 1.0]) * _ROOM
    figure = composed(
        traces,
        rows_height(len(judged)),
        x_axis={"title": {"text": "Times as fast as the baseline (x)"}, "range": [0, highest]},
        y_axis=row_names([text.chart(text.short(row.label)) for row, _ in judged]),
        annotations=[
            beside(max(got[at], most[at]), at, got_words(group), 10)
            for at, (_, group) in enumerate(judged)
        ],
        shapes=[_AS_FAST],
        barmode="overlay",
        bargap=0.35,
    )
    return Chart(figure, _alt([group for _, group in judged]))


def _possible(group: Group) -> float:
    return (group.roof.possible if group.roof else None) or 0.0


def _told(group: Group) -> str:
    roof = f"; of the roof {shares_words(group.roof)}" if group.roof else ""
    return f"{text.chart(group.label)}: {got_words(group)}, {call_of(group)}{roof}"


def _alt(groups: Sequence[Group]) -> str:
    told = "; ".join(f"{group.label} {got_words(group)}" for group in groups)
    return f"How many times as fast each layer became, of what is possible: {told}."
