"""Calls NNCF: a recipe as its arguments, in silence, with its errors told in one line.

The other modules reach NNCF through here. No usage statistics leave the machine.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from collector.models.quantize.recipe import Recipe
from collector.probe_process import first_line
from results.errors import LensError, MeasurementError

if TYPE_CHECKING:
    import nncf


@contextlib.contextmanager
def calling_nncf(name: str) -> Iterator[None]:
    """Keep NNCF quiet; MeasurementError with its reason where it cannot do what it should.

    ``name`` is the model's. What it prints, logs and draws is dropped.
    """
    os.environ.setdefault("NNCF_CI", "1")  # keeps NNCF from sending usage statistics
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            importlib.import_module("nncf")  # before its logger is asked for: it has its own class
            with _without_log(logging.getLogger("nncf")):
                yield
    except LensError:
        raise
    except Exception as error:  # NNCF raises whatever comes up on its way
        reason = first_line(str(error) or type(error).__name__)
        raise MeasurementError(
            f"NNCF cannot quantise {name}: {reason}",
            hint="leave the operation in float with an ignored scope, or measure without INT8",
        ) from error


@contextlib.contextmanager
def _without_log(logger: logging.Logger) -> Iterator[None]:
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def arguments_of(recipe: Recipe, samples: int, *, compress_weights: bool = True) -> dict[str, Any]:
    """Keyword arguments for ``nncf.quantize``; ``samples`` is the size of the calibration set.

    ``compress_weights`` false leaves the weights in float before their quantise step, so that
    operations can still be put back.
    """
    import nncf

    return {
        "preset": recipe.preset and nncf.QuantizationPreset(recipe.preset),
        "target_device": nncf.TargetDevice(recipe.target_device.upper()),
        "subset_size": samples,
        "fast_bias_correction": recipe.bias_correction != "full",
        "model_type": recipe.model_type and nncf.ModelType(recipe.model_type),
        "ignored_scope": _ignored(recipe),
        "advanced_parameters": nncf.AdvancedQuantizationParameters(
            overflow_fix=recipe.overflow_fix and nncf.OverflowFix(recipe.overflow_fix),
            disable_bias_correction=recipe.bias_correction == "none",
            backend_params={"compress_weights": compress_weights},
        ),
    }


def _ignored(recipe: Recipe) -> nncf.IgnoredScope | None:
    import nncf

    if not (recipe.ignored_names or recipe.ignored_patterns or recipe.ignored_types):
        return None
    return nncf.IgnoredScope(
        names=sorted(set(recipe.ignored_names)),
        patterns=sorted(set(recipe.ignored_patterns)),
        types=sorted(set(recipe.ignored_types)),
    )
