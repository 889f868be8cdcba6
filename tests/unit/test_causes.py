"""Causes: each seen where it is planted, none where it is not, and no µs counted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from results.causes import CATALOGUE, find_causes
from results.comparison import CellView, FoundCause
from results.facts import ExecNode
from results.inserted import with_operations
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, aligned, node, ops, reorder, side

SOURCE = ops(
    ("conv1", "opset1::Convolution"), ("act", "opset4::HSwish"), ("conv2", "opset1::Convolution"),
    ("scale", "opset1::Multiply"), ("softmax", "opset8::Softmax"),
)  # fmt: skip
FLOAT = (
    node(1, "conv1", 500.0, names=("conv1", "act")),
    node(2, "conv2", 500.0, reads=(1,), names=("conv2", "scale")),
)
GOOD = tuple(replace(row, runtime_precision="u8", time_us=200.0) for row in FLOAT)


def causes(
    candidate: Sequence[ExecNode],
    baseline: Sequence[ExecNode] = FLOAT,
    a: CellView = FLOAT_CELL,
    b: CellView = INT8_CELL,
    candidate_us: float = 1000.0,
    baseline_us: float | None = None,
) -> dict[str, FoundCause]:
    """Causes by id."""
    pair = aligned(baseline, candidate, SOURCE)
    inserted = with_operations(
        pair.inserted, pair.groups, side(baseline).averaged, side(candidate).averaged
    )
    found = find_causes(a, b, candidate_us, pair.groups, inserted, baseline_us=baseline_us)
    return {cause.cause_id: cause for cause in found}


def test_a_good_int8_model_has_no_cause() -> None:
    assert causes(GOOD) == {}


def test_inserted_reorders() -> None:
    int8 = (GOOD[0], reorder(2, 40.0, reads=(1,)), replace(GOOD[1], node_index=3, producers=(2,)))
    found = causes(int8)["inserted_reorders"]
    assert found.recoverable_us == 40.0
    assert found.evidence == (
        "1 conversion (1 precision): 40 µs; the longest stands between conv1 and conv2, 40 µs"
    )
    assert found.layers == ("reorder2",)
    with_it = (FLOAT[0], reorder(2, reads=(1,)), replace(FLOAT[1], node_index=3, producers=(2,)))
    assert causes(int8, with_it) == {}


def test_left_in_float_recovers_what_the_instructions_would_take_off() -> None:
    """VNNI: 4x over f32, so three quarters of 400 µs; 2x over bf16."""
    found = causes((replace(GOOD[0], runtime_precision="f32", time_us=400.0), GOOD[1]))
    assert found["left_in_float"].recoverable_us == pytest.approx(300.0)
    half = causes((replace(GOOD[0], runtime_precision="bf16", time_us=400.0), GOOD[1]))
    assert half["left_in_float"].recoverable_us == pytest.approx(200.0)
    assert half["left_in_float"].evidence == "1 layer runs in bf16: 400 µs"


def test_slower_kernel_needs_a_clear_difference() -> None:
    assert "slower_kernel" not in causes((replace(GOOD[0], time_us=520.0), GOOD[1]))
    found = causes((replace(GOOD[0], time_us=521.0), GOOD[1]))["slower_kernel"]
    assert found.recoverable_us == 21.0
    assert "conv1" in found.evidence
    large = causes((replace(GOOD[0], time_us=521.0), GOOD[1]), candidate_us=5000.0)
    assert "slower_kernel" not in large


def test_unfused_activation() -> None:
    int8 = (
        replace(GOOD[0], original_names=("conv1",)),
        node(2, "act", 60.0, kind="Eltwise"),
        replace(GOOD[1], node_index=3),
    )
    found = causes(int8)
    assert found["unfused_activation"].recoverable_us == 60.0
    assert found["unfused_activation"].layers == ("act",)
    assert "lost_fusion" not in found, "its time is the activation's"
    alone_too = (
        replace(FLOAT[0], original_names=("conv1",)),
        node(2, "act", 60.0, kind="Eltwise"),
        replace(FLOAT[1], node_index=3),
    )
    assert causes(int8, alone_too) == {}


def test_lost_fusion_is_the_time_of_the_extra_layers() -> None:
    """Also where the group got faster: it would be faster still with the extra ones fused."""
    int8 = (
        GOOD[0],
        replace(GOOD[1], original_names=("conv2",), time_us=200.0),
        node(3, "scale", 90.0, kind="Eltwise"),
    )
    found = causes(int8)["lost_fusion"]
    assert found.recoverable_us == pytest.approx(90.0)
    assert found.layers == ("scale",), "the convolution is what it would fuse into"
    assert "lost_fusion" not in causes((*int8[:2], replace(int8[2], time_us=20.0)))
    floating = replace(int8[1], runtime_precision="f32")
    assert causes((int8[0], floating, int8[2]))["lost_fusion"].layers == ("scale",)


def test_a_residual_sum_that_runs_alone_with_its_relu_is_a_lost_fusion() -> None:
    """In float the convolution takes both in; a sum is no part of a ReLU."""
    source = ops(("conv1", "Convolution"), ("sum", "Add"), ("relu", "Relu"))
    floats = (node(1, "conv1", 500.0, names=("conv1", "sum", "relu")),)
    alone = node(2, "sum", 90.0, kind="Eltwise", precision="u8", names=("sum", "relu"), reads=(1,))
    pair = aligned(floats, (node(1, "conv1", 200.0, precision="u8"), alone), source)
    found = find_causes(FLOAT_CELL, INT8_CELL, 1000.0, pair.groups, pair.inserted)
    assert [cause.cause_id for cause in found] == ["lost_fusion"]


def test_lone_fake_quantize_takes_precedence_over_reorders() -> None:
    """Declared first: the node's µs are its own, once."""
    int8 = (
        GOOD[0],
        node(2, "conv1/fq_output_0", 30.0, kind="FakeQuantize", reads=(1,)),
        replace(GOOD[1], node_index=3),
    )
    found = causes(int8)
    assert set(found) == {"lone_fake_quantize"}
    assert found["lone_fake_quantize"].recoverable_us == 30.0


@pytest.mark.parametrize(
    ("flags", "cap", "seen"),
    [
        (("avx2",), None, True),
        (("avx2", "avx512f"), None, True),
        (("avx2", "avx512f", "avx512_vnni"), "AVX2", True),
        (("avx2", "avx512f", "avx512_vnni"), None, False),
        (("avx2", "avx_vnni"), None, False),
        (("amx_int8", "avx512f"), None, False),
        ((), None, False),
        (("asimddp", "i8mm"), None, False),
    ],
)
def test_no_int8_instructions(flags: tuple[str, ...], cap: str | None, seen: bool) -> None:
    cell = replace(INT8_CELL, isa_flags=flags, isa_cap=cap)
    assert ("no_int8_instructions" in causes(GOOD, b=cell)) is seen


def test_baseline_is_bf16() -> None:
    half = tuple(replace(row, runtime_precision="bf16") for row in FLOAT)
    default = replace(FLOAT_CELL, arm="fp32@default", precision="default")
    found = causes(GOOD, half, a=default)["baseline_is_bf16"]
    assert found.recoverable_us == 0.0
    assert found.evidence == (
        "fp32@default spends 100 % of its convolution and matrix time in bf16"
    )
    assert "baseline_is_bf16" not in causes(GOOD, (half[0], FLOAT[1]))


def test_little_to_gain_prints_the_bound() -> None:
    """1000 of 4000 µs are convolutions: 4/3 at most."""
    softmax = node(5, "softmax", 3000.0, kind="Softmax")
    found = causes((*GOOD, softmax), (*FLOAT, softmax))["little_to_gain"]
    assert "25 % of the float time" in found.evidence
    assert "1.33x" in found.evidence


def test_only_int8_against_float_has_causes() -> None:
    int8 = (replace(GOOD[0], runtime_precision="f32", time_us=900.0), GOOD[1])
    assert causes(int8, a=INT8_CELL, b=FLOAT_CELL) == {}
    assert causes(int8, a=INT8_CELL, b=INT8_CELL) == {}


def test_the_most_recoverable_comes_first_and_nothing_counts_twice() -> None:
    int8 = (
        node(1, "conv1", 400.0),  # left in float, and slower than one fused kernel
        node(2, "act", 60.0, kind="Eltwise"),
        reorder(3, 200.0, reads=(2,)),
        node(4, "conv2", 700.0, precision="u8", names=("conv2", "scale"), reads=(3,)),
    )
    found = causes(int8, candidate_us=1400.0)
    amounts = [cause.recoverable_us for cause in found.values()]
    assert amounts == sorted(amounts, reverse=True)
    assert set(found) == {
        "left_in_float", "inserted_reorders", "slower_kernel", "unfused_activation",
    }  # fmt: skip
    layers = [name for cause in found.values() for name in cause.layers]
    assert len(layers) == len(set(layers))
    assert sum(amounts) <= 1360.0


def test_every_cause_is_declared_once_with_words() -> None:
    ids = [cause.cause_id for cause in CATALOGUE]
    assert len(ids) == len(set(ids))
    assert all(cause.title and cause.action and cause.confidence for cause in CATALOGUE)


def test_no_layers_no_causes() -> None:
    assert find_causes(FLOAT_CELL, INT8_CELL, 1.0, (), ()) == ()


def test_a_layer_belongs_to_the_first_cause_that_claims_it() -> None:
    """conv1 and act take 40 µs more than fused: the activation's, and not lost_fusion's too."""
    int8 = (
        replace(GOOD[0], original_names=("conv1",), time_us=480.0),
        node(2, "act", 60.0, kind="Eltwise"),
        replace(GOOD[1], node_index=3),
    )
    assert set(causes(int8)) == {"unfused_activation"}


def test_a_type_of_layer_that_is_slower_as_a_whole_is_a_cause() -> None:
    """Each depthwise layer loses less than the floor; together they lose more."""
    source = ops(*((f"dw{at}", "GroupConvolution") for at in range(4)), ("conv", "Convolution"))
    floats = (*(node(at, f"dw{at}", 50.0) for at in range(4)), node(4, "conv", 900.0))
    slow = (node(at, f"dw{at}", 58.0 if at else 49.0, precision="u8") for at in range(4))
    int8 = (*slow, node(4, "conv", 300.0, precision="u8"))
    pair = aligned(floats, int8, source)
    found = {
        cause.cause_id: cause
        for cause in find_causes(FLOAT_CELL, INT8_CELL, 600.0, pair.groups, pair.inserted)
    }
    assert found["slower_kernel"].recoverable_us == 23.0
    assert found["slower_kernel"].layers == ("dw1", "dw2", "dw3")
    assert "3 of 4 GroupConvolution" in found["slower_kernel"].evidence
