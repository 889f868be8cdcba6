"""Layers are told at the pace of the headline that they explain, whatever the machine did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from results.compare import ComparisonInputs, build_comparison
from results.comparison import CellView, Comparison, Estimate, GroupClass, Verdict
from results.nodes import Side
from results.pace import AS_READ, Profiled, at_pace, pace_of, profile_ms
from results.views import LaunchView
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch, node, ops, side

HEADLINES_MS = {FLOAT_CELL.cell_id: 1.2, INT8_CELL.cell_id: 0.8}
LAYERS_US = {FLOAT_CELL.cell_id: (200.0, 900.0), INT8_CELL.cell_id: (150.0, 550.0)}
SOURCE = ops(("conv1", "Convolution"), ("conv2", "Convolution"))
ROUNDS = 5


def timed(cell: CellView) -> list[LaunchView]:
    return [launch(cell, block, HEADLINES_MS[cell.cell_id], sitting=block)
            for block in range(ROUNDS)]  # fmt: skip


def profiled(
    cell: CellView, paces: Sequence[float | None], *, in_turns: bool = True
) -> tuple[Side, list[LaunchView]]:
    """Profile launches at these paces of the headline's; None: without a wall clock, at pace 1."""
    name, precision = ("q", "u8") if cell is INT8_CELL else ("f", "f32")
    rows, launches = [], []
    for number, told in enumerate(paces):
        pace, launch_id = told or 1.0, f"{name}{number}"
        wall_ms = None if told is None else pace * HEADLINES_MS[cell.cell_id]
        place = number if in_turns else None
        made = launch(cell, place, wall_ms, sitting=place)
        launches.append(replace(made, kind="profile", launch_id=launch_id))
        rows += [
            replace(node(at, f"conv{at}", us * pace, precision=precision), launch_id=launch_id)
            for at, us in enumerate(LAYERS_US[cell.cell_id], start=1)
        ]
    return side(rows), launches


def compared(a: tuple[Side, list[LaunchView]], b: tuple[Side, list[LaunchView]]) -> Comparison:
    launches = (*timed(FLOAT_CELL), *timed(INT8_CELL), *a[1], *b[1])
    return build_comparison(
        ComparisonInputs(FLOAT_CELL, INT8_CELL, "run", "run", launches, a[0], b[0], SOURCE, ())
    )


@pytest.mark.parametrize("pace", [0.5, 1.0, 1.7])
def test_the_story_is_the_same_whatever_the_pace_of_the_profile_was(pace: float) -> None:
    paces = [pace * wobble for wobble in (1.0, 1.3, 0.9, 1.1, 1.0)]
    found = compared(profiled(FLOAT_CELL, paces), profiled(INT8_CELL, paces))
    assert found.attribution is not None
    assert dict(found.attribution.parts)[GroupClass.INT8_FASTER] == pytest.approx(-400.0)
    assert found.attribution.unattributed_us == pytest.approx(0.0, abs=1e-6)
    assert [group.delta_us for group in found.groups] == pytest.approx([-50.0, -350.0])
    assert found.pace is not None
    assert (found.pace.baseline, found.pace.candidate) == pytest.approx((pace, pace))


def test_sides_that_took_turns_are_brought_to_one_pace_and_what_is_between_is_unattributed() -> (
    None
):
    found = compared(profiled(FLOAT_CELL, [2.0] * ROUNDS), profiled(INT8_CELL, [1.5] * ROUNDS))
    assert found.pace is not None
    assert found.pace.baseline_by == found.pace.candidate_by == pytest.approx(math.sqrt(3.0))
    assert found.attribution is not None
    assert abs(found.attribution.unattributed_us) > 100.0


def test_sides_that_did_not_take_turns_are_each_brought_to_their_own() -> None:
    a = profiled(FLOAT_CELL, [2.0] * ROUNDS, in_turns=False)
    b = profiled(INT8_CELL, [1.5] * ROUNDS, in_turns=False)
    found = compared(a, b)
    assert found.pace is not None
    assert (found.pace.baseline_by, found.pace.candidate_by) == pytest.approx((2.0, 1.5))
    assert [group.delta_us for group in found.groups] == pytest.approx([-50.0, -350.0])


def test_intervals_of_layers_are_at_that_pace_too() -> None:
    paces = (1.6, 1.7, 1.5, 1.6, 1.65)
    found = compared(profiled(FLOAT_CELL, paces), profiled(INT8_CELL, paces))
    for group in found.groups:
        assert group.delta_low_us is not None
        assert group.delta_high_us is not None
        assert group.delta_low_us <= group.delta_us <= group.delta_high_us
        assert group.delta_high_us - group.delta_low_us < 0.2 * abs(group.delta_us)


def test_without_the_wall_clock_of_a_profile_the_times_are_as_they_were_read() -> None:
    told = profiled(FLOAT_CELL, [2.0] * ROUNDS)
    found = compared(told, profiled(INT8_CELL, [None] * ROUNDS))
    assert found.pace == AS_READ
    assert found.groups[0].baseline_us == 400.0


def test_launches_without_layers_say_nothing_of_the_pace_where_others_have_them() -> None:
    made = [replace(launch(FLOAT_CELL, at, ms), kind="profile", launch_id=f"p{at}")
            for at, ms in enumerate((1.0, 9.0))]  # fmt: skip
    assert profile_ms(FLOAT_CELL, made, {"p0"}) == 1.0
    assert profile_ms(FLOAT_CELL, made, set()) == 5.0
    assert profile_ms(INT8_CELL, made, {"p0"}) is None


def test_a_side_at_its_own_pace_is_left_alone() -> None:
    found, _ = profiled(FLOAT_CELL, [1.0])
    assert at_pace(found, 1.0) is found
    estimate = Estimate(Verdict.FASTER, 0.5, 0.4, 0.6, True, 5, None, 1.0, 1.0)
    nobody = Profiled(FLOAT_CELL, found, ())
    assert pace_of(nobody, nobody, estimate, in_turns=True) is AS_READ
