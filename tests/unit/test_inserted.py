"""Inserted layers: between which operations of the model they stand."""

from __future__ import annotations

from dataclasses import replace

from results.comparison import Inserted
from results.facts import ExecNode
from results.inserted import with_operations
from results.nodes import Side
from tests.unit.pairs import aligned, node, ops, reorder, side

SOURCE = ops(("conv", "Convolution"), ("act", "HSwish"), ("fc", "MatMul"))


def told(
    baseline: tuple[ExecNode, ...], candidate: tuple[ExecNode, ...]
) -> dict[str, tuple[str | None, str | None]]:
    """Producer and consumer in the model of every inserted layer by its name."""
    pair = aligned(baseline, candidate, SOURCE)
    sides: tuple[Side, Side] = side(baseline), side(candidate)
    found = with_operations(pair.inserted, pair.groups, sides[0].averaged, sides[1].averaged)
    assert [_plain(one) for one in found] == list(pair.inserted), "nothing else changes"
    return {one.layer.name: (one.producer_op, one.consumer_op) for one in found}


def _plain(one: Inserted) -> Inserted:
    return replace(one, producer_op=None, consumer_op=None)


FUSED = (node(1, "conv", names=("conv", "act")), node(2, "fc", kind="MatMul", reads=(1,)))


def test_it_stands_between_groups_not_between_exec_nodes() -> None:
    """The convolution that took in the activation is called by what computes most in it."""
    baseline = (node(1, "conv_and_more", names=("conv", "act")), node(2, "fc", reads=(1,)))
    candidate = (
        node(1, "conv_and_more", names=("conv", "act"), precision="u8"),
        reorder(2, reads=(1,)),
        node(3, "fc", kind="MatMul", reads=(2,)),
    )
    assert told(baseline, candidate) == {"reorder2": ("conv", "fc")}


def test_others_of_its_like_are_walked_through() -> None:
    candidate = (
        node(1, "conv", names=("conv", "act")),
        reorder(2, reads=(1,)),
        reorder(3, reads=(2,)),
        node(4, "fc", reads=(3,)),
    )
    assert told(FUSED, candidate) == {"reorder2": ("conv", "fc"), "reorder3": ("conv", "fc")}


def test_inputs_and_outputs_are_ends_too() -> None:
    candidate = (
        node(0, "x", None, kind="Input", names=()),
        reorder(1, reads=(0,)),
        node(2, "conv", names=("conv", "act"), reads=(1,)),
        node(3, "fc", reads=(2,)),
        reorder(4, reads=(3,)),
        node(5, "y", None, kind="Output", names=(), reads=(4,)),
    )
    assert told(FUSED, candidate) == {
        "reorder1": ("the input", "conv"), "reorder4": ("fc", "the output"),
    }  # fmt: skip


def test_a_removed_layer_names_the_operations_of_its_own_side() -> None:
    baseline = (FUSED[0], reorder(2, reads=(1,)), node(3, "fc", reads=(2,)))
    assert told(baseline, FUSED) == {"reorder2": ("conv", "fc")}


def test_what_the_graph_does_not_say_stays_unknown() -> None:
    """Nothing before it, a cycle behind it, and a layer of the same name somewhere else."""
    candidate = (
        *FUSED,
        reorder(3, reads=(4,), name="lost"),
        reorder(4, reads=(3,), name="lost"),
        reorder(5, reads=(), name="alone"),
    )
    assert told(FUSED, candidate) == {"lost": (None, None), "alone": (None, None)}
