"""The address: complete, stable, and never trusted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.link import (
    Link,
    about,
    default_pair,
    param_of,
    read,
    to_params,
    with_arm,
    with_baseline,
)
from dashboard.link.state import FLAGS, LISTS, TEXTS
from results import queries
from results.comparison import CellView, Verdict
from results.overview import OverviewRow, overview
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import ARMS, cell_id_of, planted_store

BAD = {
    "baseline": "nosuch",
    "candidate": "model=nosuch",
    "cell": "../../etc/passwd",
    "run": "'; DROP TABLE runs; --",
    "against": "<b>bold</b>",
    "class": "nosuch",
    "op": "nosuch",
    "type": "nosuch",
    "precision": "nosuch",
}


@pytest.fixture
def cells(rich_root: Path) -> tuple[CellView, ...]:
    return queries.cells(Store(rich_root).index())


@pytest.mark.parametrize("page", PAGES)
def test_bad_values_are_ignored_with_a_note(page: str, rich: Path) -> None:
    at = open_page(page, BAD)
    assert_no_exception(at)
    notes = [warning.value.replace("\\", "") for warning in at.warning]
    for name in ("baseline", "candidate", "cell", "run", "against", "class"):
        assert any(f"asks for {name} = {BAD[name]}" in note for note in notes), name
    if page == "layers":
        assert "type = nosuch" in words(at)


def test_baseline_and_candidate_are_always_in_the_address(rich: Path) -> None:
    at = open_page()
    assert at.query_params["baseline"] == cell_id_of("alpha", "fp32@default")
    assert at.query_params["candidate"] == cell_id_of("alpha", "int8-simplified@default")


def test_a_copied_address_shows_the_same_thing(rich: Path) -> None:
    first = open_page("compare")
    first.selectbox(key="control-baseline").set_value(cell_id_of("beta", "fp32@f32")).run()
    first.multiselect(key="control-ops").set_value(["MatMul"]).run()
    second = open_page("compare", dict(first.query_params))
    assert words(second) == words(first)
    assert second.dataframe[0].value.equals(first.dataframe[0].value)


def test_the_state_survives_navigation_without_parameters(rich: Path) -> None:
    at = open_page("compare", {"baseline": cell_id_of("gamma", "fp32@f32")})
    at.switch_page("views/layers.py")
    at.query_params = {}
    at.run()
    assert at.query_params["baseline"] == cell_id_of("gamma", "fp32@f32")


def test_a_selector_works_as_an_address(cells: tuple[CellView, ...]) -> None:
    reading = read({"baseline": "model=beta,arm=fp32@f32"}, cells, [])
    assert reading.notes == ()
    assert reading.link.baseline == cell_id_of("beta", "fp32@f32")
    assert reading.link.candidate == cell_id_of("beta", "int8-simplified@default")


@pytest.mark.parametrize("against", ARMS[:2])
def test_a_candidate_alone_gets_the_baseline_of_its_model_and_place_and_that_is_said(
    cells: tuple[CellView, ...], against: str
) -> None:
    for candidate in cells:
        asked = {"candidate": candidate.cell_id, "against": against, "baseline": "gone"}
        *_, note = read(asked, cells, []).notes
        link = read({**asked, "baseline": ""}, cells, []).link
        baseline = next(cell for cell in cells if cell.cell_id == link.baseline)
        assert link.candidate == candidate.cell_id
        assert (baseline.model_id, baseline.device_id) == (candidate.model_id, candidate.device_id)
        assert baseline.arm == (against if candidate.arm != against else _other(against))
        assert note.startswith("The baseline was chosen to fit the candidate of the address: ")
        assert f"{baseline.arm}, {baseline.model_title}, {baseline.device}, OpenVINO" in note


def _other(arm: str) -> str:
    return ARMS[1] if arm == ARMS[0] else ARMS[0]


def test_link_goes_into_an_address_and_back(cells: tuple[CellView, ...]) -> None:
    link = Link(
        baseline=cells[0].cell_id,
        candidate=cells[1].cell_id,
        cell=cells[2].cell_id,
        against="fp32@default",
        find="a,b&c=d",
        classes=("inserted", "int8_slower"),
        ops=("Convolution",),
        precisions=("u8", "f32"),
        idle=True,
    )
    reading = read(to_params(link), cells, [])
    assert reading.link == link
    assert reading.notes == ()


def test_another_baseline_keeps_the_search_for_layers(cells: tuple[CellView, ...]) -> None:
    link = replace(read({}, cells, []).link, find="conv")
    assert with_baseline(link, cell_id_of("alpha", "fp32@f32"), cells).find == "conv"


def test_a_candidate_of_the_same_model_stays(cells: tuple[CellView, ...]) -> None:
    link = read({}, cells, []).link
    other = cell_id_of("alpha", "fp32@default")
    assert with_baseline(link, other, cells).candidate == link.candidate


def test_the_pair_follows_the_baseline_that_verdicts_are_against(
    cells: tuple[CellView, ...],
) -> None:
    link = read({}, cells, []).link
    assert link.candidate == cell_id_of("alpha", ARMS[2])
    followed = with_arm(link, ARMS[0], cells)
    assert followed == replace(link, against=ARMS[0], baseline=cell_id_of("alpha", ARMS[0]))
    swapped = replace(link, baseline=link.candidate, candidate=link.baseline)
    assert with_arm(swapped, ARMS[0], cells) == followed
    floats = replace(link, candidate=cell_id_of("alpha", ARMS[0]))
    assert with_arm(floats, ARMS[0], cells) == replace(floats, against=ARMS[0])


def test_an_address_with_nothing_but_a_baseline_arm_opens_with_a_pair_against_it(
    rich_root: Path,
) -> None:
    with closing(Store(rich_root).index()) as index:
        cells, rows = queries.cells(index), overview(index)
    for arm in ARMS[:2]:
        link = read({"against": arm}, cells, [], rows).link
        assert next(cell.arm for cell in cells if cell.cell_id == link.baseline) == arm
        assert default_pair(cells, (), arm)[0].arm == arm


def test_every_field_has_a_name_of_its_own_in_the_address() -> None:
    names = [param_of(field.name) for field in fields(Link)]
    assert len(set(names)) == len(names)
    filled: dict[str, Any] = dict.fromkeys(TEXTS, "x")
    filled |= dict.fromkeys(FLAGS, True) | dict.fromkeys(LISTS, ("x",))
    assert set(to_params(Link(**filled))) == set(names)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("find", "x" * 100_000, "is longer than 1000 characters"),
        ("layer", "caf\N{REPLACEMENT CHARACTER}", "is not UTF-8"),
        ("class", ",".join(f"c{n}" for n in range(200)), "has more than 50 values"),
        ("class", "nosuch,inserted,other", "is not known here"),
        ("baseline", "model=" * 3000, "is longer"),
        ("idle", "perhaps", "is not known here"),
        ("hops", "1000000", "is not known here"),
        ("colour", "<script>", "is not known here"),
        ("with", "'; DROP TABLE cells; --", "is not known here"),
    ],
)
def test_a_bad_value_gives_one_short_note_that_names_it(
    cells: tuple[CellView, ...], name: str, value: str, fault: str
) -> None:
    reading = read({name: value}, cells, [])
    (note,) = reading.notes
    assert note.startswith(f"The address asks for {name} = ")
    assert fault in note
    assert len(note) < 200
    kept = {"class": "inserted"} if "inserted" in value else {}
    assert reading.link == read(kept, cells, []).link


def test_what_is_named_twice_counts_once(cells: tuple[CellView, ...]) -> None:
    assert read({"class": "inserted,inserted"}, cells, []).link.classes == ("inserted",)


def test_a_parameter_that_is_repeated_or_not_utf8_breaks_no_page(rich: Path) -> None:
    at = open_page("compare")
    at.query_params = {"find": ["conv", "soft"], "baseline": ["x", "x\N{REPLACEMENT CHARACTER}"]}
    at.run()
    assert_no_exception(at)
    assert "which is not UTF-8" in words(at)
    assert at.query_params["find"] == "soft"


def test_the_pages_open_with_a_decided_verdict(rich_root: Path) -> None:
    with closing(Store(rich_root).index()) as index:
        cells, rows = queries.cells(index), overview(index)
    undecided = [_undecided(row) for row in rows if row.model == "alpha"]
    others = [row for row in rows if row.model == "beta"]
    baseline, candidate = default_pair(cells, [*undecided, *others])
    assert candidate is not None
    assert {baseline.model, candidate.model} == {"beta"}
    assert default_pair(cells, undecided)[0].model == "alpha"
    found = read({}, cells, [], [*undecided, *others]).link
    assert (found.baseline, found.candidate) == (baseline.cell_id, candidate.cell_id)


def test_another_pair_leaves_the_opened_layer_behind() -> None:
    link = replace(Link(), layer="block/conv", find="conv")
    assert about(link, "a", "b").layer == ""
    assert about(link, "a", "b").find == "", "it was looked for on another page"


def test_a_new_run_changes_nothing_of_what_an_address_shows(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    show(tmp_path)
    at = open_page("compare")
    asked = dict(at.query_params)
    planted_store(tmp_path, models=("aaa",), name="newer")
    again = open_page("compare", asked)
    assert dict(again.query_params) == asked
    assert [one.value for one in again.title] == [one.value for one in at.title]


def _undecided(row: OverviewRow) -> OverviewRow:
    verdicts = tuple(
        replace(one, estimate=replace(one.estimate, verdict=Verdict.INCONCLUSIVE))
        for one in row.verdicts
    )
    return replace(row, verdicts=verdicts)
