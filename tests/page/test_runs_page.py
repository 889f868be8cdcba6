"""Runs: opens with how far a run can be trusted, counts what it lists, finds runs by machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from results import queries
from results.drift import pace
from results.facts import Fact, Launch
from results.run_queries import runs_by_trust
from tests.page import stores
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page
from tests.planted import planted_store


def _slow_start(fact: Fact) -> tuple[Fact]:
    if isinstance(fact, Launch) and fact.kind == "timing" and fact.block == 0:
        return (replace(fact, p50_ms=3 * (fact.p50_ms or 0.0)),)
    return (fact,)


def _title(at: AppTest) -> str:
    return at.title[0].value.replace("\\", "")


def _figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_a_steady_run_is_to_be_trusted(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    assert _title(at) == (
        "Trust the ratios and the milliseconds of this run: all 3 cells ran steadily."
    )
    assert _figures(at)["Steady cells"] == "3 of 3"


def test_an_unsteady_run_opens_with_what_may_be_trusted_and_what_not(
    tmp_path: Path, show: Show
) -> None:
    stores.altered_store(tmp_path, _slow_start)
    show(tmp_path)
    at = open_page("runs")
    assert _title(at).endswith("but not its milliseconds: 3 of 3 cells did not run steadily.")
    assert _figures(at)["Steady cells"] == "0 of 3"


def test_as_many_cautions_are_counted_as_are_listed(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, models=("alpha", "beta"), cautions=True)
    show(tmp_path)
    at = open_page("runs")
    listed = [one for one in at.markdown if one.value.startswith("- **") and "to do" in one.value]
    assert listed
    assert _figures(at)["Cautions"] == str(len(listed))


def test_every_run_is_listed_with_its_machine_and_the_worst_is_on_top(
    tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path, name="good", runs=2)
    failed = planted_store(tmp_path, name="poor", failed_cell=True).runs
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    (every,) = [one for one in at.expander if "with their machines" in one.label]
    rows = every.dataframe[0].value
    assert len(rows) == 3
    assert rows["Failed launches"].tolist() == [5, 0, 0]
    assert rows["Run"][0] in {run.path.name for run in failed}
    assert all(name in "\n".join(at.selectbox[0].options) for name in rows["Machine"])


def test_a_list_of_runs_counts_unsteady_cells_as_the_run_itself_does(tmp_path: Path) -> None:
    index = stores.altered_store(tmp_path, _slow_start).index()
    (row,) = runs_by_trust(index).to_pylist()
    (run,) = queries.run_views(index)
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    stored = queries.cautions(index, (run.run_id,))
    kept = pace(queries.launches(index, run.run_id), stored, cells)
    assert row["unsteady_cells"] == kept.unsteady == 3
