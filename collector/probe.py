"""Measures one model once, in a process of its own. Run by ``collector.launcher``.

Usage: ``python probe.py REQUEST.json RESPONSE.json``

Standard library, numpy and whatever OpenVINO the interpreter has; nothing from
this project is imported and the syntax is Python 3.7, so that the same file runs
inside the environment of any OpenVINO version. It draws no conclusions: it
answers with raw numbers. ``action`` in the request is one of

``describe``  versions, devices, the device's name and capabilities
``timing``    compile, warm up, measure latencies; no counters
``profile``   the same with PERF_COUNT: per-node counters between two readings
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Any, Callable

import numpy as np

_PR_SET_PDEATHSIG = 1
_ELEMENT_TYPES = {
    "f32": np.float32, "f16": np.float16, "f64": np.float64, "i8": np.int8, "u8": np.uint8,
    "i16": np.int16, "u16": np.uint16, "i32": np.int32, "u32": np.uint32, "i64": np.int64,
    "u64": np.uint64, "boolean": np.bool_,
}  # fmt: skip


class ProbeError(Exception):
    """A step failed in a way that the collector should hear about in one line."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies, however it dies."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def load_openvino() -> Any:
    """The OpenVINO module with the ``Core`` API: ``openvino`` or ``openvino.runtime``."""
    import openvino

    if hasattr(openvino, "Core"):
        return openvino
    from openvino import runtime

    return runtime


def cpu_times() -> tuple[int, int, int] | None:
    """(steal, busy, all) jiffies of the whole machine, or None where there is no /proc."""
    try:
        with open("/proc/stat") as stat:
            fields = [int(field) for field in stat.readline().split()[1:9]]
    except (OSError, ValueError):
        return None
    idle = fields[3] + fields[4]
    return fields[7], sum(fields) - idle, sum(fields)


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


def pressure_total() -> int | None:
    """Microseconds that some task waited for a CPU since boot (PSI), or None."""
    try:
        with open("/proc/pressure/cpu") as lines:
            return int(lines.readline().rsplit("total=", 1)[1])
    except (OSError, ValueError, IndexError):
        return None


def mean_frequency() -> float | None:
    """Mean frequency of the CPUs in MHz as /proc/cpuinfo tells it, or None."""
    try:
        with open("/proc/cpuinfo") as lines:
            found = [float(line.split(":")[1]) for line in lines if line.startswith("cpu MHz")]
    except (OSError, ValueError, IndexError):
        return None
    return sum(found) / len(found) if found else None


def own_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Interference:
    """What the rest of the machine did between two moments."""

    def __init__(self) -> None:
        self.times = cpu_times()
        self.throttled = keyed_number("/sys/fs/cgroup/cpu.stat", "throttled_usec")
        self.pressure = pressure_total()
        self.switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        self.own_seconds = own_cpu_seconds()

    def since(self, before: Interference) -> dict[str, Any]:
        """Deltas from ``before`` to now; None for what this system does not tell."""
        result = {
            "steal_share": None,
            "other_cpu_share": None,
            "throttled_us": _difference(self.throttled, before.throttled),
            "cpu_pressure_us": _difference(self.pressure, before.pressure),
            "involuntary_switches": self.switches - before.switches,
            "frequency_mhz": mean_frequency(),
        }
        if self.times and before.times and self.times[2] > before.times[2]:
            steal, busy, total = (now - then for now, then in zip(self.times, before.times))
            own = (self.own_seconds - before.own_seconds) * os.sysconf("SC_CLK_TCK")
            result["steal_share"] = steal / total
            result["other_cpu_share"] = max(0.0, (busy - steal - own) / total)
        return result


def _difference(now: int | None, then: int | None) -> int | None:
    return None if now is None or then is None else now - then


def attempt(stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``function`` and turn OpenVINO's exceptions into a ProbeError of this stage."""
    try:
        return function(*arguments)
    except (ImportError, RuntimeError, ValueError, TypeError, LookupError, OSError) as error:
        raise ProbeError(stage, str(error).strip() or type(error).__name__) from error


def describe(ov: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Versions, available devices, name and capabilities of the requested device."""
    core = ov.Core()
    device = request["device"]
    available = list(core.available_devices)
    answer = {"version": ov.get_version(), "python": sys.version.split()[0], "devices": available}
    if not is_available(device, available):
        raise ProbeError(
            "device",
            "OpenVINO has no device {!r} here; it has {}".format(device, ", ".join(available)),
        )
    for key, name in (
        ("full_name", "FULL_DEVICE_NAME"),
        ("capabilities", "OPTIMIZATION_CAPABILITIES"),
    ):
        answer[key] = attempt("device", core.get_property, device, name)
    answer["capabilities"] = [str(item) for item in answer["capabilities"]]
    return answer


def is_available(device: str, available: list[str]) -> bool:
    """Whether ``device`` names one of the available devices or a combination of them."""
    wanted = device.split(":", maxsplit=1)[0]
    known = set(available) | {name.split(".")[0] for name in available}
    known |= {name + ".0" for name in available if "." not in name and name != "CPU"}
    return wanted in known or wanted in ("AUTO", "MULTI", "HETERO", "BATCH")


def plain(value: object) -> object:
    """A property value as JSON can hold it."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return str(value)


def effective_properties(compiled: Any) -> dict[str, object]:
    """All properties that the compiled model reports, by name."""
    answer = {}
    for name in compiled.get_property("SUPPORTED_PROPERTIES"):
        try:
            answer[str(name)] = plain(compiled.get_property(str(name)))
        except (RuntimeError, TypeError):
            continue
    answer.pop("SUPPORTED_PROPERTIES", None)
    return answer


def random_input(element_type: str, shape: list[int], seed: int) -> Any:
    """Seeded data: normal for floats, the whole range for 8-bit integers, else small."""
    generator = np.random.RandomState(seed)
    kind = _ELEMENT_TYPES.get(element_type)
    if kind is None:
        raise ProbeError("input", "cannot make data of type {}".format(element_type))
    if np.issubdtype(kind, np.floating):
        return generator.standard_normal(shape).astype(kind)
    if kind in (np.int8, np.uint8):
        low, high = np.iinfo(kind).min, np.iinfo(kind).max + 1
        return generator.randint(low, high, size=shape).astype(kind)
    return generator.randint(0, 2, size=shape).astype(kind)


class Session:
    """A compiled model with its inputs set, ready to infer."""

    def __init__(self, ov: Any, request: dict[str, Any], extra_config: dict[str, Any]) -> None:
        core = ov.Core()
        started = time.perf_counter()
        model = attempt("read", core.read_model, request["model_path"])
        if request.get("input_shapes"):
            attempt("reshape", model.reshape, request["input_shapes"])
        self.read_ms = _ms_since(started)
        config = dict(request["config"])
        config.update(extra_config)
        started = time.perf_counter()
        self.compiled = attempt("compile", core.compile_model, model, request["device"], config)
        self.compile_ms = _ms_since(started)
        self.request = self.compiled.create_infer_request()
        # Only a profile reads these: a node with a time before any inference was
        # run by OpenVINO itself, once, because it reads constants only.
        self.counters_at_compile = counters(self.compiled) if extra_config else {}
        for port in self.compiled.inputs:
            data = random_input(
                port.element_type.get_type_name(), list(port.shape), request["seed"]
            )
            self.request.set_tensor(port, ov.Tensor(data))
        started = time.perf_counter()
        attempt("infer", self.infer)
        self.first_inference_ms = _ms_since(started)
        self.inferences = 1
        # A node whose average is under 1 us is reported as not executed; the first,
        # cold inference is slow enough to tell it from one that really is not.
        self.counters_at_first = counters(self.compiled) if extra_config else {}

    def infer(self) -> None:
        # start and wait: the outputs stay in OpenVINO's memory and are not copied
        self.request.start_async()
        self.request.wait()

    def run(self, count: int) -> list[float]:
        """``count`` inferences, latency of each in ms."""
        clock, infer, samples = time.perf_counter, self.infer, []
        for _ in range(count):
            started = clock()
            infer()
            samples.append((clock() - started) * 1e3)
        self.inferences += count
        return samples


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


def warm_up(session: Session, request: dict[str, Any]) -> tuple[int, bool, float]:
    """Infer until the medians of two windows differ by less than the tolerance.

    Returns (number of inferences, whether it settled, last window's median in ms).
    """
    window = session.run(request["warmup_min_iterations"])
    count = len(window)
    previous = float(np.median(window))
    deadline = time.perf_counter() + request["warmup_max_s"]
    while time.perf_counter() < deadline:
        size = max(
            request["warmup_min_iterations"], int(request["warmup_window_s"] * 1e3 / previous)
        )
        window = session.run(size)
        count += size
        median = float(np.median(window))
        if abs(median - previous) <= request["warmup_tolerance"] * previous:
            return count, True, median
        previous = median
    return count, False, previous


def measure(session: Session, request: dict[str, Any], expected_ms: float) -> list[float]:
    """Latencies in ms over the asked time, within the asked number of inferences."""
    wanted = int(request["measure_s"] * 1e3 / expected_ms)
    count = max(request["min_iterations"], min(request["max_iterations"], wanted))
    return session.run(count)


def timing(ov: Any, request: dict[str, Any]) -> dict[str, Any]:
    session = Session(ov, request, {})
    warmup_iterations, settled, expected_ms = warm_up(session, request)
    before = Interference()
    started = time.perf_counter()
    samples = measure(session, request, expected_ms)
    wall_s = time.perf_counter() - started
    answer = _common(session, warmup_iterations, settled)
    answer["interference"] = Interference().since(before)
    answer["samples_ms"] = samples
    answer["wall_s"] = wall_s
    return answer


def profile(ov: Any, request: dict[str, Any]) -> dict[str, Any]:
    session = Session(ov, request, {"PERF_COUNT": True})
    warmup_iterations, settled, expected_ms = warm_up(session, request)
    first_count, first = session.inferences, counters(session.compiled)
    samples = measure(session, request, expected_ms)
    second_count, second = session.inferences, counters(session.compiled)
    answer = _common(session, warmup_iterations, settled)
    answer["interference"] = None
    answer["samples_ms"] = samples
    answer["nodes"] = runtime_nodes(session.compiled)
    answer["at_compile"] = timed(session.counters_at_compile)
    answer["at_first"] = timed(session.counters_at_first)
    answer["counters"] = [[first_count, first], [second_count, second]]
    return answer


def timed(reading: dict[str, int | None]) -> list[str]:
    """Execution orders of the nodes that have a time in a reading."""
    return [order for order, time_us in reading.items() if time_us is not None]


def _common(session: Session, warmup_iterations: int, settled: bool) -> dict[str, Any]:
    return {
        "read_ms": session.read_ms,
        "compile_ms": session.compile_ms,
        "first_inference_ms": session.first_inference_ms,
        "warmup_iterations": warmup_iterations,
        "warmup_settled": settled,
        "properties": effective_properties(session.compiled),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def info_text(value: Any) -> str:
    """A runtime-info value as text; some versions wrap it, some do not."""
    return str(value.astype(str)) if hasattr(value, "astype") else str(value)


def counters(compiled: Any) -> dict[str, int | None]:
    """Running average per node in µs, by execution order; None: not executed."""
    answer = {}
    for node in compiled.get_runtime_model().get_ops():
        info = node.get_rt_info()
        text = info_text(info["execTimeMcs"])
        answer[info_text(info["execOrder"])] = int(text) if text.isdigit() else None
    return answer


def runtime_nodes(compiled: Any) -> list[dict[str, Any]]:
    """Every node of the compiled graph with what it reads, as plain values."""
    answer = []
    for node in compiled.get_runtime_model().get_ops():
        info = {key: info_text(value) for key, value in node.get_rt_info().items()}
        inputs = [port.get_source_output() for port in node.inputs()]
        answer.append(
            {
                "order": int(info["execOrder"]),
                "name": node.get_friendly_name(),
                "type": info.get("layerType", node.get_type_name()),
                "primitive": info.get("primitiveType", ""),
                "precision": info.get("runtimePrecision", ""),
                "layouts": info.get("outputLayouts", ""),
                "precisions": info.get("outputPrecisions", ""),
                "original_names": info.get("originalLayersNames", ""),
                "shapes": [str(port.get_partial_shape()) for port in node.outputs()],
                "inputs": [
                    [port.get_node().get_friendly_name(), port.get_index()] for port in inputs
                ],
            }
        )
    return answer


def main() -> None:
    request_path, response_path = sys.argv[1:3]
    die_with_parent()
    with open(request_path) as source:
        request = json.load(source)
    try:
        ov = attempt("import", load_openvino)
        answer = {"describe": describe, "timing": timing, "profile": profile}[request["action"]](
            ov, request
        )
        answer["ok"] = True
    except ProbeError as error:
        answer = {"ok": False, "stage": error.stage, "error": error.message}
    except MemoryError:
        answer = {"ok": False, "stage": "memory", "error": "out of memory"}
    temporary = response_path + ".part"
    with open(temporary, "w") as target:
        json.dump(answer, target)
    os.replace(temporary, response_path)


if __name__ == "__main__":
    main()
