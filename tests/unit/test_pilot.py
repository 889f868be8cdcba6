"""Pilot blocks tell how far pairs scatter: those that sat together, in their last attempt."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from collector.pilot import pilot_spreads
from collector.records import launch_fact
from results.facts import Launch
from tests.unit.planned import an_answer
from tests.unit.test_records import KEY


def _launch(
    cell_id: str, block: int, *slices_ms: float, sitting: int = 0, attempt: int = 0
) -> Launch:
    key = replace(KEY, cell_id=cell_id, block=block, sitting=sitting, attempt=attempt)
    return launch_fact(key, an_answer(*slices_ms))


def _blocks(*ratios: float, sitting: int = 0) -> list[Launch]:
    """Cells ``a`` and ``b`` in blocks with these ratios in every turn."""
    found = []
    for block, ratio in enumerate(ratios):
        found.append(_launch("a", block, 1.0, 3.0, sitting=sitting))
        found.append(_launch("b", block, ratio, 3.0 * ratio, sitting=sitting))
    return found


def test_the_spread_is_that_of_the_log_ratios_between_blocks() -> None:
    (spread,) = pilot_spreads(_blocks(math.exp(0.1), math.exp(0.2), math.exp(0.3)))
    assert spread == pytest.approx(0.1)


def test_a_pace_that_changes_between_turns_and_blocks_is_no_spread() -> None:
    launches = [
        _launch(cell, block, pace, 2 * pace)
        for block, pace in enumerate((1.0, 5.0, 3.0))
        for cell in ("a", "b")
    ]
    assert pilot_spreads(launches) == (0.0,)


def test_pairs_that_are_compared_count_and_without_any_all_do() -> None:
    three = _blocks(1.0, 1.1, 1.0) + [_launch("c", block, 1.0, 2.0) for block in range(3)]
    assert len(pilot_spreads(three)) == 3
    assert len(pilot_spreads(three, {"a": "resnet", "b": "resnet", "c": "mobilenet"})) == 1
    assert len(pilot_spreads(three, {"a": 1, "b": 2, "c": 3})) == 3


def test_cells_that_sat_apart_are_told_by_the_middle_of_their_turns() -> None:
    apart = [_launch("a", block, 1.0, 2.0, sitting=0) for block in range(2)]
    apart += [_launch("b", block, 1.0 + block, 2.0 + block, sitting=1) for block in range(2)]
    (spread,) = pilot_spreads(apart)
    assert spread == pytest.approx(math.log(2.5 / 1.5) / math.sqrt(2))


def test_the_last_attempt_of_a_block_counts() -> None:
    disturbed = [_launch("a", 0, 1.0, 1.0), _launch("b", 0, 9.0, 9.0)]
    again = [_launch("a", 0, 1.0, 1.0, attempt=1), _launch("b", 0, 1.0, 1.0, attempt=1)]
    later = [_launch("a", 1, 1.0, 1.0), _launch("b", 1, 1.0, 1.0)]
    assert pilot_spreads([*again, *later, *disturbed]) == (0.0,)


def test_blocks_after_the_pilot_profiles_and_failures_tell_nothing() -> None:
    pilot = _blocks(1.0, 1.0)
    late = [_launch("a", 7, 1.0, 1.0), _launch("b", 7, 9.0, 9.0)]
    failed = replace(_launch("b", 2, 9.0, 9.0), status="failed")
    profile = replace(_launch("b", 2, 9.0, 9.0), kind="profile")
    assert pilot_spreads([*pilot, *late, _launch("a", 2, 1.0, 1.0), failed, profile]) == (0.0,)
    assert pilot_spreads(_blocks(1.0)) == ()
