"""What a run tells of itself while it lasts: counted as it happens, told between sittings."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.progress import reporter
from collector.pulse import Pulse, Tally, pulse
from results.under_way import Doing, under_way


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
