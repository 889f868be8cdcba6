"""What is newest is not always what was compared: pages say so, and never mix two runs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compare_tables import verdict_words
from dashboard.older import MARK, OLDER
from results import queries
from results.candidates import Candidate, candidates
from results.facts import Fact, Launch
from results.store import Store
from tests.page import run_stores
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.run_stores import ERROR, INT8, SECOND
from tests.page.stores import altered_store
from tests.planted import ARMS, FLOAT_MS, cell_id_of


@pytest.fixture
def failed_since(tmp_path: Path, show: Show) -> Path:
    run_stores.failed_since(tmp_path)
    show(tmp_path)
    return tmp_path


@pytest.fixture
def newest_alone(tmp_path: Path, show: Show) -> Path:
    run_stores.newest_alone(tmp_path)
    show(tmp_path)
    return tmp_path


def _row(at: AppTest, column: str) -> dict[str, object]:
    (found,) = [one.value for one in at.dataframe if column in one.value.columns]
    return {str(name): value for name, value in found.to_dict("records")[0].items()}


def _candidates(root: Path) -> dict[str, Candidate]:
    with closing(Store(root).index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        found = candidates(index, cells[ARMS[1]], [cells[ARMS[0]], cells[ARMS[2]]])
    return {one.cell.arm: one for one in found}


@pytest.mark.usefixtures("failed_since")
def test_the_times_of_a_device_are_those_of_its_speed_up() -> None:
    at = open_page("devices")
    assert_no_exception(at)
    row = _row(at, "Governor")
    told, int8, floating = (row[name] for name in ("Speed-up (x)", "INT8 (ms)", "Float (ms)"))
    assert isinstance(told, float)
    assert isinstance(int8, float)
    assert isinstance(floating, float)
    assert floating / int8 == pytest.approx(told, rel=0.01)
    assert floating == pytest.approx(FLOAT_MS, rel=0.01), "not the newest run's, twice as long"


@pytest.mark.parametrize("page", ["overview", "devices", "compare", "models"])
@pytest.mark.usefixtures("failed_since")
def test_every_page_with_a_verdict_says_that_an_arm_failed_since(page: str) -> None:
    at = open_page(page)
    assert_no_exception(at)
    assert OLDER in words(at)
    assert ERROR in words(at)


@pytest.mark.usefixtures("failed_since")
def test_tables_mark_a_verdict_that_is_older_than_a_failure() -> None:
    device = _row(open_page("devices"), "Governor")
    assert device["Verdict"] == f"▲ faster {MARK}"
    assert device["Reason"] == f"{ARMS[2]}: {OLDER}: {ERROR}"
    at = open_page("compare", {"candidate": INT8})
    candidate = _row(at, "Candidate (ms)")
    assert candidate["Verdict"] == f"▲ faster {MARK}"
    assert candidate["Reason"] == f"{OLDER}: {ERROR}"


def test_only_what_failed_is_called_failed(tmp_path: Path) -> None:
    def never(fact: Fact) -> list[Fact]:
        if isinstance(fact, Launch) and fact.kind == "timing" and fact.cell_id == INT8:
            return []
        return [fact]

    altered_store(tmp_path / "never", never)
    run_stores.failed_since(tmp_path / "since")
    found = _candidates(tmp_path / "never")[ARMS[2]]
    assert verdict_words(found) == "never timed"
    assert found.reason == "it was never timed"
    assert "older" not in verdict_words(_candidates(tmp_path / "since")[ARMS[0]])


@pytest.mark.usefixtures("newest_alone")
def test_layers_stand_beside_ratios_of_the_same_run_only() -> None:
    at = open_page("layers", {"cell": INT8})
    assert_no_exception(at)
    shown = at.dataframe[0].value.set_index("Layer")
    assert not str(at.query_params["run"]).startswith(SECOND), "the run that was compared"
    assert shown.loc["stem", "Time (µs)"] == pytest.approx(208.009, abs=0.001), "at its pace"
    assert shown.loc["stem", "Speed-up (x)"] == pytest.approx(588 / 212, rel=0.01)
    assert f"the newest of this cell is {SECOND}" in words(at)
    newest = at.selectbox(key="control-run").options[0]
    at.selectbox(key="control-run").select(newest).run()
    assert_no_exception(at)
    shown = at.dataframe[0].value.set_index("Layer")
    assert shown.loc["stem", "Time (µs)"] == pytest.approx(624.153, abs=0.001), "636 µs at its pace"
    assert "Speed-up (x)" not in shown.columns
    at.segmented_control(key="control-colour").set_value("ratio").run()
    assert "There is no ratio to fp32@default" in words(at)


@pytest.mark.usefixtures("newest_alone")
def test_a_run_without_the_cell_is_ignored_with_a_note() -> None:
    at = open_page("layers", {"cell": cell_id_of(arm=ARMS[0])})
    first = str(at.query_params["run"])
    at = open_page("layers", {"cell": INT8})
    newest = max(at.selectbox(key="control-run").options)
    run_id = str(newest).rsplit(", ", maxsplit=1)[-1]
    at = open_page("layers", {"cell": cell_id_of(arm=ARMS[0]), "run": run_id})
    assert any("has no good launch" in warning.value for warning in at.warning)
    assert at.query_params["run"] == first
