"""What a launch is asked: profile launches measure in turns as timing launches do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collector.asking import Asker
from collector.effort import LEVELS, Effort
from collector.scenario import THROUGHPUT, Scenario
from collector.sitting import LEAST_TURNS
from tests.unit.planned import plan

(CELL, *_) = plan("a")
(BUSY, *_) = plan("a", scenarios=(Scenario(THROUGHPUT),))


@pytest.mark.parametrize("effort", LEVELS.values(), ids=LEVELS)
def test_a_profile_takes_turns_as_long_as_timing_does_of_twenty_inferences_in_all(
    effort: Effort,
) -> None:
    asker = Asker(effort, 1)
    for cell in (CELL, BUSY):
        timing, profile = asker.seat(cell).request, asker.seat(cell, "profile").request
        assert (timing.action, profile.action) == ("timing", "profile")
        assert profile.slice_s == timing.slice_s
        assert profile.slice_min_iterations * LEAST_TURNS >= 20
        assert (
            replace(profile, action="timing", slice_min_iterations=timing.slice_min_iterations)
            == timing
        )


def test_long_turns_of_timing_do_not_make_profiles_long() -> None:
    asker = Asker(Effort(slice_s=30.0, measure_s=600.0, profile_s=0.3), 1)
    assert asker.request(CELL, "timing").slice_s == 30.0
    assert asker.request(CELL, "profile").slice_s == 0.3


def test_profiles_sit_beside_the_same_neighbours_as_timing_launches() -> None:
    asker = Asker(Effort(), 1)
    assert asker.seat(CELL, "profile").neighbours == asker.seat(CELL).neighbours
