"""How the machine is at this moment: load, steal, memory, throttling, heat, battery.

Read by ``collector doctor``; what disturbs a launch is read by the probe itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from collector.cgroup import cpu_limit
from collector.machine_linux import memory_mib
from collector.system import HERE, System

_SUPPLIES = "sys/class/power_supply"
_HEAT = "sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count"


@dataclass(frozen=True)
class ProcessTime:
    """CPU time that a process has used so far, in s.

    The pid and the start time (s) tell which one it is: kernel workers change their names.
    """

    pid: int
    started_s: float
    name: str
    cpu_s: float

    @property
    def key(self) -> tuple[int, float]:
        """What stays the same while it lives, and is no other process's."""
        return self.pid, self.started_s


@dataclass(frozen=True)
class Snapshot:
    """CPU time since the start, over all CPUs, in s; steal is None where it is not told.

    ``at_s`` is a clock that goes on steadily; ``own_s`` is what this process used.
    """

    at_s: float
    total_s: float
    busy_s: float
    steal_s: float | None
    own_s: float
    processes: tuple[ProcessTime, ...]


@dataclass(frozen=True)
class BusyProcess:
    """The process that used the most CPU time, in CPUs (1 is one CPU all the time)."""

    pid: int
    name: str
    cpus: float


@dataclass(frozen=True)
class Load:
    """What others took of all CPU time between two snapshots, 0..1; None: not told."""

    other_share: float | None
    steal_share: float | None
    busiest: BusyProcess | None


@dataclass(frozen=True)
class Condition:
    """The machine right now; None for what the system does not tell."""

    load: Load
    memory_available_mib: int | None
    swap_used_mib: int | None
    throttled_us: int | None
    thermal_throttles: int | None
    on_battery: bool | None


def read_condition(system: System = HERE, *, sample_s: float = 1.0) -> Condition:
    """Look at the machine; takes ``sample_s`` seconds."""
    before = snapshot()
    time.sleep(sample_s)
    load = load_between(before, snapshot())
    available_mib, swap_mib = _memory(system)
    return Condition(
        load=load,
        memory_available_mib=available_mib,
        swap_used_mib=swap_mib,
        throttled_us=cpu_limit(system).throttled_us,
        thermal_throttles=thermal_throttles(system),
        on_battery=on_battery(system),
    )


def snapshot() -> Snapshot:
    """CPU times of the machine and of every process that can be seen."""
    times = psutil.cpu_times()
    # guest time is part of user time already
    parts = {key: value for key, value in times._asdict().items() if not key.startswith("guest")}
    total_s = sum(parts.values())
    idle_s = parts.get("idle", 0.0) + parts.get("iowait", 0.0)
    own = os.times()
    return Snapshot(
        at_s=time.monotonic(),
        total_s=total_s,
        busy_s=total_s - idle_s,
        steal_s=parts.get("steal"),
        own_s=own.user + own.system,
        processes=tuple(_processes()),
    )


def _processes() -> Iterator[ProcessTime]:
    for process in psutil.process_iter(["name", "cpu_times", "create_time"]):
        info = process.info
        used, started_s = info["cpu_times"], info["create_time"]
        if used is not None and process.pid != os.getpid():
            used_s = used.user + used.system
            yield ProcessTime(process.pid, started_s or 0.0, info["name"] or "?", used_s)


def load_between(before: Snapshot, after: Snapshot) -> Load:
    """What others took between two snapshots that this process made; pure."""
    total_s = after.total_s - before.total_s
    busiest = _busiest(before, after)
    if total_s <= 0:
        return Load(None, None, busiest)
    stolen = before.steal_s is not None and after.steal_s is not None
    steal_s = (after.steal_s or 0.0) - (before.steal_s or 0.0)
    own_s = after.own_s - before.own_s
    other_s = after.busy_s - before.busy_s - own_s - steal_s
    return Load(
        other_share=max(0.0, other_s / total_s),
        steal_share=max(0.0, steal_s / total_s) if stolen else None,
        busiest=busiest,
    )


def _busiest(before: Snapshot, after: Snapshot) -> BusyProcess | None:
    """The busiest process that is still there; a new one used all its time in between."""
    wall_s = after.at_s - before.at_s
    known = {process.key: process.cpu_s for process in before.processes}
    used = [(process.cpu_s - known.get(process.key, 0.0), process) for process in after.processes]
    most_s, process = max(used, key=lambda pair: pair[0], default=(0.0, None))
    if process is None or most_s <= 0 or wall_s <= 0:
        return None
    return BusyProcess(process.pid, process.name, most_s / wall_s)


def _memory(system: System) -> tuple[int | None, int | None]:
    """(available, swap in use) in MiB."""
    if system.name != "Linux":
        return psutil.virtual_memory().available // 2**20, psutil.swap_memory().used // 2**20
    swap_mib, free_mib = memory_mib(system, "SwapTotal"), memory_mib(system, "SwapFree")
    used_mib = None if swap_mib is None or free_mib is None else swap_mib - free_mib
    return memory_mib(system, "MemAvailable"), used_mib


def thermal_throttles(system: System) -> int | None:
    """How often the CPU slowed down because of heat since the system started.

    A package's events are counted by each of its CPUs again, so it is the largest count.
    """
    counts = (system.number(path) for path in system.paths(_HEAT))
    return max((count for count in counts if count is not None), default=None)


def on_battery(system: System) -> bool | None:
    """Whether a battery is being emptied; None where there is no sign of a power supply."""
    if system.name != "Linux":
        return _psutil_on_battery()
    # A mouse or a keyboard has a battery too: its scope is Device.
    supplies = [
        path for path in system.paths(f"{_SUPPLIES}/*") if system.text(f"{path}/scope") != "Device"
    ]
    states = {system.text(f"{path}/status") for path in supplies}
    return "Discharging" in states if supplies else None


def _psutil_on_battery() -> bool | None:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None or battery.power_plugged is None:
        return None
    return not battery.power_plugged
