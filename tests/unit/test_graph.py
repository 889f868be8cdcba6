"""Multiply-accumulates and elements against cases computed by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset1, opset8

from collector.models import graph
from tests.unit.branches import Step, branching
from tests.unit.small_nets import small_net


def _zeros(*shape: int) -> ov.Node:
    return opset1.constant(np.zeros(shape, dtype=np.float32))


def _input(*shape: int) -> ov.Node:
    return opset1.parameter(list(shape), np.float32)


@pytest.mark.parametrize(
    ("op", "macs"),
    [
        # 2 images x 8 filters x 10x10 outputs x 3 channels x 3x3
        (
            opset1.convolution(
                _input(2, 3, 10, 10), _zeros(8, 3, 3, 3), [1, 1], [1, 1], [1, 1], [1, 1]
            ),
            2 * 8 * 100 * 27,
        ),
        # stride 2 and no padding: 4x4 outputs
        (
            opset1.convolution(
                _input(1, 3, 10, 10), _zeros(8, 3, 3, 3), [2, 2], [0, 0], [0, 0], [1, 1]
            ),
            8 * 16 * 27,
        ),
        # depthwise: 16 groups of one channel
        (
            opset1.group_convolution(
                _input(1, 16, 5, 5), _zeros(16, 1, 1, 3, 3), [1, 1], [1, 1], [1, 1], [1, 1]
            ),
            16 * 25 * 9,
        ),
        # batched product: 2 x (3x4 . 4x5)
        (opset1.matmul(_input(2, 3, 4), _input(2, 4, 5), False, False), 2 * 3 * 5 * 4),
        (opset1.matmul(_input(4, 3), _input(4, 5), True, False), 3 * 5 * 4),
        (opset1.matmul(_input(2, 4, 3), _input(2, 5, 4), True, True), 2 * 3 * 5 * 4),
        # one matrix for every head, and a vector
        (opset1.matmul(_input(6, 3, 4), _input(1, 4, 5), False, False), 6 * 3 * 5 * 4),
        (opset1.matmul(_input(4), _input(4, 5), False, False), 5 * 4),
        # two groups of 3 channels, 4 filters in each
        (
            opset1.group_convolution(
                _input(1, 6, 7, 7), _zeros(2, 4, 3, 3, 3), [1, 1], [0, 0], [0, 0], [1, 1]
            ),
            8 * 25 * 3 * 9,
        ),
        # holes in the kernel: 10 - 2 * (3 - 1) = 6 outputs a side, 9 products each all the same
        (
            opset1.convolution(
                _input(1, 2, 10, 10), _zeros(4, 2, 3, 3), [1, 1], [0, 0], [0, 0], [2, 2]
            ),
            4 * 36 * 2 * 9,
        ),
        # along one axis only
        (
            opset1.convolution(_input(1, 2, 9), _zeros(4, 2, 3), [1], [0], [0], [1]),
            4 * 7 * 2 * 3,
        ),
        # transposed: each of the 5x5 inputs of 6 channels is multiplied into 4 x 3x3 outputs
        (
            opset1.convolution_backprop_data(
                _input(1, 6, 5, 5), _zeros(6, 4, 3, 3), [2, 2], pads_begin=[0, 0],
                pads_end=[0, 0], dilations=[1, 1],
            ),
            6 * 25 * 4 * 9,
        ),
        # the same in 2 groups: 3 channels into 2 outputs each
        (
            opset1.group_convolution_backprop_data(
                _input(1, 6, 5, 5), _zeros(2, 3, 2, 3, 3), strides=[2, 2], pads_begin=[0, 0],
                pads_end=[0, 0], dilations=[1, 1],
            ),
            6 * 25 * 2 * 9,
        ),
        # its offsets are no weights
        (
            opset1.deformable_convolution(
                _input(1, 3, 6, 6), _input(1, 18, 4, 4), _zeros(8, 3, 3, 3), [1, 1], [0, 0],
                [0, 0], [1, 1],
            ),
            8 * 16 * 27,
        ),
        (opset1.matmul(_input(1, 7), _zeros(9, 7), False, True), 63),
        (opset1.relu(_input(1, 7)), None),
        # how many rows there are is not known before it runs
        (opset1.matmul(opset1.parameter([-1, 7], np.float32), _zeros(7, 9), False, False), None),
    ],
)  # fmt: skip
def test_multiply_accumulates(op: ov.Node, macs: int | None) -> None:
    assert graph.multiply_accumulates(op) == macs


def test_source_ops_leave_out_constants_and_results() -> None:
    data = _input(1, 3, 4, 4)
    data.set_friendly_name("data")
    weights = _zeros(2, 3, 1, 1)
    conv = opset1.convolution(data, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    conv.set_friendly_name("block/conv")
    half = opset1.convert(opset1.constant(np.ones((1,), np.float16)), "f32")
    scaled = opset1.multiply(conv, half)
    scaled.set_friendly_name("scaled")
    ops = graph.source_ops(ov.Model([scaled], [data], "m"), "v")
    assert [op.op_name for op in ops] == ["data", "block/conv", "scaled"]
    conv_op = ops[1]
    assert conv_op.producers == ("data",)
    assert conv_op.flops == 2 * 2 * 16 * 3
    assert (conv_op.input_elements, conv_op.weight_elements) == (48, 6)
    assert conv_op.output_elements == 32
    assert conv_op.module_path == "block"


def test_content_hash_sees_weights_and_ignores_names() -> None:
    def build(value: float, name: str) -> ov.Model:
        data = _input(1, 4)
        result = opset1.add(data, opset1.constant(np.full((1, 4), value, np.float32)))
        result.set_friendly_name(name)
        return ov.Model([result], [data], name)

    assert graph.content_hash(build(1, "a")) == graph.content_hash(build(1, "b"))
    assert graph.content_hash(build(1, "a")) != graph.content_hash(build(2, "a"))


def test_content_hash_sees_which_output_is_read() -> None:
    def build(which: int) -> ov.Model:
        data = _input(1, 4)
        split = opset1.split(data, opset1.constant(np.int64(1)), 2)
        return ov.Model([opset1.relu(split.output(which))], [data], "m")

    assert graph.content_hash(build(0)) != graph.content_hash(build(1))


def _adding(value: float) -> Step:
    amount = np.full((1, 4), value, np.float32)
    return lambda data: opset1.add(data, opset1.constant(amount))


def test_content_hash_sees_both_branches_of_an_if(tmp_path: Path) -> None:
    def build(then: float, otherwise: float) -> ov.Model:
        return branching(_adding(then), _adding(otherwise))

    hashes = [graph.content_hash(build(*pair)) for pair in ((1, 2), (3, 2), (1, 3), (2, 1))]
    assert len(set(hashes)) == 4
    assert graph.content_hash(build(1, 2)) == hashes[0]
    ov.save_model(build(1, 2), tmp_path / "m.xml", compress_to_fp16=False)
    assert graph.content_hash(ov.Core().read_model(tmp_path / "m.xml")) == hashes[0]


def test_content_hash_sees_what_goes_into_a_branch() -> None:
    def build(*, crossed: bool) -> ov.Model:
        data = [_input(1, 4), _input(1, 4)]
        condition = opset1.parameter([], bool)
        inner = [_input(1, 4), _input(1, 4)]
        body = ov.Model([opset1.result(opset1.subtract(*inner))], inner, "branch")
        alone = _input(1, 4)
        other = ov.Model([opset1.result(opset1.relu(alone))], [alone], "branch")
        choice = opset8.if_op(condition.output(0))
        choice.set_then_body(body)
        choice.set_else_body(other)
        choice.set_input(data[0].output(0), inner[int(crossed)], alone)
        choice.set_input(data[1].output(0), inner[1 - int(crossed)], None)
        answer = choice.set_output(body.get_results()[0], other.get_results()[0])
        return ov.Model([answer], [*data, condition], "m")

    assert graph.content_hash(build(crossed=False)) == graph.content_hash(build(crossed=False))
    assert graph.content_hash(build(crossed=False)) != graph.content_hash(build(crossed=True))


def test_content_hash_of_networks_without_branches_is_that_of_older_stores() -> None:
    assert graph.content_hash(small_net()) == "eef2ad71e91feb52"
    inner = _input(1, 4)
    limits = [opset1.constant(np.float32(value)) for value in (0, 1, 0, 1)]
    body = ov.Model([opset1.fake_quantize(inner, *limits, 256)], [inner], "body")
    data = _input(1, 4)
    loop = opset8.tensor_iterator()
    loop.set_body(body)
    loop.set_invariant_input(inner, data.output(0))
    out = loop.get_iter_value(body.outputs[0].get_node().input(0).get_source_output(), -1)
    assert graph.content_hash(ov.Model([out], [data], "m")) == "b3c195ee90b45474"


def test_bytes_at_the_input_do_not_make_a_network_quantised() -> None:
    data = opset1.parameter([1, 4], np.uint8)
    body = opset1.relu(opset1.convert(data, "f32"))
    assert not graph.is_quantised(ov.Model([body], [data], "m"))
    levels = [opset1.constant(np.float32(value)) for value in (0, 1, 0, 1)]
    assert graph.is_quantised(ov.Model([opset1.fake_quantize(body, *levels, 256)], [data], "m"))


@pytest.mark.parametrize(("shape", "batch"), [((8, 3, 4, 4), 8), ((1, 16), 1), ((7,), 1)])
def test_batch_is_the_first_axis_of_the_input(shape: tuple[int, ...], batch: int) -> None:
    data = _input(*shape)
    assert graph.batch_size(ov.Model([opset1.relu(data)], [data], "m")) == batch
