"""MobileNetV1 and MobileNetV2, width 1.0, 224x224.

Sources: Howard et al. 2017 (https://arxiv.org/abs/1704.04861), table 1;
Sandler et al. 2018 (https://arxiv.org/abs/1801.04381), table 2.
"""

from __future__ import annotations

import openvino as ov

from collector.builtin.layers import LINEAR_GAIN, Layers

# output channels and stride of each pair of a depthwise and a pointwise convolution
_V1_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip


def mobilenet_v1(seed: int) -> ov.Model:
    """MobileNetV1 1.0: 4.2 M parameters, 0.569 G multiply-accumulates.

    ReLU6 as in the reference code (tensorflow/models, ``slim/nets/mobilenet_v1.py``); the
    paper says ReLU.
    """
    net = Layers(seed)
    image = net.input_image(224)
    with net.scope("stem"):
        data = net.relu6(net.conv(image, 32, 3, 2))
    for index, (channels, stride) in enumerate(_V1_BLOCKS, start=1):
        with net.scope(f"block{index}"):
            data = net.relu6(net.depthwise(data, 3, stride), "depthwise/relu6")
            data = net.relu6(net.conv(data, channels, 1, name="pointwise"), "pointwise/relu6")
    with net.scope("head"):
        data = net.global_pool(data, keep_dims=False)
        data = net.softmax(net.dense(data, 1000, name="classifier"))
    return net.model(data, "mobilenet_v1", image)


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
    inner = net.conv(inner, channels, 1, name="project", gain=LINEAR_GAIN)
    return net.add(data, inner) if stride == 1 and in_channels == channels else inner
