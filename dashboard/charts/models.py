"""Networks side by side: where their time goes by operation, and in which precision it ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import text, theme
from dashboard.charts.base import FONT_SIZE, Chart, framed, name_rows
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
    figure = make_subplots(
        rows=1, cols=len(networks), shared_yaxes=True, horizontal_spacing=0.03,
        subplot_titles=[text.title(network) for network in networks],
    )  # fmt: skip
    highest = max((100.0 * share for row in rows for share in row.shares), default=1.0)
    end = min(highest * _ROOM, 100.0)
    for at, column in enumerate(columns):
        shares = [100.0 * row.shares[at] for row in rows]
        figure.add_trace(
            _bars(column.arm, shares, end, is_first=column.network == networks[0]),
            row=1,
            col=networks.index(column.network) + 1,
        )
    _absent_in_legend(figure, columns, networks[0])
    framed(figure, _FRAME_PX + len(rows) * (len(arms) * _BAR_PX + _GAP_PX))
    name_rows(figure, [text.chart(row.operator) for row in rows])
    figure.update_yaxes(showticklabels=False, col=2)
    figure.update_xaxes(title="Share of the layers' time (%)", range=[0, end])
    figure.update_layout(bargap=0.22, bargroupgap=0.06, showlegend=True)
    figure.update_layout(
        margin_t=_HEAD_PX, legend={"y": 1.0, "yanchor": "top", "yref": "container"}
    )
    figure.update_annotations(font_size=FONT_SIZE)
    return Chart(figure, _shares_alt(rows, columns))


def _bars(arm: str, shares: Sequence[float], end: float, *, is_first: bool) -> go.Bar:
    """``end`` is where the axis ends: a figure that has no room before it stands in its bar."""
    told = [fmt.percent(share / 100.0) if share else "" for share in shares]
    return go.Bar(
        name=text.chart(arm),
        legendgroup=arm,
        showlegend=is_first,
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


def _absent_in_legend(figure: go.Figure, columns: Sequence[ArmColumn], first: str) -> None:
    """An arm that only the second network has stands in the legend by its own bars."""
    known = {column.arm for column in columns if column.network == first}
    for trace in figure.data:
        if trace.legendgroup not in known:
            trace.showlegend = True


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
    figure = go.Figure()
    for precision in names:
        shares = [
            next((one.share for one in own if one.precision == precision), 0.0) for own in found
        ]
        figure.add_trace(
            go.Bar(
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
        )
    framed(figure, _FRAME_PX + len(columns) * _PRECISION_PX)
    name_rows(figure, [text.chart(f"{text.short(x.network, 30)}, {x.arm}") for x in columns])
    figure.update_layout(barmode="stack", bargap=0.25, showlegend=True, legend_traceorder="normal")
    figure.update_xaxes(title="Share of the layers' time (%)", range=[0, 100])
    told = "; ".join(
        f"{column.network}, {column.arm}: "
        + ", ".join(f"{one.precision} {fmt.percent(one.share)}" for one in own)
        for column, own in zip(columns, found, strict=True)
    )
    return Chart(figure, f"Share of the layers' time by precision: {told}.")


_NARROWEST = 0.12


def _ink(precision: str) -> str:
    return theme.ink_on(theme.precision_colour(precision))


def _inside(precision: str, share: float) -> str:
    return text.chart(f"{precision} {fmt.percent(share)}") if share >= _NARROWEST else ""
