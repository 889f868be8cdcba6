"""Charts of the page Compare: what a click reports, what is marked, and where intervals stand."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import pytest

from dashboard import charts, compare_tables, theme
from results import queries
from results.class_words import CLASS_WORDS, UNATTRIBUTED
from results.compare import compare_cells
from results.comparison import Attribution, Comparison, GroupClass
from results.layer_calls import Call
from results.layer_rows import LayerRow, layer_rows
from results.transitions import Transition, transitions
from tests.planted import planted_store

INTERVAL = "95 % interval of the difference"
HOSTILE = "<a href='javascript:alert(1)'>x</a>"


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    with closing(planted_store(tmp_path).index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        return compare_cells(index, cells["fp32@f32"], cells["int8-simplified@default"])


@pytest.fixture
def rows(comparison: Comparison) -> tuple[LayerRow, ...]:
    return layer_rows(comparison.groups, comparison.inserted)


def test_a_click_anywhere_on_a_bar_reports_its_class(comparison: Comparison) -> None:
    assert comparison.attribution is not None
    figure = charts.waterfall(comparison, comparison.attribution, ["inserted"]).figure
    clicked = figure.data[-1]
    kinds = [kind.value for kind, _ in comparison.attribution.parts]
    assert [text for (text,) in clicked.customdata] == ["", *kinds, "", ""]
    assert len(clicked.customdata) == len(figure.layout.yaxis.ticktext)
    assert set(clicked.x) == {figure.layout.xaxis.range[1]}
    marked = [name for name in figure.layout.yaxis.ticktext if name.startswith("▸")]
    assert marked == [f"▸ {CLASS_WORDS[GroupClass.INSERTED]}"]


def test_a_click_on_a_layer_reports_its_key(rows: tuple[LayerRow, ...]) -> None:
    figure = charts.paired_layers(rows, "Time per inference", opened="stem").figure
    assert [text for (text,) in figure.data[-1].customdata] == [row.key for row in rows]
    marked = [name for name in figure.layout.yaxis.ticktext if name.startswith("▸")]
    assert marked == ["▸ stem"]


def test_the_interval_stands_around_the_end_of_the_candidates_bar(
    rows: tuple[LayerRow, ...],
) -> None:
    row = replace(
        rows[0], baseline_us=100.0, candidate_us=60.0, delta_low_us=-50.0, delta_high_us=-30.0
    )
    figure = charts.paired_layers([row], "Time per inference").figure
    line = next(trace for trace in figure.data if trace.name == INTERVAL)
    assert list(line.x) == [50.0, 70.0, None]
    unknown = replace(row, delta_low_us=None, delta_high_us=None)
    figure = charts.paired_layers([unknown], "Time per inference").figure
    line = next(trace for trace in figure.data if trace.name == INTERVAL)
    assert not line.showlegend


def test_an_interval_that_goes_on_below_0_is_marked_where_it_is_cut(
    rows: tuple[LayerRow, ...],
) -> None:
    row = replace(
        rows[0], baseline_us=10.0, candidate_us=8.0, delta_low_us=-14.0, delta_high_us=10.0
    )
    whole = replace(row, delta_low_us=-9.0)
    figure = charts.paired_layers([whole, row], "Time per inference").figure
    mark = next(trace for trace in figure.data if trace.name == "cut at 0")
    assert list(mark.x) == [0.0]
    assert 1.0 < mark.y[0] < 1.5, "in the row of the interval that is cut"
    figure = charts.paired_layers([whole], "Time per inference").figure
    assert "cut at 0" not in [trace.name for trace in figure.data]


def waterfall_of(comparison: Comparison, candidate_ms: float, wall_us: float) -> go.Figure:
    """Of one part that is the whole difference; the baseline takes 1 ms."""
    estimate = replace(comparison.estimate, baseline_ms=1.0, candidate_ms=candidate_ms)
    parts = ((GroupClass.INT8_FASTER, wall_us),)
    shown = replace(comparison, estimate=estimate)
    return charts.waterfall(shown, Attribution(wall_us, parts, 0.0, withheld=False)).figure


def test_a_small_difference_is_not_a_hairline_and_the_axis_says_where_it_begins(
    comparison: Comparison,
) -> None:
    axis = waterfall_of(comparison, 0.9, -100.0).layout.xaxis
    first, last = axis.range
    assert 100.0 / (last - first) > 0.5, "the difference has the larger part of the width"
    assert axis.title.text.endswith(f"the axis begins at {first:.0f} µs")
    large = waterfall_of(comparison, 0.2, -800.0).layout.xaxis
    assert large.range[0] == 0
    assert "begins" not in large.title.text


def test_no_total_is_drawn_as_a_bar_whose_length_would_lie(comparison: Comparison) -> None:
    figure = waterfall_of(comparison, 0.9, -100.0)
    assert list(figure.data[0].x) == [-100.0, 0.0]
    numbers = [note.text for note in figure.layout.annotations]
    assert numbers[0] == "1,000 µs"
    assert numbers[-1] == "900 µs"
    assert UNATTRIBUTED in figure.layout.yaxis.ticktext


def test_precisions_stand_in_one_order_on_both_axes_and_lost_time_is_orange() -> None:
    found = [
        Transition("bf16", "u8", 3, 90.0, 40.0),
        Transition("f32", "bf16", 1, 10.0, 15.0),
        Transition("bf16", "bf16", 1, 1.0, 1.0),
    ]
    figure = charts.transitions(found).figure
    assert list(figure.layout.yaxis.ticktext) == ["f32", "bf16"]
    assert list(figure.layout.xaxis.ticktext) == ["bf16", "u8"]
    assert [shape.fillcolor for shape in figure.layout.shapes] == [
        theme.BLUE,
        theme.ORANGE,
        theme.GREY,
    ]
    assert "3 layers<br>-50.0 µs" in figure.data[0].text[0]


def test_what_was_reached_stands_beside_what_was_possible(rows: tuple[LayerRow, ...]) -> None:
    judged = [row for row in rows if row.group and row.group.roof and row.group.roof.possible]
    figure = charts.reach(judged).figure
    marks = next(trace for trace in figure.data if trace.name == "possible")
    assert list(marks.x) == [r.group.roof.possible for r in judged if r.group and r.group.roof]
    drawn = [trace for trace in figure.data if trace.name in set(Call)]
    for at, row in enumerate(judged):
        assert [trace.name for trace in drawn if trace.x[at] is not None] == [row.call]


def test_names_from_a_store_are_no_markup(
    comparison: Comparison, rows: tuple[LayerRow, ...]
) -> None:
    hostile = [replace(row, label=HOSTILE) for row in rows]
    told = [replace(one, before=HOSTILE) for one in transitions(comparison.groups)]
    judged = [row for row in hostile if row.group and row.group.roof and row.group.roof.possible]
    shown = (
        charts.paired_layers(hostile, "Time per inference").figure,
        charts.transitions(told).figure,
        charts.reach(judged).figure,
    )
    for figure in shown:
        hovers = [str(text) for trace in figure.data for text in trace.hovertext or ()]
        assert not [text for text in (*figure.layout.yaxis.ticktext, *hovers) if "<a" in text]


def test_a_layer_that_is_as_fast_in_int8_is_called_neither_faster_nor_slower(
    rows: tuple[LayerRow, ...],
) -> None:
    row = next(row for row in rows if row.layer_class is GroupClass.INT8_FASTER)
    level = replace(row, candidate_us=row.baseline_us)
    table = compare_tables.layers([row, level])
    assert table["Class"].to_pylist() == ["less time in INT8", "same time in INT8"]
    hover = charts.paired_layers([level], "Time per inference").figure.data[-1].hovertext[0]
    assert "same time in INT8" in hover


def test_full_colour_is_called_among_all_layers_and_a_hatch_only_leans(
    rows: tuple[LayerRow, ...],
) -> None:
    base = replace(rows[0], baseline_us=100.0, delta_low_us=-60.0, delta_high_us=-20.0)
    sure = replace(base, key="sure", candidate_us=60.0, differs=True)
    leaning = replace(sure, key="leaning", differs=False)
    level = replace(leaning, key="level", delta_high_us=5.0)
    unjudged = replace(level, key="unjudged", differs=None)
    lost = replace(sure, key="lost", candidate_us=140.0, delta_low_us=30.0, delta_high_us=50.0)
    shown = [sure, leaning, level, unjudged, lost]
    figure = charts.paired_layers(shown, "Time per inference").figure
    bars = {trace.name: trace for trace in figure.data if (trace.name or "").startswith("cand")}
    fills = {
        name: (bar.marker.color, bar.marker.pattern.shape or "", bar.marker.pattern.fillmode)
        for name, bar in bars.items()
    }
    assert fills == {
        "candidate, faster": (theme.BLUE, "", None),
        "candidate, leans faster": (theme.BLUE, "/", "replace"),
        "candidate, not told apart": (theme.PALE, "", None),
        "candidate, slower": (theme.ORANGE, "", None),
        "candidate, not judged": (theme.PALE, ".", "replace"),
    }
    assert list(bars["candidate, leans faster"].x) == [None, 60.0, None, None, None]
    called = compare_tables.layers([*shown[:3], shown[4]])["Called"].to_pylist()
    assert called == [bar.removeprefix("candidate, ") for bar in fills][:4]
