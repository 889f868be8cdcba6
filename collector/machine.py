"""Facts about this machine from the system's own interfaces; None for unknown.

Linux is read fully; macOS and Windows as far as psutil and platform tell.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import socket
from collections.abc import Iterable
from pathlib import Path

import psutil

from results.facts import Caution, Machine

# The flags that decide which kernels oneDNN and OpenVINO choose.
_TELLING_FLAGS = (
    "sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx_vnni_int8", "avx512f",
    "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile",
    "amx_int8", "amx_bf16", "amx_fp16",
)  # fmt: skip
_CPUINFO = Path("/proc/cpuinfo")
_CPU0 = Path("/sys/devices/system/cpu/cpu0")


def this_machine() -> Machine:
    """The facts of the machine this runs on."""
    info = _first_cpu(_text(_CPUINFO) or "")
    sockets = _distinct("physical_package_id")
    hostname = socket.gethostname()
    cpu_model = info.get("model name") or platform.processor() or platform.machine()
    return Machine(
        machine_id=_machine_id(hostname, cpu_model),
        hostname=hostname,
        cpu_model=cpu_model,
        cpu_vendor=info.get("vendor_id"),
        cpu_family=_number(info.get("cpu family")),
        cpu_model_number=_number(info.get("model")),
        cpu_stepping=_number(info.get("stepping")),
        microcode=info.get("microcode"),
        isa_flags=_isa_flags(info.get("flags", "")),
        sockets=sockets,
        numa_nodes=_count(Path("/sys/devices/system/node").glob("node[0-9]*")),
        physical_cores=psutil.cpu_count(logical=False),
        logical_cpus=psutil.cpu_count(logical=True),
        l1d_kib=_cache_kib(1, "Data"),
        l2_kib=_cache_kib(2, "Unified"),
        l3_kib=_cache_kib(3, "Unified"),
        memory_mib=psutil.virtual_memory().total // 2**20,
        kernel=platform.release() or None,
        os_name=_os_name(),
        hypervisor=_hypervisor(info.get("flags", "")),
        governor=_text(_CPU0 / "cpufreq/scaling_governor"),
        turbo=_turbo(),
        cgroup_cpus=_cgroup_cpus(),
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _count(paths: Iterable[Path]) -> int | None:
    return sum(1 for _ in paths) or None


def _first_cpu(cpuinfo: str) -> dict[str, str]:
    block = cpuinfo.split("\n\n", 1)[0]
    pairs = (line.partition(":") for line in block.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _isa_flags(flags: str) -> tuple[str, ...]:
    present = set(flags.split())
    return tuple(flag for flag in _TELLING_FLAGS if flag in present)


def _distinct(topology_file: str) -> int | None:
    pattern = f"cpu[0-9]*/topology/{topology_file}"
    found = {_text(path) for path in Path("/sys/devices/system/cpu").glob(pattern)}
    return len(found) or None


def _machine_id(hostname: str, cpu_model: str) -> str:
    system_id = _text(Path("/etc/machine-id")) or hostname
    return hashlib.sha256(f"{system_id}\n{cpu_model}".encode()).hexdigest()[:12]


def _cache_kib(level: int, kind: str) -> int | None:
    for index in sorted(_CPU0.glob("cache/index*")):
        matches = (_text(index / "level"), _text(index / "type")) == (str(level), kind)
        size = re.fullmatch(r"(\d+)([KM])", _text(index / "size") or "")
        if matches and size:
            return int(size[1]) * (1024 if size[2] == "M" else 1)
    return None


def _os_name() -> str | None:
    if platform.system() == "Linux":
        try:
            return platform.freedesktop_os_release().get("PRETTY_NAME")
        except OSError:
            return "Linux"
    return f"{platform.system()} {platform.release()}".strip() or None


def _hypervisor(flags: str) -> str | None:
    if "hypervisor" not in flags.split():
        return None
    vendor = _text(Path("/sys/class/dmi/id/sys_vendor"))
    return vendor or _text(Path("/sys/hypervisor/type")) or "present, unnamed"


def _turbo() -> bool | None:
    no_turbo = _text(Path("/sys/devices/system/cpu/intel_pstate/no_turbo"))
    if no_turbo is not None:
        return no_turbo == "0"
    boost = _text(Path("/sys/devices/system/cpu/cpufreq/boost"))
    return None if boost is None else boost == "1"


def _cgroup_cpus() -> float | None:
    """The CPU limit of our control group in CPUs; None where there is no limit."""
    quota = (_text(Path("/sys/fs/cgroup/cpu.max")) or "").split()
    if len(quota) == 2 and quota[0].isdigit():
        return int(quota[0]) / int(quota[1])
    old = _number(_text(Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")))
    period = _number(_text(Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")))
    return old / period if old and period else None


def machine_cautions(run_id: str, machine: Machine) -> tuple[Caution, ...]:
    """What about this machine lowers trust in every measurement on it."""
    found: list[tuple[str, str]] = []
    if machine.hypervisor is not None:
        found.append(("hypervisor", machine.hypervisor))
    if machine.governor not in {None, "performance"}:
        found.append(("governor", str(machine.governor)))
    if machine.turbo:
        found.append(("turbo", "enabled"))
    if machine.cgroup_cpus is not None:
        found.append(("cgroup_limit", f"{machine.cgroup_cpus:g} CPUs"))
    return tuple(
        Caution(run_id, caution_id, "machine", machine.machine_id, detail)
        for caution_id, detail in found
    )


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
