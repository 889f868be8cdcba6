"""Networks built by hand, on paper: their operations, and their layers with true times in f32.

A layer takes the longer of computing and moving its data on a plain device: so the time, the
FLOPs and the bytes of a plan belong together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.cases.plan import Layer, Net, Op

_GFLOPS = {"conv": 90.0, "pointwise": 80.0, "depthwise": 25.0, "fc": 70.0, "other": 3.0}
_CACHED_GB_S = 60.0
_MEMORY_GB_S = 18.0
_CACHE_BYTES = 24e6
_START_US = 1.6
"""What starting a layer takes, whatever its size."""
_PRIMITIVE = {
    "conv": "brgconv_avx512_f32", "pointwise": "brgconv_avx512_1x1_f32",
    "depthwise": "brgconv_avx512_dw_f32", "fc": "brgemm_avx512_f32",
}  # fmt: skip


@dataclass(frozen=True)
class Follower:
    """An operation that is fused into the layer before it; ``also_reads`` is a second input."""

    name: str
    op_type: str
    also_reads: str | None = None


def act(op_type: str) -> Follower:
    """An activation that is fused."""
    return Follower(op_type.lower(), op_type)


class Builder:
    """Puts layer behind layer; a layer's name is that of its first operation."""

    def __init__(self, channels: int, size: int) -> None:
        shape = (1, channels, size, size)
        self._ops: list[Op] = [Op("input", "Parameter", shape, ())]
        self._layers: list[Layer] = [
            Layer("input", "Input", "unknown_f32", "f32", None, ("input",), (), shape)
        ]
        self._ends: dict[str, str] = {"input": "input"}
        self.at = "input"

    def shape(self) -> tuple[int, ...]:
        """The shape of what was made last."""
        return self._layer(self.at).shape

    def conv(
        self, name: str, channels: int, kernel: int, stride: int = 1, *followers: Follower
    ) -> str:
        """A dense convolution with bias, as one layer with what follows it."""
        _, inputs, height, width = self.shape()
        shape = (1, channels, math.ceil(height / stride), math.ceil(width / stride))
        weights = channels * inputs * kernel * kernel
        flops = 2 * weights * shape[2] * shape[3]
        kind = "pointwise" if kernel == 1 else "conv"
        return self._heavy(name, "Convolution", kind, shape, flops, weights, followers)

    def depthwise(self, name: str, kernel: int, stride: int, *followers: Follower) -> str:
        """A depthwise convolution with bias."""
        _, channels, height, width = self.shape()
        shape = (1, channels, math.ceil(height / stride), math.ceil(width / stride))
        weights = channels * kernel * kernel
        flops = 2 * weights * shape[2] * shape[3]
        return self._heavy(name, "GroupConvolution", "depthwise", shape, flops, weights, followers)

    def dense(self, name: str, width: int, *followers: Follower) -> str:
        """A matrix product with bias over the last axis."""
        *rows, features = self.shape()
        shape = (*rows, width)
        weights = features * width
        flops = 2 * weights * math.prod(rows)
        return self._heavy(name, "MatMul", "fc", shape, flops, weights, followers)

    def other(
        self, name: str, node_type: str, op_type: str, *, passes: float = 1.0,
        shape: Sequence[int] | None = None, also_reads: str | None = None,
    ) -> str:  # fmt: skip
        """Anything that INT8 instructions do not speed up; ``passes`` says how much it works."""
        before = self._layer(self.at)
        new_shape = tuple(shape) if shape is not None else before.shape
        elements = math.prod(before.shape)
        flops = passes * max(elements, math.prod(new_shape))
        time_us = flops / (_GFLOPS["other"] * 1e3) + _START_US
        reads = (self.at, *((also_reads,) if also_reads else ()))
        self._add_op(name, op_type, new_shape, tuple(self._ends[one] for one in reads), elements)
        self._layers.append(
            Layer(name, node_type, "jit_avx512_f32", "f32", time_us, (name,), reads, new_shape)
        )
        self._ends[name] = self.at = name
        return name

    def net(self) -> Net:
        """The network, closed by its output."""
        end = self._layer(self.at)
        output = Layer("output", "Output", "unknown_f32", "f32", None, (), (self.at,), end.shape)
        return Net(tuple(self._ops), (*self._layers, output))

    def _heavy(
        self, name: str, op_type: str, kind: str, shape: tuple[int, ...], flops: int,
        weights: int, followers: Sequence[Follower],
    ) -> str:  # fmt: skip
        elements = math.prod(self.shape())
        reads = [self.at]
        end = self._ends[self.at]
        self._add_op(name, op_type, shape, (end,), elements, flops, weights)
        carried = [name]
        bias = Follower("bias", "Add")
        for follower in (bias, *followers):
            op_name = f"{name}/{follower.name}"
            producers = [carried[-1]]
            if follower.also_reads:
                reads.append(follower.also_reads)
                producers.append(self._ends[follower.also_reads])
            self._add_op(op_name, follower.op_type, shape, tuple(producers), math.prod(shape))
            carried.append(op_name)
        moved = 4.0 * (elements + weights + math.prod(shape))
        node_type = "FullyConnected" if op_type == "MatMul" else "Convolution"
        self._layers.append(
            Layer(name, node_type, _PRIMITIVE[kind], "f32", _time_us(kind, flops, moved),
                  tuple(carried), tuple(reads), shape)
        )  # fmt: skip
        self._ends[name] = carried[-1]
        self.at = name
        return name

    def _add_op(
        self, name: str, op_type: str, shape: tuple[int, ...], producers: tuple[str, ...],
        elements: int, flops: int | None = None, weights: int = 0,
    ) -> None:  # fmt: skip
        self._ops.append(Op(name, op_type, shape, producers, flops, elements, weights))

    def _layer(self, name: str) -> Layer:
        return next(layer for layer in reversed(self._layers) if layer.name == name)


def _time_us(kind: str, flops: float, moved: float) -> float:
    bandwidth = _CACHED_GB_S if moved < _CACHE_BYTES else _MEMORY_GB_S
    return max(flops / (_GFLOPS[kind] * 1e3), moved / (bandwidth * 1e3)) + _START_US


def plain_cnn(activation: str = "Relu", *, resize: bool = False) -> Net:
    """Twelve dense convolutions and a classifier; with ``resize`` an interpolation between."""
    net = Builder(3, 64)
    for number in range(12):
        channels = 32 * 2 ** (number // 4)
        stride = 2 if number in {4, 8} else 1
        net.conv(f"conv{number}", channels, 3, stride, act(activation))
        if resize and number == 5:
            net.other("resize", "Interpolate", "Interpolate", passes=4)
    _classifier(net)
    return net.net()


def scaled_cnn() -> Net:
    """The same with a scale by channel behind each convolution, which is fused."""
    net = Builder(3, 64)
    for number in range(12):
        channels = 32 * 2 ** (number // 4)
        stride = 2 if number in {4, 8} else 1
        net.conv(f"conv{number}", channels, 3, stride, Follower("scale", "Multiply"))
    _classifier(net)
    return net.net()


def mobile(activation: str = "HSwish", *, blocks: int = 6, lone: bool = False) -> Net:
    """Inverted residual blocks; with ``lone`` an activation stands alone in every form."""
    net = Builder(3, 112)
    net.conv("stem", 32, 3, 2, act(activation))
    for block in range(blocks):
        trunk = net.at
        net.conv(f"block{block}/expand", 192, 1, 1, act(activation))
        net.depthwise(f"block{block}/depthwise", 3, 1, act(activation))
        residual = [Follower("sum", "Add", trunk)] if block else []
        net.conv(f"block{block}/project", 32, 1, 1, *residual)
    net.conv("last", 256, 1, 2, act(activation))
    if lone:
        net.other("mish", "Eltwise", "Mish", passes=4)
    _classifier(net)
    return net.net()


def encoder(layers: int = 4) -> Net:
    """Transformer-like: matrix products on 128 tokens, a norm and a softmax between."""
    net = Builder(1, 1)
    net.other("embed", "Gather", "Gather", shape=(1, 128, 384))
    for number in range(layers):
        net.other(f"layer{number}/norm", "MVN", "MVN", passes=3)
        for name, width in (("query", 384), ("value", 384), ("up", 1536), ("down", 384)):
            net.dense(f"layer{number}/{name}", width)
        net.other(f"layer{number}/softmax", "Softmax", "Softmax", passes=3)
    net.dense("head", 16)
    return net.net()


def wide_dense(layers: int = 4, width: int = 3072) -> Net:
    """Large matrix products on a single row: every weight is read once per inference."""
    net = Builder(1, 1)
    net.other("features", "Reshape", "Reshape", shape=(1, width))
    for number in range(layers):
        net.dense(f"dense{number}", width, act("Relu"))
    return net.net()


def few_convolutions(passes: float = 12) -> Net:
    """Three convolutions among resizing, softmax and norms, which take the most time."""
    net = Builder(8, 96)
    for number in range(3):
        net.conv(f"conv{number}", 24, 3, 1, act("Relu"))
        net.other(f"norm{number}", "MVN", "MVN", passes=passes)
        net.other(f"resize{number}", "Interpolate", "Interpolate", passes=passes / 2)
        net.other(f"softmax{number}", "Softmax", "Softmax", passes=passes)
    return net.net()


def tiny(layers: int = 3) -> Net:
    """Convolutions of 8 channels on 4 x 4: starting them takes longer than computing them."""
    net = Builder(8, 4)
    for number in range(layers):
        net.conv(f"conv{number}", 8, 3, 1, act("Relu"))
    return net.net()


def _classifier(net: Builder) -> None:
    _, channels, *_ = net.shape()
    net.other("pool", "Reduce", "ReduceMean", shape=(1, channels))
    net.dense("classifier", 100)
    net.other("softmax", "Softmax", "Softmax", passes=3)
