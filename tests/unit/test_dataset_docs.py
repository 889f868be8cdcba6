"""What docs/data.md shows can be pasted, and what it says of files and names is so."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest
from PIL import Image

from collector.models.data.dataset import InputSpec
from collector.models.data.images import ENDINGS
from collector.models.data.opening import open_dataset
from collector.models.request import DataRequest

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text()
IMAGE = InputSpec("image", (1, 1, 8, 8), "float32", None)
SIZE = InputSpec("size", (1,), "float32", None)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "my_data", raising=False)


def _example(kind: str, holding: str) -> str:
    blocks = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if holding in block)
    return str(found)


def test_the_example_of_arrays_writes_a_data_set() -> None:
    Path("write.py").write_text(_example("python", "np.savez"))
    runpy.run_path("write.py")
    fact = open_dataset(DataRequest("digits.npz"), [IMAGE]).fact
    assert (fact.samples, fact.labelled) == (20, True)


def test_the_example_of_functions_gives_samples() -> None:
    Path("my_data.py").write_text(_example("python", "# my_data.py"))
    fact = open_dataset(DataRequest("my_data:samples"), [IMAGE]).fact
    assert (fact.samples, fact.labelled) == (20, True)
    fact = open_dataset(DataRequest("my_data:pairs_of_inputs"), [IMAGE, SIZE]).fact
    assert (fact.samples, fact.labelled) == (20, False)


def _paint(names: list[str]) -> None:
    for name in names:
        path = Path("photos") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8)).save(path)


def _labels() -> dict[str, int | None]:
    return {one.name: one.label for one in open_dataset(DataRequest("photos"), [IMAGE])}


def test_the_example_of_labels_names_classes() -> None:
    text = _example("csv", "file,label")
    names = [line.split(",")[0] for line in text.splitlines()[1:]]
    _paint(names)
    (Path("photos") / "labels.csv").write_text(text)
    assert _labels() == {"more/three.png": 1, "one.jpg": 0, "two.jpg": 0}


def test_the_example_of_folders_has_the_classes_that_are_told() -> None:
    tree = _example("", "photos/\n")
    folders = [line.split() for line in tree.splitlines()[1:]]
    _paint([f"{folder}{name}" for folder, *names in folders for name in names])
    assert "`cat` is 0, `dog` is 1" in PAGE
    assert _labels() == {"cat/one.jpg": 0, "cat/two.jpg": 0, "dog/more/four.png": 1,
                         "dog/three.png": 1}  # fmt: skip


def test_the_endings_of_images_are_those_that_are_tried() -> None:
    sentence = re.search(r"^Files that end in (.*?) are taken", PAGE, re.MULTILINE | re.DOTALL)
    assert sentence is not None
    assert set(re.findall(r"`(\.\w+)`", sentence[1])) == ENDINGS
