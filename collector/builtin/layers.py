"""Building blocks of the built-in networks, in the lowest OpenVINO opsets.

Only opsets 1, 4 and 5 are used, so that runtimes from 2021.2 on can read the
models. Batch normalisation is folded into the convolution before it, as every
converter does: a convolution here is a ``Convolution`` plus an ``Add``.
Weights of ``Layers`` are uniform random numbers from a seeded generator, scaled so that the
activations keep their size (He et al. 2015, https://arxiv.org/abs/1502.01852).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset1, opset4, opset5

# What a layer does to the mean square of its input, so that the activation after it keeps it.
RELU_GAIN = 2.0
LINEAR_GAIN = 1.0
RESIDUAL_GAIN = 0.1  # the result is added to the trunk, which it must not make grow
SWISH_GAIN = 2.5  # between 2.8 for standard normal x and ReLU's 2 for large x
GATED_GAIN = 3.0  # the input was scaled by a gate between 0 and 1
_BIAS_GAIN = 1e-4


def make_divisible(channels: float, divisor: int = 8) -> int:
    """Round ``channels`` to a multiple of ``divisor``, never below 90 % of it.

    Source: the MobileNet reference code (tensorflow/models, ``slim/nets/mobilenet``).
    """
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


Activation = Callable[["Layers", ov.Node], ov.Node]
"""Adds an activation to a graph, such as ``Layers.relu``."""


@dataclass(frozen=True)
class HardSwish:
    """How h-swish and its gate h-sigmoid are written down in the graph."""

    swish: Activation
    sigmoid: Activation


class Layers:
    """Adds named layers to a graph; ``scope`` nests the names as modules do.

    ``TrainedLayers`` gives them trained weights instead of random ones.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._scopes: list[str] = []

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Prefix the names of all layers added inside with ``name/``."""
        self._scopes.append(name)
        try:
            yield
        finally:
            self._scopes.pop()

    def path(self, name: str) -> str:
        """``name`` below the scopes that are open."""
        return "/".join([*self._scopes, name])

    def named(self, node: ov.Node, name: str) -> ov.Node:
        """Give an operation its name below the open scopes."""
        node.set_friendly_name(self.path(name))
        return node

    def weights(self, shape: Sequence[int], fan_in: int, gain: float, name: str) -> ov.Node:
        """A constant of this shape, called ``name``; its mean square is gain / fan_in."""
        return self.named(opset1.constant(self._values(shape, fan_in, gain, name)), name)

    def _values(
        self, shape: Sequence[int], fan_in: int, gain: float, _name: str
    ) -> NDArray[np.float32]:
        # Integers scaled by one exact factor: the same bits on every machine.
        steps = self._random.integers(-(2**20), 2**20, size=tuple(shape), dtype=np.int64)
        bound = math.sqrt(3.0 * gain / fan_in)
        return (steps * (bound / 2**20)).astype(np.float32)

    def input_image(self, size: int, channels: int = 3) -> ov.Node:
        """A float image input of shape [1, channels, size, size]."""
        parameter = opset1.parameter([1, channels, size, size], np.float32)
        parameter.set_friendly_name("input")
        parameter.output(0).set_names({"input"})
        return parameter

    def conv(
        self,
        data: ov.Node,
        channels: int,
        kernel: int,
        stride: int = 1,
        *,
        name: str = "conv",
        gain: float = RELU_GAIN,
    ) -> ov.Node:
        """Dense convolution with bias; ``gain`` is one of the gains above."""
        in_channels = data.get_output_shape(0)[1]
        shape = (channels, in_channels, kernel, kernel)
        weights = self.weights(shape, in_channels * kernel * kernel, gain, f"{name}/weights")
        pad = [kernel // 2] * 2
        node = opset1.convolution(data, weights, [stride] * 2, pad, pad, [1, 1])
        return self._bias(self.named(node, name), channels, name)

    def depthwise(
        self,
        data: ov.Node,
        kernel: int,
        stride: int,
        *,
        name: str = "depthwise",
        gain: float = RELU_GAIN,
    ) -> ov.Node:
        """Depthwise convolution (one filter per channel) with bias."""
        channels = data.get_output_shape(0)[1]
        shape = (channels, 1, 1, kernel, kernel)
        weights = self.weights(shape, kernel * kernel, gain, f"{name}/weights")
        pad = [kernel // 2] * 2
        node = opset1.group_convolution(data, weights, [stride] * 2, pad, pad, [1, 1])
        return self._bias(self.named(node, name), channels, name)

    def _bias(self, data: ov.Node, channels: int, name: str) -> ov.Node:
        bias = self.weights((1, channels, 1, 1), 1, _BIAS_GAIN, f"{name}/bias/values")
        return self.named(opset1.add(data, bias), f"{name}/bias")

    def dense(
        self, data: ov.Node, channels: int, *, name: str, gain: float = LINEAR_GAIN
    ) -> ov.Node:
        """Fully connected layer with bias over the last axis of an input of any rank."""
        *others, features = data.get_output_shape(0)
        weights = self.weights((channels, features), features, gain, f"{name}/weights")
        product = self.named(opset1.matmul(data, weights, False, True), name)
        shape = (*[1] * len(others), channels)
        bias = self.weights(shape, 1, _BIAS_GAIN, f"{name}/bias/values")
        return self.named(opset1.add(product, bias), f"{name}/bias")

    def relu(self, data: ov.Node, name: str = "relu") -> ov.Node:
        """max(x, 0)."""
        return self.named(opset1.relu(data), name)

    def relu6(self, data: ov.Node, name: str = "relu6") -> ov.Node:
        """min(max(x, 0), 6)."""
        return self.named(opset1.clamp(data, 0.0, 6.0), name)

    def add(self, first: ov.Node, second: ov.Node, name: str = "add") -> ov.Node:
        """Residual addition."""
        return self.named(opset1.add(first, second), name)

    def multiply(self, first: ov.Node, second: ov.Node, name: str) -> ov.Node:
        """Elementwise product."""
        return self.named(opset1.multiply(first, second), name)

    def scale_shift(self, data: ov.Node, scale: float, shift: float) -> ov.Node:
        """data * scale + shift, as two operations."""
        factor = opset1.constant(np.full((1, 1, 1, 1), scale, dtype=np.float32))
        term = opset1.constant(np.full((1, 1, 1, 1), shift, dtype=np.float32))
        scaled = self.multiply(data, factor, "scale")
        return self.add(scaled, term, "shift")

    def global_pool(self, data: ov.Node, *, keep_dims: bool, name: str = "pool") -> ov.Node:
        """Mean over the spatial axes of an NCHW tensor."""
        axes = opset1.constant(np.array([2, 3], dtype=np.int64))
        return self.named(opset1.reduce_mean(data, axes, keep_dims), name)

    def max_pool(self, data: ov.Node, kernel: int, stride: int, pad: int, name: str) -> ov.Node:
        """Spatial maximum, rounding the output size down."""
        node = opset1.max_pool(data, [stride] * 2, [pad] * 2, [pad] * 2, [kernel] * 2, "floor")
        return self.named(node, name)

    def squeeze_excite(
        self, data: ov.Node, reduced: int, activation: Activation, gate: Activation
    ) -> ov.Node:
        """Scale every channel by a gate computed from all channels' means.

        ``reduced`` channels lie between; ``activation`` follows them, ``gate`` gives the
        factor (Hu et al. 2018, https://arxiv.org/abs/1709.01507).
        """
        channels = data.get_output_shape(0)[1]
        with self.scope("se"):
            factor = self.global_pool(data, keep_dims=True)
            factor = activation(self, self.conv(factor, reduced, 1, name="reduce"))
            factor = gate(self, self.conv(factor, channels, 1, name="expand", gain=LINEAR_GAIN))
            return self.multiply(data, factor, "scale")

    def softmax(self, data: ov.Node, name: str = "softmax") -> ov.Node:
        """Softmax over the classes."""
        return self.named(opset1.softmax(data, 1), name)

    def swish(self, data: ov.Node) -> ov.Node:
        """x * sigmoid(x) as the single operation Swish-4."""
        return self.named(opset4.swish(data), "swish")

    def sigmoid(self, data: ov.Node) -> ov.Node:
        """1 / (1 + exp(-x))."""
        return self.named(opset1.sigmoid(data), "sigmoid")

    def hswish_op(self, data: ov.Node) -> ov.Node:
        """x * relu6(x + 3) / 6 as the single operation HSwish-4."""
        return self.named(opset4.hswish(data), "hswish")

    def hsigmoid_op(self, data: ov.Node) -> ov.Node:
        """relu6(x + 3) / 6 as the single operation HSigmoid-5."""
        return self.named(opset5.hsigmoid(data), "hsigmoid")

    def hsigmoid_spelled(self, data: ov.Node) -> ov.Node:
        """relu6(x + 3) / 6 as Add, Clamp, Multiply: what older exporters wrote."""
        return self._spelled_gate(data, "hsigmoid")

    def hswish_spelled(self, data: ov.Node) -> ov.Node:
        """x * relu6(x + 3) / 6 as Add, Clamp, Multiply, Multiply."""
        return self.multiply(data, self._spelled_gate(data, "hswish"), "hswish/mul")

    def _spelled_gate(self, data: ov.Node, name: str) -> ov.Node:
        shift = opset1.constant(np.full((1, 1, 1, 1), 3.0, dtype=np.float32))
        scale = opset1.constant(np.full((1, 1, 1, 1), 1.0 / 6.0, dtype=np.float32))
        shifted = self.named(opset1.add(data, shift), f"{name}/add")
        clamped = self.relu6(shifted, f"{name}/clamp")
        return self.multiply(clamped, scale, f"{name}/scale")

    def model(self, output: ov.Node, name: str, parameter: ov.Node) -> ov.Model:
        """Close the graph with a Result called ``output``."""
        output.output(0).set_names({"output"})
        result = opset1.result(output)
        result.set_friendly_name("output")
        return ov.Model([result], [parameter], name)


HSWISH_OPERATION = HardSwish(Layers.hswish_op, Layers.hsigmoid_op)
HSWISH_SPELLED_OUT = HardSwish(Layers.hswish_spelled, Layers.hsigmoid_spelled)
