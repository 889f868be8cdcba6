"""What a run tells of itself while it lasts: counted as it happens, told between sittings."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from collector.progress import reporter
from collector.pulse import Pulse, Tally, pulse
from results.journal import Journal
from results.under_way import Doing, under_way
from tests.unit.journal_child import a_run


def _doing(data: Path) -> Doing:
    (found,) = under_way(data)
    return found.doing


def test_each_step_is_told_with_what_the_measuring_counted(tmp_path: Path) -> None:
    with pulse(tmp_path) as told, reporter(100.0, told) as progress:
        progress.step("building tiny", 20.0)
        assert (_doing(tmp_path).activity, _doing(tmp_path).run_id) == ("building tiny", "")
        progress.begin("run")
        progress.tally.at("block", 2, 5)
        progress.tally.failed_launches += 1
        progress.tally.disturbed_repeats += 2
        progress.step("tiny, block 2 of 5", 30.0)
        found = _doing(tmp_path)
        assert (found.run_id, found.stage, found.number, found.total) == ("run", "block", 2, 5)
        assert (found.failed_launches, found.disturbed_repeats) == (1, 2)
        assert found.done == pytest.approx(0.2)
        assert found.step_s == 30.0
        assert found.left_s > 0.0


def test_when_the_work_ends_nothing_is_told_any_more(tmp_path: Path) -> None:
    with pulse(tmp_path) as told:
        told.step("building tiny", 0.0, 10.0, 5.0)
        assert under_way(tmp_path)
    assert under_way(tmp_path) == ()


def test_work_that_is_interrupted_before_anything_is_kept_says_at_what_until_the_next_begins(
    tmp_path: Path,
) -> None:
    with suppress(KeyboardInterrupt), pulse(tmp_path) as told:
        told.say("calibrating tiny: 3 of 300")
        raise KeyboardInterrupt
    (found,) = under_way(tmp_path)
    assert not found.is_running
    assert not found.can_resume
    assert found.doing.activity == "calibrating tiny: 3 of 300"
    assert under_way(tmp_path, found.doing.written_at + timedelta(minutes=61)) == ()
    with pulse(tmp_path):
        assert under_way(tmp_path) == ()


def test_a_run_whose_first_block_was_interrupted_is_told_though_it_was_dropped(
    tmp_path: Path,
) -> None:
    with suppress(KeyboardInterrupt), pulse(tmp_path) as told:
        told.begin("run")
        with Journal.create(tmp_path, "run", "{}") as journal:
            told.step("tiny, block 1 of 5", 0.1, 60.0, 5.0)
            journal.discard()
            raise KeyboardInterrupt
    (found,) = under_way(tmp_path)
    assert (found.is_running, found.can_resume) == (False, False)
    assert found.doing.activity == "tiny, block 1 of 5"


def test_a_committed_run_is_never_told_as_stopped(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), pulse(tmp_path) as told:
        told.begin("run")
        with Journal.create(tmp_path, "run", "{}") as journal:
            told.step("tiny, startup 1", 1.0, 1.0, 1.0)
            journal.commit(a_run("run"), tool_version="0")
        raise KeyboardInterrupt
    assert under_way(tmp_path) == ()


def test_work_that_says_something_a_thousand_times_a_second_is_told_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pulse(tmp_path) as told:
        tells: list[str] = []
        monkeypatch.setattr(told.teller, "tell", lambda doing: tells.append(doing.activity))
        for number in range(1000):
            told.say(f"image {number}")
        assert tells == ["image 0"]


def test_a_reporter_that_nobody_watches_counts_all_the_same() -> None:
    with reporter(10.0) as progress:
        progress.begin("run")
        assert progress.tally == Tally()
        assert progress.pulse is None


def test_a_full_disk_does_not_stop_a_measurement(tmp_path: Path) -> None:
    (tmp_path / "unfinished").write_text("in the way")
    with pulse(tmp_path) as told:
        assert isinstance(told, Pulse)
        told.begin("run")
        told.step("block 1 of 5", 0.5, 10.0, 5.0)
    assert under_way(tmp_path) == ()
