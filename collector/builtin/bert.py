"""BERT-Mini, an encoder of 4 layers for 128 tokens, with the operations that exporters write.

Sources: Devlin et al. 2018 (https://arxiv.org/abs/1810.04805) for the structure; Turc et al.
2019 (https://arxiv.org/abs/1908.08962) for the size, published as
google/bert_uncased_L-4_H-256_A-4. Layer normalisation and GELU are spelled out: the lowest
opsets have no operation for them, and runtimes find the pattern. Dropout is left out.
"""

from __future__ import annotations

import math

import numpy as np
import openvino as ov
from openvino import opset1

from collector.builtin.layers import RELU_GAIN, Layers

TOKENS = 128
WIDTH = 256
HEADS = 4
DEPTH = 4
_FEED_FORWARD = 4 * WIDTH
_HEAD_WIDTH = WIDTH // HEADS
_VOCABULARY = 30522
_POSITIONS = 512
_SEGMENTS = 2
_EPSILON = 1e-12
_HIDDEN = -10000.0
"""Added to the scores of tokens that the mask leaves out, as in the reference code."""
_EMBEDDING_GAIN = 4e-4  # standard deviation 0.02, as the reference code draws them


class EncoderLayers(Layers):
    """The layers of a transformer's encoder, on data of [1, tokens, width]."""

    def input_tokens(self, name: str) -> ov.Node:
        """An input of [1, 128] whole numbers, int64 as exporters write them."""
        parameter = opset1.parameter([1, TOKENS], np.int64)
        parameter.set_friendly_name(name)
        parameter.output(0).set_names({name})
        return parameter

    def embedding(self, ids: ov.Node, size: int, name: str) -> ov.Node:
        """A row of a table of ``size`` rows for every id."""
        table = self.weights((size, WIDTH), 1, _EMBEDDING_GAIN, f"{name}/weights")
        return self.named(opset1.gather(table, ids, _whole(0)), name)

    def positions(self) -> ov.Node:
        """The rows of the first 128 positions, [1, 128, 256].

        A slice and no Gather, as exporters write it: NNCF 3.4 fails on a Gather of constants.
        """
        table = self.weights((1, _POSITIONS, WIDTH), 1, _EMBEDDING_GAIN, "position/weights")
        rows = opset1.strided_slice(
            table, _whole([0, 0]), _whole([1, TOKENS]), _whole([1, 1]), [1, 0], [1, 0]
        )
        return self.named(rows, "position")

    def layer_norm(self, data: ov.Node, name: str = "norm") -> ov.Node:
        """(x - mean) / sqrt(variance + 1e-12) over the last axis, times gamma, plus beta."""
        with self.scope(name):
            mean = self.named(opset1.reduce_mean(data, _whole([-1]), True), "mean")
            centred = self.named(opset1.subtract(data, mean), "centred")
            square = self.named(opset1.power(centred, _number(2.0)), "square")
            variance = self.named(opset1.reduce_mean(square, _whole([-1]), True), "variance")
            safe = self.named(opset1.add(variance, _number(_EPSILON)), "epsilon")
            spread = self.named(opset1.sqrt(safe), "sqrt")
            normal = self.named(opset1.divide(centred, spread), "divide")
            gamma = opset1.constant(np.ones((1, 1, WIDTH), dtype=np.float32))
            beta = opset1.constant(np.zeros((1, 1, WIDTH), dtype=np.float32))
            scaled = self.multiply(normal, self.named(gamma, "gamma"), "scale")
            return self.add(scaled, self.named(beta, "beta"), "shift")

    def gelu(self, data: ov.Node) -> ov.Node:
        """x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks & Gimpel 2016, arXiv 1606.08415)."""
        with self.scope("gelu"):
            part = self.named(opset1.divide(data, _number(math.sqrt(2))), "divide")
            part = self.named(opset1.erf(part), "erf")
            part = self.add(part, _number(1.0), "add")
            return self.multiply(self.multiply(data, part, "mul"), _number(0.5), "half")

    def mask(self, attention_mask: ov.Node) -> ov.Node:
        """[1, tokens] of ones and zeros -> [1, 1, 1, tokens] of 0 and -10000."""
        with self.scope("mask"):
            shaped = opset1.reshape(attention_mask, _whole([1, 1, 1, TOKENS]), False)
            real = opset1.convert(self.named(shaped, "reshape"), "f32")
            left_out = opset1.subtract(_number(1.0), self.named(real, "convert"))
            return self.multiply(self.named(left_out, "invert"), _number(_HIDDEN), "scale")

    def attention(self, data: ov.Node, mask: ov.Node) -> ov.Node:
        """Scaled dot-product attention of 4 heads, with its output projection."""
        with self.scope("attention"):
            query, key, value = (self._heads(data, part) for part in ("query", "key", "value"))
            scores = self.named(opset1.matmul(query, key, False, True), "scores")
            scale = _number(math.sqrt(_HEAD_WIDTH))
            scores = self.named(opset1.divide(scores, scale), "scores/scale")
            shares = opset1.softmax(self.add(scores, mask, "scores/mask"), 3)
            mixed = opset1.matmul(self.named(shares, "softmax"), value, False, False)
            mixed = opset1.transpose(self.named(mixed, "mix"), _whole([0, 2, 1, 3]))
            mixed = self.named(mixed, "mix/transpose")
            joined = opset1.reshape(mixed, _whole([1, TOKENS, WIDTH]), False)
            return self.dense(self.named(joined, "mix/reshape"), WIDTH, name="output")

    def _heads(self, data: ov.Node, name: str) -> ov.Node:
        """[1, tokens, width] -> [1, heads, tokens, width / heads], through a dense layer."""
        flat = self.dense(data, WIDTH, name=name)
        split = opset1.reshape(flat, _whole([1, TOKENS, HEADS, _HEAD_WIDTH]), False)
        split = self.named(split, f"{name}/reshape")
        return self.named(opset1.transpose(split, _whole([0, 2, 1, 3])), f"{name}/transpose")

    def feed_forward(self, data: ov.Node) -> ov.Node:
        """Two dense layers, four times as wide between them."""
        with self.scope("feed_forward"):
            inner = self.gelu(self.dense(data, _FEED_FORWARD, name="expand", gain=RELU_GAIN))
            return self.dense(inner, WIDTH, name="project")

    def first_token(self, data: ov.Node) -> ov.Node:
        """[1, tokens, width] -> [1, width]."""
        return self.named(opset1.gather(data, _whole(0), _whole(1)), "first")


def _whole(values: int | list[int]) -> ov.Node:
    return opset1.constant(np.array(values, dtype=np.int64))


def _number(value: float) -> ov.Node:
    return opset1.constant(np.array(value, dtype=np.float32))


def bert_mini(seed: int) -> ov.Model:
    """BERT-Mini: 11.2 M parameters, 0.44 G multiply-accumulates for 128 tokens.

    Outputs: ``last_hidden_state`` [1, 128, 256] and ``pooler_output`` [1, 256].
    """
    net = EncoderLayers(seed)
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = ids, attention_mask, segments = tuple(net.input_tokens(name) for name in names)
    with net.scope("embeddings"):
        data = net.add(
            net.embedding(ids, _VOCABULARY, "word"),
            net.embedding(segments, _SEGMENTS, "segment"),
            "add_segment",
        )
        data = net.layer_norm(net.add(data, net.positions(), "add_position"))
    mask = net.mask(attention_mask)
    for index in range(1, DEPTH + 1):
        with net.scope(f"layer{index}"):
            data = net.layer_norm(net.add(data, net.attention(data, mask)), "attention/norm")
            data = net.layer_norm(
                net.add(data, net.feed_forward(data), "add_feed_forward"), "feed_forward/norm"
            )
    with net.scope("pooler"):
        pooled = net.dense(net.first_token(data), WIDTH, name="dense")
        pooled = net.named(opset1.tanh(pooled), "tanh")
    outputs = {"last_hidden_state": data, "pooler_output": pooled}
    return ov.Model([_result(*item) for item in outputs.items()], list(inputs), "bert_mini")


def _result(name: str, data: ov.Node) -> ov.Node:
    data.output(0).set_names({name})
    result = opset1.result(data)
    result.set_friendly_name(name)
    return result
