"""Starts ``collector/probe.py`` in a fresh process and reads its answer.

The only place of the collector that starts processes. A probe that crashes,
hangs, or answers with garbage becomes a ``ProbeFailure`` with the reason and the
end of its standard error; it never takes the collector down.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

_PROBE = Path(__file__).with_name("probe.py")
_STDERR_TAIL_CHARACTERS = 2000

Action = Literal["describe", "timing", "profile"]


@dataclass(frozen=True)
class ProbeRequest:
    """What a probe is asked to do; times in seconds, counts in inferences."""

    action: Action
    device: str
    model_path: str = ""
    config: tuple[tuple[str, str], ...] = ()
    input_shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    seed: int = 0
    warmup_min_iterations: int = 5
    warmup_window_s: float = 0.06
    warmup_tolerance: float = 0.02
    warmup_max_s: float = 2.0
    measure_s: float = 0.5
    min_iterations: int = 20
    max_iterations: int = 20_000

    def to_json(self) -> str:
        """The request as the probe reads it."""
        values = asdict(self)
        values["config"] = dict(self.config)
        values["input_shapes"] = {name: list(shape) for name, shape in self.input_shapes}
        return json.dumps(values)


@dataclass(frozen=True)
class ProbeFailure:
    """Why there is no answer, and the end of what the probe wrote to standard error."""

    reason: str
    stderr_tail: str | None


@dataclass(frozen=True)
class DeviceAnswer:
    """What OpenVINO says of itself and of the device."""

    version: str
    python: str
    full_name: str
    capabilities: tuple[str, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True)
class InterferenceReading:
    """What the rest of the machine did while the launch measured; None: not told."""

    steal_share: float | None = None
    other_cpu_share: float | None = None
    throttled_us: int | None = None
    cpu_pressure_us: int | None = None
    involuntary_switches: int | None = None
    frequency_mhz: float | None = None


@dataclass(frozen=True)
class LaunchAnswer:
    """A finished timing or profile launch; latencies in ms."""

    read_ms: float
    compile_ms: float
    first_inference_ms: float
    warmup_iterations: int
    warmup_settled: bool
    samples_ms: tuple[float, ...]
    wall_s: float
    properties: str
    peak_memory_mib: float
    interference: InterferenceReading


@dataclass(frozen=True)
class ProbeNode:
    """A node of the compiled graph as the runtime model tells it."""

    order: int
    name: str
    node_type: str
    primitive: str
    precision: str
    layouts: tuple[str, ...]
    precisions: tuple[str, ...]
    shapes: tuple[str, ...]
    original_names: tuple[str, ...]
    inputs: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ProfileAnswer:
    """A finished profile launch: nodes, and counters at two numbers of inferences.

    The counters map execution order to the running average in µs. ``at_compile``
    lists the nodes that ran once before the first inference, ``at_first`` those that
    had a time after it.
    """

    launch: LaunchAnswer
    nodes: tuple[ProbeNode, ...]
    at_compile: frozenset[int]
    at_first: frozenset[int]
    first_count: int
    first_counters: Mapping[int, int | None]
    second_count: int
    second_counters: Mapping[int, int | None]


@dataclass(frozen=True)
class Launcher:
    """How to start a probe: which Python, which ISA cap, how long to wait (s)."""

    python: str = sys.executable
    isa_cap: str | None = None
    timeout_s: float = 180.0

    def describe(self, device: str) -> DeviceAnswer | ProbeFailure:
        """Ask OpenVINO for its version and for the device's name."""
        answer = self._run(ProbeRequest(action="describe", device=device))
        if isinstance(answer, ProbeFailure):
            return answer
        return DeviceAnswer(
            version=answer["version"],
            python=answer["python"],
            full_name=answer["full_name"],
            capabilities=tuple(answer["capabilities"]),
            devices=tuple(answer["devices"]),
        )

    def timing(self, request: ProbeRequest) -> LaunchAnswer | ProbeFailure:
        """One timing launch: no counters."""
        answer = self._run(request)
        return answer if isinstance(answer, ProbeFailure) else _launch_answer(answer)

    def profile(self, request: ProbeRequest) -> ProfileAnswer | ProbeFailure:
        """One profile launch: counters on."""
        answer = self._run(request)
        return answer if isinstance(answer, ProbeFailure) else _profile_answer(answer)

    def _run(self, request: ProbeRequest) -> dict[str, Any] | ProbeFailure:
        with tempfile.TemporaryDirectory(prefix="int8-lens-") as folder:
            request_path = Path(folder, "request.json")
            response_path = Path(folder, "response.json")
            request_path.write_text(request.to_json())
            command = [self.python, str(_PROBE), str(request_path), str(response_path)]
            reason, stderr = _wait(command, self._environment(), self.timeout_s)
            return _read(response_path, reason, stderr[-_STDERR_TAIL_CHARACTERS:].strip() or None)

    def _environment(self) -> dict[str, str]:
        # A cap inherited from the shell would measure something else than what is recorded.
        capped = {"OV_CPU_MAX_ISA", "ONEDNN_MAX_CPU_ISA"}
        environment = {key: value for key, value in os.environ.items() if key not in capped}
        if self.isa_cap is not None:
            environment.update(dict.fromkeys(capped, self.isa_cap))
        return environment


def _wait(command: list[str], environment: dict[str, str], timeout_s: float) -> tuple[str, str]:
    """(reason why it ended badly or "", its standard error); never leaves it running."""
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            _, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            _, stderr = process.communicate()
            return f"no answer within {timeout_s:g} s", stderr
        except BaseException:
            process.kill()
            raise
    return _exit_reason(process.returncode), stderr


def _exit_reason(code: int) -> str:
    if code == 0:
        return ""
    if code < 0:
        return f"the process was killed by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}"


def _read(path: Path, reason: str, tail: str | None) -> dict[str, Any] | ProbeFailure:
    if reason:
        return ProbeFailure(reason, tail)
    try:
        answer = json.loads(path.read_text())
    except FileNotFoundError:
        return ProbeFailure("the process ended without an answer", tail)
    except ValueError as error:
        return ProbeFailure(f"the answer is not JSON: {error}", tail)
    if not isinstance(answer, dict) or "ok" not in answer:
        return ProbeFailure("the answer is not one of a probe", tail)
    if not answer["ok"]:
        return ProbeFailure(f"{answer['stage']}: {first_line(answer['error'])}", tail)
    return answer


def first_line(text: str) -> str:
    """The most telling line of an OpenVINO error: the last that is not only a location."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (telling or lines or ["no reason given"])[-1]


def _launch_answer(answer: dict[str, Any]) -> LaunchAnswer:
    samples = tuple(answer["samples_ms"])
    return LaunchAnswer(
        read_ms=answer["read_ms"],
        compile_ms=answer["compile_ms"],
        first_inference_ms=answer["first_inference_ms"],
        warmup_iterations=answer["warmup_iterations"],
        warmup_settled=answer["warmup_settled"],
        samples_ms=samples,
        wall_s=answer.get("wall_s") or sum(samples) / 1e3,
        properties=json.dumps(answer["properties"], sort_keys=True),
        peak_memory_mib=answer["peak_memory_mib"],
        interference=InterferenceReading(**(answer["interference"] or {})),
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _probe_node(node: dict[str, Any]) -> ProbeNode:
    return ProbeNode(
        order=node["order"],
        name=node["name"],
        node_type=node["type"],
        primitive=node["primitive"],
        precision=node["precision"],
        layouts=_split(node["layouts"]),
        precisions=_split(node["precisions"]),
        shapes=tuple(node["shapes"]),
        original_names=_split(node["original_names"]),
        inputs=tuple((name, port) for name, port in node["inputs"]),
    )


def _profile_answer(answer: dict[str, Any]) -> ProfileAnswer:
    (first_count, first), (second_count, second) = answer["counters"]
    return ProfileAnswer(
        launch=_launch_answer(answer),
        nodes=tuple(_probe_node(node) for node in answer["nodes"]),
        at_compile=frozenset(int(order) for order in answer["at_compile"]),
        at_first=frozenset(int(order) for order in answer["at_first"]),
        first_count=first_count,
        first_counters={int(order): time_us for order, time_us in first.items()},
        second_count=second_count,
        second_counters={int(order): time_us for order, time_us in second.items()},
    )
