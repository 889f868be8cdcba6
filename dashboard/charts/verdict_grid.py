"""The verdicts of models on devices as a table of coloured fields, each with sign and number."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import FONT_SIZE, Chart, paneled, row_names
from results import format as fmt
from results.comparison import Verdict
from results.cpu_names import apart, brief_cpu
from results.format import plain
from results.verdict_grid import Grid, GridCell

_ROW_PX = 42
_HEAD_PX = 150
_LINE = 26
_MOST_LINES = 2
_SMALL = FONT_SIZE - 2
_NO_VERDICT = len(Verdict)
_LEVELS = MappingProxyType({verdict: level for level, verdict in enumerate(Verdict)})
_COLOURS = (*(theme.LOOKS[verdict].colour for verdict in Verdict), theme.PALE)


def verdict_grid(found: Grid) -> Chart:
    """Models across, devices down; a field is a verdict, blue, orange or grey, with its speed-up.

    The place of a field in ``found.cells`` is the ``customdata`` of its point.
    """
    across = {
        "side": "top", "tickmode": "array", "tickvals": list(range(len(found.models))),
        "ticktext": [_model_name(name) for name in found.models], "tickangle": -42,
        "tickfont": {"size": _SMALL},
        "range": [-0.5, len(found.models) - 0.5], "showgrid": False, "zeroline": False,
    }  # fmt: skip
    down = row_names([place_name(name) for name in found.places])
    figure = paneled(
        [_fields(found), _words(found)],
        _HEAD_PX + _ROW_PX * len(found.places),
        {"xaxis": across, "yaxis": {**down, "tickfont": {"size": _SMALL}}},
        showlegend=False,
        margin={"t": 10, "b": 10, "r": 126},
    )
    return Chart(figure, _alt(found))


def _model_name(name: str) -> str:
    """In as few lines as it needs, whole unless it is very long."""
    lines = textwrap.wrap(plain(name), _LINE, max_lines=_MOST_LINES,
                          placeholder="\N{HORIZONTAL ELLIPSIS}")  # fmt: skip
    return "<br>".join(text.chart(line) for line in lines)


def place_name(name: str) -> str:
    """The CPU by what tells it apart in bold, and its host and what else differs below."""
    cpu, _, more = name.partition(", ")
    cpu, host = apart(cpu)
    below = ", ".join(filter(None, (host, more)))
    lines = [f"<b>{text.chart(text.short(brief_cpu(cpu), _LINE + 4))}</b>"]
    lines += [text.chart(text.short(below, _LINE + 8))] if below else []
    return "<br>".join(lines)


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
