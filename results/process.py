"""Which process wrote something, and whether it still runs.

A process id is used again after a while, and says nothing in another machine or container;
so a process is known by its id, when it started, and where its id means something.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
# Places after the name in /proc/PID/stat (man 5 proc): the state, and the start time.
_STATE, _STARTED = 0, 19
_ENDED = ("Z", "X")


@dataclass(frozen=True)
class Process:
    """A process: ``place`` is where its id means something, ``started`` in ticks since boot.

    ``started`` is empty where the system does not tell.
    """

    place: str
    pid: int
    started: str


def this_process() -> Process:
    """The process that asks."""
    return Process(_place(), os.getpid(), _stat(os.getpid())[1])


def is_alive(process: Process) -> bool | None:
    """Whether a process still runs; None where this process cannot know."""
    if process.place != _place():
        return None
    state, started = _stat(process.pid)
    if started:
        return started == process.started and state not in _ENDED
    return False if process.started else _answers(process.pid)


def _place() -> str:
    """Names the kernel that was booted and the namespace that ids are counted in."""
    with suppress(OSError):
        boot = _BOOT.read_text(encoding="ascii").strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    return platform.node()


def _stat(pid: int) -> tuple[str, str]:
    """State and start time of a process; empty where there is none."""
    with suppress(OSError, ValueError, IndexError):
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        fields = text.rpartition(")")[2].split()
        return fields[_STATE], fields[_STARTED]
    return "", ""


def _answers(pid: int) -> bool:
    """Whether the system knows such a process; it need not be ours."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
