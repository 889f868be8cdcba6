"""The store shows every sound run, names every other one, and locks nobody out."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from results import queries
from results.errors import UsageError
from results.facts import SourceOp
from results.manifest import MANIFEST_NAME, manifest_json, read_manifest, sha256_of
from results.schema import TABLES, arrow_schema
from results.store import Index, ProblemKind, Store
from tests.planted import planted_certificate, planted_store
from tests.planted_peaks import planted_peaks

DAMAGED, NEWER = ProblemKind.DAMAGED, ProblemKind.NEWER


def rows_in(index: Index, table: str) -> int:
    return int(index.fetch("SELECT * FROM query_table($t)", {"t": table}).num_rows)


def run_ids(index: Index) -> list[str]:
    return [run.run_id for run in queries.run_views(index)]


def flip_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def replace_file(run: Path, name: str, table: pa.Table) -> None:
    """Another file in place of one of the run's, with a manifest that fits it."""
    pq.write_table(table, run / name)
    manifest = read_manifest(run)
    size, digest = (run / name).stat().st_size, sha256_of(run / name)
    files = tuple(
        dataclasses.replace(entry, sha256=digest, bytes=size, rows=table.num_rows)
        if entry.name == name else entry
        for entry in manifest.files
    )  # fmt: skip
    text = manifest_json(dataclasses.replace(manifest, files=files))
    (run / MANIFEST_NAME).write_text(text)


@pytest.mark.parametrize("make", [False, True])
def test_store_without_runs_is_empty_and_answers(tmp_path: Path, make: bool) -> None:
    root = tmp_path / "data"
    if make:
        (root / "runs").mkdir(parents=True)
    store = Store(root)
    assert store.is_empty
    index = store.index()
    for table in TABLES:
        assert rows_in(index, table.name) == 0
    assert queries.cells(index) == ()
    assert queries.run_views(index) == ()
    assert queries.cell_summaries(index).num_rows == 0
    assert root.exists() is make


def test_root_that_is_a_file_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        Store(tmp_path / "data")


def test_index_has_every_row_with_the_types_of_the_schema(tmp_path: Path) -> None:
    planted_certificate(tmp_path)
    planted_peaks(tmp_path)
    store = planted_store(tmp_path, runs=2, cautions=True)
    index = store.index()
    assert index.problems == ()
    for table in TABLES:
        found = index.fetch("SELECT * FROM query_table($t)", {"t": table.name})
        by_run = ["run_id"] if table.name in {"datasets", "accuracy"} else []
        assert found.schema.names == [*arrow_schema(table.row).names, *by_run]
        if not table.per_run:
            continue
        written = sum(
            entry.rows for run in store.runs for entry in run.manifest.files
            if entry.table == table.name
        )  # fmt: skip
        assert found.num_rows == written > 0
    assert rows_in(index, "models") == 1


def test_index_is_built_once_and_named_after_its_content(tmp_path: Path) -> None:
    store = planted_store(tmp_path)
    store.index().close()
    (file,) = tmp_path.glob("index-*")
    assert file.name == f"index-{store.digest}.duckdb"
    stamp = file.stat().st_mtime_ns
    Store(tmp_path).index().close()
    assert file.stat().st_mtime_ns == stamp


def test_reader_keeps_its_index_while_a_new_one_is_swapped_in(tmp_path: Path) -> None:
    reader = planted_store(tmp_path).index()
    before = run_ids(reader)
    newer = planted_store(tmp_path, name="other").index()
    assert len(run_ids(newer)) == 2
    assert run_ids(reader) == before
    assert len(list(tmp_path.glob("*index-*"))) == 1


def test_reader_in_another_process_locks_out_neither_reader_nor_writer(tmp_path: Path) -> None:
    planted_store(tmp_path).index().close()
    (file,) = tmp_path.glob("index-*")
    script = (
        "import sys; from pathlib import Path; from results.store import Store\n"
        "index = Store(Path(sys.argv[1])).index()\n"
        "print('open', flush=True); sys.stdin.readline()\n"
        "print(index.fetch('SELECT count(*) AS n FROM runs')['n'][0].as_py(), flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as reader:  # fmt: skip
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        before = file.stat().st_ino
        assert len(run_ids(Store(tmp_path).index())) == 1
        assert file.stat().st_ino == before
        assert len(run_ids(planted_store(tmp_path, name="other").index())) == 2
        answer, _ = reader.communicate("go\n", timeout=30)
    assert answer == "1\n"


def test_threads_may_ask_at_the_same_time(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: len(queries.launches(index)), range(64)))
    assert set(answers) == {24}


def test_index_that_cannot_be_opened_is_built_again(tmp_path: Path) -> None:
    store = planted_store(tmp_path)
    (tmp_path / f"index-{store.digest}.duckdb").write_bytes(b"not a database")
    assert len(run_ids(store.index())) == 1


def test_index_moves_to_the_users_cache_where_the_store_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = planted_store(tmp_path / "data")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    build = Store._build

    def refuse_in_root(self: Store, path: Path) -> None:
        if path.parent == self.root:
            raise PermissionError(13, "Permission denied")
        build(self, path)

    monkeypatch.setattr(Store, "_build", refuse_in_root)
    assert len(run_ids(store.index())) == 1
    assert list((tmp_path / "data").glob("index-*")) == []
    assert len(list(tmp_path.glob("int8-lens-*/*/index-*.duckdb"))) == 1


def test_index_is_made_in_memory_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = planted_store(tmp_path)

    def refuse(self: Store, path: Path) -> NoReturn:
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(Store, "_build", refuse)
    assert len(run_ids(store.index())) == 1


def test_cache_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = planted_store(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: 54321)
    with pytest.raises(PermissionError, match="somebody else"):
        store._cache_folder()


def test_flipped_byte_leaves_that_run_out_and_the_rest_readable(tmp_path: Path) -> None:
    store = planted_store(tmp_path, runs=2)
    store.index().close()
    newest, oldest = store.runs
    flip_byte(newest.path / "launches.parquet")
    index = Store(tmp_path).index()
    assert run_ids(index) == [oldest.path.name]
    (problem,) = index.problems
    assert (problem.run_id, problem.kind) == (newest.path.name, DAMAGED)
    assert "launches.parquet" in problem.message
    assert Store(tmp_path).index().problems == index.problems


@pytest.mark.parametrize("fault", ["cut", "missing", "manifest cut", "manifest of another run"])
def test_damage_that_a_quick_look_sees(tmp_path: Path, fault: str) -> None:
    damaged, sound = planted_store(tmp_path, runs=2).runs
    file = damaged.path / "exec_nodes.parquet"
    if fault == "cut":
        file.write_bytes(file.read_bytes()[:-100])
    elif fault == "missing":
        file.unlink()
    elif fault == "manifest cut":
        manifest = damaged.path / MANIFEST_NAME
        manifest.write_text(manifest.read_text()[:100])
    else:
        text = (sound.path / MANIFEST_NAME).read_text()
        (damaged.path / MANIFEST_NAME).write_text(text)
    store = Store(tmp_path)
    assert [problem.run_id for problem in store.problems] == [damaged.path.name]
    assert store.problems[0].kind is DAMAGED
    index = store.index()
    assert run_ids(index) == [sound.path.name]
    assert index.problems == store.problems


def test_unreadable_parquet_with_a_fitting_sha256_is_damage(tmp_path: Path) -> None:
    damaged, sound = planted_store(tmp_path, runs=2).runs
    file = damaged.path / "cells.parquet"
    rows = pq.read_table(file)
    replace_file(damaged.path, file.name, rows)
    file.write_bytes(b"PAR1 this is none PAR1")
    manifest = read_manifest(damaged.path)
    files = tuple(
        dataclasses.replace(entry, sha256=sha256_of(file), bytes=file.stat().st_size)
        if entry.name == file.name else entry
        for entry in manifest.files
    )  # fmt: skip
    text = manifest_json(dataclasses.replace(manifest, files=files))
    (damaged.path / MANIFEST_NAME).write_text(text)
    index = Store(tmp_path).index()
    assert run_ids(index) == [sound.path.name]
    assert "not readable Parquet" in index.problems[0].message


def test_newer_schema_is_named_with_its_number_and_left_alone(tmp_path: Path) -> None:
    newer, known = planted_store(tmp_path, runs=2).runs
    manifest = newer.path / MANIFEST_NAME
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": 7}))
    store = Store(tmp_path)
    (problem,) = store.problems
    assert problem.kind is NEWER
    assert "schema version 7" in str(problem)
    assert "update INT8 Lens" in str(problem)
    assert run_ids(store.index()) == [known.path.name]


def test_older_run_may_lack_columns_and_tables_and_have_others(tmp_path: Path) -> None:
    (run,) = planted_store(tmp_path).runs
    launches = pq.read_table(run.path / "launches.parquet")
    older = launches.drop_columns(["frequency_mhz", "properties"])
    older = older.append_column("forgotten", pa.array(range(older.num_rows)))
    replace_file(run.path, "launches.parquet", older)
    manifest = read_manifest(run.path)
    kept = tuple(entry for entry in manifest.files if entry.table != "source_ops")
    text = manifest_json(dataclasses.replace(manifest, files=kept))
    (run.path / MANIFEST_NAME).write_text(text)
    index = Store(tmp_path).index()
    assert index.problems == ()
    rows = queries.launches(index)
    assert len(rows) == launches.num_rows
    assert {row.properties for row in rows} == {None}
    assert rows_in(index, "source_ops") == 0


def test_column_of_a_wrong_type_is_damage_and_no_traceback(tmp_path: Path) -> None:
    (run,) = planted_store(tmp_path).runs
    launches = pq.read_table(run.path / "launches.parquet")
    at = launches.schema.get_field_index("p50_ms")
    words = pa.array(["fast"] * launches.num_rows)
    replace_file(run.path, "launches.parquet", launches.set_column(at, "p50_ms", words))
    (problem,) = Store(tmp_path).index().problems
    assert "does not fit the schema" in problem.message


def test_newest_run_wins_for_what_runs_share(tmp_path: Path) -> None:
    runs = planted_store(tmp_path, runs=2).runs
    oldest, newest = sorted(runs, key=lambda run: run.manifest.started_at)
    for run, title in ((newest, "new title"), (oldest, "old title")):
        models = pq.read_table(run.path / "models.parquet")
        at = models.schema.get_field_index("title")
        replace_file(run.path, "models.parquet", models.set_column(at, "title", pa.array([title])))
    assert [model.title for model in queries.models(Store(tmp_path).index())] == ["new title"]


def test_source_ops_of_a_variant_come_from_one_run(tmp_path: Path) -> None:
    newest, _ = planted_store(tmp_path, runs=2).runs
    ops = pq.read_table(newest.path / "source_ops.parquet")
    replace_file(newest.path, "source_ops.parquet", ops.slice(0, 4))
    index = Store(tmp_path).index()
    found = index.fetch("SELECT * FROM source_ops").to_pylist()
    assert {row["op_name"] for row in found} == set(ops["op_name"].to_pylist()[:4])
    assert set(found[0]) == {field.name for field in dataclasses.fields(SourceOp)}


def test_clear_index_removes_it(tmp_path: Path) -> None:
    store = planted_store(tmp_path)
    store.index().close()
    store.clear_index()
    assert list(tmp_path.glob("*index-*")) == []
    assert len(run_ids(store.index())) == 1
