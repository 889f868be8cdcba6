"""Attribution: the parts and the unattributed rest are the wall-clock difference."""

from __future__ import annotations

import numpy as np
import pytest

from results.attribution import attribute
from results.comparison import GroupClass
from tests.unit.pairs import aligned, node, ops, reorder

SOURCE = ops(*((f"conv{at}", "opset1::Convolution") for at in range(6)))


def test_the_waterfall_by_hand() -> None:
    """4 ms -> 3 ms: -500 in INT8, +100 left in float, +70 and -30 of Reorders, -640 unknown."""
    baseline = (
        node(1, "conv0", 800.0),
        node(2, "conv1", 200.0),
        reorder(3, 30.0, reads=(2,)),
    )
    candidate = (
        node(1, "conv0", 300.0, precision="u8"),
        reorder(2, 70.0, reads=(1,)),
        node(3, "conv1", 300.0),
    )
    pair = aligned(baseline, candidate, SOURCE)
    found = attribute(4.0, 3.0, pair.groups, pair.inserted)
    assert dict(found.parts) == {
        GroupClass.INT8_FASTER: -500.0,
        GroupClass.LEFT_IN_FLOAT: 100.0,
        GroupClass.INSERTED: 70.0,
        GroupClass.REMOVED: -30.0,
    }
    assert found.wall_us == pytest.approx(-1000.0)
    assert found.unattributed_us == pytest.approx(-640.0)
    assert not found.withheld


def test_it_closes_to_the_last_bit_in_any_order() -> None:
    """Random graphs whose walls differ by 1e-3 to 1e4 us, added up forwards and backwards."""
    rng = np.random.default_rng(8)
    for _ in range(300):
        scale_us = 10 ** rng.uniform(-1, 5)
        sides = [
            (*(node(at, f"conv{at}", rng.uniform(0, scale_us),
                    precision=str(rng.choice(["u8", "f32", "bf16"])))
               for at in range(6) if rng.random() < 0.8),
             *(reorder(10 + at, rng.uniform(0, scale_us), reads=(int(rng.integers(6)),))
               for at in range(int(rng.integers(4)))))
            for _ in range(2)
        ]  # fmt: skip
        pair = aligned(sides[0], sides[1], SOURCE)
        a_ms = scale_us * rng.uniform(0.001, 0.01)
        b_ms = a_ms * (1 + 10 ** rng.uniform(-6, 0))
        found = attribute(a_ms, b_ms, pair.groups, pair.inserted)
        told = [us for _, us in found.parts] + [found.unattributed_us]
        assert sum(told) == found.wall_us
        assert sum(reversed(told)) == found.wall_us
        assert sum(rng.permutation(told).tolist()) == found.wall_us
        assert found.wall_us == pytest.approx(1000 * (b_ms - a_ms), abs=1e-9)


def test_each_part_is_the_sum_of_its_layers() -> None:
    rng = np.random.default_rng(9)
    sides = [
        [
            node(at, f"conv{at}", rng.uniform(0, 500), precision=precision)
            for at, precision in enumerate(("u8", "f32", "u8", "f32", "u8", "bf16"))
        ]
        for _ in range(2)
    ]
    pair = aligned(sides[0], sides[1], SOURCE)
    found = attribute(1.0, 2.0, pair.groups, pair.inserted)
    for kind, us in found.parts:
        of_kind = [group.delta_us for group in pair.groups if group.group_class is kind]
        assert us == pytest.approx(sum(of_kind), abs=1e-9)


def test_it_closes_to_the_wall_whatever_the_layers_say() -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        sides = [
            [
                node(
                    at,
                    f"conv{at}",
                    rng.uniform(0, 500),
                    precision="u8" if rng.random() < 0.5 else "f32",
                )
                for at in range(6)
                if rng.random() < 0.8
            ]
            + [reorder(9, rng.uniform(0, 90), reads=(0,))]
            for _ in range(2)
        ]
        pair = aligned(sides[0], sides[1], SOURCE)
        a_ms, b_ms = rng.uniform(0.1, 5), rng.uniform(0.1, 5)
        found = attribute(a_ms, b_ms, pair.groups, pair.inserted)
        told = sum(us for _, us in found.parts) + found.unattributed_us
        assert told == pytest.approx(1000 * (b_ms - a_ms), abs=1e-9)
        assert len({kind for kind, _ in found.parts}) == len(found.parts)


def test_the_story_is_withheld_where_the_rest_is_larger_than_the_effect() -> None:
    pair = aligned((node(1, "conv0", 100.0),), (node(1, "conv0", 100.0),), SOURCE)
    assert attribute(1.0, 1.1, pair.groups, pair.inserted).withheld is False  # all of it, no more
    slower = aligned((node(1, "conv0", 100.0),), (node(1, "conv0", 50.0),), SOURCE)
    assert attribute(1.0, 1.1, slower.groups, slower.inserted).withheld is True


def test_without_layers_all_is_unattributed() -> None:
    found = attribute(2.0, 1.0, (), ())
    assert (found.parts, found.unattributed_us, found.withheld) == ((), -1000.0, False)


def test_a_conversion_that_both_have_counts_with_its_difference_only() -> None:
    """A Reorder before conv1 on both sides, 50 and 30 us, and one more in the candidate."""
    baseline = (node(1, "conv0"), reorder(2, 50.0, reads=(1,)), node(3, "conv1", reads=(2,)))
    candidate = (
        node(1, "conv0"),
        reorder(2, 30.0, reads=(1,)),
        node(3, "conv1", reads=(2,)),
        reorder(4, 7.0, reads=(3,)),
    )
    pair = aligned(baseline, candidate, SOURCE)
    parts = dict(attribute(1.0, 0.9, pair.groups, pair.inserted).parts)
    assert parts == {GroupClass.CONVERTED_ON_BOTH: -20.0, GroupClass.INSERTED: 7.0}
