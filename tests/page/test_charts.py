"""Charts: they close, they name their units, and they obey no markup from a store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import charts, tables, text, theme
from results import queries
from results.compare import compare_cells
from results.comparison import Comparison, GroupClass, Verdict
from results.overview import overview
from results.store import Store
from tests.planted import cell_id_of

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
    end = bars.base[-2] + bars.x[-2]
    assert end == pytest.approx(comparison.estimate.candidate_ms * 1000.0)
    assert bars.base[1] == pytest.approx(comparison.estimate.baseline_ms * 1000.0)


def test_blue_is_time_saved_and_orange_time_lost(comparison: Comparison) -> None:
    assert comparison.attribution is not None
    bars = charts.waterfall(comparison, comparison.attribution).figure.data[0]
    for length, colour in list(zip(bars.x, bars.marker.color, strict=True))[1:-2]:
        assert colour == (theme.BLUE if length < 0 else theme.ORANGE)


def test_names_from_a_store_are_no_markup(comparison: Comparison) -> None:
    groups = [replace(group, label=HOSTILE) for group in comparison.groups]
    figure = charts.paired_layers(groups).figure
    assert all("<a" not in name for name in figure.layout.yaxis.ticktext)


def test_every_chart_has_a_text_and_units(rich_root: Path, comparison: Comparison) -> None:
    index = Store(rich_root).index()
    rows = overview(index)
    spreads = tables.spreads(queries.cell_summaries(index))
    shown = (
        charts.arms(rows, [row.model_title for row in rows], spreads),
        charts.paired_layers(comparison.groups),
    )
    for chart in shown:
        assert chart.alt.endswith(".")
        assert chart.figure.layout.xaxis.title.text.endswith(("(ms)", "(µs)"))


def test_a_verdict_is_a_sign_a_word_and_a_colour() -> None:
    assert [theme.LOOKS[kind].sign for kind in Verdict] == ["▲", "▼", "=", "?"]
    assert len({theme.LOOKS[kind].word for kind in Verdict}) == 4


def test_every_class_of_the_attribution_has_words() -> None:
    assert set(theme.CLASS_WORDS) == set(GroupClass)


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
