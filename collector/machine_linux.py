"""Facts about a Linux machine, from ``/proc`` and ``/sys``; x86 and Arm."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence

from collector.cgroup import cpu_limit
from collector.hypervisor import linux_hypervisor
from collector.identity import identify
from collector.isa_flags import telling_flags
from collector.system import System, pairs, whole
from collector.topology import Topology, read_topology
from results.facts import Machine

_CPU0 = "sys/devices/system/cpu/cpu0"
# "CPU implementer" and "CPU part" of Arm's Main ID register: Arm's "Cortex-A/Neoverse
# Technical Reference Manuals", field MIDR_EL1; the same numbers as in util-linux' lscpu.
_IMPLEMENTERS = {
    0x41: "ARM", 0x42: "Broadcom", 0x43: "Cavium", 0x48: "HiSilicon", 0x4E: "NVIDIA",
    0x50: "APM", 0x51: "Qualcomm", 0x61: "Apple", 0x6D: "Microsoft", 0xC0: "Ampere",
}  # fmt: skip
_ARM_PARTS = {
    0xD03: "Cortex-A53", 0xD04: "Cortex-A35", 0xD05: "Cortex-A55", 0xD07: "Cortex-A57",
    0xD08: "Cortex-A72", 0xD09: "Cortex-A73", 0xD0A: "Cortex-A75", 0xD0B: "Cortex-A76",
    0xD0C: "Neoverse-N1", 0xD0D: "Cortex-A77", 0xD40: "Neoverse-V1", 0xD41: "Cortex-A78",
    0xD44: "Cortex-X1", 0xD46: "Cortex-A510", 0xD47: "Cortex-A710", 0xD48: "Cortex-X2",
    0xD49: "Neoverse-N2", 0xD4D: "Cortex-A715", 0xD4E: "Cortex-X3", 0xD4F: "Neoverse-V2",
    0xD80: "Cortex-A520", 0xD81: "Cortex-A720", 0xD82: "Cortex-X4", 0xD84: "Neoverse-V3",
    0xD8E: "Neoverse-N3",
}  # fmt: skip
_ARM = 0x41


def linux_machine(system: System, *, private: bool) -> Machine:
    """The facts of a Linux machine; None for what it does not tell."""
    cpus = _cpuinfo(system)
    first = cpus[0] if cpus else {}
    flags = frozenset((first.get("flags") or first.get("Features") or "").split())
    topology = read_topology(system)
    model = _cpu_model(system, cpus)
    who = identify(system, model, private=private)
    return Machine(
        machine_id=who.machine_id,
        hostname=who.hostname,
        cpu_model=model,
        cpu_vendor=first.get("vendor_id") or _implementer(first),
        cpu_family=whole(first.get("cpu family")),
        cpu_model_number=whole(first.get("model") or first.get("CPU part")),
        cpu_stepping=whole(first.get("stepping") or first.get("CPU revision")),
        microcode=first.get("microcode") or system.text(f"{_CPU0}/microcode/version"),
        isa_flags=telling_flags(flags),
        sockets=_sockets(topology, cpus),
        numa_nodes=len(system.paths("sys/devices/system/node/node[0-9]*")) or None,
        physical_cores=len(topology.cores) if topology else _cores(cpus),
        logical_cpus=len(topology.cpus if topology else cpus) or None,
        l1d_kib=_cache_kib(system, 1, "Data"),
        l2_kib=_cache_kib(system, 2, "Unified"),
        l3_kib=_cache_kib(system, 3, "Unified"),
        memory_mib=memory_mib(system, "MemTotal"),
        kernel=system.text("proc/sys/kernel/osrelease"),
        os_name=_os_name(system),
        hypervisor=linux_hypervisor(system, flags),
        governor=_governor(system),
        turbo=_turbo(system),
        cgroup_cpus=cpu_limit(system).cpus,
    )


def memory_mib(system: System, key: str) -> int | None:
    """A figure of ``/proc/meminfo`` in MiB, such as MemAvailable or SwapFree."""
    kib = whole(pairs(system.text("proc/meminfo")).get(key, "").removesuffix(" kB"))
    return None if kib is None else kib // 1024


def _cpuinfo(system: System) -> list[dict[str, str]]:
    """One entry per logical CPU; other blocks, such as the board's, are left out."""
    blocks = (system.text("proc/cpuinfo") or "").split("\n\n")
    return [cpu for cpu in map(pairs, blocks) if "processor" in cpu]


def _cpu_model(system: System, cpus: Sequence[dict[str, str]]) -> str:
    """The CPU's own name, else the kinds of Arm cores in it, else the board, else unknown."""
    named = next((cpu["model name"] for cpu in cpus if cpu.get("model name")), None)
    kinds = dict.fromkeys(name for cpu in cpus if (name := _arm_core(cpu)) is not None)
    board = system.text("proc/device-tree/model")
    return named or " + ".join(kinds) or board or "unknown CPU"


def _arm_core(cpu: dict[str, str]) -> str | None:
    part = whole(cpu.get("CPU part"))
    if part is None:
        return None
    known = _ARM_PARTS.get(part) if whole(cpu.get("CPU implementer")) == _ARM else None
    return f"{_implementer(cpu) or 'Arm CPU'} {known or f'part {part:#x}'}"


def _implementer(cpu: dict[str, str]) -> str | None:
    number = whole(cpu.get("CPU implementer"))
    return None if number is None else _IMPLEMENTERS.get(number, f"implementer {number:#x}")


def _cores(cpus: Sequence[dict[str, str]]) -> int | None:
    """Physical cores by what x86 CPUs say of themselves; only where all of them do."""
    ids = {(cpu.get("physical id"), cpu.get("core id")) for cpu in cpus}
    return len(ids) if ids and all(core is not None for _, core in ids) else None


def _sockets(topology: Topology | None, cpus: Sequence[dict[str, str]]) -> int | None:
    if topology is not None:
        return topology.sockets
    return len({cpu["physical id"] for cpu in cpus if "physical id" in cpu}) or None


def _cache_kib(system: System, level: int, kind: str) -> int | None:
    """A cache of the first CPU; on a hybrid CPU that is a fast core's."""
    for index in system.paths(f"{_CPU0}/cache/index[0-9]*"):
        seen = (system.number(f"{index}/level"), system.text(f"{index}/type"))
        size = re.fullmatch(r"(\d+)([KM])", system.text(f"{index}/size") or "")
        if seen == (level, kind) and size:
            return int(size[1]) * (1024 if size[2] == "M" else 1)
    return None


def _os_name(system: System) -> str:
    release = system.text("etc/os-release") or system.text("usr/lib/os-release")
    name = pairs(release, "=").get("PRETTY_NAME", "")
    return " ".join(shlex.split(name)) or "Linux"


def _governor(system: System) -> str | None:
    """The governor of all CPUs; where they differ, each with its number of CPUs."""
    files = system.paths("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
    seen = Counter(governor for file in files if (governor := system.text(file)) is not None)
    if len(seen) < 2:
        return next(iter(seen), None)
    total = seen.total()
    return ", ".join(f"{name} on {n} of {total} CPUs" for name, n in sorted(seen.items()))


def _turbo(system: System) -> bool | None:
    no_turbo = system.text("sys/devices/system/cpu/intel_pstate/no_turbo")
    if no_turbo is not None:
        return no_turbo == "0"
    everywhere = system.text("sys/devices/system/cpu/cpufreq/boost")
    policies = system.paths("sys/devices/system/cpu/cpufreq/policy[0-9]*/boost")
    told = [everywhere] if everywhere else [system.text(policy) for policy in policies]
    return any(boost == "1" for boost in told) if told else None
