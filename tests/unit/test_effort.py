"""The levels as they are told; adaptive blocks: bounded, computed once, honest about alarms."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import stdev

import numpy as np
import pytest

from collector.effort import (
    LEVELS,
    MOST_ADAPTIVE_BLOCKS,
    PILOT_BLOCKS,
    TARGET_HALF_WIDTH,
    blocks_needed,
)
from results.stats import paired_estimate, t_quantile

METHOD = Path(__file__).parents[2] / "docs" / "method.md"


@pytest.mark.parametrize("name", LEVELS)
def test_the_page_about_the_method_tells_what_each_level_measures(name: str) -> None:
    (line,) = [
        row for row in METHOD.read_text("utf-8").splitlines() if row.startswith(f"| `{name}")
    ]
    blocks, measured, profiles, startups = [cell.strip() for cell in line.split("|")[2:-1]]
    effort = LEVELS[name]
    assert str(effort.blocks) in blocks.split()
    assert measured == f"{effort.measure_s:g} s"
    assert (profiles, startups) == (str(effort.profile_launches), str(effort.startup_launches))


def blocks_for(spread: float) -> int:
    """What an adaptive run measures."""
    return min(MOST_ADAPTIVE_BLOCKS, blocks_needed([spread]))


def test_the_pilot_is_enough_where_it_is_narrow_and_the_noisiest_pair_decides() -> None:
    assert blocks_needed([]) == PILOT_BLOCKS
    assert blocks_needed([0.0, 0.001]) == PILOT_BLOCKS
    assert blocks_needed([0.001, 0.03]) == blocks_needed([0.03]) > PILOT_BLOCKS


def test_the_number_gives_the_wanted_interval_and_no_smaller_one_does() -> None:
    needed = blocks_needed([0.03])
    half = [t_quantile(PILOT_BLOCKS - 1) * 0.03 / math.sqrt(n) for n in (needed, needed - 1)]
    assert half[0] <= TARGET_HALF_WIDTH < half[1]


@pytest.mark.parametrize("spread", [0.005, 0.02, 0.05, 0.1])
def test_a_against_a_raises_about_five_per_cent_false_alarms(spread: float) -> None:
    """1000 adaptive comparisons of a program with itself, read with the ordinary t interval.

    The number of blocks depends on the pilot's spread and never on its mean, so that
    stopping does not hunt for a difference; what is left is that a pilot that happens to
    be quiet stops early, which costs at most about 2 per cent (worst near 3 % spread).
    """
    random = np.random.default_rng(7)
    alarms, longest = 0, 0
    for _ in range(1000):
        logs = random.normal(0.0, spread, MOST_ADAPTIVE_BLOCKS)
        blocks = blocks_for(stdev(logs[:PILOT_BLOCKS].tolist()))
        estimate = paired_estimate([1.0] * blocks, np.exp(logs[:blocks]).tolist())
        assert estimate.ci_low is not None
        assert estimate.ci_high is not None
        alarms += not estimate.ci_low <= 1.0 <= estimate.ci_high
        longest = max(longest, blocks)
    assert 0.03 <= alarms / 1000 <= 0.08
    assert longest <= MOST_ADAPTIVE_BLOCKS
