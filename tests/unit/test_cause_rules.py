"""Causes by kernel, by size, by memory, by origin; and no time is counted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest

from results.causes import CATALOGUE, find_causes
from results.comparison import CellView, FoundCause, Group, Inserted
from results.facts import ExecNode
from results.inserted import CANDIDATE, with_operations
from results.roof import GroupRoof
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, aligned, node, ops, reorder, side

SOURCE = ops(("conv1", "Convolution"), ("conv2", "Convolution"), ("softmax", "Softmax"))
FLOAT = (node(1, "conv1", 400.0), node(2, "conv2", 400.0, reads=(1,)))
GOOD = tuple(replace(row, runtime_precision="u8", time_us=150.0) for row in FLOAT)
NATIVE = replace(INT8_CELL, variant_kind="int8-native", arm="int8-native@default")
AVX2 = replace(INT8_CELL, isa_cap="AVX2")

_T = TypeVar("_T")


def _by_id(found: Sequence[FoundCause]) -> dict[str, FoundCause]:
    return {cause.cause_id: cause for cause in found}


def _pair(
    baseline: Sequence[ExecNode], candidate: Sequence[ExecNode]
) -> tuple[tuple[Group, ...], tuple[Inserted, ...]]:
    pair = aligned(baseline, candidate, SOURCE)
    sides = side(baseline).averaged, side(candidate).averaged
    return pair.groups, with_operations(pair.inserted, pair.groups, *sides)


def _causes(
    candidate: Sequence[ExecNode],
    baseline: Sequence[ExecNode] = FLOAT,
    cell: CellView = INT8_CELL,
    *,
    candidate_us: float = 1000.0,
    baseline_us: float | None = None,
) -> dict[str, FoundCause]:
    groups, inserted = _pair(baseline, candidate)
    return _by_id(
        find_causes(FLOAT_CELL, cell, candidate_us, groups, inserted, baseline_us=baseline_us)
    )


@pytest.mark.parametrize(
    "kernel",
    ["ref_any_I8", "ref_I8", "gemm_blas_I8", "jit_gemm_I8", "jit_avx2_I8", "brgconv_sse42_1x1_I8"],
)
def test_a_kernel_of_last_resort_is_named_with_what_a_sound_one_could_save(kernel: str) -> None:
    """700 µs where a quarter of float's 400 µs would do by VNNI."""
    found = _causes((replace(GOOD[0], primitive=kernel, time_us=700.0), GOOD[1]))
    assert set(found) == {"fallback_kernel"}, "its time is not slower_kernel's too"
    assert found["fallback_kernel"].recoverable_us == pytest.approx(600.0)
    assert found["fallback_kernel"].layers == ("conv1",)
    assert kernel in found["fallback_kernel"].evidence


@pytest.mark.parametrize(
    ("kernel", "cell"),
    [
        ("brgconv_avx512_I8", INT8_CELL),
        ("brgconv_avx512_amx_I8", replace(INT8_CELL, isa_flags=("amx_int8", "avx512f"))),
        ("gemm_mlas_I8", INT8_CELL),
        ("reference", INT8_CELL),
        ("jit_avx2_I8", AVX2),
        ("jit_avx2_I8", replace(INT8_CELL, isa_flags=("avx2", "avx_vnni"))),
        ("jit_avx2_I8", replace(INT8_CELL, isa_flags=())),
        ("", INT8_CELL),
    ],
)
def test_a_kernel_as_good_as_the_device_is_no_fallback(kernel: str, cell: CellView) -> None:
    assert "fallback_kernel" not in _causes(
        (replace(GOOD[0], primitive=kernel, time_us=390.0), GOOD[1]), cell=cell
    )


def test_a_cap_is_what_the_device_has() -> None:
    narrow = (replace(GOOD[0], primitive="jit_sse42_I8", time_us=390.0), GOOD[1])
    assert "fallback_kernel" in _causes(narrow, cell=AVX2)


def test_a_fallback_that_float_is_on_too_or_in_a_float_layer_is_not_int8s() -> None:
    slow = (replace(GOOD[0], primitive="ref_any_I8", time_us=390.0), GOOD[1])
    alike = (replace(FLOAT[0], primitive="ref_any_f32"), FLOAT[1])
    assert "fallback_kernel" not in _causes(slow, alike)
    floating = replace(FLOAT[0], primitive="ref_any_f32")
    assert "fallback_kernel" not in _causes((floating, GOOD[1]))


def test_a_short_model_is_bound_by_what_no_layer_takes() -> None:
    tiny = tuple(replace(row, time_us=4.0) for row in GOOD)
    found = _causes(tiny, FLOAT, candidate_us=30.0)["overhead_bound"]
    assert found.recoverable_us == 0.0
    assert found.evidence == ("22 of 30 µs are in no layer, 0 µs in 0 layers of under 3 µs each")
    assert "overhead_bound" not in _causes(tiny, candidate_us=15.0)


def test_layers_at_the_counters_step_are_overhead() -> None:
    """10 of 10 µs are in layers; 6 of them in layers that take a start and little more."""
    short = (replace(GOOD[0], time_us=2.0), replace(GOOD[1], time_us=2.0))
    long = node(3, "softmax", 4.0, kind="Softmax")
    assert "overhead_bound" in _causes((*short, long), (*FLOAT, long), candidate_us=8.0)
    fewer = (replace(GOOD[0], time_us=2.0), replace(GOOD[1], time_us=3.0), long)
    assert "overhead_bound" not in _causes(fewer, (*FLOAT, long), candidate_us=9.0)


def test_a_long_inference_is_not_overhead_whatever_is_unaccounted() -> None:
    assert "overhead_bound" in _causes(GOOD, candidate_us=999.0)
    assert "overhead_bound" not in _causes(GOOD, candidate_us=1000.0)


def _with_roofs(
    candidate: Sequence[ExecNode], roofs: dict[str, GroupRoof], cell: CellView = INT8_CELL
) -> dict[str, FoundCause]:
    groups, inserted = _pair(FLOAT, candidate)
    groups = tuple(replace(group, roof=roofs.get(group.label)) for group in groups)
    return _by_id(find_causes(FLOAT_CELL, cell, 5000.0, groups, inserted))


def _roof(gflop: float, mb: float, *, bound: bool | None = None) -> GroupRoof:
    return GroupRoof(gflop, 4e6 * mb, 1e6 * mb, None, None, 4.0, bound)


def test_without_peaks_only_a_layer_that_uses_each_byte_once_is_bound_by_memory() -> None:
    few, many = _roof(0.008, 4.0), _roof(0.9, 4.0)
    found = _with_roofs(GOOD, {"conv1": few, "conv2": many})["memory_bound"]
    assert found.confidence == "low", "nothing was measured"
    assert found.recoverable_us == 0.0
    assert found.layers == ("conv1",)
    assert found.evidence.startswith("50 % of the layers' time")
    assert "2.0 FLOP per byte" in found.evidence
    rest = (GOOD[0], replace(GOOD[1], time_us=151.0))
    assert "memory_bound" not in _with_roofs(rest, {"conv1": few, "conv2": many}), "under half"
    assert "memory_bound" not in _with_roofs(GOOD, {"conv1": _roof(0.0081, 4.0), "conv2": many})
    assert "memory_bound" not in _with_roofs(GOOD, {"conv1": _roof(0.002, 1.0), "conv2": many})
    assert "memory_bound" not in _with_roofs(GOOD, {"conv1": _roof(0.0, 4.0), "conv2": many})


def test_with_peaks_the_measured_ridge_decides() -> None:
    busy, idle = _roof(0.9, 4.0, bound=True), _roof(0.008, 4.0, bound=False)
    found = _with_roofs(GOOD, {"conv1": busy, "conv2": idle})["memory_bound"]
    assert found.layers == ("conv1",), "the one of many FLOP per byte, by the peaks"
    assert found.confidence == "medium"
    assert "measured ridge" in found.evidence
    assert "memory_bound" not in _with_roofs(GOOD, {"conv1": idle, "conv2": idle})


def test_a_layer_that_a_cause_claims_is_not_bound_by_memory_too() -> None:
    few, many = _roof(0.008, 4.0), _roof(0.9, 4.0)
    slow = (replace(GOOD[0], primitive="jit_gemm_I8", time_us=350.0), GOOD[1])
    assert set(_with_roofs(slow, {"conv1": few, "conv2": many})) == {"fallback_kernel"}


def test_a_native_network_is_named_where_it_does_not_run_in_int8() -> None:
    assert "native_int8" not in _causes(GOOD, cell=NATIVE)
    floating = (FLOAT[0], reorder(2, 40.0, reads=(1,)),
                replace(GOOD[1], node_index=3, producers=(2,)))  # fmt: skip
    found = _causes(floating, cell=NATIVE)
    assert set(found) == {"left_in_float", "inserted_reorders", "native_int8"}
    assert found["native_int8"].recoverable_us == 0.0, "the time is told once"
    assert found["native_int8"].evidence.startswith("1 layer in float and 1 inside")
    assert "native_int8" not in _causes(floating)


def test_a_quantiser_at_the_input_says_nothing_about_a_native_network() -> None:
    at_input = (
        node(0, "data", 0.0, kind="Input", names=("data",)),
        node(1, "data/fq_input_0", 50.0, kind="FakeQuantize", reads=(0,)),
        replace(GOOD[0], node_index=2, producers=(1,)),
        replace(GOOD[1], node_index=3, producers=(2,)),
    )
    assert set(_causes(at_input, cell=NATIVE)) == {"lone_fake_quantize"}


def test_the_whole_models_ratio_without_a_cause_is_amdahls_bound() -> None:
    """2000 µs over 1000 µs less the 40 µs of the Reorder; nothing to win, no bound."""
    int8 = (GOOD[0], reorder(2, 40.0, reads=(1,)), replace(GOOD[1], node_index=3, producers=(2,)))
    capped = _causes(int8, cell=AVX2, baseline_us=2000.0)
    assert capped["inserted_reorders"].speedup_without == pytest.approx(2000.0 / 960.0)
    assert capped["no_int8_instructions"].speedup_without is None
    assert _causes(int8)["inserted_reorders"].speedup_without is None
    over = _causes(int8, candidate_us=40.0, baseline_us=2000.0)
    assert over["inserted_reorders"].speedup_without is None, "more than the wall clock"


def test_a_bound_that_the_candidate_has_passed_is_not_told() -> None:
    """200 of 1000 µs are convolutions: 1.25x at most, unless other layers gain too."""
    source = ops(("conv", "Convolution"), ("pool", "MaxPool"))
    floats = (node(1, "conv", 200.0), node(2, "pool", 800.0, kind="Pooling", reads=(1,)))
    int8 = tuple(replace(row, runtime_precision="u8", time_us=50.0) for row in floats)
    pair = aligned(floats, int8, source)
    found = [
        _by_id(find_causes(FLOAT_CELL, INT8_CELL, us, pair.groups, (), baseline_us=1000.0))
        for us in (810.0, 790.0)
    ]
    assert "little_to_gain" in found[0]
    assert "little_to_gain" not in found[1]


def test_a_type_of_layer_that_scatters_as_much_as_it_loses_is_not_slower() -> None:
    source = ops(*((f"dw{at}", "GroupConvolution") for at in range(4)))
    floats = tuple(node(at, f"dw{at}", 50.0) for at in range(4))
    int8 = tuple(node(at, f"dw{at}", 60.0, precision="u8") for at in range(4))
    groups = aligned(floats, int8, source).groups

    def slower(half_us: float) -> bool:
        judged = tuple(
            replace(group, differs=False, delta_low_us=10.0 - half_us, delta_high_us=10.0 + half_us)
            for group in groups
        )
        return "slower_kernel" in _by_id(find_causes(FLOAT_CELL, INT8_CELL, 900.0, judged, ()))

    assert slower(19.0)
    assert not slower(21.0)


def test_one_layer_is_slower_only_where_it_is_called_different() -> None:
    groups, _ = _pair(FLOAT[:1], (replace(GOOD[0], time_us=480.0),))
    for differs, expected in ((True, True), (False, False), (None, True)):
        judged = tuple(replace(group, differs=differs) for group in groups)
        found = _by_id(find_causes(FLOAT_CELL, INT8_CELL, 900.0, judged, ()))
        assert ("slower_kernel" in found) is expected, differs


def test_what_takes_next_to_nothing_is_not_told() -> None:
    """Half a percent of 1000 µs."""
    for time_us, expected in ((4.9, False), (5.0, True)):
        int8 = (GOOD[0], reorder(2, time_us, reads=(1,)),
                replace(GOOD[1], node_index=3, producers=(2,)))  # fmt: skip
        assert ("inserted_reorders" in _causes(int8)) is expected, time_us


def test_an_extra_layer_that_a_cause_claims_is_not_replaced_by_another() -> None:
    """Two layers in float, three in INT8: the activation is the one too many, and is told."""
    source = ops(("conv", "Convolution"), ("act", "HSwish"), ("add", "Add"), ("scale", "Multiply"))
    floats = (node(1, "conv", 400.0, names=("conv", "act")),
              node(2, "add", 90.0, kind="Eltwise", names=("add", "scale"), reads=(1,)))  # fmt: skip
    int8 = (node(1, "conv", 150.0, precision="u8"),
            node(2, "act", 80.0, kind="Eltwise", names=("act", "add"), reads=(1,)),
            node(3, "scale", 60.0, kind="Eltwise", reads=(2,)))  # fmt: skip
    pair = aligned(floats, int8, source)
    found = _by_id(find_causes(FLOAT_CELL, INT8_CELL, 300.0, pair.groups, pair.inserted))
    assert set(found) == {"unfused_activation"}


def test_a_layer_whose_precision_is_told_by_its_kernel_alone_is_judged_by_that() -> None:
    """OpenVINO 2021.2 has no runtime precision."""
    untold = (replace(GOOD[0], runtime_precision="", primitive="jit_avx512_FP32"), GOOD[1])
    assert "left_in_float" in _causes(untold)


class _Dice:
    """Seeded choices."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def one_of(self, choices: Sequence[_T]) -> _T:
        return choices[int(self._random.integers(len(choices)))]

    def between(self, low: float, high: float) -> float:
        return float(self._random.uniform(low, high))


_KERNELS = ("jit_avx512_I8", "ref_any_I8", "gemm_blas_I8", "jit_avx2_I8", "brgconv_avx512_dw_bf16")
_TYPES = ("Convolution", "GroupConvolution", "MatMul", "HSwish", "Add", "Softmax")


def _random_sides(dice: _Dice, names: Sequence[str]) -> tuple[list[ExecNode], list[ExecNode]]:
    """Two graphs over the same ops: fused at random, with conversions, of any precision."""
    sides: list[list[ExecNode]] = []
    for int8 in (False, True):
        rows: list[ExecNode] = []
        at = 0
        while at < len(names):
            fused = names[at : at + dice.one_of((1, 1, 1, 2) if int8 else (1, 2, 3))]
            at += len(fused)
            reads = (len(rows) - 1,) if rows else ()
            precision = dice.one_of(("u8", "u8", "f32", "bf16") if int8 else ("f32", "bf16"))
            row = node(len(rows), fused[0], dice.one_of((0.0, 900.0)) * dice.between(0, 1),
                       precision=precision, names=fused, reads=reads)  # fmt: skip
            rows.append(replace(row, primitive=dice.one_of(_KERNELS)) if int8 else row)
            if dice.between(0, 1) < 0.4:
                kind = dice.one_of(("Reorder", "Convert", "FakeQuantize"))
                rows.append(node(len(rows), f"extra{len(rows)}", dice.between(0, 300), kind=kind,
                                 reads=(len(rows) - 1,), names=()))  # fmt: skip
        sides.append(rows)
    return sides[0], sides[1]


@pytest.mark.parametrize("seed", range(60))
def test_causes_never_recover_more_than_was_executed_nor_a_layer_twice(seed: int) -> None:
    dice = _Dice(seed)
    source = ops(*((f"op{at}", dice.one_of(_TYPES)) for at in range(dice.one_of(range(2, 41)))))
    baseline, candidate = _random_sides(dice, [op.op_name for op in source])
    pair = aligned(baseline, candidate, source)
    cell = dice.one_of((INT8_CELL, NATIVE, AVX2))
    found = find_causes(
        FLOAT_CELL, cell, dice.between(10, 9000), pair.groups, pair.inserted, baseline_us=1000.0
    )
    times = {
        layer.name: layer.time_us
        for layer in (
            *(layer for group in pair.groups for layer in group.candidate),
            *(one.layer for one in pair.inserted if one.side == CANDIDATE),
        )
    }
    recovering = [cause for cause in found if cause.recoverable_us]
    claimed = [name for cause in recovering for name in cause.layers]
    assert len(claimed) == len(set(claimed))
    for cause in recovering:
        own_us = sum(times[name] for name in cause.layers)
        assert cause.recoverable_us <= own_us + 1e-6, cause.cause_id
    assert sum(cause.recoverable_us for cause in found) <= sum(times.values()) + 1e-6


def test_random_graphs_have_every_cause_that_takes_time() -> None:
    """Else the promise above would hold of nothing."""
    seen = set()
    for seed in range(60):
        dice = _Dice(seed)
        source = ops(*((f"op{at}", dice.one_of(_TYPES)) for at in range(dice.one_of(range(2, 41)))))
        pair = aligned(*_random_sides(dice, [op.op_name for op in source]), source)
        causes = find_causes(FLOAT_CELL, INT8_CELL, 4000.0, pair.groups, pair.inserted)
        seen |= {cause.cause_id for cause in causes if cause.recoverable_us}
    assert seen == {cause.cause_id for cause in CATALOGUE if "none" not in cause.recoverable}
