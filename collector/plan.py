"""What is measured: devices x versions x models x arms x scenarios -> cells, in order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from collector.devices import FoundDevice, Obstacle
from collector.models.order import FP32
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.scenario import LATENCY, THROUGHPUT, Scenario
from collector.using import Using
from results.facts import Cell, Device

_Item = TypeVar("_Item")

# What a process takes beside its weights, and for every item of a batch: generous guesses.
_PROCESS_MIB = 250.0
_BATCH_MIB = 20.0
# Which precisions each kind of variant is measured with. "default" asks for
# nothing: the device decides, which is bf16 on CPUs with AMX or AVX512_BF16.
_PRECISIONS = {FP32: ("f32", "default")}
_INT8_PRECISIONS = ("default",)


@dataclass(frozen=True)
class PlannedCell:
    """A cell with what is needed to launch it."""

    cell: Cell
    device: Device
    model: PreparedModel
    variant: PreparedVariant
    scenario: Scenario
    found: FoundDevice
    obstacle: Obstacle | None
    xml_path: Path
    weights_path: Path | None = None

    @property
    def using(self) -> Using:
        """The OpenVINO that measures it."""
        return self.found.using

    @property
    def label(self) -> str:
        """Name for people: model, arm and, where it is not plain, device, cap and scenario."""
        using = self.found.using
        told = (
            None if using.is_own else f"OpenVINO {using.version}",
            self.device.ov_device if self.device.ov_device != "CPU" else None,
            self.device.isa_cap,
            self.scenario.title if self.scenario != Scenario() else None,
        )
        setting = ", ".join(part for part in told if part)
        return f"{self.model.model.name} {self.cell.arm}{f' ({setting})' if setting else ''}"

    @property
    def neighbours(self) -> tuple[str, str]:
        """What is compared most: cells of one model in one scenario."""
        return self.scenario.title, self.cell.model_id


def cells(
    models: Sequence[PreparedModel],
    devices: Sequence[FoundDevice],
    scenarios: Sequence[Scenario],
    arms: Sequence[str] | None = None,
) -> tuple[PlannedCell, ...]:
    """Every model x arm x device x scenario as a cell; ``arms`` None is all that there are.

    Two scenarios that come to the same, such as latency with 1 stream and without a number,
    make one cell.
    """
    found = (
        _cell(model, variant, precision, found=found, scenario=scenario)
        for scenario in scenarios
        for found in devices
        for model in models
        for variant in model.variants
        for precision in precisions_of(variant.variant.kind, arms)
    )
    return tuple({planned.cell.cell_id: planned for planned in found}.values())


def precisions_of(kind: str, arms: Sequence[str] | None) -> tuple[str, ...]:
    """Which precisions a variant is measured with: those of the arms that name its kind."""
    if arms is None:
        return _PRECISIONS.get(kind, _INT8_PRECISIONS)
    return tuple(arm.split("@")[1] for arm in arms if arm.split("@")[0] == kind)


def _cell(
    model: PreparedModel,
    variant: PreparedVariant,
    precision: str,
    *,
    found: FoundDevice,
    scenario: Scenario,
) -> PlannedCell:
    batch = scenario.batch or model.batch
    streams = scenario.streams or (1 if scenario.name == LATENCY else None)
    parts: tuple[object, ...] = (
        found.device.device_id, found.runtime.runtime_id, model.model.model_id,
        variant.variant.variant_id, precision, scenario.name, batch, streams, scenario.threads,
    )  # fmt: skip
    if scenario.requests is not None:
        parts = (*parts, scenario.requests)
    cell = Cell(
        cell_id=hashlib.sha256(repr(parts).encode()).hexdigest()[:12],
        device_id=found.device.device_id,
        runtime_id=found.runtime.runtime_id,
        model_id=model.model.model_id,
        variant_id=variant.variant.variant_id,
        precision=precision,
        arm=f"{variant.variant.kind}@{precision}",
        scenario=scenario.name,
        batch=batch,
        streams=streams,
        threads=scenario.threads,
        requests=scenario.requests,
    )
    return PlannedCell(
        cell, found.device, model, variant, scenario, found, found.obstacle, variant.ir_path
    )


_MOST_SEATS = 12
# Cells of one model in one scenario are compared with each other: arms, versions and devices.
_MOST_SEATS_OF_A_MODEL = 36
_APART: tuple[Callable[[PlannedCell], Hashable], ...] = (
    lambda cell: cell.scenario.title,
    lambda cell: cell.cell.model_id,
    lambda cell: cell.cell.device_id,
    lambda cell: cell.cell.runtime_id,
)


SeatedKind = Literal["timing", "profile"]
"""The kinds of launches that sit together."""
# Orders are drawn by number: blocks from these on, rounds of startups from that one on.
_FIRST_ORDER: dict[SeatedKind, int] = {"timing": 0, "profile": 2_000_000}
_FIRST_STARTUP = 1_000_000


@dataclass(frozen=True)
class PlannedBlock:
    """The sittings of a block in their order, each with its cells in theirs."""

    number: int
    sittings: tuple[tuple[PlannedCell, ...], ...]

    @property
    def cells(self) -> tuple[PlannedCell, ...]:
        """All cells in the order in which they are started."""
        return tuple(cell for sitting in self.sittings for cell in sitting)


def planned_block(
    planned: Sequence[PlannedCell],
    number: int,
    seed: int,
    memory_mib: float,
    kind: SeatedKind = "timing",
) -> PlannedBlock:
    """Block ``number``: sittings and the cells in them in an order drawn from ``seed``.

    A round of profile launches is a block too, with sittings like the others and an order of
    its own.

    All cells share a sitting where they are no more than twelve and their processes fit into
    ``memory_mib`` together; else those of one scenario do, of one model in it (up to 36), of one
    device, of one OpenVINO version, and at last each sits alone.
    """
    random = generator(seed, _FIRST_ORDER[kind] + number)
    groups = [_shuffled(sitting, random) for sitting in _sittings(planned, memory_mib)]
    return PlannedBlock(number, tuple(tuple(group) for group in _shuffled(groups, random)))


def generator(*seed: int) -> np.random.Generator:
    """Random numbers that depend on these whole numbers alone."""
    return np.random.Generator(np.random.PCG64(seed))


def _sittings(
    planned: Sequence[PlannedCell], memory_mib: float, level: int = 0
) -> list[list[PlannedCell]]:
    """The cells in as few sittings as can be; ``level`` is how finely they are told apart."""
    if not planned:
        return []
    same_model = len({cell.neighbours for cell in planned}) == 1
    most = _MOST_SEATS_OF_A_MODEL if same_model else _MOST_SEATS
    fits = len(planned) <= most and memory_mib >= sum(map(expected_memory_mib, planned))
    if fits or level > len(_APART):
        return [list(planned)]
    if level == len(_APART):
        return [[cell] for cell in planned]
    parts = _grouped(planned, _APART[level])
    return [sitting for part in parts for sitting in _sittings(part, memory_mib, level + 1)]


def expected_memory_mib(planned: PlannedCell) -> float:
    """A generous guess at a launch's memory: Python and OpenVINO, and the weights four times.

    Weights are read, converted and repacked for the kernels; activations are few against
    that at batch 1 and grow with the batch.
    """
    weights_mib = (planned.variant.variant.file_bytes or 0) / 2**20
    return _PROCESS_MIB + 4.0 * weights_mib + _BATCH_MIB * planned.cell.batch


def _grouped(items: Sequence[_Item], key: Callable[[_Item], Hashable]) -> list[list[_Item]]:
    found: dict[Hashable, list[_Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def startup_order(
    planned: Sequence[PlannedCell], number: int, seed: int
) -> tuple[PlannedCell, ...]:
    """Round ``number`` of launches that are made one after the other, in random order."""
    return tuple(_shuffled(planned, generator(seed, _FIRST_STARTUP + number)))


def _shuffled(items: Sequence[_Item], random: np.random.Generator) -> list[_Item]:
    return [items[place] for place in random.permutation(len(items))]


def compile_config(cell: Cell) -> tuple[tuple[str, str], ...]:
    """OpenVINO properties of a cell, as ``benchmark_app`` sets them for its scenario.

    latency: ``-nstreams 1 -nireq 1``, the seed's setting; throughput: ``-hint throughput``,
    or the number of streams where one was asked for.
    """
    config = []
    if cell.streams is not None:
        config.append(("NUM_STREAMS", str(cell.streams)))
    elif cell.scenario == THROUGHPUT:
        config.append(("PERFORMANCE_HINT", "THROUGHPUT"))
    requests = 1 if cell.scenario == LATENCY else cell.requests
    if requests is not None:
        config.append(("PERFORMANCE_HINT_NUM_REQUESTS", str(requests)))
    if cell.threads is not None:
        config.append(("INFERENCE_NUM_THREADS", str(cell.threads)))
    if cell.precision != "default":
        config.append(("INFERENCE_PRECISION_HINT", cell.precision))
    return tuple(config)
