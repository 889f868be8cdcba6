"""What was imported or published, on every page: never a verdict, never opened by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.link import default_baseline, partner, read
from results import queries
from results.comparison import CellView
from results.facts import Block, ExecNode, Fact, Launch, Machine, Model, Run, SourceOp
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.stores import altered_store
from tests.planted import ARMS, cell_id_of, planted_store

TOLD = "told, not measured"
THEIR_INT8 = cell_id_of(arm=ARMS[2], name="theirs")


def _foreign(fact: Fact, kind: str) -> Iterator[Fact]:
    """One launch of each cell, without block or interval, a day after what was measured."""
    if isinstance(fact, Run):
        yield replace(
            fact, kind=kind, source="a colleague's mail", effort=None, continued=None,
            started_at=fact.started_at + timedelta(days=1),
            machine_id=None if kind == "published" else fact.machine_id,
            command="python -m collector import report.csv",
        )  # fmt: skip
    elif isinstance(fact, Machine):
        yield replace(fact, isa_flags=())
    elif isinstance(fact, Launch):
        if fact.kind == "profile" or (fact.kind == "timing" and fact.block == 0):
            yield replace(fact, block=None, slice_ms=None)
    elif isinstance(fact, Model):
        yield replace(fact, note=None, title=fact.name)
    elif not isinstance(fact, Block | SourceOp):
        yield fact


def their_store(root: Path, kind: str, model: str = "tiny") -> str:
    """One foreign run under ``root``; its id."""

    def alter(fact: Fact) -> Iterator[Fact]:
        yield from _foreign(fact, kind)

    store = altered_store(
        root, alter, lambda to: planted_store(to, models=(model,), name="theirs", blocks=2)
    )
    return next(run.path.name for run in store.runs if kind in _kinds(store, run.path.name))


def _kinds(store: Store, run_id: str) -> list[str]:
    with closing(store.index()) as index:
        return [run.kind for run in queries.run_views(index) if run.run_id == run_id]


@pytest.fixture(params=["imported", "published"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both kinds of what was not measured here."""
    return str(request.param)


@pytest.fixture
def foreign_run(kind: str, tmp_path: Path, show: Show) -> str:
    """A foreign run alone, shown."""
    run_id = their_store(tmp_path, kind)
    show(tmp_path)
    return run_id


def test_runs_shows_a_foreign_run_by_its_source_and_nothing_of_how_it_was_measured(
    kind: str, foreign_run: str
) -> None:
    at = open_page("runs", {"run": foreign_run})
    assert_no_exception(at)
    said, headers = words(at), [header.value for header in at.header]
    assert headers[0] == "Where it is from"
    assert "Source: **a colleague's mail**" in said
    assert f"{kind.capitalize()}, not measured by INT8 Lens" in said
    assert not at.get("plotly_chart"), "no pace and no turns"
    assert "seed" not in said
    assert "ffort" not in said
    assert said.count("ertificate") == 1
    (figures,) = [one.value for one in at.dataframe if "Time (ms)" in one.value.columns]
    assert not {"Block", "Attempt", "Use", "Sitting", "Turns"} & set(figures.columns)
    assert len(figures) == 3 + 9


def test_a_machine_of_which_no_flags_were_told_has_unknown_ones(tmp_path: Path, show: Show) -> None:
    run_id = their_store(tmp_path, "imported")
    show(tmp_path)
    at = open_page("runs", {"run": run_id})
    (facts,) = [one.value for one in at.dataframe if "Fact" in one.value.columns]
    flags = facts[facts["Fact"].str.contains("flags")]
    assert flags["Value"].tolist() == ["unknown"]


def test_runs_opens_with_the_newest_run_that_was_measured(
    kind: str, tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path)
    run_id = their_store(tmp_path, kind)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    assert "Did the machine keep its pace?" in [header.value for header in at.header]
    (name,) = [one for one in at.selectbox[0].options if run_id in one]
    assert ", ," not in name
    assert f"{kind}, " in name


def test_compare_of_two_foreign_cells_tells_and_gives_no_verdict(
    kind: str, foreign_run: str
) -> None:
    at = open_page("compare")
    assert_no_exception(at)
    assert at.title[0].value.replace("\\", "") == f"{TOLD}: 1.82x"
    said = words(at)
    assert "inconclusive" not in said
    warned = [one.value.replace("\\", "") for one in at.warning]
    assert sum(f"{kind}, not measured by INT8 Lens" in one for one in warned) == 2


def test_compare_says_why_the_layers_of_imports_are_not_laid_side_by_side(
    tmp_path: Path, show: Show
) -> None:
    their_store(tmp_path, "imported")
    show(tmp_path)
    (reason,) = [one.value for one in open_page("compare").info]
    assert "layers of imported results cannot be laid side by side" in reason.replace("\\", "")


def test_overview_has_no_verdict_on_what_was_told(kind: str, tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    their_store(tmp_path, kind, model="beta")
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    (table,) = [one.value for one in at.dataframe if "Origin" in one.value.columns]
    assert table["Result"].tolist() == [TOLD]
    assert table.columns.tolist()[:5] == ["Model", "Result", "Speed-up (x)", "Device", "OpenVINO"]
    assert "95 % low (x)" not in table.columns, "nothing has an interval"
    assert "inconclusive" not in "\n".join(card.value for card in at.subheader)


def test_layers_of_a_foreign_cell_are_not_said_to_be_measured(kind: str, foreign_run: str) -> None:
    at = open_page("layers")
    assert_no_exception(at)
    said = words(at)
    assert f"**{kind.capitalize()}, not measured by INT8 Lens**" in said
    assert "profile launches" not in said


def _cells(root: Path) -> tuple[CellView, ...]:
    with closing(Store(root).index()) as index:
        return queries.cells(index)


def test_compare_opens_with_what_was_measured_and_lists_it_first(
    kind: str, tmp_path: Path, show: Show
) -> None:
    their_store(tmp_path, kind, model="aaa")
    planted_store(tmp_path, models=("zzz",), failed_cell=True)
    cells = sorted(_cells(tmp_path), key=lambda cell: cell.is_measured)
    assert default_baseline(cells).cell_id == cell_id_of("zzz", ARMS[1])
    theirs = next(cell for cell in cells if not cell.is_measured)
    assert partner(cells, theirs).origin == kind
    for cell in cells:
        assert partner(cells, cell).origin == cell.origin
    show(tmp_path)
    options = open_page("compare").selectbox(key="control-baseline").options
    assert [kind in option for option in options] == [False] * 3 + [True] * 3


def test_the_mark_does_not_depend_on_the_name_of_the_model(tmp_path: Path, show: Show) -> None:
    their_store(tmp_path, "imported", model="imported_net")
    planted_store(tmp_path, models=("imported_net",))
    show(tmp_path)
    options = open_page("compare").selectbox(key="control-baseline").options
    marks = [", imported, imported_net" in option for option in options]
    assert marks == [False] * 3 + [True] * 3


def test_a_version_that_was_only_imported_is_no_version_to_follow(tmp_path: Path) -> None:
    def older(fact: Fact) -> Iterator[Fact]:
        yield from _foreign(fact, "imported")

    planted_store(tmp_path)
    altered_store(tmp_path, older, lambda to: planted_store(to, name="theirs", runtime="2024.1.0"))
    cells = _cells(tmp_path)
    found = read({"from": "2024.1", "to": "2026.4"}, cells, [])
    assert found.link.old == ""
    assert found.link.new == next(cell.runtime_id for cell in cells if cell.is_measured)
    assert [note for note in found.notes if "from = 2024.1, which was not measured here" in note]


def test_a_foreign_model_with_float_alone_has_no_pair(tmp_path: Path, show: Show) -> None:
    def float_alone(fact: Fact) -> Iterator[Fact]:
        if not (isinstance(fact, Launch | ExecNode) and fact.cell_id == THEIR_INT8):
            yield from _foreign(fact, "imported")

    planted_store(tmp_path)
    altered_store(tmp_path, float_alone, lambda to: planted_store(to, name="theirs", blocks=2))
    show(tmp_path)
    (table,) = [one.value for one in open_page().dataframe if "Origin" in one.value.columns]
    assert table["Result"].tolist() == ["one side only"]


def test_a_measured_cell_is_not_paired_with_an_import_of_its_own_model(tmp_path: Path) -> None:
    their_store(tmp_path, "imported", model="zzz")
    planted_store(tmp_path, models=("zzz", "yyy"))
    cells = _cells(tmp_path)
    own = next(cell for cell in cells if cell.cell_id == cell_id_of("zzz", ARMS[1]))
    others = [cell for cell in cells if not (cell.is_measured and cell.model_id == own.model_id)]
    assert partner(others, own).is_measured
