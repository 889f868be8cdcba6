"""What is told of a collector at work: whole or not at all, and true when it was killed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from results import process
from results.journal import Journal
from results.process import Process, is_alive, this_process
from results.under_way import Doing, Teller, UnderWay, run_names
from results.under_way import under_way as seen
from tests.unit.journal_child import a_run

RUN_ID = "20261123T011500Z-3fa9c1"

ROOT = Path(__file__).parents[2]
CHILD = """
import sys, time
from pathlib import Path
from results.journal import Journal
from results.under_way import Doing, Teller
data, run_id = Path(sys.argv[1]), sys.argv[2]
teller = Teller(data)
if run_id:
    journal = Journal.create(data, run_id, "{}")
teller.tell(Doing(run_id=run_id, activity="block 2 of 5", stage="block", number=2, total=5))
print("told", flush=True)
time.sleep(60)
"""


@contextmanager
def child(data: Path, run_id: str) -> Iterator[subprocess.Popen[str]]:
    """A process that told what it does, and does it."""
    command = [sys.executable, "-c", CHILD, str(data), run_id]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            assert running.stdout.readline() == "told\n"
            yield running
        finally:
            running.kill()


def only(data: Path, now: datetime | None = None) -> UnderWay:
    (found,) = seen(data, now)
    return found


def file_of(data: Path) -> Path:
    (path,) = (data / "unfinished").glob("progress-*.json")
    return path


def test_what_a_collector_tells_is_read_as_it_was_told(tmp_path: Path) -> None:
    doing = Doing(
        run_id="", activity="mobilenet \N{SNOWMAN}, block 2 of 5", stage="block", number=2,
        total=5, done=0.25, left_s=80.0, step_s=12.5, disturbed_repeats=3, failed_launches=4,
    )  # fmt: skip
    Teller(tmp_path).tell(doing)
    found = only(tmp_path)
    assert replace(found.doing, written_at=doing.written_at) == doing
    assert found.is_running
    assert not found.can_resume


def test_the_time_left_runs_down_while_nothing_is_told(tmp_path: Path) -> None:
    Teller(tmp_path).tell(Doing(left_s=80.0, step_s=50.0))
    at = only(tmp_path).doing.written_at
    assert only(tmp_path, at + timedelta(seconds=30)).left_s == pytest.approx(50.0)
    assert only(tmp_path, at + timedelta(seconds=90)).left_s == 0.0
    assert not only(tmp_path, at + timedelta(seconds=200)).is_late
    assert only(tmp_path, at + timedelta(seconds=300)).is_late


def test_a_killed_collector_has_stopped_and_its_run_can_be_continued(tmp_path: Path) -> None:
    with child(tmp_path, RUN_ID) as running:
        assert only(tmp_path).is_running
        running.kill()
        running.wait()
    found = only(tmp_path)
    assert not found.is_running
    assert found.can_resume
    assert (found.doing.number, found.doing.total) == (2, 5)


def test_a_collector_killed_before_its_run_began_is_told_for_an_hour(tmp_path: Path) -> None:
    with child(tmp_path, "") as running:
        running.kill()
        running.wait()
    found = only(tmp_path)
    assert not found.is_running
    assert not found.can_resume
    assert seen(tmp_path, found.doing.written_at + timedelta(minutes=61)) == ()


def test_a_process_id_that_was_given_to_another_is_not_the_collector() -> None:
    me = this_process()
    assert is_alive(me)
    assert is_alive(replace(me, started="1")) is False
    assert is_alive(replace(me, place="another machine")) is None


def test_a_killed_process_that_nobody_waited_for_is_not_alive(tmp_path: Path) -> None:
    with child(tmp_path, "") as running:
        born = Process(this_process().place, running.pid, process._stat(running.pid)[1])
        assert is_alive(born)
        running.kill()
        until = time.monotonic() + 10
        while is_alive(born) and time.monotonic() < until:
            time.sleep(0.02)
        assert is_alive(born) is False


def test_a_collector_on_another_machine_stops_when_it_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal.create(tmp_path, RUN_ID, "{}"):
        monkeypatch.setattr(process, "_place", lambda: "elsewhere")
        Teller(tmp_path).tell(Doing(run_id=RUN_ID, step_s=10.0))
        monkeypatch.setattr(process, "_place", lambda: "here")
        at = only(tmp_path).doing.written_at
        assert only(tmp_path, at + timedelta(seconds=100)).is_running
        late = only(tmp_path, at + timedelta(seconds=200))
        assert not late.is_running
        assert late.can_resume


def test_an_interrupted_run_is_told_until_it_is_continued(tmp_path: Path) -> None:
    first = Teller(tmp_path)
    with Journal.create(tmp_path, RUN_ID, "{}"):
        first.tell(Doing(run_id=RUN_ID, activity="first"))
    first.end()
    assert only(tmp_path).doing.has_stopped
    assert only(tmp_path).can_resume
    second = Teller(tmp_path)
    with Journal.open(tmp_path, RUN_ID) as journal:
        second.sweep(RUN_ID)
        second.tell(Doing(run_id=RUN_ID, activity="second"))
        assert only(tmp_path).doing.activity == "second"
        assert only(tmp_path).is_running
        journal.commit(a_run(RUN_ID), tool_version="0")
    second.end()
    assert seen(tmp_path) == ()
    assert run_names(tmp_path) == {RUN_ID}
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_a_run_that_is_being_copied_into_a_store_is_not_there_before_its_manifest(
    tmp_path: Path,
) -> None:
    copied = tmp_path / "runs" / RUN_ID
    copied.mkdir(parents=True)
    (copied / "launches.parquet").write_bytes(b"half")
    assert run_names(tmp_path) == frozenset()
    (copied / "manifest.json").write_text("{}")
    assert run_names(tmp_path) == {RUN_ID}


def test_a_run_that_was_committed_is_not_called_stopped(tmp_path: Path) -> None:
    with child(tmp_path, RUN_ID) as running:
        running.kill()
        running.wait()
    with Journal.open(tmp_path, RUN_ID) as journal:
        journal.commit(a_run(RUN_ID), tool_version="0")
    assert seen(tmp_path) == ()
    Teller(tmp_path).sweep()
    assert not list((tmp_path / "unfinished").glob("*progress-*"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"format": 2, "process": {}, "doing": {}}',
        '{"format": 1, "process": {"place": "x", "pid": 1}, "doing": {}}',
        '{"format": 1, "process": {"place": "x", "pid": "1", "started": ""}, "doing": {}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_file_that_is_torn_strange_or_newer_is_left_out(tmp_path: Path, text: str) -> None:
    Teller(tmp_path).tell(Doing(activity="whole"))
    other = tmp_path / "unfinished" / "progress-other.json"
    other.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert [one.doing.activity for one in seen(tmp_path)] == ["whole"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("done", float("nan")),
        ("left_s", "soon"),
        ("number", True),
        ("run_id", 3),
        ("written_at", "2026-11-23"),
        ("written_at", "yesterday"),
    ],
)
def test_a_value_of_another_type_is_left_out(tmp_path: Path, name: str, value: object) -> None:
    Teller(tmp_path).tell(Doing())
    path = file_of(tmp_path)
    told = json.loads(path.read_text())
    told["doing"][name] = value
    path.write_text(json.dumps(told))
    assert seen(tmp_path) == ()


@pytest.mark.parametrize("run_id", ["../runs", "..", "a/b", "/etc", "a\x00b"])
def test_a_run_that_is_a_path_is_never_looked_for(tmp_path: Path, run_id: str) -> None:
    Teller(tmp_path).tell(Doing(run_id=run_id, has_stopped=True))
    for folder in ("unfinished", "runs", "a/b"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "plan.json").write_text("{}")
    assert seen(tmp_path) == ()


def test_an_empty_folder_and_none_are_nobody_at_work(tmp_path: Path) -> None:
    assert seen(tmp_path) == ()
    assert seen(tmp_path / "none") == ()
    assert run_names(tmp_path / "none") == frozenset()


def test_where_nothing_can_be_written_nothing_is_told_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "unfinished").write_text("a file")
    teller = Teller(tmp_path)
    teller.tell(Doing())
    teller.sweep()
    teller.end()
    assert seen(tmp_path) == ()


def test_readers_that_never_rest_neither_stop_a_writer_nor_see_half_a_file(tmp_path: Path) -> None:
    teller, writes = Teller(tmp_path), 400
    teller.tell(Doing(activity="0", number=0, total=writes))
    stop, faults, reads = threading.Event(), list[str](), [0]

    def read() -> None:
        latest = -1
        while not stop.is_set():
            found = seen(tmp_path)
            reads[0] += 1
            if len(found) != 1 or found[0].doing.activity != str(found[0].doing.number):
                faults.append(repr(found))
            elif found[0].doing.number < latest:
                faults.append("went back")
            else:
                latest = found[0].doing.number

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, writes + 1):
        teller.tell(Doing(activity=str(number), number=number, total=writes))
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert reads[0] > 0
    assert only(tmp_path).doing.number == writes


def test_telling_costs_little(tmp_path: Path) -> None:
    teller = Teller(tmp_path)
    began = time.process_time()
    for number in range(200):
        teller.tell(Doing(activity="x" * 200, number=number))
    assert (time.process_time() - began) / 200 < 0.002, "seconds of CPU time for each"


def test_reading_changes_nothing(tmp_path: Path) -> None:
    with child(tmp_path, RUN_ID) as running:
        running.kill()
        running.wait()
    before = {path: path.lstat() for path in tmp_path.rglob("*")}
    for _ in range(3):
        seen(tmp_path)
        run_names(tmp_path)
    assert {path: path.lstat() for path in tmp_path.rglob("*")} == before
