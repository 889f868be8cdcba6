"""The address: complete, stable, and never trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.link import Link, read, to_params, with_baseline
from results import queries
from results.comparison import CellView
from results.store import Store
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import cell_id_of

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


def test_a_candidate_of_the_same_model_stays(cells: tuple[CellView, ...]) -> None:
    link = read({}, cells, []).link
    other = cell_id_of("alpha", "fp32@default")
    assert with_baseline(link, other, cells).candidate == link.candidate
