"""What the rest of the machine did while the probe measured, as Linux tells it."""

from __future__ import annotations

import os
import time
from typing import Any

from collector.probe.process import keyed_number, resource


def cpu_times(cpus: list[int]) -> tuple[int, int, int] | None:
    """(steal, busy, all) jiffies of these CPUs, of all where none is given; None: not told."""
    wanted = ["cpu%d" % cpu for cpu in cpus] or ["cpu"]
    try:
        with open("/proc/stat") as stat:
            lines = [line.split() for line in stat if line.startswith("cpu")]
        rows = [[int(field) for field in line[1:9]] for line in lines if line[0] in wanted]
        steal, idle = sum(row[7] for row in rows), sum(row[3] + row[4] for row in rows)
    except (OSError, ValueError, IndexError):
        return None
    total = sum(sum(row) for row in rows)
    return steal, total - idle, total


def throttled_us(path: str) -> int | None:
    """How long a control group was throttled so far; version 1 counts in ns."""
    new, old = keyed_number(path, "throttled_usec"), keyed_number(path, "throttled_time")
    return new if new is not None else old // 1000 if old is not None else None


def pressure_total() -> int | None:
    """Microseconds that some task waited for a CPU since boot (PSI), or None."""
    try:
        with open("/proc/pressure/cpu") as lines:
            return int(lines.readline().rsplit("total=", 1)[1])
    except (OSError, ValueError, IndexError):
        return None


def mean_frequency(cpus: list[int]) -> float | None:
    """Mean frequency of these CPUs, else of all, in MHz as /proc/cpuinfo tells it, or None."""
    try:
        with open("/proc/cpuinfo") as lines:
            found = [float(line.split(":")[1]) for line in lines if line.startswith("cpu MHz")]
    except (OSError, ValueError, IndexError):
        return None
    wanted = [found[cpu] for cpu in cpus if cpu < len(found)] or found
    return sum(wanted) / len(wanted) if wanted else None


def own_usage() -> tuple[float, int]:
    """(CPU seconds, involuntary context switches) of this process so far."""
    if resource is None:
        return time.process_time(), 0
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_nivcsw


class Interference:
    """What the rest of the machine did, summed over the stretches between start and stop."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.cpus = request["watched_cpus"]
        self.frequency_mhz = None  # type: float | None
        self.cpu_stat_files = request["cpu_stat_files"]
        self.total = {}  # type: dict[str, float]
        self.before = {}  # type: dict[str, float | None]

    def start(self) -> None:
        self.before = self._reading()

    def stop(self) -> None:
        self.frequency_mhz = mean_frequency(self.cpus)
        for key, now in self._reading().items():
            then = self.before[key]
            if now is not None and then is not None:
                self.total[key] = self.total.get(key, 0) + now - then

    def _reading(self) -> dict[str, float | None]:
        steal, busy, every = cpu_times(self.cpus) or (None, None, None)
        own_s, switches = own_usage()
        return {
            "steal": steal,
            "busy": busy,
            "every": every,
            "own_s": own_s,
            "pressure": pressure_total(),
            "switches": switches if resource is not None else None,
            **{"throttled " + path: throttled_us(path) for path in self.cpu_stat_files},
        }

    def answer(self) -> dict[str, float | None]:
        """The sums; None for what this system does not tell."""
        total, steal_share, other_share = self.total, None, None
        throttled = [total[key] for key in total if key.startswith("throttled ")]
        if total.get("every"):
            own = total["own_s"] * os.sysconf("SC_CLK_TCK")
            steal_share = total["steal"] / total["every"]
            other_share = max(0.0, (total["busy"] - total["steal"] - own) / total["every"])
        return {
            "steal_share": steal_share,
            "other_cpu_share": other_share,
            "throttled_us": max(throttled) if throttled else None,
            "cpu_pressure_us": total.get("pressure"),
            "involuntary_switches": total.get("switches"),
            "frequency_mhz": self.frequency_mhz,
        }
