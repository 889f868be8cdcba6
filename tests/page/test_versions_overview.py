"""Overview with several versions, with failed cells, and with what was not measured here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import theme
from results.facts import Fact, Run
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.page.stores import altered_store
from tests.page.version_stores import CRASH, REFUSED, versions_store
from tests.planted import ARMS, THROUGHPUT, cell_id_of, planted_store

FAILED = f"{theme.FAILED.sign} failed"


@pytest.fixture(scope="module")
def six_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six versions of two models, of which 2021.2 fails four cells."""
    root = tmp_path_factory.mktemp("six")
    versions_store(root)
    return root


@pytest.fixture
def six(six_root: Path, show: Show) -> Path:
    """That store, shown."""
    show(six_root)
    return six_root


def _headers(at: AppTest) -> str:
    return "\n".join(header.value for header in at.header).replace("\\", "")


def _cards(at: AppTest) -> list[str]:
    return [element.value for element in at.subheader]


@pytest.mark.usefixtures("six")
def test_only_the_newest_version_has_cards_and_the_others_are_one_line() -> None:
    at = open_page()
    assert_no_exception(at)
    assert len(_cards(at)) == 2
    assert "OpenVINO 2026.4.1" in _headers(at)
    assert "OpenVINO 2021" not in _headers(at)
    (line,) = [one for one in at.get("page_link") if "versions measured" in one.proto.label]
    assert line.proto.label == "**6 versions measured, in 1 of them cells failed: see Versions**"
    assert at.metric[0].value == "2 of 2"


@pytest.mark.usefixtures("six")
def test_another_version_can_be_chosen_and_stays_in_the_address() -> None:
    at = open_page()
    at.selectbox(key="control-runtime").set_value("2021.4.2").run()
    assert_no_exception(at)
    assert at.query_params["runtime"] == "2021.4.2"
    assert "▼ slower: 0.83x" in words(at)
    assert "OpenVINO 2026.4.1" not in _headers(at)
    assert at.selectbox(key="control-runtime").options[1] == "2026.4.1", "the newest comes first"


@pytest.mark.usefixtures("six")
def test_all_versions_can_be_asked_for() -> None:
    at = open_page("overview", {"runtime": "all"})
    assert_no_exception(at)
    assert len(_cards(at)) == 12
    assert not at.warning or all("ignored" not in warning.value for warning in at.warning)


@pytest.mark.usefixtures("six")
def test_every_failure_is_told_once_with_a_sign_a_word_and_its_reason() -> None:
    at = open_page()
    told = [warning.value.replace("\\", "") for warning in at.warning]
    where = f"**{FAILED}: Planted CPU tiny, OpenVINO 2021.2**"
    assert f"{where}: {CRASH}  \n{ARMS[2]} of Alpha" in told
    assert f"{where}: {REFUSED}  \n{', '.join(ARMS)} of Beta" in told
    assert len(told) == 2


@pytest.mark.usefixtures("six")
def test_the_card_of_a_model_that_failed_says_failed_and_why() -> None:
    at = open_page("overview", {"runtime": "2021.2"})
    assert_no_exception(at)
    assert [card for card in _cards(at) if FAILED in card] == [f":gray[{FAILED}]"] * 2
    notes = [element.value.replace("\\", "") for element in at.markdown]
    assert f":small[:gray[{CRASH}]]" in notes
    verdicts = next(f.value for f in at.dataframe if "Verdict" in f.value.columns)
    assert verdicts["Verdict"].tolist() == [FAILED, FAILED]


def test_a_card_with_a_verdict_names_the_arm_that_failed_beside_it(
    tmp_path: Path, show: Show
) -> None:
    versions_store(
        tmp_path, ("2026.4.1",), models=("alpha",), failed={("2026.4.1", "alpha", ARMS[0]): CRASH}
    )
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    said = words(at)
    assert "▲ faster: 1.82x" in said
    assert f"**{FAILED}**: {ARMS[0]}: {CRASH}" in said


def test_the_newest_is_found_by_number_and_for_each_model_by_itself(
    tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path, models=("alpha", "beta"), runtime="2024.9.0")
    planted_store(tmp_path, models=("alpha",), runtime="2024.10.0")
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    assert len(_cards(at)) == 2, "a model that no newer version measured stays"
    verdicts = next(f.value for f in at.dataframe if "Verdict" in f.value.columns)
    found = dict(zip(verdicts["Model"], verdicts["OpenVINO"], strict=True))
    assert found == {"Alpha": "2024.10.0", "Beta": "2024.9.0"}


def test_compare_opens_with_the_newest_version_too(six: Path) -> None:
    at = open_page("compare")
    assert at.query_params["baseline"] == cell_id_of("alpha", ARMS[1], runtime="2026.4.1")


@pytest.mark.parametrize("kind", ["imported", "published"])
def test_what_was_not_measured_here_stands_apart_and_is_marked(
    kind: str, tmp_path: Path, show: Show
) -> None:
    def foreign(fact: Fact) -> Iterator[Fact]:
        yield replace(fact, kind=kind) if isinstance(fact, Run) else fact

    planted_store(tmp_path, models=("alpha",))
    altered_store(
        tmp_path, foreign, lambda root: planted_store(root, models=("beta",), name="theirs")
    )
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    assert f"{kind.capitalize()}, not measured here" in _headers(at)
    assert len(_cards(at)) == 1, "no card for what was not measured"
    assert at.metric[0].value in {"1 of 1", "0 of 1"}
    marked = next(f.value for f in at.dataframe if "Origin" in f.value.columns)
    assert marked["Model"].tolist() == ["Beta"]
    assert marked["Origin"].tolist() == [kind]
    assert marked["Device"].tolist() == ["Planted CPU theirs"]
    at = open_page("compare")
    assert any(kind in option for option in at.selectbox(key="control-candidate").options)
    at = open_page("versions")
    assert_no_exception(at)
    assert "Planted CPU theirs" not in words(at)


def test_a_store_of_imported_results_only_breaks_no_page(tmp_path: Path, show: Show) -> None:
    def foreign(fact: Fact) -> Iterator[Fact]:
        yield replace(fact, kind="imported") if isinstance(fact, Run) else fact

    altered_store(tmp_path, foreign)
    show(tmp_path)
    for page in PAGES:
        assert_no_exception(open_page(page))
    assert "No INT8 arm was measured" in open_page().title[0].value
    assert open_page("versions").title[0].value == "No version was measured here yet"


def test_what_was_published_for_the_instruction_set_stands_beside_a_verdict(
    tmp_path: Path, show: Show
) -> None:
    def published(fact: Fact) -> Iterator[Fact]:
        source = "a list of benchmarks"
        yield replace(fact, kind="published", source=source) if isinstance(fact, Run) else fact

    def theirs(root: Path) -> Store:
        return planted_store(root, models=("al-pha", "beta"), name="theirs", drive=THROUGHPUT)

    planted_store(tmp_path, models=("al_pha", "gamma"))
    altered_store(tmp_path, published, theirs)
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    told = [one.value.replace("\\", "") for one in at.markdown if "published for" in one.value]
    assert len(told) == 1, "gamma was never published"
    assert "published for AVX-512 VNNI CPUs: 1.82x (1.82 to 1.82, 1 CPU)" in told[0]
    unlike = "throughput against fp32@f32, while this verdict is of latency"
    assert f"{unlike}; a list of benchmarks" in told[0]
