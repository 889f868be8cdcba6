"""What data is to a model: its inputs read off a graph, samples in memory, how samples are chosen.

The forms that data comes in have tests of their own beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import op

from collector.models.data.dataset import (
    InputSpec,
    Sample,
    input_specs,
    spread,
)
from collector.models.data.opening import open_dataset
from collector.models.request import DataRequest
from results.errors import UsageError
from tests.unit.listed import ListedDataset

VECTOR = InputSpec("x", (1, 3), "float32", None)


def _graph(shape: list[int], kind: ov.Type = ov.Type.f32, layout: str | None = None) -> ov.Model:
    node = op.Parameter(kind, ov.PartialShape(shape))
    node.set_friendly_name("image")
    if layout is not None:
        node.set_layout(ov.Layout(layout))
    return ov.Model([ov.opset8.result(ov.opset8.convert(node, "f32"))], [node], "m")


@pytest.mark.parametrize(
    ("layout", "told"),
    [("NCHW", "NCHW"), ("NHWC", "NHWC"), ("N...C", "N??C"), (None, None), ("...", None)],
)
def test_the_layout_is_read_from_the_model(layout: str | None, told: str | None) -> None:
    (spec,) = input_specs(_graph([1, 3, 3, 3], layout=layout))
    assert spec == InputSpec("image", (1, 3, 3, 3), "float32", told)


def test_the_layout_outlives_a_model_file(tmp_path: Path) -> None:
    ov.save_model(_graph([1, 3, 3, 3], ov.Type.u8, "NHWC"), tmp_path / "m.xml")
    (spec,) = input_specs(ov.Core().read_model(tmp_path / "m.xml"))
    assert spec == InputSpec("image", (1, 3, 3, 3), "uint8", "NHWC")


def test_a_dynamic_shape_and_an_odd_type_are_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"'image' has the dynamic shape .*--input-shape"):
        input_specs(_graph([-1, 3]))
    with pytest.raises(UsageError, match=r"'image' takes bf16"):
        input_specs(_graph([1, 3], ov.Type.bf16))


def _samples(count: int) -> list[Sample]:
    return [Sample(f"s{n}", {"x": np.full((1, 3), n, np.float32)}, n % 3) for n in range(count)]


def test_samples_in_memory_are_a_dataset() -> None:
    data = ListedDataset(_samples(9), "mine")
    assert len(data) == len(list(data)) == 9
    assert (data.fact.name, data.fact.samples, data.fact.labelled) == ("mine", 9, True)
    assert [sample.name for sample in data.some(20)] == [f"s{n}" for n in range(9)]


def _relabelled(samples: list[Sample]) -> list[Sample]:
    return [Sample(s.name, s.inputs, 0) for s in samples]


def _renamed(samples: list[Sample]) -> list[Sample]:
    return [Sample("other", s.inputs, s.label) for s in samples]


def _changed(samples: list[Sample]) -> list[Sample]:
    return [*samples[:-1], Sample("s", {"x": samples[-1].inputs["x"] + 1}, samples[-1].label)]


def _retyped(samples: list[Sample]) -> list[Sample]:
    return [Sample(s.name, {"x": s.inputs["x"].view("i4")}, s.label) for s in samples]


@pytest.mark.parametrize(
    ("change", "same"),
    [(_renamed, True), (_relabelled, False), (_changed, False), (_retyped, False)],
)
def test_the_id_is_of_contents_and_labels_not_of_names(
    change: Callable[[list[Sample]], list[Sample]], same: bool
) -> None:
    before = ListedDataset(_samples(5)).fact.dataset_id
    assert len(before) == 16
    assert (ListedDataset(change(_samples(5))).fact.dataset_id == before) is same


@pytest.mark.parametrize(("count", "most"), [(10, 3), (10, 9), (1000, 100), (7, 7), (3, 9), (0, 4)])
def test_chosen_samples_are_one_of_each_stretch(count: int, most: int) -> None:
    places = spread(count, most)
    assert len(places) == min(count, most)
    for turn, place in enumerate(places):
        assert turn * count // len(places) <= place < (turn + 1) * count // len(places)


def test_classes_that_take_turns_are_all_chosen() -> None:
    labels = [place % 10 for place in spread(1000, 100)]
    assert set(labels) == set(range(10))
    assert max(labels.count(label) for label in range(10)) <= 15


def test_a_batch_other_than_one_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 3)))
    request = DataRequest(str(tmp_path / "x.npy"))
    with pytest.raises(UsageError, match=r"'x' takes 8 samples at a time.*--input-shape"):
        open_dataset(request, [InputSpec("x", (8, 3), "float32", None)])
    with pytest.raises(UsageError, match="takes 8 samples"):
        open_dataset(request, [InputSpec("x", (3, 8), "float32", "CN")])
    np.save(tmp_path / "flat.npy", np.zeros((4, 8)))
    flat = DataRequest(str(tmp_path / "flat.npy"))
    assert len(open_dataset(flat, [InputSpec("x", (8,), "float32", None)])) == 4


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nowhere", "there is no data at nowhere; give a folder of images, an .npz"),
        ("nowhere.npz", "there is no file nowhere.npz"),
        ("notes.txt", "notes.txt is no data set"),
    ],
)
def test_data_that_is_not_there_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("hello")
    with pytest.raises(UsageError) as error:
        open_dataset(DataRequest(source), [VECTOR])
    assert str(error.value).startswith(told)
    assert "\n" not in str(error.value)


def test_labels_for_something_else_than_images_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 3)))
    with pytest.raises(UsageError, match=r"labels are given in l\.csv, but .* no folder of images"):
        open_dataset(DataRequest(str(tmp_path / "x.npy"), Path("l.csv")), [VECTOR])


def test_progress_counts_up_to_the_samples_that_are_used(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((10, 3)))
    told: list[tuple[str, int, int]] = []
    open_dataset(
        DataRequest(str(tmp_path / "x.npy"), most=4), [VECTOR], lambda *step: told.append(step)
    )
    assert told == [("reading samples", done, 4) for done in (1, 2, 3, 4)]


def test_asking_for_no_samples_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((10, 3)))
    with pytest.raises(UsageError, match="0 samples are asked for"):
        open_dataset(DataRequest(str(tmp_path / "x.npy"), most=0), [VECTOR])
