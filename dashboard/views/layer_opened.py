"""Layers: the one layer that is opened, with everything that is stored of it.

No page script of its own: ``views/layer_graph.py`` shows it above the graph around it.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import layer_tables, text
from dashboard.cache import layers as asked
from dashboard.cache.layers import OtherSide
from dashboard.link import to_params
from dashboard.views import frame, parts
from results import format as fmt
from results.comparison import CellView
from results.graph import ExecGraph, GraphNode
from results.layer_words import node_figures, order_words
from results.roof import GroupRoof
from results.twin_layers import Twin

_MOST_NAMES = 12
_MOST_TWINS = 4
_MOST_NEIGHBOURS = 4


def show(
    cell: CellView,
    run_id: str,
    graph: ExecGraph,
    node: GraphNode,
    other: OtherSide,
    *,
    roof: GroupRoof | None,
) -> None:
    """Its numbers, its facts, and the way to its twin."""
    layer, twin = node.layer, other.twins.get(node.place)
    st.subheader(text.md(f"{text.short(layer.name, 80)}"), anchor=False)
    parts.note(text.md(f"{layer.node_type}, {node.words}; {order_words(graph, node)}"))
    lens = frame.current().lens
    times_us = asked.node_times_us(lens, cell, run_id, layer.node_index, other.pace)
    parts.numbers(
        node_figures(node, times_us, twin, other.cell.arm, roof, measured=cell.is_measured)
    )
    with st.expander("Everything that is known of it", expanded=False):
        told = [*_facts(graph, node), *_twin_facts(other, twin)]
        st.markdown("\n".join(f"- {name}: {text.md(words)}" for name, words in told if words))
    _links(cell, other, twin)


def _facts(graph: ExecGraph, node: GraphNode) -> list[tuple[str, str]]:
    layer = node.layer
    outputs = layer_tables.paired(node.output_precisions, layer.output_layouts)
    return [
        ("Name", layer.name),
        ("Kernel", f"{layer.primitive}, in {layer.runtime_precision}"),
        ("Inputs", layer_tables.paired(node.input_precisions, node.input_layouts) or fmt.UNKNOWN),
        ("Outputs", f"{outputs}, shape {', '.join(layer.output_shapes) or fmt.UNKNOWN}"),
        ("Made from", _some(layer.original_names) or "no operation that it names"),
        ("Source ops", layer_tables.ops_words(node) or "none"),
        ("Reads from", _neighbours(graph, node.producers)),
        ("Read by", _neighbours(graph, node.consumers)),
    ]


def _some(names: tuple[str, ...]) -> str:
    rest = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _neighbours(graph: ExecGraph, places: tuple[int, ...]) -> str:
    names = [graph.nodes[place].layer.name for place in places[:_MOST_NEIGHBOURS]]
    rest = len(places) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "") or "nothing here"


def _twin_facts(other: OtherSide, twin: Twin | None) -> list[tuple[str, str]]:
    if twin is None:
        return [(f"In {other.cell.arm}", other.reason or "it has no such layer")]
    told = [
        f"{one.name} ({one.primitive}, {one.runtime_precision}, {fmt.us(one.time_us)})"
        for one in twin.others[:_MOST_TWINS]
    ]
    rest = len(twin.others) - len(told)
    return [(f"In {other.cell.arm}", "; ".join(told) + (f" and {rest} more" if rest > 0 else ""))]


def _links(cell: CellView, other: OtherSide, twin: Twin | None) -> None:
    """To the twin in its own graph, and to the pair in Compare."""
    if twin is None:
        return
    link = frame.current().link
    there = replace(link, cell=other.cell.cell_id, run="", node=twin.others[0].name)
    pair = replace(link, layer=twin.label, find="", classes=(), ops=(), mismatch=())
    if {link.baseline, link.candidate} != {cell.cell_id, other.cell.cell_id}:
        pair = replace(pair, baseline=other.cell.cell_id, candidate=cell.cell_id)
    with st.container(horizontal=True):
        st.page_link(
            "views/layers.py", label=f"The same layer in {text.md(other.cell.arm)}",
            icon=":material/arrow_forward:", query_params=to_params(there),
        )  # fmt: skip
        st.page_link(
            "views/compare.py", label="Both side by side", icon=":material/compare_arrows:",
            query_params=to_params(pair),
        )  # fmt: skip
