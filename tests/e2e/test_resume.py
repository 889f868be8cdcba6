"""An interrupted run keeps its finished blocks, says how to go on, and goes on with them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from results.facts import Block, Caution, Launch, Run
from results.journal import Journal
from results.unfinished import unfinished
from tests.e2e.tiny import (
    alone,
    collector,
    results,
    runs_of,
    short_suite,
    start,
    stored,
    tiny_network,
)

BLOCKS = 3
INTERRUPTED = {130, -signal.SIGINT}
"""A shell shows 130 for both: Python ends by the signal itself where Ctrl-C met an exec()."""


def _until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something that the process does."""
    deadline = time.monotonic() + 90
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _interrupt(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Interrupt a run; returns its last words after a look at what it left running."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode in INTERRUPTED, stderr
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    return stderr


def _stopped(folder: Path, number: signal.Signals) -> tuple[Path, str]:
    """A store with a run that was interrupted after its first block, and its last words."""
    suite, data = short_suite(folder, BLOCKS), folder / "store"
    process = start("run", suite, "--data", data)
    _until(lambda: bool(list(data.glob("unfinished/*/parts/block-0000"))), process)
    return data, _interrupt(process, number)


@pytest.mark.slow
def test_an_interrupted_run_goes_on_with_what_was_finished(tmp_path: Path) -> None:
    data, last_words = _stopped(tmp_path, signal.SIGTERM)
    assert f"python -m collector run --resume --data {data}" in last_words
    assert not runs_of(data)
    (left,) = unfinished(data)
    with Journal.open(data, left.run_id) as journal:
        before = {launch.launch_id for launch in journal.read(Launch)}
    assert before
    done = alone("run", "--resume", "--data", data)
    assert done.returncode == 0, done.stderr
    (run,) = runs_of(data)
    assert run.name == left.run_id
    launches = stored(Launch, run)
    assert before < {launch.launch_id for launch in launches}
    timing = Counter((one.block, one.cell_id) for one in launches if one.kind == "timing")
    assert set(timing.values()) == {1}
    assert Counter(block for block, _ in timing) == dict.fromkeys(range(BLOCKS), 3)
    assert [block.block for block in stored(Block, run)] == list(range(BLOCKS))
    assert [one.continued for one in stored(Run, run)] == [1]
    assert "continued_run" in {caution.caution_id for caution in stored(Caution, run)}
    assert not unfinished(data)
    assert results("verify", "--data", data).returncode == 0


@pytest.mark.slow
def test_a_model_that_has_changed_is_not_measured_on(tmp_path: Path) -> None:
    data, _ = _stopped(tmp_path, signal.SIGINT)
    tiny_network(tmp_path / "tiny.xml", seed=4)
    done = collector("run", "--resume", "--data", data)
    assert done.returncode == 2
    assert "began with another machine, device, OpenVINO or model" in done.stderr
    assert len(unfinished(data)) == 1, "the finished blocks are gone"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("measuring", [False, True])
def test_an_interruption_before_the_first_block_leaves_nothing(
    tmp_path: Path, number: signal.Signals, *, measuring: bool
) -> None:
    suite, data = short_suite(tmp_path, blocks=50), tmp_path / "store"
    process = start("run", suite, "--data", data)
    where = "unfinished/*/parts/setup" if measuring else "runs"
    _until(lambda: bool(list(data.glob(where))), process)
    last_words = _interrupt(process, number)
    if not list(data.glob("unfinished/*/parts/block-0000")):
        assert not unfinished(data)
        assert "--resume" not in last_words
        assert "nothing of this run is kept" in last_words
    assert not runs_of(data)
    assert not [path for path in data.rglob(".*") if path.is_dir()]


def test_what_cannot_be_continued_is_refused_in_one_line(tmp_path: Path) -> None:
    tiny = tiny_network(tmp_path / "tiny.xml")
    cases = (
        (["--resume"], "waits to be continued"),
        (["--resume", "--run", "20260101T000000Z-abcdef"], "no unfinished run"),
        (["--resume", "--run", "../.."], "no unfinished run"),
        (["--resume", "--model", str(tiny)], "give no other options"),
        (["--resume", "--dry-run"], "give no other options"),
        (["--run", "20260101T000000Z-abcdef"], "--resume"),
    )
    for arguments, said in cases:
        done = collector("run", *arguments, "--data", tmp_path / "store")
        assert done.returncode == 2, (arguments, done.stderr)
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
