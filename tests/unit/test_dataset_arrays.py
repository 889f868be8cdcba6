"""Samples in .npz and .npy files: names, shapes, types, labels, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from collector.models.data.arrays import open_arrays
from collector.models.data.dataset import Dataset, InputSpec
from collector.models.data.opening import open_dataset
from collector.models.request import DataRequest
from results.errors import UsageError

IMAGE = InputSpec("image", (1, 2, 3), "float32", None)
SIZE = InputSpec("size", (1,), "int64", None)
VALUES = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)


def _npz(tmp_path: Path, arrays: Mapping[str, NDArray[Any]], *specs: InputSpec) -> Dataset:
    np.savez(tmp_path / "data.npz", allow_pickle=False, **arrays)
    return open_dataset(DataRequest(str(tmp_path / "data.npz")), specs or [IMAGE])


def _npy(tmp_path: Path, array: NDArray[Any], *specs: InputSpec) -> Dataset:
    np.save(tmp_path / "data.npy", array)
    return open_dataset(DataRequest(str(tmp_path / "data.npy")), specs or [IMAGE])


@pytest.mark.parametrize("labels", ["labels", "label", "y"])
def test_arrays_go_to_the_inputs_of_their_names(tmp_path: Path, labels: str) -> None:
    arrays = {"size": np.array([5, 6, 7, 8]), labels: np.array([0, 1, 2, 9]), "image": VALUES}
    data = _npz(tmp_path, arrays, IMAGE, SIZE)
    found = list(data)
    assert [sample.label for sample in found] == [0, 1, 2, 9]
    for place, sample in enumerate(found):
        assert list(sample.inputs) == ["image", "size"]
        np.testing.assert_array_equal(sample.inputs["image"], VALUES[place : place + 1])
        assert sample.inputs["size"].tolist() == [5 + place]
        assert sample.inputs["image"].dtype == np.float32
    assert (data.fact.name, data.fact.kind, data.fact.labelled) == ("data.npz", "arrays", True)


def test_a_single_input_takes_the_only_array_whatever_its_name(tmp_path: Path) -> None:
    data = _npz(tmp_path, {"x_test": VALUES, "y": np.array([[3], [2], [1], [0]])})
    assert [sample.label for sample in data] == [3, 2, 1, 0]
    assert not _npz(tmp_path, {"x_test": VALUES}).fact.labelled


def test_an_input_may_have_a_name_that_labels_have_too(tmp_path: Path) -> None:
    (first, *_) = _npz(tmp_path, {"y": VALUES}, InputSpec("y", (1, 2, 3), "float32", None))
    assert (first.label, first.inputs["y"].shape) == (None, (1, 2, 3))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_way_of_writing_gives_the_same_data(
    tmp_path: Path, save: Callable[..., None], order: Literal["C", "F"]
) -> None:
    plain = _npy(tmp_path, VALUES[:, None].astype(">f8")).fact
    save(tmp_path / "written.npz", image=np.asarray(VALUES, order=order), other=VALUES)
    written = open_dataset(DataRequest(str(tmp_path / "written.npz")), [IMAGE]).fact
    assert written.dataset_id == plain.dataset_id
    assert written.samples == 4


def test_what_is_not_compressed_is_not_read_as_a_whole(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", other=np.zeros(3), image=VALUES)
    np.save(tmp_path / "a.npy", VALUES)
    for name in ("a.npz", "a.npy"):
        opened = open_arrays(tmp_path / name, [IMAGE])
        assert isinstance(opened._arrays["image"], np.memmap)
        np.testing.assert_array_equal(opened._arrays["image"], VALUES)


def test_samples_may_have_the_batch_axis_or_not(tmp_path: Path) -> None:
    with_axis, without = _npy(tmp_path, VALUES[:, None]), _npy(tmp_path, VALUES)
    assert with_axis.fact.dataset_id == without.fact.dataset_id


def test_samples_are_copies_that_cannot_be_written_to(tmp_path: Path) -> None:
    (first, *_) = _npy(tmp_path, VALUES)
    with pytest.raises(ValueError, match="read-only"):
        first.inputs["image"][0, 0, 0] = 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.array([0, 255], np.uint8), "float32"),
        (np.array([-3, 2**31], np.int64), "float32"),
        (np.array([0.0, 255.0]), "uint8"),
        (np.array([-128, 127], np.int64), "int8"),
        (np.array([True, False]), "float32"),
        (np.array([0.1, 1e30]), "float32"),
        (np.array([0, 1], np.uint8), "bool"),
    ],
)
def test_types_that_hold_the_values_are_cast(
    tmp_path: Path, values: NDArray[Any], kind: str
) -> None:
    found = list(_npy(tmp_path, values[:, None], InputSpec("x", (1, 1), kind, None)))
    told = np.concatenate([sample.inputs["x"] for sample in found])[:, 0]
    assert told.dtype == kind
    np.testing.assert_allclose(told.astype(float), values.astype(float), rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "kind", "told"),
    [
        ([0.0, 0.5], "uint8", "sample 1 of data.npy has float64 values from 0.5 to 0.5"),
        ([0, 256], "uint8", "sample 1 .* takes uint8, which cannot hold them"),
        ([-1, 0], "uint64", "sample 0 .* takes uint64"),
        ([0, 128], "int8", "sample 1 .* takes int8"),
        ([0.0, 1e19], "int64", "sample 1 .* takes int64"),
        ([0.0, 70000.0], "float16", "sample 1 .* takes float16, which cannot hold them"),
        ([0, 2], "bool", "sample 1 .* takes bool"),
        ([0.0, np.nan], "float32", "sample 1 of data.npy has values .* NaN or infinite"),
        ([-np.inf, 0.0], "float32", "sample 0 of data.npy has values .* NaN or infinite"),
        (["a", "b"], "float32", "holds <U1 values, not numbers"),
        ([1j, 2j], "float32", "holds complex128 values, not numbers"),
    ],
)
def test_values_that_the_input_cannot_hold_are_refused_by_the_samples_name(
    tmp_path: Path, values: list[Any], kind: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told) as error:
        _npy(tmp_path, np.array(values)[:, None], InputSpec("x", (1, 1), kind, None))
    assert "\n" not in str(error.value)


def test_a_shape_that_does_not_fit_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"the shape 3x2 for input 'image', which takes 1x2x3;"):
        _npy(tmp_path, VALUES.transpose(0, 2, 1))
    with pytest.raises(UsageError, match=r"the shape 3 for input 'image'"):
        _npy(tmp_path, VALUES[0])
    with pytest.raises(UsageError, match="a single number for input 'image'"):
        _npy(tmp_path, np.array(1.0))


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"a": VALUES, "b": VALUES}, "no array for input 'image', but a, b"),
        ({"labels": np.arange(4)}, "no array for input 'image', but labels"),
        ({}, "no array for input 'image', but none"),
        ({"image": VALUES, "y": np.arange(3)}, "different lengths: 4 of image, 3 of labels"),
        ({"image": VALUES, "y": np.array([0, -1, 2, 3])}, "y in .* has -1 for sample 1"),
        ({"image": VALUES, "y": np.eye(4)}, r"y in .* has the shape 4x4; .*argmax\(axis=1\)"),
        ({"image": VALUES, "y": np.full(4, 0.5)}, "y in .* are no whole numbers, but float64"),
        ({"image": VALUES, "y": np.full(4, np.nan)}, "y in .* are no whole numbers"),
        ({"image": VALUES, "y": np.array(list("abcd"))}, "y in .* are no whole numbers, but <U1"),
        ({"image": VALUES[:0]}, "data.npz has no samples"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused_in_one_line(
    tmp_path: Path, arrays: dict[str, NDArray[Any]], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as error:
        _npz(tmp_path, arrays)
    assert "\n" not in str(error.value)


def test_an_array_is_missing_for_one_of_two_inputs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no array for input 'size', but image"):
        _npz(tmp_path, {"image": VALUES}, IMAGE, SIZE)
    with pytest.raises(UsageError, match=r"the model has 2 inputs; .*data\.npy serves one"):
        _npy(tmp_path, VALUES, IMAGE, SIZE)
    with pytest.raises(UsageError, match="different lengths: 4 of image, 2 of size"):
        _npz(tmp_path, {"image": VALUES, "size": np.arange(2)}, IMAGE, SIZE)


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}, None], dtype=object)
    np.save(tmp_path / "o.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "o.npz", allow_pickle=True, image=objects)
    for name in ("o.npy", "o.npz"):
        with pytest.raises(UsageError, match=r"cannot be read as NumPy arrays: .*[Oo]bject"):
            open_dataset(DataRequest(str(tmp_path / name)), [IMAGE])


@pytest.mark.parametrize("name", ["data.npy", "data.npz"])
def test_a_file_that_is_cut_short_or_something_else_is_refused(tmp_path: Path, name: str) -> None:
    _npy(tmp_path, VALUES)
    _npz(tmp_path, {"image": VALUES})
    whole = (tmp_path / name).read_bytes()
    for content in (whole[:-9], whole[:70], b"", b"file,label\n" * 9, b"\x80\x04N."):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match="cannot be read as NumPy arrays") as error:
            open_dataset(DataRequest(str(tmp_path / name)), [IMAGE])
        assert "\n" not in str(error.value)
