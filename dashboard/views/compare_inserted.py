"""Compare: layers that no operation of the model asked for, by what they are there for."""

from __future__ import annotations

import streamlit as st

from dashboard import compare_tables, text
from dashboard.views import parts
from results import format as fmt
from results.comparison import Comparison
from results.headline import no_layers, told_alone
from results.inserted import CANDIDATE
from results.transitions import Origin, origins


def show(comparison: Comparison) -> None:
    """Why they are there, in a line for each side, and a row for each of them."""
    st.header("Layers that no operation of the model asked for", anchor=False)
    if comparison.coverage is None:
        st.markdown(
            f"They were not looked for: {text.md(no_layers(comparison))}.{_elsewhere(comparison)}"
        )
        return
    if not comparison.inserted:
        st.markdown("There are none on either side.")
        return
    st.markdown("\n".join(_line(side, found) for side, found in _by_side(comparison)))
    parts.table(
        compare_tables.inserted(comparison.inserted), "inserted", "Inserted and removed layers"
    )
    parts.note(
        "After and Before name operations of the model, where the graph tells them. In the "
        "candidate a layer was inserted, in the baseline it is gone; one that is also in the "
        "other side stands in both."
    )


def _elsewhere(comparison: Comparison) -> str:
    """Where those of a side stand that are known by itself; nothing where there are none."""
    known = " and ".join(text.md(f"{one.arm}, {one.model_title}") for one in told_alone(comparison))
    return f" The page Models has those of {known}." if known else ""


def _by_side(comparison: Comparison) -> list[tuple[str, list[Origin]]]:
    found = origins(comparison.inserted)
    sides = (CANDIDATE, *(one.side for one in found))
    return [
        (side, mine)
        for side in dict.fromkeys(sides)
        if (mine := [one for one in found if one.side == side])
    ]


def _line(side: str, found: list[Origin]) -> str:
    told = "; ".join(_words(one) for one in found)
    return f"- **{side.capitalize()}**, {text.md(told)}"


def _words(one: Origin) -> str:
    also = ", in the other side too" if one.shared else ""
    if one.shared and one.nodes > 1:
        how_many = "all" if one.shared == one.nodes else one.shared
        also = f", {how_many} of them in the other side too"
    return f"{one.kind.value}: {fmt.counted(one.nodes, 'layer')}, {fmt.us(one.time_us)}{also}"
