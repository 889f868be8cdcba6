"""``verify`` finds every damaged run, moves it aside, and deletes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from results import queries
from results.cli import main
from results.durable import temp_of
from results.errors import EXIT_ENVIRONMENT, EXIT_NO, EXIT_OK
from results.manifest import MANIFEST_NAME
from results.quarantine import verify_command
from results.store import Store
from results.verify import verify
from tests.planted import planted_store
from tests.unit.test_read_only_store import tree_of


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


def test_what_cannot_be_moved_is_named_all_the_same_with_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = planted_store(tmp_path, runs=3).runs[:2]
    for run in runs:
        flip_byte(run.path / "launches.parquet")
    (tmp_path / "quarantine").write_text("in the way")
    assert main(["verify", "--data", str(tmp_path)]) == EXIT_ENVIRONMENT
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "quarantine cannot be written" in said.err
    for run in runs:
        assert f"run {run.path.name} is damaged: launches.parquet" in said.out
        assert run.path.is_dir()


def test_a_dry_run_names_every_damaged_run_and_touches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = planted_store(tmp_path, runs=3).runs[:2]
    for run in runs:
        flip_byte(run.path / "launches.parquet")
    before = tree_of(tmp_path)
    assert main(["verify", "--data", str(tmp_path), "--dry-run"]) == EXIT_NO
    out = capsys.readouterr().out
    assert out.startswith("1 runs with ")
    assert all(f"run {run.path.name} is damaged" in out for run in runs)
    assert "moved to" not in out
    assert tree_of(tmp_path) == before


def test_a_folder_of_tables_without_a_manifest_is_named_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half, sound = planted_store(tmp_path, runs=2).runs
    (half.path / MANIFEST_NAME).unlink()
    assert main(["verify", "--data", str(tmp_path)]) == EXIT_OK
    out = capsys.readouterr().out
    assert "1 folder holds no manifest (unfinished or half copied)" in out
    assert half.path.name in out
    assert sound.path.name not in out
    assert half.path.is_dir()


def test_a_run_that_is_being_written_is_not_called_half_copied(tmp_path: Path) -> None:
    (run,) = planted_store(tmp_path).runs
    (run.path / MANIFEST_NAME).unlink()
    run.path.rename(temp_of(run.path))
    (tmp_path / "runs" / "empty").mkdir()
    assert Store(tmp_path).half_copied == ()


def test_the_command_that_mends_names_the_store_unless_it_is_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = planted_store(tmp_path / "data").runs
    (run.path / MANIFEST_NAME).write_text("")
    (problem,) = Store(tmp_path / "data").problems
    assert f"`python -m results verify --data {tmp_path / 'data'}`" in str(problem)
    monkeypatch.chdir(tmp_path)
    assert verify_command(tmp_path / "data") == "python -m results verify"
