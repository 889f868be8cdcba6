"""Quantises a graph, then puts operations back to float until a metric loses little enough.

NNCF decides which operations, in groups, those that cost most first. What is added here: the
metric and the quantise steps of every model on the way are kept, so that it can be said what
each group gave, and so that the best model is kept where none is good enough. (NNCF alone would
then put everything back and return the float model.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.models.data.dataset import Dataset, Sample
from collector.models.graph import QUANTISED_OPS
from collector.models.judge.inference import runner_on
from collector.models.judge.outputs import real_places, score_shapes
from collector.models.quantize.calibration import Calibration, ChosenSamples, Told
from collector.models.quantize.made import Quantised
from collector.models.quantize.nncf_call import arguments_of, calling_nncf
from collector.models.quantize.recipe import Recipe
from collector.models.quantize.scorers import Scorer, usual_metric, usual_scorer
from collector.models.quantize.trials import ROUNDING, Trial, Trials
from collector.models.steps import Report
from results.errors import UsageError

if TYPE_CHECKING:
    import nncf
    import openvino as ov
    from nncf.quantization.algorithms.accuracy_control.evaluator import Evaluator

# Compiled as NNCF compiles the models it judges: the rounding of bf16 is not INT8's fault.
_CONFIG = {"INFERENCE_PRECISION_HINT": "f32"}
_NO_LAYERS = {"Result", "ShapeOf", *QUANTISED_OPS}


@dataclass(frozen=True)
class Validation:
    """What the accuracy is watched on; ``scorer`` None: the usual one for the data and model.

    ``metric`` is the scorer's name in what is stored.
    """

    dataset: Dataset
    scorer: Scorer | None = None
    metric: str | None = None


@dataclass
class _Watch:
    """Judges models as NNCF asks for it, and tells how far each pass over the samples is.

    ``graph`` is the float model, ``at_once`` the number of samples of a pass, None all;
    ``seen`` how many it has had. ``shift`` is added to every metric, which changes no loss.
    """

    scorer: Scorer
    graph: ov.Model
    name: str
    samples: ChosenSamples
    report: Report
    activity: str = "judging the float model"
    at_once: int | None = None
    has_values: bool = True
    seen: int = 0
    shift: float = 0.0

    def __call__(
        self, compiled: ov.CompiledModel, samples: Iterable[Sample]
    ) -> tuple[float, list[float]]:
        """The metric, and a value per sample; NNCF's validation function."""
        self.seen = 0
        metric, values = self.scorer(runner_on(compiled, self.graph).run, self._told(samples))
        if not math.isfinite(metric):
            raise UsageError(
                f"the metric {self.name} is {metric} while {self.activity}",
                hint="see that the model's outputs and the metric are finite",
            )
        self.has_values = values is not None
        return metric + self.shift, [0.0] * self.seen if values is None else values

    def _told(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        total = min(self.at_once or len(self.samples), len(self.samples))
        for sample in samples:
            yield sample
            self.seen += 1
            self.report(self.activity, self.seen, total)


def controlled(
    graph: ov.Model,
    recipe: Recipe,
    calibration: Calibration,
    validation: Validation,
    report: Report,
) -> Quantised:
    """Quantise ``graph`` so that the metric loses at most ``recipe.drop_allowed``.

    Where no model with a quantised operation does, the one that loses least is returned, with a
    note. Raises UsageError for data that cannot be judged on, MeasurementError where NNCF fails.
    """
    samples = ChosenSamples(validation.dataset, tuple(range(len(validation.dataset))))
    metric = _check(graph, validation)
    told = Told(calibration.samples(graph, recipe), report)
    with calling_nncf(graph.get_friendly_name()):
        scorer = _scorer(graph, validation, metric, samples)
        watch = _Watch(scorer, graph, metric, samples, report)
        trials = _search(graph, recipe, told, watch)
    return Quantised(trials.graph, trials.note(), tuple(trials.reverted()))


def _check(graph: ov.Model, validation: Validation) -> str:
    """The name of the metric; UsageError where the data cannot carry it."""
    fact = validation.dataset.fact
    if not len(validation.dataset):
        raise UsageError(
            f"{fact.name} has no sample to judge the accuracy on",
            hint="give a dataset with samples",
        )
    if validation.scorer is not None:
        return validation.metric or "metric"
    return validation.metric or usual_metric(score_shapes(graph), labelled=fact.labelled)


def _scorer(
    graph: ov.Model, validation: Validation, metric: str, samples: Iterable[Sample]
) -> Scorer:
    import openvino as ov

    if validation.scorer is not None:
        return validation.scorer
    reference = runner_on(ov.Core().compile_model(graph, "CPU", _CONFIG), graph)
    return usual_scorer(metric, score_shapes(graph), real_places(graph), reference.run, samples)


def _search(graph: ov.Model, recipe: Recipe, told: Told, watch: _Watch) -> Trials:
    """What ``nncf.quantize_with_accuracy_control`` does, with every model on its way noted."""
    import nncf
    from nncf.quantization.algorithms.accuracy_control import algorithm, evaluator
    from openvino import _offline_transformations as transformations

    judge = evaluator.Evaluator(watch)
    judge._metric_mode = True  # else it is found out with a single sample, errors dropped
    data = nncf.Dataset(watch.samples)
    as_float = judge.collect_metric_results(graph, data)
    _check_float(as_float.metric_value, recipe, watch.name)
    if as_float.metric_value == 0.0:  # NNCF divides by it, whatever kind of drop is asked for
        watch.shift = 1.0
        as_float.metric_value += watch.shift
    arguments = arguments_of(recipe, len(told), compress_weights=False)
    full = nncf.quantize(graph.clone(), nncf.Dataset(told), **arguments)
    watch.activity = "judging the quantised model"
    as_int8 = judge.collect_metric_results(full, data)
    trials = Trials(
        recipe, watch.name, as_float.metric_value, [_trial(full, as_int8.metric_value)], full
    )
    # Where single samples have no value, none of them can be called the worst: all rank.
    ranking = recipe.subset_size if watch.has_values else len(watch.samples)
    _watch_steps(judge, watch, trials, ranking)
    restorer = algorithm.QuantizationAccuracyRestorer(
        ranking_subset_size=ranking,
        max_drop=recipe.drop_allowed + ROUNDING,
        drop_type=nncf.DropType(recipe.drop_type),
        num_ranking_workers=1,
    )
    restorer.apply(graph, as_float, full, as_int8, data, len(watch.samples), judge)
    transformations.compress_quantize_weights_transformation(trials.graph)
    return trials


def _watch_steps(judge: Evaluator, watch: _Watch, trials: Trials, ranking: int) -> None:
    """Note every model that is judged as a whole; what else is judged ranks operations."""
    whole = judge.validate
    watch.activity, watch.at_once = "ranking operations", ranking

    def validate(graph: ov.Model, data: nncf.Dataset) -> tuple[float, list[float]]:
        watch.activity, watch.at_once = f"judging model {len(trials.tried) + 1}", None
        metric, values = whole(graph, data)
        watch.activity, watch.at_once = "ranking operations", ranking
        trials.add(_trial(graph, metric), graph)
        return metric, values

    judge.validate = validate


def _check_float(metric: float, recipe: Recipe, name: str) -> None:
    is_share = name in {"top1", "top1_agreement"}
    if metric == 0.0 and (is_share or recipe.drop_type == "relative"):
        raise UsageError(
            f"the float model's {name} is 0: there is nothing to lose",
            hint="see that data, labels and model belong together",
        )


def _trial(graph: ov.Model, metric: float) -> Trial:
    steps = [op for op in graph.get_ordered_ops() if op.get_type_name() in QUANTISED_OPS]
    passing = _passing_types()
    quantised = {name for step in steps for name in _readers(step, passing)}
    names = (step.get_friendly_name() for step in steps)
    return Trial(metric, frozenset(names), frozenset(quantised))


def _passing_types() -> frozenset[str]:
    """Operations that only move data, so that what is quantised stays so: NNCF's own list."""
    from nncf.openvino.graph.metatypes.groups import QUANTIZE_AGNOSTIC_OPERATIONS

    names = {name for kind in QUANTIZE_AGNOSTIC_OPERATIONS for name in kind.op_names}
    return frozenset({*names, "Concat"})


def _readers(op: ov.Node, passing: frozenset[str]) -> Iterator[str]:
    for port in op.outputs():
        for reader in (target.get_node() for target in port.get_target_inputs()):
            if reader.get_type_name() in passing:
                yield from _readers(reader, passing)
            elif reader.get_type_name() not in _NO_LAYERS:
                yield reader.get_friendly_name()
