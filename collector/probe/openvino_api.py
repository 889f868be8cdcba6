"""OpenVINO from 2022.1 on: the ``Core`` of ``openvino.runtime``, later of ``openvino``."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from collector.probe.channel import attempt
from collector.probe.engine import (
    Engine,
    Network,
    f32_instead,
    is_available,
    ms_of,
    needs_f32,
    plain,
)
from collector.probe.inputs import random_input


class OpenVinoEngine(Engine):
    """An OpenVINO with a ``Core``, given the module that has it."""

    def __init__(self, ov: Any) -> None:
        self.ov = ov
        self.core = ov.Core()

    def describe(self, device: str) -> dict[str, Any]:
        available = [str(name) for name in self.core.available_devices]
        answer = {
            "version": self.ov.get_version(),
            "python": sys.version.split()[0],
            "devices": available,
            "missing": not is_available(device, available),
            "full_name": None,
            "capabilities": [],
            "newest_opset": None,
        }  # type: dict[str, Any]
        if not answer["missing"]:
            try:
                answer["full_name"] = str(self.core.get_property(device, "FULL_DEVICE_NAME"))
                answer["capabilities"] = self._capabilities(device)
            except (RuntimeError, TypeError):  # AUTO, HETERO and the like do not tell
                pass
        return answer

    def _capabilities(self, device: str) -> list[str]:
        return [str(one) for one in self.core.get_property(device, "OPTIMIZATION_CAPABILITIES")]

    def load(self, request: dict[str, Any], profiled: bool) -> Network:
        return OpenVinoNetwork(self, request, self._config(request, profiled))

    def _config(self, request: dict[str, Any], profiled: bool) -> dict[str, Any]:
        config = dict(request["config"])
        if profiled:
            config["PERF_COUNT"] = "YES"  # as text, because 2022.1 knows no other
        return config

    def adjust(self, request: dict[str, Any], config: dict[str, Any]) -> list[str]:
        """Change the configuration where this OpenVINO needs it; says what was changed."""
        cap, device = request["isa_cap"], request["device"]
        if cap is None or device != "CPU":
            return []
        if not needs_f32(cap, config, self._capabilities(device)):
            return []
        config["INFERENCE_PRECISION_HINT"] = "f32"
        return [f32_instead(cap)]


class OpenVinoNetwork(Network):
    """A model compiled by a ``Core``."""

    def __init__(
        self, engine: OpenVinoEngine, request: dict[str, Any], config: dict[str, Any]
    ) -> None:
        super().__init__()
        self.ov = engine.ov
        # 2022.3 and 2023.0 refuse to tell a compiled model's properties once it is gone.
        self.core = engine.core
        if request["cache_dir"]:
            self.core.set_property({"CACHE_DIR": request["cache_dir"]})
        self.adjustments = attempt("compile", engine.adjust, request, config)
        model, self.read_ms = ms_of(self._read, request)
        self.compiled, self.compile_ms = ms_of(
            attempt, "compile", self.core.compile_model, model, request["device"], config
        )

    def _read(self, request: dict[str, Any]) -> Any:
        files = [request["model_path"], request["weights_path"]]
        model = attempt("read", self.core.read_model, *[path for path in files if path])
        if request["batch"]:
            attempt("reshape", set_batch, model, request["batch"])
        return model

    def prepare(self, request: dict[str, Any]) -> None:
        if request["scenario"] == "throughput":
            self.queue = self.ov.AsyncInferQueue(self.compiled, request["requests"] or 0)
            requests = [self.queue[place] for place in range(len(self.queue))]
        else:
            self.single = self.compiled.create_infer_request()
            requests = [self.single]
        for one in requests:
            for port in self.compiled.inputs:
                kind, shape = port.element_type.get_type_name(), list(port.shape)
                one.set_tensor(port, self.ov.Tensor(random_input(kind, shape, request["seed"])))

    def first(self) -> None:
        if self.queue is not None:
            super().first()
        else:
            self._infer_without_copies()

    def _infer_without_copies(self) -> None:
        """Find out, once, how this OpenVINO leaves the outputs in its own memory."""
        try:
            self.single.infer(share_outputs=True)
            self.infer = partial(self.single.infer, share_outputs=True)
        except TypeError:
            self.single.infer()
            self.infer = partial(self.single.infer)

    def properties(self) -> dict[str, object]:
        answer = {}
        for name in self.compiled.get_property("SUPPORTED_PROPERTIES"):
            try:
                answer[str(name)] = plain(self.compiled.get_property(str(name)))
            except (RuntimeError, TypeError):
                continue
        answer.pop("SUPPORTED_PROPERTIES", None)
        return answer

    def from_cache(self) -> bool | None:
        try:
            return bool(self.compiled.get_property("LOADED_FROM_CACHE"))
        except (RuntimeError, TypeError):
            return None

    def counters(self) -> dict[str, int | None]:
        answer = {}
        for node in self.compiled.get_runtime_model().get_ops():
            info = node.get_rt_info()
            text = info_text(info["execTimeMcs"])
            answer[info_text(info["execOrder"])] = int(text) if text.isdigit() else None
        return answer

    def nodes(self) -> list[dict[str, Any]]:
        return [_node(node) for node in self.compiled.get_runtime_model().get_ops()]


def set_batch(model: Any, batch: int) -> None:
    """Give the first axis of every input this size."""
    shapes = {}
    for place, port in enumerate(model.inputs):
        rest = [dimension.get_length() for dimension in list(port.get_partial_shape())[1:]]
        shapes[place] = [batch, *rest]
    model.reshape(shapes)


def info_text(value: Any) -> str:
    """A runtime-info value as text; some versions wrap it, some do not."""
    return str(value.astype(str)) if hasattr(value, "astype") else str(value)


def shape_text(shape: Any) -> str:
    """``[1,3,224,224]``; 2022.1 writes braces."""
    return str(shape).replace("{", "[").replace("}", "]").replace(" ", "")


def _node(node: Any) -> dict[str, Any]:
    told = node.get_rt_info()
    info = {key: info_text(told[key]) for key, _ in told.items()}  # 2022.1's values are opaque
    inputs = [port.get_source_output() for port in node.inputs()]
    return {
        "order": int(info["execOrder"]),
        "name": node.get_friendly_name(),
        "type": info.get("layerType", node.get_type_name()),
        "primitive": info.get("primitiveType", ""),
        "precision": info.get("runtimePrecision", ""),
        "layouts": info.get("outputLayouts", ""),
        "precisions": info.get("outputPrecisions", ""),
        "original_names": info.get("originalLayersNames", ""),
        "shapes": [shape_text(port.get_partial_shape()) for port in node.outputs()],
        "inputs": [[port.get_node().get_friendly_name(), port.get_index()] for port in inputs],
    }
