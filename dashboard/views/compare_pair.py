"""Compare: which two cells stand against each other, and the other way round."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import text
from dashboard.link import Link, with_baseline
from dashboard.views import controls, frame, names, parts
from results import format as fmt

_SELECT_PX = 500
"""Room for the name of a cell as far as it tells cells apart; below it there is one in a row."""


def selectors() -> None:
    """Baseline, candidate, and a button that swaps them."""
    cells = frame.current().lens.cells()
    named = names.of_store(frame.current().lens)
    link = frame.current().link
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        left, right = st.container(width=_SELECT_PX), st.container(width=_SELECT_PX)
        with left:
            controls.pick(
                "Baseline (A)", "baseline", list(named), value=link.baseline,
                show=named.__getitem__,
                alter=lambda link, value: _shut(with_baseline(link, value, cells)),
            )  # fmt: skip
            _where_it_ran(link.baseline)
        with right:
            controls.pick(
                "Candidate (B)", "candidate", list(named), value=link.candidate,
                show=named.__getitem__,
                alter=lambda link, value: _shut(replace(link, candidate=value, cell="")),
            )  # fmt: skip
            _where_it_ran(link.candidate)
        st.button("Swap", on_click=frame.change, args=(swapped,), icon=":material/swap_horiz:")


def _where_it_ran(cell_id: str) -> None:
    """What a list that cuts its entries may not show."""
    cell = frame.current().cell(cell_id)
    driven = fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)
    parts.note(text.md(f"{cell.device}, OpenVINO {cell.runtime}, {driven}"))


def _shut(link: Link) -> Link:
    """Without the layer that was open: another pair has other layers."""
    return replace(link, layer="")


def swapped(link: Link) -> Link:
    """The same pair the other way round."""
    return _shut(replace(link, baseline=link.candidate, candidate=link.baseline, cell=""))
