"""Roofs and ceilings against cases computed by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from results.comparison import CellView, Group
from results.facts import Peak, SourceOp
from results.isa import Ceiling, Isa, ceiling
from results.roof import GroupRoof, Peaks
from results.roofline import (
    BANDWIDTH,
    FLOPS,
    model_ceiling,
    peak_bandwidth,
    peak_flops,
    ridge,
    with_roofs,
)
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, aligned, node, ops, reorder

MIB = 2**20
AMX = ("avx2", "avx512f", "avx512_vnni", "amx_int8")


def _peak(kind: str, value: float, executed: str = "f32", size: int = 0) -> Peak:
    return Peak(
        run_id="p", device_id="d", runtime_id="r", kind=kind, operation="any", precision="f32",
        working_set_bytes=size, value=value, executed_precision=executed, primitive="jit",
        threads=4, pinned_to="0-3", measured_at=datetime(2026, 11, 1, tzinfo=UTC), iterations=9,
        steal_share=None, other_cpu_share=None, throttled_us=None,
    )  # fmt: skip


PEAKS = Peaks(
    device_id="d", run_id="p", runtime="2026.4.1", whole_device=True,
    rows=(
        _peak(FLOPS, 80.0), _peak(FLOPS, 100.0), _peak(FLOPS, 200.0, "bf16"),
        _peak(FLOPS, 400.0, "u8"), _peak(BANDWIDTH, 200.0, size=MIB),
        _peak(BANDWIDTH, 10.0, size=256 * MIB),
    ),
)  # fmt: skip


def _ops(flops: int, *, read: int = 1, weights: int = 0, written: int = 1) -> tuple[SourceOp, ...]:
    """An input of batch 1 that a convolution reads, and an activation after it."""
    data, conv, act = ops(
        ("data", "opset1::Parameter"), ("conv", "opset1::Convolution"), ("act", "opset1::ReLU")
    )
    return (
        replace(data, output_elements=read, output_shapes=(f"[1,{read}]",)),
        replace(conv, flops=flops, weight_elements=weights, output_elements=7,
                input_shapes=(f"[1,{read}]",)),
        replace(act, output_elements=written, input_shapes=("[1,7]",)),
    )  # fmt: skip


def _groups(
    source_ops: tuple[SourceOp, ...], baseline_us: float, candidate_us: float, into: str = "u8"
) -> tuple[Group, ...]:
    names = ["conv", "act"]
    return aligned(
        [node(0, "conv", baseline_us, names=names)],
        [node(0, "conv", candidate_us, names=names, precision=into)],
        source_ops,
    ).groups


def _roof(
    source_ops: tuple[SourceOp, ...], baseline_us: float, candidate_us: float,
    peaks: Peaks | None = PEAKS, baseline: CellView = FLOAT_CELL, candidate: CellView = INT8_CELL,
) -> GroupRoof:  # fmt: skip
    groups = _groups(source_ops, baseline_us, candidate_us)
    (group,) = with_roofs(groups, baseline, candidate, source_ops, peaks)
    assert group.roof is not None
    return group.roof


def test_work_is_counted_and_bytes_are_at_the_precision_of_each_side() -> None:
    roof = _roof(_ops(50_000_000, read=300, weights=216, written=800), 1000, 500, None)
    assert roof == GroupRoof(0.05, 1316 * 4, 1316, None, None, 4.0, None)


def test_a_layer_bound_by_computing_is_held_against_the_peak_of_its_precision() -> None:
    # 100 MFLOP: 1000 µs at 100 GFLOP/s in f32, 250 µs at 400 GFLOP/s in INT8
    roof = _roof(_ops(100_000_000), 1250, 1000)
    assert roof.baseline_share == pytest.approx(0.8)
    assert roof.candidate_share == pytest.approx(0.25)
    assert roof.memory_bound is False
    assert roof.possible == pytest.approx(4.0)


def test_weights_come_from_as_far_as_all_weights_of_the_model_fit() -> None:
    # 100 M weights: 400 MB in f32, 100 MB in INT8, both from memory at 10 GB/s
    large = _roof(_ops(20_000_000, weights=100_000_000), 80_000, 20_000)
    assert large.baseline_share == pytest.approx(0.5, rel=1e-3)
    assert large.candidate_share == pytest.approx(0.5, rel=1e-3)
    assert large.memory_bound is True
    # 0.4 M weights: 1.6 MB lie in the cache of 2 MiB, whose half was measured with 200 GB/s
    small = _roof(_ops(100_000, weights=400_000), 16, 4)
    assert small.baseline_share == pytest.approx(0.5, rel=1e-3)


def test_a_small_layer_of_a_large_model_reads_its_weights_from_memory_too() -> None:
    source_ops = _ops(1_000, weights=400_000)
    other = replace(source_ops[1], op_name="other", producers=(), weight_elements=100_000_000)
    groups = _groups(source_ops, 320, 80)
    (group,) = with_roofs(groups, FLOAT_CELL, INT8_CELL, (*source_ops, other), PEAKS)
    assert group.roof is not None
    assert group.roof.baseline_share == pytest.approx(0.5, rel=1e-3)  # 1.6 MB at 10 GB/s


def test_activations_come_from_as_near_as_those_of_the_group_fit() -> None:
    # 0.4 M elements of 4 bytes in the cache, while 400 MB of other weights are not
    source_ops = _ops(1_000, read=400_000)
    other = replace(source_ops[1], op_name="other", producers=(), weight_elements=100_000_000)
    groups = _groups(source_ops, 16, 4)
    (group,) = with_roofs(groups, FLOAT_CELL, INT8_CELL, (*source_ops, other), PEAKS)
    assert group.roof is not None
    assert group.roof.baseline_share == pytest.approx(0.5, rel=1e-3)


def test_a_layer_bound_by_memory_gains_what_smaller_data_give() -> None:
    source_ops = _ops(1_000_000, weights=400_000_000)
    amx = [replace(cell, isa_flags=AMX) for cell in (FLOAT_CELL, INT8_CELL)]
    roof = _roof(source_ops, 200_000, 80_000, PEAKS, *amx)
    assert roof.memory_bound is True
    assert roof.possible == pytest.approx(4.0)  # and not 32
    assert roof.candidate_share == pytest.approx(0.5)  # 400 MB at 10 GB/s
    assert _roof(source_ops, 200_000, 80_000, None, *amx).possible == 32.0


def test_a_layer_gains_more_where_only_its_int8_data_fit_into_a_cache() -> None:
    # 1 M weights: 4 MB from memory take 400 µs, 1 MB from the cache 5 µs; computing 20 µs, 5 µs
    roof = _roof(_ops(2_000_000, weights=1_000_000), 800, 10)
    assert roof.possible == pytest.approx(400 / 5, rel=1e-3)


def test_a_layer_between_gains_until_its_data_are_what_limits() -> None:
    amx = [replace(cell, isa_flags=AMX) for cell in (FLOAT_CELL, INT8_CELL)]
    # 8000 µs of computing become 250 µs; 0.25 MiB of data take 1.3 µs
    assert _roof(_ops(800_000_000, read=MIB // 4), 9000, 900, PEAKS, *amx).possible == 32.0
    # 1000 µs of computing become 31 µs; 2.2 MB of weights take 220 µs from memory
    roof = _roof(_ops(100_000_000, weights=2_200_000), 2000, 900, PEAKS, *amx)
    assert roof.possible == pytest.approx(1000 / 220, rel=1e-3)


def test_a_batch_grows_the_work_and_not_the_weights() -> None:
    cells = [replace(cell, batch=8) for cell in (FLOAT_CELL, INT8_CELL)]
    source_ops = _ops(10_000_000, read=300, weights=216, written=800)
    roof = _roof(source_ops, 1000, 400, PEAKS, *cells)
    assert (roof.gflop, roof.candidate_bytes) == (0.08, 8 * 1100 + 216)
    assert roof.candidate_share == pytest.approx(0.08 / 400 * 1e6 / 400)


def test_in_throughput_work_is_that_of_an_item_as_its_time_is() -> None:
    cells = [replace(cell, batch=8, scenario="throughput") for cell in (FLOAT_CELL, INT8_CELL)]
    source_ops = _ops(10_000_000, read=300, weights=216, written=800)
    roof = _roof(source_ops, 125, 50, PEAKS, *cells)
    assert (roof.gflop, roof.candidate_bytes) == (0.01, 1100 + 216 / 8)
    assert roof.candidate_share == pytest.approx(0.01 / 400 * 1e6 / 50)


def test_peaks_hold_for_what_they_were_measured_on_alone() -> None:
    source_ops = _ops(100_000_000)
    other = replace(PEAKS, device_id="elsewhere")
    one_node = replace(PEAKS, whole_device=False)
    threads = replace(INT8_CELL, threads=4), replace(INT8_CELL, threads=2)
    loaded = replace(INT8_CELL, scenario="throughput")
    assert _roof(source_ops, 1000, 500, other).candidate_share is None
    assert _roof(source_ops, 1000, 500, one_node).candidate_share == 0.5
    assert _roof(source_ops, 1000, 500, one_node, candidate=loaded).candidate_share is None
    assert _roof(source_ops, 1000, 500, PEAKS, candidate=loaded).candidate_share == 0.5
    found = [_roof(source_ops, 1000, 500, candidate=cell).candidate_share for cell in threads]
    assert found == [0.5, None]


def test_without_a_peak_of_its_precision_or_without_a_time_there_is_no_share() -> None:
    source_ops = _ops(100_000_000)
    no_int8 = replace(PEAKS, rows=PEAKS.rows[:3] + PEAKS.rows[4:])
    roof = _roof(source_ops, 1000, 500, no_int8)
    assert (roof.baseline_share, roof.candidate_share, roof.memory_bound) == (1.0, None, None)
    assert _roof(source_ops, 0.0, 500).baseline_share is None


def test_a_layer_that_only_moves_data_has_a_roof_of_bandwidth() -> None:
    source_ops = ops(("data", "opset1::Parameter"), ("pool", "opset1::MaxPool"))
    sized = tuple(replace(op, output_elements=64 * MIB, input_shapes=()) for op in source_ops)
    pooled = aligned([node(0, "pool", 100_000, kind="Pooling")],
                     [node(0, "pool", 30_000, kind="Pooling", precision="u8")], sized)  # fmt: skip
    (group,) = with_roofs(pooled.groups, FLOAT_CELL, INT8_CELL, sized, PEAKS)
    assert group.roof is not None
    assert (group.roof.gflop, group.roof.possible) == (0.0, None)
    assert group.roof.baseline_share == pytest.approx(512 * MIB / 10e9 * 1e6 / 100_000)


def test_a_group_of_unknown_operations_has_no_roof() -> None:
    groups = _groups(_ops(1000), 10, 5)
    (group,) = with_roofs(groups, FLOAT_CELL, INT8_CELL, (), PEAKS)
    assert group.roof is None


def test_a_side_without_a_layer_moves_nothing() -> None:
    groups = aligned([], [node(0, "conv", 10.0, precision="u8")], _ops(1000)).groups
    (group,) = with_roofs(groups, FLOAT_CELL, INT8_CELL, _ops(1000), PEAKS)
    assert group.roof is not None
    assert (group.roof.baseline_bytes, group.roof.baseline_share) == (0.0, None)
    assert group.roof.possible is None


def test_the_peak_of_a_precision_is_the_best_that_ran_in_it() -> None:
    assert peak_flops(PEAKS, "FP32") == 100e9
    assert peak_flops(PEAKS, "i8") == 400e9
    assert peak_flops(PEAKS, "f16") is None
    # int8 that was asked for and ran in f32 says nothing about int8
    in_float = replace(PEAKS, rows=(replace(_peak(FLOPS, 50.0), precision="int8"),))
    assert peak_flops(in_float, "i8") is None


def test_bandwidth_is_that_of_the_nearest_level_that_holds_the_data() -> None:
    sizes = (1, MIB, 2 * MIB, 2 * MIB + 1, 256 * MIB, 999 * MIB)
    assert [peak_bandwidth(PEAKS, size) for size in sizes] == [200e9] * 3 + [10e9] * 3
    assert peak_bandwidth(replace(PEAKS, rows=PEAKS.rows[:4]), MIB) is None


def test_the_ridge_is_where_the_two_roofs_meet() -> None:
    assert ridge(PEAKS, "f32") == pytest.approx(10.0)
    assert ridge(PEAKS, "u8") == pytest.approx(40.0)
    assert ridge(PEAKS, "f16") is None


CHAIN = ops(
    ("data", "opset1::Parameter"), ("conv", "opset1::Convolution"), ("pool", "opset1::MaxPool"),
    ("fc", "opset1::MatMul"),
)  # fmt: skip


def _chain(precision: str = "f32", conv_us: float = 600.0) -> list[Group]:
    return list(
        aligned(
            [
                node(0, "conv", conv_us, precision=precision),
                node(1, "pool", 100.0, kind="Pooling", precision=precision),
                node(2, "fc", 200.0, kind="FullyConnected", precision=precision),
            ],
            [
                node(0, "conv", 150.0, precision="u8"),
                node(1, "pool", 50.0, kind="Pooling", precision="u8"),
                node(2, "fc", 50.0, kind="FullyConnected", precision="u8"),
            ],
            CHAIN,
        ).groups
    )


def test_only_convolutions_and_products_shrink() -> None:
    # 800 of 1000 µs, four times as fast: 1000 / (200 + 200)
    found = model_ceiling(FLOAT_CELL, INT8_CELL, _chain(), (), 1000.0)
    assert found is not None
    assert (found.isa, found.layer_low, found.layer_high) == (Isa.AVX512_VNNI.value, 4.0, 4.0)
    assert found.model == pytest.approx(1000 / 400)
    assert found.heavy_share == pytest.approx(0.8)


def test_time_that_no_layer_accounts_for_does_not_shrink() -> None:
    found = model_ceiling(FLOAT_CELL, INT8_CELL, _chain(), (), 1600.0)
    assert found is not None
    assert found.model == pytest.approx(1600 / 1000)
    assert found.heavy_share == pytest.approx(0.5)


def test_layers_that_take_longer_than_the_wall_do_not_make_time_negative() -> None:
    found = model_ceiling(FLOAT_CELL, INT8_CELL, _chain(), (), 500.0)
    assert found is not None
    assert found.model == pytest.approx(900 / 300)
    assert found.heavy_share == pytest.approx(800 / 900)


def test_what_the_baseline_converts_stays_too() -> None:
    pair = aligned(
        [node(0, "conv", 800.0), reorder(1, 200.0, reads=[0], precision="f32", to="f32")],
        [node(0, "conv", 200.0, precision="u8")],
        CHAIN,
    )
    found = model_ceiling(FLOAT_CELL, INT8_CELL, pair.groups, pair.inserted, 900.0)
    assert found is not None
    assert found.model == pytest.approx(1000 / 400)


def test_over_a_16_bit_baseline_it_is_twice() -> None:
    cells = [replace(cell, isa_flags=AMX) for cell in (FLOAT_CELL, INT8_CELL)]
    found = model_ceiling(cells[0], cells[1], _chain("bf16"), (), 1000.0)
    assert found is not None
    assert (found.isa, found.layer_low, found.layer_high) == ("AMX", 2.0, 2.0)
    assert found.model == pytest.approx(1000 / 600)
    over_f32 = model_ceiling(cells[0], cells[1], _chain("f32"), (), 1000.0)
    assert over_f32 is not None
    assert over_f32.model == pytest.approx(1000 / 225)


def test_each_layer_shrinks_by_what_it_ran_in() -> None:
    groups = [*_chain("bf16")[:2], *_chain("f32")[2:]]
    found = model_ceiling(FLOAT_CELL, INT8_CELL, groups, (), 1000.0)
    assert found is not None
    assert found.model == pytest.approx(1000 / (200 + 600 / 2 + 200 / 4))
    assert found.layer_high == 2.0  # most of the time ran in bf16


def test_a_range_of_factors_is_told_and_the_model_takes_the_best() -> None:
    cells = [replace(cell, isa_flags=("sse4_2",)) for cell in (FLOAT_CELL, INT8_CELL)]
    found = model_ceiling(cells[0], cells[1], _chain(), (), 1000.0)
    assert found is not None
    assert (found.layer_low, found.layer_high) == (2.7, 4.0)
    assert found.model == pytest.approx(1000 / 400)


def test_a_cap_lowers_the_ceiling() -> None:
    cells = [replace(cell, isa_cap="AVX2") for cell in (FLOAT_CELL, INT8_CELL)]
    found = model_ceiling(cells[0], cells[1], _chain(), (), 1000.0)
    assert found is not None
    assert found.isa == "AVX2"
    assert found.model == pytest.approx(1000 / 600)


@pytest.mark.parametrize(
    ("baseline", "candidate"),
    [
        (INT8_CELL, INT8_CELL),
        (FLOAT_CELL, FLOAT_CELL),
        (INT8_CELL, FLOAT_CELL),
        (FLOAT_CELL, replace(INT8_CELL, device_id="another")),
        (FLOAT_CELL, replace(INT8_CELL, isa_flags=())),
        (FLOAT_CELL, replace(INT8_CELL, isa_flags=("asimd",))),
    ],
)
def test_no_ceiling_is_claimed_of_other_pairs(baseline: CellView, candidate: CellView) -> None:
    assert model_ceiling(baseline, candidate, _chain(), (), 1000.0) is None
    roofs = with_roofs(_chain(), baseline, candidate, CHAIN, PEAKS)
    assert [group.roof.possible for group in roofs if group.roof] == [None] * 3


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_time_that_is_no_number_gives_no_number(broken: float) -> None:
    assert model_ceiling(FLOAT_CELL, INT8_CELL, _chain(), (), broken) is None
    assert _roof(_ops(100_000_000), broken, 500).baseline_share is None


def test_without_a_convolution_or_product_there_is_no_ceiling() -> None:
    assert model_ceiling(FLOAT_CELL, INT8_CELL, _chain()[1:2], (), 1000.0) is None
    assert model_ceiling(FLOAT_CELL, INT8_CELL, (), (), 1000.0) is None


def test_the_page_has_the_factors_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ceiling.md").read_text()
    for isa, flag in zip(Isa, FLAGS, strict=True):
        tops = [ceiling([flag], None, precision) for precision in ("f32", "bf16")]
        over_f32, over_half = (_told(top) for top in tops)
        assert tops[0] is not None
        assert tops[0].isa is isa
        assert f"| {isa} | {over_f32} | {over_half} | {tops[0].memory:g}x |" in page, isa


FLAGS = ("sse4_2", "avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8")


def _told(top: Ceiling | None) -> str:
    assert top is not None
    return f"{top.low:g}x" if top.low == top.high else f"{top.low:g}-{top.high:g}x"
