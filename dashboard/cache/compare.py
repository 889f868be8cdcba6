"""What the page Compare alone asks: one baseline against many, and the causes of a few."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.cache.lens import Ids, Lens
from results.candidates import Candidate, candidates
from results.comparison import CellView
from results.errors import LensError
from results.index import Index

_KEPT = 64


def against(lens: Lens, baseline: CellView, cells: Sequence[CellView]) -> tuple[Candidate, ...]:
    """Each of these cells against the baseline."""
    ids = tuple(cell.cell_id for cell in (baseline, *cells))
    return _against(lens.digest, ids, lens.index, baseline, cells)


def top_cause(lens: Lens, baseline: CellView, candidate: CellView) -> str:
    """The title of the cause that most could be won back of; empty where none was found."""
    try:
        found = lens.compare(baseline, candidate)
    except LensError:
        return ""
    return found.causes[0].title if found.causes else ""


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _against(
    digest: str, ids: Ids, _index: Index, _baseline: CellView, _cells: Sequence[CellView]
) -> tuple[Candidate, ...]:
    del digest, ids
    return candidates(_index, _baseline, _cells)
