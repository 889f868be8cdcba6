"""Makes a variant from a recipe and a model's data: ties quantising to judging."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from collector.models.data.dataset import Sample
from collector.models.data.user_code import load_function
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


def ids_of(data: ModelData, recipe: Recipe) -> tuple[str, str | None]:
    """The datasets that decide what a recipe makes: for calibration, and for accuracy control."""
    judged = data.judged.fact.dataset_id if recipe.kind == ACCURACY else None
    return data.calibration.fact.dataset_id, judged


def _validation(graph: ov.Model, recipe: Recipe, data: ModelData) -> Validation | None:
    if recipe.kind != ACCURACY:
        return None
    if recipe.metric is None or not is_function(recipe.metric):
        return Validation(data.judged, metric=recipe.metric)
    return Validation(data.judged, _own_scorer(graph, recipe.metric), recipe.metric)


def _own_scorer(graph: ov.Model, metric: str) -> Scorer:
    """The user's metric as accuracy control wants it: without a value per sample."""
    function = load_function(metric, "metric")
    names = output_names(graph)

    def score(infer: Infer, samples: Iterable[Sample]) -> tuple[float, None]:
        found, labels = [], []
        for sample in samples:
            found.append(infer(sample))
            labels.append(sample.label)
        return own_value(metric, function, names, found, labels), None

    return score
