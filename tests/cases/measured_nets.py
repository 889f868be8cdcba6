"""Small networks that are really measured: each is built so that one thing is true of it.

What is true, and measured how, stands in ``measured``. Needs OpenVINO, and is imported by the
maker alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import openvino as ov
from openvino import opset1

from collector.builtin.layers import LINEAR_GAIN, Layers

_SEED = 11


def dense_convolutions() -> ov.Model:
    """Eight 3x3 convolutions of 64 channels with ReLU on 56 x 56: what INT8 is made for."""
    return _dense("dense_convolutions", _SEED)


def partly_quantised() -> ov.Model:
    """The same with other weights; an ignored scope holds all convolutions but one in float."""
    return _dense("partly_quantised", _SEED + 1)


def _dense(name: str, seed: int) -> ov.Model:
    net = Layers(seed)
    image = net.input_image(56, channels=16)
    data = image
    for number in range(8):
        with net.scope(f"conv{number}"):
            data = net.relu(net.conv(data, 64, 3))
    return _classified(net, data, name, image)


def spelled_gates() -> ov.Model:
    """1x1 convolutions with x * sigmoid(x) spelled out: quantising puts steps in between.

    In float both operations are fused into the convolution; a FakeQuantize on the inputs of
    the product stands in the way in INT8.
    """
    net = Layers(_SEED)
    image = net.input_image(56, channels=32)
    data = image
    for number in range(6):
        with net.scope(f"conv{number}"):
            product = net.conv(data, 64, 1)
            data = net.multiply(product, net.sigmoid(product), "silu")
    return _classified(net, data, "spelled_gates", image)


def selu_layers() -> ov.Model:
    """1x1 convolutions between SELUs, which run alone and slowly, in float and in INT8."""
    net = Layers(_SEED)
    image = net.input_image(56, channels=32)
    data = image
    alpha, scale = (opset1.constant(np.float32(value)) for value in (1.6733, 1.0507))
    for number in range(4):
        with net.scope(f"conv{number}"):
            product = net.conv(data, 32, 1, gain=LINEAR_GAIN)
            data = net.named(opset1.selu(product, alpha, scale), "selu")
    return _classified(net, data, "selu_layers", image)


def tiny_layers() -> ov.Model:
    """Three convolutions of 8 channels on 4 x 4: 28 thousand multiplications in all."""
    net = Layers(_SEED)
    image = net.input_image(4, channels=8)
    data = image
    for number in range(3):
        with net.scope(f"conv{number}"):
            data = net.relu(net.conv(data, 8, 3))
    return net.model(data, "tiny_layers", image)


def wide_products() -> ov.Model:
    """Four matrix products of 4096 x 4096 on a single row: each weight is used once."""
    net = Layers(_SEED)
    row = opset1.parameter([1, 4096], np.float32)
    row.set_friendly_name("input")
    row.output(0).set_names({"input"})
    data: ov.Node = row
    for number in range(4):
        data = net.relu(net.dense(data, 4096, name=f"dense{number}"), f"relu{number}")
    return net.model(data, "wide_products", row)


def _classified(net: Layers, data: ov.Node, name: str, image: ov.Node) -> ov.Model:
    data = net.dense(net.global_pool(data, keep_dims=False), 10, name="classifier")
    return net.model(data, name, image)


NETS: Mapping[str, Callable[[], ov.Model]] = MappingProxyType({
    net.__name__: net
    for net in (dense_convolutions, partly_quantised, spelled_gates, selu_layers, tiny_layers,
                wide_products)
})  # fmt: skip
"""The networks by name."""
