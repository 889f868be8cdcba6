"""Precisions of one side against the other's, and what inserted layers are there for."""

from __future__ import annotations

import pytest

from results.comparison import InsertedKind
from results.transitions import NOTHING, origins, transitions
from tests.unit.pairs import aligned, node, ops, reorder

SOURCE = ops(("conv", "Convolution"), ("act", "HSwish"), ("fc", "MatMul"))
FLOAT = (
    node(1, "conv", 100.0, names=("conv", "act")),
    node(2, "fc", 50.0, kind="MatMul", reads=(1,)),
)


def test_each_group_counts_once_and_no_time_is_lost() -> None:
    candidate = (
        node(1, "conv", 40.0, precision="u8"),
        node(2, "act", 60.0, kind="HSwish", reads=(1,)),
        node(3, "fc", 30.0, kind="MatMul", precision="u8", reads=(2,)),
    )
    groups = aligned(FLOAT, candidate, SOURCE).groups
    found = {(one.before, one.after): one for one in transitions(groups)}
    assert set(found) == {("f32", "f32"), ("f32", "u8")}
    assert found["f32", "f32"].candidate_us == 100.0, "most of this group's time is in f32"
    assert found["f32", "u8"].delta_us == -20.0
    assert sum(one.groups for one in found.values()) == len(groups)
    assert sum(one.baseline_us for one in found.values()) == pytest.approx(150.0)


def test_a_side_without_a_layer_is_named_so() -> None:
    groups = aligned(FLOAT, FLOAT[:1], SOURCE).groups
    assert ("f32", NOTHING) in {(one.before, one.after) for one in transitions(groups)}


def test_inserted_layers_are_summed_by_side_and_reason() -> None:
    candidate = (
        node(1, "conv", names=("conv", "act")),
        reorder(2, 7.0, reads=(1,)),
        node(3, "fc", kind="MatMul", reads=(2,)),
        reorder(4, 3.0, reads=(3,)),
    )
    (found,) = origins(aligned(FLOAT, candidate, SOURCE).inserted)
    assert (found.side, found.kind) == ("candidate", InsertedKind.PRECISION)
    assert (found.nodes, found.shared, found.time_us) == (2, 0, 10.0)
