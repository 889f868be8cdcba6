"""The page Compare: from the verdict to the layers, opened ones, and many candidates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import theme
from results import queries
from results.compare import compare_cells
from results.facts import Device, ExecNode, ExecNodeSource, Fact, SourceOp
from results.layer_rows import LayerRow, layer_rows
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.stores import altered_store
from tests.page.test_told import THEIR_INT8, their_store
from tests.planted import ARMS, cell_id_of, planted_store
from tests.planted_peaks import planted_peaks

PAIR = {"baseline": cell_id_of("alpha"), "candidate": cell_id_of("alpha", ARMS[2])}
FAILED = f"{theme.FAILED.sign} {theme.FAILED.word}"
SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MOBILENET = {
    "baseline": "model=mobilenet_v3_large,arm=fp32@default",
    "candidate": "model=mobilenet_v3_large,arm=int8-simplified@default",
}
HOSTILE = "<img src=x onerror=alert(1)> **b** :red[x]"


def compare(params: dict[str, str] | None = None) -> AppTest:
    at = open_page("compare", {**PAIR, **(params or {})})
    assert_no_exception(at)
    return at


def table_of(at: AppTest, column: str) -> list[object]:
    """The values of a column of the first table that has it."""
    found = next(one.value for one in at.dataframe if column in one.value.columns)
    values: list[object] = found[column].tolist()
    return values


def layers_of(at: AppTest) -> list[object]:
    return next(o.value for o in at.dataframe if "Class" in o.value.columns)["Layer"].tolist()


def rows_of(root: Path, baseline: str, candidate: str) -> tuple[LayerRow, ...]:
    with closing(Store(root).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        found = compare_cells(index, cells[baseline], cells[candidate])
        return layer_rows(found.groups, found.inserted)


def test_the_verdict_stands_first_then_one_sentence_and_four_numbers(rich: Path) -> None:
    at = compare()
    assert "▲ faster: 1.82x" in at.title[0].value.replace("\\", "")
    sentence = at.header[0].value.replace("\\", "")
    assert sentence.startswith("INT8 (int8-simplified@default) is 1.82x as fast as fp32@f32")
    assert "of a possible 2.85x" in sentence
    assert sentence.endswith(".")
    assert len(at.metric) == 4
    assert "Speed-up 1.82x" in words(at)
    assert "best be won back" in words(at), "what else there is to say follows as text"


def test_a_class_in_the_address_leaves_its_layers_alone_and_can_be_taken_out(rich: Path) -> None:
    at = compare({"class": "inserted"})
    assert layers_of(at) == ["Reorder fc > softmax"]
    assert re.search(
        r"The layers below are those inserted: 1 row, together \+1\d\d µs\. \[Go to them\]",
        words(at).replace("*", ""),
    )
    alt = next(c.proto.alt for c in at.get("plotly_chart") if c.proto.alt.startswith("Waterfall"))
    assert "inserted" in alt
    shown = next(button for button in at.button if button.label == "Show all layers")
    shown.click().run()
    assert_no_exception(at)
    assert "class" not in at.query_params
    assert len(layers_of(at)) > 1


def test_layers_can_be_filtered_by_what_the_sides_are_unlike_in(rich: Path) -> None:
    every = set(layers_of(compare()))
    precision = set(layers_of(compare({"mismatch": "precision"})))
    assert precision < every
    assert "softmax" not in precision
    assert "stem" in precision
    assert "No layer fits" in words(compare({"mismatch": "precision,fusion"}))


def test_a_layer_in_the_address_opens_its_exec_nodes_on_both_sides(rich: Path) -> None:
    at = compare({"layer": "stem"})
    said = words(at)
    assert "Kernel: brgconv_avx512_f32" in said
    assert "Kernel: brgconv_avx512_I8" in said
    assert "Precision: u8" in said
    assert "Fused members: stem, stem/hswish" in said
    assert "Operations of the model: stem, stem/hswish" in said.replace("*", "")
    assert "Tied by name, confidence 1.00" in said
    assert "Times as fast" in said
    assert table_of(at, "Fused members")
    assert at.query_params["layer"] == "stem"


def test_an_inserted_layer_opens_too_and_says_what_it_is_there_for(rich: Path) -> None:
    said = words(compare({"layer": "candidate: Reorder fc > softmax"}))
    assert "No operation of the model asked for it" in said
    assert "between fc and softmax" in said
    assert "It has no such layer." in said


def test_every_layer_can_be_opened(rich_root: Path, rich: Path) -> None:
    for row in rows_of(rich_root, PAIR["baseline"], PAIR["candidate"]):
        at = compare({"layer": row.key})
        assert "Where it stands in the graph" in [link.proto.label for link in at.get("page_link")]


def test_a_layer_that_this_pair_has_not_is_ignored_with_a_note(rich: Path) -> None:
    at = compare({"layer": f"nosuch {HOSTILE}"})
    (note,) = [one.value for one in at.warning if "opens the layer" in one.value]
    assert "\\<img" in note
    assert "Kernel:" not in words(at)
    assert "Layers side by side" in words(at)


def test_a_cause_is_a_card_and_its_layers_open(rich: Path) -> None:
    at = compare()
    said = words(at)
    for part in ("What to do:", "Evidence:", "to win back", "whole model", "confidence"):
        assert part in said, part
    button = next(one for one in at.button if (one.key or "").startswith("cause-"))
    button.click().run()
    assert_no_exception(at)
    assert at.query_params["layer"] == (button.key or "").split("-", 2)[2]
    assert "Kernel:" in words(at)


def test_the_rule_for_calling_a_layer_different_has_the_figure_of_the_pair(show: Show) -> None:
    show(SAMPLE)
    said = words(open_page("compare", MOBILENET))
    assert "Faster and slower: beyond chance among all layers, and by at least 20.0 µs here" in said


def test_where_no_layer_is_called_the_page_says_why_and_how_layers_were_matched(
    show: Show,
) -> None:
    show(SAMPLE)
    said = words(open_page("compare", MOBILENET))
    assert "None can be called faster or slower by itself from 5 profile launches a side" in said
    assert "python -m collector run --effort publish" in said
    assert "what is missing from there to 1.78x has no cause that is known here" in said
    assert "8 not told apart, 5 lean slower, from 5 profile launches a side" in said


def test_a_cause_has_the_command_that_names_all_its_layers(show: Show) -> None:
    show(SAMPLE)
    at = open_page("compare", MOBILENET)
    (told,) = [one.value for one in at.code if "--ignore-name" in one.value]
    assert told.startswith("python -m collector quantize mobilenet_v3_large --ignore-name ")
    assert told.count("--ignore-name") == 13


def test_across_models_nothing_was_looked_for_and_the_page_says_so(show: Show) -> None:
    show(SAMPLE)
    at = open_page("compare", {"baseline": "6f1f7f6812f3", "candidate": "a53f2baf3491"})
    assert_no_exception(at)
    said = words(at)
    assert "Causes were not looked for: the models differ" in said
    assert "They were not looked for: the models differ" in said
    assert (
        f"The page Models has those of {ARMS[1]}, MobileNetV2 1.0 and {ARMS[1]}, MobileNetV3-Large "
        "1.0."
    ) in said
    assert "There are none on either side" not in said
    assert "No cause of the catalogue" not in said


def _alpha(root: Path) -> Store:
    return planted_store(root, models=("alpha",))


def test_models_is_pointed_to_for_those_sides_alone_that_have_layers(
    tmp_path: Path, show: Show
) -> None:
    def without_int8(fact: Fact) -> Iterator[Fact]:
        if not (isinstance(fact, ExecNode) and fact.cell_id == PAIR["candidate"]):
            yield fact

    planted_store(tmp_path / "none", models=("alpha",), profile_launches=0)
    altered_store(tmp_path / "one", without_int8, _alpha)
    show(tmp_path / "none")
    assert "page Models" not in words(compare())
    show(tmp_path / "one")
    said = words(compare())
    assert (
        f"They were not looked for: no layers of {ARMS[2]} are stored. The page Models has those "
        f"of {ARMS[0]}, Alpha."
    ) in said


def test_int8_as_the_baseline_offers_to_swap_instead_of_saying_no_cause(rich: Path) -> None:
    at = compare({"baseline": PAIR["candidate"], "candidate": PAIR["baseline"]})
    said = words(at)
    assert "Causes are told with INT8 as the candidate" in said
    assert "No cause of the catalogue" not in said
    at.button(key="swap-for-causes").click().run()
    assert_no_exception(at)
    assert at.query_params["candidate"] == PAIR["candidate"]
    assert "What to do:" in words(at)


def test_inserted_layers_are_told_by_what_they_are_there_for(rich: Path) -> None:
    at = compare()
    said = words(at).replace("*", "")
    assert re.search(r"Candidate, layout and precision: 1 layer, 1\d\d µs", said)
    assert table_of(at, "After") == ["fc"]
    assert table_of(at, "Before") == ["softmax"]


def test_precisions_of_one_side_stand_against_the_others(rich: Path) -> None:
    at = compare()
    pairs = set(zip(table_of(at, "Baseline ran in"), table_of(at, "Candidate ran in"), strict=True))
    assert pairs == {("f32", "u8"), ("f32", "f32")}
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert any(alt.startswith("Precisions of the baseline's layers") for alt in alts)


def test_what_was_possible_is_said_and_how_to_measure_the_roof(rich: Path) -> None:
    at = compare()
    said = words(at)
    assert "of a possible" in said
    assert "python -m collector doctor --peaks" in said
    assert "Possible (x)" in next(o for o in at.dataframe if "Class" in o.value).value.columns


def test_with_measured_peaks_the_share_of_the_roof_is_in_the_table(
    tmp_path: Path, show: Show
) -> None:
    with closing(planted_store(tmp_path).index()) as index:
        (device_id,) = {cell.device_id for cell in queries.cells(index)}
    planted_peaks(tmp_path, device_id)
    show(tmp_path)
    at = open_page("compare")
    assert_no_exception(at)
    shares = [share for share in table_of(at, "Candidate of roof (%)") if isinstance(share, float)]
    assert any(0.0 < share < 100.0 for share in shares)
    assert "--peaks" not in words(at)


def test_one_baseline_stands_against_all_its_candidates(rich: Path) -> None:
    at = compare()
    assert len(table_of(at, "Verdict")) == 5
    assert table_of(at, "Candidate")[0] == ARMS[2]
    assert FAILED in table_of(at, "Verdict")
    assert any("planted failure" in str(reason) for reason in table_of(at, "Reason"))
    assert "Of 5 candidates:" in words(at)
    causes = table_of(at, "Top cause")
    assert causes[0]
    assert not any(causes[1:])


def test_chosen_candidates_stand_there_with_their_causes(rich: Path) -> None:
    other = cell_id_of("alpha", ARMS[1])
    at = compare({"with": other})
    assert table_of(at, "Candidate") == [ARMS[2], ARMS[1]]
    assert at.multiselect(key="control-others").value == [other]
    at.multiselect(key="control-others").set_value([]).run()
    assert_no_exception(at)
    assert "with" not in at.query_params


def test_a_failed_candidate_still_stands_beside_the_others(rich: Path) -> None:
    failed = cell_id_of("alpha", ARMS[2], name="other", isa_cap="AVX2")
    at = compare({"candidate": failed})
    assert "failed: nothing to compare" in at.title[0].value.replace("\\", "")
    assert table_of(at, "Verdict")[0] == FAILED
    assert len(table_of(at, "Verdict")) == 5


def test_without_layers_there_is_still_a_verdict_and_the_candidates(
    tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path, models=("alpha",), profile_launches=0)
    show(tmp_path)
    at = compare({"layer": "stem", "class": "inserted"})
    said = words(at)
    assert "There is no layer story" in said
    assert "There are no layers to compare" in said
    assert any("opens the layer" in one.value for one in at.warning)
    assert table_of(at, "Verdict")


def test_imported_results_are_told_and_never_judged(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    their_store(tmp_path, "imported")
    show(tmp_path)
    at = open_page("compare", {"baseline": cell_id_of(), "candidate": THEIR_INT8})
    assert_no_exception(at)
    assert "told, not measured" in at.title[0].value
    assert table_of(at, "Verdict")[0] == "told, not measured"


def test_a_withheld_story_draws_no_waterfall_but_shows_the_layers_with_care(
    tmp_path: Path, show: Show
) -> None:
    def slowed(fact: Fact) -> Iterator[Fact]:
        """Layers of ten times the wall clock explain nothing."""
        if isinstance(fact, ExecNode) and fact.time_us is not None:
            fact = replace(fact, time_us=10.0 * fact.time_us)
        yield fact

    altered_store(tmp_path, slowed, lambda to: planted_store(to, models=("alpha",)))
    show(tmp_path)
    at = compare({"layer": "stem"})
    said = words(at)
    assert "The layer story is withheld" in said
    assert "Read these with care" in said
    assert "Kernel: brgconv_avx512_I8" in said
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert not any(alt.startswith("Waterfall") for alt in alts)


@pytest.mark.parametrize("key", ["{0}stem", "candidate: Reorder {0}fc > {0}softmax"])
def test_hostile_names_of_layers_are_text_where_they_are_opened(
    tmp_path: Path, show: Show, key: str
) -> None:
    def named(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, ExecNode):
            fact = replace(
                fact, name=f"{HOSTILE}{fact.name}", primitive=f"{HOSTILE}{fact.primitive}",
                original_names=tuple(f"{HOSTILE}{name}" for name in fact.original_names),
            )  # fmt: skip
        elif isinstance(fact, SourceOp):
            producers = tuple(f"{HOSTILE}{name}" for name in fact.producers)
            fact = replace(fact, op_name=f"{HOSTILE}{fact.op_name}", producers=producers)
        elif isinstance(fact, Device):
            fact = replace(fact, title=HOSTILE)
        elif isinstance(fact, ExecNodeSource):
            fact = replace(fact, op_name=f"{HOSTILE}{fact.op_name}")
        yield fact

    altered_store(tmp_path, named, lambda to: planted_store(to, models=("alpha",)))
    show(tmp_path)
    at = compare({"layer": key.format(HOSTILE)})
    said = words(at)
    assert f"Kernel: {HOSTILE}" in said
    shown = [one.value for kind in (at.title, at.header, at.subheader, at.markdown) for one in kind]
    assert not [text for text in shown if "<img" in text.replace("\\<", "")]
