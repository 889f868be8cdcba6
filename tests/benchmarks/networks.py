"""The small networks of the benchmarks, with seeded weights, written as IR files.

OpenVINO is imported only when one is built, and without its usage statistics: a process
that sends them would compute beside the measurements.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from collector.probe import without_statistics

if TYPE_CHECKING:
    import openvino as ov

    from collector.builtin.layers import Layers

PLANTED_LAYERS = 32
"""Layers of the network that gets one more: a slow-down of 1/32, about 3 %."""


def tiny(path: Path) -> Path:
    """Three layers and a classifier: some hundredths of a millisecond."""
    net = _layers(seed=3)
    image = net.input_image(32)
    with net.scope("body"):
        data = net.relu(net.conv(image, 16, 3, name="first"))
        data = net.relu(net.conv(data, 32, 3, 2, name="second"), "second/relu")
        data = net.relu6(net.depthwise(data, 3, 1))
    data = net.dense(net.global_pool(data, keep_dims=False), 10, name="classifier")
    return _saved(net.model(data, path.stem, image), path)


def chain(path: Path, layers: int, *, channels: int = 48, size: int = 28) -> Path:
    """Equal 3x3 convolutions one after the other, each with its ReLU.

    A channel count that is a multiple of 16 keeps one layout from the input to the end,
    so that one layer more is one kernel more and nothing else.
    """
    net = _layers(seed=5)
    image = net.input_image(size, channels)
    data = image
    for place in range(layers):
        with net.scope(f"layer{place}"):
            data = net.relu(net.conv(data, channels, 3))
    return _saved(net.model(data, path.stem, image), path)


def small(path: Path) -> Path:
    """Six layers of the chain: about 0.5 ms."""
    return chain(path, 6, channels=32)


def _layers(seed: int) -> Layers:
    without_statistics()
    from collector.builtin.layers import Layers

    return Layers(seed)


def _saved(model: ov.Model, path: Path) -> Path:
    import openvino as ov

    ov.save_model(model, str(path), compress_to_fp16=False)
    return path
