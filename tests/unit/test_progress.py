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


def test_what_an_earlier_process_finished_counts_as_done_and_not_as_a_pace() -> None:
    with reporter(10.0) as progress:
        progress.step("building tiny", 6.0)
        progress.plan(60.0, 34.0)
        assert progress.left.share() == pytest.approx(0.4)
        progress.step("block 4 of 5 was finished before", 0.0)
        progress.step("block 5 of 5", 20.0)
        assert progress.left.seconds() == pytest.approx(60.0, abs=1)
        progress.left.started -= 40.0
        progress.step("profile 1 of 5", 20.0)
        assert progress.left.seconds() == pytest.approx(80.0, abs=2), "half as fast as expected"
        assert progress.left.share() == pytest.approx(0.6)


def test_work_that_turned_out_to_be_more_is_not_done_before_it_is() -> None:
    with reporter(10.0) as progress:
        progress.plan(50.0, 0.0)
        progress.step("pilot", 50.0)
        progress.more(150.0)
        progress.step("block 6 of 20", 50.0)
        assert progress.left.share() == pytest.approx(0.25)
        progress.more(-100.0)
        assert progress.left.share() == pytest.approx(0.5)


def test_without_a_terminal_lines_name_the_activity(capsys: pytest.CaptureFixture[str]) -> None:
    with reporter(10.0) as progress:
        progress.step("building tiny", 5.0)
        progress.step("block 1 of 2", 5.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "building tiny (10 s left)\n"
