"""What the page Overview asks for alone: all that it shows in a state, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from dashboard.cache.lens import Lens
from dashboard.link import Link
from dashboard.overview_shown import OverviewShown, state_of
from results.comparison import PUBLISHED
from results.device_queries import facts_of
from results.index import Index

_KEPT = 16
"""Each holds the rows of its store, so not many: those of a store that has grown go with it."""


def shown(lens: Lens, link: Link) -> OverviewShown:
    """What the overview shows of this store in this state."""
    state = state_of(link)
    return _shown(lens.digest, str(state), lens, state)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _shown(digest: str, state: str, _lens: Lens, _link: Link) -> OverviewShown:
    del state
    return OverviewShown(
        rows=_lens.overview(),
        link=_link,
        titles=_cpu_titles(digest, _lens.index, {cell.device_id for cell in _lens.cells()}),
        summaries=_lens.summaries(),
        has_published=any(cell.origin == PUBLISHED for cell in _lens.cells()),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _cpu_titles(digest: str, _index: Index, _device_ids: set[str]) -> Mapping[str, str]:
    """By device the title that machines of its kind share: the CPU with its cap, no host."""
    del digest
    found = facts_of(_index, sorted(_device_ids))
    return MappingProxyType({device_id: facts.title for device_id, facts in found.items()})
