"""Compare: the layers of both sides, filtered; a click opens one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, compare_tables, filters, text
from dashboard.link import Mismatch, to_params
from dashboard.views import controls, frame, parts, picking
from results import format as fmt
from results.class_words import CLASS_WORDS
from results.comparison import Comparison, GroupClass
from results.comparison_words import calls_rule, told_calls
from results.groups import telling
from results.headline import layer_time_name
from results.layer_rows import LayerRow, sum_us
from results.matched import coverage_words, matching_notes

ANCHOR = "layers-side-by-side"
"""Where links inside the page lead that mean these layers."""
_TOP_ROWS = 12
_MISMATCHES = {
    Mismatch.PRECISION.value: "another precision",
    Mismatch.KERNEL.value: "another kernel",
    Mismatch.FUSION.value: "fused differently",
}


def show(comparison: Comparison, rows: Sequence[LayerRow]) -> None:
    """Those that differ most as bars, all that fit the filters as a table."""
    st.header("Layers side by side", anchor=ANCHOR)
    if not rows:
        st.markdown("There are no layers to compare.")
        return
    if comparison.attribution is not None and comparison.attribution.withheld:
        st.warning(
            "Read these with care: the layers do not add up to the difference on the wall clock."
        )
    _filters(rows)
    found = filters.rows(rows, frame.current().link)
    if not found:
        st.markdown("No layer fits these filters.")
        return
    _bars(comparison, found)
    picking.table(
        compare_tables.layers(found), "groups", "Baseline and candidate time of each layer",
        [row.key for row in found], opens,
    )  # fmt: skip
    _read(comparison, rows, found)


def opens(key: str) -> None:
    """Open a layer; for the callbacks of what can be clicked."""
    frame.change(lambda link: replace(link, layer=key))


def _filters(rows: Sequence[LayerRow]) -> None:
    kinds = {kind.value: kind for kind in GroupClass}
    one, two, three, four = st.columns(4)
    with one:
        there = list(dict.fromkeys(row.layer_class.value for row in rows))
        controls.choose("Class", "classes", there, lambda name: CLASS_WORDS[kinds[name]])
    with two:
        controls.choose("Type", "ops", sorted({row.op_type for row in rows}))
    with three:
        controls.choose("Unlike in", "mismatch", list(_MISMATCHES), _MISMATCHES.__getitem__)
    with four:
        controls.find("Search", "part of a layer's or a kernel's name")


def _bars(comparison: Comparison, found: Sequence[LayerRow]) -> None:
    shown = telling(found, _TOP_ROWS)
    time_name = layer_time_name((comparison.baseline, comparison.candidate))
    told = told_calls(comparison)
    if told:
        st.markdown(text.coded(f"{told}."))
    picking.chart(
        lambda: charts.paired_layers(shown, time_name, opened=frame.current().link.layer),
        "pairs",
        f"{_which(len(shown), len(found))} The number is candidate minus baseline, the thin line "
        "the 95 % interval of that difference over the profile launches, drawn around the end of "
        "the candidate's bar; a mark at 0 says that it goes on below 0. Full colours are called "
        "beyond chance among all layers, hatched ones only lean. Click a row to open it.",
        opens,
    )


def _which(shown: int, found: int) -> str:
    """Which layers the chart has."""
    if shown == found:
        return f"Every layer that fits the filters, {found} in all."
    return (
        f"{shown} of the {found} layers that fit the filters: those that differ most, with three "
        "places kept for those that lost most."
    )


def _read(comparison: Comparison, rows: Sequence[LayerRow], found: Sequence[LayerRow]) -> None:
    """How to read the table: what it sums to, and what its columns rest on."""
    rule = calls_rule(comparison)
    parts.note(
        f"{fmt.counted(len(found), 'row')} of {fmt.count(len(rows))}, together "
        f"{fmt.delta_us(sum_us(found))}; {picking.HOW}. "
        f"{text.md(rule[0].upper() + rule[1:])}; the interval is of the difference."
    )
    if any(row.group is not None and row.group.sqnr_db is not None for row in found):
        parts.note(
            f"SQNR on {text.md(comparison.sqnr_dataset or fmt.UNKNOWN)} says how far the "
            "candidate's values are from fp32's where the layer ends, 10 log10 of signal over "
            "noise power: lower is worse. Errors of earlier layers are in it too."
        )
    if comparison.coverage is not None:
        told = "; ".join((coverage_words(comparison.coverage), *matching_notes(comparison)))
        parts.note(
            f"{text.md(told[0].upper() + told[1:])}. What is known to be inserted counts as "
            "matched; all of it stands in this table, before any filter."
        )
    _to_layers()


def _to_layers() -> None:
    link = frame.current().link
    with st.container(horizontal=True):
        for label, cell_id in (("baseline", link.baseline), ("candidate", link.candidate)):
            st.page_link(
                "views/layers.py",
                label=f"Every layer of the {label}",
                icon=":material/arrow_forward:",
                query_params=to_params(replace(link, cell=cell_id, find="", layer="")),
            )
