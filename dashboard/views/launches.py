"""The launches of a run: disturbed ones, then all of them as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import run_tables
from dashboard.views import parts
from results.comparison import CellView
from results.drift import LaunchUse
from results.views import LaunchView


def show(
    made: Sequence[LaunchView],
    uses: Mapping[str, LaunchUse],
    cells: Mapping[str, CellView],
) -> None:
    """What was disturbed, then every launch."""
    st.header("Launches", anchor=False)
    _disturbed(uses)
    parts.table(run_tables.launches(made, cells, uses), "launches", "Every launch of the run")
    parts.note(
        "Every launch is kept; of each block one attempt is used, the last that nothing "
        "disturbed. A verdict takes the same attempt of both sides. Launches of one sitting were "
        "alive together and measured in turns."
    )


def _disturbed(uses: Mapping[str, LaunchUse]) -> None:
    counted = Counter(uses.values())
    told = [
        f":gray-badge[:material/warning: **!** {counted[use]} {use.value}]"
        for use in (LaunchUse.AGAIN, LaunchUse.ALONG, LaunchUse.DISTURBED)
        if counted[use]
    ]
    if told:
        st.markdown(f"{' '.join(told)} :gray-badge[{counted[LaunchUse.USED]} used]")
