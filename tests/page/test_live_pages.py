"""While the collector works: what runs, what stopped and what arrived, on every page."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import streamlit as st

from collector.pulse import pulse
from dashboard import live, source
from dashboard.access import ALLOW_VARIABLE
from dashboard.cache import open_lens
from dashboard.views import live as line_view
from results.journal import Journal
from results.store import Store
from results.under_way import Doing, Teller, UnderWay
from tests.page.hostile_stores import HOSTILE
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import planted_store

AT_WORK, STOPPED, ARRIVED = "The collector is at work:", "The collector stopped:", "has arrived"
RUN_ID = "20261123T011500Z-3fa9c1"
DOING = Doing(
    run_id=RUN_ID, activity="resnet_50, 3 cells, block 2 of 5", stage="block", number=2, total=5,
    done=0.42, left_s=200.0, step_s=20.0, disturbed_repeats=1, failed_launches=2,
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_runs_and_only_while_it_runs(one_run: Store, page: str) -> None:
    assert AT_WORK not in words(open_page(page))
    teller = Teller(one_run.root)
    teller.tell(DOING)
    said = words(open_page(page))
    line = next(line for line in said.splitlines() if AT_WORK in line)
    for told in ("resnet_50, 3 cells, block 2 of 5", "42 % done", "about 3 min left",
                 "1 repeat after a disturbance", "2 failed launches"):  # fmt: skip
        assert told in line
    teller.end()
    assert AT_WORK not in words(open_page(page))


def test_a_run_that_stopped_says_where_and_how_to_go_on(one_run: Store) -> None:
    teller = Teller(one_run.root)
    with Journal.create(one_run.root, RUN_ID, "{}"):
        teller.tell(DOING)
    teller.end()
    said = words(open_page())
    assert f"{STOPPED}" in said
    assert f"run {RUN_ID} at block 2 of 5" in said
    assert f"--resume --run {RUN_ID} --data {one_run.root}" in said
    assert AT_WORK not in said


def test_a_collector_that_was_stopped_before_a_block_says_at_what(one_run: Store) -> None:
    with suppress(KeyboardInterrupt), pulse(one_run.root) as told:
        told.say("calibrating resnet_50: 3 of 300")
        raise KeyboardInterrupt
    said = words(open_page())
    assert STOPPED in said
    assert "0 s ago, at: calibrating resnet_50: 3 of 300" in said
    assert "start it again" in said
    assert AT_WORK not in said


def test_what_a_collector_says_is_only_text(one_run: Store) -> None:
    Teller(one_run.root).tell(Doing(activity=HOSTILE))
    at = open_page()
    (line,) = [one.value for one in at.markdown if AT_WORK in one.value]
    assert r"\<img" in line
    assert "<img" not in line.replace(r"\<img", "")


def test_a_page_that_is_drawn_anew_shows_the_new_run_and_keeps_its_baseline(
    one_run: Store,
) -> None:
    at = open_page("compare")
    heading, address = at.title[0].value, dict(at.query_params)
    planted_store(one_run.root, models=("beta",), name="second")
    at.run()
    assert_no_exception(at)
    assert at.title[0].value == heading
    assert dict(at.query_params) == address
    assert ARRIVED not in words(at), "it is shown already"
    assert any("Beta" in option for option in at.selectbox[0].options)


def test_a_line_that_runs_by_itself_asks_who_may_see_it(
    one_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's own door is not passed again when a part of it runs."""

    def anew(*, scope: str) -> None:
        raise LookupError(scope)

    monkeypatch.setattr(st, "rerun", anew)
    part = inspect.unwrap(line_view._line)
    part(str(one_run.root), reload=False)
    monkeypatch.setenv(ALLOW_VARIABLE, "example.org")  # a list without a login: nobody
    with pytest.raises(LookupError, match="app"):
        part(str(one_run.root), reload=False)


def test_a_page_that_is_still_drawn_has_its_results_after_others_arrived(
    one_run: Store,
) -> None:
    before = open_lens()
    held = weakref.ref(before.index)
    for number in range(3):
        planted_store(one_run.root, models=("beta",), name=f"later-{number}")
        assert open_lens().cells()
    assert before.digest != open_lens().digest
    assert before.overview()
    del before
    gc.collect()
    assert held() is None, "an index that nobody holds is closed"


def test_the_sample_is_watched_in_ones_own_folder(
    sample: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = source.OWN_DATA
    assert source.watched_root({}) == own
    Teller(own).tell(DOING)
    said = words(open_page())
    assert "Sample data" in said
    assert AT_WORK in said


def test_an_empty_store_says_what_runs(tmp_path: Path, show: Callable[[Path], None]) -> None:
    show(tmp_path)
    Teller(tmp_path).tell(Doing(activity="building and quantising resnet_50"))
    said = words(open_page())
    assert "Nothing has been measured yet" in said
    assert "building and quantising resnet_50" in said


def test_more_collectors_than_there_is_room_for_are_counted(one_run: Store) -> None:
    for number in range(5):
        Teller(one_run.root).tell(Doing(run_id=f"run-{number}", activity="x"))
    said = words(open_page())
    assert said.count(AT_WORK) == 3
    assert "and 2 more collectors" in said


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (3, "5 s"), (89, "90 s"), (100, "2 min"), (3540, "59 min"), (7500, "2 h 5 min")],
)
def test_a_time_left_is_told_coarsely(seconds: float, told: str) -> None:
    assert live.duration(seconds) == told


def test_an_estimate_that_ran_out_and_a_silence_are_told() -> None:
    doing = Doing(run_id=RUN_ID, activity="block 5 of 5", done=1.0)
    seen = UnderWay(doing, True, False, left_s=0.0, silent_s=400.0, is_late=True)
    assert live.running_words(seen) == (
        "block 5 of 5 · 100 % done · almost done · nothing heard for 7 min"
    )


def test_an_estimate_that_ran_out_long_before_the_end_is_not_called_almost_done() -> None:
    doing = Doing(run_id=RUN_ID, activity="block 2 of 5", done=0.36)
    seen = UnderWay(doing, True, False, left_s=0.0, silent_s=20.0, is_late=False)
    assert live.running_words(seen) == "block 2 of 5 · 36 % done · longer than expected"


def test_a_page_looks_once_for_runs_as_it_is_drawn_and_its_line_looks_again(
    one_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []

    def counted(data: Path) -> frozenset[str]:
        looks.append(data)
        return frozenset({f"run-{len(looks)}"})

    monkeypatch.setattr(line_view, "run_names", counted)
    open_page()
    assert len(looks) == 1
    monkeypatch.setattr(st, "session_state", {})
    line_view.note_runs(one_run.root)
    assert line_view._arrived_since(one_run.root) == frozenset()
    assert line_view._arrived_since(one_run.root) == {"run-3"}
