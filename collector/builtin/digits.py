"""The handwritten digits that come with scikit-learn, as samples: no graph, no OpenVINO.

1797 images of 8x8 with values 0 to 16, the test set of the UCI "Optical Recognition of
Handwritten Digits" (Alpaydin & Kaynak 1998, https://doi.org/10.24432/C50P49). Neighbours in
the file come from the same writer, so it is cut into two contiguous blocks and never shuffled:
the first 1200 are for training and calibration, the last 597 are held out.

scikit-learn's file is read, but scikit-learn is not imported: it would load pandas.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from results.errors import HostError

CLASSES = 10
SIZE = 32
"""Sides of a sample, in pixels."""
TRAINING_SAMPLES = 1200
_SOURCE_SIZE = 8
_FACTOR = SIZE // _SOURCE_SIZE

Example = tuple[NDArray[np.float32], int]


def training() -> Iterator[Example]:
    """The first 1200 digits: an image [1, 1, 32, 32] with values 0 to 16, and its label."""
    return _examples(slice(None, TRAINING_SAMPLES))


def held_out() -> Iterator[Example]:
    """The last 597 digits, in the form of ``training``; no choice was ever made on them."""
    return _examples(slice(TRAINING_SAMPLES, None))


def _examples(part: slice) -> Iterator[Example]:
    for row in _rows()[part]:
        image = row[:-1].reshape(_SOURCE_SIZE, _SOURCE_SIZE).astype(np.float32)
        yield enlarged(image)[np.newaxis, np.newaxis], int(row[-1])


def enlarged(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """[8, 8] -> [32, 32], bilinear with half-pixel centres, edges repeated.

    All factors are eighths and all values whole numbers up to 16: every product and sum is
    exact in float32, so that every machine gets the same bits.
    """
    spread = _spreading()
    return (spread @ image @ spread.T).astype(np.float32)


def _spreading() -> NDArray[np.float32]:
    """The matrix [32, 8] that enlarges one axis."""
    centres = (np.arange(SIZE) + 0.5) / _FACTOR - 0.5
    below = np.floor(centres).astype(np.int64)
    share = (centres - below).astype(np.float32)
    spread = np.zeros((SIZE, _SOURCE_SIZE), dtype=np.float32)
    last = _SOURCE_SIZE - 1
    np.add.at(spread, (np.arange(SIZE), np.clip(below, 0, last)), 1 - share)
    np.add.at(spread, (np.arange(SIZE), np.clip(below + 1, 0, last)), share)
    return spread


def _rows() -> NDArray[np.int64]:
    """Every digit's 64 values and its label, [1797, 65]."""
    with gzip.open(_file(), "rt", encoding="ascii") as lines:
        return np.array([[int(cell) for cell in row] for row in csv.reader(lines)])


def _file() -> Path:
    package = find_spec("sklearn")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        path = Path(folder) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            return path
    raise HostError(
        "the handwritten digits of scikit-learn are not here",
        hint="install what requirements.txt names",
    )
