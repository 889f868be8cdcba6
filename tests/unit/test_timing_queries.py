"""Launches of many cells at once are those of ``queries.launches``, with what is not looked at."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from results import queries, timing_queries
from results.launch_book import LaunchBook
from results.store import Index
from results.views import LaunchView
from tests.planted import ARMS, THROUGHPUT, cell_id_of, planted_store

FLOAT, DEFAULT, INT8 = (cell_id_of(arm=arm) for arm in ARMS)
NOT_LOOKED_AT: dict[str, Any] = {
    field.name: None
    for field in fields(LaunchView)
    if field.name
    not in {
        "run_id", "launch_id", "cell_id", "kind", "block", "attempt", "sitting", "position",
        "started_at", "status", "error", "slice_ms", "requests", "headline_ms",
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    root = tmp_path_factory.mktemp("store")
    return planted_store(root, models=("tiny", "big"), runs=2, cautions=True).index()


def test_timings_are_the_timing_launches_of_these_cells_in_time_order(index: Index) -> None:
    full = queries.launches(index, cell_ids=[FLOAT, INT8], kind="timing")
    assert {launch.run_id for launch in full} == {run.run_id for run in queries.run_views(index)}
    found = timing_queries.timings(index, [FLOAT, INT8])
    assert found == tuple(replace(launch, **NOT_LOOKED_AT) for launch in full)


def test_failed_launches_are_told_with_their_reason(tmp_path: Path) -> None:
    index = planted_store(tmp_path, failed_cell=True).index()
    cells = [cell for cell in queries.cells(index) if cell.cell_id == INT8]
    full = LaunchBook(queries.launches(index, kind="timing"), ())
    book = LaunchBook(timing_queries.timings(index, [INT8]), ())
    assert [book.failure(cell) for cell in cells] == [full.failure(cell) for cell in cells]
    assert book.failure(cells[0])


def test_a_book_of_them_estimates_as_one_of_whole_launches(index: Index) -> None:
    by_id = {cell.cell_id: cell for cell in queries.cells(index)}
    cautions = queries.cautions(index, [run.run_id for run in queries.run_views(index)])
    full = LaunchBook(queries.launches(index, kind="timing"), cautions)
    book = LaunchBook(timing_queries.timings(index, [FLOAT, INT8]), cautions)
    told = [one.sample(by_id[FLOAT], by_id[INT8]) for one in (full, book)]
    assert [used.paired for used in told if used] == [True, True]
    assert len({used.estimate() for used in told if used}) == 1


def test_launches_of_runs_are_of_these_runs_alone_with_what_the_model_reported(
    tmp_path: Path,
) -> None:
    index = planted_store(tmp_path, drive=THROUGHPUT, runs=2).index()
    newest = queries.run_views(index)[0].run_id
    cell_id = queries.cells(index)[0].cell_id
    full = queries.launches(index, newest, [cell_id])
    assert {"timing", "profile"} == {launch.kind for launch in full}
    found = timing_queries.of_runs(index, [(newest, cell_id)])
    kept: dict[str, Any] = {name: None for name in NOT_LOOKED_AT if name != "properties"}
    assert found == tuple(replace(launch, **kept) for launch in full)
    assert any(launch.properties for launch in found)


def test_what_was_not_asked_for_takes_no_room_in_a_launch(index: Index) -> None:
    found = timing_queries.timings(index, [FLOAT])[0]
    assert not vars(found).keys() & NOT_LOOKED_AT.keys()
    assert found.properties is None
