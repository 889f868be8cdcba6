"""What all charts share: the frame of a figure, its size, its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

if TYPE_CHECKING:

    class BaseFigure:
        """Plotly has no types to inherit from."""

else:
    from plotly.basedatatypes import BaseFigure

FONT_SIZE = 15
ROW_PX = 34
_MARGIN_PX = 84
_MOST_TICKS = 10
_SMALL = {"size": FONT_SIZE - 1}
_CLEAR = "rgba(0,0,0,0)"
_AXIS = {"automargin": True, "fixedrange": True, "tickfont": _SMALL}
_X_AXIS = {"title": {"standoff": 10, "font": _SMALL}, **_AXIS}
_Y_AXIS = {"title": {"font": _SMALL}, "zeroline": False, **_AXIS}


class Told(BaseFigure):
    """A finished figure as the plain dict that is sent: shown often, never changed.

    Of a ``go.Figure`` Plotly copies and looks through every value each time that it is shown;
    here that was done once. It can be shown and put into JSON, and nothing else.
    """

    def __init__(self, told: Mapping[str, Any]) -> None:
        # Not Plotly's, which would look through it all again.
        self._told = told

    def to_dict(self) -> dict[str, Any]:
        """Its traces and its layout; what is put into or taken out of them is not kept."""
        return {**self._told, "data": [{**trace} for trace in self._told["data"]],
                "layout": {**self._told["layout"]}}  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """A figure and the text that says what it shows."""

    figure: go.Figure
    alt: str

    def inked(self, ink: str | None) -> Chart:
        """The same to be shown, its words in this colour; None leaves them to the theme."""
        told = self.figure.to_dict()
        if ink is not None:
            layout = told["layout"]
            words = {"tickfont": {"color": ink}, "title": {"font": {"color": ink}}}
            for name in _axes_of(layout):
                _under(layout[name], words)
            _under(layout, {"font": {"color": ink}, "legend": {"font": {"color": ink}}})
        return Chart(Told(told), self.alt)


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


def composed(
    traces: Sequence[Any],
    height: int,
    *,
    x_axis: Mapping[str, Any],
    y_axis: Mapping[str, Any],
    **layout: object,
) -> go.Figure:
    """A figure of these traces with the common look, its axes and its layout told at once.

    As ``framed`` and one update after the other, in a fifth of the time: with each, Plotly
    goes through all that a figure already has. An axis's title takes the place of the common
    one, a margin or a legend says what of the common one is different.
    """
    told = _look(height)
    told |= {"xaxis": {**_X_AXIS, **x_axis}, "yaxis": {**_Y_AXIS, **y_axis}}
    _under(told, layout)
    return go.Figure(data=list(traces), layout=told)


def paneled(
    traces: Sequence[Any], height: int, axes: Mapping[str, Mapping[str, Any]], **layout: object
) -> go.Figure:
    """As ``composed`` for many panels: all their axes by Plotly's names, ``xaxis``, ``yaxis2``."""
    told = _look(height)
    for name, own in axes.items():
        told[name] = deepcopy(_X_AXIS if name.startswith("x") else _Y_AXIS)
        _under(told[name], own)
    _under(told, layout)
    return go.Figure(data=list(traces), layout=told)


def spans(number: int, gap: float) -> list[tuple[float, float]]:
    """Equal parts of 0 to 1 with a gap between each two, in order."""
    part = (1.0 - gap * (number - 1)) / number
    return [(at * (part + gap), at * (part + gap) + part) for at in range(number)]


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
            "font": {**_SMALL},
        },
    }


def rows_height(rows: int, row_px: int = ROW_PX) -> int:
    """The height of a chart with one row of bars per line of its category axis."""
    return _MARGIN_PX + max(rows, 1) * row_px


def name_rows(figure: go.Figure, names: list[str]) -> None:
    """Put names at 0, 1, 2 ... of the y axis, the first on top; equal names stay apart."""
    figure.update_yaxes(row_names(names))


def row_names(names: list[str]) -> dict[str, Any]:
    """The y axis of ``name_rows``."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [len(names) - 0.5, -0.5],
        "showgrid": False,
    }


def whole_ticks(highest: float) -> dict[str, Any]:
    """The ticks of an axis that counts up to here: whole, where Plotly would halve few of them."""
    steps = (lead * 10**power for power in count() for lead in (1, 2, 5))
    step = next(step for step in steps if highest <= _MOST_TICKS * step)
    return {"tick0": 0, "dtick": step, "tickformat": ",d"}


def beside(x: float, row: int, words: str, shift_px: int) -> dict[str, Any]:
    """Words right of where a row's bar ends, as an annotation of the layout."""
    return {"x": x, "y": row, "text": words, "showarrow": False, "xanchor": "left",
            "xshift": shift_px}  # fmt: skip
