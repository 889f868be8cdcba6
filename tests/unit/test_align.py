"""Alignment through source ops: groups, classes, inserted nodes, coverage, hostile facts."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from results.align import Alignment, align
from results.comparison import GroupClass, InsertedKind
from results.nodes import Side
from tests.unit.pairs import aligned, node, ops, reorder, side

CHAIN = ops(
    ("input", "opset1::Parameter"),
    ("conv1", "opset1::Convolution"),
    ("act", "opset4::HSwish"),
    ("conv2", "opset1::Convolution"),
    ("softmax", "opset8::Softmax"),
    flops=1000,
)
FLOAT = (
    node(0, "input", None, kind="Input"),
    node(1, "conv1", 100.0, names=("conv1", "act"), reads=(0,)),
    node(2, "conv2", 200.0, reads=(1,)),
    node(3, "softmax", 5.0, kind="Softmax", reads=(2,)),
)


def test_layers_meet_through_their_source_ops() -> None:
    int8 = (
        node(0, "input", None, kind="Input"),
        node(1, "conv1", 40.0, names=("conv1", "act"), precision="u8", reads=(0,)),
        node(2, "conv2", 250.0, precision="i8", reads=(1,)),
        node(3, "softmax", 5.0, kind="Softmax", reads=(2,)),
    )
    result = aligned(FLOAT, int8, CHAIN)
    assert [(g.label, g.group_class, g.delta_us) for g in result.groups] == [
        ("conv1", GroupClass.INT8_FASTER, -60.0),
        ("conv2", GroupClass.INT8_SLOWER, 50.0),
        ("softmax", GroupClass.SAME_PRECISION, 0.0),
    ]
    first = result.groups[0]
    assert (first.op_type, first.source_ops, first.flops) == ("Convolution", ("conv1", "act"), 1000)
    assert (first.method, first.confidence) == ("name", 1.0)
    assert first.candidate[0].op_types == ("Convolution", "HSwish")
    assert (result.coverage.baseline, result.coverage.candidate) == (1.0, 1.0)


def test_a_conv_that_stays_in_float() -> None:
    int8 = (node(1, "conv1", 90.0, names=("conv1", "act"), precision="bf16"), *FLOAT[2:])
    assert aligned(FLOAT, int8, CHAIN).groups[0].group_class is GroupClass.LEFT_IN_FLOAT
    float_pair = align(side(FLOAT), side(int8), CHAIN, candidate_is_int8=False)
    assert float_pair.groups[0].group_class is GroupClass.PRECISION_CHANGED


def test_an_activation_of_its_own_changes_the_fusion() -> None:
    int8 = (
        node(1, "conv1", 50.0, precision="u8"),
        node(2, "act", 30.0, kind="Eltwise", reads=(1,)),
        *(replace(row, node_index=row.node_index + 1) for row in FLOAT[2:]),
    )
    group = aligned(FLOAT, int8, CHAIN).groups[0]
    assert group.group_class is GroupClass.FUSION_CHANGED
    assert (len(group.baseline), len(group.candidate), group.delta_us) == (1, 2, -20.0)


def test_an_op_one_side_never_names_goes_to_its_producer() -> None:
    """The ReLU that a FakeQuantize swallowed: it must not tie conv1 to conv2."""
    int8 = (
        node(1, "conv1", 40.0, precision="u8", names=("conv1", "act/fq_output_0")),
        node(2, "conv2", 50.0, precision="u8"),
        node(3, "softmax", 5.0, kind="Softmax"),
    )
    candidate = side(int8, (2, "act", "consumer", 0.8))
    result = align(side(FLOAT), candidate, CHAIN, candidate_is_int8=True)
    assert [group.source_ops for group in result.groups] == [
        ("conv1", "act"), ("conv2",), ("softmax",),
    ]  # fmt: skip
    assert (result.groups[0].method, result.groups[0].confidence) == ("name", 1.0)


def test_an_unnamed_op_with_a_layer_of_its_own_joins_its_producer() -> None:
    split = (node(1, "conv1"), node(2, "act", 7.0, kind="Eltwise"), node(3, "conv2"))
    fused = (node(1, "conv1", precision="u8"), node(2, "conv2", precision="u8"))
    result = aligned(split, fused, CHAIN)
    first = result.groups[0]
    assert (first.source_ops, first.baseline_us) == (("conv1", "act"), 107.0)
    assert (first.method, first.confidence) == ("producer", 0.8)
    assert first.group_class is GroupClass.FUSION_CHANGED


def test_a_pad_one_side_never_names_joins_its_only_consumer() -> None:
    source = ops(("a", "Softmax"), ("pad", "Pad"), ("conv", "Convolution"))
    result = aligned(
        (node(0, "a"), node(1, "pad"), node(2, "conv")), (node(0, "a"), node(1, "conv")), source
    )
    assert [(g.source_ops, g.method) for g in result.groups] == [
        (("a",), "name"), (("pad", "conv"), "consumer"),
    ]  # fmt: skip


def test_a_convolution_never_vanishes_into_a_neighbour() -> None:
    result = aligned(FLOAT, (FLOAT[1], FLOAT[3]), CHAIN)
    unmatched = result.groups[1]
    assert (unmatched.label, unmatched.group_class) == ("conv2", GroupClass.UNMATCHED)
    assert unmatched.delta_us == -200.0
    assert result.coverage.baseline == pytest.approx(105.0 / 305.0)


def test_a_matrix_product_that_goes_by_its_bias_is_found() -> None:
    """OpenVINO names a fully connected layer after its bias and drops the product's name."""
    source = ops(("pool", "ReduceMean"), ("fc", "MatMul"), ("fc/bias", "Add"), flops=64)
    baseline = (node(1, "pool", kind="Reduce"), node(2, "fc/bias", 40.0, kind="FullyConnected"))
    candidate = (
        node(1, "pool", kind="Reduce"),
        node(2, "fc/scale", 50.0, kind="FullyConnected", names=("fc/scale", "fc/bias")),
    )
    group = aligned(baseline, candidate, source).groups[1]
    assert (group.label, group.op_type, group.flops) == ("fc", "MatMul", 64)
    assert group.source_ops == ("fc", "fc/bias")
    assert group.group_class is GroupClass.LEFT_IN_FLOAT


def test_a_product_named_on_one_side_meets_its_bias_on_the_other() -> None:
    source = ops(("pool", "ReduceMean"), ("fc", "MatMul"), ("fc/bias", "Add"), flops=64)
    baseline = (node(1, "pool", kind="Reduce"), node(2, "fc/bias", 40.0, kind="FullyConnected"))
    candidate = (
        node(1, "pool", kind="Reduce"),
        node(2, "fc", 10.0, kind="FullyConnected", precision="u8"),
    )
    group = aligned(baseline, candidate, source).groups[1]
    assert (group.label, group.baseline_us, group.candidate_us) == ("fc", 40.0, 10.0)
    assert group.group_class is GroupClass.INT8_FASTER


def test_a_product_named_by_quantisation_alone_is_no_quantise_step() -> None:
    source = ops(("fc", "MatMul"))
    names = ("fc/DequantizationMultiply", "FakeQuantize_16")
    native = node(1, "fc/x", 5.0, kind="FullyConnected", precision="i8", names=names)
    candidate = side((native,), (1, "fc", "structure", 0.6))
    floats = side((node(1, "fc", 9.0, kind="FullyConnected"),))
    (group,) = align(floats, candidate, source, candidate_is_int8=True).groups
    assert (group.baseline_us, group.candidate_us, group.method) == (9.0, 5.0, "structure")


def test_a_convolution_without_a_name_is_unmatched_and_not_inserted() -> None:
    result = aligned(FLOAT, (*FLOAT, node(9, "other", 50.0, names=("foreign",))), ())
    foreign = [group for group in result.groups if group.label == "foreign"]
    assert [group.group_class for group in foreign] == [GroupClass.UNMATCHED]
    assert aligned((), (node(9, "x", names=()),), CHAIN).groups[0].method == "none"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (node(2, "r", kind="Reorder", names=(), layouts=("abcd", "acdb"), reads=(1,)), "layout"),
        (node(2, "r", kind="Reorder", names=(), to="u8", reads=(1,)), "precision"),
        (node(2, "r", kind="Reorder", names=(), to="u8", layouts=("abcd", "acdb"), reads=(1,)),
         "layout and precision"),
        (node(2, "r", kind="Reorder", names=(), to="u8", reads=(0,)), "input or output"),
        (node(2, "r", kind="Reorder", names=(), to="u8", constant=True), "constant"),
        (node(2, "fq", kind="FakeQuantize", names=("conv1",), reads=(1,)), "quantise"),
        (node(2, "s", kind="Subgraph", names=("conv1/fq_output_0",), reads=(0,)), "quantise"),
        (node(2, "e", kind="Eltwise", names=("Multiply_9166",), reads=(1,)), "other"),
    ],
)  # fmt: skip
def test_inserted_nodes_are_told_apart(row: object, kind: str) -> None:
    assert isinstance(row, type(FLOAT[0]))
    after = replace(FLOAT[2], node_index=3, producers=(2,))
    inserted = aligned(FLOAT, (*FLOAT[:2], row, after), CHAIN).inserted
    assert [(found.kind.value, found.side) for found in inserted] == [(kind, "candidate")]


def test_an_inserted_node_stands_between_its_producer_and_its_consumer() -> None:
    int8 = (*FLOAT[:2], reorder(2, reads=(1,)), replace(FLOAT[2], node_index=3, producers=(2,)))
    result = aligned(FLOAT, int8, CHAIN)
    (found,) = result.inserted
    assert (found.producer, found.consumer, found.shared) == ("conv1", "conv2", False)
    assert result.coverage.candidate == 1.0


def test_a_reorder_that_both_have_is_shared() -> None:
    between = (
        reorder(2, reads=(1,), name="here"),
        replace(FLOAT[2], node_index=3, producers=(2,)),
    )
    twice = (*FLOAT[:2], *between, reorder(4, reads=(3,)), node(5, "softmax", reads=(4,)))
    result = aligned((*FLOAT[:2], *between), twice, CHAIN)
    assert [(found.side, found.shared) for found in result.inserted] == [
        ("candidate", True), ("candidate", False), ("baseline", True),
    ]  # fmt: skip


def test_what_is_not_explained_is_not_covered() -> None:
    odd = node(7, "e", 100.0, kind="Eltwise", names=("Multiply_9166",))
    result = aligned(FLOAT[1:2], (FLOAT[1], odd), CHAIN)
    assert result.inserted[0].kind is InsertedKind.OTHER
    assert (result.coverage.baseline, result.coverage.candidate) == (1.0, 0.5)


def test_a_launch_that_was_held_up_does_not_count() -> None:
    rows = [node(1, "conv1", at, launch=f"p{i}") for i, at in enumerate((90.0, 5000.0, 110.0))]
    assert aligned(rows, FLOAT, CHAIN).groups[0].baseline_us == 110.0


def test_times_are_the_median_over_the_launches() -> None:
    """Numbers in names differ between processes; a launch that lacks a node counts as 0."""
    rows = [
        node(1, "conv1", 90.0, names=("conv1",), launch="p0"),
        node(1, "conv1", 110.0, names=("conv1",), launch="p1"),
        node(2, "Multiply_123", 10.0, kind="Eltwise", names=(), launch="p0"),
        node(2, "Multiply_987", 20.0, kind="Eltwise", names=(), launch="p1"),
        node(3, "rare", 30.0, kind="Eltwise", names=(), launch="p1"),
    ]
    result = aligned(rows, FLOAT, CHAIN)
    assert result.groups[0].baseline_us == 100.0
    removed = [found.layer for found in result.inserted if found.side == "baseline"]
    assert [(layer.name, layer.time_us) for layer in removed] == [
        ("Multiply_123", 15.0), ("rare", 15.0),
    ]  # fmt: skip


def test_an_unknown_time_does_not_count_as_zero() -> None:
    rows = [node(1, "conv1", 90.0), replace(node(1, "conv1", 0.0, launch="p1"), time_us=None)]
    assert aligned(rows, FLOAT, CHAIN).groups[0].baseline_us == 90.0


def test_what_some_launches_call_not_executed_took_under_a_microsecond() -> None:
    rows = [node(1, "conv1", 3.0), node(1, "conv1", None, launch="p1")]
    assert aligned(rows, FLOAT, CHAIN).groups[0].baseline_us == 1.5


def test_the_order_of_the_rows_does_not_matter() -> None:
    int8 = tuple(replace(row, runtime_precision="u8") for row in FLOAT)
    there = aligned(FLOAT, int8, CHAIN)
    assert aligned(FLOAT[::-1], int8[::-1], CHAIN[::-1]) == there


HOSTILE = {
    "nothing": ((), ()),
    "one side empty": (FLOAT, ()),
    "duplicate names": ((node(1, "conv1"), node(2, "conv1")), FLOAT),
    "duplicate index": ((node(1, "conv1"), node(1, "conv2")), FLOAT),
    "the same row twice": ((FLOAT[1], FLOAT[1]), FLOAT),
    "empty names": ((node(1, "", names=("",)), node(2, "", names=())), FLOAT),
    "no time at all": (tuple(replace(row, time_us=None) for row in FLOAT), FLOAT),
    "zero time": (tuple(replace(row, time_us=0.0) for row in FLOAT), FLOAT),
    "a cycle": (
        (reorder(1, reads=(2,)), reorder(2, reads=(1,)), node(3, "conv1", reads=(3, 99))),
        FLOAT,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_facts_never_crash(name: str) -> None:
    a, b = HOSTILE[name]
    looping = tuple(replace(op, producers=(CHAIN[-1].op_name,)) for op in CHAIN)
    for source in (CHAIN, (), looping, CHAIN + CHAIN):
        for one, other in ((a, b), (b, a)):
            _is_sane(aligned(one, other, source), sum(row.time_us or 0.0 for row in other))


def _is_sane(result: Alignment, candidate_us: float) -> None:
    """Every executed µs of the candidate stands in exactly one place."""
    told = sum(group.candidate_us for group in result.groups)
    told += sum(x.layer.time_us for x in result.inserted if x.side == "candidate")
    assert told == pytest.approx(candidate_us)
    assert 0.0 <= result.coverage.candidate <= 1.0


def test_a_link_to_no_node_is_ignored() -> None:
    baseline = side(FLOAT, (77, "conv1", "name", 1.0))
    assert align(baseline, side(FLOAT), CHAIN, candidate_is_int8=True).coverage.baseline == 1.0
    assert Side((), ()).nodes == ()


def test_five_thousand_nodes_take_under_a_second() -> None:
    names = [f"layer{at}" for at in range(5000)]
    source = ops(*((name, "Convolution") for name in names))
    rows = [node(at, name, reads=(at - 1,) if at else ()) for at, name in enumerate(names)]
    int8 = [replace(row, runtime_precision="u8") for row in rows]
    taken_s = []
    for _ in range(3):  # the best of three: other processes share the caches
        started = time.process_time()
        assert len(aligned(rows, int8, source).groups) == 5000
        taken_s.append(time.process_time() - started)
    assert min(taken_s) < 1.0


def test_one_partner_is_shared_once() -> None:
    one = (FLOAT[1], reorder(2, reads=(1,)), replace(FLOAT[2], node_index=3, producers=(2,)))
    two = (
        FLOAT[1],
        reorder(2, reads=(1,)),
        reorder(3, reads=(1,)),
        replace(FLOAT[2], node_index=4, producers=(2, 3)),
    )
    result = aligned(one, two, CHAIN)
    assert [found.shared for found in result.inserted] == [True, False, True]
