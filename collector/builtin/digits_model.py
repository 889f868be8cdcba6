"""The trained classifier of handwritten digits, in the style of MobileNetV3.

Its weights are made by ``data/models/train_digits.py``, which takes the structure from here.
The samples are in ``digits``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from collector.builtin.digits import CLASSES, SIZE
from collector.builtin.layers import HSWISH_OPERATION, RELU_GAIN
from collector.builtin.mobilenet_v3 import V3Block, v3_block
from collector.builtin.trained import TrainedLayers, read_weights

STEM_CHANNELS = 16
LAST_CHANNELS = 240
FEATURES = 256
BLOCKS = (
    V3Block(3, 16, 16, False, False, 1),
    V3Block(3, 64, 24, False, False, 2),
    V3Block(3, 96, 24, False, False, 1),
    V3Block(5, 96, 40, True, True, 2),
    V3Block(5, 160, 40, True, True, 1),
    V3Block(5, 160, 40, True, True, 1),
)
# Values 0 to 16 become -1 to 1; both numbers are exact.
INPUT_SCALE = 0.125
INPUT_SHIFT = -1.0


def digits() -> ov.Model:
    """The classifier with its trained weights: input [1, 1, 32, 32] of 0 to 16, 10 classes."""
    return digits_graph(read_weights("digits"))


def digits_graph(weights: Mapping[str, NDArray[np.float32]]) -> ov.Model:
    """The classifier with the given weights, by the names of their constants."""
    net, hard = TrainedLayers(weights), HSWISH_OPERATION
    image = net.input_image(SIZE, channels=1)
    with net.scope("preprocess"):
        data = net.scale_shift(image, INPUT_SCALE, INPUT_SHIFT)
    with net.scope("stem"):
        data = hard.swish(net, net.conv(data, STEM_CHANNELS, 3))
    for index, block in enumerate(BLOCKS, start=1):
        with net.scope(f"block{index}"):
            data = v3_block(net, data, block, hard)
    with net.scope("head"):
        with net.scope("last"):
            data = hard.swish(net, net.conv(data, LAST_CHANNELS, 1))
        data = net.global_pool(data, keep_dims=False)
        with net.scope("features"):
            data = hard.swish(net, net.dense(data, FEATURES, name="dense", gain=RELU_GAIN))
        data = net.softmax(net.dense(data, CLASSES, name="classifier"))
    return net.model(data, "digits", image)
