"""Suites, matrices, devices and certificates, as the command line runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from results.facts import Caution, Cell, Certificate, CertificateTrial, Device, Launch, Run
from results.unfinished import unfinished
from tests.e2e.tiny import (
    ARMS,
    alone,
    collector,
    results,
    runs_of,
    short_suite,
    stored,
    tiny_network,
)

QUICK = ("--effort", "quick", "--blocks", "2", "--seed", "5")


def test_a_dry_run_prints_the_cells_and_the_time_and_writes_nothing(tmp_path: Path) -> None:
    top = 'devices = ["CPU"]\nisa_caps = ["none", "AVX2"]'
    scenarios = '[[scenarios]]\nname = "throughput"\nbatch = [1, 4]'
    suite, data = short_suite(tmp_path, 2, top, scenarios), tmp_path / "store"
    before = sorted(tmp_path.rglob("*"))
    done = collector("run", suite, "--data", data, "--dry-run")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["model", "arm", "device", "scenario"]
    assert len([line for line in lines if line.startswith("tiny ")]) == 12
    assert "12 cells, effort custom (2 blocks): about " in lines[-1]
    body = json.loads(collector("run", suite, "--data", data, "--dry-run", "--json").stdout)
    assert {cell["arm"] for cell in body["cells"]} == set(ARMS)
    assert {cell["scenario"] for cell in body["cells"]} == {
        "throughput, batch 1",
        "throughput, batch 4",
    }
    assert body["expected_s"] > 10
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_a_matrix_of_throughput_cells_is_measured(tmp_path: Path) -> None:
    suite, data = tiny_network(tmp_path / "tiny.xml"), tmp_path / "store"
    done = alone(
        "run", "--model", suite, "--data", data, "--scenario", "throughput", "--batch", "1",
        "--batch", "4", "--arm", "fp32@f32", *QUICK,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (run,) = runs_of(data)
    batch = {cell.cell_id: cell.batch for cell in stored(Cell, run)}
    assert sorted(batch.values()) == [1, 4]
    for launch in stored(Launch, run):
        assert launch.status == "ok", launch.error
        if launch.kind == "timing":
            assert launch.pinned_to == "unpinned"
            assert launch.requests
            assert launch.throughput_fps
            assert launch.slice_ms
            per_item_ms = 1e3 / launch.throughput_fps
            assert min(launch.slice_ms) * 0.99 <= per_item_ms <= max(launch.slice_ms) * 1.01
            assert launch.p99_ms
            assert launch.p50_ms
            assert launch.p99_ms >= launch.p50_ms
    assert {one.cached_compile_ms is not None for one in stored(Launch, run)
            if one.kind == "startup"} == {True}  # fmt: skip


@pytest.mark.slow
def test_a_device_that_is_not_there_is_failed_cells_and_the_run_goes_on(tmp_path: Path) -> None:
    top = 'devices = ["NPU", "CPU", "AUTO:CPU"]\narms = ["fp32@default"]'
    data = tmp_path / "store"
    done = alone("run", short_suite(tmp_path, 1, top), "--data", data)
    assert done.returncode == 0, done.stderr
    assert "1 of 3 cells could not be measured" in done.stderr
    (run,) = runs_of(data)
    device = {one.device_id: one.ov_device for one in stored(Device, run)}
    of_cell = {cell.cell_id: device[cell.device_id] for cell in stored(Cell, run)}
    assert sorted(of_cell.values()) == ["AUTO:CPU", "CPU", "NPU"]
    launches = stored(Launch, run)
    (failed,) = [one for one in launches if one.status == "failed"]
    assert of_cell[failed.cell_id] == "NPU"
    assert "no device 'NPU' here; it has CPU" in (failed.error or "")
    assert {of_cell[one.cell_id] for one in launches if one.p50_ms} == {"AUTO:CPU", "CPU"}
    missing = [one for one in stored(Caution, run) if one.caution_id == "device_missing"]
    assert [of_cell[one.subject_id] for one in missing] == ["NPU"]


def test_a_run_of_missing_devices_alone_is_refused_and_stores_nothing(tmp_path: Path) -> None:
    data, tiny = tmp_path / "store", tiny_network(tmp_path / "tiny.xml")
    done = collector("run", "--model", tiny, "--device", "NPU", "--data", data)
    assert done.returncode == 2
    assert "NPU" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not runs_of(data)
    assert not unfinished(data)


@pytest.mark.slow
def test_a_run_whose_every_cell_fails_is_stored_with_the_reason(tmp_path: Path) -> None:
    data, tiny = tmp_path / "store", tiny_network(tmp_path / "tiny.xml")
    done = alone("run", "--model", tiny, "--data", data, "--memory-limit", "64", *QUICK)
    assert done.returncode == 3, done.stderr
    assert "3 of 3 cells could not be measured" in done.stderr
    assert "Traceback" not in done.stderr
    (run,) = runs_of(data)
    launches = stored(Launch, run)
    assert len(launches) == 3, "a cell that never worked was tried again"
    assert all(one.status == "failed" and one.error for one in launches)
    assert not unfinished(data)


@pytest.mark.slow
def test_a_certificate_is_stored_and_needs_enough_comparisons(tmp_path: Path) -> None:
    data, tiny = tmp_path / "store", tiny_network(tmp_path / "tiny.xml")
    done = alone(
        "certify", "--model", tiny, "--arm", "fp32@f32", "--comparisons", "2", "--data", data,
        *QUICK,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "not certified" in done.stdout
    (run,) = runs_of(data)
    assert [one.kind for one in stored(Run, run)] == ["certificate"]
    (certificate,) = stored(Certificate, run)
    assert (certificate.comparisons, certificate.blocks, certificate.arm) == (2, 2, "fp32@f32")
    trials = stored(CertificateTrial, run)
    assert [trial.trial for trial in trials] == [0, 1]
    assert all(trial.blocks == 2 and trial.ratio > 0 for trial in trials)
    listed = results("list", "--data", data)
    assert listed.returncode == 0, listed.stderr
    assert "in 2 comparisons of A against A" in " ".join(listed.stdout.split())
    assert not unfinished(data)
