"""What changed between two versions for one cell: kernels, fusions, conversions, precision."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from results import queries
from results.comparison import InsertedKind, Verdict
from results.errors import UsageError
from results.store import Store
from results.versions.changes import changes_between
from results.versions.shapes import ChangeKind, Changes
from tests.planted import ARMS
from tests.planted_versions import (
    AGAIN,
    FUSED,
    INT8,
    NEWEST,
    OLD,
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
    assert [(node.producer, node.consumer, node.time_us) for node in found.gone] == [
        ("stem", "dw", 60.0),
        ("dw", "pw", 50.0),
    ]
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
