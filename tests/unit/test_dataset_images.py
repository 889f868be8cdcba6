"""Folders of images: labels, what is skipped, and the way of a picture into a model's input."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from collector.models.data import reading
from collector.models.data.dataset import Dataset, InputSpec
from collector.models.data.opening import open_dataset
from collector.models.request import DataRequest
from results.errors import UsageError

NCHW = InputSpec("x", (1, 3, 5, 6), "float32", None)
GREY = InputSpec("x", (1, 1, 5, 5), "float32", None)


def _picture(path: Path, value: int = 0, size: tuple[int, int] = (6, 4)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, 10, 20)).save(path)
    return path


def _open(
    folder: Path, spec: InputSpec = NCHW, labels: Path | None = None, **options: float
) -> Dataset:
    fraction = options.get("central_fraction")
    most = int(options["most"]) if "most" in options else None
    return open_dataset(DataRequest(str(folder), labels, fraction, most), [spec])


def _labels(data: Dataset) -> dict[str, int | None]:
    return {sample.name: sample.label for sample in data}


def test_sub_folders_are_classes_in_sorted_order(tmp_path: Path) -> None:
    for name in ("dog/b.png", "cat/a.png", "10/c.png", "2/d.png", "dog/deep/down/e.png"):
        _picture(tmp_path / name)
    (tmp_path / "empty").mkdir()
    data = _open(tmp_path)
    assert _labels(data) == {
        "2/d.png": 0, "10/c.png": 1, "cat/a.png": 2, "dog/b.png": 3, "dog/deep/down/e.png": 3,
    }  # fmt: skip
    (tmp_path / "bird").mkdir()
    assert _labels(_open(tmp_path))["cat/a.png"] == 3, "an empty class keeps its number"
    assert data.fact.labelled
    assert (data.fact.kind, data.fact.name) == ("images", tmp_path.name)


def test_folders_that_are_all_numbers_are_the_labels(tmp_path: Path) -> None:
    for name in ("10/a.png", "2/b.png", "007/c.png"):
        _picture(tmp_path / name)
    assert _labels(_open(tmp_path)) == {"007/c.png": 7, "10/a.png": 10, "2/b.png": 2}
    _picture(tmp_path / "-1" / "d.png")
    with pytest.raises(UsageError, match="class folder -1 stands for a negative label"):
        _open(tmp_path)


def test_images_without_classes_have_no_labels(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", ".hidden.png", "._a.png"):
        _picture(tmp_path / name)
    (tmp_path / "Thumbs.db").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    data = _open(tmp_path)
    assert _labels(data) == {"a.JPG": None, "b.png": None}
    assert (data.fact.labelled, data.fact.skipped) == (False, 0)


def test_images_beside_class_folders_are_refused(tmp_path: Path) -> None:
    _picture(tmp_path / "a" / "x.png")
    _picture(tmp_path / "stray.png")
    with pytest.raises(UsageError, match=r"1 images beside its class folders.*stray\.png"):
        _open(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "file,label\na.png,4\nsub/b.png,0\n",
        "a.png,4\nsub/b.png,0\n",
        "\ufefflabel;file;size\n4;a.png;1\n 0 ; ./sub/b.png;1\n\n",
    ],
)
def test_integers_in_a_labels_file_are_the_labels(tmp_path: Path, text: str) -> None:
    for name in ("a.png", "sub/b.png"):
        _picture(tmp_path / name)
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    assert _labels(_open(tmp_path)) == {"a.png": 4, "sub/b.png": 0}


def test_names_in_a_labels_file_are_numbered_and_it_may_lie_elsewhere(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c"):
        Image.new("RGB", (6, 4)).save(tmp_path / name, format="png")
    (tmp_path / "labels.csv").write_text("a.png,9\n")
    elsewhere = tmp_path / "away" / "names.csv"
    elsewhere.parent.mkdir()
    elsewhere.write_text("a.png,zebra\nb.png,ant\nc,7\n")
    assert _labels(_open(tmp_path, labels=elsewhere)) == {"a.png": 2, "b.png": 1, "c": 0}


def test_an_image_that_the_labels_file_does_not_name_is_counted(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        _picture(tmp_path / name)
    (tmp_path / "labels.csv").write_text("b.png,1\n")
    fact = _open(tmp_path).fact
    assert (fact.samples, fact.skipped) == (1, 2)
    assert fact.skipped_names == (
        "a.png: no label in labels.csv", "c.png: no label in labels.csv",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a.png,0\ngone.png,1\nlost.png,1\n", "2 of the 3 files that .* the first is gone.png"),
        ("file,label\na.png,-1\n", "line 2: the label is -1; give labels from 0 on"),
        ("a.png\n", "line 1: there is no label"),
        ("file,label\na.png, \n", "line 2: there is no label"),
        ("a.png,1\na.png,2\n", "line 2: a.png has another label further up"),
        ("file,label\n", "names no files"),
        ("", "names no files"),
    ],
)
def test_a_labels_file_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, text: str, told: str
) -> None:
    _picture(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(UsageError, match=told):
        _open(tmp_path)


def test_a_labels_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    _picture(tmp_path / "a.png")
    with pytest.raises(UsageError, match=r"cannot read the labels in .*No such file"):
        _open(tmp_path, labels=tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"\xff\xfe\xe9")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        _open(tmp_path, labels=tmp_path / "latin.csv")


def test_samples_that_cannot_be_read_are_named_skipped_and_counted(tmp_path: Path) -> None:
    whole = _picture(tmp_path / "good.jpg", size=(60, 40)).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "vector.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (tmp_path / "broken.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    os.mkfifo(tmp_path / "pipe.png")
    Image.new("F", (6, 4)).save(tmp_path / "range.tif")
    data = _open(tmp_path)
    assert [sample.name for sample in data] == ["good.jpg"]
    told = dict(name.split(": ", 1) for name in data.fact.skipped_names)
    assert data.fact.skipped == len(told) == 8
    assert "truncated" in told.pop("cut.jpg").lower()
    assert told == {
        "broken.png": "No such file or directory",
        "circle.png": "Too many levels of symbolic links",
        "empty.png": "the file is empty",
        "pipe.png": "not a file",
        "range.tif": "its pixels have no known range; give it as .npy",
        "text.png": "not an image that Pillow knows",
        "vector.png": "not an image that Pillow knows",
    }


def test_a_file_that_may_not_be_read_is_skipped_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _picture(tmp_path / "a.png")
    locked = _picture(tmp_path / "b.png")
    opened = Image.open

    def guarded(path: Path, **options: object) -> Image.Image:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(Image, "open", guarded)  # the tests may run as root, who may read all
    assert _open(tmp_path).fact.skipped_names == ("b.png: Permission denied",)


def test_only_the_first_ten_that_are_skipped_are_named(tmp_path: Path) -> None:
    _picture(tmp_path / "z.png")
    for number in range(12):
        (tmp_path / f"{number:02}.png").write_bytes(b"")
    fact = _open(tmp_path).fact
    assert (fact.skipped, len(fact.skipped_names)) == (12, 10)
    assert fact.skipped_names[0].startswith("00.png: ")


def test_folders_without_a_usable_image_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no images in"):
        _open(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match="there are no images in"):
        _open(tmp_path)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("x")
    with pytest.raises(UsageError, match=r"none of the 2 samples .* the first is a\.png: not an"):
        _open(tmp_path)


def test_links_in_circles_end_and_linked_classes_are_read(tmp_path: Path) -> None:
    _picture(tmp_path / "away" / "x.png")
    folder = tmp_path / "photos"
    _picture(folder / "a" / "one.png")
    (folder / "a" / "up").symlink_to(folder)
    (folder / "a" / "self").symlink_to(folder / "a")
    (folder / "b").symlink_to(tmp_path / "away")
    (folder / "c").symlink_to(tmp_path / "away")
    assert _labels(_open(folder)) == {"a/one.png": 0, "b/x.png": 1, "c/x.png": 2}
    (folder / "labels.csv").write_text("a/one.png,3\n")
    assert _labels(_open(folder)) == {"a/one.png": 3}


def test_the_same_images_elsewhere_are_the_same_data(tmp_path: Path) -> None:
    for number, name in enumerate(("a/x.png", "b/y.png", "b/z.png")):
        _picture(tmp_path / "first" / name, value=number)
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first, second = _open(tmp_path / "first").fact, _open(tmp_path / "second").fact
    assert first.dataset_id == second.dataset_id
    (tmp_path / "second" / "b").rename(tmp_path / "second" / "c")
    assert _open(tmp_path / "second").fact.dataset_id == first.dataset_id, "labels are the same"
    _picture(tmp_path / "second" / "a" / "x.png", value=99)
    assert _open(tmp_path / "second").fact.dataset_id != first.dataset_id
    small = InputSpec("x", (1, 3, 2, 2), "float32", None)
    assert _open(tmp_path / "first", small).fact.dataset_id != first.dataset_id


def _pixels(tmp_path: Path, height: int = 5, width: int = 6) -> NDArray[np.uint8]:
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3)).astype(np.uint8)
    Image.fromarray(values).save(tmp_path / "p.png")
    return values


@pytest.mark.parametrize(
    ("shape", "layout", "order"),
    [
        ((1, 3, 5, 6), None, (2, 0, 1)),
        ((1, 5, 6, 3), None, (0, 1, 2)),
        ((1, 3, 5, 6), "NCHW", (2, 0, 1)),
        ((1, 5, 6, 3), "N??C", (0, 1, 2)),
        ((5, 6, 3), "HWC", (0, 1, 2)),
        ((1, 6, 5, 3), "NWHC", (1, 0, 2)),
    ],
)
def test_pixels_are_laid_out_as_the_input_wants_them(
    tmp_path: Path, shape: tuple[int, ...], layout: str | None, order: tuple[int, ...]
) -> None:
    values = _pixels(tmp_path)
    (sample,) = _open(tmp_path, InputSpec("x", shape, "float32", layout))
    array = sample.inputs["x"]
    assert array.shape == shape
    assert array.dtype == np.float32
    wanted = values.transpose(order)
    np.testing.assert_array_equal(array.reshape(wanted.shape), wanted)


def test_a_layout_settles_what_the_shape_leaves_open(tmp_path: Path) -> None:
    values = _pixels(tmp_path, 3, 3)
    both = InputSpec("x", (1, 3, 3, 3), "float32", None)
    with pytest.raises(UsageError, match=r"1x3x3x3: both ends .* collector convert --layout"):
        _open(tmp_path, both)
    (sample,) = _open(tmp_path, InputSpec("x", (1, 3, 3, 3), "float32", "NHWC"))
    np.testing.assert_array_equal(sample.inputs["x"][0], values)


@pytest.mark.parametrize(
    ("shape", "layout", "told"),
    [
        ((1, 5, 8, 8), None, "no axis of 1, 3 or 4 can be the channels"),
        ((1, 2, 8, 8), "NCHW", "takes 2 channels; images have 1, 3 or 4"),
        ((1, 10), None, "1x10, which is not the shape of an image"),
        ((1, 3, 2, 8, 8), "NCDHW", "not the shape of an image"),
    ],
)
def test_an_input_that_takes_no_image_is_refused(
    tmp_path: Path, shape: tuple[int, ...], layout: str | None, told: str
) -> None:
    _pixels(tmp_path)
    with pytest.raises(UsageError, match=told):
        _open(tmp_path, InputSpec("x", shape, "float32", layout))


def test_two_inputs_cannot_be_served_by_images(tmp_path: Path) -> None:
    _pixels(tmp_path)
    with pytest.raises(UsageError, match=r"the model has 2 inputs.*\.npz"):
        open_dataset(DataRequest(str(tmp_path)), [NCHW, GREY])


@pytest.mark.parametrize(
    ("kind", "shift"), [("float32", 0), ("float16", 0), ("uint8", 0), ("int8", 128), ("int32", 0)]
)
def test_values_go_from_0_to_255_in_the_inputs_type(tmp_path: Path, kind: str, shift: int) -> None:
    values = _pixels(tmp_path)
    (sample,) = _open(tmp_path, InputSpec("x", (1, 5, 6, 3), kind, None))
    assert sample.inputs["x"].dtype == kind
    np.testing.assert_array_equal(sample.inputs["x"][0].astype(int), values.astype(int) - shift)


def test_an_image_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    image = Image.new("RGB", (6, 5))
    image.putpixel((0, 0), (255, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # the first row is to be the right-hand side
    image.save(tmp_path / "p.png", exif=exif)
    (sample,) = _open(tmp_path, InputSpec("x", (1, 6, 5, 3), "uint8", None))
    assert sample.inputs["x"][0, 0, 4].tolist() == [255, 0, 0]
    assert sample.inputs["x"].sum() == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize(
    ("channels", "wanted"), [(1, [200]), (3, [200, 200, 200]), (4, [200, 200, 200, 255])]
)
def test_every_kind_of_pixel_becomes_what_the_input_takes(
    tmp_path: Path, mode: str, channels: int, wanted: list[int]
) -> None:
    if mode == "I;16":
        Image.fromarray(np.full((4, 6), 200 * 257, np.uint16)).save(tmp_path / "p.tif")
    else:
        Image.new("L", (6, 4), 200).convert(mode).save(tmp_path / "p.tif")
    (sample,) = _open(tmp_path, InputSpec("x", (1, 4, 6, channels), "uint8", "NHWC"))
    told = sample.inputs["x"][0]
    if mode == "1":  # black and white: dithered, so only the ends of the range
        assert set(np.unique(told)) <= {0, 255}
    else:
        assert (told == np.array(wanted)).all()


def test_the_middle_is_cut_out_before_resizing(tmp_path: Path) -> None:
    values = np.zeros((10, 20, 3), np.uint8)
    values[2:8, 4:16] = 100  # the middle 60 %
    Image.fromarray(values).save(tmp_path / "p.png")
    (cut,) = _open(tmp_path, GREY, central_fraction=0.6)
    assert (cut.inputs["x"] == 100).all()
    (whole,) = _open(tmp_path, GREY)
    assert (whole.inputs["x"][0, 0, 0] < 100).any()
    with pytest.raises(UsageError, match=r"the central fraction is 1\.5"):
        _open(tmp_path, GREY, central_fraction=1.5)


def test_a_large_image_is_averaged_not_sampled_when_it_shrinks(tmp_path: Path) -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
    Image.fromarray(stripes).save(tmp_path / "p.png")
    (sample,) = _open(tmp_path, GREY)
    assert np.abs(sample.inputs["x"] - 127.5).max() < 6


def test_samples_beyond_the_memory_kept_are_read_again_and_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        _picture(tmp_path / f"{number}.png", value=number)
    monkeypatch.setattr(reading, "KEPT_BYTES", 0)
    data = open_dataset(DataRequest(str(tmp_path)), [NCHW])
    for _ in range(2):
        assert [int(sample.inputs["x"][0, 0, 0, 0]) for sample in data] == [0, 1, 2, 3]
    assert [sample.name for sample in data.some(2)] == ["0.png", "3.png"]
    _picture(tmp_path / "2.png", value=77)
    with pytest.raises(UsageError, match=r"2\.png of .* no longer what it was"):
        list(data)
    (tmp_path / "2.png").unlink()
    with pytest.raises(UsageError, match=r"2\.png of .* no longer what it was"):
        list(data)


def test_the_memory_kept_holds_the_first_samples_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        _picture(tmp_path / f"{number}.png", value=number)
    monkeypatch.setattr(reading, "KEPT_BYTES", 2 * 3 * 5 * 6 * 4)
    data = iter(open_dataset(DataRequest(str(tmp_path)), [NCHW]))
    for number in range(4):
        (tmp_path / f"{number}.png").unlink()
    assert [next(data).name, next(data).name] == ["0.png", "1.png"]
    with pytest.raises(UsageError, match=r"2\.png of"):
        next(data)


def test_at_most_so_many_are_taken_from_all_classes(tmp_path: Path) -> None:
    for label in range(4):
        for number in range(5):
            _picture(tmp_path / str(label) / f"{number}.png", value=number)
    data = _open(tmp_path, most=8)
    assert sorted(label for label in _labels(data).values() if label is not None) == [
        0, 0, 1, 1, 2, 2, 3, 3,
    ]  # fmt: skip
