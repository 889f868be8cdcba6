"""Charts and tables whose rows can be picked: by a click, in tables from the keyboard too.

Picking moves the page to another state of its address; what was picked is told by the page
itself, so that the mark on the row is taken off again at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from dashboard.charts import Chart
from dashboard.views import columns, parts, take_away
from results import format as fmt

Picked = Callable[[str], None]


def chart(draw: Callable[[], Chart], key: str, caption: str, picked: Picked) -> None:
    """As ``parts.chart``; a click on a row of ``charts.clicked`` reports its text.

    The figure has to show what is picked: a selection is cleared by another figure alone.
    """
    shown = parts.drawn(draw, key)
    st.plotly_chart(
        shown.figure,
        key=key,
        alt=shown.alt,
        config=take_away.chart_options(key),
        on_select=partial(_clicked, key, picked),
        selection_mode="points",
    )
    with st.container(horizontal=True, vertical_alignment="top"):
        parts.note(caption, wide=True)
        take_away.chart(key)


def table(rows: pa.Table, key: str, alt: str, reported: Sequence[str], picked: Picked) -> None:
    """As ``parts.table``; a row that is ticked, or clicked into, reports its text."""
    st.dataframe(
        rows,
        key=key,
        height=parts.ROW_PX * (min(rows.num_rows, parts.MOST_ROWS) + 1) + 3,
        hide_index=True,
        column_config=columns.of(rows.column_names, {}),
        placeholder=fmt.DASH,
        alt=alt,
        on_select=partial(_ticked, key, tuple(reported), picked),
        selection_mode=("single-row", "single-cell"),
    )
    take_away.table(rows, key)


def _clicked(key: str, picked: Picked) -> None:
    for point in _selection(key).get("points", ()):
        text = _reported(point.get("customdata"))
        if text:
            picked(text)
            return


def _reported(data: object) -> str:
    """The text that a clicked row carries; Plotly hands it on as a list or by its place."""
    if isinstance(data, Mapping):
        data = list(data.values())
    return str(data[0]) if isinstance(data, list | tuple) and data else ""


def _ticked(key: str, reported: Sequence[str], picked: Picked) -> None:
    found = _selection(key)
    places = [*found.get("rows", ()), *(cell[0] for cell in found.get("cells", ()))]
    st.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": []}}
    if places and 0 <= places[0] < len(reported):
        picked(reported[places[0]])


def _selection(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    selection: Mapping[str, Any] = state["selection"] if state else {}
    return selection
