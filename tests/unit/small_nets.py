"""Small networks to quantise, and samples for them that the float network gets all right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset1, opset6

from collector.builtin.layers import Layers
from collector.models.data.dataset import Sample
from tests.unit.listed import ListedDataset

Edit = Callable[[NDArray[Any]], None]


def small_net() -> ov.Model:
    """Two convolutions, a depthwise one and a classifier of 10 classes on 3 x 16 x 16."""
    net = Layers(seed=3)
    image = net.input_image(16)
    with net.scope("body"):
        data = net.relu(net.conv(image, 16, 3, name="first"))
        data = net.relu(net.conv(data, 32, 3, 2, name="second"), "second/relu")
        data = net.relu6(net.depthwise(data, 3, 1))
    data = net.dense(net.global_pool(data, keep_dims=False), 10, name="classifier")
    return net.model(data, "small", image)


def residual_net() -> ov.Model:
    """Convolutions around a residual addition."""
    net = Layers(seed=3)
    image = net.input_image(16)
    trunk = net.conv(net.relu(net.conv(image, 16, 3, name="first")), 16, 3, name="trunk")
    branch = net.relu(net.conv(trunk, 16, 3, name="branch"), "branch/relu")
    added = net.add(net.conv(branch, 16, 3, name="last"), trunk)
    return net.model(net.conv(added, 16, 3, name="head"), "residual", image)


def ruined_by_int8() -> ov.Model:
    """The same with a channel that is always 0, and a huge weight on it in ``body/second``.

    Float does not see that weight. In INT8 the others are rounded to 0 beside it.
    """
    return with_constants(
        small_net(),
        {
            "body/first/weights": lambda values: values[0].fill(0.0),
            "body/first/bias/values": lambda values: values[:, 0].fill(-1.0),
            "body/second/weights": lambda values: values[:, 0].fill(1e4),
        },
    )


def ruined_classifier() -> ov.Model:
    """A single matrix product on 4 features; the first is always 0 and has a huge weight."""
    data = opset1.parameter([1, 4], np.float32, name="features")
    data.output(0).set_names({"features"})
    weights = np.random.default_rng(5).standard_normal((10, 4)).astype(np.float32)
    weights[:, 0] = 1e4
    product = opset1.matmul(data, opset1.constant(weights), False, True)
    product.set_friendly_name("classifier")
    return ov.Model([opset1.result(product)], [data], "single")


def with_constants(graph: ov.Model, edits: Mapping[str, Edit]) -> ov.Model:
    """The graph with other values in the constants of these names."""
    for op in graph.get_ordered_ops():
        if op.get_friendly_name() in edits:
            values = np.array(op.get_data())
            edits[op.get_friendly_name()](values)
            constant = opset1.constant(values)
            constant.set_friendly_name(op.get_friendly_name())
            ov.utils.replace_node(op, constant)
    return graph


def samples_for(
    graph: ov.Model, count: int = 40, *, labelled: bool = True, dead_feature: bool = False
) -> ListedDataset:
    """Seeded normal samples with what the float network answers as their labels."""
    random = np.random.default_rng(1)
    port = graph.inputs[0]
    compiled = ov.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = []
    for number in range(count):
        values = random.standard_normal(tuple(port.shape)).astype(np.float32)
        if dead_feature:
            values[:, 0] = 0.0
        label = int(np.argmax(compiled(values)[0])) if labelled else None
        found.append(Sample(f"sample {number}", {port.any_name: values}, label))
    return ListedDataset(found)


def encoder() -> ov.Model:
    """One transformer block on 8 tokens of width 16: attention with one head, two products."""
    net = _Block()
    tokens = opset1.parameter([1, 8, 16], np.float32, name="tokens")
    tokens.output(0).set_names({"tokens"})
    query, key, value = (net.product(net.norm(tokens), 16, name) for name in "qkv")
    scores = opset1.softmax(opset1.matmul(query, key, False, True), 2)
    mixed = opset1.add(tokens, net.product(opset1.matmul(scores, value, False, False), 16, "out"))
    wide = opset1.relu(net.product(net.norm(mixed), 32, "up"))
    last = opset1.add(mixed, net.product(wide, 16, "down"))
    return ov.Model([opset1.result(last)], [tokens], "encoder")


class _Block:
    def __init__(self) -> None:
        self._random = np.random.default_rng(7)

    def product(self, data: ov.Node, width: int, name: str) -> ov.Node:
        shape = (int(data.get_output_shape(0)[-1]), width)
        weights = (self._random.standard_normal(shape) / 4).astype(np.float32)
        node = opset1.matmul(data, opset1.constant(weights), False, False)
        node.set_friendly_name(name)
        bias = self._random.standard_normal((1, 1, width)).astype(np.float32)
        return opset1.add(node, opset1.constant(bias))

    def norm(self, data: ov.Node) -> ov.Node:
        normed = opset6.mvn(data, np.array([2], np.int64), True, 1e-5, "inside_sqrt")
        gain = self._random.uniform(0.5, 2.0, (1, 1, 16)).astype(np.float32)
        return opset1.multiply(normed, opset1.constant(gain))
