"""Networks side by side: where their time goes by operation, and in which precision it ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import FONT_SIZE, Chart, paneled, row_names, spans
from results import format as fmt
from results.operator_times import OperatorShares, OperatorTime, by_precision

_BAR_PX = 19
_GAP_PX = 14
_FRAME_PX = 130
_ROOM = 1.3
_NO_ROOM = 0.85
"""Share of the axis above which a bar leaves no room for its figure."""
_PRECISION_PX = 40
_HEAD_PX = 76
_PANEL_GAP = 0.03
_SHARE = {"text": "Share of the layers' time (%)", "font": None, "standoff": None}
"""The title of an axis, as large and as near as Plotly has it."""


@dataclass(frozen=True)
class ArmColumn:
    """An arm of a network: which column of the shares is its own."""

    network: str
    arm: str


def operator_shares(rows: Sequence[OperatorShares], columns: Sequence[ArmColumn]) -> Chart:
    """A panel for each network, a row for each operation, a bar for each arm in its colour.

    Both panels have the same rows and the same axis; shares are of all layers' time of the arm.
    """
    networks = list(dict.fromkeys(column.network for column in columns))
    arms = list(dict.fromkeys(column.arm for column in columns))
    first = {column.arm for column in columns if column.network == networks[0]}
    highest = max((100.0 * share for row in rows for share in row.shares), default=1.0)
    end = min(highest * _ROOM, 100.0)
    places = spans(len(networks), _PANEL_GAP)
    bars = [
        _bars(
            column.arm,
            [100.0 * row.shares[at] for row in rows],
            end,
            panel=networks.index(column.network),
            in_legend=column.network == networks[0] or column.arm not in first,
        )
        for at, column in enumerate(columns)
    ]
    figure = paneled(
        bars,
        _FRAME_PX + len(rows) * (len(arms) * _BAR_PX + _GAP_PX),
        _panel_axes(places, [text.chart(row.operator) for row in rows], end),
        annotations=[_over(name, place) for name, place in zip(networks, places, strict=True)],
        bargap=0.22, bargroupgap=0.06, showlegend=True, margin={"t": _HEAD_PX},
        legend={"y": 1.0, "yanchor": "top", "yref": "container"},
    )  # fmt: skip
    return Chart(figure, _shares_alt(rows, columns))


def _panel_axes(
    places: Sequence[tuple[float, float]], names: list[str], end: float
) -> dict[str, dict[str, Any]]:
    """Axes of panels side by side: the same in all, the rows' names left of the first alone."""
    found: dict[str, dict[str, Any]] = {}
    for at, place in enumerate(places):
        found[f"xaxis{_number(at)}"] = {
            "anchor": f"y{_number(at)}", "domain": place, "range": [0, end],
            "title": _SHARE,
        }  # fmt: skip
        beside = {"matches": "y", "showticklabels": False} if at else {}
        found[f"yaxis{_number(at)}"] = {
            "anchor": f"x{_number(at)}", "domain": (0.0, 1.0), **row_names(names), **beside,
        }  # fmt: skip
    return found


def _number(panel: int) -> str:
    """What Plotly puts behind the name of a panel's axes."""
    return str(panel + 1) if panel else ""


def _over(network: str, place: tuple[float, float]) -> dict[str, Any]:
    """The name of a network above the middle of its panel."""
    return {"text": text.title(network), "showarrow": False, "font": {"size": FONT_SIZE},
            "x": sum(place) / 2, "y": 1.0, "xref": "paper", "yref": "paper",
            "xanchor": "center", "yanchor": "bottom"}  # fmt: skip


def _bars(arm: str, shares: Sequence[float], end: float, *, panel: int, in_legend: bool) -> go.Bar:
    """``end`` is where the axis ends: a figure that has no room before it stands in its bar.

    An arm stands in the legend once: by its bars in the first panel that has any.
    """
    told = [fmt.percent(share / 100.0) if share else "" for share in shares]
    return go.Bar(
        name=text.chart(arm),
        legendgroup=arm,
        showlegend=in_legend,
        xaxis=f"x{_number(panel)}",
        yaxis=f"y{_number(panel)}",
        orientation="h",
        y=list(range(len(shares))),
        x=list(shares),
        offsetgroup=arm,
        marker={"color": theme.arm_colour(arm)},
        text=told,
        textposition=["inside" if share > _NO_ROOM * end else "outside" for share in shares],
        insidetextanchor="end",
        constraintext="none",
        textangle=0,
        textfont={"size": FONT_SIZE - 3},
        insidetextfont={"color": theme.ink_on(theme.arm_colour(arm))},
        cliponaxis=False,
        hovertext=[text.chart(f"{arm}: {one or fmt.percent(0.0)}") for one in told],
        hoverinfo="text",
    )


def _shares_alt(rows: Sequence[OperatorShares], columns: Sequence[ArmColumn]) -> str:
    told = "; ".join(
        f"{column.network}, {column.arm}: "
        + ", ".join(
            f"{row.operator} {fmt.percent(row.shares[at])}" for row in rows if row.shares[at]
        )
        for at, column in enumerate(columns)
    )
    return f"Share of the layers' time by operation: {told}."


def network_precisions(
    columns: Sequence[ArmColumn], times: Sequence[Sequence[OperatorTime]]
) -> Chart:
    """A bar for each arm of each network, cut by the precision that its layers ran in."""
    found = [by_precision(one) for one in times]
    names = dict.fromkeys(share.precision for own in found for share in own if share.share > 0)
    rows = [text.chart(f"{text.short(column.network, 30)}, {column.arm}") for column in columns]
    figure = paneled(
        [_precision_bars(precision, found) for precision in names],
        _FRAME_PX + len(columns) * _PRECISION_PX,
        {"xaxis": {"title": _SHARE, "range": [0, 100]}, "yaxis": row_names(rows)},
        barmode="stack",
        bargap=0.25,
        showlegend=True,
        legend={"traceorder": "normal"},
    )
    told = "; ".join(
        f"{column.network}, {column.arm}: "
        + ", ".join(f"{one.precision} {fmt.percent(one.share)}" for one in own)
        for column, own in zip(columns, found, strict=True)
    )
    return Chart(figure, f"Share of the layers' time by precision: {told}.")


def _precision_bars(precision: str, found: Sequence[Sequence[OperatorTime]]) -> go.Bar:
    """A precision's part of every arm's bar; ``found`` has the parts of each arm."""
    shares = [next((one.share for one in own if one.precision == precision), 0.0) for own in found]
    return go.Bar(
        name=text.chart(precision),
        orientation="h",
        y=list(range(len(shares))),
        x=[100.0 * share for share in shares],
        marker={"color": theme.precision_colour(precision), "line": {"width": 1}},
        text=[_inside(precision, share) for share in shares],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": _ink(precision), "size": FONT_SIZE - 2},
        hovertext=[text.chart(f"{precision}: {fmt.percent(share)}") for share in shares],
        hoverinfo="text",
    )


_NARROWEST = 0.12


def _ink(precision: str) -> str:
    return theme.ink_on(theme.precision_colour(precision))


def _inside(precision: str, share: float) -> str:
    return text.chart(f"{precision} {fmt.percent(share)}") if share >= _NARROWEST else ""
