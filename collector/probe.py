"""Measures one model, once, in a process of its own. Run by ``collector.launcher``.

Standard library, numpy and whatever OpenVINO the interpreter has; nothing from this
project is imported and the syntax is Python 3.7, so that the same file runs inside the
environment of any OpenVINO version. It draws no conclusions: it answers with raw numbers.

The first line on standard input is the request, JSON. Answers are JSON lines on standard
output, each with an ``event``; the last is ``done`` or ``failed``. ``action`` is one of

``describe``  versions, devices, the device's name and capabilities
``timing``    says ``ready`` and waits for ``go``; compiles, warms up, says ``warm``; then
              measures for every ``slice SECONDS`` that it reads, until it reads ``end``
``profile``   the same in one go, with PERF_COUNT: per-node counters between two readings
``startup``   compiles with OpenVINO's model cache, infers once
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import time
from functools import partial
from typing import Any, Callable

import numpy as np

_PR_SET_PDEATHSIG = 1
_ELEMENT_TYPES = {
    "f32": np.float32, "f16": np.float16, "f64": np.float64, "i8": np.int8, "u8": np.uint8,
    "i16": np.int16, "u16": np.uint16, "i32": np.int32, "u32": np.uint32, "i64": np.int64,
    "u64": np.uint64, "boolean": np.bool_,
}  # fmt: skip


def optional_module(name: str) -> Any:
    """A module that not every system has, or None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


resource = optional_module("resource")  # Windows has none


class ProbeError(Exception):
    """A step failed in a way that the collector should hear about in one line."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies, however it dies."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


class Channel:
    """The conversation with the launcher; what libraries print goes to standard error."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def read(self) -> str:
        """The next line; a launcher that has gone ends this process."""
        line = sys.stdin.readline()
        if not line:
            os._exit(1)
        return line.strip()

    def say(self, event: str, answer: dict[str, Any]) -> None:
        self._out.write(json.dumps(dict(answer, event=event)) + "\n")
        self._out.flush()


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


def load_openvino() -> Any:
    """The OpenVINO module with the ``Core`` API: ``openvino`` or ``openvino.runtime``."""
    without_statistics()
    import openvino

    if hasattr(openvino, "Core"):
        return openvino
    from openvino import runtime

    return runtime


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


def peak_memory_mib() -> float | None:
    """Peak resident memory of this process; macOS counts it in bytes, others in KiB."""
    high_water_kib = keyed_number("/proc/self/status", "VmHWM:")
    if high_water_kib is not None:  # ru_maxrss begins at the peak of the process before exec
        return high_water_kib / 2**10
    if resource is None:
        return None
    peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


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


def attempt(stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``function`` and turn OpenVINO's exceptions into a ProbeError of this stage."""
    try:
        return function(*arguments)
    except (ImportError, RuntimeError, ValueError, TypeError, LookupError, OSError) as error:
        raise ProbeError(stage, str(error).strip() or type(error).__name__) from error


def describe(ov: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Versions, available devices, and what the requested device says of itself, if it is here."""
    core = ov.Core()
    device = request["device"]
    available = [str(name) for name in core.available_devices]
    answer = {
        "version": ov.get_version(),
        "python": sys.version.split()[0],
        "devices": available,
        "missing": not is_available(device, available),
        "full_name": None,
        "capabilities": [],
    }
    if not answer["missing"]:
        try:
            answer["full_name"] = str(core.get_property(device, "FULL_DEVICE_NAME"))
            found = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
            answer["capabilities"] = [str(item) for item in found]
        except (RuntimeError, TypeError):  # AUTO, HETERO and the like do not tell
            pass
    return answer


def is_available(device: str, available: list[str]) -> bool:
    """Whether ``device`` names one of the available devices or a combination of them."""
    kind, _, members = device.partition(":")
    known = set(available) | {name.split(".")[0] for name in available}
    known |= {name + ".0" for name in available if "." not in name and name != "CPU"}
    if kind in ("AUTO", "MULTI", "HETERO", "BATCH"):
        wanted = [part.split("(")[0].lstrip("-") for part in members.split(",") if part]
        return all(part in known for part in wanted)
    return device in known


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


class Slice:
    """One stretch of measuring: latencies in ms, items in the steady window, its length in s."""

    def __init__(self, latencies_ms: list[float], items: int, window_s: float) -> None:
        self.latencies_ms = latencies_ms
        self.items = items
        self.window_s = window_s


class Session:
    """A compiled model with its inputs set, ready to infer; counts what it infers."""

    def __init__(self, ov: Any, request: dict[str, Any], config: dict[str, Any]) -> None:
        self.inferences = 0
        self.inference_s = 0.0
        self.is_async = request["scenario"] == "throughput"
        core = ov.Core()
        if request["cache_dir"]:
            core.set_property({"CACHE_DIR": request["cache_dir"]})
        started = time.perf_counter()
        model = attempt("read", core.read_model, request["model_path"])
        if request["batch"]:
            attempt("reshape", set_batch, model, request["batch"])
        self.read_ms = _ms_since(started)
        started = time.perf_counter()
        self.compiled = attempt(
            "compile",
            core.compile_model,
            model,
            request["device"],
            dict(request["config"], **config),
        )
        self.compile_ms = _ms_since(started)
        # Only a profile reads these: a node with a time before any inference was
        # run by OpenVINO itself, once, because it reads constants only.
        self.counters_at_compile = counters(self.compiled) if config else {}
        self._make_requests(ov, request)
        started = time.perf_counter()
        attempt("infer", self._once)
        self.first_inference_ms = _ms_since(started)
        # A node whose average is under 1 us is reported as not executed; the first,
        # cold inference is slow enough to tell it from one that really is not.
        self.counters_at_first = counters(self.compiled) if config else {}

    def _make_requests(self, ov: Any, request: dict[str, Any]) -> None:
        if self.is_async:
            self.queue = ov.AsyncInferQueue(self.compiled, request["requests"] or 0)
            self.requests = [self.queue[place] for place in range(len(self.queue))]
        else:
            self.requests = [self.compiled.create_infer_request()]
        for one in self.requests:
            for port in self.compiled.inputs:
                kind, shape = port.element_type.get_type_name(), list(port.shape)
                one.set_tensor(port, ov.Tensor(random_input(kind, shape, request["seed"])))

    def _once(self) -> None:
        if self.is_async:
            self.queue.start_async()
            self.queue.wait_all()
        else:
            self._infer_without_copies()
        self.inferences += 1

    def _infer_without_copies(self) -> None:
        """Find out, once, how this OpenVINO leaves the outputs in its own memory."""
        request = self.requests[0]
        try:
            request.infer(share_outputs=True)
            self.infer = partial(request.infer, share_outputs=True)
        except TypeError:
            request.infer()
            self.infer = partial(request.infer)

    def run(self, seconds: float, at_least: int) -> Slice:
        """Infer for some seconds, and at least so many inferences."""
        started = time.perf_counter()
        found = (self._run_async if self.is_async else self._run_sync)(seconds, at_least)
        self.inference_s += time.perf_counter() - started
        return found

    def _run_sync(self, seconds: float, at_least: int) -> Slice:
        """One request at a time; latency as OpenVINO takes it, around the inference alone."""
        clock, infer, request = time.perf_counter, self.infer, self.requests[0]
        latencies = []  # type: list[float]
        started = clock()
        while len(latencies) < at_least or clock() - started < seconds:
            infer()
            latencies.append(request.latency)
        self.inferences += len(latencies)
        return Slice(latencies, len(latencies), clock() - started)

    def _run_async(self, seconds: float, at_least: int) -> Slice:
        """All requests in flight, at least so many inferences of each.

        The window opens when each has come back once and ends with a whole wave of returns,
        so that neither the filling nor the draining counts. Requests that were started
        together come back together: a window from the last of a wave to the first of
        another would miss one.
        """
        clock, queue, flying = time.perf_counter, self.queue, set()
        latencies = []  # type: list[float]
        returned, opened, now = 0, 0.0, clock()
        wave = len(queue)
        while not (
            opened
            and len(latencies) >= at_least * wave
            and len(latencies) % wave == 0
            and now - opened >= seconds
        ):
            place = queue.get_idle_request_id()
            now = clock()
            if place not in flying:
                flying.add(place)
            else:
                returned += 1
                if opened:
                    latencies.append(queue[place].latency)
                elif returned >= wave:
                    opened = now
            queue.start_async()
        queue.wait_all()
        self.inferences += returned + len(flying)
        return Slice(latencies, len(latencies), now - opened)


def set_batch(model: Any, batch: int) -> None:
    """Give the first axis of every input this size."""
    shapes = {}
    for place, port in enumerate(model.inputs):
        rest = [dimension.get_length() for dimension in list(port.get_partial_shape())[1:]]
        shapes[place] = [batch, *rest]
    model.reshape(shapes)


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


def headline_ms(found: Slice, session: Session, request: dict[str, Any]) -> float:
    """Median latency, or in throughput the time per item, in ms."""
    if session.is_async:
        items = found.items * int(request["items"])
        return found.window_s * 1e3 / items
    return float(np.median(found.latencies_ms))


def warm_up(session: Session, request: dict[str, Any]) -> tuple[int, bool, float]:
    """Infer until the headlines of two windows differ by less than the tolerance.

    Returns (number of inferences, whether it settled, the last window's headline in ms).
    """
    before, deadline = session.inferences, time.perf_counter() + request["warmup_max_s"]
    window, least = request["warmup_window_s"], request["warmup_min_iterations"]
    previous = headline_ms(session.run(window, least), session, request)
    while True:  # two windows at least, however slow the model is
        now = headline_ms(session.run(window, least), session, request)
        settled = abs(now - previous) <= request["warmup_tolerance"] * previous
        previous = now
        if settled or time.perf_counter() >= deadline:
            return session.inferences - before, settled, previous


def timing(ov: Any, request: dict[str, Any], channel: Channel) -> dict[str, Any]:
    channel.say("ready", {})
    channel.read()
    session = Session(ov, request, {})
    iterations, settled, expected_ms = warm_up(session, request)
    channel.say("warm", {"expected_ms": expected_ms, "requests": len(session.requests)})
    slices, interference = [], Interference(request)
    for command in iter(channel.read, "end"):
        seconds = float(command.split()[1])
        if not session.is_async:  # the others' turns have emptied the caches
            session.run(request["rewarm_s"], 1)
        interference.start()
        slices.append(session.run(seconds, request["slice_min_iterations"]))
        interference.stop()
        channel.say("slice", {})
    answer = _common(session, iterations, settled)
    answer["interference"] = interference.answer()
    answer["samples_ms"] = [sample for found in slices for sample in found.latencies_ms]
    answer["slice_ms"] = [headline_ms(found, session, request) for found in slices]
    answer["items"] = sum(found.items for found in slices) * request["items"]
    answer["wall_s"] = sum(found.window_s for found in slices)
    return answer


def profile(ov: Any, request: dict[str, Any]) -> dict[str, Any]:
    session = Session(ov, request, {"PERF_COUNT": True})
    iterations, settled, _ = warm_up(session, request)
    first_count, first = session.inferences, counters(session.compiled)
    interference = Interference(request)
    interference.start()
    found = session.run(request["measure_s"], request["min_iterations"])
    interference.stop()
    second_count, second = session.inferences, counters(session.compiled)
    answer = _common(session, iterations, settled)
    answer["interference"] = interference.answer()
    answer["samples_ms"] = found.latencies_ms
    answer["slice_ms"] = [headline_ms(found, session, request)]
    answer["items"] = found.items * request["items"]
    answer["wall_s"] = found.window_s
    answer["nodes"] = runtime_nodes(session.compiled)
    answer["at_compile"] = timed(session.counters_at_compile)
    answer["at_first"] = timed(session.counters_at_first)
    answer["counters"] = [[first_count, first], [second_count, second]]
    return answer


def startup(ov: Any, request: dict[str, Any]) -> dict[str, Any]:
    session = Session(ov, request, {})
    answer = _common(session, 0, None)
    try:
        answer["from_cache"] = bool(session.compiled.get_property("LOADED_FROM_CACHE"))
    except (RuntimeError, TypeError):
        answer["from_cache"] = None
    return answer


def timed(reading: dict[str, int | None]) -> list[str]:
    """Execution orders of the nodes that have a time in a reading."""
    return [order for order, time_us in reading.items() if time_us is not None]


def _common(session: Session, warmup_iterations: int, settled: bool | None) -> dict[str, Any]:
    return {
        "read_ms": session.read_ms,
        "compile_ms": session.compile_ms,
        "first_inference_ms": session.first_inference_ms,
        "warmup_iterations": warmup_iterations,
        "warmup_settled": settled,
        "inference_s": session.inference_s + session.first_inference_ms / 1e3,
        "requests": len(session.requests),
        "properties": effective_properties(session.compiled),
        "peak_memory_mib": peak_memory_mib(),
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
    channel = Channel()
    request = json.loads(channel.read())
    die_with_parent(request["parent"])
    actions = {
        "describe": describe,
        "timing": lambda ov, request: timing(ov, request, channel),
        "profile": profile,
        "startup": startup,
    }  # type: dict[str, Callable[..., dict[str, Any]]]
    try:
        attempt("limit", limit, request)
        ov = attempt("import", load_openvino)
        channel.say("done", actions[request["action"]](ov, request))
    except ProbeError as error:
        channel.say("failed", {"stage": error.stage, "error": error.message})
    except MemoryError:
        channel.say("failed", {"stage": "memory", "error": "out of memory"})
    except RuntimeError as error:  # OpenVINO's own, outside the steps above
        channel.say("failed", {"stage": request["action"], "error": str(error)})


if __name__ == "__main__":
    main()
