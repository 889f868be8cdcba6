"""Integers at a network's inputs and outputs stand for the real numbers its framework meant."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset1

from collector.models.convert.sources import read_file
from collector.models.judge.integer_io import (
    Quantisation,
    dequantise,
    input_mappings,
    output_mappings,
    quantise,
)
from tests.unit.qdq_pair import Style, float_network, images, quantised_network, scale_of

MODELS = Path(__file__).parents[3] / "shared" / "models"
needs_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the trained ResNet-8 pair is not beside this checkout"
)


def _number(value: float) -> ov.Node:
    return opset1.constant(np.float32(value))


def _bytes_then(step: Callable[[ov.Node], ov.Node]) -> ov.Model:
    """A network that takes bytes and does something to them before its convolution."""
    data = opset1.parameter([1, 3, 4, 4], np.uint8)
    values = step(opset1.convert(data, "f32"))
    weights = opset1.constant(np.ones((2, 3, 1, 1), np.float32))
    body = opset1.convolution(values, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    return ov.Model([body], [data], "m")


def test_real_numbers_become_the_nearest_integers_and_the_rest_is_clipped() -> None:
    mapping = Quantisation(0.5, -3, "i8")
    values = np.array([0.0, 0.26, -0.24, 0.75, 1000.0, -1000.0], np.float32)
    stored = quantise(values, mapping)
    assert stored.dtype == np.int8
    # halves go to even: 0.75 / 0.5 = 1.5 -> 2
    assert stored.tolist() == [-3, -2, -3, -1, 127, -128]
    assert dequantise(stored, mapping).tolist() == [0.0, 0.5, 0.0, 1.0, 65.0, -62.5]
    assert quantise(values, Quantisation(0.5, 100, "u8")).tolist() == [100, 101, 100, 102, 255, 0]


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_qdq_inputs_and_outputs_have_the_scale_they_were_written_with(
    kind: type[np.integer[Any]],
) -> None:
    graph = quantised_network(Style(kind, integer_io=True))
    (given,), (answered,) = input_mappings(graph), output_mappings(graph)
    assert given is not None
    assert answered is not None
    low = min(float(image.min()) for image in images(64))
    high = max(float(image.max()) for image in images(64))
    scale, zero_point = scale_of(low, high, kind)
    assert given.scale == pytest.approx(float(scale), rel=1e-6)
    assert given.zero_point == int(zero_point)
    assert given.kind == answered.kind == ("u8" if kind == np.uint8 else "i8")
    # the zero point of the output: 0.0 is a number that every type can hold exactly
    assert dequantise(np.array([answered.zero_point]), answered).tolist() == [0.0]
    assert answered.scale > 0


def test_a_float_network_has_no_mappings() -> None:
    for graph in (float_network(), quantised_network(Style())):
        assert input_mappings(graph) == (None,)
        assert output_mappings(graph) == (None,)


@pytest.mark.parametrize(
    "step",
    [
        lambda data: opset1.divide(data, _number(4)),
        lambda data: opset1.multiply(data, _number(0.25)),
        lambda data: opset1.multiply(_number(0.25), data),
    ],
)
def test_bytes_that_are_divided_stand_for_what_comes_out(
    step: Callable[[ov.Node], ov.Node],
) -> None:
    assert input_mappings(_bytes_then(step)) == (Quantisation(0.25, 0, "u8"),)


def test_a_number_divided_by_bytes_is_no_scale() -> None:
    assert input_mappings(_bytes_then(lambda data: opset1.divide(_number(4), data))) == (None,)
    assert input_mappings(_bytes_then(lambda data: opset1.divide(data, _number(0)))) == (None,)


def test_fake_quantize_right_behind_bytes_tells_their_scale() -> None:
    limits = [_number(value) for value in (0, 255, -1, 1.55)]
    graph = _bytes_then(lambda data: opset1.fake_quantize(data, *limits, 256))
    (found,) = input_mappings(graph)
    assert found is not None
    assert found.scale == pytest.approx(0.01, rel=1e-5)
    assert (found.zero_point, found.kind) == (100, "u8")


def test_a_mean_that_is_no_whole_number_is_no_zero_point() -> None:
    def step(data: ov.Node) -> ov.Node:
        return opset1.multiply(opset1.subtract(data, _number(127.5)), _number(1 / 127.5))

    assert input_mappings(_bytes_then(step)) == (None,)


def test_an_image_that_goes_straight_into_a_layer_has_no_mapping() -> None:
    assert input_mappings(_bytes_then(lambda data: data)) == (None,)


def test_scales_per_channel_are_no_mapping_of_an_input() -> None:
    scales = opset1.constant(np.array([0.1, 0.2, 0.3], np.float32).reshape(1, 3, 1, 1))
    assert input_mappings(_bytes_then(lambda data: opset1.multiply(data, scales))) == (None,)


def test_readers_that_disagree_tell_nothing() -> None:
    def read_with(*scales: float) -> ov.Model:
        data = opset1.parameter([1, 4], np.int8)
        real = opset1.convert(data, "f32")
        readers = [opset1.multiply(real, _number(scale)) for scale in scales]
        return ov.Model(readers, [data], "m")

    assert input_mappings(read_with(0.5, 0.25)) == (None,)
    assert input_mappings(read_with(0.5, 0.5)) == (Quantisation(0.5, 0, "i8"),)


@needs_models
def test_tflite_mappings_are_those_written_in_the_file() -> None:
    path = MODELS / "resnet8_cifar10_int8.tflite"
    graph = read_file(path).graph
    written = _TfliteFile(path.read_bytes())
    for found, (scale, zero_point) in (
        (input_mappings(graph), written.mapping(1)),
        (output_mappings(graph), written.mapping(2)),
    ):
        assert found[0] is not None
        assert found[0].scale == pytest.approx(scale, rel=1e-6)
        assert (found[0].zero_point, found[0].kind) == (zero_point, "i8")


class _TfliteFile:
    """Reads scales out of a TFLite file's FlatBuffer, without OpenVINO."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def mapping(self, ports: int) -> tuple[float, int]:
        """Scale and zero point of the first input (1) or output (2) of the first subgraph."""
        (subgraph,) = struct.unpack_from("<I", self.data, self._items(self._follow(0), 2))
        subgraph += self._items(self._follow(0), 2)
        (tensor,) = struct.unpack_from("<i", self.data, self._items(subgraph, ports))
        place = self._items(subgraph, 0) + 4 * tensor
        table = self._follow(self._field(self._follow(place), 4))
        (scale,) = struct.unpack_from("<f", self.data, self._items(table, 2))
        (zero_point,) = struct.unpack_from("<q", self.data, self._items(table, 3))
        return scale, zero_point

    def _follow(self, place: int) -> int:
        return int(place + struct.unpack_from("<I", self.data, place)[0])

    def _field(self, table: int, number: int) -> int:
        """Where a table holds a field."""
        layout = table - struct.unpack_from("<i", self.data, table)[0]
        offset = struct.unpack_from("<H", self.data, layout + 4 + 2 * number)[0]
        assert offset
        return int(table + offset)

    def _items(self, table: int, number: int) -> int:
        """Where the items of a vector begin."""
        return self._follow(self._field(table, number)) + 4
