"""How an INT8 variant is made: every option that decides what the quantised model looks like.

Plain values and the rules between them; NNCF is not known here. docs/quantize.md says what
each option does.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

from results.errors import UsageError

MODES = ("simplified", "full", "accuracy")
PRESETS = ("performance", "mixed")
BIAS_CORRECTIONS = ("fast", "full", "none")
MODEL_TYPES = ("transformer",)
TARGET_DEVICES = ("any", "cpu", "cpu_spr", "gpu", "npu")
OVERFLOW_FIXES = ("enable", "first_layer_only", "disable")
DROP_TYPES = ("absolute", "relative")

SIMPLIFIED_SAMPLES = 4
USUAL_SAMPLES = 300  # NNCF's own default
USUAL_MAX_DROP = 0.01  # NNCF's own default


@dataclass(frozen=True)
class Recipe:
    """The options of one quantisation; None leaves the choice to the mode or to NNCF.

    ``samples`` is the size of the calibration subset: 4 for simplified, else 300. ``max_drop``
    is the loss of ``metric`` against float that accuracy control accepts (0.01): in the
    metric's own unit, or with ``drop_type`` relative as a share of float's metric. ``metric``
    is a metric of the user's own; None takes what the data allows. Both concern mode accuracy
    alone.
    """

    mode: str = "simplified"
    samples: int | None = None
    seed: int = 1
    preset: str | None = None
    bias_correction: str = "fast"
    ignored_names: tuple[str, ...] = ()
    ignored_patterns: tuple[str, ...] = ()
    ignored_types: tuple[str, ...] = ()
    model_type: str | None = None
    target_device: str = "any"
    overflow_fix: str | None = None
    max_drop: float | None = None
    drop_type: str = "absolute"
    metric: str | None = None

    @property
    def kind(self) -> str:
        """The kind of variant that it makes: ``int8-simplified``, ``int8-full``, ..."""
        return f"int8-{self.mode}"

    @property
    def subset_size(self) -> int:
        """How many samples the calibration takes at most."""
        if self.samples is not None:
            return self.samples
        return SIMPLIFIED_SAMPLES if self.mode == "simplified" else USUAL_SAMPLES

    @property
    def drop_allowed(self) -> float:
        """The loss of the metric that accuracy control accepts."""
        return USUAL_MAX_DROP if self.max_drop is None else self.max_drop

    def to_json(
        self,
        calibration_id: str | None,
        validation_id: str | None = None,
        *,
        available: int | None = None,
        metric_code: str | None = None,
    ) -> str:
        """The recipe as stored with the variant; what makes the same has the same text.

        The ids are those of the datasets; ``calibration_id`` None: synthetic samples. Of the
        ``available`` ones no more can be taken, and where all are the seed decides nothing. The
        order of ignored scopes changes nothing either. ``metric_code`` is a hash of the metric's
        file, where it is the user's own.
        """
        takes_all = available is not None and available <= self.subset_size
        values: dict[str, object] = {
            "mode": self.mode,
            "calibration": calibration_id or "synthetic, standard normal",
            "samples": available if takes_all else self.subset_size,
            "seed": None if takes_all else self.seed,
            "preset": self.preset,
            "bias_correction": self.bias_correction,
            "ignored_names": sorted(set(self.ignored_names)),
            "ignored_patterns": sorted(set(self.ignored_patterns)),
            "ignored_types": sorted(set(self.ignored_types)),
            "model_type": self.model_type,
            "target_device": self.target_device,
            "overflow_fix": self.overflow_fix,
        }
        if self.mode == "accuracy":
            values |= {
                "max_drop": self.drop_allowed,
                "drop_type": self.drop_type,
                "metric": self.metric,
                "metric_code": metric_code,
                "validation": validation_id,
            }
        return json.dumps(values, sort_keys=True)


def checked(recipe: Recipe) -> Recipe:
    """The recipe itself; UsageError where a value cannot be, or two do not go together."""
    _check_choices(recipe)
    if recipe.subset_size < 1:
        raise UsageError(f"the subset size is {recipe.subset_size}", hint="give at least 1 sample")
    if recipe.seed < 0:
        raise UsageError(f"the seed is {recipe.seed}", hint="give 0 or more")
    _check_drop(recipe)
    _check_scopes(recipe)
    return recipe


def _check_choices(recipe: Recipe) -> None:
    for what, value, known in (
        ("mode", recipe.mode, MODES),
        ("preset", recipe.preset, PRESETS),
        ("bias correction", recipe.bias_correction, BIAS_CORRECTIONS),
        ("model type", recipe.model_type, MODEL_TYPES),
        ("target device", recipe.target_device, TARGET_DEVICES),
        ("overflow fix", recipe.overflow_fix, OVERFLOW_FIXES),
        ("drop type", recipe.drop_type, DROP_TYPES),
    ):
        if value is not None and value not in known:
            raise UsageError(f"there is no {what} {value!r}", hint=f"give {_either(known)}")


def _either(known: tuple[str, ...]) -> str:
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} or {known[-1]}"


def _check_drop(recipe: Recipe) -> None:
    """The options of the accuracy control: only there, and with a sense."""
    given = {
        "--max-drop": recipe.max_drop is not None,
        "--drop-type": recipe.drop_type != "absolute",
    }
    for option in (option for option, is_given in given.items() if is_given):
        if recipe.mode != "accuracy":
            raise UsageError(
                f"{option} says nothing to mode {recipe.mode}",
                hint="give --mode accuracy, or leave it out",
            )
    drop = recipe.drop_allowed
    if not math.isfinite(drop) or drop < 0:
        raise UsageError(f"--max-drop is {drop:g}", hint="give 0 or more, such as 0.01")
    if recipe.drop_type == "relative" and drop >= 1:
        raise UsageError(
            f"--max-drop is {drop:g} of float's metric, which allows everything",
            hint="give a share below 1, such as 0.01 for 1 %",
        )


def _check_scopes(recipe: Recipe) -> None:
    for what in ("names", "patterns", "types"):
        texts: tuple[str, ...] = getattr(recipe, f"ignored_{what}")
        for place, text in enumerate(texts, start=1):
            if not text.strip():
                raise UsageError(
                    f"number {place} of the ignored {what} is empty", hint="leave it out"
                )
    for place, pattern in enumerate(recipe.ignored_patterns, start=1):
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(
                f"number {place} of the ignored patterns, {pattern!r}, is no regular "
                f"expression: {error}",
                hint="mend it; a backslash makes a character mean itself",
            ) from error
