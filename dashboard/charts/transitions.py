"""The matrix of precisions: what layers ran in on the one side, and in on the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import FONT_SIZE, Chart, composed
from results import format as fmt
from results.transitions import Transition

_ROW_PX = 64
_AROUND_PX = 120
_PALEST = 0.18
_ORDER = ("f64", "f32", "bf16", "f16", "i64", "i32", "u8", "i8")


def transitions(found: Sequence[Transition]) -> Chart:
    """A cell for each pair of precisions: how many layers, and what the change is worth in µs.

    Blue is time saved, orange time lost, the stronger the more of it.
    """
    before, after = _in_order(one.before for one in found), _in_order(one.after for one in found)
    most_us = max((abs(one.delta_us) for one in found), default=0.0) or 1.0
    places = [(after.index(one.after), before.index(one.before)) for one in found]
    figure = composed(
        [_words_at(*place, one) for place, one in zip(places, found, strict=True)],
        _AROUND_PX + _ROW_PX * len(before),
        x_axis={
            "title": {"text": "Candidate ran in"}, "tickvals": list(range(len(after))),
            "ticktext": [text.chart(name) for name in after], "range": [-0.5, len(after) - 0.5],
            "showgrid": False, "zeroline": False,
        },
        y_axis={
            "title": {"text": "Baseline ran in"}, "tickvals": list(range(len(before))),
            "ticktext": [text.chart(name) for name in before], "range": [len(before) - 0.5, -0.5],
            "showgrid": False,
        },
        shapes=[
            _cell(*place, one, abs(one.delta_us) / most_us)
            for place, one in zip(places, found, strict=True)
        ],
    )  # fmt: skip
    return Chart(figure, _alt(found))


def _in_order(precisions: Iterable[str]) -> list[str]:
    """Each once, wide ones first, so that both axes read the same way; unknown ones last."""
    places = {precision: place for place, precision in enumerate(_ORDER)}
    return sorted(set(precisions), key=lambda name: (places.get(name, len(places)), name))


def _cell(x: int, y: int, one: Transition, strength: float) -> dict[str, Any]:
    return {
        "type": "rect", "x0": x - 0.47, "x1": x + 0.47, "y0": y - 0.44, "y1": y + 0.44,
        "layer": "below", "line": {"width": 1, "color": theme.delta_colour(one.delta_us)},
        "fillcolor": theme.delta_colour(one.delta_us), "opacity": _PALEST + strength * _PALEST,
    }  # fmt: skip


def _words_at(x: int, y: int, one: Transition) -> go.Scatter:
    return go.Scatter(
        x=[x], y=[y], mode="text", text=[_words(one)], textfont={"size": FONT_SIZE - 1},
        hovertext=[_hover(one)], hoverinfo="text", showlegend=False,
    )  # fmt: skip


def _words(one: Transition) -> str:
    return f"{fmt.counted(one.groups, 'layer')}<br>{fmt.delta_us(one.delta_us)}"


def _hover(one: Transition) -> str:
    times = f"{fmt.us(one.baseline_us)} to {fmt.us(one.candidate_us)}"
    return f"{text.chart(one.before)} to {text.chart(one.after)}: {times}"


def _alt(found: Sequence[Transition]) -> str:
    told = "; ".join(
        f"{one.before} to {one.after} {fmt.counted(one.groups, 'layer')}, "
        f"{fmt.delta_us(one.delta_us)}"
        for one in found
    )
    return f"Precisions of the baseline's layers against the candidate's: {told}."
