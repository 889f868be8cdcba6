"""EfficientNet-B0, 224x224.

Source: Tan & Le 2019 (https://arxiv.org/abs/1905.11946), table 1. Squeeze-excite has a
quarter of the channels that come into the block, as in the reference code
(tensorflow/tpu, ``models/official/efficientnet``).
"""

from __future__ import annotations

from dataclasses import dataclass

import openvino as ov

from collector.builtin.layers import GATED_GAIN, RESIDUAL_GAIN, SWISH_GAIN, Layers

_SQUEEZE_RATIO = 0.25


@dataclass(frozen=True)
class _Stage:
    """One row of table 1: expansion, kernel, output channels, layers, stride of the first."""

    expansion: int
    kernel: int
    channels: int
    layers: int
    stride: int


_STAGES = (
    _Stage(1, 3, 16, 1, 1),
    _Stage(6, 3, 24, 2, 2),
    _Stage(6, 5, 40, 2, 2),
    _Stage(6, 3, 80, 3, 2),
    _Stage(6, 5, 112, 3, 1),
    _Stage(6, 5, 192, 4, 2),
    _Stage(6, 3, 320, 1, 1),
)


def efficientnet_b0(seed: int) -> ov.Model:
    """EfficientNet-B0: 5.3 M parameters, 0.39 G multiply-accumulates."""
    net = Layers(seed)
    image = net.input_image(224)
    with net.scope("stem"):
        data = net.swish(net.conv(image, 32, 3, 2, gain=SWISH_GAIN))
    for number, stage in enumerate(_STAGES, start=1):
        for layer in range(stage.layers):
            with net.scope(f"stage{number}/block{layer + 1}"):
                data = _block(net, data, stage, stage.stride if layer == 0 else 1)
    with net.scope("head"):
        data = net.swish(net.conv(data, 1280, 1, gain=SWISH_GAIN))
        data = net.global_pool(data, keep_dims=False)
        data = net.softmax(net.dense(data, 1000, name="classifier"))
    return net.model(data, "efficientnet_b0", image)


def _block(net: Layers, data: ov.Node, stage: _Stage, stride: int) -> ov.Node:
    in_channels = data.get_output_shape(0)[1]
    inner = data
    if stage.expansion != 1:
        with net.scope("expand"):
            expanded = in_channels * stage.expansion
            inner = net.swish(net.conv(inner, expanded, 1, gain=SWISH_GAIN))
    with net.scope("depthwise"):
        inner = net.depthwise(inner, stage.kernel, stride, name="conv", gain=SWISH_GAIN)
        inner = net.swish(inner)
    squeezed = int(in_channels * _SQUEEZE_RATIO)
    inner = net.squeeze_excite(inner, squeezed, Layers.swish, Layers.sigmoid)
    residual = stride == 1 and in_channels == stage.channels
    gain = RESIDUAL_GAIN if residual else GATED_GAIN
    inner = net.conv(inner, stage.channels, 1, name="project", gain=gain)
    return net.add(data, inner) if residual else inner
