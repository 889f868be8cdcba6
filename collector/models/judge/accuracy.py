"""How good the variants of a model are on a dataset: the facts of the table ``accuracy``.

What each metric means is in docs/accuracy.md; intervals and tests on them are made from the
stored values in ``results``. Samples are gone through once, and no outputs are kept, but for a
metric of the user's own. How samples get through a graph is in inference.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import Dataset, Sample
from collector.models.data.user_code import calling, load_function
from collector.models.judge.inference import Runner, VariantGraph, open_runner, output_names
from collector.models.judge.metrics import Cosines, Squares, best, is_in_top, score_output
from collector.models.judge.outputs import real_places, score_shapes
from collector.models.steps import Report
from results.errors import UsageError
from results.facts import Accuracy

if TYPE_CHECKING:
    import openvino as ov

TOP = 5
"""The k of top-k, where there are more classes than that."""


@dataclass(frozen=True)
class _Question:
    """What is asked of every variant: on which data, at which outputs, in whose terms."""

    reference_id: str
    dataset_id: str
    outputs: tuple[str, ...]
    real: tuple[int, ...]
    scored: int | None
    classes: int
    labelled: bool
    metric: str | None


@dataclass
class _Tally:
    """What is counted of one variant while the samples go through."""

    variant_id: str
    runner: Runner
    right: int = 0
    in_top: int = 0
    seen: int = 0
    same: int = 0
    only_reference: int = 0
    only_variant: int = 0
    squares: dict[int, Squares] = field(default_factory=dict)
    cosines: dict[int, Cosines] = field(default_factory=dict)
    kept: list[list[NDArray[Any]]] = field(default_factory=list)


def judge(
    reference: VariantGraph,
    variants: Sequence[VariantGraph],
    dataset: Dataset,
    metric: str | None,
    report: Report,
    *,
    metric_folder: Path | None = None,
) -> tuple[Accuracy, ...]:
    """Judge the reference and the variants on every sample of a dataset.

    With labels ``top1``, ``top5`` and McNemar's counts; for every variant its agreement with
    the reference; ``metric`` is ``module:function``, called with the outputs by name, each
    stacked over the samples, and the labels as an array or None. What cannot be known has no
    row. Raises UsageError for a dataset without samples, a label that no class has, a metric
    that fails or gives no finite number, and variants that do not pair up with the reference.
    """
    if not len(dataset):
        raise UsageError(f"{dataset.fact.name} has no samples", hint="give data with samples")
    function = load_function(metric, "metric", metric_folder) if metric is not None else None
    check_labels(reference.graph, dataset)
    question = _question(reference, dataset, metric)
    tallies = [
        _Tally(one.variant_id, open_runner(one.graph, reference.graph))
        for one in (reference, *variants)
    ]
    for done, sample in enumerate(dataset, start=1):
        _take_in(sample, tallies, question)
        report("judging", done, len(dataset))
    rows = [row for tally in tallies for row in _facts(tally, question)]
    if function is not None:
        rows += [_own_metric(tally, question, function, dataset.labels) for tally in tallies]
    return tuple(rows)


def _question(reference: VariantGraph, dataset: Dataset, metric: str | None) -> _Question:
    scored, classes = _classes(reference.graph)
    return _Question(
        reference.variant_id,
        dataset.fact.dataset_id,
        output_names(reference.graph),
        real_places(reference.graph),
        scored,
        classes,
        dataset.fact.labelled,
        metric,
    )


def _classes(graph: ov.Model) -> tuple[int | None, int]:
    """The output that classifies and the number of its classes; None and 0 where none does."""
    shapes = score_shapes(graph)
    scored = score_output(shapes)
    return scored, 0 if scored is None else math.prod(shapes[scored] or ())


def check_labels(graph: ov.Model, dataset: Dataset) -> None:
    """Raise UsageError for a label that the graph has no class for; no sample is decoded."""
    scored, classes = _classes(graph)
    if scored is None:
        return
    for name, label in zip(dataset.names, dataset.labels, strict=True):
        if label is not None and not 0 <= label < classes:
            raise UsageError(
                f"{name} has the label {label}, and the output "
                f"{output_names(graph)[scored]!r} has {classes} classes",
                hint=f"number the classes from 0 to {classes - 1}, in the model's order",
            )


def _take_in(sample: Sample, tallies: Sequence[_Tally], question: _Question) -> None:
    expected: list[NDArray[Any]] | None = None
    for tally in tallies:
        found = tally.runner.run(sample)
        if question.metric is not None:
            tally.kept.append(found)
        expected = found if expected is None else expected
        tally.seen += 1
        if question.scored is not None:
            _count(tally, sample.label, expected[question.scored], found[question.scored])
        if tally is not tallies[0]:
            _compare(tally, question, expected, found)


def _count(tally: _Tally, label: int | None, expected: NDArray[Any], found: NDArray[Any]) -> None:
    answer, reference = best(found), best(expected)
    tally.same += answer is not None and answer == reference
    if label is None:
        return
    tally.right += answer == label
    tally.in_top += is_in_top(found, label, TOP)
    tally.only_reference += reference == label != answer
    tally.only_variant += answer == label != reference


def _compare(
    tally: _Tally,
    question: _Question,
    expected: Sequence[NDArray[Any]],
    found: Sequence[NDArray[Any]],
) -> None:
    for place in question.real:
        tally.squares.setdefault(place, Squares()).add(expected[place], found[place])
        tally.cosines.setdefault(place, Cosines()).add(expected[place], found[place])


def _facts(tally: _Tally, question: _Question) -> Iterator[Accuracy]:
    against = None if tally.variant_id == question.reference_id else question.reference_id
    if question.scored is not None:
        output = question.outputs[question.scored]
        for name, reference, value in _shares(tally, question, against):
            yield Accuracy(
                tally.variant_id, question.dataset_id, name, output, reference, value, tally.seen
            )
    if against is None:
        return
    for place in sorted(tally.squares):
        found = {"cosine": tally.cosines[place].mean, "sqnr_db": tally.squares[place].sqnr_db}
        for name, number in found.items():
            if number is not None:
                yield Accuracy(
                    tally.variant_id, question.dataset_id, name, question.outputs[place], against,
                    number, tally.seen,
                )  # fmt: skip


def _shares(
    tally: _Tally, question: _Question, against: str | None
) -> Iterator[tuple[str, str | None, float]]:
    """Metric, reference and value of what is counted in samples."""
    if question.labelled:
        yield "top1", None, tally.right / tally.seen
        if question.classes > TOP:
            yield "top5", None, tally.in_top / tally.seen
    if against is not None:
        if question.labelled:
            yield "only_reference_right", against, float(tally.only_reference)
            yield "only_variant_right", against, float(tally.only_variant)
        yield "top1_agreement", against, tally.same / tally.seen


def _own_metric(
    tally: _Tally,
    question: _Question,
    function: Callable[..., object],
    labels: Sequence[int | None],
) -> Accuracy:
    metric = str(question.metric)
    value = own_value(metric, function, question.outputs, tally.kept, labels)
    tally.kept.clear()
    return Accuracy(tally.variant_id, question.dataset_id, metric, None, None, value, tally.seen)


def own_value(
    metric: str,
    function: Callable[..., object],
    outputs: Sequence[str],
    found: Sequence[Sequence[NDArray[Any]]],
    labels: Sequence[int | None],
) -> float:
    """What the user's ``metric`` says of the outputs found of each sample.

    It is called with the outputs by name, each stacked over the samples, and with the labels as
    an array, None where there are none. Raises UsageError where it fails or gives no finite number.
    """
    stacked = {
        name: _stacked([sample[place] for sample in found]) for place, name in enumerate(outputs)
    }
    given = None if None in labels else np.array(labels, np.int64)
    with calling(f"metric {metric!r}"):
        result = function(stacked, given)
    return _finite(result, metric)


def _stacked(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """One array whose first axis is the sample; a batch axis of 1 becomes that axis.

    Outputs of another shape from sample to sample become an array of arrays.
    """
    if len({values.shape for values in arrays}) > 1:
        ragged = np.empty(len(arrays), dtype=object)
        ragged[:] = list(arrays)
        return ragged
    has_batch = arrays[0].ndim > 0 and arrays[0].shape[0] == 1
    return np.concatenate(arrays) if has_batch else np.stack(arrays)


def _finite(result: object, metric: str) -> float:
    number = np.asarray(result)
    is_number = number.shape == () and (number.dtype == bool or number.dtype.kind in "iuf")
    if not is_number or not math.isfinite(number):
        shown = " ".join(repr(result).split())[:60]
        raise UsageError(
            f"metric {metric!r} gave {shown}, which is no finite number",
            hint="return one number, the higher the better",
        )
    return float(number)
