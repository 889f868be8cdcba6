"""Layers with trained weights, from the files below ``data/models``; no training is done here.

A file holds one float32 array per weight, under the name that the constant has in the graph.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from collector.builtin.layers import Layers
from results.errors import HostError

FOLDER = Path(os.environ.get("INT8_LENS_MODELS") or Path(__file__).parents[2] / "data" / "models")
"""Elsewhere in a container, where a store is mounted over ``data``."""


class TrainedLayers(Layers):
    """Takes every weight from ``arrays`` by its name; the shapes have to be the layers' own."""

    def __init__(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        super().__init__(seed=0)
        self._arrays = arrays

    def _values(
        self, shape: Sequence[int], _fan_in: int, _gain: float, name: str
    ) -> NDArray[np.float32]:
        values = self._arrays[self.path(name)]
        if values.shape != tuple(shape):
            raise ValueError(f"{self.path(name)} has the shape {values.shape}, not {shape}")
        return values


def read_weights(name: str) -> dict[str, NDArray[np.float32]]:
    """The arrays of ``data/models/<name>.npz``; HostError where the file is not whole."""
    path = FOLDER / f"{name}.npz"
    try:
        with np.load(path) as stored:
            return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise HostError(
            f"the weights of {name} cannot be read from {path}: {error}",
            hint="get the file from the repository again",
        ) from error
