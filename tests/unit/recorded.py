"""Recorded machines: file trees as ``/proc`` and ``/sys`` show them, and command outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from collector.system import System

CPU = "sys/devices/system/cpu"
NODE = "sys/devices/system/node"

XEON_CPUINFO = """processor\t: {cpu}
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R) Platinum 8480+
stepping\t: 8
microcode\t: 0x2b0004d0
physical id\t: {package}
core id\t\t: {core}
flags\t\t: fpu vme sse4_1 sse4_2 avx f16c fma avx2 avx_vnni avx512f avx512_vnni amx_int8
"""
NEOVERSE_CPUINFO = """processor\t: {cpu}
BogoMIPS\t: 243.75
Features\t: fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1
"""


def plant(root: Path, files: Mapping[str, str]) -> System:
    """A Linux machine that consists of these files."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"{text}\n")
    return System("Linux", "host-1", root, no_answer)


def no_answer(*_command: str) -> None:
    """A system without commands."""


def topology(
    cores: Iterable[tuple[str, int]], nodes: Mapping[int, str] | None = None
) -> dict[str, str]:
    """The files of cores, each (thread siblings as a list, package), and of NUMA nodes."""
    files = {f"{NODE}/node{node}/cpulist": cpus for node, cpus in (nodes or {}).items()}
    for siblings, package in cores:
        for cpu in siblings.split(","):
            folder = f"{CPU}/cpu{cpu}/topology"
            files[f"{folder}/thread_siblings_list"] = siblings
            files[f"{folder}/physical_package_id"] = str(package)
    return files


def cpuinfo(form: str, cpus: Sequence[tuple[int, int, int]]) -> dict[str, str]:
    """``/proc/cpuinfo`` of (cpu, core, package)."""
    blocks = (form.format(cpu=cpu, core=core, package=package) for cpu, core, package in cpus)
    return {"proc/cpuinfo": "\n".join(blocks)}


def two_socket_xeon() -> dict[str, str]:
    """Two sockets of four cores with two threads each: siblings 0 and 8, a node per socket."""
    cores = [(f"{core},{core + 8}", core // 4) for core in range(8)]
    cpus = [(cpu, cpu % 8, cpu % 8 // 4) for cpu in range(16)]
    return {
        **topology(cores, {0: "0-3,8-11", 1: "4-7,12-15"}),
        **cpuinfo(XEON_CPUINFO, cpus),
        **cache(1, "Data", "48K", 0), **cache(1, "Instruction", "32K", 1),
        **cache(2, "Unified", "2048K", 2), **cache(3, "Unified", "107520K", 3),
        "proc/meminfo": "MemTotal: 527951940 kB\nMemFree: 100 kB\nMemAvailable: 500000000 kB\n"
                        "SwapTotal: 0 kB\nSwapFree: 0 kB",
        "proc/sys/kernel/osrelease": "6.8.0-45-generic",
        "etc/os-release": 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"',
        "etc/machine-id": "0123456789abcdef0123456789abcdef",
        "sys/class/dmi/id/sys_vendor": "Dell Inc.",
        f"{CPU}/intel_pstate/no_turbo": "0",
        **{f"{CPU}/cpu{cpu}/cpufreq/scaling_governor": "performance" for cpu in range(16)},
    }  # fmt: skip


def hybrid_laptop() -> dict[str, str]:
    """Two fast cores with two threads (0,1 and 2,3) and four efficient ones (4 to 7)."""
    return topology([("0,1", 0), ("2,3", 0), *((str(cpu), 0) for cpu in range(4, 8))], {0: "0-7"})


def cache(level: int, kind: str, size: str, index: int) -> dict[str, str]:
    """The files of a cache of CPU 0."""
    folder = f"{CPU}/cpu0/cache/index{index}"
    return {f"{folder}/level": str(level), f"{folder}/type": kind, f"{folder}/size": size}
