"""Operations and bytes of fused layers, against cases computed by hand on real graphs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import openvino as ov
import pytest
from openvino import opset1, opset8

from collector.builtin.catalogue import BUILTIN_MODELS, BuiltinModel, builtin_model
from collector.models.graph import source_ops
from results.facts import SourceOp
from results.work import Work, element_bytes, model_batch, readers, weights_read, work_of

PUBLISHED = [model for model in BUILTIN_MODELS if model.published_macs]


def _input(name: str, *shape: int) -> ov.Node:
    data = opset1.parameter(list(shape), np.float32)
    data.set_friendly_name(name)
    return data


def _values(*shape: int) -> ov.Node:
    return opset1.constant(np.zeros(shape, dtype=np.float32))


def _named(op: ov.Node, name: str) -> ov.Node:
    op.set_friendly_name(name)
    return op


def _conv(data: ov.Node, weights: ov.Node, name: str) -> ov.Node:
    return _named(opset1.convolution(data, weights, [1, 1], [1, 1], [1, 1], [1, 1]), name)


def _ops(results: list[ov.Node], inputs: list[ov.Node]) -> tuple[SourceOp, ...]:
    return source_ops(ov.Model(results, inputs, "m"), "v")


def _work(ops: tuple[SourceOp, ...], *names: str) -> Work:
    return work_of(names, {op.op_name: op for op in ops}, readers(ops))


@pytest.fixture
def block() -> tuple[SourceOp, ...]:
    """3 x 10 x 10 -> convolution of 8 filters, bias, ReLU -> the same again, added to the first."""
    data = _input("data", 1, 3, 10, 10)
    first = _conv(data, _values(8, 3, 3, 3), "first")
    biased = _named(opset1.add(first, _values(1, 8, 1, 1)), "bias")
    active = _named(opset1.relu(biased), "relu")
    second = _conv(active, _values(8, 8, 3, 3), "second")
    return _ops([_named(opset1.add(second, active), "sum")], [data])


def test_a_convolution_alone_reads_its_input_and_weights_and_writes_its_output(
    block: tuple[SourceOp, ...],
) -> None:
    assert _work(block, "first") == Work(2 * 8 * 100 * 3 * 9, 300 + 800, 8 * 3 * 9)


def test_what_is_fused_never_writes_and_reads_back_what_lies_between(
    block: tuple[SourceOp, ...],
) -> None:
    fused = _work(block, "first", "bias", "relu")
    assert fused == Work(2 * 8 * 100 * 27, 300 + 800, 216 + 8)
    alone = [_work(block, name) for name in ("first", "bias", "relu")]
    assert sum(one.activations for one in alone) == 300 + 5 * 800


def test_a_sum_that_is_fused_reads_both_of_its_inputs(block: tuple[SourceOp, ...]) -> None:
    # second and sum both read relu: it is read once, 8 x 10 x 10, and the sum is written
    assert _work(block, "second", "sum") == Work(2 * 8 * 100 * 72, 800 + 800, 8 * 8 * 9)


def test_a_value_that_others_read_too_is_written(block: tuple[SourceOp, ...]) -> None:
    # relu is read inside by second and outside by sum
    assert _work(block, "first", "bias", "relu", "second").activations == 300 + 800 + 800


def test_a_group_of_unknown_ops_does_nothing(block: tuple[SourceOp, ...]) -> None:
    assert _work(block, "nobody") == Work(0, 0, 0)
    assert _work(block, "first", "first", "nobody") == _work(block, "first")


def test_a_depthwise_convolution_reads_one_filter_a_channel() -> None:
    data = _input("data", 1, 16, 5, 5)
    op = opset1.group_convolution(data, _values(16, 1, 1, 3, 3), [1, 1], [1, 1], [1, 1], [1, 1])
    found = _work(_ops([_named(op, "dw")], [data]), "dw")
    assert found == Work(2 * 16 * 25 * 9, 400 + 400, 16 * 9)


def test_a_product_of_two_activations_has_no_weights() -> None:
    one, other = _input("q", 2, 3, 4), _input("k", 2, 5, 4)
    op = _named(opset1.matmul(one, other, False, True), "scores")
    assert _work(_ops([op], [one, other]), "scores") == Work(2 * 2 * 3 * 5 * 4, 24 + 40 + 30, 0)


def test_a_transposed_convolution_multiplies_every_input_into_a_whole_kernel() -> None:
    data = _input("data", 1, 6, 5, 5)
    op = opset1.convolution_backprop_data(
        data, _values(6, 4, 2, 2), [2, 2], pads_begin=[0, 0], pads_end=[0, 0], dilations=[1, 1]
    )
    found = _work(_ops([_named(op, "up")], [data]), "up")
    assert found == Work(2 * 6 * 25 * 4 * 4, 150 + 4 * 100, 6 * 4 * 4)


def test_what_several_fused_ops_read_is_read_once() -> None:
    data = _input("data", 1, 64)
    shifted = _named(opset1.add(data, opset1.constant(np.float32(3))), "shift")
    clamped = _named(opset1.clamp(shifted, 0.0, 6.0), "clamp")
    scaled = _named(opset1.multiply(data, clamped), "times")
    ops = _ops([scaled], [data])
    assert _work(ops, "shift", "clamp", "times").activations == 64 + 64
    squared = _ops([_named(opset1.multiply(data, data), "square")], [data])
    assert _work(squared, "square").activations == 64 + 64


def test_of_an_op_with_several_outputs_only_what_is_used_is_read() -> None:
    data = _input("data", 1, 64)
    split = _named(opset1.split(data, opset1.constant(np.int64(1)), 2), "split")
    halves = [_named(opset1.relu(split.output(at)), f"relu{at}") for at in (0, 1)]
    ops = _ops(halves, [data])
    assert _work(ops, "relu0").activations == 32 + 32
    assert _work(ops, "relu0", "relu1").activations == 64 + 64


def test_of_a_table_only_the_rows_that_are_looked_up_are_read() -> None:
    ids = opset1.parameter([1, 5], np.int64)
    ids.set_friendly_name("ids")
    op = opset8.gather(_values(1000, 16), ids, opset1.constant(np.int64(0)))
    table = next(op for op in _ops([_named(op, "table")], [ids]) if op.op_name == "table")
    assert table.weight_elements == 1000 * 16 + 1
    assert weights_read(table) == 5 * 16


def test_shapes_that_are_not_told_fall_back_to_what_the_producer_writes(
    block: tuple[SourceOp, ...],
) -> None:
    untold = tuple(replace(op, input_shapes=()) for op in block)
    assert _work(untold, "second", "sum") == _work(block, "second", "sum")
    dynamic = tuple(replace(op, input_shapes=("[?,8]",) * len(op.producers)) for op in block)
    assert _work(dynamic, "second", "sum") == _work(block, "second", "sum")


@pytest.mark.parametrize(
    ("precision", "size"),
    [("f32", 4), ("FP32", 4), ("bf16", 2), ("f16", 2), ("u8", 1), ("I8", 1), ("i4", 0.5),
     ("i64", 8), ("undef", 4)],
)  # fmt: skip
def test_an_element_is_as_large_as_its_precision_says(precision: str, size: float) -> None:
    assert element_bytes(precision) == size


def test_the_batch_is_the_first_axis_of_most_inputs() -> None:
    inputs = [_input("data", 8, 3, 4, 4), _input("mask", 8, 4), _input("scales", 2, 4)]
    ops = _ops([opset1.relu(data) for data in inputs], inputs)
    assert model_batch(ops) == model_batch(tuple(reversed(ops))) == 8
    flat = _input("data", 7)
    assert model_batch(_ops([opset1.relu(flat)], [flat])) == 1
    assert model_batch(()) == 1


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.name)
def test_the_ops_of_the_built_in_models_add_up_to_the_published_figures(
    model: BuiltinModel,
) -> None:
    ops = source_ops(builtin_model(model.name).build(), "v")
    whole = work_of([op.op_name for op in ops], {op.op_name: op for op in ops}, readers(ops))
    assert whole.flops == pytest.approx(2 * (model.published_macs or 0), rel=0.02)
