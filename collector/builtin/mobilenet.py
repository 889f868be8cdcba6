"""MobileNetV2 and MobileNetV3-Large, width 1.0, 224x224.

Sources: Sandler et al. 2018 (https://arxiv.org/abs/1801.04381), table 2;
Howard et al. 2019 (https://arxiv.org/abs/1905.02244), table 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import openvino as ov

from collector.builtin.layers import HardSwish, Layers, make_divisible


def mobilenet_v2(seed: int) -> ov.Model:
    """MobileNetV2 1.0: 3.5 M parameters, 0.30 G multiply-accumulates."""
    net = Layers(seed)
    image = net.input_image(224)
    with net.scope("stem"):
        data = net.relu6(net.conv(image, 32, 3, 2))
    # expansion, output channels, repeats, first stride
    stages = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
        (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]  # fmt: skip
    index = 0
    for expansion, channels, repeats, first_stride in stages:
        for repeat in range(repeats):
            index += 1
            with net.scope(f"block{index}"):
                stride = first_stride if repeat == 0 else 1
                data = _v2_block(net, data, expansion, channels, stride)
    with net.scope("head"):
        data = net.relu6(net.conv(data, 1280, 1))
        data = net.global_pool(data, keep_dims=False)
        data = net.softmax(net.dense(data, 1000, name="classifier"))
    return net.model(data, "mobilenet_v2", image)


def _v2_block(net: Layers, data: ov.Node, expansion: int, channels: int, stride: int) -> ov.Node:
    in_channels = data.get_output_shape(0)[1]
    inner = data
    if expansion != 1:
        inner = net.conv(inner, in_channels * expansion, 1, name="expand")
        inner = net.relu6(inner, "expand/relu6")
    inner = net.relu6(net.depthwise(inner, 3, stride), "depthwise/relu6")
    inner = net.conv(inner, channels, 1, name="project", linear=True)
    return net.add(data, inner) if stride == 1 and in_channels == channels else inner


@dataclass(frozen=True)
class _V3Block:
    """One row of table 1: kernel, expanded and output channels, SE, h-swish, stride."""

    kernel: int
    expanded: int
    channels: int
    squeeze: bool
    hswish: bool
    stride: int


_V3_LARGE = (
    _V3Block(3, 16, 16, False, False, 1),
    _V3Block(3, 64, 24, False, False, 2),
    _V3Block(3, 72, 24, False, False, 1),
    _V3Block(5, 72, 40, True, False, 2),
    _V3Block(5, 120, 40, True, False, 1),
    _V3Block(5, 120, 40, True, False, 1),
    _V3Block(3, 240, 80, False, True, 2),
    _V3Block(3, 200, 80, False, True, 1),
    _V3Block(3, 184, 80, False, True, 1),
    _V3Block(3, 184, 80, False, True, 1),
    _V3Block(3, 480, 112, True, True, 1),
    _V3Block(3, 672, 112, True, True, 1),
    _V3Block(5, 672, 160, True, True, 2),
    _V3Block(5, 960, 160, True, True, 1),
    _V3Block(5, 960, 160, True, True, 1),
)


def mobilenet_v3_large(seed: int, hard: HardSwish) -> ov.Model:
    """MobileNetV3-Large 1.0: 5.4 M parameters, 0.22 G multiply-accumulates.

    ``hard`` chooses how h-swish is written: as one operation or spelled out.
    """
    net = Layers(seed)
    image = net.input_image(224)
    with net.scope("stem"):
        data = hard.swish(net, net.conv(image, 16, 3, 2))
    for index, block in enumerate(_V3_LARGE, start=1):
        with net.scope(f"block{index}"):
            data = _v3_block(net, data, block, hard)
    with net.scope("head"):
        with net.scope("last"):
            data = hard.swish(net, net.conv(data, 960, 1))
        data = net.global_pool(data, keep_dims=True)
        with net.scope("features"):
            data = hard.swish(net, net.conv(data, 1280, 1))
        data = net.conv(data, 1000, 1, name="classifier", linear=True)
        data = net.softmax(data)
    return net.model(data, "mobilenet_v3_large", image)


def _v3_block(net: Layers, data: ov.Node, block: _V3Block, hard: HardSwish) -> ov.Node:
    in_channels = data.get_output_shape(0)[1]

    def activate(value: ov.Node, part: str) -> ov.Node:
        with net.scope(part):
            return hard.swish(net, value) if block.hswish else net.relu(value)

    inner = data
    if block.expanded != in_channels:
        inner = activate(net.conv(inner, block.expanded, 1, name="expand"), "expand")
    inner = net.depthwise(inner, block.kernel, block.stride)
    # The paper puts squeeze-excite before the activation's block output; the
    # reference code activates first.
    inner = activate(inner, "depthwise")
    if block.squeeze:
        inner = _squeeze_excite(net, inner, hard)
    inner = net.conv(inner, block.channels, 1, name="project", linear=True)
    residual = block.stride == 1 and in_channels == block.channels
    return net.add(data, inner) if residual else inner


def _squeeze_excite(net: Layers, data: ov.Node, hard: HardSwish) -> ov.Node:
    channels = data.get_output_shape(0)[1]
    with net.scope("se"):
        gate = net.global_pool(data, keep_dims=True)
        gate = net.relu(net.conv(gate, make_divisible(channels / 4), 1, name="reduce"))
        gate = hard.sigmoid(net, net.conv(gate, channels, 1, name="expand", linear=True))
        return net.multiply(data, gate, "scale")
