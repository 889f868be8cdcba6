"""Every chart of the pages; the only package that knows Plotly.

A function takes what ``results`` found and gives a ``Chart``: the figure and the text
that stands for it. Backgrounds are transparent and text takes the theme's colour.
"""

from dashboard.charts.accuracy import gain_and_cost
from dashboard.charts.base import Chart
from dashboard.charts.certificate import trials
from dashboard.charts.devices import devices, isa_gains
from dashboard.charts.devices import is_wide as devices_are_wide
from dashboard.charts.graph import layer_graph
from dashboard.charts.layers import kernels, precisions
from dashboard.charts.overview import arms, tallies
from dashboard.charts.paired import paired_layers
from dashboard.charts.reach import reach
from dashboard.charts.runs import drift, turns
from dashboard.charts.strip import strip
from dashboard.charts.transitions import transitions
from dashboard.charts.verdict_grid import verdict_grid
from dashboard.charts.versions import versions
from dashboard.charts.waterfall import waterfall

__all__ = [
    "Chart", "arms", "devices", "devices_are_wide", "drift", "gain_and_cost", "isa_gains",
    "kernels", "layer_graph", "paired_layers", "precisions", "reach", "strip", "tallies",
    "transitions", "trials", "turns", "verdict_grid", "versions", "waterfall",
]  # fmt: skip
