"""A small residual network in ONNX, in float and as a framework would quantise it (QDQ).

Random weights from a seed; scales and zero points are worked out here with numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import onnx
import openvino as ov
from numpy.typing import ArrayLike, NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from collector.models.data.dataset import Sample
from tests.unit.numpy_graph import evaluate

SIZE, CHANNELS, CLASSES = 8, 8, 10
_TYPES = {np.dtype(np.uint8): TensorProto.UINT8, np.dtype(np.int8): TensorProto.INT8}


@dataclass(frozen=True)
class Style:
    """How the quantised twin is written."""

    activations: type[np.integer[Any]] = np.uint8
    weights: type[np.integer[Any]] = np.int8
    per_channel: bool = True
    integer_io: bool = False


def images(count: int, seed: int = 7) -> list[NDArray[np.float32]]:
    """Smooth images from -1 to 1, shaped [1, 3, 8, 8]."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(-1, 1, (count, 3, 4, 4)).astype(np.float32)
    return [image[None] for image in coarse.repeat(2, axis=2).repeat(2, axis=3)]


def samples(count: int, labels: Sequence[int] | None = None) -> list[Sample]:
    """The images as samples for the input ``x``."""
    return [
        Sample(f"image {place}", {"x": image}, None if labels is None else labels[place])
        for place, image in enumerate(images(count))
    ]


def float_network(seed: int = 0) -> ov.Model:
    """Two convolutions with a residual, mean, classifier; ``x`` [1,3,8,8] -> ``y`` [1,10]."""
    return _read(_Body(_weights(seed), None, {}).nodes())


def quantised_network(style: Style, seed: int = 0) -> ov.Model:
    """The same network with QuantizeLinear and DequantizeLinear, of ranges seen on ``images``."""
    return _read(_Body(_weights(seed), style, _ranges(seed)).nodes())


@cache
def _ranges(seed: int) -> dict[str, tuple[float, float]]:
    values = [evaluate(float_network(seed), [image]) for image in images(64)]
    return {
        name: (min(float(v[name].min()) for v in values), max(float(v[name].max()) for v in values))
        for name in ("x", "relu1", "relu2", "pool", "y")
    }


def scale_of(
    low: float, high: float, kind: type[np.integer[Any]]
) -> tuple[np.float32, np.integer[Any]]:
    """Scale and zero point that take low..high, with 0 in it, to all integers of a type."""
    info = np.iinfo(kind)
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32((high - low) / (info.max - info.min))
    return scale, kind(round(info.min - low / float(scale)))


@cache
def _weights(seed: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    shapes = {
        "w1": (CHANNELS, 3, 3, 3),
        "w2": (CHANNELS, CHANNELS, 3, 3),
        "w3": (CHANNELS, CLASSES),
    }
    weights = {
        name: (random.standard_normal(shape) * 0.3).astype(np.float32)
        for name, shape in shapes.items()
    }
    # Without what all images have in common, the class depends on the image.
    common = _pooled(weights).mean(axis=0)
    weights["w3"] -= np.outer(common, common @ weights["w3"]) / (common @ common)
    return weights


def _pooled(weights: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    graph = _read(_Body(weights, None, {}).nodes())
    pooled = [evaluate(graph, [image])["pool"] for image in images(64)]
    return np.concatenate(pooled).astype(np.float32)


@dataclass
class _Body:
    """Nodes and constants as they are written, in float (no style) or quantised."""

    weights: dict[str, NDArray[np.float32]]
    style: Style | None
    ranges: dict[str, tuple[float, float]]
    written: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def nodes(self) -> onnx.ModelProto:
        self._op("Conv", ["x", "w1"], "conv1", pads=[1, 1, 1, 1])
        self._op("Relu", ["conv1"], "relu1")
        self._op("Conv", ["relu1", "w2"], "conv2", pads=[1, 1, 1, 1])
        self._op("Add", ["conv2", "relu1"], "sum")
        self._op("Relu", ["sum"], "relu2")
        self._op("ReduceMean", ["relu2"], "pool", axes=[2, 3], keepdims=0)
        self._op("MatMul", ["pool", "w3"], "y")
        is_integer = self.style is not None and self.style.integer_io
        if is_integer:
            self._quantise("y")
        kind = _TYPES[np.dtype(self.style.activations)] if is_integer and self.style else 1
        inputs = helper.make_tensor_value_info(
            "x_q" if is_integer else "x", kind, [1, 3, SIZE, SIZE]
        )
        outputs = helper.make_tensor_value_info("y_q" if is_integer else "y", kind, [1, CLASSES])
        graph = helper.make_graph(self.written, "pair", [inputs], [outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        return model

    def _op(self, kind: str, inputs: list[str], name: str, **attributes: int | list[int]) -> None:
        given = [self._dequantised(source) for source in inputs]
        self._write(helper.make_node(kind, given, [name], name=name), attributes)

    def _write(self, node: NodeProto, attributes: Mapping[str, int | list[int]]) -> None:
        node.attribute.extend(
            helper.make_attribute(key, value) for key, value in attributes.items()
        )
        self.written.append(node)

    def _dequantised(self, name: str) -> str:
        """The name to read a tensor by: its own in float, else that of its DequantizeLinear."""
        if name in self.weights:
            return self._weight(name)
        if self.style is None or name not in self.ranges:
            return name
        if f"{name}_dq" not in {output for node in self.written for output in node.output}:
            self._quantise(name)
            self._dequantise(name)
        return f"{name}_dq"

    def _quantise(self, name: str) -> None:
        assert self.style is not None
        scale, zero = scale_of(*self.ranges[name], self.style.activations)
        self._constant(f"{name}_s", np.asarray(scale))
        self._constant(f"{name}_z", np.asarray(zero, self.style.activations))
        if not (self.style.integer_io and name == "x"):
            self.written.append(
                helper.make_node("QuantizeLinear", [name, f"{name}_s", f"{name}_z"], [f"{name}_q"])
            )

    def _dequantise(self, name: str, **attributes: int | list[int]) -> None:
        given = [f"{name}_q", f"{name}_s", f"{name}_z"]
        self._write(helper.make_node("DequantizeLinear", given, [f"{name}_dq"]), attributes)

    def _weight(self, name: str) -> str:
        values = self.weights[name]
        if self.style is None:
            self._constant(name, values)
            return name
        axis = values.ndim - 1 if values.ndim == 2 else 0
        channels = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
        groups = channels if self.style.per_channel else channels.reshape(1, -1)
        kind = self.style.weights
        pairs = [_weight_scale(group, kind) for group in groups]
        shape = [-1 if place == axis else 1 for place in range(values.ndim)]
        scales, zeros = (np.array(one) for one in zip(*pairs, strict=True))
        steps = np.rint(values / scales.reshape(shape)) + zeros.reshape(shape).astype(np.float64)
        info = np.iinfo(kind)
        self._constant(f"{name}_q", np.clip(steps, info.min, info.max).astype(kind))
        whole = scales.astype(np.float32), zeros.astype(kind)
        for end, one in zip("sz", whole, strict=True):
            self._constant(f"{name}_{end}", one if self.style.per_channel else one[0])
        self._dequantise(name, axis=axis)
        return f"{name}_dq"

    def _constant(self, name: str, values: ArrayLike) -> None:
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))


def _weight_scale(
    group: NDArray[np.float32], kind: type[np.integer[Any]]
) -> tuple[np.float32, np.integer[Any]]:
    if kind == np.int8:  # symmetric, as frameworks do
        return np.float32(np.abs(group).max() / 127), kind(0)
    return scale_of(float(group.min()), float(group.max()), kind)


def _read(model: onnx.ModelProto) -> ov.Model:
    return ov.Core().read_model(model.SerializeToString())
