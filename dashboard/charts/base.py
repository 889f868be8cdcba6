"""What all charts share: the frame of a figure, its size, its axes."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

FONT_SIZE = 15
ROW_PX = 34
_MARGIN_PX = 84
_SMALL = {"size": FONT_SIZE - 1}
_CLEAR = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Chart:
    """A figure and the text that says what it shows."""

    figure: go.Figure
    alt: str

    def inked(self, ink: str | None) -> go.Figure:
        """The figure with its words in this colour; None leaves them to Streamlit's theme."""
        if ink is None:
            return self.figure
        figure = go.Figure(self.figure).update_layout(font_color=ink, legend_font_color=ink)
        figure.update_xaxes(tickfont_color=ink, title_font_color=ink)
        return figure.update_yaxes(tickfont_color=ink, title_font_color=ink)


def framed(figure: go.Figure, height: int) -> go.Figure:
    """The figure with the common look; hovering and dragging never change its range."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 30, "b": 48},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        font={"size": FONT_SIZE},
        dragmode=False,
        hoverlabel={"font": {"size": FONT_SIZE}},
        legend={
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.0,
            "x": 0,
            "xanchor": "left",
            "title": None,
            "font": _SMALL,
        },
    )
    axis = {"automargin": True, "fixedrange": True, "tickfont": _SMALL}
    figure.update_xaxes(title={"standoff": 10, "font": _SMALL}, **axis)
    figure.update_yaxes(title={"font": _SMALL}, zeroline=False, **axis)
    return figure


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
