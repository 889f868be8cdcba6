"""Makes a variant from a recipe and a model's data: ties quantising to judging."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models.data.dataset import Sample
from collector.models.data.user_code import load_function, source_of
from collector.models.judge.accuracy import own_value
from collector.models.judge.inference import output_names
from collector.models.judge.judged import ModelData
from collector.models.order import ACCURACY
from collector.models.quantize.accuracy_control import Validation
from collector.models.quantize.calibration import Calibration
from collector.models.quantize.made import Quantised
from collector.models.quantize.quantizer import quantize
from collector.models.quantize.recipe import Recipe
from collector.models.quantize.scorers import Infer, Scorer
from collector.models.request import is_function
from collector.models.steps import Report

if TYPE_CHECKING:
    import openvino as ov


def quantised(graph: ov.Model, recipe: Recipe, data: ModelData | None, report: Report) -> Quantised:
    """What a recipe makes of ``graph`` with a model's data; without data with synthetic samples."""
    if data is None:
        return quantize(graph, recipe, Calibration(), report)
    return quantize(
        graph, recipe, Calibration(data.calibration), report, _validation(graph, recipe, data)
    )


def recipe_text(recipe: Recipe, data: ModelData | None) -> str:
    """The recipe with everything else that decides what it makes: the data, the user's metric."""
    if data is None:
        return recipe.to_json(None)
    watched = recipe.kind == ACCURACY
    own = watched and recipe.metric is not None and is_function(recipe.metric)
    return recipe.to_json(
        data.calibration.fact.dataset_id,
        data.judged.fact.dataset_id if watched else None,
        available=len(data.calibration),
        metric_code=code_digest(recipe.metric or "", data.metric_folder) if own else None,
    )


def code_digest(metric: str, folder: Path | None = None) -> str:
    """A hash of the file that the user's metric is in: one that was changed is another."""
    return hashlib.sha256(source_of(metric, "metric", folder).encode()).hexdigest()[:16]


def _validation(graph: ov.Model, recipe: Recipe, data: ModelData) -> Validation | None:
    if recipe.kind != ACCURACY:
        return None
    if recipe.metric is None or not is_function(recipe.metric):
        return Validation(data.judged, metric=recipe.metric)
    return Validation(
        data.judged, _own_scorer(graph, recipe.metric, data.metric_folder), recipe.metric
    )


def _own_scorer(graph: ov.Model, metric: str, folder: Path | None) -> Scorer:
    """The user's metric as accuracy control wants it: without a value per sample."""
    function = load_function(metric, "metric", folder)
    names = output_names(graph)

    def score(infer: Infer, samples: Iterable[Sample]) -> tuple[float, None]:
        found, labels = [], []
        for sample in samples:
            found.append(infer(sample))
            labels.append(sample.label)
        return own_value(metric, function, names, found, labels), None

    return score
