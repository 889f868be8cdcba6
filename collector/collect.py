"""One run from start to end: find devices, prepare models, measure, commit; or continue one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from pathlib import Path

from collector.asking import Asker
from collector.certify import Certifier
from collector.devices import (
    NOT_EXPRESSIBLE,
    RUNTIME_BROKEN,
    FoundDevice,
    Obstacle,
    alike,
    find_device,
)
from collector.job import Job
from collector.jobfile import job_from_json, job_to_json
from collector.machine import machine_cautions, this_machine
from collector.measure import Measurement
from collector.models.given import check_given
from collector.models.ir_v10 import IrV10, ir_v10
from collector.models.order import wanted
from collector.models.prepare import models_folder, prepare
from collector.models.prepared import PreparedModel
from collector.plan import PlannedCell, cells
from collector.progress import Reporter, reporter
from collector.pulse import pulse
from collector.records import failed_launch
from collector.timetable import PREPARE_S, cell_s, certificate_s, expected_s, kept_s
from collector.using import Using, all_held, chosen
from results.command import note
from results.errors import HostError, LensError, MeasurementError, UsageError
from results.facts import Caution, Cell, Fact, Machine, Run, Variant
from results.journal import Journal
from results.unfinished import unfinished
from results.version import __version__
from results.writer import check_writable, new_run_id

MEASURED = "measured"
CERTIFICATE = "certificate"
_SETUP = "setup"
_OBSTACLES = {"device_missing": "device", RUNTIME_BROKEN: "runtime", NOT_EXPRESSIBLE: "model"}
_MEASURED_PARTS = ("block-", "trials-")


@dataclass(frozen=True)
class Outcome:
    """The committed run, how many of its cells could not be measured, and the last reason.

    ``kind`` is that of the run: measured, or certificate. ``lacking`` are variants that were
    asked for and that there is no data to make from, ``reused`` those that ``quantize`` made.
    """

    run_id: str
    path: Path
    kind: str
    cells: int
    failed_cells: int
    last_failure: str
    not_quantised: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()


def collect(job: Job) -> Outcome:
    """Do the job, a measurement or a certificate, and commit its run.

    Everything that can be refused is refused before the first model is built. Raises
    LensError. Whatever ends this process early, what is finished is kept for ``resume``;
    a run without a finished block is nothing to continue and is dropped.
    """
    check_writable(job.data)
    check_given(job.models)
    used = chosen(job.openvino, job.data)
    job = exactly(job, used)
    machine = this_machine()
    with all_held(used), pulse(job.data) as told, reporter(_expected_s(job), told) as progress:
        devices = find_devices(job, machine, used)
        _drop_empty(job.data)
        run_id = new_run_id(datetime.now(UTC), secrets.token_hex(3))
        planned = _planned(job, devices, progress)
        progress.begin(run_id)
        with Journal.create(job.data, run_id, job_to_json(job)) as journal, _worth_it(journal):
            journal.add(_SETUP, _setup(run_id, machine, devices, planned))
            return _work(job, journal, machine, planned, progress)


def resume(data: Path, run_id: str | None) -> Outcome:
    """Continue the unfinished run ``run_id``, or the newest one, after its finished parts.

    Raises UsageError where there is none, or where the machine, OpenVINO or a model is
    not what it was when the run began.
    """
    with Journal.open(data, run_id or _newest(data)) as journal:
        job = replace(job_from_json(journal.plan), data=data)
        for part in journal.damaged:
            note(
                f"warning: {part.name} was damaged and is measured again; it is in {part.moved_to}"
            )
        used = chosen(job.openvino, data)
        machine = this_machine()
        with all_held(used), pulse(data) as told, reporter(_expected_s(job), told) as progress:
            progress.begin(journal.run_id)
            devices = find_devices(job, machine, used)
            planned = _planned(job, devices, progress, _variants_of(journal))
            if _SETUP not in journal.finished:
                journal.add(_SETUP, _setup(journal.run_id, machine, devices, planned))
            _check_same(journal, planned)
            journal.add(*_continued(journal))
            with _worth_it(journal):
                return _work(job, journal, machine, planned, progress)


def exactly(job: Job, used: Sequence[Using]) -> Job:
    """The job with the versions that were found: ``--resume`` must not find newer ones."""
    return replace(job, openvino=tuple(one.version for one in used)) if job.openvino else job


def find_devices(job: Job, machine: Machine, used: Sequence[Using]) -> tuple[FoundDevice, ...]:
    """Every device of the job, with each cap where it is a CPU, in each OpenVINO version.

    Raises UsageError where none of them is on this machine, HostError where no OpenVINO
    works here.
    """
    found = tuple(
        find_device(machine, name, cap, using)
        for name in job.devices
        for cap in (job.isa_caps if name == "CPU" else (None,))
        for using in used
    )
    obstacles = [one.obstacle for one in found if one.obstacle]
    if len(obstacles) < len(found):
        return alike(found)
    if obstacles[0].kind == RUNTIME_BROKEN:
        hint = f"check `{found[0].using.python} -c 'import openvino'`, or add it again"
        raise HostError(obstacles[0].reason, hint=hint)
    raise UsageError(obstacles[0].reason, hint="choose one of them with --device")


def _expected_s(job: Job) -> float:
    if job.comparisons is None:
        return expected_s(job)
    return PREPARE_S + certificate_s(job.effort, job.comparisons)


@contextmanager
def _worth_it(journal: Journal) -> Iterator[None]:
    """Keep a run that ends early only where a block of it is finished."""
    try:
        yield
    except (KeyboardInterrupt, UsageError, MeasurementError):
        if not _has_block(journal):
            journal.discard()
        raise


def _has_block(journal: Journal) -> bool:
    return any(name.startswith(_MEASURED_PARTS) for name in journal.finished)


def _drop_empty(data: Path) -> None:
    """Remove what runs left that were killed before their first block was finished."""
    for view in unfinished(data):
        if not view.in_use and view.problem is None and view.parts <= 1:
            with suppress(LensError), Journal.open(data, view.run_id) as journal:
                if not _has_block(journal) and not journal.damaged:
                    journal.discard()


def _newest(data: Path) -> str:
    waiting = [run for run in unfinished(data) if not run.in_use and run.problem is None]
    if not waiting:
        raise UsageError(
            f"no run in {data} waits to be continued", hint="start one, without --resume"
        )
    return waiting[0].run_id


def _variants_of(journal: Journal) -> tuple[str, ...]:
    """The variants that a run began with; none where it did not come so far."""
    return tuple(sorted(variant.variant_id for variant in journal.read(Variant)))


def _planned(
    job: Job, devices: Sequence[FoundDevice], progress: Reporter, fixed: Sequence[str] = ()
) -> tuple[PlannedCell, ...]:
    models = prepare(
        [wanted(model, job.arms, fixed=fixed) for model in job.models],
        models_folder(job.data),
        lambda name: progress.step(f"building and quantising {name}", PREPARE_S),
        progress.told,
    )
    planned = tuple(map(readable, cells(models, devices, job.scenarios, job.arms)))
    if not planned:
        raise UsageError(
            f"none of the models has the arms {', '.join(job.arms or ())}",
            hint="ask for other arms; int8-full and int8-accuracy need --dataset, or "
            "`python -m collector quantize` first",
        )
    return planned


def readable(planned: PlannedCell) -> PlannedCell:
    """The cell with its model in the form that its OpenVINO reads, or with what is in the way.

    Before 2022 that is IR version 10, with the operations that were there then.
    """
    newest_opset = planned.found.newest_opset
    if newest_opset is None or planned.obstacle:
        return planned
    try:
        files = _as_v10(planned.variant.ir_path, newest_opset)
    except MeasurementError as error:
        reason = f"OpenVINO {planned.using.version} cannot read it: {error.message}"
        return replace(planned, obstacle=Obstacle(NOT_EXPRESSIBLE, reason))
    return replace(planned, xml_path=files.xml_path, weights_path=files.weights_path)


@lru_cache(maxsize=64)
def _as_v10(ir_path: Path, newest_opset: int) -> IrV10:
    return ir_v10(ir_path, newest_opset, ir_path.parent)


def _setup(
    run_id: str,
    machine: Machine,
    devices: Sequence[FoundDevice],
    planned: Sequence[PlannedCell],
) -> list[Fact]:
    """What the run is about, and the cells that cannot be measured because of their device."""
    facts: list[Fact] = [machine, *machine_cautions(run_id, machine)]
    facts += dict.fromkeys(found.device for found in devices)
    facts += dict.fromkeys(found.runtime for found in devices)
    for model in _models(planned):
        facts += model.facts
    for cell in planned:
        facts += [cell.cell, *_said_before(run_id, cell)]
    return facts


def _said_before(run_id: str, planned: PlannedCell) -> list[Fact]:
    """What is known of a cell before it is measured."""
    facts: list[Fact] = []
    cell_id, model = planned.cell.cell_id, planned.model
    obstacle = planned.obstacle
    if obstacle:
        reason = f"{_OBSTACLES[obstacle.kind]}: {obstacle.reason}"
        facts.append(failed_launch(run_id, cell_id, reason, obstacle.stderr_tail))
        facts.append(Caution(run_id, obstacle.kind, "cell", cell_id, obstacle.reason))
    if planned.variant.is_float_still:
        facts.append(Caution(run_id, "nothing_quantised", "cell", cell_id, model.model.name))
    return facts


def _check_same(journal: Journal, planned: Sequence[PlannedCell]) -> None:
    began = {cell.cell_id for cell in journal.read(Cell)}
    missing = {caution.subject_id for caution in journal.read(Caution)
               if caution.caution_id in _OBSTACLES}  # fmt: skip
    now = {cell.cell.cell_id for cell in planned}
    if began != now or missing != {cell.cell.cell_id for cell in planned if cell.obstacle}:
        raise UsageError(
            f"run {journal.run_id} began with another machine, device, OpenVINO or model"
            " than there is now",
            hint=f"start it again; what was finished stays in {journal.path}",
        )


def _continued(journal: Journal) -> tuple[str, list[Fact]]:
    times = sum(name.startswith("continued-") for name in journal.finished)
    blocks = sum(name.startswith("block-") for name in journal.finished)
    detail = f"for the {times + 1}. time, after {blocks} finished blocks"
    caution = Caution(journal.run_id, "continued_run", "run", journal.run_id, detail)
    name = next(name for number in count() if (name := f"continued-{number:04}")
                not in journal.finished)  # fmt: skip
    return name, [caution]


def _work(
    job: Job,
    journal: Journal,
    machine: Machine,
    planned: Sequence[PlannedCell],
    progress: Reporter,
) -> Outcome:
    measure = _certify if job.comparisons is not None else _measure
    return measure(job, journal, machine, planned, progress)


def _certify(
    job: Job,
    journal: Journal,
    machine: Machine,
    planned: Sequence[PlannedCell],
    progress: Reporter,
) -> Outcome:
    if len(planned) == 1 and planned[0].obstacle:
        raise MeasurementError(
            planned[0].obstacle.reason, hint="certify another device, version or model"
        )
    if len(planned) != 1:
        raise UsageError(
            f"a certificate is about one cell that is here, not {len(planned)}",
            hint="give one model and one arm",
        )
    asker = Asker(job.effort, job.seed)
    certifier = Certifier(
        journal.run_id, asker, journal, progress.step, planned[0], job.comparisons or 0,
        tally=progress.tally,
    )  # fmt: skip
    progress.plan(certifier.left_s(), certifier.kept_s())
    certificate = certifier.certificate()
    run = _run_fact(job, journal, machine, certificate.blocks, kind=CERTIFICATE)
    path = journal.commit(certificate, run, tool_version=__version__, kind=CERTIFICATE)
    return Outcome(journal.run_id, path, CERTIFICATE, 1, 0, "", ())


def _measure(
    job: Job,
    journal: Journal,
    machine: Machine,
    planned: Sequence[PlannedCell],
    progress: Reporter,
) -> Outcome:
    there = [cell for cell in planned if not cell.obstacle]
    asker = Asker(job.effort, job.seed)
    measurement = Measurement(
        journal.run_id, asker, journal, progress.step, tally=progress.tally, more=progress.more
    )
    measurement.remember()
    kept = kept_s(job.effort, journal.finished, len(there))
    progress.plan(len(there) * cell_s(job.effort) - kept, kept)
    blocks = measurement.blocks(there)
    measurement.profiles(there)
    measurement.startups(there)
    path = journal.commit(
        _run_fact(job, journal, machine, blocks, kind=MEASURED),
        tool_version=__version__,
        kind=MEASURED,
    )
    models = _models(planned)
    return Outcome(
        run_id=journal.run_id,
        path=path,
        kind=MEASURED,
        cells=len(planned),
        failed_cells=len(measurement.failed(planned)),
        last_failure=measurement.last_failure,
        not_quantised=tuple(model.model.name for model in models if not model.is_quantised),
        lacking=tuple(f"{model.model.name} {kind}" for model in models for kind in model.lacking),
        reused=tuple(f"{model.model.name} {kind}" for model in models for kind in model.reused),
    )


def _models(planned: Sequence[PlannedCell]) -> tuple[PreparedModel, ...]:
    """The models of the cells, each once."""
    return tuple({cell.model.model.model_id: cell.model for cell in planned}.values())


def _run_fact(job: Job, journal: Journal, machine: Machine, blocks: int, *, kind: str) -> Run:
    return Run(
        run_id=journal.run_id,
        kind=kind,
        machine_id=machine.machine_id,
        started_at=started_at(journal.run_id),
        ended_at=datetime.now(UTC),
        tool_version=__version__,
        command=job.command,
        seed=job.seed,
        blocks_planned=blocks,
        profile_launches=job.effort.profile_launches if kind == MEASURED else 0,
        effort=job.effort.level,
        continued=sum(name.startswith("continued-") for name in journal.finished),
    )


def started_at(run_id: str) -> datetime:
    """When a run began; its id says it (``results.writer.new_run_id``)."""
    return datetime.strptime(run_id.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
