"""A small synthetic store with a known truth, for tests.

``planted_store`` writes through ``RunWriter`` and can be called again on the same
folder: another ``name`` plants another machine, another ``runtime`` another version.
The layers of a cell add up to its headline less ``UNATTRIBUTED_US``, per item. In turn
i of a block all cells meet the same pace of the machine, so that pairing by turns finds
the same ratio as pairing by headlines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from results.facts import (
    Block,
    Caution,
    Cell,
    Certificate,
    CertificateTrial,
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

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
FLOAT_MS = 2.0
UNATTRIBUTED_US = 40.0
PROFILE_LAUNCHES = 3
TURNS = 20
STREAMS_RUN = 4
TOOL_VERSION = "0.1.0"
ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
_WOBBLE = (0.0, 0.004, -0.003, 0.002, -0.004, 0.001, 0.003)
_PACE = (1.0, 1.03, 0.98, 1.0, 1.4, 0.99, 1.01)
_SHAPE = "[1,16,8,8]"


@dataclass(frozen=True)
class Drive:
    """How the planted cells are driven; of open streams ``STREAMS_RUN`` run."""

    scenario: str = "latency"
    batch: int = 1
    streams: int | None = 1
    threads: int | None = None
    requests: int | None = None

    @property
    def streams_run(self) -> int:
        return STREAMS_RUN if self.streams is None else self.streams

    @property
    def items(self) -> int:
        """Items in flight at the same time."""
        return self.streams_run * self.batch if self.scenario == "throughput" else 1


LATENCY = Drive()
THROUGHPUT = Drive("throughput", streams=None)


@dataclass(frozen=True)
class _Layer:
    """A layer of the planted network: its kernels and its share of the executed time."""

    name: str
    node_type: str
    op_type: str
    float_primitive: str
    int8_primitive: str
    int8_precision: str
    float_share: float
    int8_share: float
    extra_ops: tuple[tuple[str, str], ...] = ()


_LAYERS = (
    _Layer("stem", "Convolution", "opset1::Convolution", "brgconv_avx512_f32",
           "brgconv_avx512_I8", "u8", 0.30, 0.20, (("stem/hswish", "opset4::HSwish"),)),
    _Layer("block/dw", "Convolution", "opset1::GroupConvolution", "jit_avx512_dw_f32",
           "jit_avx512_dw_I8", "u8", 0.20, 0.25, (("block/dw/relu", "opset1::Clamp"),)),
    _Layer("block/pw", "Convolution", "opset1::Convolution", "brgconv_avx512_1x1_f32",
           "brgconv_avx512_1x1_I8", "u8", 0.25, 0.15),
    _Layer("pool", "Pooling", "opset1::AvgPool", "jit_avx512_f32", "jit_avx512_I8", "u8",
           0.05, 0.05),
    _Layer("fc", "FullyConnected", "opset1::MatMul", "brgemm_avx512_f32", "brgemm_avx512_I8",
           "u8", 0.15, 0.15),
    _Layer("softmax", "Softmax", "opset8::Softmax", "jit_avx512_f32", "jit_avx512_f32", "f32",
           0.05, 0.10),
)  # fmt: skip
_REORDER_SHARE = 0.10
_REORDER_BEFORE = "softmax"


@dataclass(frozen=True)
class _World:
    """What one planted run measures."""

    name: str
    runtime: str
    isa_cap: str | None
    drive: Drive
    machine_id: str
    device_id: str
    runtime_id: str


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def planted_store(
    root: Path,
    *,
    models: tuple[str, ...] = ("tiny",),
    blocks: int = 5,
    runs: int = 1,
    failed_cell: bool = False,
    name: str = "tiny",
    int8_ratios: Mapping[str, float] | None = None,
    default_ratio: float = 1.0,
    runtime: str = "2026.4.1",
    isa_cap: str | None = None,
    profile_launches: int = PROFILE_LAUNCHES,
    cautions: bool = False,
    turns: int = TURNS,
    startup_launches: int = 0,
    drive: Drive = LATENCY,
) -> Store:
    """Write ``runs`` runs under ``root`` and open the store.

    ``int8_ratios`` says, by model, how long INT8 takes compared with ``fp32@f32``
    (default: 0.55 for the first model, 1.30 for the others), ``default_ratio`` the
    same for ``fp32@default``. ``failed_cell`` makes every launch of the first model's
    INT8 arm fail. ``name`` names the machine. Runs are one day apart. The launches of a
    block take ``turns`` with each other; 0 plants a store from before there were turns.
    Times are headlines: in throughput, times per item.
    """
    world = _world(name, runtime, isa_cap, drive)
    truths = {model: 0.55 if i == 0 else 1.30 for i, model in enumerate(models)}
    truths |= dict(int8_ratios or {})
    failing = _cell(world, models[0], ARMS[-1]).cell_id if failed_cell else ""
    for number in range(runs):
        started_at = START + timedelta(days=number)
        key = (name, runtime, isa_cap or "", str(number), *_drive_key(drive))
        run_id = new_run_id(started_at, _hash(*key)[:6])
        with RunWriter(root, run_id) as writer:
            writer.add(*_shared(world), _run(world, run_id, started_at, blocks, profile_launches))
            writer.add(*_blocks(world, run_id, started_at, models, blocks))
            if cautions:
                writer.add(
                    Caution(run_id, "interference_steal", "machine", world.machine_id, "2.5 %")
                )
            for model in models:
                writer.add(*_model(model))
                ratios = dict(zip(ARMS, (1.0, default_ratio, truths[model]), strict=True))
                for arm in ARMS:
                    cell = _cell(world, model, arm)
                    median_ms = FLOAT_MS * ratios[arm]
                    ok = cell.cell_id != failing
                    make = _Maker(run_id, cell, drive, started_at, median_ms if ok else None)
                    writer.add(cell, *make.timings(blocks, turns))
                    writer.add(*make.profiles(profile_launches), *make.startups(startup_launches))
            writer.commit(tool_version=TOOL_VERSION)
    return Store(root)


def cell_id_of(
    model: str = "tiny",
    arm: str = ARMS[0],
    *,
    name: str = "tiny",
    runtime: str = "2026.4.1",
    isa_cap: str | None = None,
    drive: Drive = LATENCY,
) -> str:
    """The id that ``planted_store`` gives a cell."""
    return _cell(_world(name, runtime, isa_cap, drive), model, arm).cell_id


def planted_certificate(
    root: Path,
    *,
    false_alarms: int = 3,
    comparisons: int = 100,
    name: str = "tiny",
    day: int = 30,
    runtime: str = "2026.4.1",
) -> Store:
    """Write a certificate of the machine ``name`` with its trials; a run without cells."""
    world = _world(name, runtime, None, LATENCY)

    def facts(run_id: str) -> Iterator[Fact]:
        yield Certificate(
            run_id, world.device_id, world.runtime_id, model_id_of("tiny"), ARMS[1], "latency",
            "quick", 5, comparisons, false_alarms, comparisons - false_alarms - 1, 2,
        )  # fmt: skip
        for trial in range(comparisons):
            found = ("slower", 1.04) if trial < false_alarms else ("equivalent", 1.001)
            low, high = found[1] - 0.01, found[1] + 0.01
            yield CertificateTrial(run_id, trial, *found, low, high, 5, 0)

    return cellless_run(root, "certificate", facts, name=name, day=day, runtime=runtime)


def cellless_run(
    root: Path,
    kind: str,
    facts: Callable[[str], Iterable[Fact]],
    *,
    name: str = "tiny",
    model: str = "tiny",
    day: int = 30,
    runtime: str = "2026.4.1",
) -> Store:
    """Write a run of this kind that launches nothing; ``facts`` gets its id."""
    world = _world(name, runtime, None, LATENCY)
    started_at = START + timedelta(days=day)
    run_id = new_run_id(started_at, _hash(kind, name, runtime, str(day))[:6])
    with RunWriter(root, run_id) as writer:
        writer.add(*_shared(world))
        writer.add(*(fact for fact in _model(model) if not _is_int8(fact)))
        writer.add(replace(_run(world, run_id, started_at, 5, 0), kind=kind))
        writer.add(*facts(run_id))
        writer.commit(tool_version=TOOL_VERSION, kind=kind)
    return Store(root)


def _drive_key(drive: Drive) -> tuple[str, ...]:
    """What tells driven cells apart in a hash; nothing for the usual latency."""
    return () if drive == LATENCY else (repr(drive),)


def _world(name: str, runtime: str, isa_cap: str | None, drive: Drive) -> _World:
    machine_id = _hash("machine", name)
    return _World(
        name=name,
        runtime=runtime,
        isa_cap=isa_cap,
        drive=drive,
        machine_id=machine_id,
        device_id=_hash("device", machine_id, isa_cap or ""),
        runtime_id=f"{runtime}-00000-planted",
    )


def _shared(world: _World) -> Iterator[Fact]:
    cpu = f"Planted CPU {world.name}"
    title = f"{cpu}, capped to {world.isa_cap}" if world.isa_cap else cpu
    yield Machine(
        machine_id=world.machine_id, hostname=f"{world.name}-host", cpu_model=cpu,
        cpu_vendor="Planted", cpu_family=6, cpu_model_number=143, cpu_stepping=8,
        microcode="0x1", isa_flags=("avx2", "avx512f", "avx512_vnni"), sockets=1, numa_nodes=1,
        physical_cores=4, logical_cpus=8, l1d_kib=48, l2_kib=2048, l3_kib=16384,
        memory_mib=16384, kernel="6.1.0", os_name="Linux", hypervisor=None,
        governor="performance", turbo=None, cgroup_cpus=None,
    )  # fmt: skip
    yield Device(world.device_id, world.machine_id, "CPU", world.isa_cap, cpu, title,
                 ("FP32", "INT8", "BIN"))  # fmt: skip
    yield Runtime(world.runtime_id, world.runtime, world.runtime_id, "3.10", "3.11.2")


def _run(world: _World, run_id: str, started_at: datetime, blocks: int, profiles: int) -> Run:
    return Run(
        run_id=run_id, kind="measured", machine_id=world.machine_id, started_at=started_at,
        ended_at=started_at + timedelta(minutes=5), tool_version=TOOL_VERSION,
        command="python -m collector run", seed=7, blocks_planned=blocks,
        profile_launches=profiles, effort="default", continued=0,
    )  # fmt: skip


def _is_int8(fact: Fact) -> bool:
    return isinstance(fact, Variant) and fact.parent_variant_id is not None


def model_id_of(model: str) -> str:
    """The id that a planted model has."""
    return _hash("model", model)


def variant_id_of(model: str, kind: str) -> str:
    """The id that a planted variant has."""
    return _hash("variant", model, kind)


def _cell(world: _World, model: str, arm: str) -> Cell:
    kind, precision = arm.split("@")
    drive = world.drive
    place = (world.device_id, world.runtime_id, model, arm)
    cell_id = _hash("cell", *place, *_drive_key(drive))
    return Cell(cell_id, world.device_id, world.runtime_id, model_id_of(model),
                variant_id_of(model, kind), precision, arm, drive.scenario, drive.batch,
                drive.streams, drive.threads, drive.requests)  # fmt: skip


def _blocks(
    world: _World, run_id: str, started_at: datetime, models: Iterable[str], blocks: int
) -> Iterator[Block]:
    cells = [_cell(world, model, arm).cell_id for model in models for arm in ARMS]
    for block in range(blocks):
        shift = block % len(cells)
        order = tuple(cells[shift:] + cells[:shift])
        yield Block(run_id, block, started_at + timedelta(seconds=10 * block), order)


def _model(model: str) -> Iterator[Fact]:
    model_id = model_id_of(model)
    float_id = variant_id_of(model, "fp32")
    yield Model(model_id, model, model.title(), "builtin", None, 12_000, 3_000_000,
                synthetic_weights=True, note="synthetic weights: speed only")  # fmt: skip
    yield Variant(float_id, model_id, "fp32", None, "openvino", "2026.4.1", "{}", 48_000, None)
    yield Variant(variant_id_of(model, "int8-simplified"), model_id, "int8-simplified", float_id,
                  "nncf", "3.4.0", '{"subset_size": 8}', 14_000, None)  # fmt: skip
    yield from _source_ops(float_id)


def _source_ops(variant_id: str) -> Iterator[SourceOp]:
    ops = [("input", "opset1::Parameter")]
    for layer in _LAYERS:
        ops += [(layer.name, layer.op_type), *layer.extra_ops]
    for position, (op_name, op_type) in enumerate(ops):
        heavy = "Conv" in op_type or "MatMul" in op_type
        yield SourceOp(
            variant_id=variant_id, op_name=op_name, op_type=op_type, position=position,
            input_shapes=(_SHAPE,) if position else (), output_shapes=(_SHAPE,),
            producers=(ops[position - 1][0],) if position else (),
            flops=1_000_000 if heavy else None, input_elements=1024 if position else 0,
            weight_elements=2304 if heavy else 0, output_elements=1024,
            module_path=op_name.rpartition("/")[0],
        )  # fmt: skip


@dataclass(frozen=True)
class _Maker:
    """Makes the launches of one cell in one run; all failed where ``headline_ms`` is None."""

    run_id: str
    cell: Cell
    drive: Drive
    started_at: datetime
    headline_ms: float | None

    def timings(self, blocks: int, turns: int) -> Iterator[Launch]:
        position = ARMS.index(self.cell.arm)
        for block in range(blocks):
            wobble = _WOBBLE[(block + 2 * position) % len(_WOBBLE)]
            at = self.started_at + timedelta(seconds=10 * block + position)
            launch = self._launch(f"t{block}", "timing", block, position, at, 1.0 + wobble)
            headline_ms = _headline_ms(launch, self.drive)
            if turns and headline_ms is not None:
                pace = tuple(headline_ms * _PACE[i % len(_PACE)] for i in range(turns))
                launch = replace(launch, sitting=block, slice_ms=pace)
            yield launch

    def profiles(self, count: int) -> Iterator[Fact]:
        for number in range(count if self.headline_ms is not None else 0):
            at = self.started_at + timedelta(minutes=4, seconds=number)
            launch = self._launch(f"p{number}", "profile", None, number, at, 1.02)
            yield launch
            executed_us = 1000.0 * (self.headline_ms or 0.0) - UNATTRIBUTED_US
            total_us = executed_us * self.drive.items * (1.0 + 0.01 * (number - 1))
            yield from _nodes(self.run_id, launch.launch_id, self.cell, total_us)

    def startups(self, count: int) -> Iterator[Launch]:
        """From the cache; far from the headline, so that a test sees where one is counted."""
        for number in range(count if self.headline_ms is not None else 0):
            at = self.started_at + timedelta(minutes=3, seconds=number)
            launch = self._launch(f"s{number}", "startup", None, number, at, 9.0)
            yield replace(launch, cached_compile_ms=8.0)

    def _launch(
        self, name: str, kind: str, block: int | None, position: int, at: datetime, factor: float
    ) -> Launch:
        headline_ms = None if self.headline_ms is None else self.headline_ms * factor
        launch_id = f"{self.run_id}-{self.cell.cell_id}-{name}"
        return _launch(self.run_id, launch_id, self.cell.cell_id, kind, block, position, at,
                       headline_ms, self.drive)  # fmt: skip


def _headline_ms(launch: Launch, drive: Drive) -> float | None:
    if drive.scenario == "throughput" and launch.throughput_fps is not None:
        return 1000.0 / launch.throughput_fps
    return launch.p50_ms


def _launch(
    run_id: str, launch_id: str, cell_id: str, kind: str, block: int | None, position: int,
    at: datetime, headline_ms: float | None, drive: Drive,
) -> Launch:  # fmt: skip
    """A launch around a headline, or a failed one where there is none."""
    ok = headline_ms is not None
    p50_ms = None if headline_ms is None else headline_ms * drive.items

    def times(factor: float) -> float | None:
        return p50_ms * factor if p50_ms is not None else None

    return Launch(
        run_id=run_id, launch_id=launch_id, cell_id=cell_id, kind=kind, block=block, attempt=0,
        sitting=None, position=position, started_at=at, status="ok" if ok else "failed",
        error=None if ok else "planted failure", stderr_tail=None if ok else "it was planted",
        read_ms=times(2.0), compile_ms=times(40.0), cached_compile_ms=None,
        first_inference_ms=times(1.5), warmup_iterations=20 if ok else None,
        warmup_settled=True if ok else None, iterations=3 if ok else None, p50_ms=p50_ms,
        p90_ms=times(1.1), p99_ms=times(1.2), mean_ms=times(1.01), min_ms=times(0.95),
        max_ms=times(1.3), throughput_fps=None if headline_ms is None else 1000.0 / headline_ms,
        samples_ms=(0.95 * p50_ms, p50_ms, 1.3 * p50_ms) if p50_ms is not None else (),
        slice_ms=None, inference_s=2.4 if ok else None,
        requests=drive.streams_run if ok else None, pinned_to="0-3" if ok else None,
        properties=f'{{"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": {drive.streams_run}}}'
        if ok else None,
        peak_memory_mib=120.0 if ok else None, steal_share=0.0, throttled_us=None,
        cpu_pressure_us=100, involuntary_switches=2, frequency_mhz=None, other_cpu_share=0.01,
    )  # fmt: skip


def _nodes(run_id: str, launch_id: str, cell: Cell, total_us: float) -> Iterator[Fact]:
    """Exec nodes of one profile launch and their bridge to the source ops."""
    is_int8 = cell.arm.startswith("int8")
    rows: list[tuple[str, _Layer | None, float | None]] = [("input", None, None)]
    for layer in _LAYERS:
        if is_int8 and layer.name == _REORDER_BEFORE:
            rows.append(("fc_u8_f32_softmax", None, total_us * _REORDER_SHARE))
        share = layer.int8_share if is_int8 else layer.float_share
        rows.append((layer.name, layer, total_us * share))
    for index, (name, found, time_us) in enumerate(rows):
        yield _node(run_id, launch_id, cell, index, name, found, time_us)
        names = (name, *(op for op, _ in found.extra_ops)) if found else ()
        for op_name in names or (("input",) if index == 0 else ()):
            yield ExecNodeSource(run_id, launch_id, index, op_name, "name", 1.0)


def _node(
    run_id: str, launch_id: str, cell: Cell, index: int, name: str, layer: _Layer | None,
    time_us: float | None,
) -> ExecNode:  # fmt: skip
    is_int8 = cell.arm.startswith("int8")
    precision = layer.int8_precision if is_int8 and layer else "f32"
    layout = "aBcd16b" if precision == "f32" else "acdb"
    node_type = layer.node_type if layer else ("Input" if index == 0 else "Reorder")
    is_reorder = node_type == "Reorder"
    primitive = "jit_uni_reorder_u8" if is_reorder else "unknown_f32"
    extra: tuple[str, ...] = ()
    if layer:
        primitive = layer.int8_primitive if is_int8 else layer.float_primitive
        extra = tuple(op for op, _ in layer.extra_ops)
    return ExecNode(
        run_id=run_id, launch_id=launch_id, cell_id=cell.cell_id, node_index=index, name=name,
        node_type=node_type, primitive=primitive, runtime_precision=precision,
        input_precisions=("u8" if is_reorder else precision,) if index else (),
        input_layouts=("acdb" if is_reorder else layout,) if index else (),
        output_precisions=(precision,), output_layouts=(layout,),
        output_shapes=(_SHAPE,), producers=(index - 1,) if index else (), from_constant=False,
        original_names=(name, *extra) if layer else (),
        status="executed" if index else "not_executed", time_us=time_us,
    )  # fmt: skip
