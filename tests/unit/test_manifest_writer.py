"""A run is written whole or not at all, and its manifest says what belongs to it."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pyarrow.parquet as pq
import pytest

from results import durable
from results import manifest as manifests
from results.errors import HostError, StoreError
from results.facts import Fact, Model, Run, Variant
from results.manifest import NewerSchemaError, manifest_json, parse_manifest, read_manifest
from results.schema import SCHEMA_VERSION
from results.store import Store
from results.writer import RunWriter, check_writable, new_run_id
from tests.planted import planted_store

AT = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)
RUN_ID = "20261123T011500Z-3fa9c1"


def a_run(run_id: str = RUN_ID) -> Run:
    return Run(run_id, "measured", "m", AT, AT, "0.1.0", "run", 1, 5, 3, None, None)


def a_model(title: str = "Tiny") -> Model:
    return Model("id", "tiny", title, "builtin", None, 1, 1, synthetic_weights=True, note=None)


def commit(root: Path, *facts: Fact) -> Path:
    with RunWriter(root, RUN_ID) as writer:
        writer.add(a_run(), *facts)
        return writer.commit(tool_version="0.1.0")


def everything_under(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.name != "runs")


def test_run_id_sorts_by_time() -> None:
    assert new_run_id(AT, "3fa9c1") == RUN_ID


def test_commit_writes_tables_with_rows_and_a_manifest_that_fits(tmp_path: Path) -> None:
    path = commit(tmp_path, a_model())
    assert path == tmp_path / "runs" / RUN_ID
    manifest = read_manifest(path)
    assert [entry.name for entry in manifest.files] == ["models.parquet", "runs.parquet"]
    assert (manifest.run_id, manifest.started_at, manifest.kind) == (RUN_ID, AT, "measured")
    assert manifest.schema_version == SCHEMA_VERSION
    for entry in manifest.files:
        file = path / entry.name
        assert (file.stat().st_size, manifests.sha256_of(file)) == (entry.bytes, entry.sha256)
        assert pq.read_metadata(file).row_group(0).column(0).compression == "ZSTD"
    assert everything_under(tmp_path) == [
        RUN_ID, "manifest.json", "models.parquet", "runs.parquet",
    ]  # fmt: skip


def test_shared_row_given_twice_is_kept_once_the_later_one(tmp_path: Path) -> None:
    path = commit(tmp_path, a_model("old"), a_model("new"))
    assert pq.read_table(path / "models.parquet")["title"].to_pylist() == ["new"]


def test_two_different_rows_of_the_run_with_one_key_are_refused(tmp_path: Path) -> None:
    with RunWriter(tmp_path, RUN_ID) as writer:
        writer.add(a_run())
        writer.add(a_run())
        with pytest.raises(StoreError, match="two different rows of runs"):
            writer.add(dataclasses.replace(a_run(), seed=2))


def test_row_of_another_run_is_refused(tmp_path: Path) -> None:
    with RunWriter(tmp_path, RUN_ID) as writer, pytest.raises(StoreError, match="belongs to run"):
        writer.add(a_run("20200101T000000Z-000000"))


def test_run_without_its_own_row_is_refused(tmp_path: Path) -> None:
    with RunWriter(tmp_path, RUN_ID) as writer:
        writer.add(a_model())
        with pytest.raises(StoreError, match="no row in runs"):
            writer.commit(tool_version="0.1.0")


def test_run_id_is_used_once(tmp_path: Path) -> None:
    commit(tmp_path)
    with pytest.raises(StoreError, match="exists already"):
        commit(tmp_path)
    assert len(Store(tmp_path).runs) == 1


def test_leaving_without_commit_leaves_nothing(tmp_path: Path) -> None:
    with RunWriter(tmp_path, RUN_ID) as writer:
        writer.add(a_run())
    assert everything_under(tmp_path) == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_interrupted_commit_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    real = durable.sync

    def sync_then_stop(path: Path) -> None:
        real(path)
        if path.name == "runs.parquet":
            raise interruption

    monkeypatch.setattr(durable, "sync", sync_then_stop)
    with pytest.raises(interruption):
        commit(tmp_path, a_model())
    assert everything_under(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOSPC, "is full"), (errno.EDQUOT, "is full"), (errno.EROFS, "Read-only")],
)
def test_failing_disk_is_one_clear_error_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    before = planted_store(tmp_path)

    def fail(file: object, rows: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(HostError, match=said) as caught:
        commit(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert caught.value.exit_code == 3
    assert Store(tmp_path).digest == before.digest
    assert not list((tmp_path / "runs").glob(".tmp-*"))


def test_half_written_run_does_not_exist(tmp_path: Path) -> None:
    planted_store(tmp_path)
    half = tmp_path / "runs" / "20261123T000000Z-000000"
    half.mkdir()
    (half / "launches.parquet").write_bytes(b"half")
    store = Store(tmp_path)
    assert [run.manifest.run_id for run in store.runs] != []
    assert half.name not in {run.path.name for run in store.runs}
    assert store.problems == ()


def test_leftovers_of_killed_writers_are_swept_and_living_ones_kept(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    gone, living, young = (
        runs / f".tmp-{name}" for name in ("a-99999999", f"b-{os.getpid()}", "c-99999998")
    )
    for folder in (gone, living, young):
        folder.mkdir(parents=True)
    hour_ago = time.time() - 3600
    for folder in (gone, living):
        os.utime(folder, (hour_ago, hour_ago))
    commit(tmp_path)
    assert not gone.exists()
    assert living.exists()
    assert young.exists()


def test_check_writable_makes_the_folder_and_leaves_it_clean(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "data")
    assert list((tmp_path / "new" / "data" / "runs").iterdir()) == []


def test_check_writable_names_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(HostError, match="cannot be written") as caught:
        check_writable(tmp_path / "data")
    assert str(tmp_path / "data") in caught.value.message


def test_check_writable_names_a_folder_without_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, data: bytes) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(HostError, match="Permission denied"):
        check_writable(tmp_path)
    assert list((tmp_path / "runs").iterdir()) == []


def test_check_writable_sees_a_disk_that_is_almost_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("results.writer._LEAST_FREE_BYTES", 2**80)
    with pytest.raises(HostError, match="is full"):
        check_writable(tmp_path)


def test_manifest_survives_the_round_trip(tmp_path: Path) -> None:
    manifest = read_manifest(commit(tmp_path, a_model()))
    assert parse_manifest(manifest_json(manifest)) == manifest


def test_newer_manifest_is_told_apart_whatever_else_it_holds() -> None:
    text = json.dumps({"format": manifests.FORMAT, "schema_version": 99, "future": True})
    with pytest.raises(NewerSchemaError, match="99") as caught:
        parse_manifest(text)
    assert caught.value.hint == "update INT8 Lens"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "{}", '{"format": "other"}',
        '{"format": "int8-lens-run", "schema_version": "1"}',
        '{"format": "int8-lens-run", "schema_version": 1}',
        json.dumps({
            "format": "int8-lens-run", "schema_version": 1, "run_id": "r", "tool_version": "1",
            "kind": "measured", "started_at": "2026-11-23T01:15:00+00:00",
            "files": [{"name": "../../secret", "sha256": "", "rows": 1, "bytes": 1}],
        }),
    ],
)  # fmt: skip
def test_broken_or_foreign_manifest_is_a_store_error(text: str) -> None:
    with pytest.raises(StoreError, match="manifest"):
        parse_manifest(text)


def test_facts_come_back_as_they_were(tmp_path: Path) -> None:
    variant = Variant("v", "m", "fp32", None, "openvino", "2026.4.1", "{}", 7, None)
    rows = pq.read_table(commit(tmp_path, variant) / "variants.parquet").to_pylist()
    assert [Variant(**row) for row in rows] == [variant]
