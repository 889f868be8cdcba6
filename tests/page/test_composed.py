"""A chart that is told at once looks like one that was changed step by step."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts.base import beside, composed, framed, name_rows, row_names

NAMES = ["first", "second"]


def bars() -> go.Bar:
    return go.Bar(orientation="h", y=[0, 1], x=[3.0, 4.0])


def test_it_is_the_figure_that_single_steps_make() -> None:
    slow = go.Figure(bars())
    slow.add_annotation(x=4.0, y=1, text="4 µs", showarrow=False, xanchor="left", xshift=6)
    slow.add_vline(x=1.0, line={"width": 1})
    framed(slow, 200)
    name_rows(slow, NAMES)
    slow.update_layout(barmode="overlay")
    slow.update_xaxes(title="Time (µs)", range=[0, 5])
    line = {"type": "line", "xref": "x", "x0": 1.0, "x1": 1.0, "yref": "y domain", "y0": 0,
            "y1": 1, "line": {"width": 1}}  # fmt: skip
    fast = composed(
        [bars()],
        200,
        x_axis={"title": {"text": "Time (µs)"}, "range": [0, 5]},
        y_axis=row_names(NAMES),
        annotations=[beside(4.0, 1, "4 µs", 6)],
        shapes=[line],
        barmode="overlay",
    )
    assert fast.to_plotly_json() == slow.to_plotly_json()


def test_one_chart_leaves_nothing_to_the_next() -> None:
    composed([bars()], 200, x_axis={"title": {"text": "Time"}}, y_axis={}, bargap=0.3)
    plain = composed([bars()], 200, x_axis={}, y_axis={})
    assert plain.layout.xaxis.title.text is None
    assert plain.layout.bargap is None
