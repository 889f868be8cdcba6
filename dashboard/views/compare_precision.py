"""Compare: from which precision into which, and how near that came to what is possible."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import charts, compare_tables, text
from dashboard.views import parts
from results.comparison import Comparison
from results.comparison_words import ceiling_words
from results.layer_rows import LayerRow
from results.transitions import transitions

_MOST = 10


def show(comparison: Comparison, rows: Sequence[LayerRow]) -> None:
    """The matrix of precisions, then the layers against their ceiling; nothing without layers."""
    if not comparison.groups:
        return
    st.header("From which precision into which", anchor=False)
    found = transitions(comparison.groups)
    parts.chart(
        lambda: charts.transitions(found),
        "transitions",
        "Rows are what the baseline's layers ran in, columns what the same layers ran in in the "
        "candidate, with their number and the time that the change saves (blue) or costs "
        "(orange).",
    )
    parts.table(compare_tables.transitions(found), "transition-rows", "Layers by precisions")
    _reach(comparison, rows)


def _reach(comparison: Comparison, rows: Sequence[LayerRow]) -> None:
    """How much faster layers became, of what is possible."""
    st.header("What was possible", anchor=False)
    words = ceiling_words(comparison)
    if words is not None:
        st.markdown(f"{text.md(words[0].upper() + words[1:])}.")
    judged = [row for row in rows if row.group and row.group.roof and row.group.roof.possible
              and row.times_as_fast]  # fmt: skip
    if not judged:
        st.markdown("For no layer of this pair is it known how much faster it could be at most.")
        return
    shown = sorted(judged, key=lambda row: -(row.candidate_us or 0.0))[:_MOST]
    parts.chart(
        lambda: charts.reach(shown),
        "reach",
        f"{_which(len(shown), len(judged))} The bar is how many times as fast the layer became, "
        "the mark what the instruction set makes possible. A layer that gains in memory too can "
        "pass it. What a layer that stayed in float gained is no part of it.",
    )
    _roof(rows)


def _which(shown: int, judged: int) -> str:
    """Which layers the chart has."""
    if shown == judged:
        return f"Every layer with a known ceiling, {judged} in all."
    return (
        f"{shown} of the {judged} layers with a known ceiling: those that take most of the "
        "candidate's time."
    )


def _roof(rows: Sequence[LayerRow]) -> None:
    """Where the shares of the measured roof stand, or how to get them."""
    known = any(
        row.group and row.group.roof and row.group.roof.candidate_share is not None for row in rows
    )
    if known:
        parts.note("How near each layer comes to the device's measured peaks stands in the table "
                   "of the layers: Baseline of roof (%) and Candidate of roof (%).")  # fmt: skip
    else:
        parts.note("How near each layer comes to the device's roof is not known: no peaks of it "
                   "were measured. `python -m collector doctor --peaks` does that.")  # fmt: skip
