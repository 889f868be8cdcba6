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

HOW = "tick a row, or click its name, to open it; from the keyboard Shift and Space tick it"
"""How a row of ``table`` is picked, in words for below it."""
_NAMED = "named"


def chart(
    draw: Callable[[], Chart],
    key: str,
    caption: str,
    picked: Picked,
    answered: Callable[[], None] = lambda: None,
) -> None:
    """As ``parts.chart``; a click on a row of ``charts.clicked`` reports its text.

    The figure has to show what is picked: a selection is cleared by another figure alone.
    ``answered`` shows what a click did, right below the chart, where it is seen.
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
    answered()
    parts.under_chart(key, caption)


def table(
    rows: pa.Table,
    key: str,
    alt: str,
    reported: Sequence[str],
    picked: Picked,
    *,
    name: str = "Layer",
) -> None:
    """As ``parts.table``; a row that is ticked, or clicked on its ``name``, reports its text.

    A cell selects nothing: the browser selects each one that the keyboard only passes over.
    """
    texts, clicked = tuple(reported), f"{key}-{_NAMED}"
    opener = st.column_config.ButtonColumn(
        name, width=columns.width(name), type="tertiary", alignment="left", key=clicked,
        on_click=partial(_named, clicked, texts, picked),
    )  # fmt: skip
    st.dataframe(
        rows,
        key=key,
        height=parts.ROW_PX * (min(rows.num_rows, parts.MOST_ROWS) + 1) + 3,
        hide_index=True,
        column_config={**columns.of(rows.column_names, {}), name: opener},
        placeholder=fmt.DASH,
        alt=alt,
        on_select=partial(_ticked, key, texts, picked),
        selection_mode="single-row",
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
    places = list(found.get("rows", ()))
    st.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": []}}
    if places:
        _report(places[0], reported, picked)


def _named(key: str, reported: Sequence[str], picked: Picked) -> None:
    """The name of a row was clicked."""
    clicked = st.session_state.get(key)
    if clicked is not None:
        _report(clicked["row"], reported, picked)


def _report(place: int, reported: Sequence[str], picked: Picked) -> None:
    if 0 <= place < len(reported):
        picked(reported[place])


def _selection(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    selection: Mapping[str, Any] = state["selection"] if state else {}
    return selection
