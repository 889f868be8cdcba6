"""Launches that took turns are paired turn by turn, all others by their headlines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from results.comparison import Estimate, Verdict
from results.pairing import Sample, headlines_ms, sample, timing_ok
from results.stats import paired_estimate, turns_log_ratio
from results.views import LaunchView
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch

A_MS, B_MS = (2.0, 4.0, 2.0), (1.0, 2.0, 1.5)
"""Turn by turn B takes 0.5, 0.5 and 0.75 of A; by their medians it is 0.75."""


def pair(
    *, a_ms: Sequence[float] | None = A_MS, b_ms: Sequence[float] | None = B_MS,
    sittings: tuple[int | None, int | None] = (3, 3), attempts: tuple[int, int] = (0, 0),
) -> Sample:  # fmt: skip
    """One block of two launches."""
    return sample(
        [launch(FLOAT_CELL, 0, 2.0, slice_ms=a_ms, sitting=sittings[0], attempt=attempts[0])],
        [launch(INT8_CELL, 0, 1.5, slice_ms=b_ms, sitting=sittings[1], attempt=attempts[1])],
        frozenset(),
    )


def test_launches_of_one_sitting_are_paired_turn_by_turn() -> None:
    assert pair().estimate().ratio == pytest.approx(0.5)


@pytest.mark.parametrize(
    "apart",
    [
        pair(sittings=(None, None)),
        pair(sittings=(3, 4)),
        pair(a_ms=None),
        pair(b_ms=B_MS[:2]),
        pair(a_ms=A_MS[:1], b_ms=B_MS[:1]),
        pair(a_ms=(2.0, 0.0, math.nan)),
        pair(attempts=(0, 1)),
    ],
)
def test_without_common_turns_the_headlines_count(apart: Sample) -> None:
    assert apart.estimate().ratio == pytest.approx(0.75)


def test_launches_of_different_attempts_are_no_block() -> None:
    assert not pair(attempts=(0, 1)).paired
    assert pair(attempts=(1, 1)).estimate().ratio == pytest.approx(0.5)


def test_cells_that_sat_apart_give_the_best_attempt_of_each() -> None:
    baseline = [
        launch(FLOAT_CELL, 0, 9.0, sitting=0, attempt=0),
        launch(FLOAT_CELL, 0, 2.0, sitting=0, attempt=1),
    ]
    candidate = [launch(INT8_CELL, 0, 1.0, sitting=1, attempt=0)]
    used = sample(baseline, candidate, frozenset({baseline[0].launch_id}))
    assert used.paired
    assert used.estimate().ratio == pytest.approx(0.5), "the disturbed launch was used"


def test_the_times_that_are_told_have_the_ratio_as_their_quotient() -> None:
    """Headlines 2.0 and 1.5 disagree with the ratio 0.5; each moves half of the way."""
    found = pair().estimate()
    assert found.candidate_ms / found.baseline_ms == pytest.approx(found.ratio, rel=1e-12)
    assert found.baseline_ms * found.candidate_ms == pytest.approx(2.0 * 1.5)


def test_blocks_with_and_without_turns_may_stand_together() -> None:
    first = pair()
    second = launch(FLOAT_CELL, 1, 2.0), launch(INT8_CELL, 1, 0.5)
    both = sample((*first.baseline, second[0]), (*first.candidate, second[1]), frozenset())
    assert both.estimate().ratio == pytest.approx(math.sqrt(0.5 * 0.25))


def test_a_turn_that_was_held_up_does_not_move_the_ratio() -> None:
    quiet = turns_log_ratio([1.0] * 5, [1.1] * 5)
    assert turns_log_ratio([1.0, 1.0, 9.0, 1.0, 1.0], [1.1, 7.0, 1.1, 1.1, 1.1]) == quiet


def test_what_only_starts_a_cell_up_is_no_timing() -> None:
    startup = replace(launch(FLOAT_CELL, None, 9.0), kind="startup")
    profile = replace(launch(FLOAT_CELL, None, 9.0), kind="profile")
    timed = launch(FLOAT_CELL, 0, 2.0)
    assert timing_ok((startup, profile, timed), FLOAT_CELL.cell_id) == (timed,)


def test_the_headline_is_compared_and_not_the_latency() -> None:
    """In throughput the latency of a request is longer than the time per item."""
    busy = [launch(FLOAT_CELL, at, 8.0, headline_ms=2.0) for at in range(2)]
    other = [launch(INT8_CELL, at, 8.0, headline_ms=1.0) for at in range(2)]
    assert headlines_ms(busy) == [2.0, 2.0]
    assert sample(busy, other, frozenset()).estimate().ratio == pytest.approx(0.5)


TURNS, BLOCKS, SLICES = 20, 10, 2 * 20
LAUNCH_SPREAD, SLICE_SPREAD = 0.01, 0.01


def drifting_pace(random: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Log of the machine's pace in each slice of 0.1 s: a random walk, and 1.5x for 2-6 s."""
    walk = np.cumsum(random.normal(0.0, 0.03, BLOCKS * SLICES))
    slow = np.zeros_like(walk)
    for start in np.flatnonzero(random.random(walk.size) < 0.02):
        slow[start : start + random.integers(20, 60)] = math.log(1.5)
    return (walk + slow).reshape(BLOCKS, SLICES)


def twins(random: np.random.Generator, *, in_turns: bool) -> list[tuple[LaunchView, LaunchView]]:
    """Blocks of a program against itself; each launch is 1 % off in its own way."""
    turn = np.arange(TURNS)
    found = []
    for block, pace in enumerate(drifting_pace(random)):
        first = random.integers(0, 2, TURNS if in_turns else 1)
        slices_a = 2 * turn + first if in_turns else turn + first * TURNS
        slices_b = 2 * turn + 1 - first if in_turns else turn + (1 - first) * TURNS
        own = random.normal(0.0, LAUNCH_SPREAD, 2)
        times = [
            np.exp(pace[at] + off + random.normal(0.0, SLICE_SPREAD, TURNS)).tolist()
            for at, off in zip((slices_a, slices_b), own, strict=True)
        ]
        sitting = block if in_turns else None
        a, b = (
            launch(cell, block, median(slice_ms), slice_ms=slice_ms, sitting=sitting)
            for cell, slice_ms in zip((FLOAT_CELL, INT8_CELL), times, strict=True)
        )
        found.append((a, b))
    return found


def estimated(blocks: Sequence[tuple[LaunchView, LaunchView]]) -> Estimate:
    """The estimate of the blocks."""
    return sample([a for a, _ in blocks], [b for _, b in blocks], frozenset()).estimate()


def half_width(estimate: Estimate) -> float:
    """Half of the interval on the log scale."""
    assert estimate.ci_low is not None
    assert estimate.ci_high is not None
    return math.log(estimate.ci_high / estimate.ci_low) / 2


def is_alarm(estimate: Estimate) -> bool:
    """Whether the interval excludes 1."""
    return abs(math.log(estimate.ratio)) > half_width(estimate)


def test_a_against_a_in_turns_on_a_drifting_machine() -> None:
    """400 comparisons: false alarms as promised, and an interval that can tell 2 %."""
    random = np.random.default_rng(20261123)
    turns = [twins(random, in_turns=True) for _ in range(400)]
    by_turns = [estimated(blocks) for blocks in turns]
    alarms = sum(is_alarm(estimate) for estimate in by_turns) / len(by_turns)
    assert 0.03 <= alarms <= 0.075
    by_medians = [
        paired_estimate([a.p50_ms or 0 for a, _ in blocks], [b.p50_ms or 0 for _, b in blocks])
        for blocks in turns
    ]
    one_by_one = [estimated(twins(random, in_turns=False)) for _ in range(100)]
    width = median(map(half_width, by_turns))
    assert width < 0.8 * median(map(half_width, by_medians))
    assert width < 0.1 * median(map(half_width, one_by_one))
    assert width < math.log(1.02)
    called = sum(e.verdict in {Verdict.FASTER, Verdict.SLOWER} for e in by_turns)
    assert called <= 0.08 * len(by_turns)
