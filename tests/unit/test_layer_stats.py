"""Single layers: their intervals over profile launches, and which are called different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from results.comparison import Group, GroupClass, LayerSide
from results.facts import ExecNode
from results.groups import called_different, floor_us
from results.layer_stats import (
    Round,
    discoveries,
    judge,
    paired_difference,
    welch_difference,
)
from results.nodes import LaunchTimes, launch_times, median_nodes
from results.pairing import profile_rounds
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, aligned, launch, node, ops

FloatTable = np.ndarray[tuple[int, int], np.dtype[np.float64]]

LAYERS, LAUNCHES, PLANTED_US = 60, 5, 200.0
ROUNDS = tuple((f"a{at}", f"b{at}") for at in range(LAUNCHES))


def layer(index: int, time_us: float) -> LayerSide:
    """A convolution."""
    name = f"conv{index}"
    return LayerSide(index, name, "Convolution", "jit", "f32", (), (), time_us, (name,))


def group(index: int, baseline_us: Sequence[float], candidate_us: Sequence[float]) -> Group:
    """One layer on each side, shown with the medians over its launches."""
    sides = [(layer(index, median(us)),) if us else () for us in (baseline_us, candidate_us)]
    return Group(
        label=f"conv{index}", op_type="Convolution", source_ops=(f"conv{index}",),
        group_class=GroupClass.SAME_PRECISION, baseline=sides[0], candidate=sides[1],
        baseline_us=sum(at.time_us for at in sides[0]),
        candidate_us=sum(at.time_us for at in sides[1]),
        method="name", confidence=1.0, flops=None,
    )  # fmt: skip


def timed(side: str, times_us: Mapping[int, Sequence[float]]) -> LaunchTimes:
    """The times of layers by their index, one for each launch."""
    launches = tuple(f"{side}{at}" for at in range(max(map(len, times_us.values()))))
    return LaunchTimes(
        launches,
        {
            (index, f"conv{index}"): dict(zip(launches, us, strict=False))
            for index, us in times_us.items()
        },
    )


def judged(
    baseline: Mapping[int, Sequence[float]],
    candidate: Mapping[int, Sequence[float]],
    rounds: Sequence[Round] = (),
    candidate_us: float = 1000.0,
) -> tuple[Group, ...]:
    """The groups of layers by their index, judged."""
    groups = [group(at, baseline.get(at, ()), candidate.get(at, ())) for at in baseline]
    return judge(groups, timed("a", baseline), timed("b", candidate), rounds, candidate_us)


def test_the_paired_interval_by_scipy() -> None:
    """scipy 1.17.1: ttest_1samp([10, 14, 9, 12, 15], 0)."""
    found = paired_difference([10.0, 14.0, 9.0, 12.0, 15.0])
    assert found is not None
    assert found.mean_us == pytest.approx(12.0)
    assert (found.low_us, found.high_us) == pytest.approx((8.834365521916684, 15.165634478083316))
    assert found.p_value == pytest.approx(0.0004609106529961338, rel=1e-9)


def test_the_unpaired_interval_by_scipy() -> None:
    """scipy 1.17.1: ttest_ind([125, 121, 127, 123], [100, 104, 98, 102], equal_var=False)."""
    found = welch_difference([100.0, 104.0, 98.0, 102.0], [125.0, 121.0, 127.0, 123.0])
    assert found is not None
    assert found.mean_us == pytest.approx(23.0)
    assert (found.low_us, found.high_us) == pytest.approx((18.53257060967057, 27.46742939032943))
    assert found.p_value == pytest.approx(1.531958646986238e-05, rel=1e-9)


# scipy 1.17.1: ttest_ind([120, 131, 125], [100, 104, 98, 102], equal_var=False)
WELCH_LOW_US, WELCH_HIGH_US, WELCH_P = 12.5934385546906, 36.07322811197606, 0.008426891603322443


def test_unequal_spreads_take_freedom_from_the_unpaired_interval() -> None:
    """Of its 2.665 degrees of freedom 2.625 are counted, so that it is a little wider."""
    found = welch_difference([100.0, 104.0, 98.0, 102.0], [120.0, 131.0, 125.0])
    assert found is not None
    assert found.low_us < WELCH_LOW_US
    assert found.high_us > WELCH_HIGH_US
    width_us = WELCH_HIGH_US - WELCH_LOW_US
    assert found.high_us - found.low_us == pytest.approx(width_us, rel=0.02)
    assert found.p_value == pytest.approx(WELCH_P, rel=0.05)


def test_one_launch_says_nothing_about_its_spread() -> None:
    assert paired_difference([10.0]) is None
    assert welch_difference([10.0], [20.0, 21.0]) is None
    assert welch_difference([10.0, 11.0], [20.0]) is None
    (alone,) = judged({1: [100.0]}, {1: [300.0, 310.0]})
    assert (alone.delta_low_us, alone.delta_high_us, alone.differs) == (None, None, None)


def test_launches_that_all_agree_have_an_interval_without_width() -> None:
    for found in (paired_difference([5.0, 5.0]), welch_difference([1.0, 1.0], [6.0, 6.0])):
        assert found is not None
        assert (found.low_us, found.high_us, found.p_value) == (5.0, 5.0, 0.0)
    same = paired_difference([0.0, 0.0, 0.0])
    assert same is not None
    assert same.p_value == 1.0


# Benjamini and Hochberg (1995), section 4.1: fifteen p-values, of which four are rejected at 5 %.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
    0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_the_example_that_benjamini_and_hochberg_published() -> None:
    order = np.random.default_rng(3).permutation(len(PUBLISHED))
    found = discoveries([PUBLISHED[at] for at in order])
    assert [PUBLISHED[at] for at in order if PUBLISHED[at] < 0.01] == [
        PUBLISHED[at] for at, held in zip(order, found, strict=True) if held
    ]


def test_a_larger_p_may_pull_smaller_ones_along() -> None:
    """0.03 is above 0.05/3 and 2·0.05/3 is below 0.04, but 0.04 is below 3·0.05/3."""
    assert discoveries([0.04, 0.03, 0.02]) == (True, True, True)
    assert discoveries([0.03, 0.06, 0.06]) == (False, False, False)


def test_what_was_not_tested_does_not_make_the_others_harder_to_find() -> None:
    assert discoveries([0.04, *[None] * 50]) == (True, *[False] * 50)
    assert discoveries([0.04, *[0.9] * 50]) == (False,) * 51
    assert discoveries([]) == ()


def test_rounds_are_paired_and_a_drift_of_the_machine_cancels() -> None:
    """The second layer takes a quarter more in every round; the machine's pace is 1 to 3."""
    pace = [1.0, 3.0, 1.5, 2.0, 1.2]
    baseline = {1: [400 * p for p in pace], 2: [200 * p for p in pace]}
    candidate = {1: [400 * p for p in pace], 2: [250 * p for p in pace]}
    same, slower = judged(baseline, candidate, ROUNDS)
    assert (same.delta_low_us, same.delta_high_us, same.differs) == (0.0, 0.0, False)
    typical = float(np.exp(np.mean(np.log(pace))))
    assert slower.delta_low_us == pytest.approx(min(50 * typical, slower.delta_us))
    assert slower.delta_high_us == pytest.approx(max(50 * typical, slower.delta_us))
    assert slower.differs is True
    assert [one.differs for one in judged(baseline, candidate)] == [False, False]


def test_the_rest_of_the_model_at_another_speed_is_no_pace() -> None:
    """All else is twice as fast in the candidate; a layer that is not does not count as slower."""
    rng = np.random.default_rng(7)
    wobble = [list(1 + 0.01 * rng.standard_normal(LAUNCHES)) for _ in range(4)]
    baseline = {1: [900 * w for w in wobble[0]], 2: [300 * w for w in wobble[1]]}
    candidate = {1: [450 * w for w in wobble[2]], 2: [300 * w for w in wobble[3]]}
    faster, same = judged(baseline, candidate, ROUNDS)
    assert (faster.differs, same.differs) == (True, False)
    assert same.delta_low_us is not None
    assert same.delta_high_us is not None
    assert same.delta_low_us < 0 < same.delta_high_us


def test_the_interval_holds_what_is_shown() -> None:
    """A launch that was held up moves the mean, and not the medians that are shown."""
    rng = np.random.default_rng(11)
    for _ in range(300):
        count = int(rng.integers(2, 9))
        sides = [{1: list(np.exp(rng.normal(5, 0.6, count)))} for _ in range(2)]
        rounds = tuple((f"a{at}", f"b{at}") for at in range(count)) if rng.random() < 0.5 else ()
        (found,) = judged(sides[0], sides[1], rounds)
        assert found.delta_low_us is not None
        assert found.delta_high_us is not None
        assert found.delta_low_us <= found.delta_us <= found.delta_high_us
        if found.differs:
            assert found.delta_low_us > 0 or found.delta_high_us < 0


def test_what_is_shown_on_the_other_side_of_zero_is_not_called_different() -> None:
    """By their means the candidate is faster, by the medians that are shown 30 us slower."""
    baseline = {1: [100.0] * 11 + [500.0] * 9}
    candidate = {1: [130.0] * 11 + [100.0] * 9}
    rounds = tuple((f"a{at}", f"b{at}") for at in range(20))
    (found,) = judged(baseline, candidate, rounds)
    assert found.delta_us == found.delta_high_us == pytest.approx(30.0)
    assert found.delta_low_us is not None
    assert found.delta_low_us < 0
    assert found.differs is False


@pytest.mark.parametrize(
    ("slower_us", "candidate_us", "differs"),
    [(19.0, 1000.0, False), (21.0, 1000.0, True), (21.0, 2200.0, False), (23.0, 2200.0, True),
     (-21.0, 1000.0, True), (-19.0, 1000.0, False)],
)  # fmt: skip
def test_the_floor_is_20_us_or_a_hundredth_of_the_candidate(
    slower_us: float, candidate_us: float, differs: bool
) -> None:
    baseline = {1: [100.0, 100.1, 99.9, 100.0, 100.0]}
    candidate = {1: [us + slower_us for us in (100.0, 100.0, 100.1, 99.9, 100.0)]}
    (found,) = judged(baseline, candidate, ROUNDS, candidate_us)
    assert found.differs is differs
    assert floor_us(candidate_us) == max(20.0, candidate_us / 100)


def test_a_layer_without_a_partner_is_not_judged_and_makes_no_test() -> None:
    """Against a layer that is not there anything would be a difference."""
    baseline = {1: [300.0, 301.0, 299.0, 300.0, 302.0], 2: [500.0] * LAUNCHES}
    candidate = {1: [300.0, 299.0, 301.0, 301.0, 300.0]}
    both, alone = judged(baseline, candidate, ROUNDS)
    assert (alone.delta_low_us, alone.differs) == (None, None)
    assert both.differs is False


def test_called_different_goes_by_the_floor_only_where_launches_could_not_judge() -> None:
    known = group(1, [100.0], [130.0])
    assert called_different(known, 1000.0)
    assert not called_different(known, 4000.0)
    assert not called_different(replace(known, differs=False), 1000.0)
    assert called_different(replace(known, differs=True), 4000.0)


def rows(*launches: Mapping[str, float | None], gone: Sequence[str] = ()) -> tuple[ExecNode, ...]:
    """Layers with their times, launch by launch; ``gone`` are executed without a time."""
    found = []
    for at, times in enumerate(launches):
        for index, (name, us) in enumerate(times.items()):
            one = node(index, name, us, launch=f"a{at}")
            found.append(replace(one, status="executed") if name in gone else one)
    return tuple(found)


def test_times_by_launch_are_what_the_medians_are_of() -> None:
    layers = rows({"x_1": 10.0, "y": 5.0}, {"x_2": 30.0, "y": None}, {"x_3": 20.0, "y": 7.0})
    times = launch_times(layers)
    shown = [one.layer for one in median_nodes(layers)]
    assert times.of(shown[:1]) == {"a0": 10.0, "a1": 30.0, "a2": 20.0}
    assert times.of(shown[1:]) == {"a0": 5.0, "a1": 0.0, "a2": 7.0}, "not executed there: 0"
    assert times.of(shown) == {"a0": 15.0, "a1": 30.0, "a2": 27.0}
    assert [one.time_us for one in shown] == [20.0, 5.0]


def test_a_launch_that_does_not_tell_a_layers_time_does_not_count_for_its_group() -> None:
    layers = rows({"x": 10.0, "y": 5.0}) + tuple(
        replace(one, launch_id="a1") for one in rows({"x": 30.0, "y": None}, gone=("y",))
    )
    times = launch_times(layers)
    shown = [one.layer for one in median_nodes(layers)]
    assert times.of(shown) == {"a0": 15.0}
    assert times.of(shown[:1]) == {"a0": 10.0, "a1": 30.0}


def test_the_layers_of_a_group_are_summed_in_each_launch() -> None:
    """Two layers that share 300 us otherwise in every launch are together always the same."""
    split = [(100.0, 200.0), (180.0, 120.0), (140.0, 160.0)]
    both = ops(("x", "Convolution"), ("y", "Relu"))
    baseline = tuple(
        node(1, "x+y", 200.0, names=("x", "y"), launch=f"a{at}") for at in range(len(split))
    )
    candidate = tuple(
        row
        for at, (x, y) in enumerate(split)
        for row in (node(1, "x", x, launch=f"b{at}"), node(2, "y", y, launch=f"b{at}"))
    )
    (fused,) = aligned(baseline, candidate, both).groups
    (found,) = judge([fused], launch_times(baseline), launch_times(candidate), (), 1000.0)
    assert (found.delta_low_us, found.delta_high_us) == (100.0, 100.0)
    assert found.differs is True


def seated(
    a: Sequence[tuple[int | None, int | None]], b: Sequence[tuple[int | None, int | None]]
) -> tuple[Round, ...]:
    """The rounds of two cells whose profile launches have these (block, sitting)."""
    found = [
        replace(launch(cell, block, 1.0, sitting=sitting), kind="profile", launch_id=f"{name}{at}")
        for cell, name, places in ((FLOAT_CELL, "f", a), (INT8_CELL, "q", b))
        for at, (block, sitting) in enumerate(places)
    ]
    ids = [one.launch_id for one in found]
    return profile_rounds(found, FLOAT_CELL.cell_id, INT8_CELL.cell_id, ids)


def test_profile_launches_of_one_round_and_sitting_belong_together() -> None:
    assert seated([(0, 0), (1, 2)], [(1, 2), (0, 0)]) == (("f0", "q1"), ("f1", "q0"))


def test_profile_launches_that_took_no_turns_with_each_other_are_not_paired() -> None:
    assert seated([(0, 0), (1, 0)], [(0, 1), (1, 1)]) == (), "another sitting"
    assert seated([(None, None)] * 3, [(None, None)] * 3) == (), "a store from before turns"
    mixed = [(0, 0), (None, None)]
    assert seated(mixed, mixed) == (), "one round alone has no spread"
    assert seated([(0, 0), (1, 0)], [(0, 0), (2, 0)]) == ()


def test_only_launches_whose_layers_are_known_are_paired() -> None:
    """A round that was measured again has the layers of the last attempt that did not fail."""
    again = [
        replace(
            launch(cell, block, 1.0, sitting=0, attempt=attempt),
            kind=kind, launch_id=f"{cell.cell_id}-{kind}-{block}-{attempt}",
        )
        for cell in (FLOAT_CELL, INT8_CELL)
        for kind in ("profile", "timing")
        for block, attempt in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]  # fmt: skip
    layered = [one.launch_id for one in again if "profile" in one.launch_id]
    layered = [one for one in layered if not one.endswith(("0-0", "1-1"))]
    timed_too = [*layered, *(one.launch_id for one in again if one.kind == "timing")]
    assert profile_rounds(again, FLOAT_CELL.cell_id, INT8_CELL.cell_id, timed_too) == (
        ("cell-f-profile-0-1", "cell-q-profile-0-1"), ("cell-f-profile-1-0", "cell-q-profile-1-0"),
    )  # fmt: skip


def programs(
    rng: np.random.Generator, slower: float, typical_us: float, *, own: float
) -> tuple[FloatTable, FloatTable]:
    """Times (launches, layers) of two programs in rounds; layer 0 of the second is ``slower``.

    The pace of the machine, 15 % from round to round, is common to both sides of a round;
    each launch has 1 % of its own, and each layer in it ``own``.
    """
    truth_us = np.exp(rng.normal(np.log(typical_us), 0.8, LAYERS))
    truth_us[0] = PLANTED_US
    pace = np.exp(rng.normal(0.0, 0.15, (LAUNCHES, 1)))
    factors = np.ones((2, LAYERS))
    factors[1, 0] = slower
    shape = LAUNCHES, LAYERS
    tables = [
        truth_us * factors[at] * pace * np.exp(rng.normal(0.0, 0.01, (LAUNCHES, 1)))
        * np.exp(rng.normal(0.0, own, shape))
        for at in range(2)
    ]  # fmt: skip
    return tables[0], tables[1]


def pair_judged(
    tables: tuple[FloatTable, FloatTable], rounds: Sequence[Round], candidate_us: float | None
) -> tuple[Group, ...]:
    """The layers of two programs; the floor is of the candidate's own time where None."""
    sides = [{at: list(table[:, at]) for at in range(LAYERS)} for table in tables]
    total_us = float(np.median(tables[1].sum(axis=1))) if candidate_us is None else candidate_us
    return judged(sides[0], sides[1], rounds, total_us)


@pytest.mark.parametrize("rounds", [ROUNDS, ()])
def test_two_equal_programs_are_seldom_told_apart_in_any_layer(rounds: Sequence[Round]) -> None:
    """Layers of 800 us that scatter by 5 %: the floor of 20 us stops none, what stops them is p."""
    rng = np.random.default_rng(20)
    pairs = 300
    wrong = above = 0
    for _ in range(pairs):
        found = pair_judged(programs(rng, 1.0, 800.0, own=0.05), rounds, 1000.0)
        wrong += any(one.differs for one in found)
        above += sum(abs(one.delta_us) > floor_us(1000.0) for one in found)
    assert above > 0.5 * pairs * LAYERS, "the floor alone would call most of them different"
    assert wrong / pairs <= 0.07


def test_a_layer_that_is_30_percent_slower_is_found() -> None:
    rng = np.random.default_rng(21)
    pairs, found, others = 200, 0, 0
    for _ in range(pairs):
        first, *rest = pair_judged(programs(rng, 1.3, 20.0, own=0.02), ROUNDS, None)
        found += bool(first.differs and first.delta_us > 0)
        others += any(one.differs for one in rest)
    assert found / pairs >= 0.9
    assert others / pairs <= 0.07
