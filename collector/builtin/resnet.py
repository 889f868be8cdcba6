"""ResNet-50, 224x224, with the stride in the 3x3 convolution (version 1.5).

Source: He et al. 2015 (https://arxiv.org/abs/1512.03385), table 1; the position
of the stride follows the torchvision and NVIDIA reference models, which is what
the published 4.1 G multiply-accumulates count.
"""

from __future__ import annotations

import openvino as ov

from collector.builtin.layers import LINEAR_GAIN, RESIDUAL_GAIN, Layers


def resnet_50(seed: int) -> ov.Model:
    """ResNet-50: 25.6 M parameters, 4.1 G multiply-accumulates."""
    net = Layers(seed)
    image = net.input_image(224)
    with net.scope("stem"):
        data = net.relu(net.conv(image, 64, 7, 2))
        data = net.max_pool(data, 3, 2, 1, "pool")
    for stage, (width, repeats) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], start=1):
        for repeat in range(repeats):
            with net.scope(f"stage{stage}/block{repeat + 1}"):
                stride = 2 if repeat == 0 and stage > 1 else 1
                data = _bottleneck(net, data, width, stride)
    with net.scope("head"):
        data = net.global_pool(data, keep_dims=False)
        data = net.softmax(net.dense(data, 1000, name="classifier"))
    return net.model(data, "resnet_50", image)


def _bottleneck(net: Layers, data: ov.Node, width: int, stride: int) -> ov.Node:
    channels = width * 4
    shortcut = data
    if data.get_output_shape(0)[1] != channels:
        shortcut = net.conv(data, channels, 1, stride, name="shortcut", gain=LINEAR_GAIN)
    inner = net.relu(net.conv(data, width, 1, name="reduce"), "reduce/relu")
    inner = net.relu(net.conv(inner, width, 3, stride, name="conv"), "conv/relu")
    inner = net.conv(inner, channels, 1, name="expand", gain=RESIDUAL_GAIN)
    return net.relu(net.add(shortcut, inner))
