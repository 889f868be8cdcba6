"""What the collector does while people read, on top of every page, and the run that landed.

It looks at the store's folder by itself every few seconds and draws nothing but its own
line: the page under it stays as it is until somebody asks for the new run.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import live, text
from dashboard.views import login
from results.under_way import UnderWay, run_names, under_way

_EVERY_S = 3.0
_MOST_SHOWN = 3
_SEEN = "live-runs-seen"
_IS_NEW = "live-runs-seen-now"


def note_runs(root: Path) -> None:
    """Remember which runs there are before a page is drawn: later ones are new to it."""
    st.session_state[_SEEN] = run_names(root)
    st.session_state[_IS_NEW] = True


def line(root: Path, *, reload: bool) -> None:
    """The line of the store in ``root``; with ``reload`` a new run is shown unasked.

    That is for a page that shows nothing yet: nobody can lose their place on it.
    """
    _line(str(root), reload)


@st.fragment(run_every=_EVERY_S)
def _line(root: str, reload: bool) -> None:
    if not login.still_admitted():  # it runs by itself, past the door of the page
        st.rerun(scope="app")
    folder = Path(root)
    found = under_way(folder)
    for one in found[:_MOST_SHOWN]:
        if one.is_running:
            _running(one)
        else:
            _stopped(folder, one)
    if len(found) > _MOST_SHOWN:
        st.markdown(f":small[:gray[and {len(found) - _MOST_SHOWN} more collectors]]")
    arrived = _arrived_since(folder)
    if arrived and reload:
        st.rerun(scope="app")
    elif arrived:
        _arrived(len(arrived))


def _arrived_since(folder: Path) -> frozenset[str]:
    """The runs that the page does not know; as it is drawn it has just looked itself."""
    if st.session_state.pop(_IS_NEW, False):
        return frozenset()
    seen: frozenset[str] = st.session_state.get(_SEEN, frozenset())
    return run_names(folder) - seen


def _running(one: UnderWay) -> None:
    words = text.md(live.running_words(one))
    st.markdown(f":small[:material/pace: **The collector is at work:** {words}]")


def _stopped(root: Path, one: UnderWay) -> None:
    words = text.md(live.stopped_words(one))
    command = ""
    if one.can_resume:
        told = live.resume_command(root, one.doing.run_id)
        command = text.md(told) if "`" in told else text.coded(f" `{told}`")
    st.markdown(f":small[:material/pause_circle: **The collector stopped:** {words}{command}]")


def _arrived(number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/move_to_inbox: **{live.arrived_words(number)}**", width="content")
        if st.button("Show it" if number == 1 else "Show them", key="live-show"):
            st.rerun(scope="app")
