"""SIGKILL at any moment loses no finished block, shows no half run, leaves no process."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import numpy as np
import psutil
import pytest

from results import queries
from results.facts import Block, Cell, Launch, Run
from results.store import Store
from results.unfinished import unfinished
from tests.e2e.tiny import alone, results, runs_of, short_suite, start, stored

KILLS = 50
BLOCKS = 6
SEED = 20191
LONGEST_S = 3.6
"""A run takes longer; what one attempt does not reach, one that continues it does."""
MARK = "INT8_LENS_KILL_TEST"
KINDS = {"timing", "profile", "startup"}


def _processes(token: str) -> list[psutil.Process]:
    """Every living process that was started, at whatever remove, with this token."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == token and process.is_running():
                found.append(process)
        except psutil.Error:  # gone, a zombie or another user's
            continue
    return found


def _assert_nothing_runs(token: str) -> None:
    deadline = time.monotonic() + 5
    while left := _processes(token):
        assert time.monotonic() < deadline, [process.cmdline() for process in left]
        time.sleep(0.02)


def _assert_whole(run: Path) -> None:
    """Every block of every cell once, from its first attempt on, and the other launches."""
    launches, cells = stored(Launch, run), stored(Cell, run)
    assert [block.block for block in stored(Block, run)] == list(range(BLOCKS))
    timing = [launch for launch in launches if launch.kind == "timing"]
    slots = Counter((launch.block, launch.cell_id, launch.attempt) for launch in timing)
    assert set(slots.values()) == {1}
    assert {slot for slot in slots if slot[2] == 0} == {
        (block, cell.cell_id, 0) for block in range(BLOCKS) for cell in cells
    }
    for cell in cells:
        assert {one.kind for one in launches if one.cell_id == cell.cell_id} == KINDS
    assert len(stored(Run, run)) == 1


def _assert_sound(data: Path, seen: set[Path]) -> None:
    """The store opens, shows whole runs only, and at most one run waits."""
    with closing(Store(data).index()) as index:
        shown = {view.run_id for view in queries.run_views(index)}
    runs = set(runs_of(data))
    assert shown == {run.name for run in runs}
    for run in runs - seen:
        _assert_whole(run)
    seen |= runs
    assert len(unfinished(data)) <= 1
    assert not list(data.glob("quarantine/*"))


@pytest.mark.slow
def test_nothing_is_lost_when_a_run_is_killed_fifty_times(tmp_path: Path) -> None:
    chance, token, seen = np.random.default_rng(SEED), uuid4().hex, set[Path]()
    arms = 'arms = ["fp32@f32", "int8-simplified@default"]'
    suite, data, temp = short_suite(tmp_path, BLOCKS, arms), tmp_path / "store", tmp_path / "temp"
    temp.mkdir()
    environment = {MARK: token, "TMPDIR": str(temp)}
    kills = 0
    while kills < KILLS:
        waits = any(run.parts > 1 for run in unfinished(data))
        what = ["--resume"] if waits else [suite]
        process = start("run", *what, "--data", data, **environment)
        time.sleep(chance.uniform(0.1, LONGEST_S))
        if process.poll() is None:
            kills += 1
            process.kill()
        _, stderr = process.communicate()
        assert process.returncode in {0, -9}, stderr
        _assert_nothing_runs(token)
        _assert_sound(data, seen)
    done = alone("run", *(["--resume"] if unfinished(data) else [suite]), "--data", data)
    assert done.returncode == 0, done.stderr
    _assert_sound(data, seen)
    assert seen
    assert not unfinished(data)
    assert results("verify", "--data", data).returncode == 0
    assert len(list((data / "unfinished").iterdir())) <= 2, "what was killed piles up"
    assert not [path for path in (data / "cache").rglob(".*") if path.is_dir()]
    assert len(list(temp.iterdir())) <= 2, "temporary files pile up"
