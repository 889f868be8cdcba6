"""How long a job will take: first guesses from a 2-core server, and the dry run's table.

Nothing is measured here; while a run lasts, its own pace corrects the guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.effort import Effort
from collector.job import Job
from collector.models.prepare import ModelOutline
from collector.plan import SeatedKind, precisions_of
from collector.sitting import LEAST_TURNS

# Seconds besides measuring: building and quantising a model; starting, compiling and warming up
# a launch; compiling from the cache.
PREPARE_S = 6.0
LAUNCH_S = 0.9
STARTUP_S = 0.7
_USUAL_ARMS = 3


@dataclass(frozen=True)
class DryCell:
    """A cell that would be measured, in the words of the request."""

    model: str
    arm: str
    device: str
    scenario: str


def cell_s(effort: Effort) -> float:
    """Expected seconds of all launches of one cell, if no block has to be repeated."""
    return (
        effort.blocks * seated_s(effort, "timing")
        + effort.profile_launches * seated_s(effort, "profile")
        + (effort.startup_launches + 1) * STARTUP_S
    )


def seated_s(effort: Effort, kind: SeatedKind) -> float:
    """Expected seconds of one launch of a sitting, start and warm-up included."""
    if kind == "timing":
        return LAUNCH_S + effort.measure_s
    return LAUNCH_S + max(effort.profile_s, LEAST_TURNS * effort.profile_slice_s)


def kept_s(effort: Effort, finished: Iterable[str], cells: int) -> float:
    """Expected seconds of the parts of a journal that are finished, as ``measure`` names them."""
    counts = Counter(name.partition("-")[0] for name in finished)
    return cells * (
        counts["block"] * seated_s(effort, "timing")
        + counts["profile"] * seated_s(effort, "profile")
        + (counts["startup"] + bool(counts["startup"])) * STARTUP_S
    )


def certificate_s(effort: Effort, comparisons: int) -> float:
    """Expected seconds of a certificate on a quiet machine."""
    return 2 * comparisons * effort.blocks * seated_s(effort, "timing")


def devices_of(job: Job) -> tuple[str, ...]:
    """The devices of a job in words, with each cap where they are CPUs, in each version."""
    versions = [f"OpenVINO {asked}" for asked in job.openvino]
    return tuple(
        ", ".join(filter(None, (name, cap and f"capped to {cap}", version)))
        for name in job.devices
        for cap in (job.isa_caps if name == "CPU" else (None,))
        for version in versions or [""]
    )


def expected_s(job: Job) -> float:
    """Expected seconds of a job, before anything is known of its models."""
    arms = len(job.arms) if job.arms else _USUAL_ARMS
    count = arms * len(job.models) * len(devices_of(job)) * len(job.scenarios)
    return PREPARE_S * len(job.models) + count * cell_s(job.effort)


def dry_cells(job: Job, outlines: Sequence[ModelOutline]) -> tuple[DryCell, ...]:
    """Every cell that a job would measure."""
    return tuple(
        DryCell(model.name, f"{kind}@{precision}", device, scenario.title)
        for scenario in job.scenarios
        for device in devices_of(job)
        for model in outlines
        for kind in model.kinds
        for precision in precisions_of(kind, job.arms)
    )


def dry_s(job: Job, found: Sequence[DryCell]) -> float:
    """Expected seconds of the cells of a dry run, models prepared anew."""
    return PREPARE_S * len(job.models) + len(found) * cell_s(job.effort)


def duration(seconds: float) -> str:
    """For people: ``45 s``, ``12 min``, ``2 h 5 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60.0), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
