"""Rows of a chart that can be clicked anywhere, however short their bar is.

What a click means is up to the page: a row carries the text that it reports.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

MARK = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE} "
"""Stands before the name of a row that was picked."""
_CLEAR = "rgba(0,0,0,0)"


def click_rows(
    figure: go.Figure, reported: Sequence[str], hovers: Sequence[str], highest: float
) -> None:
    """Lay an invisible bar over each row, from 0 to ``highest``; an empty text reports nothing.

    The rows are those of ``charts.base.name_rows``; ``hovers`` are shown as text.
    """
    figure.add_trace(row_clicks(reported, hovers, highest))


def row_clicks(reported: Sequence[str], hovers: Sequence[str], highest: float) -> go.Bar:
    """The bars of ``click_rows``."""
    return go.Bar(
        orientation="h",
        y=list(range(len(reported))),
        base=0,
        x=[highest] * len(reported),
        width=1.0,
        offset=-0.5,
        marker={"color": _CLEAR, "line": {"width": 0}},
        customdata=[[text] for text in reported],
        hovertext=list(hovers),
        hoverinfo="text",
        hoverlabel={"align": "left"},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )
