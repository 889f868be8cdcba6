"""What the overview works out it works out once: the same state is given the same object."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from dashboard import tables
from dashboard.cache import open_lens
from dashboard.cache.overview import shown
from dashboard.link import Link
from results.headline import Pick
from results.store import Store
from tests.page.pages import open_page, words


def test_the_same_state_is_worked_out_once_whatever_pair_is_compared(one_run: Store) -> None:
    lens, link = open_lens(), Link()
    first = shown(lens, link)
    other = replace(link, baseline="a", candidate="b", layer="c")
    assert shown(open_lens(), other) is first
    assert first.verdicts_table is first.verdicts_table


@pytest.mark.parametrize(
    "other",
    [
        Link(against="fp32@f32"),
        Link(runtime="all"),
        Link(scenario="latency"),
        Link(find="alpha"),
        Link(only="slower"),
    ],
)
def test_another_choice_is_another_state(one_run: Store, other: Link) -> None:
    lens = open_lens()
    assert shown(lens, other) is not shown(lens, Link())
    assert shown(lens, other).link == other


def test_a_page_that_runs_again_makes_no_table_anew(
    one_run: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page()
    before = words(at)

    def never(picked: Sequence[Pick]) -> pa.Table:
        raise AssertionError(picked)

    monkeypatch.setattr(tables, "overview", never)
    at.run()
    assert not at.exception
    assert words(at) == before


def test_what_a_server_has_loaded_is_not_looked_through_for_garbage(one_run: Store) -> None:
    assert not open_page("overview").exception
    frozen = gc.get_freeze_count()
    assert not open_page("compare").exception
    assert 0 < gc.get_freeze_count() <= frozen, "once a process: what comes later can be freed"
