"""The generated store is a sound one of the size asked for, and its bars are held."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.compare import compare_cells
from results.store import Store
from tests.benchmarks.compare_speed import comparable
from tests.benchmarks.dashboard_speed import (
    Built,
    bare_row,
    growth_row,
    p95,
    page_rows,
    served_rows,
)
from tests.benchmarks.generated_store import LARGE, TINY, write_store
from tests.benchmarks.page_times import PageTimes, Run, Timed, pages
from tests.benchmarks.served_pages import Served

GOOD = Run(wall_ms=150.0, cpu_ms=100.0, queries=2, asked_ms=11.0, bare_ms=10.0)
BUILT = Built(10_000_000, 2_016, 200, 70.0, 390.0, 100.0, 420.0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(write_store(tmp_path_factory.mktemp("fleet") / "tiny", TINY, processes=1))


def test_every_run_is_sound_and_the_cells_are_as_many_as_told(store: Store) -> None:
    assert len(store.runs) == TINY.machines * TINY.runs
    with closing(store.index()) as index:
        assert (store.problems, index.problems) == ((), ())
        assert len(queries.cells(index)) == TINY.cells
        assert len({cell.machine_id for cell in queries.cells(index)}) == TINY.machines


def test_its_cells_compare_down_to_the_layers(store: Store) -> None:
    with closing(store.index()) as index:
        pairs = comparable(queries.cells(index))
        comparison = compare_cells(index, *pairs[0])
    assert comparison.estimate.paired
    assert comparison.coverage is not None
    assert min(comparison.coverage.baseline, comparison.coverage.candidate) > 0.99


def test_the_large_store_is_as_large_as_the_bar_asks() -> None:
    assert LARGE.machines == 200
    assert LARGE.cells >= 2_000


def test_the_bench_runs_every_page_of_the_navigation() -> None:
    app = (Path(__file__).parents[2] / "dashboard" / "app.py").read_text(encoding="utf-8")
    assert len(pages()) == app.count("st.Page(")


def timed(cold: Run = GOOD, warm: Run = GOOD) -> Timed:
    return Timed((PageTimes("overview", (cold,), (warm,)),), open_s=1.0, memory_mb=300.0)


@pytest.mark.parametrize(
    ("cold_ms", "warm_ms", "ok"), [(600.0, 200.0, (True, True)), (601.0, 201.0, (False, False))]
)
def test_a_page_is_held_to_its_bar(cold_ms: float, warm_ms: float, ok: tuple[bool, bool]) -> None:
    found = timed(replace(GOOD, wall_ms=cold_ms), replace(GOOD, wall_ms=warm_ms))
    assert tuple(row.ok for row in page_rows(found, BUILT)) == ok


def test_a_page_with_an_error_misses_however_fast_it_was() -> None:
    found = timed(replace(GOOD, faults=("KeyError",)))
    assert not any(row.ok for row in page_rows(found, BUILT))


@pytest.mark.parametrize(("asked_ms", "ok"), [(15.0, True), (15.1, False)])
def test_waiting_for_answers_is_held_to_the_bare_questions(asked_ms: float, ok: bool) -> None:
    assert bare_row(timed(replace(GOOD, asked_ms=asked_ms))).ok is ok


@pytest.mark.parametrize(("full_ms", "ok"), [(450.0, True), (451.0, False)])
def test_growth_is_that_of_the_page_that_grew_most(full_ms: float, ok: bool) -> None:
    assert growth_row(timed(), timed(replace(GOOD, wall_ms=full_ms))).ok is ok


def test_paint_sessions_and_memory_each_have_their_row() -> None:
    good = Served({"overview": 900.0}, {"overview": 1200.0}, (), 700.0)
    assert [row.ok for row in served_rows(good)] == [True, True, True]
    bad = Served({"overview": 2500.0}, {"overview": 2600.0}, ("boom",), 1000.1)
    assert [row.ok for row in served_rows(bad)] == [False, False, False]


def test_p95_of_few_values_is_the_largest_and_of_many_leaves_the_outliers() -> None:
    assert p95([1.0, 9.0, 2.0]) == 9.0
    assert p95([float(n) for n in range(1, 101)]) == 95.0
