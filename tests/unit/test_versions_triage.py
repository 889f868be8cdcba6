"""The triage of two versions: every cell in its bucket, the same cause told once."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.comparison import Estimate, Verdict
from results.store import Store
from results.versions.changes import changes_between
from results.versions.reasons import reason_key
from results.versions.shapes import Bucket, Triage, Version
from results.versions.triage import MUCH, all_versions, bucket_of, triage
from tests.planted import ARMS, planted_store
from tests.planted_versions import AGAIN, FUSED, INT8, NEWEST, OLD, version_cell_id, versions_store

FLOAT, DEFAULT, QUANTIZED = ARMS
CRASH = "timing: the probe was ended by signal 11 (SIGSEGV)"
REFUSED = "timing: Einsum-7 (layer x) is not in opset5"


def sorted_out(store: Store, before: str = OLD, after: str = INT8) -> Triage:
    index = store.index()
    versions = {version.version: version for version in all_versions(index)}
    return triage(index, versions[before], versions[after])


def buckets(found: Triage) -> Mapping[tuple[str, str], Bucket]:
    return {(row.cell.model, row.cell.arm): row.bucket for row in found.rows}


def estimate(verdict: Verdict, ratio: float) -> Estimate:
    return Estimate(verdict, ratio, ratio, ratio, True, 5, None, 1.0, ratio)


@pytest.mark.parametrize(
    ("verdict", "ratio", "bucket"),
    [
        (Verdict.SLOWER, MUCH, Bucket.MUCH_SLOWER),
        (Verdict.SLOWER, MUCH - 0.01, Bucket.SLOWER),
        (Verdict.FASTER, 1 / MUCH, Bucket.MUCH_FASTER),
        (Verdict.FASTER, 1 / MUCH + 0.01, Bucket.FASTER),
        (Verdict.EQUIVALENT, 1.01, Bucket.SAME),
        (Verdict.INCONCLUSIVE, 2.0, Bucket.INCONCLUSIVE),
    ],
)
def test_a_verdict_and_the_size_of_its_effect_give_the_bucket(
    verdict: Verdict, ratio: float, bucket: Bucket
) -> None:
    assert bucket_of(estimate(verdict, ratio)) is bucket


def test_faster_and_much_faster_cells_stand_in_their_buckets(tmp_path: Path) -> None:
    found = sorted_out(versions_store(tmp_path, (OLD, INT8)))
    assert buckets(found) == {
        ("tiny", FLOAT): Bucket.FASTER,
        ("tiny", DEFAULT): Bucket.FASTER,
        ("tiny", QUANTIZED): Bucket.MUCH_FASTER,
    }
    back = sorted_out(Store(tmp_path), INT8, OLD)
    assert back.in_bucket(Bucket.MUCH_SLOWER)[0].cell.arm == QUANTIZED


def test_equal_versions_are_the_same_and_noisy_ones_inconclusive(tmp_path: Path) -> None:
    same = sorted_out(versions_store(tmp_path / "a", (INT8, AGAIN)), INT8, AGAIN)
    assert same.counts == ((Bucket.SAME, 3),)
    noisy = versions_store(tmp_path / "b", (INT8, AGAIN), noise=60.0)
    assert Bucket.INCONCLUSIVE in dict(sorted_out(noisy, INT8, AGAIN).counts)
    assert Bucket.INCONCLUSIVE.value == Verdict.INCONCLUSIVE.value, "one thing, one word"


def test_failed_fixed_and_failed_in_both_have_their_ends_of_the_list(tmp_path: Path) -> None:
    failed = {
        (OLD, "tiny", FLOAT): CRASH,
        (INT8, "tiny", DEFAULT): REFUSED,
        (OLD, "tiny", QUANTIZED): CRASH,
        (INT8, "tiny", QUANTIZED): CRASH,
    }
    found = sorted_out(versions_store(tmp_path, (OLD, INT8), failed=failed))
    assert [(row.bucket, row.cell.arm, row.reason) for row in found.rows] == [
        (Bucket.FAILED, DEFAULT, REFUSED),
        (Bucket.FIXED, FLOAT, CRASH),
        (Bucket.FAILED_IN_BOTH, QUANTIZED, CRASH),
    ]


def test_a_cell_that_only_one_version_launched_is_new_or_vanished(tmp_path: Path) -> None:
    left_out = ((OLD, "new"), (INT8, "gone"))
    store = versions_store(tmp_path, (OLD, INT8), models=("new", "gone"), left_out=left_out)
    assert dict(sorted_out(store).counts) == {Bucket.NEW: 3, Bucket.VANISHED: 3}


def test_a_cell_that_failed_in_its_latest_run_failed(tmp_path: Path) -> None:
    versions_store(tmp_path, (OLD, INT8))
    failed = {(INT8, "tiny", FLOAT): CRASH}
    store = versions_store(tmp_path, (OLD, INT8), failed=failed, day=1)
    assert buckets(sorted_out(store))["tiny", FLOAT] is Bucket.FAILED


def test_the_same_cause_is_told_once_with_a_count_of_cells_and_models(tmp_path: Path) -> None:
    store = versions_store(tmp_path, (FUSED, INT8), models=("a", "b"), caps=(None, "AVX2"))
    found = sorted_out(store, FUSED, INT8)
    assert [(cause.text, cause.cells, cause.layers, cause.models) for cause in found.causes] == [
        ("Reorders gone", 4, 8, ("a", "b")),
        ("depthwise convolutions from f32 to int8 kernels", 4, 4, ("a", "b")),
    ]
    assert found.causes[0].delta_us == pytest.approx(-440.0)
    assert "8 Reorders gone (-440 µs in all): 4 cells of 2 models" in found.sentence


def test_the_same_reason_of_a_failure_is_told_once(tmp_path: Path) -> None:
    failed = {(INT8, model, arm): CRASH for model in ("a", "b") for arm in (FLOAT, DEFAULT)}
    store = versions_store(tmp_path, (OLD, INT8), models=("a", "b"), failed=failed)
    (failure,) = sorted_out(store).failures
    assert (failure.text, failure.cells, failure.models) == (CRASH, 4, ("a", "b"))


def test_the_causes_of_the_triage_are_those_of_the_details(tmp_path: Path) -> None:
    store = versions_store(tmp_path, (OLD, INT8))
    index = store.index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    for row in sorted_out(store).rows:
        pair = [cells[version_cell_id(version, arm=row.cell.arm)] for version in (OLD, INT8)]
        alone = changes_between(index, *pair)
        assert row.estimate == alone.estimate
        assert [(c.text, c.count) for c in row.causes] == [(c.text, c.count) for c in alone.causes]
        for one, other in zip(row.causes, alone.causes, strict=True):
            assert one.delta_us == pytest.approx(other.delta_us)


def test_imported_and_published_cells_never_count(tmp_path: Path) -> None:
    index = versions_store(tmp_path, (OLD, INT8)).index()
    cells = [replace(cell, origin="imported") for cell in queries.cells(index)]
    versions = all_versions(index)
    assert not triage(index, versions[0], versions[1], cells).rows


def test_a_variant_by_an_older_recipe_is_no_news_beside_the_one_that_both_ran(
    tmp_path: Path,
) -> None:
    index = versions_store(tmp_path, (OLD, INT8)).index()
    cells = list(queries.cells(index))
    newest = next(c for c in cells if c.runtime == INT8 and c.arm == QUANTIZED)
    other = replace(newest, cell_id="another", variant_id="older")
    versions = all_versions(index)
    found = triage(index, versions[0], versions[1], [*cells, other])
    assert Bucket.NEW not in dict(found.counts)


def test_versions_of_different_runs_are_compared_unpaired(tmp_path: Path) -> None:
    versions_store(tmp_path, (OLD,))
    store = versions_store(tmp_path, (INT8,), day=1)
    (row,) = [row for row in sorted_out(store).rows if row.cell.arm == QUANTIZED]
    assert row.estimate is not None
    assert not row.estimate.paired


def test_a_store_of_one_version_has_one_and_no_rows_against_another(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    (only,) = all_versions(index)
    other = Version("none", "2020.1", "2020.1", "2020.1")
    assert {row.bucket for row in triage(index, other, only).rows} == {Bucket.NEW}


def test_two_hundred_cells_are_sorted_out_within_ten_seconds(tmp_path: Path) -> None:
    models = [f"model{number}" for number in range(34)]
    store = versions_store(
        tmp_path, (OLD, NEWEST), models=models, caps=(None, "AVX2"), blocks=3, profiles=1
    )
    index = store.index()
    versions = all_versions(index)
    started = time.process_time()
    found = triage(index, versions[0], versions[1])
    spent_s = time.process_time() - started
    assert math.fsum(count for _, count in found.counts) == 204
    assert spent_s < 10


def test_a_cell_that_only_the_newer_version_launched_and_that_failed_says_so(
    tmp_path: Path,
) -> None:
    failed = {(INT8, "tiny", QUANTIZED): CRASH}
    versions_store(tmp_path, (OLD,), arms=(FLOAT, DEFAULT))
    found = sorted_out(versions_store(tmp_path, (INT8,), failed=failed, day=1))
    row = next(row for row in found.rows if row.cell.arm == QUANTIZED)
    assert (row.bucket, row.reason) == (Bucket.NEW_FAILED, CRASH)
    assert "1 new, failed" in found.sentence
    assert f"Fails: {CRASH}: 1 cell of tiny." in found.sentence


def einsum(layer: str, opset: str = "opset5 of OpenVINO 2021.2") -> str:
    return f"timing: Einsum-7 (layer {layer}) is not in {opset}"


def test_reasons_that_differ_in_the_layer_or_the_version_are_told_once_with_an_example(
    tmp_path: Path,
) -> None:
    failed = {
        (INT8, "a", FLOAT): einsum("enc/3/scores"),
        (INT8, "a", DEFAULT): einsum("enc/4/scores", "opset8 of OpenVINO 2021.4.2"),
        (INT8, "b", FLOAT): einsum("scores"),
        (INT8, "b", DEFAULT): "timing: Gelu-7 (layer x) is not in opset5 of OpenVINO 2021.2",
    }
    store = versions_store(tmp_path, (OLD, INT8), models=("a", "b"), failed=failed)
    found = sorted_out(store).failures
    assert [(failure.cells, failure.models) for failure in found] == [(3, ("a", "b")), (1, ("b",))]
    assert found[0].text.startswith("timing: Einsum-7 (layer ")
    assert found[0].text.endswith("(one of 3 such, which differ in the layer or the version)")
    assert "Gelu-7" in found[1].text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the probe was ended by signal 11 (SIGSEGV)", "the probe was ended by signal 6 (SIGABRT)"),
        ("the probe ended with exit code 1", "the probe ended with exit code 3"),
        (einsum("a"), "timing: Gelu-7 (layer a) is not in opset5 of OpenVINO 2021.2"),
    ],
)
def test_reasons_that_differ_in_what_was_in_the_way_are_two(one: str, other: str) -> None:
    assert reason_key(one) != reason_key(other)


def test_a_cell_that_failed_in_both_for_other_reasons_tells_both(tmp_path: Path) -> None:
    failed = {
        (OLD, "tiny", FLOAT): CRASH,
        (INT8, "tiny", FLOAT): REFUSED,
        (OLD, "tiny", DEFAULT): einsum("x"),
        (INT8, "tiny", DEFAULT): einsum("y"),
    }
    found = sorted_out(versions_store(tmp_path, (OLD, INT8), failed=failed))
    rows = {row.cell.arm: row for row in found.rows}
    assert rows[FLOAT].bucket is Bucket.FAILED_IN_BOTH
    assert rows[FLOAT].reason == f"before: {CRASH}; now: {REFUSED}"
    assert rows[DEFAULT].reason == einsum("y"), "the same reason is told once"
    text = " ".join(failure.text for failure in found.failures)
    assert CRASH in text
    assert "Einsum-7" in text


def test_an_unpaired_row_stays_in_its_bucket_and_is_marked(tmp_path: Path) -> None:
    versions_store(tmp_path, (OLD,))
    found = sorted_out(versions_store(tmp_path, (INT8,), day=1))
    assert all(row.is_unpaired for row in found.rows)
    assert dict(found.counts)[Bucket.MUCH_FASTER] == 1
    assert "3 cells unpaired: measured in different runs" in found.sentence
    paired = sorted_out(versions_store(tmp_path, (OLD, INT8), day=2))
    assert not any(row.is_unpaired for row in paired.rows)
    assert "unpaired" not in paired.sentence
