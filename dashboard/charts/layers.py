"""The layers of one cell: kernels, and shares of the time by precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa

from dashboard import text, theme
from dashboard.charts.base import Chart, composed, row_names, rows_height
from results import format as fmt
from results.comparison import PrecisionShare


def kernels(rollup: pa.Table, most: int = 12) -> Chart:
    """A bar for each kernel and precision, longest first, in the precision's colour."""
    rows = rollup.slice(0, most).to_pylist()
    highest = max((row["time_us"] or 0.0 for row in rows), default=0.0)
    figure = composed(
        [_kernel_bars(precision, rows)
         for precision in dict.fromkeys(row["runtime_precision"] for row in rows)],
        rows_height(len(rows)),
        x_axis={
            "title": {"text": "Time per inference (µs)"}, "range": [0, highest * 1.3 or 1],
            "tickformat": ",",
        },
        y_axis=row_names([text.chart(row["primitive"]) for row in rows]),
        barmode="overlay", bargap=0.25, showlegend=True,
    )  # fmt: skip
    alt = "; ".join(f"{row['primitive']} {fmt.us(row['time_us'])}" for row in rows)
    return Chart(figure, f"Time by kernel: {alt}.")


def _kernel_bars(precision: str, rows: Sequence[dict[str, Any]]) -> go.Bar:
    """The bars of one precision, each in the place of its row."""
    own = [(i, row) for i, row in enumerate(rows) if row["runtime_precision"] == precision]
    return go.Bar(
        name=text.chart(precision),
        orientation="h",
        width=0.75,
        y=[i for i, _ in own],
        x=[row["time_us"] for _, row in own],
        marker={"color": theme.precision_colour(precision)},
        text=[f"{fmt.us(row['time_us'])}, {fmt.percent(row['time_share'])}" for _, row in own],
        textposition="outside",
        cliponaxis=False,
        hovertext=[_kernel_hover(row) for _, row in own],
        hoverinfo="text",
    )


def _kernel_hover(row: dict[str, object]) -> str:
    types = row["node_types"]
    shown = ", ".join(types) if isinstance(types, list) else ""
    return text.chart(f"{row['primitive']}: {row['layers']:.0f} layers ({shown})")


def precisions(shares: Sequence[PrecisionShare]) -> Chart:
    """One bar of all executed time, cut by the precision it ran in."""
    figure = composed(
        [
            go.Bar(
                name=f"{text.chart(share.precision)}: {fmt.percent(share.share)}",
                orientation="h",
                y=[""],
                x=[100.0 * share.share],
                marker={"color": theme.precision_colour(share.precision)},
                hovertext=f"{share.precision}: {fmt.us(share.time_us)}",
                hoverinfo="text",
            )
            for share in shares
        ],
        150,
        x_axis={"title": {"text": "Share of executed time (%)"}, "range": [0, 100]},
        y_axis={},
        barmode="stack",
        bargap=0.1,
        showlegend=True,
        legend={"traceorder": "normal"},
    )
    alt = ", ".join(f"{share.precision} {fmt.percent(share.share)}" for share in shares)
    return Chart(figure, f"Share of executed time by precision: {alt}.")
