"""What the page Overview asks for alone: which CPU each device has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from dashboard.cache.lens import Lens
from results.device_queries import facts_of
from results.index import Index


def cpu_titles(lens: Lens) -> Mapping[str, str]:
    """By device the title that machines of its kind share: the CPU with its cap, no host."""
    return _cpu_titles(lens.digest, tuple(sorted({c.device_id for c in lens.cells()})), lens.index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _cpu_titles(digest: str, device_ids: tuple[str, ...], _index: Index) -> Mapping[str, str]:
    del digest
    found = facts_of(_index, device_ids)
    return MappingProxyType({device_id: facts.title for device_id, facts in found.items()})
