"""How many times as fast layers became, beside what the instruction set makes possible."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, framed, name_rows, rows_height
from results.comparison import Group
from results.comparison_words import got_words, shares_words
from results.layer_rows import LayerRow

_ROOM = 1.45


def reach(rows: Sequence[LayerRow]) -> Chart:
    """A bar for each layer that can be judged, and a mark where its ceiling is.

    Rows without a group whose ceiling is known do not belong here.
    """
    judged = [(row, row.group) for row in rows if row.group is not None]
    got = [row.times_as_fast or 0.0 for row, _ in judged]
    most = [_possible(group) for _, group in judged]
    figure = go.Figure()
    for name, colour, sign in (
        ("faster", theme.BLUE, -1),
        ("slower", theme.ORANGE, 1),
        ("not told apart", theme.PALE, 0),
    ):
        shown = [
            value if row.sign == sign else None for (row, _), value in zip(judged, got, strict=True)
        ]
        figure.add_trace(_bars(name, colour, shown, [_told(group) for _, group in judged]))
    figure.add_trace(
        go.Scatter(
            name="possible", mode="markers", x=most, y=list(range(len(judged))),
            marker={"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": theme.GREY}},
            hoverinfo="skip",
        )
    )  # fmt: skip
    framed(figure, rows_height(len(judged)))
    name_rows(figure, [text.chart(text.short(row.label)) for row, _ in judged])
    highest = max([*got, *most, 1.0]) * _ROOM
    for at, (_, group) in enumerate(judged):
        figure.add_annotation(
            x=max(got[at], most[at]), y=at, text=got_words(group), showarrow=False,
            xanchor="left", xshift=10,
        )  # fmt: skip
    figure.add_vline(x=1.0, line={"width": 1, "dash": "dot", "color": theme.GREY})
    figure.update_layout(barmode="overlay", bargap=0.35)
    figure.update_xaxes(title="Times as fast as the baseline (x)", range=[0, highest])
    return Chart(figure, _alt([group for _, group in judged]))


def _bars(name: str, colour: str, values: Sequence[float | None], hovers: Sequence[str]) -> go.Bar:
    return go.Bar(
        name=name, orientation="h", y=list(range(len(values))), x=list(values),
        marker={"color": colour}, hovertext=list(hovers), hoverinfo="text",
        showlegend=any(value is not None for value in values),
    )  # fmt: skip


def _possible(group: Group) -> float:
    return (group.roof.possible if group.roof else None) or 0.0


def _told(group: Group) -> str:
    roof = f"; of the roof {shares_words(group.roof)}" if group.roof else ""
    return f"{text.chart(group.label)}: {got_words(group)}{roof}"


def _alt(groups: Sequence[Group]) -> str:
    told = "; ".join(f"{group.label} {got_words(group)}" for group in groups)
    return f"How many times as fast each layer became, of what is possible: {told}."
