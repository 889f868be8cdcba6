"""Facts of an import: of the files of one run, of figures given by hand, of a published table.

Takes what was read and what the user said of it, and gives the facts of one run. Reading
lives in ``reading``, storing in ``storing``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.importing import described, layers, telling
from collector.importing.counters import Order
from collector.importing.described import UNKNOWN, Arm, Description, Driven, Place
from collector.importing.plausible import oddities
from collector.importing.published_csv import PublishedRow, doubts
from collector.importing.reading import GivenFiles
from collector.importing.report import Report
from collector.importing.storing import content_id
from results.comparison import IMPORTED, PUBLISHED
from results.facts import Caution, Cell, ExecNode, Fact, Launch, Model, Run, Variant
from results.precision import precision_caution
from results.version import __version__

COUNTERS_ON, LAYER_ORDER = "imported_counters_on", "imported_layer_order"
AVERAGES, NOT_DRIVEN = "imported_running_averages", "imported_not_driven"
NO_LATENCY, SOURCE = "imported_no_latency", "imported_source"
IMPLAUSIBLE = "imported_implausible"
_TIMING, _PROFILE = "timing", "profile"
_RANKS = {50: "p50_ms", 90: "p90_ms", 99: "p99_ms"}


@dataclass(frozen=True)
class RunKey:
    """What the run itself is: its id, when it was imported, with which command."""

    run_id: str
    when: datetime
    command: str
    source: str | None


@dataclass(frozen=True)
class Told:
    """A cell of which figures are told."""

    where: Place
    model: Model
    variant: Variant
    cell: Cell

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Everything that the cell is made of."""
        where = self.where
        return where.machine, where.device, where.runtime, self.model, self.variant, self.cell


@dataclass(frozen=True)
class Figures:
    """One arm's figures, given by hand; one of them may be missing."""

    arm: Arm
    latency_ms: float | None
    throughput_fps: float | None


@dataclass(frozen=True)
class FilesRun:
    """What the files of one run tell, ready to become facts; ``content`` names the import."""

    content: str
    files: GivenFiles
    where: Place
    model: Model
    arm: Arm
    driven: Driven


def files_run(files: GivenFiles, about: Description, arm: str | None) -> FilesRun:
    """What the files mean; UsageError where they contradict each other or the user."""
    ov_device = telling.device_name(files)
    model = described.model_fact(IMPORTED, telling.model_name(files, about.model))
    found = layers.nodes(layers.NOBODY, files.counters, files.graph)
    layers.check_hardware(found, ov_device, about.isa_class)
    chosen = telling.arm(files, arm, lambda: layers.runs_int8(found))
    driven = telling.driven(files)
    digests = [source.sha256 for source in files.sources]
    content = content_id(digests, *meaning(IMPORTED, about, model), ov_device, chosen, driven)
    where = described.place(IMPORTED, about, ov_device, content)
    return FilesRun(content, files, where, model, chosen, driven)


def meaning(origin: str, about: Description, model: Model | None) -> tuple[object, ...]:
    """What a description comes to, however it was spelled; the model's name is left out."""
    flags = described.isa_flags(about.isa_class)
    model_id = model.model_id if model else None
    return origin, about.machine_name, about.cpu, flags, about.openvino, model_id


def files_facts(key: RunKey, found: FilesRun) -> Iterator[Fact]:
    """The facts of the files of one run."""
    told = _told(IMPORTED, found.where, found.model, found.arm, found.driven)
    files = found.files
    yield from _run(key, IMPORTED, found.where.machine.machine_id)
    yield from told.facts
    if files.report is not None:
        yield _launch(key, told.cell, _TIMING, files.report)
    nodes: tuple[ExecNode, ...] = ()
    if files.counters is not None or files.graph is not None:
        report = files.report if files.report and files.report.counters_on else None
        launch = _launch(key, told.cell, _PROFILE, report)
        owner = layers.Owner(launch.run_id, launch.launch_id, launch.cell_id)
        nodes = layers.nodes(owner, files.counters, files.graph)
        yield launch
        yield from nodes
    for caution_id, detail in _cautions(told, files, nodes):
        yield Caution(key.run_id, caution_id, "cell", told.cell.cell_id, detail)


def _cautions(
    told: Told, files: GivenFiles, nodes: Sequence[ExecNode]
) -> Iterator[tuple[str, str]]:
    """What lowers trust in the files of one run: ids of cautions with their detail."""
    cell, report = told.cell, files.report
    name = f"{cell.arm} of {told.model.name}"
    if untold := telling.untold(files):
        yield NOT_DRIVEN, f"{name}, {untold}"
    if report and report.counters_on:
        yield COUNTERS_ON, name
    if report and report.error is None and report.latency_ms is None:
        yield NO_LATENCY, name
    if nodes:
        yield AVERAGES, name
    if files.graph is None and files.counters and files.counters.order is Order.TIME:
        yield LAYER_ORDER, f"{files.counters.source.path.name} is sorted"
    if any(node.runtime_precision != UNKNOWN for node in nodes if node.time_us is not None):
        found = precision_caution(cell.arm, cell.precision, told.variant.kind, nodes)
        yield from (found,) if found else ()


def _launch(key: RunKey, cell: Cell, kind: str, report: Report | None) -> Launch:
    """The launch that a report tells of; without one only that it was made."""
    told = _launch_columns(report) if report else {}
    return described.launch_fact(key.run_id, cell.cell_id, kind, key.when, told)


def _launch_columns(report: Report) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "read_ms": report.read_ms,
        "compile_ms": report.compile_ms,
        "first_inference_ms": report.first_inference_ms,
        "iterations": report.iterations,
        "mean_ms": report.mean_ms,
        "min_ms": report.min_ms,
        "max_ms": report.max_ms,
        "throughput_fps": report.throughput_fps,
        "requests": report.requests,
    }
    if report.percentile in _RANKS:
        columns[_RANKS[report.percentile]] = report.latency_ms
    if report.error is not None:
        columns |= {"status": "failed", "error": report.error}
    return columns


def figures_facts(
    key: RunKey, where: Place, model: Model, driven: Driven, figures: Sequence[Figures]
) -> Iterator[Fact]:
    """The facts of figures given by hand."""
    yield from _run(key, IMPORTED, where.machine.machine_id)
    for one in figures:
        told = _told(IMPORTED, where, model, one.arm, driven)
        yield from told.facts
        yield described.launch_fact(
            key.run_id, told.cell.cell_id, _TIMING, key.when,
            {"p50_ms": one.latency_ms, "throughput_fps": one.throughput_fps},
        )  # fmt: skip
        name = f"{told.cell.arm} of {model.name}"
        odd = "; ".join(oddities(one.latency_ms, one.throughput_fps, driven))
        if odd:
            yield Caution(key.run_id, IMPLAUSIBLE, "cell", told.cell.cell_id, f"{name}: {odd}")
        if driven.streams is None:
            untold = f"{name}, streams unknown"
            yield Caution(key.run_id, NOT_DRIVEN, "cell", told.cell.cell_id, untold)


def published_facts(
    key: RunKey, rows: Sequence[PublishedRow], openvino: str | None, content: str
) -> Iterator[Fact]:
    """The facts of a published table: a machine for each platform, a launch for each figure."""
    yield from _run(key, PUBLISHED, None)
    for row in rows:
        for arm, fps in row.fps:
            told = _published_cell(row, arm, openvino, content)
            yield from told.facts
            yield described.launch_fact(
                key.run_id, told.cell.cell_id, _TIMING, key.when, {"throughput_fps": fps}
            )
    for doubt in doubts(rows):
        cell = _published_cell(doubt.row, doubt.arm, openvino, content).cell
        yield Caution(key.run_id, doubt.caution_id, "cell", cell.cell_id, doubt.detail)


def _published_cell(row: PublishedRow, arm: str, openvino: str | None, content: str) -> Told:
    about = Description(cpu=row.platform, isa_class=row.isa_class, openvino=openvino)
    where = described.place(PUBLISHED, about, described.CPU, content)
    model = described.model_fact(PUBLISHED, row.model)
    driven = Driven(telling.THROUGHPUT, 1)
    return _told(PUBLISHED, where, model, described.arm_of(arm), driven)


def _told(origin: str, where: Place, model: Model, arm: Arm, driven: Driven) -> Told:
    variant = described.variant_fact(origin, model, arm.kind)
    return Told(where, model, variant, described.cell_fact(where, model, variant, arm, driven))


def _run(key: RunKey, kind: str, machine_id: str | None) -> Iterator[Fact]:
    """The run, and where its figures are from, if that was told."""
    if key.source:
        yield Caution(key.run_id, SOURCE, "run", key.run_id, key.source)
    yield Run(
        run_id=key.run_id,
        kind=kind,
        machine_id=machine_id,
        started_at=key.when,
        ended_at=key.when,
        tool_version=__version__,
        command=key.command,
        seed=None,
        blocks_planned=None,
        profile_launches=None,
        effort=None,
        continued=None,
        source=key.source,
    )
