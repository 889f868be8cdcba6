"""What each layer gains in time against what it costs in accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, framed
from results import format as fmt
from results.comparison import Group

_HEIGHT_PX = 460
_WORST = 3
_LABEL = 28
_MARK_PX = 12
_ROOM = 0.14
_PLOT_PX = 340
_LINE_PX = 26
_ASIDE_PX = 30


def gain_and_cost(groups: Sequence[Group], time_name: str) -> Chart:
    """A mark for each group with a known SQNR: µs saved across, dB up.

    ``time_name`` is as in ``paired_layers``. Right is time saved, down is worse accuracy; a
    circle is faster, a triangle slower. The groups with the lowest SQNR are named.
    """
    known = [group for group in groups if group.sqnr_db is not None]
    worst = sorted(known, key=_sqnr_db)[:_WORST]
    figure = go.Figure()
    for name, symbol, colour, own in (
        ("faster in the candidate", "circle", theme.BLUE, [g for g in known if g.delta_us <= 0]),
        ("slower in the candidate", "triangle-down", theme.ORANGE,
         [g for g in known if g.delta_us > 0]),
    ):  # fmt: skip
        if own:
            figure.add_trace(_marks(name, symbol, colour, own))
    _name(figure, worst, known)
    figure.add_vline(x=0, line={"color": theme.GREY, "width": 1, "dash": "dash"}, layer="below")
    framed(figure, _HEIGHT_PX)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(
        title=f"{time_name} saved (µs)", tickformat=",", zeroline=False,
        range=_saved_range(known),
    )  # fmt: skip
    figure.update_yaxes(title="SQNR (dB)", range=_range([_sqnr_db(group) for group in known]))
    return Chart(figure, _alt(known, worst))


def _name(figure: go.Figure, worst: Sequence[Group], known: Sequence[Group]) -> None:
    """Names beside the marks, towards the middle, each in a line of its own.

    They are stacked upwards from the lowest mark, so that none lies on another wherever
    the marks are; a line leads to each mark.
    """
    left, right = _saved_range(known)
    bottom, top = _range([_sqnr_db(group) for group in known])
    last_px = -math.inf
    for group in worst:
        at_px = (_sqnr_db(group) - bottom) / (top - bottom) * _PLOT_PX
        last_px = max(at_px, last_px + _LINE_PX)
        is_right = -group.delta_us > (left + right) / 2.0
        figure.add_annotation(
            x=-group.delta_us, y=_sqnr_db(group), text=text.chart(text.short(group.label, _LABEL)),
            showarrow=True, arrowhead=0, arrowwidth=1, arrowcolor=theme.GREY, standoff=_MARK_PX / 2,
            ax=-_ASIDE_PX if is_right else _ASIDE_PX, ay=at_px - last_px,
            xanchor="right" if is_right else "left",
        )  # fmt: skip


def _saved_range(known: Sequence[Group]) -> list[float]:
    return _range([-group.delta_us for group in known] + [0.0])


def _sqnr_db(group: Group) -> float:
    return group.sqnr_db if group.sqnr_db is not None else 0.0


def _marks(name: str, symbol: str, colour: str, own: Sequence[Group]) -> go.Scatter:
    return go.Scatter(
        name=f"{name}: {len(own)}",
        x=[-group.delta_us for group in own],
        y=[_sqnr_db(group) for group in own],
        mode="markers",
        marker={"symbol": symbol, "size": _MARK_PX, "color": colour},
        hovertext=[_hover(group) for group in own],
        hoverinfo="text",
    )


def _hover(group: Group) -> str:
    return text.chart(
        f"{group.label} ({group.op_type}): {fmt.delta_us(group.delta_us)}, {fmt.db(group.sqnr_db)}"
    )


def _range(values: Sequence[float]) -> list[float]:
    """Room around the marks, for the names that stand beside them."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = _ROOM * ((high - low) or abs(high) or 1.0)
    return [low - room, high + room]


def _alt(known: Sequence[Group], worst: Sequence[Group]) -> str:
    named = "; ".join(
        f"{group.label} {fmt.db(group.sqnr_db)}, {fmt.delta_us(group.delta_us)}" for group in worst
    )
    return f"Time saved against SQNR of {len(known)} layers; the lowest SQNR have: {named}."
