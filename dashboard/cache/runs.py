"""What the page Runs alone asks: all runs of the store by how far they can be trusted."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from dashboard.cache.lens import Lens
from results.index import Index
from results.run_queries import runs_by_trust


def by_trust(lens: Lens) -> pa.Table:
    """All runs, the least trustworthy first."""
    return _by_trust(lens.digest, lens.index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _by_trust(digest: str, _index: Index) -> pa.Table:
    del digest
    return runs_by_trust(_index)
