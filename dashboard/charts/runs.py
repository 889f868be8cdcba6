"""How a run went: the medians of its launches over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import text, theme
from dashboard.charts.base import Chart, framed
from results import format as fmt
from results.comparison import CellView
from results.drift import DriftPoint

_COLUMNS = 2
_PANEL_PX = 210
_EDGE_PX = 90


def drift(points: Sequence[DriftPoint], cells: Mapping[str, CellView]) -> Chart:
    """A panel for each model: each launch's distance from its cell's median, in %."""
    models = list(dict.fromkeys(_panel(cells[point.cell_id]) for point in points))
    columns = min(_COLUMNS, len(models))
    lines = -(-len(models) // columns)
    height = lines * _PANEL_PX + _EDGE_PX
    figure = make_subplots(
        rows=lines,
        cols=columns,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=[f"<b>{text.chart(model)}</b>" for model in models],
        vertical_spacing=50 / height if lines > 1 else 0,
        horizontal_spacing=0.03,
    )
    seen: set[str] = set()
    for cell_id in dict.fromkeys(point.cell_id for point in points):
        cell = cells[cell_id]
        own = [point for point in points if point.cell_id == cell_id]
        number = models.index(_panel(cell))
        place = {"row": number // columns + 1, "col": number % columns + 1}
        figure.add_trace(_line(cell, own, named=cell.arm not in seen), **place)
        seen.add(cell.arm)
    framed(figure, height)
    figure.update_layout(showlegend=True, legend={"y": 1.0 + 34 / height})
    figure.update_yaxes(ticksuffix=" %", zeroline=True, zerolinecolor=theme.GREY)
    figure.update_xaxes(title="Time since the first launch (min)", row=lines)
    figure.update_yaxes(title="Off the median (%)", col=1)
    return Chart(figure, _alt(points))


def _panel(cell: CellView) -> str:
    return cell.model_title


def _line(cell: CellView, own: Sequence[DriftPoint], *, named: bool) -> go.Scatter:
    return go.Scatter(
        name=text.chart(cell.arm),
        legendgroup=cell.arm,
        showlegend=named,
        x=[point.minutes for point in own],
        y=[100.0 * point.deviation for point in own],
        mode="lines+markers",
        line={"color": theme.arm_colour(cell.arm), "width": 2},
        marker={"size": 8},
        hovertext=[_hover(cell, point) for point in own],
        hoverinfo="text",
    )


def _hover(cell: CellView, point: DriftPoint) -> str:
    names = f"{cell.model_title}, {cell.arm}, block {point.block}"
    return text.chart(f"{names}: {fmt.ms(point.p50_ms)}")


def _alt(points: Sequence[DriftPoint]) -> str:
    widest = max((abs(point.deviation) for point in points), default=0.0)
    return (
        f"Medians of {len(points)} launches over time; the one farthest from its cell's median "
        f"is {fmt.percent(widest)} off."
    )
