"""`doctor --peaks` on this machine, for real; how fast it is says nothing here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from results.kinds import is_int8
from tests.e2e.tiny import collector


@pytest.mark.slow
def test_the_peaks_of_this_machine_are_measured_and_stored(tmp_path: Path) -> None:
    done = collector("doctor", "--peaks", "--data", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["unmeasured"] == []
    compute = [row for row in body["peaks"] if row["kind"] == "flops"]
    ran = {(row["operation"], row["precision"]): row["executed_precision"] for row in compute}
    for operation in ("MatMul", "Convolution"):
        assert ran[operation, "f32"] == "f32"
        assert is_int8(ran[operation, "int8"])
    assert all(row["value"] > 0 and row["iterations"] >= 5 for row in body["peaks"])
    sizes = [row["working_set_bytes"] for row in body["peaks"] if row["kind"] == "bandwidth"]
    assert len(sizes) >= 2
    assert sizes == sorted(sizes)
    assert (tmp_path / "runs" / body["run_id"] / "peaks.parquet").exists()
