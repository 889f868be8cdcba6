"""The verdicts of models on devices as a table of coloured fields, each with sign and number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import FONT_SIZE, Chart, framed, name_rows
from dashboard.charts.devices import short_name
from results import format as fmt
from results.comparison import Verdict
from results.verdict_grid import Grid, GridCell

_ROW_PX = 30
_HEAD_PX = 150
_NAME = 22
_PLACE = 30
_SMALL = FONT_SIZE - 4
"""Twelve fields side by side have room for no larger words at 800 pixels."""
_NO_VERDICT = len(Verdict)
_LEVELS = MappingProxyType({verdict: level for level, verdict in enumerate(Verdict)})
_COLOURS = (*(theme.LOOKS[verdict].colour for verdict in Verdict), theme.PALE)


def verdict_grid(found: Grid) -> Chart:
    """Models across, devices down; a field is a verdict, blue, orange or grey, with its speed-up.

    The place of a field in ``found.cells`` is the ``customdata`` of its point.
    """
    figure = go.Figure([_fields(found), _words(found)])
    framed(figure, _HEAD_PX + _ROW_PX * len(found.places))
    figure.update_xaxes(
        side="top", tickmode="array", tickvals=list(range(len(found.models))),
        ticktext=[text.chart(text.short(name, _NAME)) for name in found.models], tickangle=-35,
        range=[-0.5, len(found.models) - 0.5], showgrid=False, zeroline=False,
    )  # fmt: skip
    name_rows(figure, [text.chart(text.short(short_name(name), _PLACE)) for name in found.places])
    figure.update_yaxes(tickfont={"size": _SMALL + 1})
    figure.update_layout(showlegend=False, margin={"t": 10, "b": 10, "r": 84})
    return Chart(figure, _alt(found))


def _fields(found: Grid) -> go.Heatmap:
    levels: list[list[int | None]] = [[None] * len(found.models) for _ in found.places]
    for cell in found.cells:
        levels[cell.line][cell.column] = _level(cell)
    steps = len(_COLOURS)
    scale = [
        [end / steps, colour] for n, colour in enumerate(_COLOURS) for end in (n, n + 1)
    ]  # fmt: skip
    return go.Heatmap(
        z=levels, zmin=-0.5, zmax=steps - 0.5, colorscale=scale, showscale=False, xgap=3, ygap=3,
        hoverinfo="skip",
    )  # fmt: skip


def _level(cell: GridCell) -> int:
    return _NO_VERDICT if cell.verdict is None else _LEVELS[cell.verdict]


def _words(found: Grid) -> go.Scatter:
    """Sign and speed-up in each field, and the unseen marks that can be clicked."""
    return go.Scatter(
        mode="markers+text",
        x=[cell.column for cell in found.cells],
        y=[cell.line for cell in found.cells],
        text=[field_words(cell) for cell in found.cells],
        textfont={
            "size": _SMALL,
            "color": ["#FFFFFF" if cell.verdict is Verdict.FASTER else "#111111"
                      for cell in found.cells],
        },
        marker={"size": 22, "opacity": 0, "symbol": "square"},
        customdata=[[str(n)] for n in range(len(found.cells))],
        hovertext=[text.chart(words) for words in _told(found)],
        hoverinfo="text",
    )  # fmt: skip


def field_words(cell: GridCell) -> str:
    """``▲ 1.94x``; why there is no number."""
    if cell.pick.verdict is None:
        return theme.FAILED.sign if cell.has_failed else fmt.DASH
    estimate = cell.pick.verdict.estimate
    return f"{estimate.verdict.sign} {fmt.speedup(estimate.speedup)}"


def _told(found: Grid) -> Iterator[str]:
    for cell in found.cells:
        where = f"{found.models[cell.column]}, {found.places[cell.line]}"
        if cell.pick.verdict is None:
            yield f"{where}: {theme.FAILED.word if cell.has_failed else 'no verdict'}"
            continue
        estimate = cell.pick.verdict.estimate
        bounds = fmt.interval(*estimate.speedup_bounds)
        yield f"{where}: {theme.LOOKS[estimate.verdict].word} {field_words(cell)} (95 %: {bounds})"


def _alt(found: Grid) -> str:
    size = f"{fmt.counted(len(found.models), 'model')} on {fmt.counted(len(found.places), 'place')}"
    kinds = Counter(cell.verdict for cell in found.cells)
    counts = [f"{theme.LOOKS[kind].word} {kinds[kind]}" for kind in Verdict if kinds[kind]]
    counts += [f"without a verdict {kinds[None]}"] if kinds[None] else []
    slower = [
        words
        for cell, words in zip(found.cells, _told(found), strict=True)
        if cell.verdict is Verdict.SLOWER
    ]
    worst = f" {'; '.join(slower)}." if slower else ""
    return f"Verdicts of INT8, {size}: {', '.join(counts)}.{worst}"
