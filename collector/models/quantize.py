"""Makes INT8 variants with NNCF. Imports NNCF only when it is asked to.

``int8-simplified`` is the seed's "simplified mode": a few synthetic samples, for
speed and not for accuracy. No usage statistics leave the machine.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from results.errors import MeasurementError

if TYPE_CHECKING:
    import openvino as ov

SIMPLIFIED = "int8-simplified"


@dataclass(frozen=True)
class SimplifiedRecipe:
    """Everything that decides what the quantised model looks like."""

    samples: int = 4
    seed: int = 1
    preset: str = "performance"

    def to_json(self) -> str:
        """The recipe as stored with the variant; equal recipes give equal text."""
        return json.dumps(
            {
                "mode": "simplified",
                "calibration": "synthetic, standard normal",
                "samples": self.samples,
                "seed": self.seed,
                "preset": self.preset,
                "fast_bias_correction": True,
            },
            sort_keys=True,
        )


def nncf_version() -> str:
    """The installed NNCF's version, without importing it."""
    return version("nncf")


def quantize_simplified(graph: ov.Model, recipe: SimplifiedRecipe) -> ov.Model:
    """A quantised copy of ``graph``; MeasurementError with NNCF's reason if it cannot."""
    os.environ.setdefault("NNCF_CI", "1")  # keeps NNCF from sending usage statistics
    with _quiet():
        import nncf

        try:
            return nncf.quantize(
                graph.clone(),
                nncf.Dataset(list(_samples(graph, recipe))),
                preset=nncf.QuantizationPreset(recipe.preset),
                subset_size=recipe.samples,
            )
        except (RuntimeError, ValueError, nncf.ValidationError) as error:
            raise MeasurementError(
                f"NNCF cannot quantise {graph.get_friendly_name()}: {error}",
                hint="measure without INT8, or simplify the model",
            ) from error


def _samples(graph: ov.Model, recipe: SimplifiedRecipe) -> Iterator[dict[str, NDArray[Any]]]:
    random = np.random.Generator(np.random.PCG64(recipe.seed))
    for _ in range(recipe.samples):
        yield {
            port.any_name: _sample(tuple(port.shape), port.get_element_type().to_dtype(), random)
            for port in graph.inputs
        }


def _sample(
    shape: tuple[int, ...], kind: np.dtype[Any], random: np.random.Generator
) -> NDArray[Any]:
    """Normal numbers for float inputs; bytes for 8-bit ones; 0 and 1 for indices."""
    if np.issubdtype(kind, np.floating):
        return random.standard_normal(shape).astype(kind)
    is_byte = kind.itemsize == 1 and kind != np.bool_
    low, high = (np.iinfo(kind).min, np.iinfo(kind).max + 1) if is_byte else (0, 2)
    return random.integers(low, high, size=shape).astype(kind)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep NNCF's log lines and progress bars out of our output."""
    logging.getLogger("nncf").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
