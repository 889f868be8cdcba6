"""OpenVINO before 2022.1: the ``IECore`` of ``openvino.inference_engine``.

It reads IR version 10, keeps no model cache for the CPU, and no variable caps its
instruction sets. How its compiled graph is read lives in ``exec_graph``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tempfile
from typing import Any

from collector.probe.channel import ProbeError, attempt
from collector.probe.engine import Engine, Network, is_available, ms_of, plain
from collector.probe.exec_graph import counters_of, nodes_of
from collector.probe.inputs import random_input

_STREAMS, _AUTO_STREAMS = "CPU_THROUGHPUT_STREAMS", "CPU_THROUGHPUT_AUTO"
_OLD_NAMES = {
    "NUM_STREAMS": _STREAMS,
    "INFERENCE_NUM_THREADS": "CPU_THREADS_NUM",
    "INFERENCE_PRECISION_HINT": "ENFORCE_BF16",
}
_ENFORCED = {"f32": "NO", "bf16": "YES"}
_OLD_VALUES = {("INFERENCE_PRECISION_HINT", name): value for name, value in _ENFORCED.items()}
_OLD_VALUES[("NUM_STREAMS", "AUTO")] = _AUTO_STREAMS
_ELEMENT_TYPES = {
    "FP32": "f32", "FP16": "f16", "FP64": "f64", "BOOL": "boolean", "I8": "i8", "U8": "u8",
    "I16": "i16", "U16": "u16", "I32": "i32", "U32": "u32", "I64": "i64", "U64": "u64",
}  # fmt: skip


class InferenceEngine(Engine):
    """An OpenVINO with an ``IECore``, given the module that has it."""

    def __init__(self, ie: Any) -> None:
        self.build = clean_build(ie.get_version())
        self.core = ie.IECore()

    def describe(self, device: str) -> dict[str, Any]:
        available = [str(name) for name in self.core.available_devices]
        answer = {
            "version": self.build,
            "python": sys.version.split()[0],
            "devices": available,
            "missing": not is_available(device, available),
            "full_name": None,
            "capabilities": [],
            "newest_opset": newest_opset(),
        }  # type: dict[str, Any]
        if not answer["missing"]:
            try:
                answer["full_name"] = str(self.core.get_metric(device, "FULL_DEVICE_NAME"))
                found = self.core.get_metric(device, "OPTIMIZATION_CAPABILITIES")
                answer["capabilities"] = [str(item) for item in found]
            except (RuntimeError, TypeError):  # MULTI, HETERO and the like do not tell
                pass
        return answer

    def load(self, request: dict[str, Any], profiled: bool) -> Network:
        cap = request["isa_cap"]
        if cap is not None and request["device"] == "CPU":
            version = self.build.split("-")[0]
            message = "OpenVINO {} cannot be capped to {}: nothing tells it to".format(version, cap)
            raise ProbeError("isa cap", message)
        config = attempt("compile", old_config, request["config"])
        if profiled:
            config["PERF_COUNT"] = "YES"
        network = InferenceEngineNetwork(self, request, config)
        network.adjustments = without_hints(request["config"])
        return network


class InferenceEngineNetwork(Network):
    """A model compiled by an ``IECore``."""

    def __init__(
        self, engine: InferenceEngine, request: dict[str, Any], config: dict[str, Any]
    ) -> None:
        super().__init__()
        self.core = engine.core  # must not go before what it made
        # The number of requests is part of compiling here; 0 is the device's optimal number.
        self.flying = request["scenario"] == "throughput"
        requests = (request["requests"] or 0) if self.flying else 1
        self.model, self.read_ms = ms_of(self._read, request)
        self.compiled, self.compile_ms = ms_of(
            attempt, "compile", self.core.load_network, self.model, request["device"], config,
            requests,
        )  # fmt: skip

    def _read(self, request: dict[str, Any]) -> Any:
        path = request["model_path"]
        weights = request["weights_path"] or os.path.splitext(path)[0] + ".bin"
        model = attempt("read", self.core.read_network, path, weights)
        if request["batch"]:
            attempt("reshape", set_batch, model, request["batch"])
        return model

    def prepare(self, request: dict[str, Any]) -> None:
        requests = self.compiled.requests
        for one in requests:
            for name, info in self.model.input_info.items():
                shape = list(info.input_data.shape)
                kind = _ELEMENT_TYPES.get(info.precision, info.precision)
                data = random_input(kind, shape, request["seed"])
                one.input_blobs[name].buffer[...] = data
        if self.flying:
            self.queue = RequestQueue(self.compiled, list(requests))
        else:
            self.single = requests[0]
            self.infer = self.single.infer  # inputs are filled, outputs are not fetched

    def properties(self) -> dict[str, object]:
        answer = {}
        for name in self.compiled.get_metric("SUPPORTED_CONFIG_KEYS"):
            try:
                answer[str(name)] = plain(self.compiled.get_config(name))
            except (RuntimeError, TypeError):
                continue
        for name in ("NETWORK_NAME", "OPTIMAL_NUMBER_OF_INFER_REQUESTS"):
            try:
                answer[name] = plain(self.compiled.get_metric(name))
            except (RuntimeError, TypeError):
                continue
        return answer

    def from_cache(self) -> bool | None:
        return None

    def counters(self) -> dict[str, int | None]:
        return counters_of(self._graph())

    def nodes(self) -> list[dict[str, Any]]:
        return nodes_of(self._graph())

    def _graph(self) -> str:
        """The compiled graph's XML, which this API only writes to files."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "graph.xml")
            weights = os.path.join(folder, "graph.bin")
            self.compiled.get_exec_graph_info().serialize(path, weights)
            with open(path, encoding="utf-8") as written:
                return written.read()


class RequestQueue:
    """The requests of a compiled model, with the methods of the later AsyncInferQueue."""

    def __init__(self, compiled: Any, requests: list[Any]) -> None:
        self.compiled = compiled
        self.requests = requests
        self.place = 0

    def __len__(self) -> int:
        return len(self.requests)

    def __getitem__(self, place: int) -> Any:
        return self.requests[place]

    def get_idle_request_id(self) -> int:
        """Wait until a request is idle; its place, which ``start_async`` then starts."""
        place = self.compiled.get_idle_request_id()
        while place < 0:
            self.compiled.wait(num_requests=1)
            place = self.compiled.get_idle_request_id()
        self.place = int(place)
        return self.place

    def start_async(self) -> None:
        """Start the request that was found idle last."""
        self.requests[self.place].async_infer()

    def wait_all(self) -> None:
        """Wait until all are idle."""
        self.compiled.wait()


def old_config(config: dict[str, str]) -> dict[str, str]:
    """Today's properties under their names of 2021; those without one stay as they are.

    The number of requests that a hint is told is left out: it is told when compiling.
    Raises ValueError for a precision that there was not yet.
    """
    answer = {}
    for name, value in config.items():
        if name == "INFERENCE_PRECISION_HINT" and value not in _ENFORCED:
            raise ValueError("this OpenVINO infers in f32 and bf16, not in " + value)
        if name in _OLD_NAMES:
            answer[_OLD_NAMES[name]] = _OLD_VALUES.get((name, value), value)
        elif name == "PERFORMANCE_HINT":
            answer.setdefault(_STREAMS, _AUTO_STREAMS if value == "THROUGHPUT" else "1")
        elif name != "PERFORMANCE_HINT_NUM_REQUESTS":
            answer[name] = value
    return answer


def without_hints(config: dict[str, str]) -> list[str]:
    """What is asked otherwise than later versions are, which choose streams by a hint; else [].

    Without a hint, later versions do not look at the number of requests either.
    """
    hint, translated = config.get("PERFORMANCE_HINT"), old_config(config)
    if hint is None or "NUM_STREAMS" in config:
        return []
    told = "{}={} was asked for in place of the {} hint, which this OpenVINO has not".format(
        _STREAMS, translated[_STREAMS], hint.lower()
    )
    requests = config.get("PERFORMANCE_HINT_NUM_REQUESTS")
    if requests is not None:
        told += "; the hint's number of requests, {}, did not bound the streams".format(requests)
    return [told]


def set_batch(model: Any, batch: int) -> None:
    """Give the first axis of every input this size."""
    inputs = model.input_info.items()
    model.reshape({name: [batch, *info.input_data.shape[1:]] for name, info in inputs})


def clean_build(build: str) -> str:
    """The build without the version of the plugins' interface, ``2.1.``, that 2021.2 puts first."""
    return re.sub(r"^\d\.\d\.(?=20\d\d\.)", "", build)


def newest_opset() -> int | None:
    """The newest operation set that the installed ngraph knows.

    Looked up, not imported: importing it needs packages that nothing else does.
    """
    spec = importlib.util.find_spec("ngraph")
    folders = list(spec.submodule_search_locations or []) if spec else []
    names = [name for folder in folders for name in os.listdir(folder)]
    found = [re.match(r"opset(\d+)$", name) for name in names]
    return max([int(match.group(1)) for match in found if match], default=None)
