"""What each layer gains in time against what it costs in accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts import calls
from dashboard.charts.base import Chart, framed
from results import format as fmt
from results.comparison import Group
from results.layer_calls import Call, call_of

_HEIGHT_PX = 460
_WORST = 3
_LABEL = 28
_MARK_PX = 12
_ROOM = 0.14
_PLOT_PX = 340
_LINE_PX = 26
_ASIDE = 0.06
"""How far right of the last mark the names begin, as a share of what the marks span."""
_NAMES = 0.45
"""What the names need beside the marks, as a share of those."""


def gain_and_cost(groups: Sequence[Group], time_name: str) -> Chart:
    """A mark for each group with a known SQNR: µs saved across, dB up.

    ``time_name`` is as in ``paired_layers``. Right is time saved, down is worse accuracy; how a
    mark looks is what its layer is called. The groups with the lowest SQNR are named.
    """
    known = [group for group in groups if group.sqnr_db is not None]
    worst = sorted(known, key=_sqnr_db)[:_WORST]
    figure = go.Figure()
    for call, look in calls.LOOKS.items():
        own = [group for group in known if call_of(group) is call]
        if own:
            figure.add_trace(_marks(call, look, own))
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
    """Names right of all marks, so that none lies on one, each in a line of its own.

    They are stacked upwards from the lowest mark; a line leads to each mark.
    """
    bottom, top = _range([_sqnr_db(group) for group in known])
    line_db = (top - bottom) * _LINE_PX / _PLOT_PX
    at_db = -math.inf
    for group in worst:
        at_db = max(_sqnr_db(group), at_db + line_db)
        figure.add_annotation(
            x=-group.delta_us, y=_sqnr_db(group), text=text.chart(text.short(group.label, _LABEL)),
            showarrow=True, arrowhead=0, arrowwidth=1, arrowcolor=theme.GREY, standoff=_MARK_PX / 2,
            axref="x", ayref="y", ax=_names_us(known), ay=at_db, xanchor="left",
        )  # fmt: skip


def _saved_us(known: Sequence[Group]) -> list[float]:
    return [-group.delta_us for group in known] + [0.0]


def _names_us(known: Sequence[Group]) -> float:
    """Where the names begin: right of the marks."""
    low, high = min(_saved_us(known)), max(_saved_us(known))
    return high + _ASIDE * ((high - low) or 1.0)


def _saved_range(known: Sequence[Group]) -> list[float]:
    """With room for the names on the right."""
    low, high = _range(_saved_us(known))
    return [low, high + _NAMES * (high - low)]


def _sqnr_db(group: Group) -> float:
    return group.sqnr_db if group.sqnr_db is not None else 0.0


def _marks(call: Call, look: calls.CallLook, own: Sequence[Group]) -> go.Scatter:
    return go.Scatter(
        name=f"{call}: {len(own)}",
        x=[-group.delta_us for group in own],
        y=[_sqnr_db(group) for group in own],
        mode="markers",
        marker={
            "symbol": look.symbol,
            "size": _MARK_PX,
            "color": look.colour,
            "line": {"width": 2, "color": look.colour},
        },
        hovertext=[_hover(group) for group in own],
        hoverinfo="text",
    )


def _hover(group: Group) -> str:
    return text.chart(
        f"{group.label} ({group.op_type}): {fmt.delta_us(group.delta_us)}, "
        f"{call_of(group)}, {fmt.db(group.sqnr_db)}"
    )


def _range(values: Sequence[float]) -> list[float]:
    """With room around the marks."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = _ROOM * ((high - low) or abs(high) or 1.0)
    return [low - room, high + room]


def _alt(known: Sequence[Group], worst: Sequence[Group]) -> str:
    named = "; ".join(
        f"{group.label} {fmt.db(group.sqnr_db)}, {fmt.delta_us(group.delta_us)}" for group in worst
    )
    return f"Time saved against SQNR of {len(known)} layers; the lowest SQNR have: {named}."
