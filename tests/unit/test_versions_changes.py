"""What changed between two versions for one cell: kernels, fusions, conversions, precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.comparison import (
    Attribution,
    Group,
    GroupClass,
    InsertedKind,
    LayerSide,
    Verdict,
)
from results.errors import UsageError
from results.store import Store
from results.versions.change_shapes import ChangeKind
from results.versions.changes import changes_between
from results.versions.differences import Differences, differences
from results.versions.shapes import Changes
from tests.planted import ARMS
from tests.planted_versions import (
    AGAIN,
    FUSED,
    INT8,
    NEWEST,
    OLD,
    PLANS,
    truth_ms,
    version_cell_id,
    versions_store,
)

FLOAT, QUANTIZED = ARMS[0], ARMS[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return versions_store(tmp_path_factory.mktemp("versions") / "data").root


def changed(data: Path, before: str, after: str, arm: str) -> Changes:
    index = Store(data).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    pair = [cells[version_cell_id(version, arm=arm)] for version in (before, after)]
    return changes_between(index, *pair)


def test_the_ratio_is_that_of_the_versions_and_paired_with_an_interval(data: Path) -> None:
    found = changed(data, OLD, INT8, QUANTIZED)
    truth = truth_ms(INT8, QUANTIZED) / truth_ms(OLD, QUANTIZED)
    assert found.estimate.ratio == pytest.approx(truth, rel=0.01)
    assert found.estimate.verdict is Verdict.FASTER
    assert found.estimate.paired
    assert found.estimate.ci_low is not None
    assert found.estimate.ci_high is not None
    assert found.estimate.ci_low < truth < found.estimate.ci_high < 1


def test_the_depthwise_convolution_went_from_f32_to_int8(data: Path) -> None:
    (change,) = changed(data, FUSED, INT8, QUANTIZED).of_kind(ChangeKind.PRECISION)
    assert (change.label, change.is_depthwise) == ("dw", True)
    assert (change.from_precision, change.to_precision) == ("f32", "u8")
    assert (change.from_kernel, change.to_kernel) == ("jit_avx512_dw_f32", "brgconv_avx512_dw_I8")
    assert (change.before_us, change.after_us) == (200.0, 100.0)


def test_a_fusion_gained_is_a_fusion_lost_the_other_way_round(data: Path) -> None:
    (gained,) = changed(data, OLD, FUSED, FLOAT).of_kind(ChangeKind.FUSION_GAINED)
    (lost,) = changed(data, FUSED, OLD, FLOAT).of_kind(ChangeKind.FUSION_LOST)
    assert (gained.from_layers, gained.to_layers) == (("stem", "stem/hswish"), ("stem",))
    assert (lost.before_us, lost.after_us) == (gained.after_us, gained.before_us)
    assert gained.cause == "HSwish fused into convolutions"
    assert lost.cause == "HSwish no longer fused into convolutions"


def test_reorders_gone_name_what_they_stood_between_and_why(data: Path) -> None:
    found = changed(data, FUSED, INT8, QUANTIZED)
    assert [(node.producer, node.consumer) for node in found.gone] == [("stem", "dw"), ("dw", "pw")]
    assert tuple(node.time_us for node in found.gone) == (60.0, 50.0)
    assert {node.why for node in found.gone} == {InsertedKind.PRECISION}
    assert not found.come
    assert len(changed(data, INT8, FUSED, QUANTIZED).come) == 2


def test_a_kernel_that_changed_is_told_with_its_times(data: Path) -> None:
    (change,) = changed(data, AGAIN, NEWEST, FLOAT).groups
    assert change.kind is ChangeKind.KERNEL
    assert (change.from_kernel, change.to_kernel) == ("jit_avx512_dw_f32", "brgconv_avx512_dw_f32")
    assert (change.before_us, change.after_us, change.delta_us) == (200.0, 120.0, -80.0)
    assert change.cause == (
        "depthwise convolutions from jit_avx512_dw to brgconv_avx512_dw kernels"
    )


def test_names_that_are_spelled_anew_are_no_change(data: Path) -> None:
    found = changed(data, FUSED, INT8, FLOAT)
    assert not found.groups
    assert not found.causes
    assert found.sentence.endswith("No kernel, fusion, precision or conversion changed.")


@pytest.mark.parametrize("arm", [FLOAT, QUANTIZED])
@pytest.mark.parametrize(("before", "after"), [(OLD, NEWEST), (NEWEST, OLD), (OLD, FUSED)])
def test_the_sums_of_all_kinds_and_the_rest_are_the_wall_clock_difference(
    data: Path, before: str, after: str, arm: str
) -> None:
    found = changed(data, before, after, arm)
    assert found.unattributed_us is not None
    told = math.fsum(one.delta_us for one in found.sums) + found.unattributed_us
    wall_us = 1000.0 * (found.estimate.candidate_ms - found.estimate.baseline_ms)
    assert told == pytest.approx(wall_us)
    assert wall_us == pytest.approx(1000.0 * (truth_ms(after, arm) - truth_ms(before, arm)), abs=9)


def test_the_sentence_tells_the_verdict_and_what_changed_with_its_time(data: Path) -> None:
    sentence = changed(data, FUSED, INT8, QUANTIZED).sentence
    assert "2023.3.0 is 1.40x as fast" in sentence
    assert "2 Reorders gone (-110 µs)" in sentence
    assert "1 depthwise convolution from f32 to int8 kernels (-100 µs)" in sentence


def test_layers_are_told_at_the_pace_of_the_headline(tmp_path: Path) -> None:
    """Profiles say that they took twice as long as the headline: so did their layers."""
    slow = versions_store(tmp_path, profile_pace=2.0).root
    (change,) = changed(slow, AGAIN, NEWEST, FLOAT).groups
    assert change.before_us == pytest.approx(100.0, rel=0.02)
    assert change.after_us == pytest.approx(60.0, rel=0.02)


def test_times_are_withheld_where_the_layers_leave_more_open_than_the_effect(
    tmp_path: Path,
) -> None:
    """The kernel saves 80 µs, what no layer explains takes 65 µs more: 15 µs are left."""
    versions_store(tmp_path, (AGAIN,))
    data = versions_store(tmp_path, (NEWEST,), unattributed_us=105.0, day=1).root
    found = changed(data, AGAIN, NEWEST, FLOAT)
    assert found.withheld
    assert [(cause.text, cause.delta_us) for cause in found.causes] == [
        ("depthwise convolutions from jit_avx512_dw to brgconv_avx512_dw kernels", None)
    ]
    assert "no times are told" in found.sentence
    assert "µs" not in found.sentence.partition("What changed")[2]


def test_without_a_profile_the_verdict_stands_and_the_layers_are_said_to_be_unknown(
    tmp_path: Path,
) -> None:
    found = changed(versions_store(tmp_path, (OLD, FUSED), profiles=0).root, OLD, FUSED, FLOAT)
    assert not found.profiled
    assert found.estimate.verdict is Verdict.FASTER
    assert "not known" in found.sentence


def test_cells_that_differ_in_more_than_the_version_are_refused(data: Path) -> None:
    index = Store(data).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    with pytest.raises(UsageError, match="more than the OpenVINO version"):
        changes_between(
            index, cells[version_cell_id(OLD, arm=FLOAT)], cells[version_cell_id(INT8, arm=ARMS[1])]
        )


def test_a_lone_quantise_layer_is_the_same_one_under_its_old_name(tmp_path: Path) -> None:
    plans = {
        OLD: replace(PLANS[OLD], quantise="Quantize"),
        FUSED: replace(PLANS[FUSED], quantise="FakeQuantize"),
    }
    data = versions_store(tmp_path, (OLD, FUSED), plans=plans).root
    found = changed(data, OLD, FUSED, QUANTIZED)
    assert not found.gone
    assert not found.come
    both = next(one for one in found.sums if one.kind is ChangeKind.CONVERTED_IN_BOTH)
    assert both.count == 3, "the lone layer and the two Reorders"


def layer(kernel: str, kind: str, *ops: str, time_us: float = 10.0) -> LayerSide:
    return LayerSide(
        node_index=0, name="x", node_type=kind, primitive=kernel, runtime_precision="f32",
        output_layouts=(), output_shapes=(), time_us=time_us, original_names=(), op_types=ops,
    )  # fmt: skip


def group(before: Sequence[LayerSide], after: Sequence[LayerSide]) -> Group:
    return Group(
        label="x", op_type="Convolution", source_ops=("x",),
        group_class=GroupClass.SAME_PRECISION, baseline=tuple(before), candidate=tuple(after),
        baseline_us=1.0, candidate_us=1.0, method="name", confidence=1.0, flops=None,
    )  # fmt: skip


def differences_of(before: Sequence[LayerSide], after: Sequence[LayerSide]) -> Differences:
    wall = Attribution(1.0, (), 0.0, withheld=False)
    return differences([group(before, after)], [], wall, frozenset())


def change_of(before: Sequence[LayerSide], after: Sequence[LayerSide]) -> tuple[str, str]:
    """The kind and the cause of what the only group did."""
    found = differences_of(before, after)
    return (found.groups[0].kind.value, found.groups[0].cause) if found.groups else ("same", "")


JIT, BRG = (layer(f"{name}_avx512_f32", "Convolution") for name in ("jit", "brgconv"))
UNKNOWN, ADD = layer("unknown", "Eltwise"), layer("jit_avx512_f32", "Eltwise")


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([JIT, UNKNOWN], [BRG, UNKNOWN], "kernel"),
        ([JIT, ADD], [BRG, UNKNOWN], "kernel"),
        ([JIT, ADD], [JIT, UNKNOWN], "same"),
        ([JIT, UNKNOWN], [JIT, ADD], "same"),
        ([JIT], [layer("unknown", "Convolution")], "same"),
        ([JIT, ADD], [layer("unknown", "Convolution"), ADD], "same"),
    ],
)
def test_an_unknown_kernel_is_no_change_and_hides_none_of_other_layers(
    before: list[LayerSide], after: list[LayerSide], kind: str
) -> None:
    told, cause = change_of(before, after)
    assert told == kind
    if kind == "kernel":
        assert cause == "convolutions from jit_avx512 to brgconv_avx512 kernels"


def test_a_group_that_ran_alike_is_counted_and_told_as_no_change() -> None:
    before = layer("jit_avx512_f32", "Convolution", "Convolution", time_us=30.0)
    found = differences_of([before], [replace(before, time_us=20.0)])
    assert not found.groups
    assert [(one.kind, one.count) for one in found.sums] == [(ChangeKind.SAME, 1)]


def test_an_unknown_precision_is_no_change_of_precision() -> None:
    """OpenVINO 2021.2 has no runtime precision, and its ``ref_any`` says none either."""
    silent = replace(layer("ref_any", "Eltwise"), runtime_precision="")
    assert change_of([JIT, silent], [JIT, layer("ref_f32", "Eltwise")])[0] == "same"
    int8 = replace(layer("jit_avx512_I8", "Convolution"), runtime_precision="u8")
    assert change_of([JIT, silent], [int8, silent])[1] == "convolutions from f32 to int8 kernels"


@pytest.mark.parametrize("lost", [False, True])
def test_fusion_names_only_what_really_was_fused(lost: bool) -> None:
    conv, swish = layer("jit_f32", "Convolution", "Convolution"), layer("jit_f32", "Swish", "Swish")
    multiply = layer("jit_f32", "Eltwise", "Multiply")
    whole = layer("jit_f32", "Convolution", "Convolution", "Swish")
    sides = [conv, swish, multiply], [whole, multiply]
    told = change_of(*(reversed(sides) if lost else sides))
    word = "no longer fused" if lost else "fused"
    assert told[1] == f"Swish {word} into convolutions"
    (alone,) = differences_of(*(reversed(sides) if lost else sides)).lone
    assert (alone.operations, alone.is_candidate) == (("Swish",), lost)


def test_of_two_convolutions_in_a_group_what_was_fused_into_one_is_named() -> None:
    one = layer("jit_f32", "Convolution", "Convolution", time_us=90.0)
    two = layer("jit_f32", "Convolution", "Convolution", time_us=80.0)
    add = layer("jit_f32", "Eltwise", "Add")
    whole = layer("jit_f32", "Convolution", "Convolution", "Add", time_us=95.0)
    assert change_of([one, two, add], [one, whole])[1] == "Add fused into convolutions"
    pair = layer("jit_f32", "Convolution", "Convolution", "Convolution")
    assert change_of([one, two], [pair])[1] == "Convolution fused into convolutions"
