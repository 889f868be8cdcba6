"""The times of all arms, model by model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import text, theme
from dashboard.charts.base import Chart, framed
from dashboard.tables import Spread
from results import format as fmt
from results.headline import time_name, time_words
from results.overview import ArmTime, OverviewRow

_ROOM = 1.25
_ROOM_PER_SECOND = 1.6
"""Inferences per second stand beside the time."""
_COLUMNS = 2
_HEAD_PX = 96
_ARM_PX = 54
_LINE_PX = 20


def arms(
    rows: Sequence[OverviewRow], titles: Sequence[str], spreads: Mapping[str, Spread]
) -> Chart:
    """A panel for each row with a bar for each arm, in ms; each panel has its own scale.

    ``titles`` names the panels, ``spreads`` holds the lowest and highest launch of a
    cell, drawn as whiskers. Arms that were not measured have no bar.
    """
    columns = min(_COLUMNS, len(rows))
    lines = -(-len(rows) // columns)
    most_arms = max(len(row.arms) for row in rows)
    head_px = _HEAD_PX + _LINE_PX * (text.title_lines(titles) - 1)
    height = lines * (head_px + _ARM_PX * most_arms) + 30
    figure = make_subplots(
        rows=lines,
        cols=columns,
        subplot_titles=[text.title(title) for title in titles],
        vertical_spacing=head_px / height if lines > 1 else 0,
        horizontal_spacing=0.06,
    )
    for number, row in enumerate(rows):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        _panel(figure, row, spreads, place)
    framed(figure, height)
    top_px = 30 + head_px - _HEAD_PX
    figure.update_layout(showlegend=False, bargap=0.25, margin_t=top_px)
    return Chart(figure, _alt(rows, titles))


def _panel(
    figure: go.Figure, row: OverviewRow, spreads: Mapping[str, Spread], place: dict[str, int]
) -> None:
    figure.add_trace(_bars(row.arms, spreads), **place)
    ends = [_end_ms(arm, spreads) for arm in row.arms]
    for number, (arm, end) in enumerate(zip(row.arms, ends, strict=True)):
        label = _label(arm)
        figure.add_annotation(
            x=end, y=number, text=label, showarrow=False, xanchor="left", xshift=8, **place
        )
        figure.add_annotation(
            x=0, y=number - 0.45, text=text.chart(arm.cell.arm), showarrow=False,
            xanchor="left", xshift=-2, **place,
        )  # fmt: skip
    room = _ROOM_PER_SECOND if row.arms[0].cell.is_throughput else _ROOM
    title = f"{time_name([arm.cell for arm in row.arms])} (ms)"
    figure.update_xaxes(range=[0, max(ends) * room or 1], title=title, **place)
    figure.update_yaxes(
        range=[len(row.arms) - 0.6, -0.75], showgrid=False, showticklabels=False, **place
    )


def _label(arm: ArmTime) -> str:
    if arm.median_ms is None:
        return f"{theme.FAILED.sign} {theme.FAILED.word}"
    time = f"<b>{fmt.ms(arm.median_ms)}</b>"
    if arm.cell.is_throughput:
        return f"{time}, {fmt.fps(fmt.per_second(arm.median_ms))}"
    return time


def _end_ms(arm: ArmTime, spreads: Mapping[str, Spread]) -> float:
    spread = spreads.get(arm.cell.cell_id)
    return max(arm.median_ms or 0.0, spread.high_ms if spread and arm.median_ms else 0.0)


def _bars(timed: Sequence[ArmTime], spreads: Mapping[str, Spread]) -> go.Bar:
    whiskers = [_whisker(arm, spreads.get(arm.cell.cell_id)) for arm in timed]
    return go.Bar(
        orientation="h",
        x=[arm.median_ms for arm in timed],
        y=list(range(len(timed))),
        width=0.42,
        marker={"color": [theme.arm_colour(arm.cell.arm) for arm in timed]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [up for _, up in whiskers],
            "arrayminus": [down for down, _ in whiskers],
            "color": theme.GREY,
            "thickness": 2,
            "width": 6,
        },
        hovertext=[f"{text.chart(a.cell.arm)}: {time_words(a.cell, a.median_ms)}" for a in timed],
        hoverinfo="text",
    )


def _whisker(arm: ArmTime, spread: Spread | None) -> tuple[float, float]:
    """Lengths down to the lowest and up to the highest launch; none where unknown."""
    if arm.median_ms is None or spread is None:
        return 0.0, 0.0
    return max(arm.median_ms - spread.low_ms, 0.0), max(spread.high_ms - arm.median_ms, 0.0)


def _alt(rows: Sequence[OverviewRow], titles: Sequence[str]) -> str:
    lines = [
        f"{title}: "
        + ", ".join(f"{arm.cell.arm} {time_words(arm.cell, arm.median_ms)}" for arm in row.arms)
        for row, title in zip(rows, titles, strict=True)
    ]
    name = time_name([arm.cell for row in rows for arm in row.arms])
    return f"{name} of each arm. " + "; ".join(lines) + "."
