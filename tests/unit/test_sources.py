"""Model files of every format are read; what cannot be is refused in one line."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path
from typing import NoReturn

import numpy as np
import onnx
import openvino as ov
import pytest
from onnx import TensorProto, helper, numpy_helper
from openvino import opset1

from collector.models import graph
from collector.models.convert import sources
from collector.models.convert.formats import source_files
from collector.models.convert.sources import Source, read_file, tidy_names
from collector.models.model_cache import ModelCache
from collector.models.quantize.calibration import Calibration
from collector.models.quantize.quantizer import quantize
from collector.models.quantize.recipe import Recipe
from results.errors import UsageError
from tests.unit.converting import MODELS as SMALL
from tests.unit.converting import needs_torch

MODELS = Path(__file__).parents[3] / "shared" / "models"
needs_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the trained ResNet-8 pair is not beside this checkout"
)


def onnx_file(folder: Path, batch: str | int = "N", size: str | int = 8) -> Path:
    """A small ONNX network: convolution, ReLU, mean."""
    weights = numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["y"], name="pool"),
    ]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, size, size])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 4, 1, 1])
    body = helper.make_graph(nodes, "small", [given], [result], [weights])
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = folder / "small.onnx"
    onnx.save(model, str(path))
    return path


def test_onnx_with_a_dynamic_batch_becomes_batch_1(tmp_path: Path) -> None:
    source = read_file(onnx_file(tmp_path))
    assert source.source_format == "onnx"
    assert [list(port.shape) for port in source.graph.inputs] == [[1, 3, 8, 8]]
    assert not source.synthetic_weights


def test_other_dynamic_sizes_ask_for_a_shape(tmp_path: Path) -> None:
    path = onnx_file(tmp_path, size="S")
    with pytest.raises(UsageError, match="--input-shape"):
        read_file(path)
    assert list(read_file(path, (1, 3, 16, 16)).graph.inputs[0].shape) == [1, 3, 16, 16]


def test_a_shape_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not work with the input shape"):
        read_file(onnx_file(tmp_path), (1, 5, 8, 8))


def test_ir_is_read_with_its_weights(tmp_path: Path) -> None:
    source = read_file(onnx_file(tmp_path))
    ov.save_model(source.graph, str(tmp_path / "saved.xml"), compress_to_fp16=False)
    again = read_file(tmp_path / "saved.xml")
    assert again.source_format == "openvino-ir"
    assert graph.content_hash(again.graph) == graph.content_hash(source.graph)
    (tmp_path / "saved.bin").unlink()
    with pytest.raises(UsageError, match=r"saved\.bin"):
        read_file(tmp_path / "saved.xml")


@pytest.mark.parametrize("ending", ["xml", "onnx", "tflite"])
def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"noise.{ending}"
    path.write_bytes(b"\x00not a model\xff" * 100)
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot read") as error:
        read_file(path)
    assert "\n" not in str(error.value)


def test_missing_files_folders_and_strange_endings(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_file(tmp_path / "absent.onnx")
    with pytest.raises(UsageError, match=r"a folder without saved_model\.pb"):
        read_file(tmp_path)
    (tmp_path / "model.txt").write_text("x")
    with pytest.raises(UsageError, match=r"\.tflite"):
        read_file(tmp_path / "model.txt")


def test_names_become_unique_and_free_of_commas() -> None:
    data = opset1.parameter([1, 4], np.float32)
    first, second = opset1.relu(data), opset1.sigmoid(data)
    for node in (first, second):
        node.set_friendly_name("a, b")
    model = ov.Model([opset1.add(first, second)], [data], "m")
    tidy_names(model)
    names = [op.get_friendly_name() for op in model.get_ordered_ops()]
    assert len(set(names)) == len(names)
    assert not any("," in name for name in names)


@pytest.mark.parametrize(
    ("name", "source_format", "taken", "given"),
    [
        ("mobilenet_v3.pb", "tensorflow-frozen", [1, 64, 64, 3], [1, 10]),
        ("saved_model", "tensorflow-saved-model", [1, 16, 16, 3], [1, 4]),
        ("small.tflite", "tflite", [1, 16, 16, 3], [1, 4]),
        ("small.pdmodel", "paddle", [1, 3, 16, 16], [1, 4]),
        ("small.pt2", "pytorch-exported", [1, 3, 16, 16], [1, 4]),
    ],
)
def test_every_format_is_read_at_batch_1_with_stable_names(
    name: str, source_format: str, taken: list[int], given: list[int]
) -> None:
    if name == "small.pt2":
        needs_torch()
    first, second = (read_file(SMALL / name) for _ in range(2))
    assert (first.name, first.source_format) == (Path(name).stem, source_format)
    assert [list(port.shape) for port in first.graph.inputs] == [taken]
    assert [list(port.shape) for port in first.graph.outputs] == [given]
    names = [[op.get_friendly_name() for op in graph.graph.get_ordered_ops() if op.outputs()
              and op.get_type_name() != "Result"] for graph in (first, second)]  # fmt: skip
    assert names[0] == names[1]
    assert graph.content_hash(first.graph) == graph.content_hash(second.graph)


def test_the_size_of_a_source_is_that_of_all_its_files() -> None:
    files = [path for path in (SMALL / "saved_model").rglob("*") if path.is_file()]
    assert len(files) == 3
    size = sum(path.stat().st_size for path in files)
    assert read_file(SMALL / "saved_model").source_bytes == size
    pair = [SMALL / f"small.{ending}" for ending in ("pdmodel", "pdiparams")]
    size = sum(path.stat().st_size for path in pair)
    assert read_file(pair[0]).source_bytes == size


@pytest.mark.parametrize("folder", [".", "weights"])
def test_weights_outside_of_an_onnx_file_are_read_and_belong_to_it(
    tmp_path: Path, folder: str
) -> None:
    path = onnx_file(tmp_path)
    whole = read_file(path)
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "other.data").write_bytes(b"not the model's")
    place = str(Path(folder) / "small.data")
    onnx.save(onnx.load(str(path)), str(path), save_as_external_data=True, location=place,
              size_threshold=0)  # fmt: skip
    outside = tmp_path / place
    assert source_files(path, "onnx") == (path, outside)
    apart = read_file(path)
    assert graph.content_hash(apart.graph) == graph.content_hash(whole.graph)
    assert apart.source_bytes == path.stat().st_size + outside.stat().st_size


@needs_models
def test_the_trained_pair_is_read_and_the_quantised_one_recognised(tmp_path: Path) -> None:
    source = read_file(MODELS / "resnet8_cifar10_float32.tflite")
    native = read_file(MODELS / "resnet8_cifar10_int8.tflite")
    assert source.source_format == "tflite"
    assert list(source.graph.inputs[0].shape) == [1, 32, 32, 3]
    assert not graph.is_quantised(source.graph)
    assert graph.is_quantised(native.graph)
    pair = ModelCache(tmp_path).prepare(source, native)
    assert [v.variant.kind for v in pair.variants] == ["fp32", "int8-simplified", "int8-native"]
    # published for the MLPerf Tiny network: 12.5 M multiply-accumulates
    assert pair.model.macs == pytest.approx(12.5e6, rel=0.01)
    alone = ModelCache(tmp_path).prepare(native)
    assert [v.variant.kind for v in alone.variants] == ["int8-native"]


def test_a_cached_file_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    source = read_file(onnx_file(tmp_path))
    first = ModelCache(tmp_path / "library").prepare(source)
    for path in (tmp_path / "library").rglob("*.xml"):
        path.write_bytes(path.read_bytes()[:100])
    again = ModelCache(tmp_path / "library").prepare(source)
    assert again.variants[0].source_ops == first.variants[0].source_ops
    assert len(ov.Core().read_model(str(again.variants[1].ir_path)).get_ops()) > 3


def test_numbered_names_are_replaced_by_stable_ones(tmp_path: Path) -> None:
    path = onnx_file(tmp_path)
    names = [[op.get_friendly_name() for op in read_file(path).graph.get_ordered_ops()]
             for _ in range(2)]  # fmt: skip
    assert names[0] == names[1]
    numbers = [int(found) for name in names[0] for found in re.findall(r"_(\d+)$", name)]
    assert all(number < 50 for number in numbers), names[0]


def test_native_has_to_be_the_same_network_and_quantised(tmp_path: Path) -> None:
    source = read_file(onnx_file(tmp_path))
    with pytest.raises(UsageError, match="is not quantised"):
        ModelCache(tmp_path / "cache").prepare(source, source)
    (tmp_path / "other").mkdir()
    other = read_file(onnx_file(tmp_path / "other", size=16))
    quantised = dataclasses.replace(
        other, graph=quantize(other.graph, Recipe(samples=1), Calibration()).graph
    )
    with pytest.raises(UsageError, match="another network"):
        ModelCache(tmp_path / "cache").prepare(source, quantised)


def test_a_model_without_anything_to_quantise_is_told(tmp_path: Path) -> None:
    data = opset1.parameter([1, 4], np.float32)
    ov.save_model(ov.Model([opset1.sin(data)], [data], "m"), str(tmp_path / "sine.xml"))
    prepared = ModelCache(tmp_path / "cache").prepare(read_file(tmp_path / "sine.xml"))
    assert not prepared.is_quantised
    assert ModelCache(tmp_path / "cache").prepare(read_file(onnx_file(tmp_path))).is_quantised


def _never(*_given: object) -> NoReturn:
    raise AssertionError("it was converted again")


def _told(source: Source) -> tuple[object, ...]:
    """What is stored of a source, and the names of its operations."""
    return (
        source.name, source.source_format, source.source_bytes, graph.content_hash(source.graph),
        graph.source_ops(source.graph, "v"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["onnx", "mobilenet_v3.pb", "saved_model", "small.tflite", "small.pdmodel", "small.pt2"]
)
def test_a_source_is_converted_once_and_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "small.pt2":
        needs_torch()
    path = onnx_file(tmp_path) if name == "onnx" else SMALL / name
    without = _told(read_file(path))
    assert _told(read_file(path, cache=tmp_path / "kept")) == without
    monkeypatch.setattr(sources, "_read", _never)
    assert _told(read_file(path, cache=tmp_path / "kept")) == without


def test_what_differs_is_converted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, kept = onnx_file(tmp_path, size="S"), tmp_path / "kept"
    read_file(path, (1, 3, 8, 8), kept)
    damaged = Path(next(kept.glob("*.bin")))
    onnx_file(tmp_path / "kept", size=8).rename(tmp_path / "other.onnx")
    monkeypatch.setattr(sources, "_read", _never)
    assert list(read_file(path, (1, 3, 8, 8), kept).graph.inputs[0].shape) == [1, 3, 8, 8]
    for other, shape in ((path, (1, 3, 9, 9)), (tmp_path / "other.onnx", (1, 3, 8, 8))):
        with pytest.raises(AssertionError, match="converted again"):
            read_file(other, shape, kept)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    with pytest.raises(AssertionError, match="converted again"):
        read_file(path, (1, 3, 8, 8), kept)


def test_an_ir_is_read_where_it_lies(tmp_path: Path) -> None:
    ov.save_model(read_file(onnx_file(tmp_path)).graph, str(tmp_path / "saved.xml"))
    read_file(tmp_path / "saved.xml", cache=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_only_its_own_files_make_a_saved_model(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL / "saved_model", tmp_path / "saved_model"))
    (folder / "assets").mkdir()
    (folder / "assets" / "words.txt").write_text("a")
    before = source_files(folder, "tensorflow-saved-model")
    (folder / "made.xml").write_text("")
    (folder / "store").mkdir()
    (folder / "store" / "made.bin").write_text("")
    assert source_files(folder, "tensorflow-saved-model") == before
    assert {found.name for found in before} >= {"saved_model.pb", "words.txt"}
    assert len(before) == 4
