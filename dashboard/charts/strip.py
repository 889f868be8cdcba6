"""The whole network as a strip: a bar for each stretch of layers, in execution order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, composed
from dashboard.charts.node_colours import Painter
from results import format as fmt
from results.graph import ExecGraph
from results.neighbourhood import Segment

_HEIGHT_PX = 330
_ROOM = 1.4
_MARK_UP = 0.06
"""How far above its bar a diamond stands, as a part of the highest."""
_TOLD = 12
_BAND = "rgba(138, 149, 163, 0.28)"
_HERE = "here<br>\N{BLACK DOWN-POINTING TRIANGLE}"
"""The triangle below its word: beside it, it would point at a neighbour."""


def strip(
    graph: ExecGraph, found: Sequence[Segment], shown: Sequence[int], centre: int, painter: Painter
) -> Chart:
    """Bars of time, a diamond over each that holds inserted layers, a triangle where one is.

    ``shown`` are the places that are drawn around ``centre``. The key of the costliest layer
    of a bar is its ``customdata``.
    """
    highest = max((segment.time_us for segment in found), default=0.0)
    bars = go.Bar(
        x=list(range(len(found))),
        y=[segment.time_us for segment in found],
        marker={"color": [painter.segment_colour(segment, highest) for segment in found]},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[[graph.keys[segment.costliest]] for segment in found],
        hovertext=[_hover(graph, segment, painter) for segment in found],
        hoverinfo="text",
        showlegend=False,
    )
    figure = composed(
        [bars, *_inserted(graph, found, highest), *painter.entries(graph.executed)],
        _HEIGHT_PX,
        x_axis={
            "title": {"text": "Layers in execution order, the first on the left"},
            "showticklabels": False, "range": [-0.8, len(found) - 0.2], "showgrid": False,
        },
        y_axis={
            "title": {"text": "Time per inference (µs)"}, "range": [0, highest * _ROOM or 1.0],
            "tickformat": ",",
        },
        shapes=_bands(found, shown), annotations=_here(found, centre, highest),
        bargap=0.15, showlegend=True,
    )  # fmt: skip
    return Chart(figure, _alt(graph, found))


def _inserted(graph: ExecGraph, found: Sequence[Segment], highest: float) -> list[go.Scatter]:
    """A diamond over each bar with inserted layers, as a trace; none without any."""
    marked = [
        (at, segment, graph.keys[segment.costliest_inserted])
        for at, segment in enumerate(found)
        if segment.costliest_inserted is not None
    ]
    if not marked:
        return []
    return [
        go.Scatter(
            name="holds inserted layers",
            x=[at for at, _, _ in marked],
            y=[segment.time_us + _MARK_UP * highest for _, segment, _ in marked],
            mode="markers",
            marker={"symbol": "diamond", "size": 9, "color": theme.GREY, "opacity": 1},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            customdata=[[key] for _, _, key in marked],
            hovertext=[
                f"{fmt.counted(segment.inserted, 'inserted layer')}, {fmt.us(segment.inserted_us)}"
                for _, segment, _ in marked
            ],
            hoverinfo="text",
        )
    ]


def _here(found: Sequence[Segment], centre: int, highest: float) -> list[dict[str, Any]]:
    """Over the bar of the opened layer."""
    return [
        {"x": at, "y": segment.time_us + 2 * _MARK_UP * highest, "text": _HERE,
         "showarrow": False, "yanchor": "bottom"}
        for at, segment in enumerate(found)
        if centre in segment.places
    ]  # fmt: skip


def _bands(found: Sequence[Segment], shown: Sequence[int]) -> list[dict[str, Any]]:
    """A grey ground behind the bars whose layers are drawn, one for each row of such bars."""
    there = set(shown)
    drawn = [at for at, one in enumerate(found) if not there.isdisjoint(one.places)]
    starts = [at for at in drawn if at - 1 not in drawn]
    ends = [at for at in drawn if at + 1 not in drawn]
    return [
        {"type": "rect", "x0": start - 0.5, "x1": end + 0.5, "y0": 0, "y1": 1,
         "yref": "paper", "layer": "below", "fillcolor": _BAND, "line": {"width": 0}}
        for start, end in zip(starts, ends, strict=True)
    ]  # fmt: skip


def _hover(graph: ExecGraph, segment: Segment, painter: Painter) -> str:
    first, costliest = graph.nodes[segment.places[0]], graph.nodes[segment.costliest]
    many = len(segment.places)
    told = [
        first.layer.name if many == 1 else f"{many} layers from {first.layer.name}",
        f"{fmt.us(segment.time_us)}, {painter.segment_words(segment)}",
        "" if many == 1 else f"costliest {costliest.layer.name}, {fmt.us(costliest.layer.time_us)}",
        f"{fmt.counted(segment.inserted, 'inserted layer')}" if segment.inserted else "",
        "click to move there",
    ]  # fmt: skip
    return "<br>".join(text.chart(line) for line in told if line)


def _alt(graph: ExecGraph, found: Sequence[Segment]) -> str:
    ranked = sorted(found, key=lambda segment: -segment.time_us)[:_TOLD]
    told = "; ".join(
        f"{graph.nodes[segment.costliest].layer.name} {fmt.us(segment.time_us)}"
        for segment in ranked
    )
    stretches = sum(bool(segment.inserted) for segment in found)
    return (
        f"Time of the network in execution order, {len(found)} bars; the longest: {told}; "
        f"{fmt.counted(stretches, 'bar')} with inserted layers."
    )
