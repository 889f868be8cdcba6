"""What a page owns stays its own, what it chose by itself is pinned, and what is ignored is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.link import Link, arriving, of_page, to_params
from dashboard.link.owned import OWN, SHARED
from dashboard.views import address
from results.overview import ArmVerdict, overview
from results.store import Store
from tests.page import run_stores
from tests.page.conftest import Show, ShowOnce
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import ARMS, THROUGHPUT, model_id_of, planted_store
from tests.planted_fleet import planted_fleet


@pytest.fixture
def two_places(show_once: ShowOnce) -> Path:
    return show_once(run_stores.two_places).root


def _go(at: AppTest, page: str) -> AppTest:
    """As by the navigation, which drops the address."""
    at.switch_page(f"views/{page}.py")
    at.query_params = {}
    return at.run()


def _address(at: AppTest) -> dict[str, str]:
    return {name: str(value) for name, value in at.query_params.items()}


def test_every_page_owns_fields_and_every_field_is_somebodys() -> None:
    assert set(OWN) == set(PAGES)
    owned = {name for names in OWN.values() for name in names}
    assert owned.isdisjoint(SHARED)
    assert owned | set(SHARED) == {field.name for field in fields(Link)}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("two_places")
def test_every_control_of_a_page_is_its_own_or_shared(page: str) -> None:
    at = open_page(page)
    kinds = ("selectbox", "multiselect", "toggle", "text_input", "button_group")
    keys = [str(one.key) for kind in kinds for one in at.get(kind) if hasattr(one, "key")]
    used = {key.removeprefix("control-") for key in keys if key.startswith("control-")}
    assert used <= {*SHARED, *OWN[page]}


@pytest.mark.usefixtures("two_places")
def test_opening_a_page_filters_nothing_on_another() -> None:
    before = words(open_page("overview"))
    at = open_page("overview")
    for page in ("models", "devices", "overview"):
        _go(at, page)
        assert_no_exception(at)
    assert words(at) == before
    assert "runtime" not in at.query_params


@pytest.mark.usefixtures("two_places")
def test_a_search_for_devices_is_none_for_layers_and_is_there_again_on_the_way_back() -> None:
    at = open_page("devices", {"find": "other"})
    _go(at, "compare")
    assert "find" not in at.query_params
    assert "No layer fits" not in words(at)
    _go(at, "devices")
    assert at.query_params["find"] == "other"


@pytest.mark.usefixtures("two_places")
def test_an_address_that_another_page_left_behind_is_none_of_this_page() -> None:
    at = open_page("devices", {"find": "other"})
    left = _address(at)
    at.switch_page("views/layers.py")
    at.query_params = dict(left)
    at.run()
    assert "find" not in at.query_params
    assert at.query_params["baseline"] == left["baseline"]


def test_a_way_to_compare_takes_no_search_along(two_places: Path) -> None:
    at = open_page("devices", {"find": "o"})
    links = [one.proto for one in at.get("page_link") if one.proto.page == "compare"]
    assert links
    assert all("find=" not in link.query_string for link in links)


def test_another_pair_forgets_what_was_said_of_the_last() -> None:
    link = Link(baseline="a", candidate="b", cell="b", node="stem", colour="ratio")
    same = arriving("layers", to_params(Link("a", "b")), to_params(link))
    other = arriving("layers", to_params(Link("a", "c")), to_params(link))
    assert same["node"] == "stem"
    assert other == {"baseline": "a", "candidate": "c", "colour": "ratio"}


def test_another_pair_forgets_where_models_stood_and_keeps_two_that_it_is_one_of() -> None:
    link = Link("a", "b", left="x", right="y", runtime="1", device="d")
    seen, other = to_params(link), to_params(Link("a", "c"))
    assert arriving("models", to_params(Link("a", "b")), seen, "x") == seen
    assert arriving("models", other, seen, "y") == {**other, "left": "x", "right": "y"}
    assert arriving("models", other, seen, "z") == other
    assert arriving("overview", other, seen, "z") == {**other, "runtime": "1"}, "it is a filter"


def _fleet(root: Path) -> Store:
    return planted_fleet(root, 5, ("alpha", "beta"))


def _slowest(store: Store) -> ArmVerdict:
    """The verdict that is worst for INT8: Beta's on the last machine."""
    with closing(store.index()) as index:
        verdicts = [one for row in overview(index) for one in row.verdicts]
    return max(verdicts, key=lambda one: (one.estimate.ratio, one.baseline.arm))


def test_models_and_runs_stand_where_the_pair_is_that_was_opened(show_once: ShowOnce) -> None:
    store = show_once(_fleet)
    worst = _slowest(store)
    assert (worst.candidate.model, worst.estimate.verdict.value) == ("beta", "slower")
    pair = {"baseline": worst.baseline.cell_id, "candidate": worst.candidate.cell_id}
    at = open_page("models")
    assert at.query_params["device"] != worst.candidate.device_id, "by itself it stands elsewhere"
    at = _go(open_page("compare", pair), "models")
    assert_no_exception(at)
    assert at.query_params["device"] == worst.candidate.device_id
    assert at.title[0].value.replace("\\", "") == (
        "On Intel Core i5-7440HQ with OpenVINO 2026.4.1 INT8 makes both slower, Beta more than "
        "Alpha."
    )
    _go(at, "runs")
    assert_no_exception(at)
    run = next(one for one in at.selectbox[0].options if str(at.query_params["run"]) in one)
    assert run.startswith("host-004"), "it is the run of the pair"


@pytest.mark.usefixtures("two_places")
def test_the_same_pair_leaves_models_as_it_was() -> None:
    at = open_page("models", {"runtime": "2025.1.0"})
    left = _address(at)
    assert left["runtime"] == "2025.1.0-00000-planted"
    _go(at, "compare")
    _go(at, "models")
    assert _address(at) == left


def test_a_page_drops_what_others_own() -> None:
    link = Link(baseline="a", find="x", runtime="1", against=ARMS[0])
    assert of_page(link, "compare") == replace(link, runtime="")
    assert of_page(link, "models") == replace(link, find="")


@pytest.mark.parametrize(
    ("page", "asked", "told"),
    [("compare", {"op": "Bogus"}, "op = Bogus"), ("layers", {"type": "Bogus"}, "type = Bogus"),
     ("layers", {"type": "Bogus", "precision": "nope"}, "precision = nope"),
     ("compare", {"class": "removed"}, "class = removed")],
)  # fmt: skip
@pytest.mark.usefixtures("one_run")
def test_a_filter_that_is_said_to_be_ignored_is(
    page: str, asked: dict[str, str], told: str
) -> None:
    at = open_page(page, asked)
    assert told in words(at)
    assert "No layer fits" not in words(at)
    key = "Executed" if page == "layers" else "Class"
    rows, every = (
        next(one.value for one in shown.dataframe if key in one.value.columns)
        for shown in (at, open_page(page))
    )
    assert rows.equals(every)


@pytest.mark.parametrize("page", ["layers", "models", "devices", "runs"])
def test_a_new_run_changes_nothing_of_what_a_copied_link_shows(
    page: str, tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path, models=("alpha", "beta"))
    show(tmp_path)
    asked = _address(open_page(page))
    shown = [one.value for one in open_page(page, asked).title]
    planted_store(tmp_path, models=("alpha", "beta"), default_ratio=0.3, runtime="2027.1.0")
    again = open_page(page, asked)
    assert_no_exception(again)
    assert not again.warning
    assert _address(again) == asked
    assert [one.value for one in again.title] == shown


@pytest.mark.parametrize("page", ["layers", "models", "devices"])
def test_a_browser_that_repeats_the_address_it_came_with_keeps_what_was_pinned(
    page: str, tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path, models=("alpha", "beta"))
    show(tmp_path)
    link = _address(open_page("compare"))
    at = open_page(page, link)
    pinned, shown = _address(at), [one.value for one in at.title]
    assert pinned != link
    planted_store(tmp_path, models=("alpha", "beta"), default_ratio=0.3, runtime="2027.1.0")
    at.query_params = dict(link)
    at.run()
    assert_no_exception(at)
    assert _address(at) == pinned
    assert [one.value for one in at.title] == shown


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("two_places")
def test_a_rerun_that_nobody_asked_for_adds_no_entry_to_the_history(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(address, "move", made.append)
    link = _address(open_page("compare"))
    at = open_page(page, link)
    pinned = _address(at)
    at.query_params = dict(link)  # the browser has not completed its address yet
    at.run()
    assert _address(at) == pinned
    assert made == []


@pytest.mark.usefixtures("one_run")
def test_pages_pin_what_they_chose_by_themselves() -> None:
    layers = _address(open_page("layers"))
    assert layers["node"] == "fc_u8_f32_softmax"
    assert layers["run"].startswith("2026")
    assert _address(open_page("runs"))["run"] == layers["run"]
    for page in ("models", "devices"):
        told = _address(open_page(page))
        assert told["runtime"] == "2026.4.1-00000-planted"
        assert told["arm"] == ARMS[2]


@pytest.mark.usefixtures("two_places")
def test_devices_of_unlike_versions_stay_each_with_its_newest() -> None:
    at = open_page("devices")
    assert "runtime" not in at.query_params
    assert at.selectbox(key="control-runtime").value == ""
    at.selectbox(key="control-runtime").set_value("2025.1.0").run()
    assert_no_exception(at)
    assert at.query_params["runtime"] == "2025.1.0-00000-planted"
    assert at.selectbox(key="control-runtime").value == "2025.1.0"


def test_devices_tells_what_the_model_was_not_measured_with(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, models=("alpha",))
    planted_store(tmp_path, models=("beta",), runtime="2025.1.0", drive=THROUGHPUT)
    show(tmp_path)
    beta = _address(open_page("devices", {"model": model_id_of("beta")}))
    asked = {"runtime": beta["runtime"], "driven": beta["driven"], "arm": ARMS[0]}
    at = open_page("devices", {"model": model_id_of("alpha"), **asked})
    assert_no_exception(at)
    notes = [warning.value.replace("\\", "") for warning in at.warning]
    for name, value in asked.items():
        assert any(f"asks for {name} = {value}" in note for note in notes), name
    assert any("shown is latency, batch 1" in note for note in notes)


@pytest.mark.usefixtures("two_places")
def test_a_build_in_the_address_of_the_overview_is_a_version_there() -> None:
    at = open_page("overview", {"runtime": "2025.1.0-00000-planted"})
    assert_no_exception(at)
    assert at.selectbox(key="control-runtime").value == "2025.1.0"
    by_name = open_page("overview", {"runtime": "2025.1.0"})
    assert [one.value for one in at.title] == [one.value for one in by_name.title]
