"""A new run is added to the index that is there; what comes of it is as if built from nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from results import index as building
from results import queries
from results.errors import StoreError
from results.facts import Model
from results.index import Index, StoredRun
from results.overview import computed_overview, overview
from results.schema import TABLES, Table
from results.store import Store, glance
from tests.page.stores import altered_store, disturbed
from tests.planted import planted_store


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the runs whose files are read."""
    seen: list[str] = []
    plain = building.read_run

    def noted(run: StoredRun) -> object:
        seen.append(run.path.name)
        return plain(run)

    monkeypatch.setattr(building, "read_run", noted)
    return seen


def content(index: Index) -> dict[str, list[str]]:
    """Every row of every table and of what is worked out of them, in any order."""
    names = [*(table.name for table in TABLES), "run_variants", "cell_views", "cell_summaries",
             "counting_launches", "measured_last", "overview_rows"]  # fmt: skip
    return {
        name: sorted(
            str(row)
            for row in index.fetch("SELECT * FROM query_table($t)", {"t": name}).to_pylist()
        )
        for name in names
    }


def two_machines(root: Path) -> tuple[Store, Path]:
    """A store of two runs and the folder of the newer, which is of another machine."""
    planted_store(root, models=("alpha", "beta"), cautions=True)
    store = planted_store(root, models=("alpha",), name="other", isa_cap="AVX2", runs=2)
    return store, store.runs[0].path


def test_only_the_new_run_is_read_and_the_index_is_that_of_all_runs(
    tmp_path: Path, read: list[str]
) -> None:
    store, newest = two_machines(tmp_path / "grown")
    away = tmp_path / "away"
    newest.rename(away)
    with closing(Store(store.root).index()):
        pass
    away.rename(newest)
    read.clear()
    with closing(Store(store.root).index()) as index:
        grown = content(index)
    assert read == [newest.name]
    Store(store.root).clear_index()
    with closing(Store(store.root).index()) as index:
        assert grown == content(index)
    assert set(read) == {run.path.name for run in store.runs}


def test_what_the_new_run_says_of_something_shared_takes_the_place_of_the_old(
    tmp_path: Path,
) -> None:
    root = tmp_path / "store"
    planted_store(root)
    with closing(Store(root).index()) as index:
        (before,) = queries.models(index)
    later = altered_store(
        tmp_path / "later",
        lambda fact: (
            [Model(**{**vars(fact), "title": "Renamed"})] if isinstance(fact, Model) else [fact]
        ),
        lambda folder: planted_store(folder, runs=2),
    )
    newest = later.runs[0].path
    shutil.copytree(newest, root / "runs" / newest.name)
    with closing(Store(root).index()) as index:
        (after,) = queries.models(index)
    assert (before.title == "Renamed", after.title) == (False, "Renamed")


def test_a_run_that_is_older_or_gone_makes_the_index_anew(tmp_path: Path, read: list[str]) -> None:
    store, newest = two_machines(tmp_path / "grown")
    oldest = store.runs[-1].path
    away = tmp_path / "away"
    oldest.rename(away)
    with closing(Store(store.root).index()):
        pass
    away.rename(oldest)
    read.clear()
    with closing(Store(store.root).index()):
        pass
    assert set(read) == {run.path.name for run in store.runs}
    shutil.rmtree(newest)
    read.clear()
    with closing(Store(store.root).index()):
        pass
    assert set(read) == {run.path.name for run in store.runs} - {newest.name}


def test_a_run_that_was_left_out_does_not_make_the_index_anew(
    tmp_path: Path, read: list[str]
) -> None:
    store, newest = two_machines(tmp_path / "grown")
    damaged = flipped(store.runs[-1].path / "launches.parquet")
    away = tmp_path / "away"
    newest.rename(away)
    with closing(Store(store.root).index()) as index:
        left_out = index.problems
        assert [problem.run_id for problem in left_out] == [damaged.parent.name]
    away.rename(newest)
    read.clear()
    with closing(Store(store.root).index()) as index:
        grown = content(index)
        assert index.problems == left_out
    assert read == [damaged.parent.name, newest.name]
    Store(store.root).clear_index()
    with closing(Store(store.root).index()) as index:
        assert (grown, left_out) == (content(index), index.problems)


def test_a_run_that_could_not_be_read_for_a_moment_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, newest = two_machines(tmp_path / "grown")
    away = tmp_path / "away"
    newest.rename(away)
    with monkeypatch.context() as patch:
        patch.setattr(building, "read_run", failing_for(store.runs[-1].path.name))
        with closing(Store(store.root).index()) as index:
            assert len(index.problems) == 1
    away.rename(newest)
    with closing(Store(store.root).index()) as index:
        assert index.problems == ()


def flipped(path: Path) -> Path:
    """A file with one byte changed; it looks as before."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[100] ^= 255
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return path


def failing_for(name: str) -> Callable[[StoredRun], list[tuple[Table, pa.Table]]]:
    """Reads runs, all but one."""
    plain = building.read_run

    def reading(run: StoredRun) -> list[tuple[Table, pa.Table]]:
        if run.path.name == name:
            raise StoreError("a moment's failure", hint="try again")
        return plain(run)

    return reading


def test_the_overview_that_is_kept_is_the_one_that_launches_give(tmp_path: Path) -> None:
    with closing(altered_store(tmp_path, disturbed()).index()) as index:
        kept = overview(index)
        assert kept == computed_overview(index)
        assert any(row.verdicts and row.verdicts[0].cautions for row in kept)


def test_a_glance_sees_a_run_come_and_go(tmp_path: Path) -> None:
    nothing = glance(tmp_path)
    store = planted_store(tmp_path)
    there = glance(tmp_path)
    assert there != nothing
    assert glance(tmp_path) == there
    shutil.rmtree(store.runs[0].path)
    assert glance(tmp_path) not in {nothing, there}
