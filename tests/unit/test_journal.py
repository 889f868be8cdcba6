"""What was finished outlives the process, and a run is seen whole or not at all."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from results import durable, journal, unfinished
from results.errors import HostError, StoreError, UsageError
from results.facts import Accuracy, Block, Caution, ExecNode, Launch, Model, Run
from results.journal import Journal
from results.journal import unfinished as unfinished_runs
from results.manifest import MANIFEST_NAME, NewerSchemaError, read_manifest, sha256_of
from results.schema import from_arrow, to_arrow
from results.store import Store
from results.verify import verify
from results.writer import RunWriter
from tests.unit import journal_child
from tests.unit.journal_child import PARTS, a_launch, a_model, a_node, a_run, part_facts

ROOT = Path(__file__).parents[2]
RUN_ID = "20261123T011500Z-3fa9c1"
KILLS = 50
LARGE = 200_000


def begun(root: Path, *names: str) -> Journal:
    """A run with some finished parts, held by this process."""
    run = Journal.create(root, RUN_ID, '{"plan": 1}')
    for number, name in enumerate(names):
        run.add(name, part_facts(RUN_ID, number))
    return run


def left(root: Path, *names: str) -> None:
    """A run with some finished parts whose process has ended."""
    with begun(root, *names):
        pass


def commit(run: Journal) -> Path:
    return run.commit(a_run(run.run_id), tool_version="0.1.0")


def part_folder(root: Path, name: str) -> Path:
    return root / "unfinished" / RUN_ID / "parts" / name


def column(root: Path, table: str, name: str) -> list[object]:
    (run,) = Store(root).runs
    values: list[object] = pq.read_table(run.path / f"{table}.parquet")[name].to_pylist()
    return values


def temporary_folders(root: Path) -> list[Path]:
    return list(root.rglob(".tmp-*"))


def test_plan_and_finished_parts_outlive_the_process(tmp_path: Path) -> None:
    left(tmp_path, "pilot", "block-1")
    with Journal.open(tmp_path, RUN_ID) as run:
        assert (run.run_id, run.plan) == (RUN_ID, '{"plan": 1}')
        assert run.finished == ("pilot", "block-1")
        assert run.damaged == ()
        assert [launch.launch_id for launch in run.read(Launch)] == ["launch-0", "launch-1"]


def test_unfinished_run_is_not_in_the_store(tmp_path: Path) -> None:
    left(tmp_path, "pilot")
    store = Store(tmp_path)
    assert store.is_empty
    assert store.problems == ()


def test_commit_stores_what_a_writer_would_and_leaves_nothing_else(tmp_path: Path) -> None:
    parts = [list(part_facts(RUN_ID, number)) for number in range(2)]
    with RunWriter(tmp_path / "writer", RUN_ID) as writer:
        for facts in parts:
            writer.add(*facts)
        writer.add(a_run(RUN_ID))
        expected = read_manifest(writer.commit(tool_version="0.1.0", kind="certificate"))
    with Journal.create(tmp_path / "journal", RUN_ID, "") as run:
        for number, facts in enumerate(parts):
            run.add(str(number), facts)
        path = run.commit(a_run(RUN_ID), tool_version="0.1.0", kind="certificate")
    found = read_manifest(path)
    assert dataclasses.replace(found, files=()) == dataclasses.replace(expected, files=())
    assert [(file.name, file.rows) for file in found.files] == [
        (file.name, file.rows) for file in expected.files
    ]
    for file in found.files:
        ours = pq.read_table(path / file.name)
        theirs = pq.read_table(tmp_path / "writer" / "runs" / RUN_ID / file.name)
        assert ours.equals(theirs, check_metadata=True)
        assert pq.read_metadata(path / file.name).row_group(0).column(0).compression == "ZSTD"
    assert verify(Store(tmp_path / "journal")).is_sound
    assert list((tmp_path / "journal" / "unfinished").iterdir()) == []
    assert unfinished_runs(tmp_path / "journal") == ()
    assert temporary_folders(tmp_path) == []


def test_shared_row_given_twice_is_kept_once_the_later_part_wins(tmp_path: Path) -> None:
    with begun(tmp_path) as run:
        run.add("z-first", [a_model("old"), Accuracy("v", "d", "top1", None, None, 0.5, 9)])
        run.add("a-second", [a_model("new"), Accuracy("v", "d", "top1", None, None, 0.75, 9)])
    with Journal.open(tmp_path, RUN_ID) as run:
        assert [model.title for model in run.read(Model)] == ["new"]
        commit(run)
    assert column(tmp_path, "models", "title") == ["new"]
    assert column(tmp_path, "accuracy", "value") == [0.75]


def test_facts_of_the_commit_win_over_the_parts(tmp_path: Path) -> None:
    with begun(tmp_path, "pilot") as run:
        run.commit(a_run(RUN_ID), a_model("last"), tool_version="0.1.0")
    assert column(tmp_path, "models", "title") == ["last"]


def test_later_part_wins_after_the_clock_was_set_back(tmp_path: Path) -> None:
    with begun(tmp_path) as run:
        run.add("first", [a_model("old")])
    edit_manifest(part_folder(tmp_path, "first"), started_at="2100-01-01T00:00:00+00:00")
    with Journal.open(tmp_path, RUN_ID) as run:
        run.add("another", [a_model("new")])
    with Journal.open(tmp_path, RUN_ID) as run:
        assert run.finished == ("first", "another")
        commit(run)
    assert column(tmp_path, "models", "title") == ["new"]


def test_same_row_of_the_run_in_two_parts_is_kept_once(tmp_path: Path) -> None:
    with begun(tmp_path, *PARTS) as run:
        commit(run)
    assert len(column(tmp_path, "cautions", "detail")) == 1
    assert column(tmp_path, "blocks", "block") == [0, 1, 2, 3]


def test_two_parts_that_disagree_about_a_row_of_the_run_are_refused(tmp_path: Path) -> None:
    with begun(tmp_path) as run:
        run.add("first", [a_launch(RUN_ID, "one"), a_launch(RUN_ID, "two")])
        run.add("second", [a_launch(RUN_ID, "two", status="failed")])
        with pytest.raises(StoreError, match=r"two different rows of launches.*'two'"):
            commit(run)
    assert Store(tmp_path).is_empty
    assert temporary_folders(tmp_path) == []
    assert unfinished_runs(tmp_path)[0].parts == 2


def test_two_different_rows_with_one_key_in_a_part_are_refused(tmp_path: Path) -> None:
    with begun(tmp_path) as run:
        with pytest.raises(StoreError, match="two different rows of launches"):
            run.add("pilot", [a_launch(RUN_ID, "one"), a_launch(RUN_ID, "one", status="failed")])
        assert run.finished == ()


def test_fact_of_another_run_is_refused(tmp_path: Path) -> None:
    foreign = a_launch("20200101T000000Z-000000", "one")
    with begun(tmp_path, "pilot") as run:
        with pytest.raises(StoreError, match="belongs to run"):
            run.add("block", [foreign])
        with pytest.raises(StoreError, match="belongs to run"):
            run.commit(a_run(RUN_ID), foreign, tool_version="0.1.0")
    assert Store(tmp_path).is_empty
    assert unfinished_runs(tmp_path)[0].parts == 1


def test_value_that_does_not_fit_the_schema_is_refused(tmp_path: Path) -> None:
    many: Any = "many"
    bad = dataclasses.replace(a_model(), parameters=many)
    with begun(tmp_path, "pilot") as run:
        with pytest.raises(StoreError, match="does not fit the schema"):
            run.add("block", [bad])
        assert run.finished == ("pilot",)
    assert temporary_folders(tmp_path) == []


def test_run_without_its_own_row_is_refused_and_kept(tmp_path: Path) -> None:
    with begun(tmp_path, "pilot") as run:
        with pytest.raises(StoreError, match="no row in runs"):
            run.commit(tool_version="0.1.0")
        commit(run)
    assert len(Store(tmp_path).runs) == 1


def test_row_of_the_run_may_come_in_a_part(tmp_path: Path) -> None:
    with begun(tmp_path) as run:
        run.add("last", [a_run(RUN_ID)])
        run.commit(tool_version="0.1.0")
    assert Store(tmp_path).runs[0].manifest.started_at == a_run(RUN_ID).started_at


@pytest.mark.parametrize("name", ["pilot", "../pilot", "", ".tmp-pilot", "a/b"])
def test_name_of_a_part_is_plain_and_used_once(tmp_path: Path, name: str) -> None:
    with begun(tmp_path, "pilot") as run, pytest.raises(StoreError, match="cannot name a part"):
        run.add(name, [a_model()])


def cut(part: Path) -> None:
    file = part / "launches.parquet"
    file.write_bytes(file.read_bytes()[:-7])


def flip(part: Path) -> None:
    file = part / "launches.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def remove_file(part: Path) -> None:
    (part / "launches.parquet").unlink()


def empty_manifest(part: Path) -> None:
    (part / MANIFEST_NAME).write_text("")


def remove_manifest(part: Path) -> None:
    (part / MANIFEST_NAME).unlink()


def edit_manifest(part: Path, **changes: object) -> None:
    path = part / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def of_another_run(part: Path) -> None:
    edit_manifest(part, run_id="another")


def of_other_columns(part: Path) -> None:
    file = part / "launches.parquet"
    pq.write_table(pq.read_table(file).drop_columns(["sitting"]), file)
    entries = json.loads((part / MANIFEST_NAME).read_text())["files"]
    size, digest = file.stat().st_size, sha256_of(file)
    changed = [
        entry | {"bytes": size, "sha256": digest} if entry["name"] == file.name else entry
        for entry in entries
    ]
    edit_manifest(part, files=changed)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut, "launches.parquet has"), (flip, "does not match its sha256"),
        (remove_file, "is missing"), (empty_manifest, "manifest is not JSON"),
        (remove_manifest, "manifest cannot be read"), (of_another_run, "of run another"),
        (of_other_columns, "has not the columns of today"),
    ],
)  # fmt: skip
def test_damaged_part_is_moved_aside_and_can_be_added_anew(
    tmp_path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    left(tmp_path, "pilot", "block-1", "block-2")
    damage(part_folder(tmp_path, "block-1"))
    with Journal.open(tmp_path, RUN_ID) as run:
        assert run.finished == ("pilot", "block-2")
        (found,) = run.damaged
        assert found.name == "block-1"
        assert reason in found.reason
        assert found.moved_to == tmp_path / "quarantine" / f"{RUN_ID}-block-1"
        assert reason in (found.moved_to / "reason.txt").read_text()
        assert (found.moved_to / "blocks.parquet").exists()
        run.add("block-1", part_facts(RUN_ID, 1))
        commit(run)
    assert sorted(map(str, column(tmp_path, "blocks", "block"))) == ["0", "1", "2"]
    assert found.moved_to.exists()


def test_half_written_part_is_swept(tmp_path: Path) -> None:
    left(tmp_path, "pilot")
    half = part_folder(tmp_path, f".tmp-block-1-{os.getpid()}")
    half.mkdir()
    (half / "launches.parquet").write_bytes(b"half")
    assert unfinished_runs(tmp_path)[0].parts == 1
    with Journal.open(tmp_path, RUN_ID) as run:
        assert run.finished == ("pilot",)
        assert run.damaged == ()
        assert not half.exists()
        run.add("block-1", part_facts(RUN_ID, 1))


def test_part_of_a_newer_version_is_left_where_it_is(tmp_path: Path) -> None:
    left(tmp_path, "pilot")
    edit_manifest(part_folder(tmp_path, "pilot"), schema_version=99)
    with pytest.raises(NewerSchemaError, match="99"):
        Journal.open(tmp_path, RUN_ID)
    assert part_folder(tmp_path, "pilot").exists()
    assert unfinished_runs(tmp_path)[0].in_use is False


@pytest.mark.parametrize("damage", [cut, flip, remove_file])
def test_part_damaged_before_the_commit_stops_it(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with begun(tmp_path, "pilot", "block-1") as run:
        damage(part_folder(tmp_path, "block-1"))
        with pytest.raises(StoreError, match=r"part block-1 .* was damaged") as caught:
            commit(run)
    assert "run --resume" in caught.value.hint
    assert Store(tmp_path).is_empty
    with Journal.open(tmp_path, RUN_ID) as run:
        assert run.finished == ("pilot",)


def test_commit_twice_is_one_run(tmp_path: Path) -> None:
    with begun(tmp_path, "pilot") as run:
        assert commit(run) == commit(run)
    assert len(Store(tmp_path).runs) == 1


def test_committed_run_takes_no_more_parts(tmp_path: Path) -> None:
    with begun(tmp_path, "pilot") as run:
        commit(run)
        with pytest.raises(StoreError, match="is closed"):
            run.add("block-1", part_facts(RUN_ID, 1))
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_run_killed_after_its_commit_is_only_cleaned_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(folder: Path) -> NoReturn:
        raise SystemExit

    with monkeypatch.context() as patch, begun(tmp_path, "pilot") as run:
        patch.setattr(journal, "vanish", stop)
        with pytest.raises(SystemExit):
            commit(run)
    before = Store(tmp_path).digest
    assert [left.parts for left in unfinished_runs(tmp_path)] == [1]
    with Journal.open(tmp_path, RUN_ID) as run:
        later = dataclasses.replace(a_run(RUN_ID), ended_at=datetime(2027, 1, 1, tzinfo=UTC))
        run.commit(later, tool_version="0.1.0")
    assert Store(tmp_path).digest == before
    assert unfinished_runs(tmp_path) == ()


def test_parts_are_kept_where_the_committed_run_was_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, begun(tmp_path, "pilot") as run:
        patch.setattr(journal, "vanish", lambda folder: None)
        commit(run)
    flip(tmp_path / "runs" / RUN_ID)
    with Journal.open(tmp_path, RUN_ID) as run:
        with pytest.raises(StoreError, match="does not match its sha256"):
            commit(run)
        verify(Store(tmp_path))
        commit(run)
    assert verify(Store(tmp_path)).runs == 1


def test_full_disk_costs_the_part_and_says_how_to_continue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: object, rows: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with begun(tmp_path, "pilot") as run:
        with monkeypatch.context() as patch:
            patch.setattr(pq.ParquetWriter, "write_table", fail)
            for refused in (lambda: run.add("block-1", part_facts(RUN_ID, 1)), lambda: commit(run)):
                with pytest.raises(HostError, match="is full") as caught:
                    refused()
                assert str(tmp_path) in caught.value.message
                assert "python -m collector run --resume" in caught.value.hint
                assert "the parts that were finished are kept" in caught.value.hint
                assert "nothing was written" not in caught.value.hint
        assert run.finished == ("pilot",)
        assert Store(tmp_path).is_empty
        assert temporary_folders(tmp_path) == []
        run.add("block-1", part_facts(RUN_ID, 1))
        commit(run)
    assert column(tmp_path, "blocks", "block") == [0, 1]


@pytest.mark.parametrize("error", [OSError(errno.EROFS, "Read-only"), KeyboardInterrupt()])
def test_run_that_cannot_be_begun_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(path: Path) -> NoReturn:
        raise error

    monkeypatch.setattr(durable, "sync", fail)
    with pytest.raises((HostError, KeyboardInterrupt)) as caught:
        Journal.create(tmp_path, RUN_ID, "{}")
    if isinstance(caught.value, HostError):
        assert "nothing was written" in caught.value.hint
    assert unfinished_runs(tmp_path) == ()
    assert temporary_folders(tmp_path) == []


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process of ``journal_child``, killed at the end."""
    command = [sys.executable, "-m", "tests.unit.journal_child", *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as child:
        yield child
        child.kill()


def answer(child: subprocess.Popen[str]) -> str:
    """The next line that a process says."""
    assert child.stdout
    return child.stdout.readline().rstrip()


def ask(child: subprocess.Popen[str], line: str) -> str:
    """Send a line and wait for the answer."""
    assert child.stdin
    child.stdin.write(f"{line}\n")
    child.stdin.flush()
    return answer(child)


def test_run_belongs_to_one_live_process(tmp_path: Path) -> None:
    left(tmp_path, "pilot")
    with running("hold", tmp_path, RUN_ID) as child:
        assert answer(child) == "held"
        assert unfinished_runs(tmp_path)[0].in_use
        with pytest.raises(HostError, match="by another process"):
            Journal.open(tmp_path, RUN_ID)
        child.kill()
        child.wait()
        assert not unfinished_runs(tmp_path)[0].in_use
        with Journal.open(tmp_path, RUN_ID) as run:
            assert run.finished == ("pilot",)
            assert unfinished_runs(tmp_path)[0].in_use


def test_looking_does_not_take_a_run_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "_LOCK_WAIT_S", 30.0)
    left(tmp_path, "pilot")
    lock = unfinished.locked(unfinished.folder_of(tmp_path, RUN_ID))
    with ThreadPool(1) as pool:
        opening = pool.apply_async(Journal.open, (tmp_path, RUN_ID))
        time.sleep(0.1)
        lock.release()
        with opening.get(30) as run:
            assert run.finished == ("pilot",)


@pytest.mark.parametrize("run_id", ["another", "..", f"../unfinished/{RUN_ID}", "", "."])
def test_unknown_run_names_those_there_are(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(UsageError) as caught:
        Journal.open(tmp_path, run_id)
    assert caught.value.hint == "there is none to continue"
    left(tmp_path)
    with pytest.raises(UsageError) as caught:
        Journal.open(tmp_path, run_id)
    assert RUN_ID in caught.value.hint


def test_run_id_is_used_once(tmp_path: Path) -> None:
    with begun(tmp_path) as run:
        with pytest.raises(StoreError, match="exists already"):
            Journal.create(tmp_path, RUN_ID, "{}")
        commit(run)
    with pytest.raises(StoreError, match="exists already"):
        Journal.create(tmp_path, RUN_ID, "{}")


def test_discarded_run_is_gone(tmp_path: Path) -> None:
    with begun(tmp_path, "pilot") as run:
        run.discard()
        with pytest.raises(StoreError, match="is closed"):
            commit(run)
    assert unfinished_runs(tmp_path) == ()
    assert list((tmp_path / "unfinished").iterdir()) == []
    assert Store(tmp_path).is_empty


def test_run_killed_while_it_is_removed_is_not_seen_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(folder: Path, *, ignore_errors: bool) -> NoReturn:
        raise SystemExit

    with begun(tmp_path, "pilot") as run:
        monkeypatch.setattr(shutil, "rmtree", stop)
        with pytest.raises(SystemExit):
            run.discard()
    assert unfinished_runs(tmp_path) == ()


def test_unfinished_runs_come_newest_first(tmp_path: Path) -> None:
    assert unfinished_runs(tmp_path / "nowhere") == ()
    for number, run_id in enumerate(("b", "c", "a")):
        with Journal.create(tmp_path, run_id, "{}"):
            pass
        plan = tmp_path / "unfinished" / run_id / "plan.json"
        os.utime(plan, (1_700_000_000 + number, 1_700_000_000 + number))
    found = unfinished_runs(tmp_path)
    assert [run.run_id for run in found] == ["a", "c", "b"]
    assert found[0].started_at == datetime.fromtimestamp(1_700_000_002, UTC)
    assert found[0].path == tmp_path / "unfinished" / "a"
    assert {(run.parts, run.in_use, run.problem) for run in found} == {(0, False, None)}


def test_looking_survives_damaged_folders(tmp_path: Path) -> None:
    left(tmp_path, "pilot", "block-1")
    cut(part_folder(tmp_path, "pilot"))
    folder = tmp_path / "unfinished"
    for name in ("without-plan", "binary-plan", "parts-is-a-file"):
        shutil.copytree(folder / RUN_ID, folder / name)
    (folder / "without-plan" / "plan.json").unlink()
    (folder / "binary-plan" / "plan.json").write_bytes(b"\xff\xfe\xff")
    shutil.rmtree(folder / "parts-is-a-file" / "parts")
    (folder / "parts-is-a-file" / "parts").write_text("")
    (folder / "a-file").write_text("")
    (folder / "only-a-lock").mkdir()
    (folder / "only-a-lock" / "lock").write_text("")
    (folder / ".tmp-being-removed-1").mkdir()
    (folder / ".tmp-being-removed-1" / "plan.json").write_text("{}")
    found = {run.run_id: run for run in unfinished_runs(tmp_path)}
    assert set(found) == {RUN_ID, "without-plan", "binary-plan", "parts-is-a-file"}
    assert found[RUN_ID].parts == 1
    assert found[RUN_ID].problem is None
    assert found["parts-is-a-file"].parts == 0
    for name in ("without-plan", "binary-plan"):
        assert "cannot be read" in str(found[name].problem)
        with pytest.raises(StoreError, match="plan of unfinished run"):
            Journal.open(tmp_path, name)
        assert not unfinished_runs(tmp_path)[0].in_use


def test_facts_are_read_back_as_they_were(tmp_path: Path) -> None:
    launch, node = a_launch(RUN_ID, "one"), a_node(RUN_ID, "one", 3)
    with begun(tmp_path) as run:
        run.add("pilot", [launch, node, a_run(RUN_ID)])
        assert run.read(Launch) == (launch,)
        assert run.read(ExecNode) == (node,)
        assert run.read(Run) == (a_run(RUN_ID),)
        assert run.read(Caution) == ()
        (short,) = run.read(Launch, leave_out=("samples_ms", "p50_ms"))
        assert short == dataclasses.replace(launch, samples_ms=(), p50_ms=None)


def test_rows_of_arrow_become_facts_again() -> None:
    facts = (Block("run", 1, journal_child.AT, ("a", "b")), Block("run", 2, journal_child.AT, ()))
    assert from_arrow(Block, to_arrow(Block, facts)) == facts
    assert from_arrow(Block, to_arrow(Block, ())) == ()


def test_killed_at_any_moment_no_part_is_lost_and_no_half_run_is_seen(tmp_path: Path) -> None:
    lives = np.random.default_rng(20261123).uniform(0.0, 1.0, KILLS)
    with running("nursery", tmp_path) as nursery:
        run_s = float(answer(nursery))
        for life in lives:
            assert ask(nursery, str(life * run_s)) == "killed"
            check_whole(tmp_path)
    if unfinished_runs(tmp_path):
        journal_child.finish_one(tmp_path)
    check_whole(tmp_path)
    assert unfinished_runs(tmp_path) == ()
    finished = Counter((tmp_path / "log").read_text().splitlines())
    assert len(finished) > 2 * len(PARTS)
    assert set(finished.values()) == {1}, "a finished part was measured again"
    assert {line.split()[0] for line in finished} == {run.path.name for run in Store(tmp_path).runs}
    assert verify(Store(tmp_path)).is_sound
    assert not (tmp_path / "quarantine").exists()


def check_whole(root: Path) -> None:
    """Every run of the store has all its parts, and at most one is unfinished."""
    store = Store(root)
    assert store.problems == ()
    for run in store.runs:
        rows = {file.name: file.rows for file in run.manifest.files}
        assert rows == {
            "models.parquet": 1, "runs.parquet": 1, "blocks.parquet": len(PARTS),
            "launches.parquet": len(PARTS), "cautions.parquet": 1,
        }  # fmt: skip
    assert len(unfinished_runs(root)) <= 1


def test_large_part_is_merged_without_filling_the_memory(tmp_path: Path) -> None:
    run_child("plant", tmp_path, RUN_ID, str(LARGE))
    assert float(run_child("weigh", tmp_path, RUN_ID)) < 150
    (run,) = Store(tmp_path).runs
    file = run.path / "exec_nodes.parquet"
    assert pq.read_metadata(file).num_rows == LARGE
    index = pq.read_table(file, columns=["node_index"])["node_index"]
    assert index.equals(pa.chunked_array([pa.array(range(LARGE))]))


def run_child(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "tests.unit.journal_child", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
