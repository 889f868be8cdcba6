"""Every chart of the pages; the only package that knows Plotly.

A function takes what ``results`` found and gives a ``Chart``: the figure and the text
that stands for it. Backgrounds are transparent and text takes the theme's colour.
"""

from dashboard.charts.accuracy import gain_and_cost
from dashboard.charts.base import Chart
from dashboard.charts.certificate import trials
from dashboard.charts.layers import kernels, paired_layers, precisions
from dashboard.charts.overview import arms
from dashboard.charts.runs import drift, turns
from dashboard.charts.versions import versions
from dashboard.charts.waterfall import waterfall

__all__ = [
    "Chart", "arms", "drift", "gain_and_cost", "kernels", "paired_layers", "precisions", "trials",
    "turns", "versions", "waterfall",
]  # fmt: skip
