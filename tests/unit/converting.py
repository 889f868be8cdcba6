"""What the tests of ``convert`` share: the models, the command in this process, an inference."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, save

from collector.models.convert.cli import register
from collector.models.convert.readers import read_graph
from results.command import new_app, run

MODELS = Path(__file__).parents[1] / "models"


def command(folder: Path, source: Path, *options: str) -> int:
    """The exit code of ``convert``, with its IR in ``folder`` and its store below that."""
    app = new_app("collector")
    app.callback()(lambda: None)
    register(app)
    where = ("--output-dir", str(folder), "--data", str(folder / "store"))
    return run(app, ["convert", str(source), *options, *where])


def converted(folder: Path, source: Path, *options: str) -> Path:
    """The IR of a conversion that has to work."""
    assert command(folder, source, *options, "--model-name", "made") == 0
    return folder / "made.xml"


def infer(graph: ov.Model | Path, *inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
    """The outputs for these inputs, computed in 32-bit floating-point numbers."""
    core = ov.Core()
    read = core.read_model(str(graph)) if isinstance(graph, Path) else graph
    precision = {"INFERENCE_PRECISION_HINT": "f32"}
    answers = core.compile_model(read, "CPU", precision)([data.astype("f4") for data in inputs])
    return [np.array(answers[place]) for place in range(len(read.outputs))]


def original(source: Path, source_format: str, shape: Sequence[int]) -> ov.Model:
    """A model of one input as its reader gives it, with nothing built in."""
    graph = read_graph(source, source_format)
    graph.reshape(list(shape))
    return graph


def needs_torch() -> None:
    """Skip where the reader of .pt2 files is not there."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch, which reads .pt2 files, is no part of this environment")


def two_inputs(folder: Path) -> Path:
    """ONNX: ``sum = relu(a) * 2 + b``, with a [N,3] and b [N,3]."""
    two = numpy_helper.from_array(np.full(1, 2, np.float32), "two")
    nodes = [
        helper.make_node("Relu", ["a"], ["positive"], name="relu"),
        helper.make_node("Mul", ["positive", "two"], ["double"], name="twice"),
        helper.make_node("Add", ["double", "b"], ["sum"], name="plus"),
    ]
    return _onnx(folder / "two_inputs.onnx", nodes, {"a": ["N", 3], "b": ["M", 3]}, "sum", [two])


def image_network(folder: Path) -> Path:
    """ONNX: a convolution of an image [N,3,6,6], and its mean."""
    drawn = np.random.default_rng(9).normal(size=(4, 3, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], name="conv"),
        helper.make_node("Relu", ["c"], ["r"], name="rectified, linear"),
        helper.make_node("GlobalAveragePool", ["r"], ["y"], name="pool"),
    ]
    weights = [numpy_helper.from_array(drawn, "w")]
    return _onnx(folder / "image.onnx", nodes, {"x": ["N", 3, 6, 6]}, "y", weights)


def custom_operation(folder: Path) -> Path:
    """ONNX with an operation of nobody: ``mine.Twist``."""
    nodes = [helper.make_node("Twist", ["x"], ["y"], name="twist", domain="mine")]
    return _onnx(folder / "custom.onnx", nodes, {"x": [1, 4]}, "y", [])


def _onnx(
    path: Path,
    nodes: Sequence[Any],
    inputs: dict[str, list[str | int]],
    output: str,
    weights: Sequence[TensorProto],
) -> Path:
    given = [helper.make_tensor_value_info(name, 1, shape) for name, shape in inputs.items()]
    result = [helper.make_tensor_value_info(output, 1, None)]
    body = helper.make_graph(nodes, path.stem, given, result, weights)
    sets = [helper.make_opsetid("", 13), helper.make_opsetid("mine", 1)]
    save(helper.make_model(body, opset_imports=sets, ir_version=8), str(path))
    return path
