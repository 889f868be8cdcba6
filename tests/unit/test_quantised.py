"""What came quantised is recognised, in words; what only looks like it is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import openvino as ov
import pytest
from onnx import TensorProto, helper, numpy_helper
from openvino import opset1, opset8

from collector.models.convert.sources import read_file
from collector.models.graph import is_quantised
from collector.models.judge.quantised import quantisation_of
from tests.e2e.tiny import tiny_network
from tests.unit.branches import branching
from tests.unit.qdq_pair import Style, float_network, quantised_network

MODELS = Path(__file__).parents[3] / "shared" / "models"
needs_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the trained ResNet-8 pair is not beside this checkout"
)


def _words(graph: ov.Model) -> str | None:
    found = quantisation_of(graph)
    assert is_quantised(graph) == (found is not None)
    return None if found is None else found.words


def _product(weights: ov.Node) -> ov.Model:
    data = opset1.parameter([1, 4], np.float32)
    return ov.Model([opset1.matmul(data, weights, False, False)], [data], "m")


def _constant(kind: type[np.integer[Any]]) -> ov.Node:
    return opset1.constant(np.arange(12).reshape(4, 3).astype(kind))


def _number(value: float) -> ov.Node:
    return opset1.constant(np.float32(value))


@pytest.mark.parametrize(
    ("style", "kind"),
    [
        (Style(), "i8"),
        (Style(np.int8), "i8"),
        (Style(per_channel=False), "i8"),
        (Style(weights=np.uint8), "u8"),
        (Style(weights=np.uint8, per_channel=False), "u8"),
        (Style(np.int8, integer_io=True), "i8"),
    ],
)
def test_onnx_qdq_is_recognised(style: Style, kind: str) -> None:
    expected = f"activations and weights, 4 FakeQuantize, 3 constants in {kind}"
    assert _words(quantised_network(style)) == expected


def test_its_float_twin_is_not() -> None:
    assert _words(float_network()) is None


def _onnx(nodes: list[onnx.NodeProto], constants: dict[str, Any], size: int) -> ov.Model:
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, size])
    values = [numpy_helper.from_array(np.asarray(one), name) for name, one in constants.items()]
    body = helper.make_graph(nodes, "m", [given], [answer], values)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return ov.Core().read_model(model.SerializeToString())


def test_onnx_integer_operators_are_recognised() -> None:
    weights = np.arange(12).reshape(4, 3).astype(np.int8)
    constants = {"w": weights, "s": np.float32(0.1), "z": np.uint8(9), "wz": np.int8(0)}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("QLinearMatMul", ["q", "s", "z", "w", "s", "wz", "s", "z"], ["p"]),
        helper.make_node("DequantizeLinear", ["p", "s", "z"], ["y"]),
    ]
    expected = "activations and weights, 2 FakeQuantize, 1 constant in i8"
    assert _words(_onnx(nodes, constants, 3)) == expected
    dynamic = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "qs", "qz"]),
        helper.make_node("MatMulInteger", ["q", "w", "qz"], ["i"]),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["f", "qs"], ["y"]),
    ]
    expected = "activations and weights, 1 integer MatMul, 1 constant in i8"
    assert _words(_onnx(dynamic, {"w": weights}, 3)) == expected


def test_what_nncf_makes_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "NNCF_CI", "1")  # sends no usage statistics
    import nncf

    graph = ov.Core().read_model(str(tiny_network(tmp_path / "tiny.xml")))
    assert _words(graph) is None
    random = np.random.default_rng(1)
    data = nncf.Dataset([random.standard_normal((1, 3, 32, 32)).astype(np.float32)])
    quantised = nncf.quantize(graph.clone(), data, subset_size=1)
    ov.save_model(quantised, str(tmp_path / "int8.xml"))  # the rest of it in 16 bits
    again = ov.Core().read_model(str(tmp_path / "int8.xml"))
    for one in (quantised, again):
        assert _words(one) == "activations and weights, 5 FakeQuantize, 4 constants in i8"
    packed = nncf.compress_weights(graph.clone())
    assert _words(packed) == "weights only, 4 constants in u8"


def test_an_ir_whose_packed_weights_go_through_fake_quantize_is_recognised() -> None:
    limits = [_number(value) for value in (-128, 127, -1, 1)]
    weights = opset1.fake_quantize(opset1.convert(_constant(np.int8), "f32"), *limits, 256)
    assert _words(_product(weights)) == "weights only, 1 FakeQuantize, 1 constant in i8"


def test_weights_of_four_bits_are_named() -> None:
    packed = ov.op.Constant(ov.Type.u4, ov.Shape([4, 3]), list(range(12)))
    weights = opset1.multiply(opset1.convert(packed, "f32"), _number(0.1))
    assert _words(_product(weights)) == "weights only, 1 constant in u4"


def test_a_quantised_body_of_a_loop_is_found() -> None:
    data = opset1.parameter([1, 4], np.float32)
    limits = [_number(value) for value in (0, 1, 0, 1)]
    inner = opset1.parameter([1, 4], np.float32)
    body = ov.Model([opset1.fake_quantize(inner, *limits, 256)], [inner], "body")
    loop = opset8.tensor_iterator()
    loop.set_body(body)
    loop.set_invariant_input(inner, data.output(0))
    out = loop.get_iter_value(body.outputs[0].get_node().input(0).get_source_output(), -1)
    graph = ov.Model([out], [data], "m")
    assert _words(graph) == "activations only, 1 FakeQuantize"


def test_a_quantised_branch_of_an_if_is_found() -> None:
    def step(data: ov.Node) -> ov.Node:
        return opset1.fake_quantize(data, *(_number(value) for value in (0, 1, 0, 1)), 256)

    for branches in ((step, opset1.relu), (opset1.relu, step)):
        assert _words(branching(*branches)) == "activations only, 1 FakeQuantize"
    assert _words(branching(opset1.relu, opset1.relu)) is None


def test_packed_weights_in_a_branch_of_an_if_are_found() -> None:
    def product(data: ov.Node) -> ov.Node:
        weights = opset1.multiply(opset1.convert(_constant(np.int8), "f32"), _number(0.1))
        return opset1.matmul(data, weights, False, False)

    assert _words(branching(product, product)) == "weights only, 2 constants in i8"


def test_packed_weights_that_go_into_an_if_are_found() -> None:
    def with_table(table: ov.Node) -> ov.Model:
        condition, inner = opset1.parameter([], bool), opset1.parameter([4, 3], np.float32)
        alone = opset1.parameter([4, 3], np.float32)
        branches = [
            ov.Model([opset1.result(opset1.relu(one))], [one], "b") for one in (inner, alone)
        ]
        choice = opset8.if_op(condition.output(0))
        choice.set_then_body(branches[0])
        choice.set_else_body(branches[1])
        choice.set_input(table.output(0), inner, alone)
        answer = choice.set_output(*(branch.get_results()[0] for branch in branches))
        return ov.Model([answer], [condition], "m")

    real = opset1.convert(_constant(np.int8), "f32")
    scaled = opset1.multiply(real, _number(0.1))
    assert _words(with_table(scaled)) == "weights only, 1 constant in i8"
    assert _words(with_table(opset1.convert(_constant(np.int8), "f32"))) is None  # a mask, say


def test_weights_of_sixteen_bits_are_no_quantisation(tmp_path: Path) -> None:
    graph = ov.Core().read_model(str(tiny_network(tmp_path / "tiny.xml")))
    ov.save_model(graph, str(tmp_path / "half.xml"), compress_to_fp16=True)
    half = ov.Core().read_model(str(tmp_path / "half.xml"))
    assert any(
        op.get_type_name() == "Constant" and op.get_output_element_type(0) == ov.Type.f16
        for op in half.get_ordered_ops()
    )
    assert _words(half) is None


def test_an_image_of_bytes_is_no_quantisation() -> None:
    data = opset1.parameter([1, 4], np.uint8)
    scaled = opset1.multiply(opset1.convert(data, "f32"), _number(1 / 255))
    weights = opset1.constant(np.ones((4, 3), np.float32))
    graph = ov.Model([opset1.matmul(scaled, weights, False, False)], [data], "m")
    assert _words(graph) is None


def test_clamps_indices_masks_and_shape_arithmetic_are_no_quantisation() -> None:
    data = opset1.parameter([1, 4], np.float32)
    ids = opset1.constant(np.array([0, 2, 1, 3], np.int8))
    gathered = opset8.gather(data, opset1.convert(ids, "i32"), opset1.constant(np.int64(1)))
    mask = opset1.convert(opset1.constant(np.array([[0, 1, 0, 1]], np.uint8)), "f32")
    masked = opset1.add(opset1.clamp(gathered, 0.0, 6.0), opset1.multiply(mask, _number(-9)))
    shape = opset1.shape_of(data)
    ends = opset1.multiply(shape, opset1.constant(np.array([1, 1], np.int64)))
    assert _words(ov.Model([opset1.reshape(masked, ends, False)], [data], "m")) is None


def test_bytes_that_scale_the_data_are_no_weights() -> None:
    data = opset1.parameter([1, 4], np.float32)
    mask = opset1.convert(opset1.constant(np.array([[0, 1, 0, 1]], np.uint8)), "f32")
    weights = opset1.constant(np.ones((4, 3), np.float32))
    masked = opset1.matmul(opset1.multiply(mask, data), weights, False, False)
    assert _words(ov.Model([masked], [data], "m")) is None


def test_embedding_tables_are_weights_where_they_are_scaled_back() -> None:
    def embedding(table: ov.Node) -> ov.Model:
        ids = opset1.parameter([1, 2], np.int32)
        return ov.Model([opset8.gather(table, ids, opset1.constant(np.int64(0)))], [ids], "m")

    scaled = opset1.multiply(opset1.convert(_constant(np.uint8), "f32"), _number(0.1))
    assert _words(embedding(scaled)) == "weights only, 1 constant in u8"
    assert _words(embedding(opset1.constant(np.ones((4, 3), np.float32)))) is None
    assert _words(embedding(_constant(np.uint8))) is None  # a table of bytes


@needs_models
def test_tflite_int8_is_recognised() -> None:
    graph = read_file(MODELS / "resnet8_cifar10_int8.tflite").graph
    assert _words(graph) == "activations and weights, 17 FakeQuantize, 10 constants in i8"
    assert _words(read_file(MODELS / "resnet8_cifar10_float32.tflite").graph) is None
