"""One running probe: the only place of the collector that starts processes.

Whatever a probe does - crash, hang, print garbage, use too much memory - becomes a
``ProbeFailure`` with the reason and the end of its standard error.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from collector.answers import ProbeFailure
from results.errors import HostError

_STDERR_TAIL = 2000
_EXIT_WAIT_S = 10.0
_SIGKILL = 9  # Windows has no name for it
# A line without an end must not fill the memory of the collector.
_LONGEST_LINE = 2**28


class ProbeProcess:
    """A probe that was sent its request; a context manager that leaves no process behind.

    Raises OSError where the command cannot be started.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], request: str, timeout_s: float
    ) -> None:
        self._timeout_s = timeout_s
        self._closed = False
        self._process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            process_group=0,  # so that what a probe started can be ended with it
        )
        self._input, self._output, self._errors = (
            _pipe(pipe)
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=_STDERR_TAIL)
        self._readers = [
            threading.Thread(target=read, daemon=True) for read in (self._read, self._listen)
        ]
        for reader in self._readers:
            reader.start()
        self.send(request)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, line: str) -> None:
        """Send a line; that the probe has gone shows when its answer is awaited."""
        with suppress(OSError):
            self._input.write(f"{line}\n")
            self._input.flush()

    def expect(self, event: str) -> dict[str, Any] | ProbeFailure:
        """The next answer, if it is this event; else why there is none."""
        try:
            line = self._lines.get(timeout=self._timeout_s)
        except queue.Empty:
            return self._failure(f"no answer within {self._timeout_s:g} s")
        if line is None:
            return self._failure(self._exit_reason())
        try:
            answer = json.loads(line)
        except ValueError:
            return self._failure(f"the answer is not JSON: {line.strip()[:80]}")
        if not isinstance(answer, dict) or answer.get("event") not in {event, "failed"}:
            return self._failure(f"the answer is not one of a probe: {line.strip()[:80]}")
        if answer["event"] == "failed":
            return self._failure(f"{answer.get('stage')}: {first_line(str(answer.get('error')))}")
        return answer

    def close(self) -> None:
        """End the process, however it is, and let go of its pipes."""
        if self._closed:
            return
        self._closed = True
        self._end()
        self._process.wait()
        with suppress(OSError):  # what a dead probe never read
            self._input.close()
        for reader, pipe in zip(self._readers, (self._output, self._errors), strict=True):
            reader.join(_EXIT_WAIT_S)
            if not reader.is_alive():  # else closing would wait for whoever holds the pipe
                pipe.close()

    def _end(self) -> None:
        """Kill the probe with all that it started."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def _read(self) -> None:
        for line in iter(lambda: self._output.readline(_LONGEST_LINE), ""):
            self._lines.put(line)
        self._lines.put(None)

    def _listen(self) -> None:
        for line in iter(lambda: self._errors.readline(_STDERR_TAIL), ""):
            self._last_words.append(line)

    def _exit_reason(self) -> str:
        try:
            code = self._process.wait(_EXIT_WAIT_S)
        except subprocess.TimeoutExpired:
            return "the process closed its output without an answer"
        if code == 0:
            return "the process ended without an answer"
        if code == -_SIGKILL:
            return "the process was killed by SIGKILL, as the system does when memory runs out"
        if code < 0:
            return f"the process was killed by {signal.Signals(-code).name}"
        return f"the process ended with exit code {code}"

    def _failure(self, reason: str) -> ProbeFailure:
        self._end()
        self._readers[-1].join(_EXIT_WAIT_S)
        tail = "".join(self._last_words)[-_STDERR_TAIL:].strip()
        return ProbeFailure(reason, tail or None)


class UnstartedProbe(ProbeProcess):
    """In place of a probe that could not be started: whatever is awaited is the failure."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def send(self, line: str) -> None:
        """Nobody hears it."""

    def expect(self, _event: str) -> ProbeFailure:
        """Why there is no probe."""
        return ProbeFailure(self._reason, None)

    def close(self) -> None:
        """There is nothing to end."""


def first_line(text: str) -> str:
    """The most telling line of an OpenVINO error: the last that is not only a location."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (telling or lines or ["no reason given"])[-1]


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise HostError("a process was started without a pipe", hint="report this as a bug")
    return stream
