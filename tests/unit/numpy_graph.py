"""Computes a small OpenVINO graph with numpy alone, operation by operation, in float64.

An independent word on what a graph gives, for tests; only the operations that they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import openvino as ov
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Values = NDArray[Any]


def evaluate(graph: ov.Model, inputs: Sequence[Values]) -> dict[str, Values]:
    """The value of every operation, by friendly name; results under the name they read."""
    given = {
        parameter.get_friendly_name(): values
        for parameter, values in zip(graph.get_parameters(), inputs, strict=True)
    }
    found: dict[str, Values] = {}
    for op in graph.get_ordered_ops():
        if op.get_type_name() in _KNOWN:  # what is left out computes shapes
            name = op.get_friendly_name()
            ports = op.inputs()[:1] if op.get_type_name() == "Reshape" else op.inputs()
            sources = [port.get_source_output().get_node().get_friendly_name() for port in ports]
            found[name] = _computed(op, given.get(name), [found[source] for source in sources])
    return found


def answer(graph: ov.Model, inputs: Sequence[Values]) -> Values:
    """The value of the first output."""
    source = graph.outputs[0].get_node().input(0).get_source_output().get_node()
    return evaluate(graph, inputs)[source.get_friendly_name()]


def _computed(op: ov.Node, given: Values | None, inputs: list[Values]) -> Values:
    kind = op.get_type_name()
    if kind == "Parameter":
        assert given is not None
        return given
    if kind == "Constant":
        return np.asarray(op.get_data())
    if kind == "Reshape":
        return inputs[0].reshape([int(size) for size in op.get_output_shape(0)])
    if kind in _WITH_ATTRIBUTES:
        return _WITH_ATTRIBUTES[kind](op.get_attributes(), inputs)
    return _PLAIN[kind](*inputs)


def _fake_quantize(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    values, low, high, out_low, out_high = (one.astype(np.float64) for one in inputs)
    steps = attributes["levels"] - 1
    scaled = np.rint((np.clip(values, low, high) - low) / (high - low) * steps)
    result: Values = scaled / steps * (out_high - out_low) + out_low
    return result


def _convert(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    integers = {"i8": np.int8, "u8": np.uint8, "i32": np.int32}
    wanted = attributes["destination_type"]
    # What FakeQuantize gives is whole but for rounding errors, which must not be cut off.
    return np.rint(inputs[0]).astype(integers[wanted]) if wanted in integers else (
        inputs[0].astype(np.float64)
    )  # fmt: skip


def _padding(
    attributes: Mapping[str, Any], shape: Sequence[int], kernel: Sequence[int]
) -> list[tuple[int, int]]:
    begins, ends = attributes["pads_begin"], attributes["pads_end"]
    if attributes["auto_pad"] == "same_upper":
        pads = [
            max((-(-size // step) - 1) * step + width - size, 0)
            for size, step, width in zip(shape, attributes["strides"], kernel, strict=True)
        ]
        begins, ends = [pad // 2 for pad in pads], [pad - pad // 2 for pad in pads]
    return [(0, 0), (0, 0), *zip(begins, ends, strict=True)]


def _windows(attributes: Mapping[str, Any], values: Values, kernel: tuple[int, ...]) -> Values:
    padded = np.pad(values, _padding(attributes, values.shape[2:], kernel))
    rows, columns = attributes["strides"]
    return sliding_window_view(padded, kernel, axis=(2, 3))[:, :, ::rows, ::columns]


def _convolution(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    values, weights = (one.astype(np.float64) for one in inputs)
    windows = _windows(attributes, values, weights.shape[2:])
    sums = np.tensordot(windows, weights, axes=([1, 4, 5], [1, 2, 3]))
    return np.moveaxis(sums, 3, 1)


def _average(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    result: Values = _windows(attributes, inputs[0], tuple(attributes["kernel"])).mean(axis=(4, 5))
    return result


def _matmul(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    first, second = (one.astype(np.float64) for one in inputs)
    first = first.T if attributes["transpose_a"] else first
    result: Values = first @ (second.T if attributes["transpose_b"] else second)
    return result


def _reduce_mean(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    axes = tuple(int(axis) for axis in inputs[1].ravel())
    result: Values = inputs[0].mean(axis=axes, keepdims=attributes["keep_dims"])
    return result


def _softmax(attributes: Mapping[str, Any], inputs: list[Values]) -> Values:
    powers = np.exp(inputs[0] - inputs[0].max(axis=attributes["axis"], keepdims=True))
    result: Values = powers / powers.sum(axis=attributes["axis"], keepdims=True)
    return result


_WITH_ATTRIBUTES: dict[str, Callable[[Mapping[str, Any], list[Values]], Values]] = {
    "FakeQuantize": _fake_quantize,
    "Convert": _convert,
    "Convolution": _convolution,
    "AvgPool": _average,
    "MatMul": _matmul,
    "ReduceMean": _reduce_mean,
    "Softmax": _softmax,
}
_PLAIN: dict[str, Callable[..., Values]] = {
    "Add": np.add,
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Relu": lambda values: np.maximum(values, 0),
    "Transpose": lambda values, order: values.transpose([int(axis) for axis in order]),
}
_KNOWN = {"Parameter", "Constant", "Reshape", *_WITH_ATTRIBUTES, *_PLAIN}
