"""The executed graph: what stands around a layer, drawn from top to bottom.

A node's shape says what it is there for, its size how long it takes, its colour what was
chosen; its words say all three, so that nothing rests on a colour alone. The overview of the
whole network is in ``charts.strip``, the colours of both in ``charts.node_colours``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, paneled
from dashboard.charts.node_colours import Painter
from results import format as fmt
from results.graph import ExecGraph, GraphNode, Role
from results.graph_layout import Drawing, Route

SHAPES = {
    Role.LAYER: "circle",
    Role.INSERTED: "diamond",
    Role.IDLE: "circle-open",
    Role.END: "square-open",
}
_ROW_PX = 62
_TOP_PX, _BOTTOM_PX = 64, 12
_SMALLEST_PX, _LARGEST_PX = 12, 34
_RING_PX = 12
_ROOM = 92
"""Characters that fit side by side on a narrow page."""
_FEWEST_CHARS, _MOST_CHARS = 14, 44
_STRAIGHT = 0.34
"""How far an edge goes straight down from a node, in rows: as far as the node's words reach."""
_ARROW_UP = 0.3
_MOST_NAMES = 6


@dataclass(frozen=True)
class Scene:
    """What is drawn: the graph, the drawing of a part of it, and the node in its middle."""

    graph: ExecGraph
    drawing: Drawing
    centre: int

    @property
    def nodes(self) -> tuple[GraphNode, ...]:
        """The drawn nodes in execution order."""
        return tuple(self.graph.nodes[place] for place in sorted(self.drawing.points))

    @cached_property
    def longest_us(self) -> float:
        """The time of the longest layer of the whole network."""
        return max((node.layer.time_us for node in self.graph.executed), default=0.0)


def layer_graph(scene: Scene, painter: Painter) -> Chart:
    """The nodes with their words on the right, edges from top to bottom, a ring on the middle.

    A node's key is the ``customdata`` of its point.
    """
    routes, rows = scene.drawing.routes, scene.drawing.rows
    roles = {role: [node for node in scene.nodes if node.role is role] for role in SHAPES}
    figure = paneled(
        [
            _lines(routes), _arrows(routes), _ring(scene),
            *(_marks(scene, painter, nodes, SHAPES[role]) for role, nodes in roles.items()
              if nodes),
            *painter.entries(scene.nodes),
        ],
        _TOP_PX + _BOTTOM_PX + rows * _ROW_PX,
        {
            "xaxis": {"visible": False, "range": [-0.12, max(scene.drawing.columns, 1.0)]},
            "yaxis": {"visible": False, "range": [rows - 0.5, -0.5]},
        },
        showlegend=True, margin={"t": _TOP_PX, "b": _BOTTOM_PX},
        legend={"y": 1.0, "yanchor": "top", "yref": "container"},
    )  # fmt: skip
    return Chart(figure, _alt(scene, painter))


def _marks(scene: Scene, painter: Painter, nodes: Sequence[GraphNode], shape: str) -> go.Scatter:
    points = [scene.drawing.points[node.place] for node in nodes]
    chars = _chars(scene.drawing.columns)
    return go.Scatter(
        name=str(nodes[0].role),
        x=[point.x for point in points],
        y=[point.row for point in points],
        mode="markers+text",
        marker={
            "symbol": shape,
            "size": [_size(scene, node) for node in nodes],
            "color": [painter.colour(node, scene.longest_us) for node in nodes],
            "opacity": 1,
            "line": {"width": 3 if shape.endswith("-open") else 0},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        text=[_words(node, painter, chars) for node in nodes],
        textposition="middle right",
        textfont={"size": 13},
        cliponaxis=False,
        customdata=[[scene.graph.keys[node.place]] for node in nodes],
        hovertext=[_hover(node, painter) for node in nodes],
        hoverinfo="text",
    )


def _chars(columns: float) -> int:
    return min(max(int(_ROOM / max(columns, 1.0)), _FEWEST_CHARS), _MOST_CHARS)


def _size(scene: Scene, node: GraphNode) -> float:
    """Its area grows with its time, up to that of the longest layer of the whole network."""
    longest_us = scene.longest_us
    part = math.sqrt(node.layer.time_us / longest_us) if longest_us else 0.0
    return _SMALLEST_PX + (_LARGEST_PX - _SMALLEST_PX) * part


def _words(node: GraphNode, painter: Painter, chars: int) -> str:
    """The name, and below it what is most to say; an inserted node says that it is one."""
    name = text.chart(text.short(node.layer.name, chars))
    told = painter.words(node)
    if node.role is Role.INSERTED:
        told = f"{node.layer.node_type}, {told}"
        name = f"<i>{name}</i>"
    elif node.role is not Role.LAYER:
        told = str(node.role)
    return f"  {name}<br>  <b>{text.chart(text.short(told, chars))}</b>"


def _hover(node: GraphNode, painter: Painter) -> str:
    layer = node.layer
    fused = layer.original_names[:_MOST_NAMES]
    rest = len(layer.original_names) - len(fused)
    told = [
        layer.name,
        f"{layer.node_type}, {node.words}",
        f"kernel {layer.primitive}, in {layer.runtime_precision}",
        f"{fmt.us(layer.time_us)}, {fmt.percent(node.share)}" if node.executed else "no time",
        painter.words(node),
        f"writes {' '.join(layer.output_shapes)} {' '.join(layer.output_layouts)}",
        *([f"made from: {', '.join(fused)}{f' and {rest} more' if rest > 0 else ''}"] if fused
          else []),
        f"reads from {len(node.producers)}, read by {len(node.consumers)}",
        "click to open it and move there",
    ]  # fmt: skip
    return "<br>".join(text.chart(line) for line in dict.fromkeys(told) if line)


def _ring(scene: Scene) -> go.Scatter:
    """Around the opened node."""
    point = scene.drawing.points[scene.centre]
    size = _size(scene, scene.graph.nodes[scene.centre]) + _RING_PX
    return go.Scatter(
        name="the opened layer",
        x=[point.x],
        y=[point.row],
        mode="markers",
        marker={"symbol": "circle-open", "size": size, "color": theme.GREY, "opacity": 1,
                "line": {"width": 3}},
        hoverinfo="skip",
    )  # fmt: skip


def _lines(routes: Sequence[Route]) -> go.Scatter:
    x: list[float | None] = []
    y: list[float | None] = []
    for route in routes:
        for column, row in _way(route):
            x.append(column)
            y.append(row)
        x.append(None)
        y.append(None)
    return go.Scatter(
        x=x, y=y, mode="lines", line={"color": theme.GREY, "width": 1.6}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _way(route: Route) -> list[tuple[float, float]]:
    """Straight down from a point, slanted between the rows, and straight down to the next."""
    first, last = route.points[0], route.points[-1]
    if last.row <= first.row:
        return [(first.x, first.row), (last.x, last.row)]
    found: list[tuple[float, float]] = []
    for point in route.points:
        above = [] if point is first else [(point.x, point.row - _STRAIGHT)]
        below = [] if point is last else [(point.x, point.row + _STRAIGHT)]
        found += [*above, (point.x, float(point.row)), *below]
    return found


def _arrows(routes: Sequence[Route]) -> go.Scatter:
    """A head above each node that something is read by."""
    ends = [route.points[-1] for route in routes if route.points[-1].row > route.points[0].row]
    return go.Scatter(
        x=[point.x for point in ends],
        y=[point.row - _ARROW_UP for point in ends],
        mode="markers",
        marker={"symbol": "triangle-down", "size": 8, "color": theme.GREY, "opacity": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _alt(scene: Scene, painter: Painter) -> str:
    told = "; ".join(
        f"{node.layer.name}"
        f"{' (inserted)' if node.role is Role.INSERTED else ''} {painter.words(node)}"
        for node in scene.nodes
    )
    centre = scene.graph.nodes[scene.centre].layer.name
    return f"Graph of {len(scene.nodes)} layers around {centre}, in execution order: {told}."
