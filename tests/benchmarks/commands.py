"""Runs the collector's command line as a user would, and watches its own process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from results.errors import EXIT_NO, EXIT_OK, MeasurementError
from results.store import Index, Store

ROOT = Path(__file__).parents[2]
_SAMPLE_EVERY_S = 0.2
_END_WAIT_S = 30.0


@dataclass(frozen=True)
class Finished:
    """A command that went through: its answer, how long it took, its own peak memory in MB."""

    answer: dict[str, Any]
    wall_s: float
    peak_memory_mb: float


def run_collector(*arguments: str, data: Path) -> Finished:
    """``python -m collector ARGUMENTS --data DATA --json``; its progress goes to standard error.

    The memory is that of the process itself, its children left out. Raises
    MeasurementError where the command fails; the answer "no" is no failure.
    """
    command = [sys.executable, "-m", "collector", *arguments, "--data", str(data), "--json"]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output)
        try:
            peak_memory_mb = _watch(process)
        finally:
            end(process)
        wall_s = time.monotonic() - started
        output.seek(0)
        text = output.read()
    if process.returncode not in {EXIT_OK, EXIT_NO}:
        raise MeasurementError(
            f"`{' '.join(command[1:])}` ended with exit code {process.returncode}",
            hint="see its messages above",
        )
    return Finished(json.loads(text), wall_s, peak_memory_mb)


def _watch(process: subprocess.Popen[bytes]) -> float:
    """Wait for the process; the most resident memory that was seen, in MB (10^6 bytes)."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, own_memory_mb(process.pid))
        time.sleep(_SAMPLE_EVERY_S)
    return peak


def own_memory_mb(pid: int) -> float:
    """Peak resident memory where the kernel keeps it (VmHWM), else today's; 0 once it has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        status = ""
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    if peaks:
        return int(peaks[0]) * 1024 / 1e6
    try:
        return float(psutil.Process(pid).memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, gently first, so that it can end what it started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


@contextmanager
def opened(data: Path) -> Iterator[Index]:
    """The index of a store, closed at the end."""
    with closing(Store(data).index()) as index:
        yield index
