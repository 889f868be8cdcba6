"""``verify`` finds every damaged run, moves it aside, and deletes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from results import queries
from results.errors import HostError
from results.manifest import MANIFEST_NAME
from results.store import Store
from results.verify import verify
from tests.planted import planted_store


def flip_byte(path: Path, *, keep_time: bool = False) -> None:
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(bytes(content))
    if keep_time:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_sound_store_is_sound(tmp_path: Path) -> None:
    store = planted_store(tmp_path, runs=2)
    report = verify(store)
    assert report.is_sound
    assert report.runs == 2
    assert report.files == sum(len(run.manifest.files) for run in store.runs)
    assert not (tmp_path / "quarantine").exists()


@pytest.mark.parametrize("table", ["launches", "exec_nodes", "machines", "runs"])
def test_one_flipped_byte_is_found_and_the_run_moved(tmp_path: Path, table: str) -> None:
    damaged, sound = planted_store(tmp_path, runs=2).runs
    flip_byte(damaged.path / f"{table}.parquet", keep_time=True)
    before = sorted(path.name for path in damaged.path.iterdir())
    report = verify(Store(tmp_path))
    (found,) = report.damaged
    assert not report.is_sound
    assert report.runs == 1
    assert found.moved_to == tmp_path / "quarantine" / damaged.path.name
    assert (found.moved_to / "reason.txt").read_text().startswith(f"{table}.parquet")
    assert sorted(path.name for path in found.moved_to.iterdir()) == sorted([*before, "reason.txt"])
    index = Store(tmp_path).index()
    assert [run.run_id for run in queries.run_views(index)] == [sound.path.name]
    assert index.problems == ()
    assert verify(Store(tmp_path)).is_sound


def test_cut_file_and_broken_manifest_are_moved(tmp_path: Path) -> None:
    cut, broken = planted_store(tmp_path, runs=2).runs
    file = cut.path / "launches.parquet"
    file.write_bytes(file.read_bytes()[:50])
    (broken.path / MANIFEST_NAME).write_text("")
    report = verify(Store(tmp_path))
    assert {found.run_id for found in report.damaged} == {cut.path.name, broken.path.name}
    assert Store(tmp_path).is_empty


def test_newer_schema_is_reported_and_not_moved(tmp_path: Path) -> None:
    (run,) = planted_store(tmp_path).runs
    manifest = run.path / MANIFEST_NAME
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": 2}))
    report = verify(Store(tmp_path))
    assert report.is_sound
    assert [problem.run_id for problem in report.newer] == [run.path.name]
    assert run.path.is_dir()


def test_second_quarantine_of_one_name_keeps_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        (run,) = planted_store(tmp_path).runs
        flip_byte(run.path / "launches.parquet")
        assert not verify(Store(tmp_path)).is_sound
    assert len(list((tmp_path / "quarantine").iterdir())) == 2


def test_quarantine_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (run,) = planted_store(tmp_path).runs
    flip_byte(run.path / "launches.parquet")
    (tmp_path / "quarantine").write_text("in the way")
    with pytest.raises(HostError, match="quarantine"):
        verify(Store(tmp_path))
    assert run.path.is_dir()
