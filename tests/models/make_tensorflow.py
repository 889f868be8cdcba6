"""Makes the TensorFlow and TFLite files of this folder; see README.md. Needs TensorFlow 2.21.

The weights are drawn from a seeded generator: the files are for reading and for speed, they
recognise nothing.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
Tensor: TypeAlias = Any
"""A tensor, layer or module of TensorFlow, whose types are not there where this is checked."""
CLASSES = 10
SIDE = 64


@dataclass(frozen=True)
class Block:
    """An inverted residual block: its kernel, channels, stride, and what is special in it."""

    kernel: int
    expanded: int
    out: int
    stride: int
    excites: bool
    hard_swish: bool


# The start of MobileNetV3-Large's table (Howard et al. 2019, https://arxiv.org/abs/1905.02244,
# table 1) with a quarter of the channels or less.
BLOCKS = (
    Block(3, 8, 8, 1, excites=False, hard_swish=False),
    Block(3, 24, 8, 2, excites=False, hard_swish=False),
    Block(5, 24, 12, 2, excites=True, hard_swish=False),
    Block(5, 48, 12, 1, excites=True, hard_swish=False),
    Block(3, 64, 24, 2, excites=False, hard_swish=True),
    Block(3, 96, 24, 1, excites=True, hard_swish=True),
)
LAST_CHANNELS = 96


def raw_image(side: int) -> NDArray[np.uint8]:
    """One image of noise, NHWC, bytes."""
    return np.random.default_rng(side).integers(0, 256, (1, side, side, 3), np.uint8)


def scaled(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the seed builds into its model: from bytes to -1..1."""
    return (image.astype(np.float32) - np.float32(127.5)) / np.float32(127.5)


class Slim:
    """Writes layers into TensorFlow's default graph as slim's MobileNet does, NHWC."""

    def __init__(self, tf: ModuleType, seed: int) -> None:
        self.tf = tf
        self.v1 = tf.compat.v1
        self.random = np.random.default_rng(seed)

    def weights(self, name: str, shape: tuple[int, ...], fan_in: int) -> Tensor:
        """A variable of normal numbers, scaled for ReLU (He et al. 2015)."""
        values = self.random.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)
        return self.v1.get_variable(name, initializer=values)

    def norm(self, data: Tensor) -> Tensor:
        """A batch norm with moving averages, not folded into the convolution before it."""
        channels = int(data.shape[-1])

        def draw(name: str, low: float, high: float) -> Tensor:
            values = self.random.uniform(low, high, channels).astype(np.float32)
            return self.v1.get_variable(name, initializer=values)

        with self.v1.variable_scope("BatchNorm"):
            found = self.v1.nn.fused_batch_norm(
                data,
                draw("gamma", 0.8, 1.2),
                draw("beta", -0.2, 0.2),
                draw("moving_mean", -0.2, 0.2),
                draw("moving_variance", 0.8, 1.2),
                epsilon=0.001,
                is_training=False,
            )
        return found[0]

    def hard_swish(self, data: Tensor) -> Tensor:
        """``x · relu6(x + 3) / 6``, as slim spells it."""
        with self.v1.name_scope("hard_swish"):
            return data * self.tf.nn.relu6(data + np.float32(3)) * np.float32(1 / 6)

    def convolution(
        self, data: Tensor, scope: str, kernel: int, out: int, stride: int = 1, *, norm: bool = True
    ) -> Tensor:
        """A convolution with a batch norm, or with a bias."""
        channels = int(data.shape[-1])
        with self.v1.variable_scope(scope):
            shape = (kernel, kernel, channels, out)
            weights = self.weights("weights", shape, kernel * kernel * channels)
            found = self.tf.nn.conv2d(data, weights, stride, "SAME", name="Conv2D")
            if norm:
                return self.norm(found)
            biases = self.random.uniform(-0.1, 0.1, out).astype(np.float32)
            return self.tf.nn.bias_add(found, self.v1.get_variable("biases", initializer=biases))

    def depthwise(self, data: Tensor, kernel: int, stride: int) -> Tensor:
        """A depthwise convolution with a batch norm."""
        channels = int(data.shape[-1])
        with self.v1.variable_scope("depthwise"):
            shape = (kernel, kernel, channels, 1)
            weights = self.weights("depthwise_weights", shape, kernel * kernel)
            strides = (1, stride, stride, 1)
            return self.norm(
                self.tf.nn.depthwise_conv2d(data, weights, strides, "SAME", name="depthwise")
            )

    def excite(self, data: Tensor) -> Tensor:
        """Squeeze-and-excite with a hard sigmoid."""
        channels = int(data.shape[-1])
        with self.v1.variable_scope("squeeze_excite"):
            mean = self.tf.reduce_mean(data, (1, 2), keepdims=True)
            few = self.convolution(mean, "Conv", 1, max(8, channels // 4), norm=False)
            gate = self.convolution(self.tf.nn.relu(few), "Conv_1", 1, channels, norm=False)
            return data * (self.tf.nn.relu6(gate + np.float32(3)) * np.float32(1 / 6))

    def block(self, data: Tensor, place: int, block: Block) -> Tensor:
        """Expand, filter each channel alone, excite, project; add where shapes allow."""
        act = self.hard_swish if block.hard_swish else self.tf.nn.relu
        with self.v1.variable_scope("expanded_conv" + (f"_{place}" if place else "")):
            found = data
            if block.expanded != int(data.shape[-1]):
                found = act(self.convolution(found, "expand", 1, block.expanded))
            found = act(self.depthwise(found, block.kernel, block.stride))
            found = self.excite(found) if block.excites else found
            found = self.convolution(found, "project", 1, block.out)
            same = block.stride == 1 and block.out == int(data.shape[-1])
            return self.tf.add(found, data, name="add") if same else found

    def mobilenet_v3(self, image: Tensor) -> None:
        """The whole network, ending in Predictions/Softmax and a Reshape as slim's does."""
        with self.v1.variable_scope("MobilenetV3"):
            found = self.hard_swish(self.convolution(image, "Conv", 3, 8, 2))
            for place, block in enumerate(BLOCKS):
                found = self.block(found, place, block)
            found = self.hard_swish(self.convolution(found, "Conv_1", 1, LAST_CHANNELS))
            found = self.tf.reduce_mean(found, (1, 2), keepdims=True, name="AvgPool")
            found = self.convolution(found, "Logits/Conv2d_1c_1x1", 1, CLASSES, norm=False)
            found = self.tf.squeeze(found, (1, 2), name="Logits/SpatialSqueeze")
            with self.v1.name_scope("Predictions"):
                flat = self.tf.reshape(found, (-1, CLASSES), name="Reshape")
                shares = self.tf.nn.softmax(flat, name="Softmax")
                self.tf.reshape(shares, (-1, CLASSES), name="Reshape_1")


def frozen_mobilenet(tf: ModuleType) -> None:
    """mobilenet_v3.pb with what TensorFlow answers; unfrozen.pb, whose weights are variables."""
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph, v1.Session() as session:
        image = v1.placeholder(tf.float32, (None, SIDE, SIDE, 3), name="input")
        Slim(tf, seed=3).mobilenet_v3(image)
        session.run(v1.global_variables_initializer())
        frozen = v1.graph_util.convert_variables_to_constants(
            session, graph.as_graph_def(), ["MobilenetV3/Predictions/Reshape_1"]
        )
        (HERE / "mobilenet_v3.pb").write_bytes(frozen.SerializeToString(deterministic=True))
        raw = raw_image(SIDE)
        shares = session.run(
            "MobilenetV3/Predictions/Softmax:0", {"input:0": scaled(raw[..., ::-1])}
        )
        np.savez_compressed(HERE / "mobilenet_v3.npz", image=raw, scores=shares)
    with tf.Graph().as_default() as graph:
        image = v1.placeholder(tf.float32, (1, 8, 8, 3), name="input")
        found = Slim(tf, seed=4).convolution(image, "Conv", 3, 4)
        tf.nn.relu(found, name="output")
        definition = graph.as_graph_def()
        (HERE / "unfrozen.pb").write_bytes(definition.SerializeToString(deterministic=True))


def odd_graphs(tf: ModuleType) -> None:
    """unknown_op.pb: an operation that OpenVINO has not; free_shape.pb: a size left open."""
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        data = v1.placeholder(tf.float32, (1, 4), name="input")
        odd = tf.raw_ops.Lgamma(x=tf.nn.relu(data, name="before"), name="odd")
        tf.raw_ops.Tanh(x=odd, name="after")
        definition = graph.as_graph_def()
        (HERE / "unknown_op.pb").write_bytes(definition.SerializeToString(deterministic=True))
    with tf.Graph().as_default() as graph:
        data = v1.placeholder(tf.float32, None, name="input")
        weights = np.random.default_rng(5).normal(size=(3, 3, 3, 2)).astype(np.float32)
        tf.nn.relu(tf.nn.conv2d(data, weights, 1, "SAME"), name="output")
        definition = graph.as_graph_def()
        (HERE / "free_shape.pb").write_bytes(definition.SerializeToString(deterministic=True))


def small_module(tf: ModuleType) -> Tensor:
    """Convolution, ReLU6, mean, dense, softmax on 16x16 images, with variables."""
    random = np.random.default_rng(6)

    def draw(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.3, shape).astype(np.float32)

    module = tf.Module()
    module.kernel = tf.Variable(draw(3, 3, 3, 8))
    module.bias = tf.Variable(draw(8))
    module.dense = tf.Variable(draw(8, 4))

    def scores(image: Tensor) -> dict[str, Any]:
        found = tf.nn.conv2d(image, module.kernel, 2, "SAME") + module.bias
        found = tf.reduce_mean(tf.nn.relu6(found), (1, 2))
        return {"scores": tf.nn.softmax(found @ module.dense)}

    taken = tf.TensorSpec((None, 16, 16, 3), tf.float32, "image")
    module.scores = tf.function(scores, input_signature=[taken])
    return module


def saved_model_and_tflite(tf: ModuleType) -> None:
    """saved_model/ and small.tflite: one network in two formats."""
    module = small_module(tf)
    folder = HERE / "saved_model"
    shutil.rmtree(folder, ignore_errors=True)
    tf.saved_model.save(module, str(folder), signatures=module.scores)
    (folder / "fingerprint.pb").unlink()  # not read by anybody here
    made = tf.lite.TFLiteConverter.from_saved_model(str(folder)).convert()
    (HERE / "small.tflite").write_bytes(made)
    image = raw_image(16)
    scores = module.scores(tf.constant(scaled(image)))["scores"]
    np.savez_compressed(HERE / "small.npz", image=image, scores=scores.numpy())


def main() -> None:
    """Write every file anew."""
    tf = importlib.import_module("tensorflow")

    frozen_mobilenet(tf)
    odd_graphs(tf)
    saved_model_and_tflite(tf)
    sys.stdout.write(f"made with TensorFlow {tf.__version__}\n")


if __name__ == "__main__":
    main()
