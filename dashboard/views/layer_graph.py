"""Layers: the executed graph, the whole as a strip and the surroundings of one layer drawn.

No page script of its own: ``views/layers.py`` shows it. The layer in the middle, how far the
drawing reaches and what its colours mean are the address's ``node``, ``hops`` and ``colour``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard import charts, text
from dashboard.cache.layers import OtherSide
from dashboard.charts.graph import Scene
from dashboard.charts.node_colours import Painter
from dashboard.link import HOPS, Colouring
from dashboard.views import controls, frame, layer_opened, parts, picking
from results import format as fmt
from results.comparison import CellView
from results.graph import EdgeSource, ExecGraph, GraphNode, find_node, opening_node
from results.graph_layout import lay_out
from results.neighbourhood import Neighbourhood, edges_among, neighbourhood, segments
from results.roof import GroupRoof

_DEFAULT_HOPS = "3"
_MOST_OFFERED = 40
_SHORT = 40
_SELECT_PX = 420


def show(
    cell: CellView, run_id: str, graph: ExecGraph, other: OtherSide,
    roofs: Mapping[int, GroupRoof],
) -> None:  # fmt: skip
    """The strip, the opened layer, and what stands around it."""
    node = _asked(graph)
    if node is None:
        return
    link = frame.current().link
    near = neighbourhood(graph, node, int(link.hops or _DEFAULT_HOPS))
    painter = _painter(other)
    st.header("Where along the network the time goes", anchor=False)
    _strip(graph, near, painter)
    st.header("One layer and what stands around it", anchor=False)
    _controls(graph, near, other)
    layer_opened.show(cell, run_id, graph, node, other, roof=roofs.get(node.place))
    _graph(graph, near, painter)


def _asked(graph: ExecGraph) -> GraphNode | None:
    """The layer that the address names, else where the graph opens."""
    asked = frame.current().link.node
    found = find_node(graph, asked) if asked else None
    if asked and found is None:
        st.warning(
            text.md(f"The address asks for node = {text.short(asked, _SHORT)}, which this cell "
                    "does not have; it is ignored."),
            icon=":material/link_off:",
        )  # fmt: skip
    return found or opening_node(graph)


def _painter(other: OtherSide) -> Painter:
    chosen = Colouring(frame.current().link.colour or Colouring.TIME)
    return Painter(chosen, other.twins, other.cell.arm)


def _strip(graph: ExecGraph, near: Neighbourhood, painter: Painter) -> None:
    found = segments(graph)
    many = len(graph.executed) > len(found)
    each = (
        f"The {fmt.count(len(graph.executed))} executed layers as {len(found)} bars of layers that "
        "run one after the other"
        if many
        else "One bar for each executed layer"
    )
    picking.chart(
        lambda: charts.strip(graph, found, near.places, near.centre, painter),
        f"strip-{near.centre}-{painter.colouring}",
        f"{each}. Those on grey ground are drawn below; a diamond marks layers that were inserted. "
        "Click a bar to move there.",
        _move,
    )


def _controls(graph: ExecGraph, near: Neighbourhood, other: OtherSide) -> None:
    link = frame.current().link
    offered = _offered(graph, near)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=_SELECT_PX):
            controls.pick(
                "Layer in the middle", "node", list(offered), value=graph.keys[near.centre],
                show=offered.__getitem__,
            )  # fmt: skip
        with st.container(width="content"):
            controls.switch("Reach (edges)", "hops", HOPS, link.hops or _DEFAULT_HOPS)
        with st.container(width="content"):
            controls.switch(
                "Colour",
                "colour",
                [str(one) for one in Colouring],
                str(link.colour or Colouring.TIME),
            )
    if link.colour == Colouring.RATIO and other.reason:
        st.info(text.md(f"There is no ratio to {other.cell.arm}: {other.reason}."))


def _offered(graph: ExecGraph, near: Neighbourhood) -> dict[str, str]:
    """The drawn layers and the costliest of all, in execution order, by their keys."""
    costliest = sorted(graph.executed, key=lambda node: -node.layer.time_us)[:_MOST_OFFERED]
    places = sorted({*near.places, *(node.place for node in costliest)})
    return {
        graph.keys[place]: f"{text.short(node.layer.name, _SHORT)}, {_time(node)}"
        for place in places
        for node in (graph.nodes[place],)
    }


def _time(node: GraphNode) -> str:
    return fmt.us(node.layer.time_us) if node.executed else str(node.role)


def _graph(graph: ExecGraph, near: Neighbourhood, painter: Painter) -> None:
    drawing = lay_out(near.places, edges_among(graph, near.places))
    picking.chart(
        lambda: charts.layer_graph(Scene(graph, drawing, near.centre), painter),
        f"graph-{near.centre}-{len(near.places)}-{painter.colouring}",
        "Data flows downwards. Larger is longer; a diamond in italics was inserted, a hollow "
        "circle is not executed, a hollow square is an input or an output. Click a layer to "
        f"open it and move there. {_shown(graph, near)}",
        _move,
    )
    if graph.edges is not EdgeSource.EXECUTED:
        st.info(
            f"This run stored no edges of the executed graph: they are drawn by {graph.edges}."
            + (" Inserted layers stand unconnected." if graph.edges is EdgeSource.SOURCE_OPS
               else " Nothing is known of branches.")
        )  # fmt: skip
    if not graph.bridged:
        parts.note("No layer is tied to an operation of the model here: that one was inserted is "
                   "told from its type alone.")  # fmt: skip


def _shown(graph: ExecGraph, near: Neighbourhood) -> str:
    """How many layers are drawn, and how many are not."""
    told = f"{len(near.places)} of {fmt.counted(len(graph.nodes), 'node')} are drawn"
    if near.cut:
        told += (
            f"; {fmt.count(near.cut)} more within reach are not, those that are farthest and "
            "cost least"
        )
    if graph.left_out:
        told += (
            f"; {fmt.counted(graph.left_out, 'folded constant or fused layer')} of the compiled "
            "graph never run and are left out"
        )
    return f"{told}."


def _move(key: str) -> None:
    frame.change(lambda link: replace(link, node=key))
