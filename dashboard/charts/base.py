"""What all charts share: the frame of a figure, its size, its axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

FONT_SIZE = 15
ROW_PX = 34
_MARGIN_PX = 84
_SMALL = {"size": FONT_SIZE - 1}
_CLEAR = "rgba(0,0,0,0)"
_AXIS = {"automargin": True, "fixedrange": True, "tickfont": _SMALL}
_X_AXIS = {"title": {"standoff": 10, "font": _SMALL}, **_AXIS}
_Y_AXIS = {"title": {"font": _SMALL}, "zeroline": False, **_AXIS}


@dataclass(frozen=True)
class Chart:
    """A figure and the text that says what it shows."""

    figure: go.Figure
    alt: str

    def inked(self, ink: str | None) -> Chart:
        """The same with its words in this colour; None leaves them to Streamlit's theme."""
        if ink is None:
            return self
        told = self.figure.to_dict()
        layout = told["layout"]
        words = {"tickfont": {"color": ink}, "title": {"font": {"color": ink}}}
        for name in _axes_of(layout):
            _under(layout[name], words)
        _under(layout, {"font": {"color": ink}, "legend": {"font": {"color": ink}}})
        return Chart(go.Figure(told), self.alt)


def _axes_of(layout: Mapping[str, Any], kinds: tuple[str, ...] = ("xaxis", "yaxis")) -> list[str]:
    return [name for name in layout if name.startswith(kinds)]


def _under(told: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Put more into a part of a figure; on the plain dicts Plotly takes a tenth of the time."""
    for name, value in more.items():
        if isinstance(value, Mapping):
            _under(told.setdefault(name, {}), value)
        else:
            told[name] = value


def framed(figure: go.Figure, height: int) -> go.Figure:
    """The figure with the common look; hovering and dragging never change its range."""
    figure.update_layout(**_look(height))
    figure.update_xaxes(**_X_AXIS)
    figure.update_yaxes(**_Y_AXIS)
    return figure


def many_framed(figure: go.Figure, height: int, layout: Mapping[str, Any]) -> go.Figure:
    """Another figure with the common look and this layout: for one of many panels.

    As ``framed``, in a tenth of its time.
    """
    told = figure.to_dict()
    for kind, axis in (("xaxis", _X_AXIS), ("yaxis", _Y_AXIS)):
        for name in _axes_of(told["layout"], (kind,)):
            _under(told["layout"][name], axis)
    _under(told["layout"], _look(height))
    _under(told["layout"], layout)
    return go.Figure(told)


def _look(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 30, "b": 48},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"size": FONT_SIZE},
        "dragmode": False,
        "hoverlabel": {"font": {"size": FONT_SIZE}},
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.0,
            "x": 0,
            "xanchor": "left",
            "font": _SMALL,
        },
    }


def rows_height(rows: int, row_px: int = ROW_PX) -> int:
    """The height of a chart with one row of bars per line of its category axis."""
    return _MARGIN_PX + max(rows, 1) * row_px


def name_rows(figure: go.Figure, names: list[str]) -> None:
    """Put names at 0, 1, 2 ... of the y axis, the first on top; equal names stay apart."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
    )
