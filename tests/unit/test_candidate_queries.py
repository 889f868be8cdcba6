"""Launches of one cell against others: fewer are read than there are, and they say the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from results.candidate_queries import launches_against
from results.facts import Launch
from results.index import Index
from results.launch_book import LaunchBook
from results.read_rows import rows_as
from results.schema import arrow_schema
from results.views import LaunchView
from tests.unit.pairs import AT, FLOAT_CELL, launch

FLOAT = pa.float64()
CELLS = tuple(replace(FLOAT_CELL, cell_id=f"cell-{name}") for name in "abcd")


def launches_of(seed: int) -> Iterator[LaunchView]:
    """Four cells in up to four runs of two blocks; some failed, some went wrong at another time."""
    chance = np.random.default_rng(seed)
    for cell, run, block in product(CELLS, range(4), range(2)):
        if chance.random() < 0.35:
            continue
        told = launch(cell, block, float(chance.uniform(1.0, 9.0)))
        has_failed = chance.random() < 0.3
        yield replace(
            told, run_id=f"run{run}", launch_id=f"{cell.cell_id}-{run}-{block}",
            started_at=AT + timedelta(hours=int(chance.integers(6)), seconds=run),
            status="failed" if has_failed else "ok", error=f"why {run}" if has_failed else None,
            headline_ms=None if chance.random() < 0.1 else told.headline_ms,
            kind="profile" if chance.random() < 0.2 else "timing", properties="{}",
        )  # fmt: skip


def index_of(launches: tuple[LaunchView, ...]) -> Index:
    """An index that has nothing but these launches."""
    connection = duckdb.connect()
    stored = arrow_schema(Launch)
    table = pa.table({
        name: pa.array([getattr(one, name, None) for one in launches], kind)
        for name, kind in (*zip(stored.names, stored.types, strict=True), ("headline_ms", FLOAT))
    })  # fmt: skip
    connection.from_arrow(table).create("launch_views")
    names = ("run_id", "kind", "message", "hint", "path")
    problems = pa.table({name: pa.array([], pa.string()) for name in names})
    connection.from_arrow(problems).create("store_problems")
    return Index(connection, "planted")


def stored_in(index: Index) -> tuple[LaunchView, ...]:
    return rows_as(LaunchView, index.fetch("SELECT * EXCLUDE (samples_ms) FROM launch_views"))


@pytest.mark.parametrize("seed", range(60))
def test_a_book_of_them_says_what_one_of_all_launches_does(seed: int) -> None:
    launches = tuple(launches_of(seed))
    baseline, *others = CELLS
    with closing(index_of(launches)) as index:
        every = LaunchBook(stored_in(index), ())
        read = launches_against(index, baseline.cell_id, [cell.cell_id for cell in others])
    assert [one.started_at for one in read] == sorted(one.started_at for one in read)
    book = LaunchBook(read, ())
    for cell in CELLS:
        assert book.failure(cell) == every.failure(cell)
        assert (book.failed_launch(cell) is None) == (every.failed_launch(cell) is None)
        found, expected = book.sample(baseline, cell), every.sample(baseline, cell)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert found.paired == expected.paired
            assert found.launch_ids == expected.launch_ids
            assert found.estimate() == expected.estimate()


def test_old_runs_that_the_baseline_was_not_in_are_left_out() -> None:
    baseline, other = CELLS[:2]
    launches = tuple(
        replace(launch(cell, 0, 2.0), run_id=run, launch_id=f"{cell.cell_id}-{run}",
                started_at=AT + timedelta(hours=int(run[-1])))
        for cell, runs in ((baseline, ("run3",)), (other, ("run0", "run1", "run2")))
        for run in runs
    )  # fmt: skip
    with closing(index_of(launches)) as index:
        read = launches_against(index, baseline.cell_id, [other.cell_id])
    assert [one.launch_id for one in read] == ["cell-b-run2", "cell-a-run3"]


def test_what_no_estimate_needs_is_not_read() -> None:
    launches = tuple(launches_of(3))
    with closing(index_of(launches)) as index:
        (first, *_) = launches_against(index, CELLS[0].cell_id, [CELLS[1].cell_id])
        (stored,) = (one for one in stored_in(index) if one.launch_id == first.launch_id)
    assert stored.properties == "{}"
    assert first.properties is None
    told = {field.name for field in fields(first) if getattr(first, field.name) is not None}
    assert all(getattr(first, name) == getattr(stored, name) for name in told)


def test_an_unknown_cell_has_no_launches() -> None:
    with closing(index_of(tuple(launches_of(1)))) as index:
        assert launches_against(index, "nobody", []) == ()
