"""A run that is watched: what it says while it lasts, when it is killed, and when it goes on."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from results.under_way import UnderWay, run_names, under_way
from tests.e2e.tiny import alone, short_suite, start

BLOCKS = 3
_LONGEST_S = 90


def _until_block(data: Path, number: int) -> UnderWay:
    """What is told when the run has come to a block."""
    until = time.monotonic() + _LONGEST_S
    while time.monotonic() < until:
        for one in under_way(data):
            if one.doing.stage == "block" and one.doing.number >= number:
                return one
        time.sleep(0.01)
    pytest.fail(f"block {number} was never told")


@pytest.mark.slow
def test_a_run_that_is_killed_is_told_as_stopped_until_it_has_gone_on(tmp_path: Path) -> None:
    suite, data = short_suite(tmp_path, BLOCKS), tmp_path / "store"
    process = start("run", suite, "--data", data)
    seen = _until_block(data, 2)
    assert seen.is_running
    assert seen.doing.total == BLOCKS
    assert 0.0 < seen.doing.done < 1.0
    assert seen.left_s > 0.0
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    (stopped,) = under_way(data)
    assert not stopped.is_running
    assert stopped.can_resume
    assert run_names(data) == frozenset()
    done = alone("run", "--resume", "--data", data)
    assert done.returncode == 0, done.stderr
    assert under_way(data) == ()
    assert run_names(data) == {stopped.doing.run_id}
    assert not list((data / "unfinished").glob("*progress*"))
