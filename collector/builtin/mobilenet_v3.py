"""MobileNetV3: the inverted residual with squeeze-excite and h-swish, and V3-Large.

Source: Howard et al. 2019 (https://arxiv.org/abs/1905.02244), table 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import openvino as ov

from collector.builtin.layers import LINEAR_GAIN, HardSwish, Layers, make_divisible


@dataclass(frozen=True)
class V3Block:
    """One row of table 1: kernel, expanded and output channels, SE, h-swish, stride."""

    kernel: int
    expanded: int
    channels: int
    squeeze: bool
    hswish: bool
    stride: int


_V3_LARGE = (
    V3Block(3, 16, 16, False, False, 1),
    V3Block(3, 64, 24, False, False, 2),
    V3Block(3, 72, 24, False, False, 1),
    V3Block(5, 72, 40, True, False, 2),
    V3Block(5, 120, 40, True, False, 1),
    V3Block(5, 120, 40, True, False, 1),
    V3Block(3, 240, 80, False, True, 2),
    V3Block(3, 200, 80, False, True, 1),
    V3Block(3, 184, 80, False, True, 1),
    V3Block(3, 184, 80, False, True, 1),
    V3Block(3, 480, 112, True, True, 1),
    V3Block(3, 672, 112, True, True, 1),
    V3Block(5, 672, 160, True, True, 2),
    V3Block(5, 960, 160, True, True, 1),
    V3Block(5, 960, 160, True, True, 1),
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
            data = v3_block(net, data, block, hard)
    with net.scope("head"):
        with net.scope("last"):
            data = hard.swish(net, net.conv(data, 960, 1))
        data = net.global_pool(data, keep_dims=True)
        with net.scope("features"):
            data = hard.swish(net, net.conv(data, 1280, 1))
        data = net.conv(data, 1000, 1, name="classifier", gain=LINEAR_GAIN)
        data = net.softmax(data)
    return net.model(data, "mobilenet_v3_large", image)


def v3_block(net: Layers, data: ov.Node, block: V3Block, hard: HardSwish) -> ov.Node:
    """Expand, depthwise, squeeze-excite, project; added to ``data`` where the shape allows it."""
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
        reduced = make_divisible(block.expanded / 4)
        inner = net.squeeze_excite(inner, reduced, Layers.relu, hard.sigmoid)
    inner = net.conv(inner, block.channels, 1, name="project", gain=LINEAR_GAIN)
    residual = block.stride == 1 and in_channels == block.channels
    return net.add(data, inner) if residual else inner
