"""What cannot be converted is refused in one line that says what to do."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from onnx import helper, save

from tests.unit.converting import (
    MODELS,
    command,
    custom_operation,
    image_network,
    two_inputs,
)

FROZEN = MODELS / "mobilenet_v3.pb"
Made = Callable[[Path], Path]


def _refused(
    capfd: pytest.CaptureFixture[str], folder: Path, source: Path, *options: str, code: int = 2
) -> str:
    """The one line on standard error; nothing else is said or written."""
    out = folder / "out"
    assert command(out, source, *options) == code
    printed = capfd.readouterr()
    assert not printed.out
    assert not out.exists()
    (line,) = printed.err.splitlines()
    assert line.startswith("error: ")
    return line


def _kept(name: str) -> Made:
    return lambda _folder: MODELS / name


def _text(name: str, text: str) -> Made:
    def made(folder: Path) -> Path:
        (folder / name).write_text(text)
        return folder / name

    return made


def _folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def _without_weights(folder: Path) -> Path:
    return Path(shutil.copy(MODELS / "small.pdmodel", folder))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (_kept("absent.pb"), ("no such file", "absent.pb")),
        (_text("model.h5", "x"), ("cannot tell the format", ".tflite")),
        (_text("model.json", "{}"), ("cannot tell the format", ".tflite")),
        (_folder, ("without saved_model.pb", "give a model file")),
        (_kept("saved_model/saved_model.pb"), ("part of a SavedModel", "give its folder")),
        (_kept("pir.json"), ("Paddle 3 (PIR)", "FLAGS_enable_pir_api=0")),
        (_without_weights, ("no weights beside it", "small.pdiparams")),
        (_text("noise.xml", "<net/>"), ("no weights beside it", "noise.bin")),
        (_kept("unfrozen.pb"), ("no frozen graph", "Conv/weights", "SavedModel")),
        (_kept("unknown_op.pb"), ("no conversion", "Lgamma", "--output")),
        (custom_operation, ("no conversion", "mine.Twist")),
        (_kept("free_shape.pb"), ("dynamic shape", "--input-shape")),
    ],
)
def test_a_source_that_is_none_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], made: Made, told: Sequence[str]
) -> None:
    line = _refused(capfd, tmp_path, made(tmp_path))
    for part in told:
        assert part in line


@pytest.mark.parametrize("left", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize(
    "name", ["mobilenet_v3.pb", "saved_model", "small.tflite", "small.pdmodel", "image.onnx"]
)
def test_a_truncated_file_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, left: float
) -> None:
    if name == "saved_model":
        source = Path(shutil.copytree(MODELS / name, tmp_path / name))
        cut = source / "saved_model.pb"
    elif name == "image.onnx":
        source = cut = image_network(tmp_path)
    else:
        shutil.copy(MODELS / "small.pdiparams", tmp_path)
        source = cut = Path(shutil.copy(MODELS / name, tmp_path))
    whole = cut.read_bytes()
    cut.write_bytes(whole[: int(left * len(whole))])
    line = _refused(capfd, tmp_path, source)
    assert str(source) in line
    assert "check that the file is complete" in line


@pytest.mark.parametrize("name", ["small.pdiparams", "variables.data-00000-of-00001"])
def test_truncated_weights_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    shutil.copytree(MODELS / "saved_model", tmp_path / "saved_model")
    for beside in ("small.pdmodel", "small.pdiparams"):
        shutil.copy(MODELS / beside, tmp_path)
    (cut,) = tmp_path.rglob(name)
    cut.write_bytes(cut.read_bytes()[:100])
    source = tmp_path / ("small.pdmodel" if name.startswith("small") else "saved_model")
    assert str(source) in _refused(capfd, tmp_path, source)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--input-shape", "1,64,64,4"), ("does not work with", "[1, 64, 64, 4]")),
        (("--input-shape", "1,64"), ("does not work with", "--input-shape")),
        (("--input-shape", "[1,3],[1,4]"), ("2 shapes for 1 inputs", "--input")),
        (("--input", "imput"), ("no input 'imput'", "its inputs are input:0")),
        (("--output", "Softmax"), ("nothing named 'Softmax'", "MobilenetV3/Predictions/Softmax")),
        (("--mean-values", "nope[1]"), ("no input 'nope'", "input:0")),
        (("--mean-values", "[1,2]"), ("values for 2 channels do not fit", "[1, 64, 64, 3]")),
        (("--scale-values", "1,2,3,4"), ("values for 4 channels do not fit", "--layout")),
        (("--mean-values", "[1],[2]"), ("2 values without names for the 1 inputs", "input:0[...]")),
        (("--mean-values", "input[1],input:0[2]"), ("one input twice",)),
        (("--scale-values", "0"), ("divides by zero",)),
        (("--mean-values", "1,2,3", "--layout", "nchw"), ("values for 3 channels do not fit",)),
        (("--mean-values", "1,2,3", "--layout", "nhwd"), ("mark them with C",)),
        (("--layout", "nc"), ("NC has 2 axes", "has 4")),
        (("--layout", "nhwc->nchd"), ("other axes on its two sides",)),
        (("--layout", "nhwwc"), ("has 5 axes",)),
        (("--layout", "nhhc"), ("(H) is defined multiple times", "--layout")),
        (("--model-name", "a/b"), ("no name for a file",)),
    ],
)
def test_options_that_do_not_fit_the_model_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], options: Sequence[str], told: Sequence[str]
) -> None:
    line = _refused(capfd, tmp_path, FROZEN, *options)
    for part in told:
        assert part in line


@pytest.mark.parametrize("options", [("--mean-values", "1,2,3"), ("--reverse-input-channels",)])
def test_channels_that_may_be_in_two_places_ask_for_a_layout(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], options: Sequence[str]
) -> None:
    shape = ("--input-shape", "1,3,8,3")
    line = _refused(capfd, tmp_path, MODELS / "free_shape.pb", *shape, *options)
    assert "axis 1 or 3" in line
    assert "--layout" in line


def test_channels_are_only_reversed_where_there_are_three(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cut = ("--output", "before", "--reverse-input-channels")
    line = _refused(capfd, tmp_path, MODELS / "unknown_op.pb", *cut)
    assert "needs an input with 3 channels" in line
    assert "[1, 4]" in line


def test_values_without_names_are_refused_for_several_inputs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = _refused(capfd, tmp_path, two_inputs(tmp_path), "--mean-values", "1,2,3")
    assert "1 values without names for the 2 inputs a, b" in line


def test_mean_values_for_whole_numbers_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    node = helper.make_node("Identity", ["x"], ["y"])
    ports = [helper.make_tensor_value_info(name, 6, [1, 3]) for name in ("x", "y")]
    body = helper.make_graph([node], "whole", ports[:1], ports[1:])
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    save(model, str(tmp_path / "whole.onnx"))
    line = _refused(capfd, tmp_path, tmp_path / "whole.onnx", "--mean-values", "1")
    assert "floating-point" in line
    assert "i32" in line


def test_an_exported_program_needs_pytorch_and_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec

    def without_torch(name: str, package: str | None = None) -> object:
        return None if name == "torch" else there(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_torch)
    line = _refused(capfd, tmp_path, MODELS / "small.pt2", code=3)
    assert "needs PyTorch, which is not installed" in line
    assert "ONNX" in line


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (AttributeError("no 'x'\nmore"), 2, "as a model: AttributeError: more; check"),
        (AssertionError(), 2, "as a model: AssertionError; check"),
        (KeyError("aten.twist"), 2, "as a model: KeyError: 'aten.twist'; check"),
        (MemoryError(), 3, "not enough memory to read"),
    ],
)
def test_what_pytorchs_decoder_raises_is_one_line(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    code: int,
    told: str,
) -> None:
    def failing(*_given: object, **_options: object) -> None:
        raise raised

    torch = ModuleType("torch")
    torch.__spec__ = ModuleSpec("torch", None)
    vars(torch)["export"] = SimpleNamespace(load=lambda _path: None)
    decoder = ModuleType("openvino.frontend.pytorch.fx_decoder")
    vars(decoder)["TorchFXPythonDecoder"] = SimpleNamespace(from_exported_program=failing)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, decoder.__name__, decoder)
    assert told in _refused(capfd, tmp_path, MODELS / "small.pt2", code=code)
