"""Compare: the waterfall from one wall-clock time to the other; a bar leads to its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, filters, text
from dashboard.link import Link
from dashboard.views import compare_layers, frame, picking
from results import format as fmt
from results.class_words import CLASS_WORDS, HOW_UNCHANGED
from results.comparison import Attribution, Comparison, GroupClass
from results.comparison_words import unseen_words
from results.headline import no_layers
from results.layer_rows import LayerRow, sum_us


def show(comparison: Comparison, rows: Sequence[LayerRow]) -> None:
    """The waterfall, or why there is none."""
    st.header("Where the difference comes from", anchor=False)
    attribution = comparison.attribution
    if attribution is None:
        st.info(text.md(f"There is no layer story: {no_layers(comparison)}."))
        return
    if attribution.withheld:
        st.info(
            "The layer story is withheld: what the layers do not explain "
            f"({fmt.delta_us(attribution.unattributed_us)}) is larger than the difference "
            f"({fmt.delta_us(attribution.wall_us)})."
        )
        return
    link = frame.current().link
    chosen = link.classes
    picking.chart(
        lambda: charts.waterfall(comparison, attribution, chosen),
        "waterfall",
        _caption(attribution),
        lambda kind: frame.change(lambda link: only(link, kind)),
        lambda: _chosen(chosen, filters.rows(rows, link)),
    )


def only(link: Link, kind: str) -> Link:
    """The layers of one class; all of them again where it was the chosen one."""
    return replace(link, classes=() if link.classes == (kind,) else (kind,))


def _caption(attribution: Attribution) -> str:
    """How to read the chart; first what weakens it, where most of the difference is unseen."""
    unseen = unseen_words(attribution)
    weak = f"**{text.md(unseen)}.** " if unseen else ""
    return (
        f"{weak}From the baseline's time on the wall clock to the candidate's; both stand as a "
        "line, with their number. Blue bars are time saved, orange bars time lost: sums of what "
        "was measured, whatever single layers are called. Hatched is unattributed, time that no "
        "layer's counter sees: between layers, and what counters cut off. "
        f"{_unchanged(attribution)}"
        "Click a bar: the layers below are then those of its class."
    )


def _unchanged(attribution: Attribution) -> str:
    """How layers can take another time that did not change their precision."""
    there = any(kind is GroupClass.LEFT_IN_FLOAT for kind, _ in attribution.parts)
    return f"{HOW_UNCHANGED}. " if there else ""


def _chosen(chosen: tuple[str, ...], found: Sequence[LayerRow]) -> None:
    """Which bars the layers are those of, how many they are, the way to them and back."""
    if not chosen:
        return
    named = ", ".join(CLASS_WORDS[GroupClass(kind)] for kind in chosen)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/filter_alt: The layers below are those **{text.md(named)}**: "
            f"{fmt.counted(len(found), 'row')}, together {text.md(fmt.delta_us(sum_us(found)))}. "
            f"[Go to them](#{compare_layers.ANCHOR})"
        )
        st.button(
            "Show all layers", on_click=frame.change, icon=":material/filter_alt_off:",
            args=(lambda link: replace(link, classes=()),),
        )  # fmt: skip
