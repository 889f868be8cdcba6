"""Compare: one layer opened, its exec nodes on both sides in a window above the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import pyarrow as pa
import streamlit as st

from dashboard import compare_tables, text
from dashboard.link import to_params
from dashboard.row_words import class_words
from dashboard.views import frame, parts, take_away
from results import format as fmt
from results.comparison import CellView, Comparison, Group, Inserted
from results.comparison_words import (
    bound_words,
    delta_bounds,
    got_words,
    judged_words,
    neighbours,
    shares_words,
)
from results.headline import Figure, layer_time_name
from results.layer_calls import Call
from results.layer_rows import LayerRow
from results.opened_layer import OpenedNode, opened_nodes
from results.pace import AS_READ
from results.short_sentence import side_names

_COLOURS = MappingProxyType({Call.FASTER: "blue", Call.SLOWER: "orange"})
_MOST_CARDS = 6
_MOST_OPS = 12


def asked_for(rows: Sequence[LayerRow]) -> LayerRow | None:
    """The layer that the address opens; what this pair has not is ignored with a note."""
    key = frame.current().link.layer
    if not key:
        return None
    found = next((row for row in rows if row.key == key), None)
    if found is None:
        shown = text.md(text.short(key))
        st.warning(
            f"The address opens the layer {shown}, which this pair has not; it is ignored.",
            icon=":material/link_off:",
        )
    return found


def show(comparison: Comparison, row: LayerRow) -> None:
    """The window; closing it takes the layer out of the address."""
    title = text.md(f"{text.short(row.label)}, {row.op_type}")
    st.dialog(title, width="large", on_dismiss=_close)(lambda: _inside(comparison, row))()


def _close() -> None:
    frame.change(lambda link: replace(link, layer=""))


def _inside(comparison: Comparison, row: LayerRow) -> None:
    st.markdown(f"{_badge(row)} {text.md(_answer(comparison, row))}")
    parts.numbers(_figures(row))
    nodes = opened_nodes(row, *_stored(comparison))
    sides = (("baseline", comparison.baseline), ("candidate", comparison.candidate))
    shown = zip(st.columns(2), sides, side_names(comparison), strict=True)
    for place, (side, cell), name in shown:
        with place:
            st.subheader(text.md(f"{side.capitalize()}: {name}"), anchor=False)
            _side(cell, [node for node in nodes if node.side == side])
    if row.group is not None:
        _matched(row.group)
    parts.table(compare_tables.opened(nodes), "opened", "Exec nodes of both sides")
    take_away.link("copy-layer-link")


def _answer(comparison: Comparison, row: LayerRow) -> str:
    """What the layer costs or saves, and as what it counts."""
    what = class_words(row)
    time = layer_time_name((comparison.baseline, comparison.candidate)).lower()
    if row.inserted:
        return f"{_why(row.inserted[-1])}; counts as {what}. All times: {time}."
    judged = judged_words(comparison, row.group) if row.group else ""
    told = f"{what}{f', {judged}' if judged else ''}"
    pace = " at the headline's pace" if comparison.pace not in {None, AS_READ} else ""
    return f"{told}. All times: {time}, the median of the profile launches{pace}."


def _badge(row: LayerRow) -> str:
    """The difference, blue or orange where it holds among all layers, grey where it does not."""
    colour = _COLOURS.get(row.call, "gray")
    return f":{colour}-badge[{text.md(fmt.delta_us(row.delta_us))}]"


def _why(one: Inserted) -> str:
    also = ", the other side has one there too" if one.shared else ""
    return (
        f"No operation of the model asked for it: it is there for {one.kind.value}, between "
        f"{neighbours(one)}{also}"
    )


def _figures(row: LayerRow) -> tuple[Figure, ...]:
    """Both times, the difference with its interval, and how much of what was possible."""
    group = row.group
    bounds = f"95 %: {delta_bounds(group)} µs" if group else ""
    known = group is not None and row.delta_low_us is not None
    figures = [
        Figure("Baseline", _time(row.baseline_us), fmt.counted(len(row.baseline), "layer")),
        Figure("Candidate", _time(row.candidate_us), fmt.counted(len(row.candidate), "layer")),
        Figure("Difference", fmt.delta_us(row.delta_us), bounds if known else "no interval"),
    ]
    if group is not None and group.roof is not None:
        roof = f"of its roof {shares_words(group.roof)}, bound by {bound_words(group.roof)}"
        told = roof if group.roof.candidate_share is not None else "by the instruction set"
        got, _, possible = got_words(group).partition(" ")
        note = f"{possible} possible, {told}" if possible else told
        figures.append(Figure("Times as fast", got.rstrip(",;"), note))
    return tuple(figures)


def _time(time_us: float | None) -> str:
    return "no layer" if time_us is None else fmt.us(time_us)


def _stored(comparison: Comparison) -> tuple[pa.Table, pa.Table]:
    """What the store holds of both sides' layers, in the runs that were compared."""
    lens = frame.current().lens
    return (
        lens.layers(comparison.baseline, comparison.run_ids[0]),
        lens.layers(comparison.candidate, comparison.run_ids[-1]),
    )


def _side(cell: CellView, nodes: Sequence[OpenedNode]) -> None:
    if not nodes:
        st.markdown("It has no such layer.")
    for node in nodes[:_MOST_CARDS]:
        with st.container(border=True):
            _card(node, cell)
    if len(nodes) > _MOST_CARDS:
        parts.note(f"{len(nodes) - _MOST_CARDS} more layers are in the table below.")


def _card(node: OpenedNode, cell: CellView) -> None:
    facts = [
        ("Kernel", node.kernel),
        ("Precision", node.precision),
        ("Writes", ", ".join(node.outputs)),
        ("Inputs", ", ".join(node.inputs)),
        ("Reads", "; ".join(node.reads)),
        ("Fused members", ", ".join(node.members)),
    ]
    told = [f"**{text.md(node.name)}**, {text.md(node.node_type)}: **{fmt.us(node.time_us)}**", ""]
    told += [f"- {name}: {text.md(value) if value else fmt.UNKNOWN}" for name, value in facts]
    st.markdown("\n".join(told))
    link = replace(frame.current().link, cell=cell.cell_id, node=node.name, layer="", find="")
    st.page_link(
        "views/layers.py", label="Where it stands in the graph", icon=":material/graph_3:",
        query_params=to_params(link),
    )  # fmt: skip


def _matched(group: Group) -> None:
    """Which operations of the model both sides carry, and how that is known."""
    ops = ", ".join(group.source_ops[:_MOST_OPS]) or "none"
    more = len(group.source_ops) - _MOST_OPS
    sqnr = "" if group.sqnr_db is None else f" SQNR where it ends: {fmt.db(group.sqnr_db)}."
    st.markdown(
        f"**Operations of the model:** {text.md(ops)}{f' and {more} more' if more > 0 else ''}. "
        f"Tied by {text.md(group.method)}, confidence {group.confidence:.2f}.{sqnr}"
    )
