"""The layers of a comparison as one list: they add up to the waterfall, and can be named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.align import Alignment
from results.compare import compare_cells
from results.comparison import FoundCause, GroupClass
from results.facts import ExecNode
from results.groups import telling
from results.inserted import with_operations
from results.layer_rows import (
    LayerRow,
    kernel_family,
    layer_rows,
    other_fusion,
    other_kernel,
    other_precision,
    rows_of_cause,
    sum_us,
)
from tests.planted import planted_store
from tests.unit.pairs import aligned, node, ops, reorder, side

SOURCE = ops(("conv", "Convolution"), ("act", "HSwish"), ("fc", "MatMul"))
FLOAT = (
    node(0, "x", None, kind="Input", names=()),
    reorder(1, 30.0, reads=(0,), precision="f32"),
    node(2, "conv", 100.0, names=("conv", "act"), reads=(1,)),
    node(3, "fc", 50.0, kind="MatMul", reads=(2,)),
)
INT8 = (
    node(0, "x", None, kind="Input", names=()),
    reorder(1, 20.0, reads=(0,), precision="f32"),
    node(2, "conv", 40.0, precision="u8", reads=(1,)),
    node(3, "act", 15.0, kind="HSwish", reads=(2,)),
    reorder(4, 5.0, reads=(3,)),
    node(5, "fc", 60.0, kind="MatMul", precision="u8", reads=(4,)),
)


def rows_of(
    baseline: tuple[ExecNode, ...], candidate: tuple[ExecNode, ...]
) -> tuple[LayerRow, ...]:
    pair: Alignment = aligned(baseline, candidate, SOURCE)
    a, b = side(baseline).averaged, side(candidate).averaged
    return layer_rows(pair.groups, with_operations(pair.inserted, pair.groups, a, b))


def by_key(rows: tuple[LayerRow, ...]) -> dict[str, LayerRow]:
    found = {row.key: row for row in rows}
    assert len(found) == len(rows), "no two rows share a key"
    return found


def test_every_bar_of_the_waterfall_is_the_sum_of_its_rows(tmp_path: Path) -> None:
    index = planted_store(tmp_path, default_ratio=0.9).index()
    cells = {cell.arm: cell for cell in queries.cells(index)}
    for baseline in ("fp32@f32", "fp32@default"):
        found = compare_cells(index, cells[baseline], cells["int8-simplified@default"])
        rows = layer_rows(found.groups, found.inserted)
        assert found.attribution is not None
        bars = dict(found.attribution.parts)
        for kind in GroupClass:
            mine = sum_us(row for row in rows if row.layer_class is kind)
            assert mine == pytest.approx(bars.get(kind, 0.0), abs=1e-6), kind


def test_a_conversion_that_both_sides_have_is_one_row() -> None:
    row = by_key(rows_of(FLOAT, INT8))["both: Reorder the input > conv"]
    assert (row.baseline_us, row.candidate_us, row.delta_us) == (30.0, 20.0, -10.0)
    assert row.layer_class is GroupClass.CONVERTED_ON_BOTH
    assert [one.side for one in row.inserted] == ["baseline", "candidate"]


def test_an_inserted_layer_is_named_by_where_it_stands_not_by_its_own_name() -> None:
    """OpenVINO numbers such layers anew in every process: a link has to find them again."""
    renamed = tuple(
        replace(one, name=f"{one.name}_777") if one.node_type == "Reorder" else one for one in INT8
    )
    key = "candidate: Reorder conv > fc"
    before, after = by_key(rows_of(FLOAT, INT8)), by_key(rows_of(FLOAT, renamed))
    assert set(before) == set(after)
    assert before[key].layer_class is GroupClass.INSERTED
    assert (before[key].baseline_us, before[key].candidate_us) == (None, 5.0)


def test_equal_places_are_told_apart_by_a_number() -> None:
    second = reorder(5, 6.0, reads=(3,))
    fc = node(6, "fc", 60.0, kind="MatMul", precision="u8", reads=(4, 5))
    keys = by_key(rows_of(FLOAT, (*INT8[:5], second, fc)))
    assert {"candidate: Reorder conv > fc", "candidate: Reorder conv > fc~2"} <= set(keys)


def test_the_costliest_difference_comes_first_and_losses_keep_their_places() -> None:
    rows = rows_of(FLOAT, INT8)
    sizes = [abs(row.delta_us) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    gains = tuple(
        replace(rows[0], key=f"gain{i}", baseline_us=1000.0 + i, candidate_us=0.5)
        for i in range(20)
    )
    loss = next(row for row in rows if row.delta_us > 0)
    shown = telling((*gains, loss), 5)
    assert len(shown) == 5
    assert loss in shown


def test_a_row_says_how_many_times_as_fast_only_where_both_sides_have_time() -> None:
    rows = by_key(rows_of(FLOAT, INT8))
    assert rows["fc"].times_as_fast == pytest.approx(50.0 / 60.0)
    assert rows["candidate: Reorder conv > fc"].times_as_fast is None


def test_what_the_sides_are_unlike_in() -> None:
    rows = by_key(rows_of(FLOAT, INT8))
    assert other_precision(rows["fc"])
    assert not other_kernel(rows["fc"]), "jit_avx512 in another precision is the same kernel"
    assert not other_fusion(rows["fc"])
    assert other_fusion(rows["conv"]), "the activation was fused, and is now a layer of its own"
    assert not other_precision(rows["both: Reorder the input > conv"])
    same = by_key(rows_of(FLOAT, FLOAT))
    assert not any(other_precision(row) or other_fusion(row) for row in same.values())
    slow = (*INT8[:5], replace(INT8[5], primitive="gemm_blas_u8"))
    assert other_kernel(by_key(rows_of(FLOAT, slow))["fc"])


@pytest.mark.parametrize(
    ("primitive", "family"),
    [
        ("brgconv_avx512_1x1_I8", "brgconv_avx512_1x1"),
        ("jit_avx512_FP32", "jit_avx512"),
        ("brgconv_avx512_dw_bf16", "brgconv_avx512_dw"),
        ("ref_any", "ref_any"),
        ("f32", "f32"),
        ("", ""),
    ],
)
def test_the_family_of_a_kernel_is_its_name_without_the_precision(
    primitive: str, family: str
) -> None:
    assert kernel_family(primitive) == family


def test_a_cause_leads_to_the_rows_that_hold_its_layers() -> None:
    rows = rows_of(FLOAT, INT8)
    cause = FoundCause("c", "Title", 20.0, "seen", "do", "high", ("reorder4", "act"))
    assert {row.key for row in rows_of_cause(cause, rows)} == {
        "candidate: Reorder conv > fc",
        "conv",
    }


def test_the_layers_of_lost_time_stand_worst_first_and_others_by_their_time() -> None:
    rows = rows_of(FLOAT, INT8)
    layers = tuple(layer.name for row in rows for layer in row.candidate)
    cause = FoundCause("slower_kernel", "Title", 20.0, "seen", "do", "high", layers)
    lost = [row.delta_us for row in rows_of_cause(cause, rows)]
    assert lost == sorted(lost, reverse=True)
    taken = [
        row.candidate_us or 0.0
        for row in rows_of_cause(replace(cause, cause_id="left_in_float"), rows)
    ]
    assert taken == sorted(taken, reverse=True)
    assert next(row.key for row in rows_of_cause(cause, rows)) == "fc"


def test_a_layer_whose_difference_reads_0_is_neither_faster_nor_slower() -> None:
    row = by_key(rows_of(FLOAT, INT8))["fc"]
    assert not row.is_level
    assert replace(row, candidate_us=50.04).is_level
    assert not replace(row, candidate_us=50.06).is_level
    other = replace(row, candidate_us=50.0, layer_class=GroupClass.LEFT_IN_FLOAT)
    assert not other.is_level, "left in float stays what it is"
