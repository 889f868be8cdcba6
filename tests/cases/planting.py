"""Plans as stored facts: launches with the noise of a machine, profiles, a run per pair.

The noise is seeded by the pair's name: every launch has a pace of its own (1 to 3 %), every
layer of every profile launch another one, and a time is cut to whole µs as OpenVINO's
counters are. What is planted lives in ``plan`` and ``edits``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from results.facts import (
    Block,
    Cell,
    Device,
    ExecNode,
    ExecNodeSource,
    Fact,
    Launch,
    Machine,
    Model,
    Run,
    Runtime,
    SourceOp,
    Variant,
)
from tests.cases.plan import Kit, Layer, Layers, Net, Op, total_us

BLOCKS = 8
PROFILE_LAUNCHES = 5
_TURNS = 8
_START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_PER_INFERENCE_US = 9.0
_PER_LAYER_US = 0.3
"""What an inference takes beside its layers: a fixed part, and one for each layer that runs."""
_LAUNCH_NOISE = 0.015
_DRIFT = 0.03
_LAYER_NOISE = 0.02
_PROFILE_PACE = 0.02
_TURN_NOISE = 0.02
TOOL_VERSION = "0.1.0"


@dataclass(frozen=True)
class Arm:
    """One side of a pair: an arm, its layers, where it runs.

    ``step`` and ``first`` number its nodes; ``method`` and ``confidence`` say how the bridge
    knew the operations. ``threads`` tells two cells of the same arm apart.
    """

    arm: str
    layers: Layers
    kit: Kit
    runtime: str = "2026.4.1"
    threads: int | None = None
    first: int = 0
    step: int = 3
    method: str = "name"
    confidence: float = 1.0

    @property
    def wall_us(self) -> float:
        """What an inference truly takes, in µs."""
        running = sum(layer.runs for layer in self.layers)
        return total_us(self.layers) + _PER_INFERENCE_US + _PER_LAYER_US * running


@dataclass(frozen=True)
class Pair:
    """Two sides of one network; not ``paired``: each in a run of its own, days apart."""

    name: str
    net: Net
    baseline: Arm
    candidate: Arm
    paired: bool = True

    @property
    def cell_ids(self) -> tuple[str, str]:
        """Baseline and candidate."""
        return _cell_id(self, self.baseline, "a"), _cell_id(self, self.candidate, "b")


_Part = tuple[Pair, tuple[tuple[Arm, str], ...]]
"""What a run measures of a pair: both sides, or one of a pair that is not paired."""


def runs_of(pairs: Iterable[Pair]) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """The runs of pairs with their facts, each to be written by a ``RunWriter``.

    A machine has one run, and a second one for what was not measured in the same blocks.
    What is planted of a pair does not hang on the other pairs.
    """
    parts: dict[tuple[str, int], list[_Part]] = {}
    for pair in pairs:
        sides = ((pair.baseline, "a"), (pair.candidate, "b"))
        for number, part in enumerate((sides,) if pair.paired else ((sides[0],), (sides[1],))):
            parts.setdefault((pair.baseline.kit.name, number), []).append((pair, part))
    for (machine, number), chosen in parts.items():
        started_at = _START + timedelta(days=3 * number)
        run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{_hash(machine, str(number))[:6]}"
        yield run_id, tuple(_run_facts(chosen, run_id, started_at))


def _run_facts(parts: Sequence[_Part], run_id: str, started_at: datetime) -> Iterator[Fact]:
    machine_id = _machine_id(parts[0][0].baseline.kit)
    yield Run(run_id=run_id, kind="measured", machine_id=machine_id, started_at=started_at,
              ended_at=started_at + timedelta(minutes=2), tool_version=TOOL_VERSION,
              command="python -m tests.cases.make", seed=1, blocks_planned=BLOCKS,
              profile_launches=PROFILE_LAUNCHES, effort="default", continued=0)  # fmt: skip
    cells = [_cell_id(pair, arm, side) for pair, sides in parts for arm, side in sides]
    for block in range(BLOCKS):
        yield Block(run_id, block, _at(started_at, block), tuple(cells))
    for pair, sides in parts:
        yield from _pair_facts(pair, sides, run_id, started_at)


def _pair_facts(
    pair: Pair, sides: Sequence[tuple[Arm, str]], run_id: str, started_at: datetime
) -> Iterator[Fact]:
    random = np.random.default_rng(int(_hash(run_id, pair.name)[:12], 16))
    yield from _model(pair)
    drift = 1.0 + _DRIFT * random.standard_normal((BLOCKS, _TURNS))
    for arm, side in sides:
        yield from _place(arm)
        yield from _variants(pair, arm)
        yield _cell(pair, arm, side)
        maker = _Maker(run_id, _cell_id(pair, arm, side), arm, started_at, random)
        yield from maker.timings(drift)
        yield from maker.profiles()


@dataclass(frozen=True)
class _Maker:
    run_id: str
    cell_id: str
    arm: Arm
    started_at: datetime
    random: np.random.Generator

    def timings(self, drift: NDArray[np.float64]) -> Iterator[Launch]:
        for block in range(len(drift)):
            own = 1.0 + _LAUNCH_NOISE * self.random.standard_normal()
            turns = drift[block] * (1.0 + _TURN_NOISE * self.random.standard_normal(_TURNS))
            slices_ms = self.arm.wall_us / 1000.0 * own * turns
            yield self._launch(f"t{block}", "timing", block, slices_ms)

    def profiles(self) -> Iterator[Fact]:
        for number in range(PROFILE_LAUNCHES):
            pace = 1.0 + abs(_PROFILE_PACE * self.random.standard_normal())
            yield self._launch(f"p{number}", "profile", None,
                               np.full(_TURNS, self.arm.wall_us / 1000.0 * pace))  # fmt: skip
            yield from self._nodes(f"{self.run_id}-{self.cell_id}-p{number}", pace)

    def _nodes(self, launch_id: str, pace: float) -> Iterator[Fact]:
        arm = self.arm
        indices = {layer.name: arm.first + arm.step * at for at, layer in enumerate(arm.layers)}
        by_name = {layer.name: layer for layer in arm.layers}
        for layer in arm.layers:
            noise = pace * (1.0 + _LAYER_NOISE * self.random.standard_normal())
            time_us = None if layer.time_us is None else float(math.floor(layer.time_us * noise))
            reads = [by_name[name] for name in layer.reads]
            yield self._node(launch_id, layer, indices, reads, time_us)
            for op in layer.ops:
                yield ExecNodeSource(self.run_id, launch_id, indices[layer.name], op,
                                     arm.method, arm.confidence)  # fmt: skip

    def _node(
        self, launch_id: str, layer: Layer, indices: dict[str, int], reads: Sequence[Layer],
        time_us: float | None,
    ) -> ExecNode:  # fmt: skip
        given = layer.input_precision or layer.precision
        return ExecNode(
            run_id=self.run_id, launch_id=launch_id, cell_id=self.cell_id,
            node_index=indices[layer.name], name=layer.name, node_type=layer.node_type,
            primitive=layer.primitive, runtime_precision=layer.precision,
            input_precisions=tuple(given for _ in reads),
            input_layouts=tuple(layer.input_layout for _ in reads),
            output_precisions=(layer.output_precision or layer.precision,),
            output_layouts=(layer.output_layout,), output_shapes=(_text(layer.shape),),
            producers=tuple(indices[one.name] for one in reads), from_constant=False,
            original_names=(*layer.ops, *layer.aliases),
            status="executed" if layer.runs else "not_executed", time_us=time_us,
        )  # fmt: skip

    def _launch(
        self, name: str, kind: str, block: int | None, slices_ms: NDArray[np.float64]
    ) -> Launch:
        p50_ms = float(np.median(slices_ms))
        timing = kind == "timing"
        return Launch(
            run_id=self.run_id, launch_id=f"{self.run_id}-{self.cell_id}-{name}",
            cell_id=self.cell_id, kind=kind, block=block, attempt=0,
            sitting=block if timing else None, position=0, started_at=_at(self.started_at, block),
            status="ok", error=None, stderr_tail=None, read_ms=5.0, compile_ms=60.0,
            cached_compile_ms=None, first_inference_ms=2.0 * p50_ms, warmup_iterations=50,
            warmup_settled=True, iterations=400, p50_ms=p50_ms, p90_ms=1.05 * p50_ms,
            p99_ms=1.2 * p50_ms, mean_ms=1.01 * p50_ms, min_ms=0.95 * p50_ms,
            max_ms=1.4 * p50_ms, throughput_fps=1000.0 / p50_ms, samples_ms=(),
            slice_ms=tuple(map(float, slices_ms)) if timing else None, inference_s=1.0,
            requests=1, pinned_to="0-3", properties=None, peak_memory_mib=120.0,
            steal_share=0.0, throttled_us=0, cpu_pressure_us=100, involuntary_switches=2,
            frequency_mhz=None, other_cpu_share=0.005,
        )  # fmt: skip


def _place(arm: Arm) -> Iterator[Fact]:
    kit = arm.kit
    machine_id = _machine_id(kit)
    yield Machine(
        machine_id=machine_id, hostname=kit.name, cpu_model=kit.name, cpu_vendor=None,
        cpu_family=None, cpu_model_number=None, cpu_stepping=None, microcode=None,
        isa_flags=kit.flags, sockets=1, numa_nodes=1, physical_cores=4, logical_cpus=4,
        l1d_kib=32, l2_kib=1024, l3_kib=24576, memory_mib=32768, kernel=None, os_name=None,
        hypervisor=None, governor=None, turbo=None, cgroup_cpus=None,
    )  # fmt: skip
    title = f"{kit.name}, capped to {kit.cap}" if kit.cap else kit.name
    yield Device(_device_id(kit), machine_id, "CPU", kit.cap, kit.name, title, ("FP32", "INT8"))
    yield Runtime(arm.runtime, arm.runtime, arm.runtime, None, "3.11")


def _model(pair: Pair) -> Iterator[Fact]:
    model_id = _hash("model", pair.name)
    yield Model(model_id, pair.name, pair.name.replace("_", " "), "builtin", None, None, None,
                synthetic_weights=True, note=None)  # fmt: skip
    variant_id = _variant_id(pair, "fp32")
    yield Variant(variant_id, model_id, "fp32", None, "openvino", None, "{}", None, None)
    for position, op in enumerate(pair.net.ops):
        yield _source_op(variant_id, position, op, pair.net.ops)


def _variants(pair: Pair, arm: Arm) -> Iterator[Variant]:
    kind, _ = arm.arm.split("@")
    if kind != "fp32":
        parent = None if kind == "int8-native" else _variant_id(pair, "fp32")
        yield Variant(_variant_id(pair, kind), _hash("model", pair.name), kind, parent,
                      None, None, "{}", None, None)  # fmt: skip


def _source_op(variant_id: str, position: int, op: Op, ops: Iterable[Op]) -> SourceOp:
    shapes = {one.name: one.shape for one in ops}
    return SourceOp(
        variant_id=variant_id, op_name=op.name, op_type=op.op_type, position=position,
        input_shapes=tuple(_text(shapes[name]) for name in op.producers),
        output_shapes=(_text(op.shape),), producers=op.producers, flops=op.flops,
        input_elements=op.input_elements, weight_elements=op.weight_elements,
        output_elements=math.prod(op.shape), module_path=op.name.rpartition("/")[0],
    )  # fmt: skip


def _cell(pair: Pair, arm: Arm, side: str) -> Cell:
    kind, precision = arm.arm.split("@")
    return Cell(_cell_id(pair, arm, side), _device_id(arm.kit), arm.runtime,
                _hash("model", pair.name), _variant_id(pair, kind), precision, arm.arm,
                "latency", 1, 1, arm.threads, None)  # fmt: skip


def _at(started_at: datetime, block: int | None) -> datetime:
    return started_at + timedelta(seconds=10 * (BLOCKS if block is None else block))


def _text(shape: Sequence[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _cell_id(pair: Pair, arm: Arm, side: str) -> str:
    return _hash("cell", pair.name, arm.arm, side)[:12]


def _variant_id(pair: Pair, kind: str) -> str:
    return _hash("variant", pair.name, kind)


def _machine_id(kit: Kit) -> str:
    return _hash("machine", kit.name)[:12]


def _device_id(kit: Kit) -> str:
    return _hash("device", kit.name, kit.cap or "")[:12]


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
