"""Rows that the queries return and that no table has: facts joined, counted or trimmed.

Only shapes live here. ``CellView`` stands in ``results.comparison``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RunView:
    """A run with the names and the counts that a list of runs shows; times in UTC."""

    run_id: str
    kind: str
    machine_id: str | None
    started_at: datetime
    ended_at: datetime
    tool_version: str
    command: str
    seed: int | None
    blocks_planned: int | None
    profile_launches: int | None
    effort: str | None
    continued: int | None
    hostname: str
    machine_title: str
    cells: int
    launches: int
    failed_launches: int
    cautions: int
    model_titles: tuple[str, ...]
    source: str | None = None


@dataclass(frozen=True)
class LaunchView:
    """A launch without its latency samples; columns as in ``facts.Launch``.

    ``headline_ms`` is what everything compares: in latency the median latency, in
    throughput the time per item, 1000 / ``throughput_fps``. None where not measured. What a
    question did not ask for is None too, and takes no room.
    """

    run_id: str
    launch_id: str
    cell_id: str
    kind: str
    block: int | None
    attempt: int
    sitting: int | None
    position: int
    started_at: datetime
    status: str
    error: str | None = None
    stderr_tail: str | None = None
    read_ms: float | None = None
    compile_ms: float | None = None
    cached_compile_ms: float | None = None
    first_inference_ms: float | None = None
    warmup_iterations: int | None = None
    warmup_settled: bool | None = None
    iterations: int | None = None
    p50_ms: float | None = None
    p90_ms: float | None = None
    p99_ms: float | None = None
    mean_ms: float | None = None
    min_ms: float | None = None
    max_ms: float | None = None
    throughput_fps: float | None = None
    slice_ms: tuple[float, ...] | None = None
    inference_s: float | None = None
    requests: int | None = None
    pinned_to: str | None = None
    properties: str | None = None
    peak_memory_mib: float | None = None
    steal_share: float | None = None
    throttled_us: int | None = None
    cpu_pressure_us: int | None = None
    involuntary_switches: int | None = None
    frequency_mhz: float | None = None
    other_cpu_share: float | None = None
    headline_ms: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the launch measured what it was asked to."""
        return self.status == "ok"


@dataclass(frozen=True)
class RunCell:
    """A cell that a run has launched."""

    run_id: str
    cell_id: str


@dataclass(frozen=True)
class AccuracyRow:
    """A stored accuracy with the names of its variant and of its data; value as in ``facts``.

    ``newest`` says that no newer run than ``run_id`` judged the variant on the data;
    ``skipped`` is what that run left out, None where it did not store its data.
    """

    run_id: str
    newest: bool
    variant_id: str
    variant_kind: str
    model_id: str
    dataset_id: str
    dataset: str
    skipped: int | None
    skipped_names: tuple[str, ...] | None
    metric: str
    output: str | None
    reference_variant_id: str | None
    value: float
    samples: int


@dataclass(frozen=True)
class VariantView:
    """A variant with the name of its model, as a list of what was quantised shows it."""

    variant_id: str
    model_id: str
    model: str
    model_title: str
    kind: str
    tool: str | None
    tool_version: str | None
    recipe: str
    file_bytes: int | None
    note: str | None
