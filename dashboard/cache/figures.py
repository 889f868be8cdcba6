"""Charts that were drawn, kept: a page that runs again with the same state draws none.

What a page shows follows from the store and from its address; so a chart does too. To make a
figure takes Plotly ten times as long as to send it.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.cache.lens import Lens
from dashboard.charts import Chart
from dashboard.link import Link

_KEPT = 256


def drawn(
    lens: Lens, link: Link, name: tuple[str, str], ink: str | None, draw: Callable[[], Chart]
) -> Chart:
    """The chart of this name (its page and its key) in this state, its words in this colour.

    ``draw`` is called where it is not kept yet; it may depend on the store and the link alone.
    """
    return _drawn(lens.digest, str(link), name, ink, draw)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _drawn(
    digest: str, state: str, name: tuple[str, str], ink: str | None, _draw: Callable[[], Chart]
) -> Chart:
    del digest, state, name
    return _draw().inked(ink)
