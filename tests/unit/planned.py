"""Planned cells and probe answers for tests of the collector; nothing is measured."""

from __future__ import annotations

from pathlib import Path

from collector.answers import InterferenceReading, LaunchAnswer
from collector.devices import DEVICE_MISSING, FoundDevice, Obstacle
from collector.models.order import FP32, SIMPLIFIED
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.plan import PlannedCell, cells
from collector.scenario import Scenario
from collector.using import Using
from results.facts import Device, Model, Runtime, Variant

RUNTIME = Runtime("r", "2026.4.1", "r", None, "3.11")
USING = Using("2026.4.1", "python")
CPU = FoundDevice(Device("d", "m", "CPU", None, "A CPU", "A CPU", ()), RUNTIME, USING)
NO_NPU = Obstacle(DEVICE_MISSING, "no NPU here")
NPU = FoundDevice(Device("n", "m", "NPU", None, None, "NPU", ()), RUNTIME, USING, NO_NPU)
LATENCY = Scenario()


def a_model(name: str, batch: int = 1, file_mib: int = 0) -> PreparedModel:
    """A model with its float and its INT8 variant."""
    model = Model(name, name, name, "builtin", None, 1, 1, synthetic_weights=True, note=None)
    variants = tuple(
        PreparedVariant(
            Variant(f"{name}-{kind}", name, kind, None, "t", "1", "{}", file_mib * 2**20, None),
            Path("x.xml"),
            (),
        )
        for kind in (FP32, SIMPLIFIED)
    )
    return PreparedModel(model, variants, batch)


def plan(*names: str, scenarios: tuple[Scenario, ...] = (LATENCY,)) -> tuple[PlannedCell, ...]:
    """The three arms of each model on a CPU."""
    return cells([a_model(name) for name in names], [CPU], scenarios)


def an_answer(*slices_ms: float, steal: float | None = None, settled: bool = True) -> LaunchAnswer:
    """A launch that measured these headlines, one inference a turn."""
    turns = slices_ms or (1.0, 2.0, 3.0, 4.0, 10.0)
    return LaunchAnswer(
        read_ms=1.0, compile_ms=2.0, first_inference_ms=3.0, warmup_iterations=10,
        warmup_settled=settled, samples_ms=turns, slice_ms=turns, items=len(turns), wall_s=0.02,
        inference_s=0.5, requests=1, properties="{}", peak_memory_mib=100.0,
        interference=InterferenceReading(steal_share=steal),
    )  # fmt: skip
