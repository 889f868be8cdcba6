"""What pages leave out or keep so that they are quick, and that nothing else changes by it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import filters
from dashboard.charts import Chart
from dashboard.charts.base import framed, many_framed
from results import queries
from results.launch_book import LaunchBook
from results.store import Store
from tests.planted import planted_store


def test_options_with_equal_words_are_told_apart() -> None:
    told = filters.told_apart({"a": "Xeon", "b": "Xeon", "c": "EPYC"})
    assert told == {"a": "Xeon (a)", "b": "Xeon (b)", "c": "EPYC"}


def _panels() -> go.Figure:
    figure = make_subplots(rows=2, cols=2)
    figure.add_traces([go.Bar(x=[1], y=[1])] * 4, rows=[1, 1, 2, 2], cols=[1, 2, 1, 2])
    return figure


def test_many_panels_look_as_one_does() -> None:
    assert many_framed(_panels(), 200, {}).to_dict() == framed(_panels(), 200).to_dict()


def test_ink_reaches_every_axis() -> None:
    chart = Chart(framed(_panels(), 200), "bars")
    told = chart.inked("#123456").figure.to_dict()["layout"]
    axes = [name for name in told if name.startswith(("xaxis", "yaxis"))]
    assert len(axes) == 8
    assert {told[name]["tickfont"]["color"] for name in axes} == {"#123456"}
    assert "color" not in chart.figure.to_dict()["layout"]["xaxis"]["tickfont"]


def test_cells_measured_last_are_those_that_did_not_fail(tmp_path: Path) -> None:
    planted_store(tmp_path)
    with closing(Store(tmp_path).index()) as index:
        cells = queries.cells(index)
        book = LaunchBook(queries.launches(index), ())
        sound = {cell.cell_id for cell in cells if book.failure(cell) is None}
        assert queries.measured_last(index, [cell.cell_id for cell in cells]) == sound
        assert sound
