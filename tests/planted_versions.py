"""One run with several OpenVINO versions in the same blocks, with a known truth.

A small network whose kernels, fusions and conversions each version plans differently; the
layers of a cell add up to its time less ``UNATTRIBUTED_US``. Every block has its own pace,
the same for all cells, so that pairs see less noise than single times do.

What the versions do (``PLANS``): 2021.4.2 runs h-swish by itself and the INT8 model's
depthwise convolution in f32 between two Reorders; 2022.3.2 fuses h-swish; from 2023.3.0 on the
depthwise convolution is int8 without Reorders, and kernels are spelled ``_f32``; 2024.6.0 is
2023.3.0 again; 2026.4.1 runs the float depthwise convolution on another kernel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

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
from results.store import Store
from results.writer import RunWriter, new_run_id
from tests.planted import ARMS, START, TOOL_VERSION, model_id_of, variant_id_of

UNATTRIBUTED_US = 40.0
PROFILES = 3
_HELD_UP = 1
"""The profile launch in which every layer takes ten times as long: the median leaves it out."""
OLD, FUSED, INT8, AGAIN, NEWEST = "2021.4.2", "2022.3.2", "2023.3.0", "2024.6.0", "2026.4.1"
VERSIONS = (OLD, FUSED, INT8, AGAIN, NEWEST)
_PACE = (1.0, 1.05, 0.97, 1.02, 0.99, 1.03, 0.96)
_WOBBLE = (0.0, 0.002, -0.0015, 0.001, -0.002, 0.0005, 0.0015)
_SHAPE = "[1,16,8,8]"
_OPS = (
    ("input", "Parameter", 0),
    ("stem", "Convolution", 432),
    ("stem/hswish", "HSwish", 0),
    ("dw", "GroupConvolution", 144),
    ("pw", "Convolution", 256),
    ("fc", "MatMul", 160),
    ("softmax", "Softmax", 0),
)


@dataclass(frozen=True)
class Step:
    """A layer as a version plans it, or a Reorder where ``ops`` is empty."""

    name: str
    node_type: str
    primitive: str
    precision: str
    time_us: float
    ops: tuple[str, ...] = ()
    to: str = ""


@dataclass(frozen=True)
class Plan:
    """How a version runs the network: float kernels by layer, and what it does in INT8."""

    spelling: str
    fused: bool
    int8_depthwise: bool
    depthwise_kernel: str = "jit_avx512_dw"
    depthwise_us: float = 200.0
    reorder_us: float = 60.0
    quantise: str = ""
    """What the version calls the lone layer that quantises the INT8 model's input."""


PLANS: Mapping[str, Plan] = {
    OLD: Plan("FP32", fused=False, int8_depthwise=False),
    FUSED: Plan("FP32", fused=True, int8_depthwise=False),
    INT8: Plan("f32", fused=True, int8_depthwise=True),
    AGAIN: Plan("f32", fused=True, int8_depthwise=True),
    NEWEST: Plan("f32", fused=True, int8_depthwise=True, depthwise_kernel="brgconv_avx512_dw",
                 depthwise_us=120.0),
}  # fmt: skip


def steps(plan: Plan, *, is_int8: bool) -> tuple[Step, ...]:
    """The executed layers in order."""
    return tuple(_steps(plan, is_int8=is_int8))


def _steps(plan: Plan, *, is_int8: bool) -> Iterator[Step]:
    wide = plan.spelling
    narrow = "U8" if wide == "FP32" else "u8"

    def heavy(name: str, kind: str, kernel: str, float_us: float, *ops: str) -> Step:
        if is_int8:
            return Step(name, kind, f"{kernel}_I8", narrow, float_us / 2, ops or (name,))
        return Step(name, kind, f"{kernel}_{wide}", wide, float_us, ops or (name,))

    if is_int8 and plan.quantise:
        yield Step("input_fq", plan.quantise, f"jit_avx512_{wide}", wide, 30.0, to=narrow)
    fused = ("stem/hswish",) if plan.fused else ()
    yield heavy("stem", "Convolution", "brgconv_avx512", 300.0, "stem", *fused)
    if not plan.fused:
        eltwise = f"jit_avx512_{'I8' if is_int8 else wide}"
        yield Step("stem/hswish", "Eltwise", eltwise, wide, 100.0, ("stem/hswish",))
    if is_int8 and not plan.int8_depthwise:
        float_us = plan.depthwise_us
        yield Step("stem_u8_f32_dw", "Reorder", f"jit_uni_{wide}", narrow, plan.reorder_us, to=wide)
        yield Step("dw", "Convolution", f"jit_avx512_dw_{wide}", wide, float_us, ("dw",))
        yield Step(
            "dw_f32_u8_pw", "Reorder", f"jit_uni_{wide}", wide, plan.reorder_us - 10, to=narrow
        )
    elif is_int8:
        yield Step("dw", "Convolution", "brgconv_avx512_dw_I8", narrow, 100.0, ("dw",))
    else:
        kernel = f"{plan.depthwise_kernel}_{wide}"
        yield Step("dw", "Convolution", kernel, wide, plan.depthwise_us, ("dw",))
    yield heavy("pw", "Convolution", "brgconv_avx512_1x1", 250.0)
    yield heavy("fc", "FullyConnected", "brgemm_avx512", 150.0)
    soft = "SoftMax" if plan.spelling == "FP32" else "Softmax"
    yield Step("softmax", soft, f"jit_avx512_{wide}", wide, 40.0, ("softmax",))


def truth_ms(version: str, arm: str, plans: Mapping[str, Plan] = PLANS) -> float:
    """The time that a cell is planted with, at the usual pace."""
    layers = steps(plans[version], is_int8=arm.startswith("int8"))
    return (sum(step.time_us for step in layers) + UNATTRIBUTED_US) / 1000.0


def versions_store(
    root: Path,
    versions: Sequence[str] = VERSIONS,
    *,
    models: Sequence[str] = ("tiny",),
    caps: Sequence[str | None] = (None,),
    failed: Mapping[tuple[str, str, str], str] | None = None,
    builds: Mapping[str, str] | None = None,
    plans: Mapping[str, Plan] = PLANS,
    unattributed_us: float = UNATTRIBUTED_US,
    blocks: int = 6,
    profiles: int = PROFILES,
    noise: float = 1.0,
    day: int = 0,
    arms: Sequence[str] = ARMS,
    left_out: Sequence[tuple[str, str]] = (),
    scale: Mapping[str, float] | None = None,
    profile_pace: float | None = None,
) -> Store:
    """Write one run of these versions; call it again with another ``day`` for another run.

    ``failed`` has the reason of a failure by version, model and arm; ``left_out`` are the
    version and model that are not launched at all. ``builds`` gives versions by build another
    number: two builds of one version. ``plans`` are found by version or by build. ``noise``
    multiplies what differs between blocks, ``scale`` the times of a version with its layers.
    Profile launches tell no wall clock of their own, so that layers are told as planted;
    with ``profile_pace`` they say that they took so many times as long.
    """
    key = "|".join([*versions, *models, str(day), str(root)])
    run_id = new_run_id(START + timedelta(days=day), hashlib.sha256(key.encode()).hexdigest()[:6])
    world = _World(
        run_id, builds or {}, plans, failed or {}, unattributed_us, blocks, profiles, noise, day,
        scale or {}, profile_pace,
    )  # fmt: skip
    cells = [
        (version, model, arm, cap)
        for cap in caps
        for model in models
        for arm in arms
        for version in versions
        if (version, model) not in left_out
    ]
    with RunWriter(root, run_id) as writer:
        writer.add(*world.shared(versions, caps), *(f for m in models for f in _model(m)))
        ids = tuple(world.cell(*cell).cell_id for cell in cells)
        for block in range(blocks):
            at = world.started_at + timedelta(minutes=block)
            writer.add(Block(run_id, block, at, ids))
        for position, cell in enumerate(cells):
            writer.add(world.cell(*cell), *world.measured(position, *cell))
        writer.commit(tool_version=TOOL_VERSION)
    return Store(root)


def version_cell_id(
    version: str, model: str = "tiny", arm: str = ARMS[0], cap: str | None = None
) -> str:
    """The id that a planted cell has."""
    return _hash("cell", version, model, arm, cap or "")


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _World:
    run_id: str
    builds: Mapping[str, str]
    plans: Mapping[str, Plan]
    failed: Mapping[tuple[str, str, str], str]
    unattributed_us: float
    blocks: int
    profiles: int
    noise: float
    day: int
    scale: Mapping[str, float]
    profile_pace: float | None

    @property
    def started_at(self) -> datetime:
        return START + timedelta(days=self.day)

    def shared(self, versions: Sequence[str], caps: Sequence[str | None]) -> Iterator[Fact]:
        machine: dict[str, Any] = {column.name: None for column in fields(Machine)}
        yield Machine(**machine | {
            "machine_id": "machine", "hostname": "host", "cpu_model": "Planted CPU",
            "isa_flags": ("avx2", "avx512f", "avx512_vnni"),
        })  # fmt: skip
        for cap in caps:
            title = f"Planted CPU, capped to {cap}" if cap else "Planted CPU"
            yield Device(_hash("device", cap or ""), "machine", "CPU", cap, "Planted CPU", title,
                         ("FP32", "INT8"))  # fmt: skip
        for version in versions:
            build = f"{self.builds.get(version, version)}-{version.partition('-')[2] or 1}-planted"
            told = self.builds.get(version, version)
            yield Runtime(_hash("runtime", version), told, build, None, "3.11.2")
        yield Run(
            run_id=self.run_id, kind="measured", machine_id="machine",
            started_at=self.started_at, ended_at=self.started_at + timedelta(hours=1),
            tool_version=TOOL_VERSION, command="python -m collector run", seed=7,
            blocks_planned=self.blocks, profile_launches=self.profiles, effort="default",
            continued=0,
        )  # fmt: skip

    def cell(self, version: str, model: str, arm: str, cap: str | None) -> Cell:
        kind, precision = arm.split("@")
        return Cell(
            version_cell_id(version, model, arm, cap), _hash("device", cap or ""),
            _hash("runtime", version), model_id_of(model), variant_id_of(model, kind), precision,
            arm, "latency", 1, 1, None, None,
        )  # fmt: skip

    def measured(
        self, position: int, version: str, model: str, arm: str, cap: str | None
    ) -> Iterator[Fact]:
        cell = self.cell(version, model, arm, cap)
        reason = self.failed.get((version, model, arm))
        if reason is not None:
            failure = self.launch(cell, "timing", position, None, None)
            yield replace(failure, status="failed", error=reason, stderr_tail="Segmentation fault")
            return
        scale = self.scale.get(version, 1.0)
        layers = [
            replace(step, time_us=step.time_us * scale)
            for step in steps(self.plans[version], is_int8=arm.startswith("int8"))
        ]
        time_ms = (sum(step.time_us for step in layers) + self.unattributed_us) / 1000.0
        for block in range(self.blocks):
            pace = _PACE[block % len(_PACE)]
            wobble = self.noise * _WOBBLE[(block + 3 * position) % len(_WOBBLE)]
            yield self.launch(cell, "timing", position, block, time_ms * pace * (1 + wobble))
        for number in range(self.profiles):
            wall_ms = None if self.profile_pace is None else self.profile_pace * time_ms
            launch = self.launch(cell, "profile", number, None, wall_ms)
            yield launch
            slow = 10.0 if number == _HELD_UP else 1.0
            yield from self.nodes(
                launch, [replace(step, time_us=step.time_us * slow) for step in layers]
            )

    def launch(
        self, cell: Cell, kind: str, position: int, block: int | None, time_ms: float | None
    ) -> Launch:
        values: dict[str, Any] = {column.name: None for column in fields(Launch)}
        seconds = 60 * (block or 0) + (0 if kind == "timing" else 3000)
        return Launch(**values | {
            "run_id": self.run_id, "launch_id": _hash(self.run_id, cell.cell_id, kind,
                                                      str(position), str(block)),
            "cell_id": cell.cell_id, "kind": kind, "block": block, "attempt": 0,
            "position": position, "started_at": self.started_at + timedelta(seconds=seconds),
            "status": "ok", "samples_ms": (), "p50_ms": time_ms, "iterations": 100,
            "throughput_fps": None if time_ms is None else 1000.0 / time_ms,
        })  # fmt: skip

    def nodes(self, launch: Launch, layers: Sequence[Step]) -> Iterator[Fact]:
        for index, step in enumerate(layers):
            yield ExecNode(
                run_id=self.run_id, launch_id=launch.launch_id, cell_id=launch.cell_id,
                node_index=index, name=step.name, node_type=step.node_type,
                primitive=step.primitive, runtime_precision=step.precision,
                input_precisions=(step.precision,), input_layouts=("acdb",),
                output_precisions=(step.to or step.precision,), output_layouts=("acdb",),
                output_shapes=(_SHAPE,), producers=(index - 1,) if index else (),
                from_constant=False, original_names=step.ops, status="executed",
                time_us=step.time_us,
            )  # fmt: skip
            for name in step.ops:
                yield ExecNodeSource(self.run_id, launch.launch_id, index, name, "name", 1.0)


def _model(model: str) -> Iterator[Fact]:
    model_id, float_id = model_id_of(model), variant_id_of(model, "fp32")
    yield Model(model_id, model, model.title(), "builtin", None, 12_000, 3_000_000,
                synthetic_weights=True, note=None)  # fmt: skip
    yield Variant(float_id, model_id, "fp32", None, "openvino", NEWEST, "{}", 48_000, None)
    yield Variant(variant_id_of(model, "int8-simplified"), model_id, "int8-simplified", float_id,
                  "nncf", "3.4.0", "{}", 14_000, None)  # fmt: skip
    for position, (name, op_type, weights) in enumerate(_OPS):
        yield SourceOp(
            variant_id=float_id, op_name=name, op_type=op_type, position=position,
            input_shapes=(_SHAPE,) if position else (), output_shapes=(_SHAPE,),
            producers=(_OPS[position - 1][0],) if position else (),
            flops=1_000_000 if weights else None, input_elements=1024, weight_elements=weights,
            output_elements=1024, module_path="",
        )  # fmt: skip
