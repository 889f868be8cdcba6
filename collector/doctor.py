"""What this machine is, what OpenVINO finds on it, and what will hurt a measurement.

``diagnose`` looks, ``doctor_text`` tells it to a person; the words of what hurts are
those of ``results.cautions``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.answers import DeviceAnswer, ProbeFailure
from collector.condition import Condition, Load, read_condition
from collector.disturbance import OTHER_LOAD_CPUS, OTHER_LOAD_SHARE, STEAL_SHARE
from collector.isa_flags import missing_int8
from collector.launcher import Launcher
from collector.machine import machine_cautions, this_machine, usable_cpus
from collector.system import HERE, System
from collector.topology import UNPINNED, cpus_text, pinned_cpus
from results import format as fmt
from results.cautions import of, show
from results.comparison import ShownCaution
from results.errors import HostError
from results.facts import Machine

LITTLE_MEMORY_MIB = 2048
"""A sitting holds a process per arm, each with its model: less than this is soon used up."""
SWAPPING_MIB = 256
"""Systems put away some idle pages without need; more than this is a lack of memory."""
NOW = "now"
"""Subject of what is true at this moment and not stored with a run."""
_NAME_WIDTH = 16


@dataclass(frozen=True)
class Diagnosis:
    """The machine, what OpenVINO says, and what to do about what will hurt.

    ``pinned_to`` is where a latency launch would run: CPUs as ``0-3,8``, or ``unpinned``.
    """

    machine: Machine
    openvino: DeviceAnswer
    usable_cpus: int
    pinned_to: str
    condition: Condition
    data: str
    data_writable: bool
    cautions: tuple[ShownCaution, ...]


def diagnose(data: Path, system: System = HERE) -> Diagnosis:
    """Look at this machine and at the store; HostError where OpenVINO does not work."""
    answer = Launcher().describe("CPU")
    if isinstance(answer, ProbeFailure):
        raise HostError(
            f"OpenVINO does not work here: {answer.reason}",
            hint="install the pinned packages with `pip install -r requirements.txt`",
        )
    machine = this_machine(system)
    condition = read_condition(system)
    return Diagnosis(
        machine=machine,
        openvino=answer,
        usable_cpus=usable_cpus(),
        pinned_to=cpus_text(pinned_cpus(system)),
        condition=condition,
        data=str(data),
        data_writable=_is_writable(data),
        cautions=(
            *_missing_device(answer),
            *map(show, machine_cautions("", machine, system)),
            *condition_cautions(machine, condition),
        ),
    )


def _is_writable(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that exists, can be written."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def _missing_device(answer: DeviceAnswer) -> Iterator[ShownCaution]:
    if answer.missing:
        yield of("device_missing", "machine", f"CPU; found {', '.join(answer.devices) or 'none'}")


def condition_cautions(machine: Machine, condition: Condition) -> tuple[ShownCaution, ...]:
    """What hurts right now, and what the CPU lacks; none of it is stored with a run. Pure."""
    found = [*_load(machine, condition.load), *_resources(condition)]
    missing = missing_int8(machine.isa_flags)
    if missing is not None:
        found.append(("no_int8_isa", missing))
    return tuple(of(caution_id, NOW, detail) for caution_id, detail in found)


def _load(machine: Machine, load: Load) -> Iterator[tuple[str, str]]:
    cpus = (load.other_share or 0.0) * (machine.logical_cpus or 1)
    if (load.other_share or 0.0) > OTHER_LOAD_SHARE or cpus > OTHER_LOAD_CPUS:
        yield "other_load_now", _load_text(load)
    if load.steal_share is not None and load.steal_share > STEAL_SHARE:
        yield "steal_now", f"{fmt.percent(load.steal_share)} of the CPU time"


def _load_text(load: Load) -> str:
    share = f"{fmt.percent(load.other_share)} of the CPU time"
    top = load.busiest
    if top is None or not load.other_share:
        return share
    return f"{share}, most of it {top.name} (process {top.pid}) with {fmt.number(top.cpus)} CPUs"


def _resources(condition: Condition) -> Iterator[tuple[str, str]]:
    memory_mib, swap_mib = condition.memory_available_mib, condition.swap_used_mib
    if memory_mib is not None and memory_mib < LITTLE_MEMORY_MIB:
        yield "little_memory", fmt.mib(memory_mib)
    if swap_mib is not None and swap_mib > SWAPPING_MIB:
        yield "swapping", fmt.mib(swap_mib)
    if condition.throttled_us:
        yield "throttled_before", _throttled(condition)
    if condition.thermal_throttles:
        yield "thermal_throttling", f"{_times(condition)} since the system started"


def _throttled(condition: Condition) -> str:
    if not condition.throttled_us:
        return fmt.UNKNOWN if condition.throttled_us is None else "never"
    return f"{fmt.number(condition.throttled_us / 1e6)} s in all"


def _times(condition: Condition) -> str:
    number = condition.thermal_throttles
    return "once" if number == 1 else f"{fmt.count(number)} times"


def doctor_text(found: Diagnosis) -> str:
    """The diagnosis for people: facts in groups, then what will hurt and what to do."""
    lines = [
        *_group("This machine", _machine_lines(found)),
        *_group("OpenVINO", _openvino_lines(found)),
        *_group("Right now", _now_lines(found)),
        *_group("Measuring here", _measuring_lines(found)),
        *_hurting_lines(found.cautions),
    ]
    return "\n".join(map(fmt.plain, lines))


def _group(title: str, facts: Iterator[tuple[str, str]]) -> list[str]:
    return [title, *(f"  {name:<{_NAME_WIDTH}}{value}" for name, value in facts), ""]


def _machine_lines(found: Diagnosis) -> Iterator[tuple[str, str]]:
    machine = found.machine
    yield "name", f"{machine.hostname} (id {machine.machine_id})"
    yield "CPU", machine.cpu_model
    yield "CPU version", _cpu_version(machine)
    yield "instructions", " ".join(machine.isa_flags) or fmt.UNKNOWN
    yield "cores", _cores(machine)
    yield "caches", _caches(machine)
    yield "memory", fmt.mib(machine.memory_mib)
    yield "system", f"{machine.os_name or fmt.UNKNOWN}, kernel {machine.kernel or fmt.UNKNOWN}"
    yield "hypervisor", machine.hypervisor or "none seen"
    yield "governor", machine.governor or fmt.UNKNOWN
    yield "turbo", _turbo(machine)
    limit = machine.cgroup_cpus
    yield "CPU limit", "none seen" if limit is None else f"{limit:g} CPUs (control group)"


def _cpu_version(machine: Machine) -> str:
    parts = (
        ("vendor", machine.cpu_vendor), ("family", machine.cpu_family),
        ("model", machine.cpu_model_number), ("stepping", machine.cpu_stepping),
        ("microcode", machine.microcode),
    )  # fmt: skip
    told = (f"{name} {value}" for name, value in parts if value is not None)
    return ", ".join(told) or fmt.UNKNOWN


def _cores(machine: Machine) -> str:
    numbers = (
        (machine.physical_cores, "physical"), (machine.logical_cpus, "logical"),
        (machine.sockets, "in sockets"), (machine.numa_nodes, "in NUMA nodes"),
    )  # fmt: skip
    return ", ".join(f"{name}: {fmt.count(number)}" for number, name in numbers)


def _caches(machine: Machine) -> str:
    sizes = (("L1d", machine.l1d_kib), ("L2", machine.l2_kib), ("L3", machine.l3_kib))
    return ", ".join(
        f"{name} {fmt.UNKNOWN if size is None else f'{size:,} KiB'}" for name, size in sizes
    )


def _turbo(machine: Machine) -> str:
    if machine.turbo is None:
        return fmt.UNKNOWN
    return "enabled" if machine.turbo else "off"


def _openvino_lines(found: Diagnosis) -> Iterator[tuple[str, str]]:
    answer = found.openvino
    yield "version", f"{answer.version}, with Python {answer.python}"
    yield "device CPU", answer.full_name or "not there"
    yield "it can do", ", ".join(answer.capabilities) or fmt.UNKNOWN
    yield "devices here", ", ".join(answer.devices) or "none"


def _now_lines(found: Diagnosis) -> Iterator[tuple[str, str]]:
    now = found.condition
    yield "other load", _load_text(now.load)
    yield "steal", fmt.percent(now.load.steal_share)
    yield "free memory", fmt.mib(now.memory_available_mib)
    yield "swap in use", fmt.mib(now.swap_used_mib)
    yield "throttled", _throttled(now)
    told = now.thermal_throttles is not None
    yield "slowed by heat", f"{_times(now)} since the system started" if told else fmt.UNKNOWN
    yield "power", {True: "battery", False: "mains", None: fmt.UNKNOWN}[now.on_battery]


def _measuring_lines(found: Diagnosis) -> Iterator[tuple[str, str]]:
    total = found.machine.logical_cpus
    yield "usable CPUs", f"{found.usable_cpus} of {fmt.count(total)}"
    pinned = found.pinned_to
    yield "pinning", pinned if pinned == UNPINNED else f"latency on CPUs {pinned}"
    yield "store", f"{found.data} {'can' if found.data_writable else 'CANNOT'} be written"


def _hurting_lines(cautions: tuple[ShownCaution, ...]) -> Iterator[str]:
    if not cautions:
        yield "nothing seen that would hurt a measurement"
        return
    yield "What will hurt a measurement"
    for caution in cautions:
        yield f"  - {caution.message}"
        yield f"    What to do: {caution.action}"
