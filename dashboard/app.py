"""The frame of the dashboard: navigation on top, notes, and the page that was asked for.

Runs with ``streamlit run dashboard/app.py`` too, which puts only this folder on the
path; hence the line before the imports.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import streamlit as st
from streamlit.navigation.page import Page

from dashboard.link import FIRST
from dashboard.source import watched_root
from dashboard.views import live, login, opening, take_away
from results.collection import settled

_RUNS = "runs"
_ICON = Path(__file__).with_name("favicon.png")


def main() -> None:
    """One rerun of the page that the address names."""
    sys.path[:] = dict.fromkeys(sys.path)  # every rerun comes through the line above
    st.set_page_config(page_title="INT8 Lens", page_icon=_ICON, layout="wide")
    st.logo(str(_ICON), size="medium")
    page = st.navigation(
        [
            st.Page("views/overview.py", title="Overview", default=True),
            st.Page("views/compare.py", title="Compare", url_path="compare"),
            st.Page("views/devices.py", title="Devices", url_path="devices"),
            st.Page("views/versions.py", title="Versions", url_path="versions"),
            st.Page("views/models.py", title="Models", url_path="models"),
            st.Page("views/layers.py", title="Layers", url_path="layers"),
            st.Page("views/runs.py", title="Runs", url_path=_RUNS),
        ],
        position="top",
    )
    if login.admitted():
        _show(page)


def _show(page: Page) -> None:
    """What the collector does, then the page; a page that can show nothing waits for a run."""
    root = watched_root(os.environ)
    live.note_runs(root)
    above = st.container()
    is_ready = opening.prepare(page.url_path or FIRST, needs_cells=page.url_path != _RUNS)
    with above:
        live.line(root, reload=not is_ready)
    if is_ready:
        page.run()
        take_away.link()
        settled.settle()


main()
