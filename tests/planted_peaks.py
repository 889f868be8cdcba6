"""A run of measured peaks with figures that are easy to compute with; no cells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from results.facts import Fact, Peak
from results.store import Store
from tests.planted import cellless_run

MIB = 2**20


def planted_peaks(root: Path, device_id: str = "device", *, day: int = 31) -> Store:
    """f32 100, bf16 200 and INT8 400 GFLOP/s; 200 GB/s in a cache of 2 MiB, else 10 GB/s."""

    def facts(run_id: str) -> Iterator[Fact]:
        for precision, ran_in, value in (
            ("f32", "f32", 100.0), ("bf16", "bf16", 200.0), ("int8", "u8", 400.0),
        ):  # fmt: skip
            yield _peak(run_id, device_id, "flops", precision, ran_in, MIB, value)
        for size, value in ((MIB, 200.0), (256 * MIB, 10.0)):
            yield _peak(run_id, device_id, "bandwidth", "f32", "f32", size, value)

    return cellless_run(root, "peaks", facts, day=day)


def _peak(
    run_id: str, device_id: str, kind: str, precision: str, ran_in: str, size: int, value: float
) -> Peak:
    return Peak(
        run_id=run_id, device_id=device_id, runtime_id="2026.4.1-00000-planted", kind=kind,
        operation="MatMul" if kind == "flops" else "Add", precision=precision,
        working_set_bytes=size, value=value, executed_precision=ran_in,
        primitive=f"jit_avx512_{ran_in}", threads=4, pinned_to="0-3",
        measured_at=datetime(2026, 11, 23, tzinfo=UTC), iterations=100, steal_share=0.0,
        other_cpu_share=0.0, throttled_us=0,
    )  # fmt: skip
