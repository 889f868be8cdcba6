"""What this process asks of the system: to die with its parent, limits, its own use of memory."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1


def optional_module(name: str) -> Any:
    """A module that not every system has, or None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


resource = optional_module("resource")  # Windows has none


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies, however it dies."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def limit(request: dict[str, Any]) -> None:
    """Pin this process and bound its memory, before OpenVINO starts any thread."""
    if request["pinned_cpus"]:
        os.sched_setaffinity(0, request["pinned_cpus"])
    if request["memory_limit_mib"] and hasattr(resource, "RLIMIT_DATA"):
        size = request["memory_limit_mib"] * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def without_statistics() -> None:
    """Keep OpenVINO from sending usage statistics: importing it would fork this process.

    That process computes beside the measurement, and one that hangs keeps the pipes open.
    """
    hidden = {"openvino_telemetry": None}  # type: dict[str, Any]
    sys.modules.update(hidden)


def keyed_number(path: str, key: str) -> int | None:
    """The number after ``key`` in a kernel file of ``key value`` lines, or None."""
    try:
        with open(path) as lines:
            for line in lines:
                if line.split()[0] == key:
                    return int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return None


def peak_memory_mib() -> float | None:
    """Peak resident memory of this process; macOS counts it in bytes, others in KiB."""
    high_water_kib = keyed_number("/proc/self/status", "VmHWM:")
    if high_water_kib is not None:  # ru_maxrss begins at the peak of the process before exec
        return high_water_kib / 2**10
    if resource is None:
        return None
    peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
