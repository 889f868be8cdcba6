"""What will be measured: devices x models x arms -> cells, and the blocks' order. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from collector.model_cache import FP32, NATIVE, PreparedModel, PreparedVariant
from collector.quantize import SIMPLIFIED
from results.facts import Cell, Device, Runtime

_Item = TypeVar("_Item")

# Which precisions each kind of variant is measured with. "default" asks for
# nothing: the device decides, which is bf16 on CPUs with AMX or AVX512_BF16.
_PRECISIONS = {FP32: ("f32", "default"), SIMPLIFIED: ("default",), NATIVE: ("default",)}


@dataclass(frozen=True)
class Scenario:
    """How a cell is driven. ``latency``: one synchronous request, one stream.

    The batch is that of the model as it was read; a dynamic one becomes 1.
    """

    name: str = "latency"
    streams: int = 1
    threads: int | None = None


@dataclass(frozen=True)
class PlannedCell:
    """A cell with what is needed to launch it."""

    cell: Cell
    device: Device
    model: PreparedModel
    variant: PreparedVariant

    @property
    def label(self) -> str:
        """Name for people: model, arm and, where capped, the cap."""
        cap = f" ({self.device.isa_cap})" if self.device.isa_cap else ""
        return f"{self.model.model.name} {self.cell.arm}{cap}"


def cells(
    models: Sequence[PreparedModel],
    devices: Sequence[tuple[Device, Runtime]],
    scenario: Scenario,
) -> tuple[PlannedCell, ...]:
    """Every model x arm x device as a cell."""
    return tuple(
        _cell(model, variant, precision, device=device, runtime=runtime, scenario=scenario)
        for device, runtime in devices
        for model in models
        for variant in model.variants
        for precision in _PRECISIONS[variant.variant.kind]
    )


def _cell(
    model: PreparedModel,
    variant: PreparedVariant,
    precision: str,
    *,
    device: Device,
    runtime: Runtime,
    scenario: Scenario,
) -> PlannedCell:
    parts = (
        device.device_id, runtime.runtime_id, model.model.model_id, variant.variant.variant_id,
        precision, scenario.name, model.batch, scenario.streams, scenario.threads,
    )  # fmt: skip
    cell = Cell(
        cell_id=hashlib.sha256(repr(parts).encode()).hexdigest()[:12],
        device_id=device.device_id,
        runtime_id=runtime.runtime_id,
        model_id=model.model.model_id,
        variant_id=variant.variant.variant_id,
        precision=precision,
        arm=f"{variant.variant.kind}@{precision}",
        scenario=scenario.name,
        batch=model.batch,
        streams=scenario.streams,
        threads=scenario.threads,
    )
    return PlannedCell(cell, device, model, variant)


def block_orders(
    planned: Sequence[PlannedCell], blocks: int, seed: int
) -> tuple[tuple[PlannedCell, ...], ...]:
    """For each block, all cells in an order drawn from ``seed``.

    The cells of one model stay back to back, so that compared arms meet the same
    state of the machine; the models and the arms inside a model are shuffled.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    by_model: dict[str, list[PlannedCell]] = {}
    for cell in planned:
        by_model.setdefault(cell.model.model.model_id, []).append(cell)
    orders = []
    for _ in range(blocks):
        groups = [_shuffled(group, generator) for group in by_model.values()]
        orders.append(tuple(cell for group in _shuffled(groups, generator) for cell in group))
    return tuple(orders)


def _shuffled(items: Sequence[_Item], generator: np.random.Generator) -> list[_Item]:
    return [items[place] for place in generator.permutation(len(items))]


def compile_config(cell: Cell) -> tuple[tuple[str, str], ...]:
    """OpenVINO properties of a cell, as the seed's ``-nstreams 1 -nireq 1`` sets them."""
    config = [("NUM_STREAMS", str(cell.streams)), ("PERFORMANCE_HINT_NUM_REQUESTS", "1")]
    if cell.threads is not None:
        config.append(("INFERENCE_NUM_THREADS", str(cell.threads)))
    if cell.precision != "default":
        config.append(("INFERENCE_PRECISION_HINT", cell.precision))
    return tuple(config)
