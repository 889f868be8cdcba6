"""Measures a device's peaks through OpenVINO itself, and stores them as a run of kind ``peaks``.

Each network of ``collector.peak_nets`` is a profile launch of its own, pinned as latency
launches are; the layer's own counter is its time. What disturbed it is stored with it and
nothing is measured again. What a peak is good for: docs/ceiling.md.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from collector.answers import ProbeFailure, ProfileAnswer
from collector.cgroup import cpu_stat_files, free_memory_mib
from collector.devices import RUNTIME_BROKEN, FoundDevice, find_device
from collector.disturbance import launch_cautions
from collector.launcher import ProbeRequest
from collector.machine import machine_cautions, this_machine, usable_cpus
from collector.models.ir_files import save_ir
from collector.models.ir_v10 import ir_v10
from collector.peak_nets import INT8, CountedLayer, PeakNet, copy_net, heavy_net
from collector.progress import Reporter, reporter
from collector.records import LaunchKey, exec_nodes, launch_fact
from collector.system import HERE
from collector.topology import cpus_text, pinned_cpus, with_siblings
from collector.using import Using, all_held, chosen
from results.errors import HostError, MeasurementError, UsageError
from results.facts import Caution, Device, ExecNode, Launch, Machine, Peak, Run, Runtime
from results.kinds import CONVERSION_TYPES, canonical_precision
from results.roofline import CACHE_OVER_COPY
from results.version import __version__
from results.writer import RunWriter, check_writable, new_run_id

PEAKS = "peaks"
LAUNCH_S = 3.0
"""Expected length of a launch, its start and warm-up included."""
_MEASURE_S = 1.0
_WARMUP_MAX_S = 1.0
_LEAST_INFERENCES = 5
_TIMEOUT_S = 60.0
_CAPS_WITH_BF16 = frozenset({None, "AVX512_CORE_AMX"})
_L2_KIB_ELSE = 256
_LEAST_MEMORY_SET_MIB, _MOST_MEMORY_SET_MIB = 256, 768
_CACHES_FULL = 4
"""The large copy takes so many times the level 3 cache."""
_FREE_SHARE = 0.1
"""Share of the free memory for it; input, output and the making of them take about four times."""
_TRUNCATED_US = 0.5
_THREADS = ("INFERENCE_NUM_THREADS", "CPU_THREADS_NUM")
"""The second is the name that OpenVINO 2021 had for it."""


@dataclass(frozen=True)
class Unmeasured:
    """A network that gave no peak, and why."""

    what: str
    reason: str


@dataclass(frozen=True)
class MeasuredPeaks:
    """The committed run: what was measured on what, and what could not be."""

    run_id: str
    path: Path
    machine: Machine
    device: Device
    runtime: Runtime
    rows: tuple[Peak, ...]
    unmeasured: tuple[Unmeasured, ...]
    cautions: tuple[Caution, ...]


def measure_peaks(
    data: Path, command: str, *, ov_device: str = "CPU", isa_cap: str | None = None,
    openvino: str | None = None,
) -> MeasuredPeaks:  # fmt: skip
    """Measure a device's peaks and commit them; a device that is not there is a UsageError.

    Raises HostError where OpenVINO does not work, MeasurementError where no network gave a
    peak; then nothing is stored.
    """
    check_writable(data)
    used = chosen([openvino] if openvino else [], data)
    started, machine = datetime.now(UTC), this_machine()
    run_id = new_run_id(started, secrets.token_hex(3))
    with all_held(used), TemporaryDirectory(prefix="int8-lens-peaks-") as folder:
        found = _found(machine, ov_device, isa_cap, used[0])
        bench = _Bench(run_id, found, Path(folder))
        nets = planned_nets(machine, found.device, bench.threads, free_memory_mib(HERE))
        with reporter(LAUNCH_S * len(nets)) as progress:
            for net in nets:
                bench.launch(net, progress)
    if not bench.rows:
        raise MeasurementError(
            f"no peak could be measured: {bench.unmeasured[0].reason}",
            hint="look at `python -m collector doctor`",
        )
    cautions = (*machine_cautions(run_id, machine), *bench.cautions)
    run = _run(run_id, machine, started, command)
    with RunWriter(data, run_id) as writer:
        writer.add(machine, found.device, found.runtime, *cautions, *bench.rows, run)
        path = writer.commit(tool_version=__version__, kind=PEAKS)
    return MeasuredPeaks(run_id, path, machine, found.device, found.runtime,
                         tuple(bench.rows), tuple(bench.unmeasured), cautions)  # fmt: skip


def _found(machine: Machine, ov_device: str, isa_cap: str | None, using: Using) -> FoundDevice:
    """The device, if it can be used; else the error that says why not."""
    if isa_cap is not None and ov_device != "CPU":
        raise UsageError(
            f"--isa-cap {isa_cap} limits a CPU, not {ov_device}", hint="leave one of them out"
        )
    found = find_device(machine, ov_device, isa_cap, using)
    if found.obstacle is None:
        return found
    if found.obstacle.kind == RUNTIME_BROKEN:
        raise HostError(found.obstacle.reason, hint="check that version, or add it again")
    raise UsageError(found.obstacle.reason, hint="choose one of them with --device")


def planned_nets(
    machine: Machine, device: Device, threads: int, free_mib: float
) -> tuple[PeakNet, ...]:
    """What is launched: one network per precision, one copy per level of memory. Pure."""
    heavy = (heavy_net(precision, threads) for precision in _precisions(device))
    copies = (copy_net(size) for size in copy_sizes(machine, threads, free_mib))
    return (*heavy, *copies)


def _precisions(device: Device) -> Iterator[str]:
    """f32, the 16-bit float that the device has, if any, and int8."""
    yield "f32"
    capabilities = {name.upper() for name in device.capabilities}
    if "BF16" in capabilities and device.isa_cap in _CAPS_WITH_BF16:
        yield "bf16"
    elif "FP16" in capabilities and device.ov_device != "CPU":
        yield "f16"
    yield INT8


def copy_sizes(machine: Machine, threads: int, free_mib: float) -> tuple[int, ...]:
    """Bytes read and written by a copy in the level 2 caches, the level 3 cache and memory.

    Half of what the caches of the threads' cores hold; of memory several times the level 3
    cache, within bounds and as the free memory allows. Pure.
    """
    level_2_kib = (machine.l2_kib or _L2_KIB_ELSE) * threads // CACHE_OVER_COPY
    level_3_kib = (machine.l3_kib or 0) // CACHE_OVER_COPY
    wanted_mib = _CACHES_FULL * (machine.l3_kib or 0) / 1024
    bounded_mib = min(max(wanted_mib, _LEAST_MEMORY_SET_MIB), _MOST_MEMORY_SET_MIB)
    memory_kib = int(min(bounded_mib, _FREE_SHARE * free_mib) * 1024)
    sizes = [level_2_kib, *([level_3_kib] if level_3_kib > 2 * level_2_kib else []), memory_kib]
    return tuple(size * 1024 for size in sorted(set(sizes)))


class _Bench:
    """Launches the networks of one run and keeps what they gave."""

    def __init__(self, run_id: str, found: FoundDevice, folder: Path) -> None:
        self.rows: list[Peak] = []
        self.unmeasured: list[Unmeasured] = []
        self.cautions: list[Caution] = []
        self._run_id, self._found, self._folder = run_id, found, folder
        self._cpus = (pinned_cpus() or ()) if found.device.ov_device == "CPU" else ()
        self._launcher = found.using.launcher(found.device.isa_cap, _TIMEOUT_S)

    @property
    def threads(self) -> int:
        """How many CPUs a launch may use."""
        return len(self._cpus) or usable_cpus()

    def launch(self, net: PeakNet, progress: Reporter) -> None:
        """One profile launch; what fails is remembered with its reason."""
        progress.step(net.title, LAUNCH_S)
        key = LaunchKey(
            self._run_id, secrets.token_hex(6), "", "profile", 0, datetime.now(UTC),
            pinned_to=cpus_text(self._cpus or None),
        )  # fmt: skip
        try:
            answer = self._launcher.profile(self._request(net))
        except MeasurementError as error:
            answer = ProbeFailure(error.message, None)
        if isinstance(answer, ProbeFailure):
            self.unmeasured.append(Unmeasured(net.title, answer.reason))
            return
        launch = launch_fact(key, answer.launch)
        nodes = exec_nodes(key, answer)
        for layer in net.layers:
            self._take(net, layer, launch, nodes, answer)
        self._disturbed(net, launch)

    def _take(
        self, net: PeakNet, layer: CountedLayer, launch: Launch, nodes: Sequence[ExecNode],
        answer: ProfileAnswer,
    ) -> None:  # fmt: skip
        node = layer_node(nodes, layer.name)
        if node is None or not node.time_us:
            reason = "OpenVINO tells no time for the layer"
            self.unmeasured.append(Unmeasured(net.title, f"{layer.operation}: {reason}"))
            return
        self.rows.append(
            Peak(
                run_id=self._run_id,
                device_id=self._found.device.device_id,
                runtime_id=self._found.runtime.runtime_id,
                kind=layer.kind,
                operation=layer.operation,
                precision=net.precision,
                working_set_bytes=layer.working_set_bytes,
                value=layer.amount / typical_us(node, answer.launch.samples_ms) / 1e3,
                executed_precision=canonical_precision(node.runtime_precision),
                primitive=node.primitive,
                threads=_threads(launch.properties),
                pinned_to=launch.pinned_to,
                measured_at=launch.started_at,
                iterations=launch.iterations or 0,
                steal_share=launch.steal_share,
                other_cpu_share=launch.other_cpu_share,
                throttled_us=launch.throttled_us,
            )
        )

    def _disturbed(self, net: PeakNet, launch: Launch) -> None:
        watched = len(with_siblings(self._cpus)) or usable_cpus()
        self.cautions += [
            Caution(self._run_id, caution_id, "run", self._run_id,
                    f"{detail}, during {net.title}")
            for caution_id, detail in launch_cautions(launch, watched)
        ]  # fmt: skip

    def _request(self, net: PeakNet) -> ProbeRequest:
        path = self._folder / f"{net.name}.xml"
        save_ir(net.build(), path)
        weights_path = ""
        if self._found.newest_opset is not None:
            files = ir_v10(path, self._found.newest_opset, self._folder)
            path, weights_path = files.xml_path, str(files.weights_path)
        hint = () if net.precision == INT8 else (("INFERENCE_PRECISION_HINT", net.precision),)
        return ProbeRequest(
            action="profile",
            device=self._found.device.ov_device,
            model_path=str(path),
            weights_path=weights_path,
            config=(("NUM_STREAMS", "1"), ("PERFORMANCE_HINT_NUM_REQUESTS", "1"), *hint),
            pinned_cpus=self._cpus,
            watched_cpus=with_siblings(self._cpus) if self._cpus else (),
            cpu_stat_files=cpu_stat_files(HERE),
            warmup_max_s=_WARMUP_MAX_S,
            slice_s=_MEASURE_S,
            slice_min_iterations=_LEAST_INFERENCES,
        )


def layer_node(nodes: Sequence[ExecNode], name: str) -> ExecNode | None:
    """The executed node that runs the layer of this name: of several the longest."""
    own = [
        node
        for node in nodes
        if node.time_us is not None
        and node.node_type not in CONVERSION_TYPES
        and any(told.startswith(name) for told in (node.name, *node.original_names))
    ]
    return max(own, key=lambda node: node.time_us or 0.0, default=None)


def typical_us(node: ExecNode, samples_ms: Sequence[float]) -> float:
    """A layer's time as in the median inference: its counter times median over mean latency.

    The counter is a mean: one inference that was held up makes it longer, the median not. It
    is told in whole µs, truncated, which is half a µs too little on the average.
    """
    samples = np.array(samples_ms, dtype=np.float64)
    counted_us = (node.time_us or 0.0) + _TRUNCATED_US
    return counted_us * float(np.median(samples) / samples.mean())


def _threads(properties: str | None) -> int | None:
    told = json.loads(properties or "{}")
    numbers = [str(told[name]) for name in _THREADS if name in told]
    return int(numbers[0]) if numbers and numbers[0].isdecimal() and int(numbers[0]) else None


def _run(run_id: str, machine: Machine, started: datetime, command: str) -> Run:
    return Run(
        run_id=run_id,
        kind=PEAKS,
        machine_id=machine.machine_id,
        started_at=started,
        ended_at=datetime.now(UTC),
        tool_version=__version__,
        command=command,
        seed=None,
        blocks_planned=0,
        profile_launches=0,
        effort=None,
        continued=0,
    )
