"""The launches of a run: failures with their reasons, disturbed ones, all of them as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import run_tables, text
from dashboard.views import parts
from results import format as fmt
from results.comparison import CellView
from results.drift import LaunchUse
from results.views import LaunchView

_MOST_FAILURES = 10


def show(
    made: Sequence[LaunchView],
    uses: Mapping[str, LaunchUse],
    cells: Mapping[str, CellView],
) -> None:
    """Failures first, then what was disturbed, then every launch."""
    st.header("Launches", anchor=False)
    _failures([launch for launch in made if not launch.ok], cells)
    _disturbed(uses)
    parts.table(run_tables.launches(made, cells, uses), "launches", "Every launch of the run")
    parts.note(
        "Every launch is kept; of each block one attempt is used, the last that nothing "
        "disturbed. A verdict takes the same attempt of both sides. Launches of one sitting were "
        "alive together and measured in turns."
    )


def _failures(failed: Sequence[LaunchView], cells: Mapping[str, CellView]) -> None:
    """Each reason once, with the launches it ended and what they wrote last."""
    reasons: dict[tuple[str, str], list[LaunchView]] = {}
    for launch in failed:
        key = launch.error or fmt.UNKNOWN, launch.stderr_tail or ""
        reasons.setdefault(key, []).append(launch)
    for (reason, tail), same in list(reasons.items())[:_MOST_FAILURES]:
        _failure(reason, tail, [cells[launch.cell_id] for launch in same])
    if len(reasons) > _MOST_FAILURES:
        parts.note(f"{len(reasons) - _MOST_FAILURES} more reasons are in the table.")


def _failure(reason: str, tail: str, same: Sequence[CellView]) -> None:
    counted = Counter(f"{cell.arm} of {cell.model_title}" for cell in same)
    told = ", ".join(f"{count} of {name}" for name, count in counted.items())
    launches = "launch" if len(same) == 1 else "launches"
    st.warning(
        f"**{len(same)} {launches} failed: {text.md(reason)}**  \n{text.md(told)}",
        icon=":material/error:",
    )
    if tail:
        with st.expander("The end of what it wrote to standard error"):
            st.code(text.lines(tail), language=None, wrap_lines=True)


def _disturbed(uses: Mapping[str, LaunchUse]) -> None:
    counted = Counter(uses.values())
    told = [
        f":gray-badge[:material/warning: **!** {counted[use]} {use.value}]"
        for use in (LaunchUse.AGAIN, LaunchUse.ALONG, LaunchUse.DISTURBED)
        if counted[use]
    ]
    if told:
        st.markdown(f"{' '.join(told)} :gray-badge[{counted[LaunchUse.USED]} used]")
