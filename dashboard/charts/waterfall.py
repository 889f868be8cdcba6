"""From the baseline's time to the candidate's: one bar for each part of the difference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, framed, name_rows, rows_height
from results import format as fmt
from results.comparison import Attribution, Comparison
from results.headline import layer_time_name

_ROOM = 1.18
"""Labels stand right of the bars: the axis goes on for this factor."""


@dataclass(frozen=True)
class _Bar:
    """A bar from ``start`` for ``length`` µs, with what is written beside it."""

    name: str
    start: float
    length: float
    label: str
    colour: str
    pattern: str = ""


def waterfall(comparison: Comparison, attribution: Attribution) -> Chart:
    """The bars close at the candidate's time on the wall clock; all in µs, as the axis says."""
    bars = _bars(comparison, attribution)
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=list(range(len(bars))),
            base=[bar.start for bar in bars],
            x=[bar.length for bar in bars],
            marker={
                "color": [bar.colour for bar in bars],
                "pattern": {"shape": [bar.pattern for bar in bars], "fgcolor": "white", "size": 6},
            },
            hovertext=[f"{bar.name}: {bar.label}" for bar in bars],
            hoverinfo="text",
            showlegend=False,
        )
    )
    _write_labels(figure, bars)
    framed(figure, rows_height(len(bars), 40))
    name_rows(figure, [bar.name for bar in bars])
    figure.update_layout(bargap=0.3)
    highest = max(bar.start + max(bar.length, 0.0) for bar in bars)
    title = f"{layer_time_name((comparison.baseline, comparison.candidate))} (µs)"
    figure.update_xaxes(title=title, range=[0, highest * _ROOM], tickformat=",")
    return Chart(figure, _alt(bars))


def _bars(comparison: Comparison, attribution: Attribution) -> list[_Bar]:
    estimate = comparison.estimate
    start_us, end_us = estimate.baseline_ms * 1000.0, estimate.candidate_ms * 1000.0
    steps = [(theme.CLASS_WORDS[kind], delta_us, "") for kind, delta_us in attribution.parts]
    steps.append(("unattributed", attribution.unattributed_us, "/"))
    starts = accumulate((delta_us for _, delta_us, _ in steps), initial=start_us)
    moves = [
        _Bar(name, start, delta_us, fmt.delta_us(delta_us), _colour(name, delta_us), pattern)
        for (name, delta_us, pattern), start in zip(steps, starts, strict=False)
    ]
    ends = [
        _Bar(f"<b>{text.chart(arm)}</b>", 0.0, us, fmt.us(us), theme.GREY)
        for arm, us in ((comparison.baseline.arm, start_us), (comparison.candidate.arm, end_us))
    ]
    return [ends[0], *moves, ends[1]]


def _colour(name: str, delta_us: float) -> str:
    return theme.GREY if name == "unattributed" else theme.delta_colour(delta_us)


def _write_labels(figure: go.Figure, bars: list[_Bar]) -> None:
    """The label of each bar stands right of it, whichever way the bar goes."""
    for row, bar in enumerate(bars):
        figure.add_annotation(
            x=max(bar.start, bar.start + bar.length),
            y=row,
            text=bar.label,
            showarrow=False,
            xanchor="left",
            xshift=6,
        )


def _alt(bars: list[_Bar]) -> str:
    names = [bar.name.removeprefix("<b>").removesuffix("</b>") for bar in bars]
    steps = "; ".join(
        f"{name} {bar.label}" for name, bar in zip(names[1:-1], bars[1:-1], strict=True)
    )
    return (
        f"Waterfall from {names[0]} at {bars[0].label} to {names[-1]} at {bars[-1].label}: {steps}."
    )
