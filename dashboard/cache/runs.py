"""What the page Runs alone asks: which run it shows, and all by how far they can be trusted."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from dashboard.cache.lens import Lens
from dashboard.link import Link
from results import queries
from results.comparison import IMPORTED, PUBLISHED
from results.index import Index
from results.run_queries import runs_by_trust
from results.views import RunView

TOLD = frozenset({IMPORTED, PUBLISHED})
"""The kinds of runs whose figures somebody else measured."""
PEAKS = "peaks"
_KEPT = 256


def shown_run(lens: Lens, link: Link, *, of_pair: bool = False) -> RunView | None:
    """The run that a link names, else with ``of_pair`` the newest of its pair.

    Else the newest that measured or made something here, if there is any; None without any run.
    """
    runs = {run.run_id: run for run in lens.runs()}
    pair_run = _run_of_pair(lens, link) if of_pair else None
    named = runs.get(link.run) or runs.get(pair_run or "")
    own = (run for run in runs.values() if run.kind not in {*TOLD, PEAKS})
    return named or next(own, next(iter(runs.values()), None))


def _run_of_pair(lens: Lens, link: Link) -> str | None:
    """The newest run that both sides share, as verdicts do; else the newest of one of them."""
    by_id = lens.cells_by_id()
    sides = [by_id[one] for one in (link.candidate, link.baseline) if one in by_id]
    shared = _shared_run(lens.digest, link.candidate, link.baseline, lens.index)
    return shared or next(filter(None, map(lens.run_of, sides)), None)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _shared_run(digest: str, candidate: str, baseline: str, _index: Index) -> str | None:
    del digest
    return queries.latest_shared_run(_index, candidate, baseline)


def by_trust(lens: Lens) -> pa.Table:
    """All runs, the least trustworthy first."""
    return _by_trust(lens.digest, lens.index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _by_trust(digest: str, _index: Index) -> pa.Table:
    del digest
    return runs_by_trust(_index)
