"""The time left shrinks, follows the pace of the work, and is never negative."""

from __future__ import annotations

import time

import pytest

from collector.progress import TimeLeft, reporter


def _finished(expected_s: float, took_s: float) -> TimeLeft:
    left = TimeLeft(total_s=100.0, started=time.monotonic() - took_s)
    left.finish(expected_s)
    return left


def test_the_first_guess_holds_until_some_work_is_done() -> None:
    assert _finished(1.0, 9.0).seconds() == pytest.approx(99.0, abs=1)


def test_slow_work_makes_the_rest_longer() -> None:
    assert _finished(50.0, 100.0).seconds() == pytest.approx(100.0, abs=1)
    assert _finished(50.0, 100.0).text() == "1 min 40 s left"


def test_time_inside_a_step_counts_and_the_end_is_not_negative() -> None:
    left = _finished(50.0, 50.0)
    left.step_started -= 20.0
    assert left.seconds() == pytest.approx(30.0, abs=1)
    left.step_started -= 500.0
    assert left.seconds() == 0.0


def test_without_a_terminal_lines_name_the_activity(capsys: pytest.CaptureFixture[str]) -> None:
    with reporter(10.0) as progress:
        progress.step("building tiny", 5.0)
        progress.step("block 1 of 2", 5.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "building tiny (10 s left)\n"
