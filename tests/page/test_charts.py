"""Charts: they close, they name their units, and they obey no markup from a store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import charts, tables, text, theme
from dashboard.charts.base import whole_ticks
from results import queries
from results.class_words import CLASS_WORDS
from results.compare import compare_cells
from results.comparison import Comparison, GroupClass, Verdict
from results.drift import LaunchUse, SittingTurns, drift
from results.facts import CertificateTrial
from results.headline import picks
from results.layer_rows import layer_rows
from results.overview import overview
from results.overview_tallies import by_model
from results.store import Store
from tests.planted import THROUGHPUT, cell_id_of, planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL

HOSTILE = "<a href='javascript:alert(1)'>x</a>"


@pytest.fixture
def comparison(rich_root: Path) -> Comparison:
    index = Store(rich_root).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    candidate = cells[cell_id_of("alpha", "int8-simplified@default")]
    return compare_cells(index, cells[cell_id_of("alpha")], candidate)


def test_the_waterfall_closes_at_the_candidate(comparison: Comparison) -> None:
    assert comparison.attribution is not None
    bars = charts.waterfall(comparison, comparison.attribution).figure.data[0]
    end = bars.base[-1] + bars.x[-1]
    assert end == pytest.approx(comparison.estimate.candidate_ms * 1000.0)
    assert bars.base[0] == pytest.approx(comparison.estimate.baseline_ms * 1000.0)


def test_blue_is_time_saved_and_orange_time_lost(comparison: Comparison) -> None:
    assert comparison.attribution is not None
    bars = charts.waterfall(comparison, comparison.attribution).figure.data[0]
    for length, colour in list(zip(bars.x, bars.marker.color, strict=True))[:-1]:
        assert colour == (theme.BLUE if length < 0 else theme.ORANGE)


def test_names_from_a_store_are_no_markup(comparison: Comparison) -> None:
    rows = [
        replace(row, label=HOSTILE) for row in layer_rows(comparison.groups, comparison.inserted)
    ]
    figure = charts.paired_layers(rows, "Time per inference").figure
    assert all("<a" not in name for name in figure.layout.yaxis.ticktext)


def test_every_chart_has_a_text_and_units(rich_root: Path, comparison: Comparison) -> None:
    index = Store(rich_root).index()
    rows = overview(index)
    spreads = tables.spreads(queries.cell_summaries(index))
    shown = (
        charts.arms(rows, [row.model_title for row in rows], spreads),
        charts.paired_layers(
            layer_rows(comparison.groups, comparison.inserted), "Time per inference"
        ),
    )
    for chart in shown:
        assert chart.alt.endswith(".")
        assert chart.figure.layout.xaxis.title.text.endswith(("(ms)", "(µs)"))


def test_a_verdict_is_a_sign_a_word_and_a_colour() -> None:
    assert [theme.LOOKS[kind].sign for kind in Verdict] == ["▲", "▼", "=", "?"]
    assert len({theme.LOOKS[kind].word for kind in Verdict}) == 4


def test_every_class_of_the_attribution_has_words() -> None:
    assert set(CLASS_WORDS) == set(GroupClass)


def test_nothing_but_a_verdict_is_blue_or_orange() -> None:
    arms = ("fp32@f32", "fp32@default", "int8-simplified@default", "int8-native@default")
    precisions = ("f32", "bf16", "f16", "u8", "i8")
    colours = {theme.arm_colour(arm) for arm in arms}
    colours |= {theme.precision_colour(precision) for precision in precisions}
    assert colours.isdisjoint({theme.BLUE, theme.ORANGE})


def test_markdown_is_escaped_and_long_names_keep_both_ends() -> None:
    assert text.md("**a** :red[b] $c$ <d>") == r"\*\*a\*\* \:red\[b\] \$c\$ \<d\>"
    assert text.md("a\nb") != "a\nb"
    name = "block1/" + "x" * 80 + "/conv"
    assert text.short(name).startswith("block1/")
    assert text.short(name).endswith("/conv")
    assert len(text.short(name)) <= 46


def test_a_false_alarm_is_marked_by_shape_and_word_not_by_colour_alone() -> None:
    found = [
        CertificateTrial("run", 0, "equivalent", 1.001, 0.99, 1.01, 5, 0),
        CertificateTrial("run", 1, "slower", 1.04, 1.03, 1.05, 5, 1),
        CertificateTrial("run", 2, "inconclusive", 1.0, None, None, 1, 0),
    ]
    figure = charts.trials(found).figure
    marks = {trace.name: trace.marker.symbol for trace in figure.data}
    assert marks == {
        "equivalent: 1": "circle",
        "inconclusive: 1": "circle-open",
        "false alarm, slower: 1": "triangle-down",
    }
    assert figure.data[-1].error_y.array == pytest.approx((0.01,))
    assert figure.layout.shapes[0].y0 == 1.0


@pytest.mark.parametrize(
    ("highest", "step"), [(0, 1), (1, 1), (3, 1), (10, 1), (11, 2), (40, 5), (101, 20), (4200, 500)]
)
def test_an_axis_that_counts_has_whole_numbers_and_few_of_them(highest: int, step: int) -> None:
    assert whole_ticks(highest) == {"tick0": 0, "dtick": step, "tickformat": ",d"}


def test_charts_that_count_have_whole_ticks(tmp_path: Path) -> None:
    picked = picks(overview(planted_store(tmp_path).index()), "fp32@f32")
    tallied = by_model(picked)
    counted = charts.tallies(tallied, [one.title for one in tallied], "Devices")
    cells = {cell.cell_id: cell for cell in (FLOAT_CELL, INT8_CELL)}
    ids = FLOAT_CELL.cell_id, INT8_CELL.cell_id
    turns = SittingTurns(0, 0, (), *ids, (0.0, 0.1, 0.2), 0.1, 0.2)
    alarms = [CertificateTrial("run", 0, "equivalent", 1.001, 0.99, 1.01, 5, 0)]
    for chart in (counted, charts.trials(alarms), charts.turns(turns, cells)):
        assert chart.figure.layout.xaxis.dtick == 1


def test_a_panels_axis_says_what_its_time_is(tmp_path: Path) -> None:
    planted_store(tmp_path)
    rows = overview(planted_store(tmp_path, drive=THROUGHPUT).index())
    figure = charts.arms(rows, [row.scenario for row in rows], {}).figure
    axes = (figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text)
    assert axes == ("Median latency (ms)", "Time per item (ms)")
    assert any(note.text.endswith("500 /s") for note in figure.layout.annotations)


def test_layer_times_of_a_throughput_comparison_are_per_item(tmp_path: Path) -> None:
    index = planted_store(tmp_path, drive=THROUGHPUT).index()
    cells = {cell.arm: cell for cell in queries.cells(index)}
    found = compare_cells(index, cells["fp32@f32"], cells["int8-simplified@default"])
    assert found.attribution is not None
    figure = charts.waterfall(found, found.attribution).figure
    assert figure.layout.xaxis.title.text == "Time per item (µs); the axis begins at 880 µs"


def test_a_disturbed_launch_has_a_mark_of_its_own(rich_root: Path) -> None:
    index = Store(rich_root).index()
    run_id = queries.run_views(index)[0].run_id
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    points = drift(queries.launches(index, run_id))
    uses = {points[0].launch_id: LaunchUse.AGAIN, points[1].launch_id: LaunchUse.ALONG}
    figure = charts.drift(points, cells, dict.fromkeys(cells, "one panel"), uses).figure
    named = {trace.name: trace.marker.symbol for trace in figure.data if trace.x == (None,)}
    assert named == {"disturbed": "x", "measured again, not used": "circle-open"}
    symbols = [symbol for trace in figure.data[:3] for symbol in trace.marker.symbol]
    assert symbols.count("x") == 1
    assert symbols.count("circle-open") == 1


def test_long_titles_of_panels_break_after_commas() -> None:
    title = text.title("Model <b>, throughput, batch 8, 4 streams, 8 requests, Some CPU, capped")
    assert title == (
        "<b>Model &lt;b&gt;, throughput, batch 8, 4 streams</b><br>"
        "<b>8 requests, Some CPU, capped</b>"
    )


def test_words_of_a_command_are_code_and_the_rest_is_literal() -> None:
    assert text.coded("**a** run `python -m x`") == r"\*\*a\*\* run `python -m x`"
    assert text.lines("a\x1b[0m\nb") == "a\N{REPLACEMENT CHARACTER}[0m\nb"
