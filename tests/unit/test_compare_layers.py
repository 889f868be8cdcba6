"""What a comparison says of its layers: intervals, neighbours in the model, roofs, ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from results.compare import ComparisonInputs, build_comparison
from results.comparison import CellView, Comparison
from results.nodes import Side
from results.views import LaunchView
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch, node, ops, reorder, side

SOURCE = ops(("conv1", "Convolution"), ("conv2", "Convolution"))
PLAIN = (
    side((node(1, "conv1", 1000.0), node(2, "conv2", 900.0))),
    side(
        (
            node(1, "conv1", 500.0, precision="u8"),
            reorder(2, 50.0, reads=(1,)),
            node(3, "conv2", 400.0, precision="u8", reads=(2,)),
        )
    ),
)


def timed_launches(cell: CellView) -> tuple[LaunchView, ...]:
    """Five blocks: 2 ms in float, 1 ms in INT8."""
    return tuple(launch(cell, at, 1.0 if cell.precision == "default" else 2.0) for at in range(5))


BOTH = timed_launches(FLOAT_CELL) + timed_launches(INT8_CELL)


def compare(
    launches: Sequence[LaunchView] = BOTH,
    a: CellView = FLOAT_CELL,
    b: CellView = INT8_CELL,
    *,
    sides: tuple[Side, Side] = PLAIN,
) -> Comparison:
    """A comparison from facts in memory."""
    return build_comparison(
        ComparisonInputs(a, b, "run", "run", tuple(launches), sides[0], sides[1], SOURCE, ())
    )


def profiled(
    cell: CellView, paces: Sequence[float], *, slower: float = 1.0, sitting: int | None = 0
) -> tuple[Side, tuple[LaunchView, ...]]:
    """One profile launch a round, at its pace, and their layers; conv1 takes 200 us and more."""
    name, precision = ("q", "u8") if cell is INT8_CELL else ("f", "f32")
    factor = 0.5 if cell is INT8_CELL else 1.0
    rows = [
        replace(node(at, f"conv{at}", us * pace, precision=precision), launch_id=f"{name}{number}")
        for number, pace in enumerate(paces)
        for at, us in ((1, 200.0 * slower), (2, 900.0 * factor))
    ]
    launches = [
        replace(launch(cell, number if sitting is not None else None, None, sitting=sitting),
                kind="profile", launch_id=f"{name}{number}")
        for number in range(len(paces))
    ]  # fmt: skip
    return side(rows), tuple(launches)


PACES = (1.0, 2.5, 1.4, 0.9, 1.2)


def judged(found: Comparison) -> dict[str, bool | None]:
    """Which groups are called different."""
    return {group.label: group.differs for group in found.groups}


def test_layers_of_profile_launches_that_took_turns_are_compared_round_by_round() -> None:
    """The pace of the machine changes 2.5 times; conv1 is 30 % slower in every round."""
    a, b = profiled(FLOAT_CELL, PACES), profiled(INT8_CELL, PACES, slower=1.3)
    found = compare((*BOTH, *a[1], *b[1]), sides=(a[0], b[0]))
    assert judged(found) == {"conv1": True, "conv2": True}
    (conv1, _) = found.groups
    assert conv1.delta_us == pytest.approx(0.3 * 200 * 1.2)
    assert conv1.delta_low_us is not None
    assert conv1.delta_low_us == pytest.approx(0.3 * 200 * 1.303, rel=0.1)


def test_layers_of_profile_launches_that_sat_alone_are_not_told_apart_from_a_drift() -> None:
    a = profiled(FLOAT_CELL, PACES, sitting=None)
    b = profiled(INT8_CELL, PACES, slower=1.3, sitting=None)
    found = compare((*BOTH, *a[1], *b[1]), sides=(a[0], b[0]))
    assert judged(found)["conv1"] is False
    assert found.groups[0].delta_low_us is not None
    assert found.groups[0].delta_low_us < 0


def test_with_one_profile_launch_a_side_no_layer_is_judged() -> None:
    assert judged(compare()) == {"conv1": None, "conv2": None}


def test_the_interval_of_a_layer_is_per_item_as_its_time_is() -> None:
    a, b = (replace(cell, scenario="throughput", batch=2, streams=None)
            for cell in (FLOAT_CELL, INT8_CELL))  # fmt: skip
    timed = [
        replace(row, properties='{"NUM_STREAMS": 4}', requests=8)
        for row in (*timed_launches(a), *timed_launches(b))
    ]
    sides = [profiled(FLOAT_CELL, PACES), profiled(INT8_CELL, PACES, slower=1.8)]
    launches = (*sides[0][1], *sides[1][1])
    (item, *_) = compare((*timed, *launches), a, b, sides=(sides[0][0], sides[1][0])).groups
    (whole, *_) = compare((*BOTH, *launches), sides=(sides[0][0], sides[1][0])).groups
    assert item.delta_us == pytest.approx(whole.delta_us / 8)
    assert item.delta_low_us == pytest.approx((whole.delta_low_us or 0) / 8)
    assert item.delta_high_us == pytest.approx((whole.delta_high_us or 0) / 8)
    assert (item.differs, whole.differs) == (True, True), "24 and 192 us, both above the floor"


def test_an_inserted_layer_names_the_operations_it_stands_between() -> None:
    (found,) = compare().inserted
    assert (found.producer, found.consumer) == ("conv1", "conv2")
    assert (found.producer_op, found.consumer_op) == ("conv1", "conv2")


def test_int8_against_float_has_a_ceiling_and_its_layers_have_roofs() -> None:
    found = compare()
    assert found.ceiling is not None
    assert found.ceiling.model == pytest.approx(2.0 / (2.0 - 1.9 * 0.75))
    assert compare(b=replace(INT8_CELL, variant_kind="fp32")).ceiling is None
    assert compare(sides=(PLAIN[0], Side((), ()))).ceiling is None
    assert all(group.roof is not None for group in found.groups)


def test_the_pace_of_a_profile_is_that_of_the_launches_whose_layers_are_used() -> None:
    """A disturbed round was measured again: its first attempt left no layers."""
    a, b = profiled(FLOAT_CELL, PACES), profiled(INT8_CELL, PACES)
    timed = [replace(one, headline_ms=2.0) for one in a[1]] + list(b[1])
    again = [
        replace(one, launch_id=f"{one.launch_id}-disturbed", headline_ms=9.0)
        for one in a[1] for _ in range(2)
    ]  # fmt: skip
    told = compare((*BOTH, *timed, *again), sides=(a[0], b[0])).cautions
    assert "profile_differs" not in {caution.caution_id for caution in told}


def test_a_cause_tells_how_fast_the_model_would_be_without_it() -> None:
    """2 ms against 1 ms, of which the Reorder takes 50 us: 2 / 0.95."""
    (found,) = [cause for cause in compare().causes if cause.cause_id == "inserted_reorders"]
    assert found.recoverable_us == 50.0
    assert found.speedup_without == pytest.approx(2.0 / 0.95)
