"""How a run went: its launches over time, and the turns of a sitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import text, theme
from dashboard.charts.base import Chart, framed, whole_ticks
from results import format as fmt
from results.comparison import CellView
from results.drift import DriftPoint, LaunchUse, SittingTurns

_COLUMNS = 2
_PANEL_PX = 210
_EDGE_PX = 90
_LINE_PX = 20
_TURNS_PX = 330
_USED, _DISTURBED, _PASSED = "circle", "x", "circle-open"
_LEFT_OUT = "measured again, not used"
_DISTURBED_WORDS = "disturbed"


def drift(
    points: Sequence[DriftPoint],
    cells: Mapping[str, CellView],
    panels: Mapping[str, str],
    uses: Mapping[str, LaunchUse],
) -> Chart:
    """Each launch's distance from its cell's median, in %.

    ``panels`` names the panel of each cell, in their order. A launch that was disturbed is a
    cross, one that was measured again without being disturbed itself an open circle.
    """
    titles = list(dict.fromkeys(panels.values()))
    columns = min(_COLUMNS, len(titles))
    lines = -(-len(titles) // columns)
    more_px = _LINE_PX * (text.title_lines(titles) - 1)
    height = lines * (_PANEL_PX + more_px) + _EDGE_PX
    figure = make_subplots(
        rows=lines,
        cols=columns,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=[text.title(title) for title in titles],
        vertical_spacing=(50 + more_px) / height if lines > 1 else 0,
        horizontal_spacing=0.03,
    )
    seen: set[str] = set()
    for cell_id in dict.fromkeys(point.cell_id for point in points):
        cell = cells[cell_id]
        own = [point for point in points if point.cell_id == cell_id]
        number = titles.index(panels[cell_id])
        place = {"row": number // columns + 1, "col": number % columns + 1}
        figure.add_trace(_line(cell, own, uses, named=cell.arm not in seen), **place)
        seen.add(cell.arm)
    _explain(figure, {_symbol(uses.get(point.launch_id)) for point in points})
    framed(figure, height)
    figure.update_layout(showlegend=True, legend={"y": 1.0 + (34 + more_px) / height})
    figure.update_yaxes(ticksuffix=" %", zeroline=True, zerolinecolor=theme.GREY)
    figure.update_xaxes(title="Time since the first launch (min)", row=lines)
    figure.update_yaxes(title="Off the median (%)", col=1)
    return Chart(figure, _alt(points, uses))


def _symbol(use: LaunchUse | None) -> str:
    if use is not None and use.is_disturbed:
        return _DISTURBED
    return _PASSED if use is LaunchUse.ALONG else _USED


def _line(
    cell: CellView, own: Sequence[DriftPoint], uses: Mapping[str, LaunchUse], *, named: bool
) -> go.Scatter:
    return go.Scatter(
        name=text.chart(cell.arm),
        legendgroup=cell.arm,
        showlegend=named,
        x=[point.minutes for point in own],
        y=[100.0 * point.deviation for point in own],
        mode="lines+markers",
        line={"color": theme.arm_colour(cell.arm), "width": 2},
        marker={"size": 8, "symbol": [_symbol(uses.get(point.launch_id)) for point in own]},
        hovertext=[_hover(cell, point, uses.get(point.launch_id)) for point in own],
        hoverinfo="text",
    )


def _explain(figure: go.Figure, symbols: set[str]) -> None:
    """The marks that occur beside the usual one, in the legend."""
    for symbol, words in ((_DISTURBED, _DISTURBED_WORDS), (_PASSED, _LEFT_OUT)):
        if symbol in symbols:
            figure.add_trace(
                go.Scatter(
                    name=words, x=[None], y=[None], mode="markers",
                    marker={"size": 8, "symbol": symbol, "color": theme.GREY},
                )
            )  # fmt: skip


def _hover(cell: CellView, point: DriftPoint, use: LaunchUse | None) -> str:
    names = f"{cell.model_title}, {cell.arm}, block {point.block}"
    attempt = f", attempt {point.attempt}" if point.attempt else ""
    became = f" ({use.value})" if use is not None else ""
    return text.chart(f"{names}{attempt}: {fmt.ms(point.headline_ms)}{became}")


def _alt(points: Sequence[DriftPoint], uses: Mapping[str, LaunchUse]) -> str:
    widest = max((abs(point.deviation) for point in points), default=0.0)
    disturbed = sum(_symbol(uses.get(point.launch_id)) == _DISTURBED for point in points)
    said = f"; {disturbed} of them were disturbed" if disturbed else ""
    return (
        f"Medians of {len(points)} launches over time; the one farthest from its cell's median "
        f"is {fmt.percent(widest)} off{said}."
    )


def turns(found: SittingTurns, cells: Mapping[str, CellView]) -> Chart:
    """Launches of a sitting turn by turn, and the ratio of two of them, in % off the median."""
    figure = go.Figure()
    for line in found.lines:
        arm = cells[line.cell_id].arm
        figure.add_trace(_turn_line(arm, line.deviations, theme.arm_colour(arm), 2, "solid"))
    name = f"{cells[found.candidate_id].arm} over {cells[found.baseline_id].arm}"
    figure.add_trace(_turn_line(name, found.ratio, theme.GREY, 4, "dot"))
    framed(figure, _TURNS_PX)
    figure.update_layout(showlegend=True)
    figure.update_yaxes(title="Off the median (%)", ticksuffix=" %", zeroline=True,
                        zerolinecolor=theme.GREY)  # fmt: skip
    figure.update_xaxes(title="Turn", **whole_ticks(len(found.ratio)))
    return Chart(
        figure,
        f"Block {found.block}: from turn to turn a launch alone varies by "
        f"{fmt.percent(found.alone_spread)}, the ratio of two by "
        f"{fmt.percent(found.ratio_spread)}.",
    )


def _turn_line(
    name: str, deviations: Sequence[float], colour: str, width: int, dash: str
) -> go.Scatter:
    return go.Scatter(
        name=text.chart(name),
        x=list(range(1, len(deviations) + 1)),
        y=[100.0 * deviation for deviation in deviations],
        mode="lines",
        line={"color": colour, "width": width, "dash": dash},
        hovertext=[f"{text.chart(name)}: {100.0 * value:+.1f} %" for value in deviations],
        hoverinfo="text",
    )
