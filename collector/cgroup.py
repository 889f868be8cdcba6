"""The limits of this process's control group, and how much it was throttled.

A limit of any group above the own one holds too, so the tightest counts. Version 2
and version 1 are read, also side by side, and in a container, where the own path may
not be visible and the root of the mount is the container's own group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import psutil

from collector.system import System, pairs, whole

_MOUNT = "sys/fs/cgroup"
_CONTROLLER = "cpu"
_MEMORY = "memory"
_OLD_MEMORY = ("memory.limit_in_bytes", "memory.usage_in_bytes")


@dataclass(frozen=True)
class CpuLimit:
    """The tightest limit in CPUs, and the time throttled so far in µs; None: no limit, not told."""

    cpus: float | None
    throttled_us: int | None


def cpu_limit(system: System) -> CpuLimit:
    """What limits the CPU time of this process."""
    folders = list(dict.fromkeys(_folders(system)))
    limits = [limit for folder in folders if (limit := _limit(system, folder)) is not None]
    throttled = [time for folder in folders if (time := _throttled_us(system, folder)) is not None]
    return CpuLimit(min(limits, default=None), max(throttled, default=None))


def free_memory_mib(system: System) -> float:
    """Memory that this process may still take, in MiB: the machine's, or less in a group."""
    free = [psutil.virtual_memory().available]
    for folder in dict.fromkeys(_folders(system, _MEMORY)):
        for most, used in (("memory.max", "memory.current"), _OLD_MEMORY):
            limit, taken = (system.number(f"{folder}/{name}") for name in (most, used))
            if limit is not None and taken is not None:
                free.append(max(0, limit - taken))
    return min(free) / 2**20


def cpu_stat_files(system: System) -> tuple[str, ...]:
    """Where this process's groups tell how long they were throttled."""
    files = (f"{folder}/cpu.stat" for folder in dict.fromkeys(_folders(system)))
    return tuple(f"/{file}" for file in files if system.text(file) is not None)


def _folders(system: System, controller: str = _CONTROLLER) -> Iterator[str]:
    """The own group's folder and those above it, in every hierarchy that limits the CPU."""
    for line in (system.text("proc/self/cgroup") or "0::/").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for mount in _mounts(controllers, controller):
            yield from _upwards(mount, path)


def _mounts(controllers: str, controller: str) -> tuple[str, ...]:
    """Where a hierarchy is mounted; one of version 2 has no controllers in its name."""
    if not controllers:
        return (_MOUNT, f"{_MOUNT}/unified")
    if controller in controllers.split(","):
        return (f"{_MOUNT}/{controllers}", f"{_MOUNT}/{controller}")
    return ()


def _upwards(mount: str, path: str) -> Iterator[str]:
    # A path out of the own namespace starts with /..; only its visible part can be read.
    inside = PurePosixPath(*[part for part in path.split("/") if part not in {"", ".", ".."}])
    for folder in (inside, *inside.parents):
        yield str(PurePosixPath(mount) / folder)


def _limit(system: System, folder: str) -> float | None:
    quota, _, period = (system.text(f"{folder}/cpu.max") or "").partition(" ")
    told = (whole(quota), whole(period))
    old = [system.number(f"{folder}/cpu.cfs_{name}_us") for name in ("quota", "period")]
    for quota_us, period_us in (told, old):
        if quota_us and period_us and quota_us > 0:
            return quota_us / period_us
    return None


def _throttled_us(system: System, folder: str) -> int | None:
    told = pairs(system.text(f"{folder}/cpu.stat"), " ")
    time_ns = whole(told.get("throttled_time"))
    return time_ns // 1000 if time_ns is not None else whole(told.get("throttled_usec"))
