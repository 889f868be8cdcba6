"""When a cell counts as failed: one rule, on Overview, on Compare and in the versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dashboard.failures import CellFailure, failure_of
from results import queries
from results.facts import Fact, Launch
from results.headline import failures
from results.launch_book import LaunchBook
from results.overview import OverviewRow, overview
from results.store import Store
from tests.page.stores import altered_store
from tests.planted import ARMS, cell_id_of, planted_store

INT8 = cell_id_of(arm=ARMS[2])
CRASH = "timing: the probe was ended by signal 11 (SIGSEGV)"
FIRST, SECOND = "20261101", "20261102"


def two_runs(root: Path, failing: str, *, all_of_it: bool = True) -> Store:
    """Two runs of three cells; in that which begins with ``failing`` the INT8 cell fails."""

    def alter(fact: Fact) -> Iterator[Fact]:
        own = isinstance(fact, Launch) and fact.cell_id == INT8 and fact.run_id.startswith(failing)
        if own and isinstance(fact, Launch) and (all_of_it or fact.block == 0):
            fact = replace(fact, status="failed", error=CRASH, p50_ms=None, throughput_fps=None)
        yield fact

    return altered_store(root, alter, partial(planted_store, runs=2))


def _failed_everywhere(store: Store) -> tuple[OverviewRow, CellFailure | None, str | None]:
    """What each that asks for failed cells is told: Overview, Compare, the book itself."""
    with closing(store.index()) as index:
        cell = next(cell for cell in queries.cells(index) if cell.cell_id == INT8)
        launches = queries.launches(index, cell_ids=[INT8])
        book = LaunchBook(launches, ()).failure(cell)
        return overview(index)[0], failure_of(cell, launches), book


def test_a_cell_that_failed_in_its_latest_run_has_failed_though_an_older_one_was_good(
    tmp_path: Path,
) -> None:
    row, on_compare, book = _failed_everywhere(two_runs(tmp_path, SECOND))
    (arm,) = [arm for arm in row.arms if arm.error]
    assert (arm.cell.cell_id, arm.error, arm.is_older) == (INT8, CRASH, True)
    assert arm.median_ms == pytest.approx(1.1, rel=0.02)
    assert on_compare is not None
    assert (on_compare.reason, on_compare.older_shown) == (CRASH, True)
    assert on_compare.run_id.startswith(SECOND)
    assert book == CRASH
    (told,) = failures([row])
    assert told.older_shown


def test_a_cell_that_was_good_in_its_latest_run_has_not_failed(tmp_path: Path) -> None:
    row, on_compare, book = _failed_everywhere(two_runs(tmp_path, FIRST))
    assert [arm.error for arm in row.arms] == [None] * 3
    assert (on_compare, book) == (None, None)


def test_one_good_launch_of_the_latest_run_is_enough(tmp_path: Path) -> None:
    row, on_compare, book = _failed_everywhere(two_runs(tmp_path, SECOND, all_of_it=False))
    assert [arm.error for arm in row.arms] == [None] * 3
    assert (on_compare, book) == (None, None)


def test_a_cell_that_never_had_a_good_launch_has_no_older_result(tmp_path: Path) -> None:
    row, on_compare, book = _failed_everywhere(planted_store(tmp_path, runs=2, failed_cell=True))
    (arm,) = [arm for arm in row.arms if arm.error]
    assert (arm.median_ms, arm.is_older) == (None, False)
    assert on_compare is not None
    assert not on_compare.older_shown
    assert book == arm.error == on_compare.reason
