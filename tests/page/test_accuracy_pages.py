"""Accuracy on the pages: beside the speed, beside each layer, and of runs without any cell."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from collector.builtin.catalogue import BUILTIN_MODELS
from dashboard import accuracy_tables, charts, link, theme
from results import queries
from results.compare import compare_cells
from results.facts import (
    Accuracy,
    Dataset,
    Fact,
    LayerAccuracy,
    Variant,
)
from results.format import file_size
from results.store import Store
from results.views import VariantView
from tests.page import stores
from tests.page.conftest import Show, ShowOnce
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import ARMS, cell_id_of, planted_certificate, planted_store, variant_id_of
from tests.planted_accuracy import METRIC, Judged, planted_accuracy

NOTE = "the drop is 0.022, more than the 0.010 asked for"
PAIR = {"baseline": cell_id_of(), "candidate": cell_id_of(arm=ARMS[2])}
HOSTILE = "<b>x</b> **y** :red[z]"


def _judged(root: Path) -> Store:
    planted_store(root)
    skipped = ("a.png: it is no image",)
    return planted_accuracy(root, Judged(note=NOTE, reverted=("block/dw", "fc"), skipped=skipped))


@pytest.fixture
def judged(show_once: ShowOnce) -> Store:
    """A measured model whose INT8 variant was judged, with a note and layers kept in float."""
    return show_once(_judged)


def _quantised_only(root: Path) -> Store:
    return planted_accuracy(root, Judged(kind="int8-full", skipped=("a.png: no image",)))


@pytest.fixture
def quantised_only(show_once: ShowOnce) -> Store:
    """One run of ``quantize`` and nothing else: there is no cell at all."""
    return show_once(_quantised_only)


def test_overview_has_the_accuracy_beside_the_speed_up(judged: Store) -> None:
    at = open_page("overview", {"against": "fp32@f32"})
    assert_no_exception(at)
    title = at.title[0].value.replace("\\", "")
    assert title.endswith("2.2 points lower, the drop is real (McNemar p = 0.013).")
    brief = (
        "top-1 95.8 % (93.7-97.2), fp32 98.0 % (96.4-98.9): 2.2 points lower, a real drop, "
        "p = 0.013; digits, held out"
    )
    purpose = "int8-simplified is made for speed, not for accuracy"
    assert brief in words(at)
    assert purpose in words(at)
    table = next(one.value for one in at.dataframe if "Top-1 (%)" in one.value)
    assert table["Top-1 (%)"].tolist() == pytest.approx([95.8])
    assert table["Drop (points)"].tolist() == pytest.approx([2.2])
    assert table["Accuracy"].tolist() == [f"{brief}; {purpose}"]
    assert f"the variant is not what was asked for: {NOTE}" in words(at)


def test_overview_without_any_accuracy_has_no_such_columns(one_run: object) -> None:
    at = open_page()
    assert not {"Top-1 (%)", "Drop (points)", "Accuracy"} & set(at.dataframe[0].value.columns)
    assert "labelled data" not in words(at)


def test_overview_without_labels_has_the_agreement_and_no_top1(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_accuracy(tmp_path, Judged(labelled=False))
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    columns = at.dataframe[0].value.columns
    assert "Accuracy" in columns
    assert "Top-1 (%)" not in columns
    assert "agrees with fp32 on 96.4 % (94.4-97.7); digits, held out" in words(at)


def test_two_recipes_of_one_arm_have_one_card_and_two_rows_of_figures(
    tmp_path: Path, show: Show
) -> None:
    stores.two_recipes(tmp_path)
    show(tmp_path)
    at = open_page("overview", {"against": "fp32@f32"})
    assert_no_exception(at)
    assert len(at.dataframe[0].value) == 1
    (figures,) = (frame.value for frame in at.dataframe if "Arm" in frame.value.columns)
    variants = variant_id_of("tiny", "int8-simplified"), stores.SECOND_VARIANT
    assert sorted(figures["Arm"]) == [
        "fp32@default", "fp32@f32", *(f"{ARMS[2]} ({variant[:8]})" for variant in variants),
    ]  # fmt: skip


def test_overview_tells_variants_that_were_never_measured(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_accuracy(tmp_path, Judged(kind="int8-full"))
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    assert "Quantised, not measured yet" in words(at)
    assert "**int8-full of Tiny**: top-1 95.8 %" in words(at)


def test_compare_has_a_sentence_and_a_table_for_each_dataset(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_accuracy(tmp_path)
    planted_accuracy(tmp_path, Judged(dataset="photos", labelled=False), day=11)
    show(tmp_path)
    at = open_page("compare", PAIR)
    assert_no_exception(at)
    said = words(at)
    assert "int8-simplified is made for speed, not for accuracy" in said
    assert "SQNR on digits, held out says how far" in said
    assert (
        "Accuracy on digits, held out (500 samples): fp32 98.0 % (96.4-98.9), int8-simplified "
        "95.8 % (93.7-97.2): 2.2 points lower, the drop is real (McNemar p = 0.013)"
    ) in said
    assert "Accuracy on photos (500 samples): int8-simplified agrees with fp32 on 96.4 %" in said
    assert "14 samples only fp32 got right, 3 samples only INT8" in said
    first, second = (frame.value for frame in at.dataframe if "Metric" in frame.value.columns)
    by_metric = first.set_index("Metric")
    assert by_metric.loc["top-1 accuracy", "fp32"] == "98.0 % (96.4-98.9)"
    assert by_metric.loc["top-1 accuracy", "int8-simplified"] == "95.8 % (93.7-97.2)"
    assert by_metric.loc["SQNR", "int8-simplified"] == "21.4 dB"
    assert by_metric.loc[METRIC, "Difference"] == "-0.022"
    assert set(second["Metric"]) == {
        "top-1 agreement with fp32", "cosine similarity", "SQNR",
    }  # fmt: skip
    assert list(second.columns) == ["Metric", "Output", "int8-simplified", "Samples"]


def test_compare_sets_what_layers_cost_against_what_they_gain(judged: Store) -> None:
    at = open_page("compare", PAIR)
    assert_no_exception(at)
    with_sqnr = [frame for frame in at.dataframe if "SQNR (dB)" in frame.value.columns]
    layers, worst = (frame.value for frame in with_sqnr)
    assert worst["Layer"].tolist() == ["block/dw", "block/pw", "fc", "stem"]
    assert worst["SQNR (dB)"].tolist() == [12.5, 24.0, 27.5, 38.5]
    said = words(at)
    assert "Layers whose output suffers most in int8-simplified, on digits, held out" in said
    assert "where it falls from one layer to the next" in said
    assert "keep those in float first" not in said
    sqnr = layers.set_index("Layer")["SQNR (dB)"]
    assert sqnr["block/dw"] == 12.5
    assert sqnr["stem"] == 38.5
    assert sqnr.isna()["softmax"]
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert any(
        alt.startswith(
            "Time saved against SQNR of 4 layers; the lowest SQNR have: block/dw 12.5 dB"
        )
        for alt in alts
    )
    assert "kept in float by the accuracy control: block/dw, fc; the drop of top-1" in words(at)
    assert any(NOTE in warning.value.replace("\\", "") for warning in at.warning)


def test_compare_names_the_first_sample_that_was_skipped(judged: Store) -> None:
    said = words(open_page("compare", PAIR))
    assert "(500 samples, 1 skipped): fp32" in said
    assert "1 sample could not be read and was left out, the first: a.png: it is no image" in said


def test_compare_without_accuracy_has_no_such_section(one_run: object) -> None:
    at = open_page("compare", PAIR)
    assert "What it costs in accuracy" not in words(at)
    assert not [f for f in at.dataframe if "SQNR (dB)" in f.value.columns]


def test_the_chart_names_the_worst_layers_and_tells_slower_ones_by_their_sign(
    tmp_path: Path,
) -> None:
    planted_store(tmp_path)
    index = planted_accuracy(tmp_path).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    found = compare_cells(index, cells[PAIR["baseline"]], cells[PAIR["candidate"]])
    groups = [replace(group, label=f"{HOSTILE} {group.label}") for group in found.groups]
    groups[0] = replace(groups[0], candidate_us=groups[0].baseline_us + 50.0)
    figure = charts.gain_and_cost(groups, "Time per item").figure
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "triangle-down"]
    assert [trace.marker.color for trace in figure.data] == [theme.BLUE, theme.ORANGE]
    assert list(figure.data[1].x) == [pytest.approx(-50.0)]
    assert figure.layout.xaxis.title.text == "Time per item saved (µs)"
    assert figure.layout.yaxis.title.text == "SQNR (dB)"
    named = [note.text for note in figure.layout.annotations]
    assert len(named) == 3
    assert not [text for text in named if "<b>" in text]


def test_names_of_marks_in_one_place_are_kept_apart(tmp_path: Path) -> None:
    planted_store(tmp_path)
    index = planted_accuracy(tmp_path).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    found = compare_cells(index, cells[PAIR["baseline"]], cells[PAIR["candidate"]])
    one = next(group for group in found.groups if group.sqnr_db is not None)
    groups = [
        replace(one, label=f"layer {i}", candidate_us=one.baseline_us, sqnr_db=20.0 + i / 100)
        for i in range(6)
    ] + [replace(one, sqnr_db=60.0)]
    figure = charts.gain_and_cost(groups, "Time per item").figure
    named = [note for note in figure.layout.annotations if note.text.startswith("layer")]
    assert [note.text for note in named] == ["layer 0", "layer 1", "layer 2"]
    low, high = figure.layout.yaxis.range
    heights = [(note.ay - low) / (high - low) * 340 for note in named]
    gaps = [above - below for below, above in itertools.pairwise(heights)]
    assert min(gaps) >= 20
    assert all(note.x == 0.0 for note in named)
    rightmost = max(x for trace in figure.data for x in trace.x)
    assert all(note.ax > rightmost for note in named), "no name lies on a mark"


def test_the_chart_calls_a_layer_faster_by_the_one_rule_and_not_for_saving_0_us(
    tmp_path: Path,
) -> None:
    planted_store(tmp_path)
    index = planted_accuracy(tmp_path).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    found = compare_cells(index, cells[PAIR["baseline"]], cells[PAIR["candidate"]])
    one = next(group for group in found.groups if group.sqnr_db is not None)
    level = replace(
        one, candidate_us=one.baseline_us, delta_low_us=-1.0, delta_high_us=1.0, differs=False
    )
    leaning = replace(level, candidate_us=one.baseline_us - 5.0, delta_low_us=-9.0,
                      delta_high_us=-1.0)  # fmt: skip
    sure = replace(leaning, differs=True)
    figure = charts.gain_and_cost([level, level, leaning, sure], "Time per item").figure
    looks = {trace.name: (trace.marker.symbol, trace.marker.color) for trace in figure.data}
    assert looks == {
        "faster: 1": ("circle", theme.BLUE),
        "leans faster: 1": ("circle-open", theme.BLUE),
        "not told apart: 2": ("diamond", theme.GREY),
    }


def test_a_quantized_run_shows_recipe_accuracy_data_and_what_was_skipped(judged: Store) -> None:
    run = next(run.path.name for run in judged.runs if run.manifest.kind == "quantized")
    at = open_page("runs", {"run": run})
    assert_no_exception(at)
    said = words(at)
    assert "int8-simplified of Tiny was quantised on Planted CPU tiny." in said
    assert [metric.value for metric in at.metric][1:] == ["98.0 %", "95.8 %", "2.2 points"]
    assert NOTE in said
    recipe = next(f.value for f in at.dataframe if "Option" in f.value.columns)
    options = recipe.set_index("Option")["Value"]
    assert options["calibration.dataset"] == "digits"
    assert options["calibration.skip"] == "not given"
    assert options["ignored_names"] == "fc"
    assert "kept in float by the accuracy control: block/dw, fc" in said
    assert "1 of 501 samples of digits, held out could not be read" in said
    assert "a.png: it is no image" in said
    assert "Effort" not in said
    assert "launches of" not in said


def test_a_measured_run_that_judged_shows_its_accuracy(tmp_path: Path, show: Show) -> None:
    def measured(fact: Fact) -> Iterator[Fact]:
        yield fact
        if isinstance(fact, Variant) and fact.kind != "fp32":
            yield Dataset("d", "held out", "images", 20, 0, (), labelled=True)
            yield Accuracy(fact.variant_id, "d", "top1", None, None, 0.9, 20)

    stores.altered_store(tmp_path, measured)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    assert "Accuracy on held out (20 samples): int8-simplified 90.0 %" in words(at)
    assert at.title[0].value.replace("\\", "") == (
        "Trust the ratios and the milliseconds of this run: all 3 cells ran steadily."
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_store_with_a_quantized_run_only_breaks_no_page(page: str, quantised_only: Store) -> None:
    at = open_page(page)
    assert_no_exception(at)
    said = words(at)
    assert "int8-full of Tiny" in said
    assert "95.8 % (93.7-97.2)" in said
    if page != "runs":
        assert "Nothing has been measured yet" in said
        assert "holds nothing that was measured" in said


def test_the_runs_page_of_a_quantized_store_keeps_its_run_in_the_address(
    quantised_only: Store,
) -> None:
    run = quantised_only.runs[0].path.name
    at = open_page("runs", {"run": run, "baseline": "gone"})
    assert_no_exception(at)
    assert at.query_params["run"] == run
    assert not at.warning or "could not be read" in at.warning[0].value


def test_a_link_into_a_store_without_cells_keeps_only_the_run() -> None:
    reading = link.read({"run": "r", "baseline": "x"}, (), ["r"])
    assert (reading.link, reading.notes) == (link.Link(run="r"), ())
    assert len(link.read({"run": "gone"}, (), ["r"]).notes) == 1


def test_a_store_of_certificates_only_shows_them_under_runs(tmp_path: Path, show: Show) -> None:
    planted_certificate(tmp_path)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    assert "Certified: 3 false alarms in 100 comparisons" in words(at)
    said = words(open_page())
    assert "Nothing has been measured yet" in said
    numbers = {4: "four", 5: "five", 6: "six", 7: "seven"}
    in_demo = numbers[sum(model.in_demo for model in BUILTIN_MODELS)]
    assert f"Builds {in_demo} networks" in said


@pytest.mark.parametrize("page", PAGES)
def test_a_judged_store_breaks_no_page(page: str, judged: Store) -> None:
    assert_no_exception(open_page(page))


def _hostile(root: Path) -> Store:
    judged = Judged(dataset=HOSTILE, note=HOSTILE, reverted=(HOSTILE,), skipped=(HOSTILE,))
    planted_store(root)
    return planted_accuracy(root, judged)


@pytest.mark.parametrize("page", PAGES)
def test_hostile_names_of_data_layers_and_notes_are_shown_as_text(
    page: str, show_once: ShowOnce
) -> None:
    runs = show_once(_hostile).runs
    quantised = next(run.path.name for run in runs if run.manifest.kind == "quantized")
    at = open_page(page, {**PAIR, "run": quantised})
    assert_no_exception(at)
    shown = [element.value for kind in (at.title, at.markdown, at.warning) for element in kind]
    named = [text for text in shown if "z]" in text or "z\\]" in text]
    assert all("\\<b\\>" in text and "\\:red\\[" in text for text in named)
    assert named or page in {"layers", "versions", "devices", "models"}


def _odd(root: Path) -> Store:
    """The data is not stored, nothing that may be NULL is known, the recipe is no JSON."""

    def odd(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Dataset):
            return
        if isinstance(fact, LayerAccuracy):
            fact = replace(fact, sqnr_db=None)
        if isinstance(fact, Accuracy):
            fact = replace(fact, reference_variant_id=None, output=None)
        if isinstance(fact, Variant):
            fact = replace(fact, recipe="by hand")
        yield fact

    planted_store(root)
    plant = partial(planted_accuracy, judged=Judged(skipped=("a",)))
    return stores.altered_store(root, odd, plant)


@pytest.mark.parametrize("page", PAGES)
def test_accuracy_of_an_older_or_odd_store_breaks_no_page(page: str, show_once: ShowOnce) -> None:
    show_once(_odd)
    at = open_page(page)
    assert_no_exception(at)
    if page == "runs":
        recipe = next(f.value for f in at.dataframe if "Option" in f.value.columns)
        assert recipe["Value"].tolist() == ["by hand"]
        assert "No data of one's own was used" in words(at)


@pytest.mark.parametrize(
    ("recipe", "shown"),
    [
        ('{"a": {"b": [1, 2]}, "c": true, "d": [], "e": {}}',
         {"a.b": "1, 2", "c": "yes", "d": "none", "e": "none"}),
        ("[1]", {"recipe": "1"}),
        ("no json", {"recipe": "no json"}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_recipe_is_a_table_of_options(recipe: str, shown: dict[str, str]) -> None:
    variant = VariantView("v", "m", "net", "Net", "int8-full", "nncf", "3.4.0", recipe, 1, None)
    table = accuracy_tables.recipe(variant)
    assert dict(zip(table["Option"].to_pylist(), table["Value"].to_pylist(), strict=True)) == shown


def test_the_size_of_a_variant_is_in_the_unit_that_the_terminal_uses() -> None:
    variant = VariantView("v", "m", "net", "Net", "int8-full", "nncf", "3.4.0", "{}", 645_000, None)
    table = accuracy_tables.variants([variant])
    assert table["Size (kB)"].to_pylist() == [645.0]
    assert file_size(645_000) == "645 kB"
