"""Fits an array to an input of a model: its shape and its type, and nothing that is not finite.

Values are never scaled; where the input's type cannot hold them, the array is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import InputSpec
from results.errors import UsageError


def fit(values: object, spec: InputSpec, sample: str) -> NDArray[Any]:
    """A copy of the values with the input's shape and type, not to be written to.

    The values have the input's shape with or without its first axis of 1. Integers become
    floats; floats become integers only where nothing is lost. ``sample`` names the sample in
    errors. Raises UsageError for another shape, for values that are no numbers, not finite or
    that the type cannot hold.
    """
    array = _numbers(values, spec, sample)
    if not fits(array.shape, spec):
        raise UsageError(
            f"{sample} has the shape {shape_text(array.shape)} for input {spec.name!r}, "
            f"which takes {shape_text(spec.shape)}",
            hint="give samples shaped as the input, with or without its batch axis of 1",
        )
    fitted = _cast(array, spec, sample).reshape(spec.shape)
    fitted.flags.writeable = False
    return fitted


def fits(shape: tuple[int, ...], spec: InputSpec) -> bool:
    """Whether a sample's shape is that of the input, with or without a first axis of 1."""
    return shape == spec.shape or (spec.shape[:1] == (1,) and shape == spec.shape[1:])


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape such as ``3x224x224``."""
    return "x".join(map(str, shape)) or "of a single number"


def _numbers(values: object, spec: InputSpec, sample: str) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise UsageError(
            f"{sample} for input {spec.name!r} is no array: {error}", hint="give NumPy arrays"
        ) from error
    if array.dtype.kind not in "biuf":
        raise UsageError(
            f"{sample} for input {spec.name!r} holds {array.dtype} values, not numbers",
            hint="give NumPy arrays of numbers",
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise UsageError(
            f"{sample} has values for input {spec.name!r} that are NaN or infinite",
            hint="correct the sample, or leave it out",
        )
    return array


def _cast(array: NDArray[Any], spec: InputSpec, sample: str) -> NDArray[Any]:
    with np.errstate(invalid="ignore", over="ignore"):
        cast: NDArray[Any] = np.array(array, dtype=spec.kind, order="C")
    to_float = cast.dtype.kind == "f"
    if np.isfinite(cast).all() if to_float else np.array_equal(cast, array):
        return cast
    raise UsageError(
        f"{sample} has {array.dtype} values from {array.min():g} to {array.max():g}, "
        f"input {spec.name!r} takes {spec.kind}, which cannot hold them",
        hint=f"give {spec.kind} values" if to_float else f"give whole numbers of {spec.kind}",
    )
