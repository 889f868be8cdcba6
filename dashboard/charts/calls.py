"""How a chart shows what is called of a layer: one look for each call, the same in every chart.

Full colour is sure among all layers of the pair, hatched or hollow is what only leans, grey is
what is not told apart. What is called is ``results.layer_calls``' to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go

from dashboard import theme
from results.layer_calls import Call

_HATCH_PX = 6


@dataclass(frozen=True)
class CallLook:
    """Colour, the pattern of a bar (empty: full), and the symbol of a mark."""

    colour: str
    pattern: str
    symbol: str


LOOKS = MappingProxyType({
    Call.FASTER: CallLook(theme.BLUE, "", "circle"),
    Call.LEANS_FASTER: CallLook(theme.BLUE, "/", "circle-open"),
    Call.NOT_TOLD_APART: CallLook(theme.GREY, "", "diamond"),
    Call.LEANS_SLOWER: CallLook(theme.ORANGE, "\\", "triangle-down-open"),
    Call.SLOWER: CallLook(theme.ORANGE, "", "triangle-down"),
    Call.NOT_JUDGED: CallLook(theme.GREY, ".", "x-thin-open"),
})  # fmt: skip


def bars(
    calls: Sequence[Call],
    values: Sequence[float | None],
    *,
    prefix: str = "",
    hovers: Sequence[str] = (),
    width: float | None = None,
    offset: float | None = None,
) -> list[go.Bar]:
    """A trace of horizontal bars for each call there is, with its name in the legend.

    Row i has ``values[i]`` in the trace of ``calls[i]`` and nothing in the others. ``width`` and
    ``offset`` are Plotly's, in rows; without ``hovers`` the bars tell nothing.
    """
    traces = []
    for call, look in LOOKS.items():
        shown = [value if own is call else None for own, value in zip(calls, values, strict=True)]
        if all(value is None for value in shown):
            continue
        traces.append(
            go.Bar(
                name=f"{prefix}{call}", orientation="h", y=list(range(len(shown))), x=shown,
                marker=_fill(look), width=width, offset=offset, showlegend=True,
                hovertext=list(hovers), hoverinfo="text" if hovers else "skip",
            )
        )  # fmt: skip
    return traces


def _fill(look: CallLook) -> dict[str, Any]:
    colour = theme.PALE if look.colour == theme.GREY else look.colour
    if not look.pattern:
        return {"color": colour}
    return {
        "color": colour,
        "line": {"color": colour, "width": 1},
        "pattern": {"shape": look.pattern, "fillmode": "replace", "size": _HATCH_PX},
    }
