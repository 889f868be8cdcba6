"""OpenVINO's ``benchmark_app`` as the other side: its process, paused in turns, and its answer.

It is paused by the system (SIGSTOP), so it needs no change for it. A pause makes one
inference long, which a median of many does not see; for the inferences per second the
time of the pauses is taken off its duration.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from results.errors import HostError, MeasurementError

_MEASURING = "Benchmarking in"
_MEASURED = "[Step 11/"
_START_TIMEOUT_S = 120.0
_POLL_S = 0.002
# OpenVINO sends usage statistics from a process of its own, but not where this is set.
_WITHOUT_STATISTICS = {"CI": "true"}
_MEDIAN = re.compile(r"Median:\s+([\d.]+) (us|ms)")
_COUNT = re.compile(r"Count:\s+(\d+) iterations")
_DURATION = re.compile(r"Duration:\s+([\d.]+) ms")


@dataclass(frozen=True)
class Answer:
    """What it prints: its median latency, its inferences, the time from first to last."""

    median_ms: float
    inferences: int
    duration_s: float

    def per_second(self, paused_s: float) -> float:
        """Inferences per second of the time in which it was not paused."""
        return self.inferences / (self.duration_s - paused_s)


def parsed(output: str) -> Answer:
    """The figures in its output; MeasurementError where they are not there.

    It prints two decimals, of microseconds where the average is below 1 ms.
    """
    median, count, duration = (
        pattern.search(output) for pattern in (_MEDIAN, _COUNT, _DURATION)
    )  # fmt: skip
    if median is None or count is None or duration is None:
        raise MeasurementError(
            f"benchmark_app printed no result: {output.strip()[-300:]!r}",
            hint="run it by hand on the model",
        )
    scale = 1e-3 if median[2] == "us" else 1.0
    return Answer(float(median[1]) * scale, int(count[1]), float(duration[1]) / 1e3)


def command(model: Path, precision: str, seconds: int, *, throughput: bool) -> list[str]:
    """The command line; ``precision`` default leaves it to the device, as our arm does."""
    program = Path(sys.executable).with_name("benchmark_app")
    if not program.exists():
        raise HostError(f"{program} is not there", hint="install the openvino package")
    driven = (
        ("-hint", "throughput") if throughput
        else ("-hint", "none", "-api", "sync", "-nstreams", "1", "-nireq", "1")
    )  # fmt: skip
    asked = () if precision == "default" else ("-infer_precision", precision)
    return [str(program), "-m", str(model), "-t", str(seconds), *driven, *asked]


class BenchmarkApp:
    """A running ``benchmark_app`` that can be paused; a context manager that ends it."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.paused_s = 0.0
        self._lines: list[str] = []
        self._process = subprocess.Popen(
            list(arguments),
            env=os.environ | _WITHOUT_STATISTICS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def wait_until_measuring(self) -> None:
        """Return once it has compiled and begins to measure."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._has_said(_MEASURING):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise MeasurementError(
                    f"benchmark_app did not start: {''.join(self._lines)[-300:]!r}",
                    hint="run it by hand on the model",
                )
            time.sleep(_POLL_S)

    def has_ended_within(self, seconds: float) -> bool:
        """Let it run for some seconds, or to its end; whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def pause(self) -> float:
        """Stop it where it stands; returns when, on the monotonic clock."""
        self._process.send_signal(signal.SIGSTOP)
        if self._process.returncode is None:
            # Left waitable, so that its end is still there for ``wait``.
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        return time.monotonic()

    def resume(self, paused_at: float) -> None:
        """Let it go on; a pause after its last inference does not count."""
        if not self._has_said(_MEASURED):
            self.paused_s += time.monotonic() - paused_at
        self._process.send_signal(signal.SIGCONT)

    def answer(self) -> Answer:
        """What it printed; call it after its end."""
        self._reader.join()
        return parsed("".join(self._lines))

    def _has_said(self, text: str) -> bool:
        return any(text in line for line in list(self._lines))

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._lines.append(line)
