"""The comparisons of a certificate: what A against A was called, and how far it was off."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.charts.base import Chart, composed, whole_ticks
from results import format as fmt
from results.comparison import Verdict
from results.facts import CertificateTrial

_HEIGHT_PX = 380
_ROOM = 1.08
"""The words beside the line of the truth stand right of the last comparison."""
_ALARMS = {Verdict.FASTER.value, Verdict.SLOWER.value}
_SYMBOLS = {
    Verdict.FASTER.value: "triangle-up",
    Verdict.SLOWER.value: "triangle-down",
    Verdict.EQUIVALENT.value: "circle",
}
_OTHER = "circle-open"
_COLOURS = {look.word: look.colour for look in theme.LOOKS.values()}
_MARK_PX, _ALARM_PX = 7, 13
_TRUTH = {
    "type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": 1.0, "y1": 1.0, "yref": "y",
    "line": {"color": theme.GREY, "width": 2, "dash": "dash"}, "layer": "below",
}  # fmt: skip
_TRUTH_WORDS = {
    "text": "truth: 1", "showarrow": False, "x": 1, "xref": "x domain", "xanchor": "right",
    "y": 1.0, "yref": "y", "yanchor": "bottom",
}  # fmt: skip


def trials(found: Sequence[CertificateTrial]) -> Chart:
    """Each comparison's ratio with its 95 % interval; the truth is 1.

    A false alarm is a large triangle with its word beside it in the legend.
    """
    figure = composed(
        [
            _marks(verdict, [t for t in found if t.verdict == verdict])
            for verdict in dict.fromkeys(sorted((t.verdict for t in found), key=_alarms_last))
        ],
        _HEIGHT_PX,
        x_axis={
            "title": {"text": "Comparison"}, "showgrid": False,
            "range": [0, len(found) * _ROOM + 1], **whole_ticks(len(found)),
        },
        y_axis={
            "title": {"text": "Second A over first A (ratio, truly 1)"}, "tickformat": ".3f",
        },
        shapes=[_TRUTH], annotations=[_TRUTH_WORDS], showlegend=True,
    )  # fmt: skip
    return Chart(figure, _alt(found))


def _alarms_last(verdict: str) -> bool:
    """False alarms are drawn last, on top of the others."""
    return verdict in _ALARMS


def _marks(verdict: str, own: Sequence[CertificateTrial]) -> go.Scatter:
    is_alarm = verdict in _ALARMS
    counted = f"{text.chart(verdict)}: {len(own)}"
    return go.Scatter(
        name=f"false alarm, {counted}" if is_alarm else counted,
        x=[trial.trial + 1 for trial in own],
        y=[trial.ratio for trial in own],
        mode="markers",
        marker={
            "symbol": _SYMBOLS.get(verdict, _OTHER),
            "size": _ALARM_PX if is_alarm else _MARK_PX,
            "color": _COLOURS.get(verdict, theme.GREY),
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [_reach(trial.ci_high, trial.ratio) for trial in own],
            "arrayminus": [_reach(trial.ratio, trial.ci_low) for trial in own],
            "thickness": 1.5,
            "width": 0,
        },
        hovertext=[_hover(trial) for trial in own],
        hoverinfo="text",
    )


def _reach(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(high - low, 0.0)


def _hover(trial: CertificateTrial) -> str:
    interval = fmt.UNKNOWN
    if trial.ci_low is not None and trial.ci_high is not None:
        interval = f"{trial.ci_low:.4f} to {trial.ci_high:.4f}"
    disturbed = f", {trial.dirty_blocks} blocks stayed disturbed" if trial.dirty_blocks else ""
    return text.chart(
        f"comparison {trial.trial + 1}: {trial.verdict}, {trial.ratio:.4f} (95 %: {interval}), "
        f"{trial.blocks} blocks{disturbed}"
    )


def _alt(found: Sequence[CertificateTrial]) -> str:
    alarms = sum(trial.verdict in _ALARMS for trial in found)
    widest = max((abs(trial.ratio - 1.0) for trial in found), default=0.0)
    return (
        f"Ratios of {len(found)} comparisons of A against A around 1; {alarms} of them are false "
        f"alarms, the one farthest from 1 is {fmt.percent(widest)} off."
    )
