"""A converted model computes what the original does on an input prepared with numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray

from tests.unit.converting import (
    MODELS,
    converted,
    image_network,
    infer,
    needs_torch,
    original,
    two_inputs,
)

SOFTMAX = "MobilenetV3/Predictions/Softmax"
MEAN = np.array((100, 110, 130), np.float32)
SCALE = np.array((50, 60, 80), np.float32)
VALUES = ("--mean-values", "[100,110,130]", "--scale-values", "[50,60,80]")
FORMATS = {
    "tensorflow-frozen": "mobilenet_v3.pb",
    "tensorflow-saved-model": "saved_model",
    "tflite": "small.tflite",
    "paddle": "small.pdmodel",
    "pytorch-exported": "small.pt2",
    "onnx": "image.onnx",
    "openvino-ir": "image.xml",
}
CHANNELS_LAST = ("mobilenet_v3.pb", "saved_model", "small.tflite")


def _source(name: str, folder: Path) -> Path:
    if name == "small.pt2":
        needs_torch()
    if (MODELS / name).exists():
        return MODELS / name
    path = image_network(folder)
    if name.endswith(".xml"):
        ov.save_model(ov.Core().read_model(str(path)), str(folder / name), compress_to_fp16=False)
    return folder / name


def _image(name: str) -> NDArray[np.uint8]:
    """An image of noise as the model's input is laid out."""
    side = {"mobilenet_v3.pb": 64, "image.onnx": 6, "image.xml": 6}.get(name, 16)
    shape = (1, side, side, 3) if name in CHANNELS_LAST else (1, 3, side, side)
    return np.random.default_rng(2).integers(0, 256, shape, np.uint8)


def _per_channel(values: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    return values if name in CHANNELS_LAST else values[:, None, None]


def _close(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    assert np.ptp(wanted) > 1e-3, "an answer that is the same everywhere proves nothing"
    np.testing.assert_allclose(found.ravel(), wanted.ravel(), rtol=1e-4, atol=1e-6)


def test_the_seeds_command_gives_what_tensorflow_answers(tmp_path: Path) -> None:
    path = converted(
        tmp_path, MODELS / "mobilenet_v3.pb", "--reverse_input_channels",
        "--input_shape=[1,64,64,3]", "--input=input",
        "--mean_values=input[127.5,127.5,127.5]", "--scale_values=input[127.5]",
        f"--output={SOFTMAX}",
    )  # fmt: skip
    kept = np.load(MODELS / "mobilenet_v3.npz")
    (scores,) = infer(path, kept["image"])
    _close(scores, kept["scores"])


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("saved_model", "small"),
        ("small.tflite", "small"),
        ("small.pdmodel", "paddle"),
        ("small.pt2", "torch"),
    ],
)
def test_every_format_answers_as_its_framework_does(
    tmp_path: Path, name: str, answers: str
) -> None:
    scaled = ("--mean-values", "127.5", "--scale-values", "127.5")
    path = converted(tmp_path, _source(name, tmp_path), *scaled)
    kept = np.load(MODELS / f"{answers}.npz")
    (scores,) = infer(path, kept["image"])
    _close(scores, kept["scores"])


@pytest.mark.parametrize(("source_format", "name"), FORMATS.items())
def test_channels_are_reversed_before_mean_and_scale_in_every_format(
    tmp_path: Path, source_format: str, name: str
) -> None:
    source, image = _source(name, tmp_path), _image(name)
    path = converted(tmp_path, source, "--reverse-input-channels", *VALUES)
    (found,) = infer(path, image)
    axis = 3 if name in CHANNELS_LAST else 1
    mean, scale = _per_channel(MEAN, name), _per_channel(SCALE, name)
    network = original(source, source_format, image.shape)
    (wanted,) = infer(network, (np.flip(image, axis).astype(np.float32) - mean) / scale)
    _close(found, wanted)
    (other,) = infer(network, np.flip((image.astype(np.float32) - mean) / scale, axis))
    assert not np.allclose(wanted, other, rtol=1e-3), "the test tells the two orders apart"


def test_a_layout_change_takes_the_other_layout(tmp_path: Path) -> None:
    source, image = MODELS / "small.tflite", _image("small.tflite")
    path = converted(tmp_path, source, "--layout", "NHWC->NCHW", *VALUES)
    (found,) = infer(path, image.transpose(0, 3, 1, 2))
    network = original(source, "tflite", image.shape)
    (wanted,) = infer(network, (image.astype(np.float32) - MEAN) / SCALE)
    _close(found, wanted)


def test_a_layout_says_where_the_channels_are_when_two_axes_fit(tmp_path: Path) -> None:
    source = MODELS / "free_shape.pb"
    image = np.random.default_rng(3).normal(size=(1, 3, 8, 3)).astype(np.float32)
    options = ("--input-shape", "1,3,8,3", "--layout", "input(nhwc)", "--mean-values", "1,2,3")
    path = converted(tmp_path, source, *options)
    (found,) = infer(path, image)
    (wanted,) = infer(original(source, "tensorflow-frozen", image.shape), image - (1, 2, 3))
    _close(found, wanted)
    layout = ov.Core().read_model(str(path)).get_parameters()[0].get_layout()
    assert layout == ov.Layout("NHWC")


def test_a_layout_alone_is_kept_in_the_ir(tmp_path: Path) -> None:
    path = converted(tmp_path, MODELS / "small.pdmodel", "--layout", "nchw")
    layout = ov.Core().read_model(str(path)).get_parameters()[0].get_layout()
    assert layout == ov.Layout("NCHW")


def test_several_inputs_get_their_values_by_name_and_by_the_order_of_input(
    tmp_path: Path,
) -> None:
    source = two_inputs(tmp_path)
    a, b = np.array([[1, -2, 5]], np.float32), np.array([[1, 2, 4]], np.float32)
    wanted = np.maximum(a - (1, 2, 3), 0) * 2 + b / 4
    by_name = ("--mean-values", "a[1,2,3]", "--scale-values", "b[4]")
    _close(infer(converted(tmp_path, source, *by_name), a, b)[0], wanted)
    by_order = ("--input", "b,a", "--mean-values", "[0],[1,2,3]", "--scale-values", "[4],[1]")
    _close(infer(converted(tmp_path, source, *by_order), a, b)[0], wanted)


def test_shapes_go_to_the_inputs_in_the_order_of_input(tmp_path: Path) -> None:
    options = ("--input", "b,a", "--input-shape", "[2,3],[1,3]")
    graph = ov.Core().read_model(str(converted(tmp_path, two_inputs(tmp_path), *options)))
    assert {port.any_name: list(port.shape) for port in graph.inputs} == {"a": [1, 3], "b": [2, 3]}


@pytest.mark.parametrize("name", ["positive", "relu"])
def test_an_output_inside_the_model_ends_it_there(tmp_path: Path, name: str) -> None:
    path = converted(tmp_path, two_inputs(tmp_path), "--output", name)
    data = np.array([[1, -2, 5]], np.float32)
    graph = ov.Core().read_model(str(path))
    assert [port.any_name for port in graph.inputs] == ["a"], "an input that nobody needs is gone"
    np.testing.assert_array_equal(infer(path, data)[0], np.maximum(data, 0))


def test_outputs_come_in_the_order_they_were_asked_for(tmp_path: Path) -> None:
    path = converted(tmp_path, two_inputs(tmp_path), "--output", "double,positive")
    double, positive = infer(path, np.array([[1, -2, 5]], np.float32))
    np.testing.assert_array_equal(double, 2 * positive)
    assert positive.max() == 5


def test_an_operation_behind_the_cut_need_not_be_known(tmp_path: Path) -> None:
    path = converted(tmp_path, MODELS / "unknown_op.pb", "--output", "before")
    data = np.array([[1, -2, 3, -4]], np.float32)
    np.testing.assert_array_equal(infer(path, data)[0], np.maximum(data, 0))
