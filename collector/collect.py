"""One run from start to end: prepare models, find devices, measure, commit."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collector.builtin.catalogue import BuiltinModel
from collector.devices import find_device
from collector.launcher import Launcher
from collector.machine import machine_cautions, this_machine
from collector.measure import Effort, Measurement
from collector.model_cache import ModelCache, PreparedModel
from collector.plan import PlannedCell, Scenario, cells
from collector.progress import Reporter, reporter
from collector.quantize import SIMPLIFIED
from collector.sources import Source, check_file, read_builtin, read_file
from results.errors import MeasurementError
from results.facts import Caution, Device, Fact, Machine, Run, Runtime
from results.version import __version__
from results.writer import RunWriter, check_writable, new_run_id

# Seconds that building and quantising took on a 2-core server: only a first guess.
_PREPARE_S = 6.0


@dataclass(frozen=True)
class FileModel:
    """A model file to measure, with the same network as its framework quantised it."""

    path: Path
    native: Path | None = None
    input_shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Job:
    """What one invocation of the collector was asked for."""

    data: Path
    models: tuple[BuiltinModel | FileModel, ...]
    ov_device: str
    isa_caps: tuple[str | None, ...]
    effort: Effort
    seed: int
    command: str


@dataclass(frozen=True)
class Outcome:
    """The committed run and how many of its cells could not be measured."""

    run_id: str
    path: Path
    cells: int
    failed_cells: int
    not_quantised: tuple[str, ...]


def collect(job: Job) -> Outcome:
    """Do the job and commit its run.

    Everything that can be refused is refused before the first model is built.
    Raises LensError; leaving early, by Ctrl-C too, leaves no half run.
    """
    check_writable(job.data)
    for model in job.models:
        if isinstance(model, FileModel):
            check_file(model.path)
            if model.native is not None:
                check_file(model.native)
    machine = this_machine()
    devices = [_find(job, machine, cap) for cap in job.isa_caps]
    with reporter(_expected_s(job)) as progress:
        prepared = _prepare(job, progress)
        planned = cells(prepared, devices, Scenario())
        return _measure(job, machine, planned, progress, devices)


def _find(job: Job, machine: Machine, cap: str | None) -> tuple[Device, Runtime]:
    return find_device(machine, job.ov_device, cap, Launcher(isa_cap=cap))


def _launches(job: Job) -> tuple[int, int]:
    arms = 3 * len(job.models) * len(job.isa_caps)
    return arms * job.effort.blocks, arms * job.effort.profile_launches


def _expected_s(job: Job) -> float:
    timing, profile = _launches(job)
    return (
        _PREPARE_S * len(job.models)
        + timing * job.effort.timing_s
        + profile * job.effort.profiling_s
    )


def _prepare(job: Job, progress: Reporter) -> tuple[PreparedModel, ...]:
    cache = ModelCache(job.data / "cache" / "models")
    prepared = []
    for wanted in job.models:
        name = wanted.name if isinstance(wanted, BuiltinModel) else wanted.path.name
        progress.step(f"building and quantising {name}", _PREPARE_S)
        prepared.append(cache.prepare(*_read(wanted)))
    return tuple({model.model.model_id: model for model in prepared}.values())


def _read(wanted: BuiltinModel | FileModel) -> tuple[Source, Source | None]:
    if isinstance(wanted, BuiltinModel):
        return read_builtin(wanted), None
    native = read_file(wanted.native, wanted.input_shape) if wanted.native else None
    return read_file(wanted.path, wanted.input_shape), native


def _measure(
    job: Job,
    machine: Machine,
    planned: tuple[PlannedCell, ...],
    progress: Reporter,
    devices: Sequence[tuple[Device, Runtime]],
) -> Outcome:
    started = datetime.now(UTC)
    run_id = new_run_id(started, secrets.token_hex(3))
    models = _models(planned)
    with RunWriter(job.data, run_id) as writer:
        writer.add(machine, *_planned_facts(planned))
        for device, runtime in devices:
            writer.add(device, runtime)
        measurement = Measurement(run_id, job.seed, job.effort, writer, progress.step)
        measurement.blocks(planned)
        measurement.profiles(planned)
        if len(measurement.failed) == len(planned):
            raise MeasurementError(
                f"none of the {len(planned)} cells could be measured: {measurement.last_failure}",
                hint="run `python -m collector doctor`",
            )
        writer.add(*machine_cautions(run_id, machine))
        writer.add(*_unquantised_cautions(run_id, planned))
        writer.add(_run_fact(job, run_id, machine, started))
        path = writer.commit(tool_version=__version__)
    names = tuple(model.model.name for model in models if not model.is_quantised)
    return Outcome(run_id, path, len(planned), len(measurement.failed), names)


def _models(planned: Sequence[PlannedCell]) -> tuple[PreparedModel, ...]:
    """The models of the cells, each once."""
    return tuple({cell.model.model.model_id: cell.model for cell in planned}.values())


def _planned_facts(planned: Sequence[PlannedCell]) -> list[Fact]:
    facts: list[Fact] = []
    for model in _models(planned):
        facts.append(model.model)
        for variant in model.variants:
            facts += [variant.variant, *variant.source_ops]
    return [*facts, *(cell.cell for cell in planned)]


def _unquantised_cautions(run_id: str, planned: Sequence[PlannedCell]) -> list[Caution]:
    return [
        Caution(run_id, "nothing_quantised", "cell", cell.cell.cell_id, cell.model.model.name)
        for cell in planned
        if cell.variant.variant.kind == SIMPLIFIED and not cell.model.is_quantised
    ]


def _run_fact(job: Job, run_id: str, machine: Machine, started: datetime) -> Run:
    return Run(
        run_id=run_id,
        kind="measured",
        machine_id=machine.machine_id,
        started_at=started,
        ended_at=datetime.now(UTC),
        tool_version=__version__,
        command=job.command,
        seed=job.seed,
        blocks_planned=job.effort.blocks,
        profile_launches=job.effort.profile_launches,
    )
