"""The times of all arms, model by model; and of many verdicts how many there are of each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, paneled, row_names, rows_height, spans, whole_ticks
from dashboard.tables import Spread
from results import format as fmt
from results.comparison import Verdict
from results.format import plain
from results.headline import time_name, time_words
from results.overview import ArmTime, OverviewRow
from results.overview_tallies import Tally

Span = tuple[float, float]

_ROOM = 1.25
_ROOM_PER_SECOND = 1.6
"""Inferences per second stand beside the time."""
_COLUMNS = 2
_COLUMN_GAP = 0.06
_TITLE_PX = 16
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
    places = _places(len(rows), columns, head_px / height)
    figure = paneled(
        [_bars(row.arms, spreads, number) for number, row in enumerate(rows)],
        height,
        _axes(rows, spreads, places),
        showlegend=False,
        bargap=0.25,
        margin={"t": 30 + head_px - _HEAD_PX},
        annotations=[
            *(_title(title, *place) for title, place in zip(titles, places, strict=True)),
            *(one for number, row in enumerate(rows) for one in _words(row, spreads, number)),
        ],
    )
    return Chart(figure, _alt(rows, titles))


def _places(number: int, columns: int, gap: float) -> list[tuple[Span, Span]]:
    """Where each panel lies in the chart, from left and from below; row by row from the top."""
    across, upwards = spans(columns, _COLUMN_GAP), spans(-(-number // columns), gap)
    return [(across[at % columns], upwards[-1 - at // columns]) for at in range(number)]


def _title(title: str, across: Span, upwards: Span) -> dict[str, Any]:
    """A panel's title above its middle."""
    return {"text": text.title(title), "showarrow": False, "font": {"size": _TITLE_PX},
            "x": sum(across) / 2, "y": upwards[1], "xref": "paper", "yref": "paper",
            "xanchor": "center", "yanchor": "bottom"}  # fmt: skip


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


def _axes(
    rows: Sequence[OverviewRow],
    spreads: Mapping[str, Spread],
    places: Sequence[tuple[Span, Span]],
) -> dict[str, dict[str, Any]]:
    """The axes of all panels, told at once: one by one they take Plotly seconds."""
    found: dict[str, dict[str, Any]] = {}
    for number, (row, (across, upwards)) in enumerate(zip(rows, places, strict=True)):
        room = _ROOM_PER_SECOND if row.arms[0].cell.is_throughput else _ROOM
        longest = max(_end_ms(arm, spreads) for arm in row.arms)
        title = f"{time_name([arm.cell for arm in row.arms])} (ms)"
        found[_axis("xaxis", number)] = {
            "anchor": _axis("y", number), "domain": across, "range": [0, longest * room or 1],
            "title": {"text": title},
        }  # fmt: skip
        found[_axis("yaxis", number)] = {
            "anchor": _axis("x", number), "domain": upwards, "range": [len(row.arms) - 0.6, -0.75],
            "showgrid": False, "showticklabels": False,
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


def _bars(timed: Sequence[ArmTime], spreads: Mapping[str, Spread], number: int) -> go.Bar:
    whiskers = [_whisker(arm, spreads.get(arm.cell.cell_id)) for arm in timed]
    return go.Bar(
        orientation="h",
        x=[arm.median_ms for arm in timed],
        y=list(range(len(timed))),
        width=0.42,
        xaxis=_axis("x", number),
        yaxis=_axis("y", number),
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
_NAME = 36
_LEGEND_PX = 40
_PATTERNS = {
    Verdict.FASTER: "", Verdict.SLOWER: "/", Verdict.EQUIVALENT: "-", Verdict.INCONCLUSIVE: ".",
}  # fmt: skip
"""A part of a bar is told by its pattern too."""


def tallies(found: Sequence[Tally], names: Sequence[str], what: str) -> Chart:
    """A bar for each model or CPU: how many verdicts of each kind there are, by sign and count.

    ``what`` says what is counted, ``names`` what the bars are called. The place of a bar in
    ``found`` is the ``customdata`` of its points.
    """
    without = [tally.without for tally in found]
    longest = max((tally.judged + tally.without for tally in found), default=0)
    figure = paneled(
        [
            *(_counted(verdict, found) for verdict in Verdict
              if any(dict(tally.counts)[verdict] for tally in found)),
            *([_without(without)] if any(without) else ()),
        ],
        rows_height(len(found), _TALLY_PX) + _LEGEND_PX,
        {
            "xaxis": {"title": {"text": what}, "rangemode": "tozero", **whole_ticks(longest)},
            "yaxis": row_names([_wrapped(name) for name in names]),
        },
        barmode="stack", bargap=0.3, showlegend=True, margin={"t": 30 + _LEGEND_PX},
        legend={"y": 1.0, "yref": "container", "yanchor": "top", "traceorder": "normal"},
    )  # fmt: skip
    return Chart(figure, _tally_alt(found, names, what))


def _wrapped(name: str) -> str:
    """A name in as few lines as it needs, so that it is not cut."""
    lines = textwrap.wrap(plain(name), _NAME, max_lines=2, placeholder="\N{HORIZONTAL ELLIPSIS}")
    return "<br>".join(text.chart(line) for line in lines)


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
            f"{text.chart(tally.title)}: {number} of {tally.judged} verdicts {look.word}"
            for tally, number in zip(found, numbers, strict=True)
        ],
        hoverinfo="text",
        customdata=[[str(place)] for place in range(len(found))],
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


def _tally_alt(found: Sequence[Tally], names: Sequence[str], what: str) -> str:
    told = []
    for tally, name in zip(found, names, strict=True):
        words = [f"{theme.LOOKS[kind].word} on {number}" for kind, number in tally.counts if number]
        words += [f"without a verdict on {tally.without}"] if tally.without else []
        told.append(f"{name}: {', '.join(words)}")
    return f"Verdicts of INT8, counted. {what}. {'; '.join(told)}."
