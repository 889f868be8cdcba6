"""The error of each layer, against a case by hand and computations in numpy."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset1

from collector.bridge import twins
from collector.models.convert.sources import read_file
from collector.models.data.dataset import Sample
from collector.models.graph import source_ops
from collector.models.judge import layer_error
from collector.models.judge.inference import VariantGraph
from collector.models.judge.layer_error import as_read, layer_errors
from collector.models.steps import Report, silent
from results.facts import LayerAccuracy
from tests.e2e.tiny import tiny_network
from tests.unit.numpy_graph import evaluate
from tests.unit.qdq_pair import Style, float_network, quantised_network, samples

MODELS = Path(__file__).parents[3] / "shared" / "models"
needs_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the trained ResNet-8 pair is not beside this checkout"
)


def _errors(
    reference: ov.Model,
    variant: ov.Model,
    data: list[Sample],
    twin_names: Mapping[str, str] | None = None,
    report: Report = silent,
) -> dict[str, LayerAccuracy]:
    rows = layer_errors(
        VariantGraph("float", reference), VariantGraph("int8", variant),
        source_ops(reference, "float"), data,
        dataset_id="data", twin_names=twin_names, report=report,
    )  # fmt: skip
    assert len({row.op_name for row in rows}) == len(rows)
    return {row.op_name: row for row in rows}


def _named(node: ov.Node, name: str) -> ov.Node:
    node.set_friendly_name(name)
    return node


def _number(value: float) -> ov.Node:
    return opset1.constant(np.float32(value))


def _quantised(data: ov.Node, name: str) -> ov.Node:
    """Rounds to whole numbers from 0 to 255."""
    limits = [_number(value) for value in (0, 255, 0, 255)]
    return _named(opset1.fake_quantize(data, *limits, 256), name)


def _product(*, is_quantised: bool) -> ov.Model:
    """``x`` [1, 2] times [[1, 0], [0, 2]], the input rounded or not."""
    data = _named(opset1.parameter([1, 2], np.float32), "x")
    given = _quantised(data, "x/fq_output_0") if is_quantised else data
    weights = opset1.constant(np.array([[1, 0], [0, 2]], np.float32))
    product = _named(opset1.matmul(given, weights, False, False), "product")
    return ov.Model([product], [data], "m")


def _row(*values: float) -> Sample:
    return Sample("row", {"x": np.array([values], np.float32)}, None)


def test_one_product_by_hand() -> None:
    found = _errors(_product(is_quantised=False), _product(is_quantised=True), [_row(1.25, 2.75)])
    assert list(found) == ["x", "product"]
    # 1.25, 2.75 become 1, 3; the product 1.25, 5.5 becomes 1, 6
    given, product = found["x"], found["product"]
    assert given.signal_power == pytest.approx((1.25**2 + 2.75**2) / 2)
    assert given.noise_power == pytest.approx((0.25**2 + 0.25**2) / 2)
    assert product.signal_power == pytest.approx((1.25**2 + 5.5**2) / 2)
    assert product.noise_power == pytest.approx((0.25**2 + 0.5**2) / 2)
    assert product.sqnr_db == pytest.approx(10 * math.log10(31.8125 / 0.3125), abs=1e-4)
    assert (product.variant_id, product.dataset_id, product.method) == ("int8", "data", "name")


def test_operations_of_a_network_quantised_elsewhere_go_by_their_twins() -> None:
    variant = _product(is_quantised=True)
    ops = {op.get_friendly_name(): op for op in variant.get_ops()}
    ops["x"].set_friendly_name("input_int8")
    ops["product"].set_friendly_name("x")
    names = {"x": "product", "input_int8": "x"}
    found = _errors(_product(is_quantised=False), variant, [_row(1.25, 2.75)], names)
    assert {name: row.method for name, row in found.items()} == {
        "x": "structure", "product": "structure",
    }  # fmt: skip
    assert found["product"].noise_power == pytest.approx((0.25**2 + 0.5**2) / 2)
    only = _errors(_product(is_quantised=False), variant, [_row(1, 2)], {"x": "product"})
    assert list(only) == ["product"]


def test_powers_are_means_over_all_samples() -> None:
    rows = [_row(1.25, 2.75), _row(4.0, 0.5), _row(8.0, 8.0)]
    found = _errors(_product(is_quantised=False), _product(is_quantised=True), rows)["x"]
    assert found.samples == 3
    assert found.signal_power == pytest.approx((9.125 + 16.25 + 128) / 6)
    assert found.noise_power == pytest.approx((0.125 + 0.25) / 6)


def test_layers_without_noise_or_signal_have_no_sqnr() -> None:
    exact = _errors(_product(is_quantised=False), _product(is_quantised=True), [_row(1, 2)])
    assert exact["product"].noise_power == 0.0
    assert exact["product"].sqnr_db is None
    silence = _errors(_product(is_quantised=False), _product(is_quantised=True), [_row(0, 0)])
    assert (silence["product"].signal_power, silence["product"].sqnr_db) == (0.0, None)


def test_values_that_are_not_finite_leave_the_layer_out() -> None:
    data = _named(opset1.parameter([1, 2], np.float32), "x")
    graph = ov.Model([_named(opset1.log(data), "log")], [data], "m")
    assert list(_errors(graph, graph.clone(), [_row(0, 1)])) == ["x"]


def test_judging_changes_no_graph() -> None:
    reference, variant = _product(is_quantised=False), _product(is_quantised=True)
    _errors(reference, variant, [_row(1, 2)])
    assert len(reference.outputs) == len(variant.outputs) == 1


def test_a_value_is_taken_as_its_readers_see_it() -> None:
    data = _named(opset1.parameter([1, 2], np.float32), "x")
    alone = opset1.relu(data)
    behind = _quantised(alone, "relu/fq_output_0")
    shared = opset1.sigmoid(behind)
    readers = [_quantised(shared, "one/fq_input_0"), _quantised(shared, "other/fq_input_0")]
    ends = [opset1.abs(reader) for reader in readers]
    graph = ov.Model(ends, [data], "m")
    assert len(graph.outputs) == 2
    assert as_read(alone.output(0)).get_node().get_friendly_name() == "relu/fq_output_0"
    assert as_read(shared.output(0)).get_node().get_type_name() == "Sigmoid"  # in two ways


def test_of_a_qdq_file_the_value_in_real_numbers_is_taken() -> None:
    graph = quantised_network(Style())
    ops = {op.get_friendly_name(): op for op in graph.get_ordered_ops()}
    found = as_read(ops["relu1"].output(0)).get_node()
    assert found.get_type_name() == "Multiply"
    assert found.get_output_element_type(0).is_real()
    # the last one goes out as integers: the value before is taken
    integers = quantised_network(Style(integer_io=True))
    last = {op.get_friendly_name(): op for op in integers.get_ordered_ops()}["y"]
    assert as_read(last.output(0)).get_node().get_friendly_name() == "y"


@pytest.mark.parametrize("style", [Style(), Style(np.int8, np.uint8), Style(integer_io=True)])
def test_every_layer_of_a_qdq_file_is_as_numpy_says(style: Style) -> None:
    reference, variant = float_network(), quantised_network(style)
    data = samples(12)
    found = _errors(reference, variant, data)
    names = ["conv1", "relu1", "conv2", "sum", "relu2", "pool", "y"]
    assert [name for name in found if name != "x"] == names
    taps = {name: _tap(variant, name) for name in names}
    for name in names:
        wanted, theirs = [], []
        for sample in data:
            image = sample.inputs["x"]
            wanted.append(evaluate(reference, [image])[name])
            theirs.append(evaluate(variant, [_stored(image, style)])[taps[name]])
        signal = np.square(wanted).sum()
        noise = np.square(np.subtract(theirs, wanted)).sum()
        assert found[name].sqnr_db == pytest.approx(10 * np.log10(signal / noise), abs=0.1), name
        assert found[name].signal_power == pytest.approx(signal / np.size(wanted), rel=1e-4)


def _tap(graph: ov.Model, name: str) -> str:
    ops = {op.get_friendly_name(): op for op in graph.get_ordered_ops()}
    return str(as_read(ops[name].output(0)).get_node().get_friendly_name())


def _stored(image: np.ndarray, style: Style) -> np.ndarray:
    if not style.integer_io:
        return image
    from collector.models.judge.integer_io import input_mappings, quantise

    (mapping,) = input_mappings(quantised_network(style))
    assert mapping is not None
    return quantise(image, mapping)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> ov.Model:
    return ov.Core().read_model(str(tiny_network(tmp_path_factory.mktemp("layer") / "tiny.xml")))


def _noise(count: int) -> list[Sample]:
    random = np.random.default_rng(4)
    return [
        Sample(str(i), {"input": random.standard_normal((1, 3, 32, 32)).astype(np.float32)}, None)
        for i in range(count)
    ]


def _by_nncf(graph: ov.Model, monkeypatch: pytest.MonkeyPatch, *ignored: str) -> ov.Model:
    monkeypatch.setitem(os.environ, "NNCF_CI", "1")  # sends no usage statistics
    import nncf

    data = nncf.Dataset([sample.inputs["input"] for sample in _noise(4)])
    scope = nncf.IgnoredScope(names=list(ignored))
    return nncf.quantize(graph.clone(), data, subset_size=4, ignored_scope=scope)


def test_every_layer_of_what_nncf_makes_is_as_numpy_says(
    tiny: ov.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    # numpy does not know depthwise convolutions: a network of plain ones, out of the float pair
    reference = float_network()
    monkeypatch.setitem(os.environ, "NNCF_CI", "1")
    import nncf

    data = samples(12)
    calibration = nncf.Dataset([sample.inputs["x"] for sample in data])
    variant = nncf.quantize(reference.clone(), calibration, subset_size=12)
    found = _errors(reference, variant, data)
    known = {op.get_friendly_name() for op in variant.get_ordered_ops()}
    for name, row in found.items():
        tap = f"{name}/fq_output_0" if f"{name}/fq_output_0" in known else name
        wanted = [evaluate(reference, [sample.inputs["x"]])[name] for sample in data]
        theirs = [evaluate(variant, [sample.inputs["x"]])[tap] for sample in data]
        noise = np.square(np.subtract(theirs, wanted)).sum()
        expected = 10 * np.log10(np.square(wanted).sum() / noise)
        assert row.sqnr_db == pytest.approx(expected, abs=0.1), name
    assert {"relu1", "relu2", "pool"} <= {n for n in found if f"{n}/fq_output_0" in known}


def test_a_layer_held_in_float_has_no_noise_of_its_own(
    tiny: ov.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = _errors(tiny, _by_nncf(tiny, monkeypatch), _noise(4))
    held = _errors(tiny, _by_nncf(tiny, monkeypatch, "body/first"), _noise(4))
    assert len(plain) == len(held) == len(source_ops(tiny, "float"))
    # nothing is quantised before the first layer: it is as good as equal
    assert (held["body/first"].sqnr_db or math.inf) > 100
    assert (plain["body/first"].sqnr_db or math.inf) < 50
    # its output is quantised for the next one, and that noise shows again
    assert (held["body/second"].sqnr_db or math.inf) < 50


def test_layers_are_compared_in_pieces_that_fit_into_memory(
    tiny: ov.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = _by_nncf(tiny, monkeypatch)
    whole = _errors(tiny, variant, _noise(2))
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(layer_error, "_CHUNK_BYTES", 200_000)
    pieces = _errors(tiny, variant, _noise(2), report=lambda *step: told.append(step))
    assert list(pieces) == list(whole)
    for name, row in whole.items():
        # other outputs, other fusions: a rounding may differ
        assert pieces[name].sqnr_db == pytest.approx(row.sqnr_db or math.nan, abs=0.1), name
    total = told[0][2]
    assert total > 4
    assert told == [("comparing layers", done, total) for done in range(1, total + 1)]


def test_operations_of_another_shape_or_type_are_left_out() -> None:
    def network(rows: int, kind: str) -> ov.Model:
        data = _named(opset1.parameter([1, 4], np.float32), "x")
        shape = opset1.constant(np.array([rows, -1], np.int64))
        moved = _named(opset1.reshape(data, shape, False), "moved")
        cast = _named(opset1.convert(moved, kind), "cast")
        back = _named(opset1.reshape(opset1.convert(cast, "f32"), [1, 4], False), "back")
        return ov.Model([_named(opset1.relu(back), "y")], [data], "m")

    found = _errors(network(1, "i32"), network(2, "i32"), [_row(1, 2, 3, 4)])
    assert {"x", "back", "y"} <= set(found)
    assert not {"moved", "cast"} & set(found)


@needs_models
def test_the_layers_of_the_trained_pair_are_matched_by_structure() -> None:
    reference = read_file(MODELS / "resnet8_cifar10_float32.tflite").graph
    native = read_file(MODELS / "resnet8_cifar10_int8.tflite").graph
    names = twins(source_ops(native, "int8"), source_ops(reference, "float"))
    random = np.random.default_rng(6)
    coarse = random.integers(0, 256, (3, 1, 4, 4, 3)).astype(np.float32)
    pictures = coarse.repeat(8, axis=2).repeat(8, axis=3)
    (given,) = reference.inputs[0].get_names()
    data = [Sample(str(i), {given: picture}, None) for i, picture in enumerate(pictures)]
    found = _errors(reference, native, data, names)
    assert {row.method for row in found.values()} == {"structure"}
    convolutions = [row for name, row in found.items() if name.startswith("Convolution")]
    assert len(convolutions) == 9
    assert all((row.sqnr_db or 0) > 15 for row in convolutions)
    assert "Relu_1" not in found, "the native file has its FakeQuantize cut off below zero"
    # the first bias, as it is after that, with the input moved by the zero point by hand
    wanted = [evaluate(reference, [picture])["Relu_1"] for picture in pictures]
    tap = _tap(native, {twin: name for name, twin in names.items()}["Add_1"])
    theirs = [evaluate(native, [picture - 128])[tap] for picture in pictures]
    noise = np.square(np.subtract(theirs, wanted)).sum()
    expected = 10 * np.log10(np.square(wanted).sum() / noise)
    assert found["Add_1"].sqnr_db == pytest.approx(expected, abs=0.1)
