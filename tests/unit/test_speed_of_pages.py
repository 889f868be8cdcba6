"""What pages leave out or keep so that they are quick, and that nothing else changes by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import filters
from dashboard.charts.base import Chart, composed, framed, paneled, spans
from results import queries
from results.facts import Fact, Launch
from results.launch_book import LaunchBook
from results.store import Store
from tests.page.stores import altered_store
from tests.planted import ARMS, cell_id_of, planted_store


def test_options_with_equal_words_are_told_apart() -> None:
    told = filters.told_apart({"a": "Xeon", "b": "Xeon", "c": "EPYC"})
    assert told == {"a": "Xeon (a)", "b": "Xeon (b)", "c": "EPYC"}


def _panels() -> go.Figure:
    figure = make_subplots(rows=2, cols=2)
    figure.add_traces([go.Bar(x=[1], y=[1])] * 4, rows=[1, 1, 2, 2], cols=[1, 2, 1, 2])
    return figure


def test_many_panels_look_as_one_does() -> None:
    """Told at once as in single steps, in the places that Plotly gives them."""
    across, upwards = spans(2, 0.1), spans(2, 0.15)[::-1]
    axes: dict[str, dict[str, object]] = {}
    for at, number in enumerate(("", "2", "3", "4")):
        axes[f"xaxis{number}"] = {"anchor": f"y{number}", "domain": across[at % 2]}
        axes[f"yaxis{number}"] = {"anchor": f"x{number}", "domain": upwards[at // 2]}
    traces = [
        go.Bar(x=[1], y=[1], xaxis=f"x{number}", yaxis=f"y{number}")
        for number in ("", "2", "3", "4")
    ]
    slow = framed(make_subplots(rows=2, cols=2, vertical_spacing=0.15), 200).to_dict()["layout"]
    fast = paneled(traces, 200, axes).to_dict()["layout"]
    template = slow.pop("template", None)
    assert fast.pop("template", None) == template
    assert fast == slow
    assert paneled([], 200, {}, margin={"t": 99}).layout.margin.l == 8, "the rest stays"


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


def test_a_cell_that_failed_in_its_newest_run_is_not_among_them_whatever_was_before(
    tmp_path: Path,
) -> None:
    failing, fine = cell_id_of(arm=ARMS[2]), cell_id_of(arm=ARMS[1])
    newest = planted_store(tmp_path / "plain", runs=2).runs[0].path.name

    def failed_at_last(fact: Fact) -> Iterator[Fact]:
        """INT8 fails in the second run, float by default in the first."""
        last = isinstance(fact, Launch) and fact.run_id == newest
        failed = failing if last else fine
        if isinstance(fact, Launch) and fact.cell_id == failed:
            yield replace(fact, status="failed", p50_ms=None)
        else:
            yield fact

    store = altered_store(
        tmp_path / "data", failed_at_last, lambda root: planted_store(root, runs=2)
    )
    with closing(store.index()) as index:
        assert queries.measured_last(index, [failing, fine]) == {fine}


def test_a_figure_that_is_kept_is_sent_as_it_was_drawn_however_often() -> None:
    drawn = Chart(framed(_panels(), 200), "bars")
    kept = drawn.inked(None).figure
    assert kept.to_json() == drawn.figure.to_json()
    sent = kept.to_dict()
    sent["data"][0].pop("type")
    sent["data"].clear()
    sent["layout"].pop("height")
    assert kept.to_json() == drawn.figure.to_json()


def test_one_side_of_a_margin_leaves_the_others() -> None:
    axis: dict[str, object] = {}
    margin = composed([], 200, x_axis=axis, y_axis=axis, margin={"t": 99}).layout.margin
    assert (margin.t, margin.l) == (99, 8)
