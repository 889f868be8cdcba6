"""The times of all arms, model by model; and of many verdicts how many there are of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import text, theme
from dashboard.charts.base import Chart, framed, many_framed, name_rows, rows_height
from dashboard.tables import Spread
from results import format as fmt
from results.comparison import Verdict
from results.headline import time_name, time_words
from results.overview import ArmTime, OverviewRow
from results.overview_matrix import Tally

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
    figure.add_traces(
        [_bars(row.arms, spreads) for row in rows],
        rows=[number // columns + 1 for number in range(len(rows))],
        cols=[number % columns + 1 for number in range(len(rows))],
    )
    words = [one for number, row in enumerate(rows) for one in _words(row, spreads, number)]
    layout = {
        "showlegend": False, "bargap": 0.25, "margin": {"t": 30 + head_px - _HEAD_PX},
        "annotations": [*figure.to_dict()["layout"]["annotations"], *words],
        **_axes(rows, spreads),
    }  # fmt: skip
    figure = many_framed(figure, height, layout)
    return Chart(figure, _alt(rows, titles))


def _words(
    row: OverviewRow, spreads: Mapping[str, Spread], number: int
) -> Iterator[dict[str, Any]]:
    """The name above each bar and the time behind it, as annotations of the panel."""
    plain = {"showarrow": False, "xanchor": "left", "xref": _axis("x", number),
             "yref": _axis("y", number)}  # fmt: skip
    for place, arm in enumerate(row.arms):
        end = _end_ms(arm, spreads)
        yield plain | {"x": end, "y": place, "text": _label(arm), "xshift": 8}
        name = text.chart(arm.cell.arm)
        yield plain | {"x": 0, "y": place - 0.45, "text": name, "xshift": -2}


def _axes(rows: Sequence[OverviewRow], spreads: Mapping[str, Spread]) -> dict[str, Any]:
    """The axes of all panels, told at once: one by one they take Plotly seconds."""
    found: dict[str, Any] = {}
    for number, row in enumerate(rows):
        room = _ROOM_PER_SECOND if row.arms[0].cell.is_throughput else _ROOM
        longest = max(_end_ms(arm, spreads) for arm in row.arms)
        title = f"{time_name([arm.cell for arm in row.arms])} (ms)"
        found[_axis("xaxis", number)] = {
            "range": [0, longest * room or 1],
            "title": {"text": title},
        }
        found[_axis("yaxis", number)] = {
            "range": [len(row.arms) - 0.6, -0.75], "showgrid": False, "showticklabels": False,
        }  # fmt: skip
    return found


def _axis(name: str, number: int) -> str:
    """Plotly's name of a panel's axis: ``x``, ``x2``, ``x3``."""
    return name if number == 0 else f"{name}{number + 1}"


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


_TALLY_PX = 46
_LEGEND_PX = 40
_PATTERNS = {
    Verdict.FASTER: "", Verdict.SLOWER: "/", Verdict.EQUIVALENT: "-", Verdict.INCONCLUSIVE: ".",
}  # fmt: skip
"""A part of a bar is told by its pattern too."""


def tallies(found: Sequence[Tally]) -> Chart:
    """A bar for each model: on how many devices each verdict was found, with sign and count."""
    figure = go.Figure()
    for verdict in Verdict:
        if any(dict(tally.counts)[verdict] for tally in found):
            figure.add_trace(_counted(verdict, found))
    without = [tally.without for tally in found]
    if any(without):
        figure.add_trace(_without(without))
    framed(figure, rows_height(len(found), _TALLY_PX) + _LEGEND_PX)
    name_rows(figure, [text.chart(text.short(tally.model_title, 34)) for tally in found])
    figure.update_layout(
        barmode="stack", bargap=0.3, showlegend=True, margin_t=30 + _LEGEND_PX,
        legend={"y": 1.0, "yref": "container", "yanchor": "top", "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(title="Devices", rangemode="tozero")
    return Chart(figure, _tally_alt(found))


def _counted(verdict: Verdict, found: Sequence[Tally]) -> go.Bar:
    look = theme.LOOKS[verdict]
    numbers = [dict(tally.counts)[verdict] for tally in found]
    return go.Bar(
        name=f"{look.sign} {look.word}",
        orientation="h",
        x=numbers,
        y=list(range(len(found))),
        text=[f"<b>{look.sign} {number}</b>" if number else "" for number in numbers],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        marker={
            "color": look.colour,
            "pattern": {
                "shape": _PATTERNS[verdict],
                "fillmode": "overlay",
                "fgcolor": "#FFFFFF",
                "fgopacity": 0.35,
            },
        },
        insidetextfont={"color": "#111111" if verdict is not Verdict.FASTER else "#FFFFFF"},
        hovertext=[
            f"{text.chart(tally.model_title)}: {look.word} on {number} of {tally.judged}"
            for tally, number in zip(found, numbers, strict=True)
        ],
        hoverinfo="text",
    )


def _without(numbers: Sequence[int]) -> go.Bar:
    return go.Bar(
        name=f"{theme.FAILED.sign} {theme.FAILED.word}, or no pair",
        orientation="h",
        x=list(numbers),
        y=list(range(len(numbers))),
        text=[f"{theme.FAILED.sign} {number}" if number else "" for number in numbers],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": theme.GREY},
        marker={"color": "rgba(0,0,0,0)", "line": {"color": theme.GREY, "width": 2}},
        hovertext=[f"{number} without a verdict" for number in numbers],
        hoverinfo="text",
    )


def _tally_alt(found: Sequence[Tally]) -> str:
    told = []
    for tally in found:
        words = [f"{theme.LOOKS[kind].word} on {number}" for kind, number in tally.counts if number]
        words += [f"without a verdict on {tally.without}"] if tally.without else []
        told.append(f"{tally.model_title}: {', '.join(words)}")
    return f"Verdicts of INT8 by model, over all devices. {'; '.join(told)}."
