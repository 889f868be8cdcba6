"""How accuracy control judges a model: one number per model, the higher the better.

Scorers see samples and a way to put one through the model. What the numbers mean is in
docs/accuracy.md. Neither NNCF nor OpenVINO is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import Sample
from collector.models.judge.metrics import Cosines, best, score_output
from results.errors import UsageError

Infer: TypeAlias = Callable[[Sample], list[NDArray[Any]]]
"""Puts a sample through a model: its outputs in the graph's order."""

Scorer: TypeAlias = Callable[[Infer, Iterable[Sample]], tuple[float, list[float] | None]]
"""Judges a model on samples: the metric, and where there is such a thing one value per sample."""

USUAL_METRICS = ("top1", "top1_agreement", "cosine")
"""What can be watched by name."""


def top1(place: int) -> Scorer:
    """The share of samples whose highest score, at this output, is their label's."""

    def score(infer: Infer, samples: Iterable[Sample]) -> tuple[float, list[float]]:
        hits = [float(best(infer(sample)[place]) == _label(sample)) for sample in samples]
        return _mean(hits), hits

    return score


def top1_agreement(place: int, reference: Infer, samples: Iterable[Sample]) -> Scorer:
    """The share of samples for which the highest score is at the class that float chose."""
    expected = {sample.name: best(reference(sample)[place]) for sample in _distinct(samples)}

    def score(infer: Infer, samples: Iterable[Sample]) -> tuple[float, list[float]]:
        hits = [_agrees(best(infer(sample)[place]), expected[sample.name]) for sample in samples]
        return _mean(hits), hits

    return score


def cosine(places: Sequence[int], reference: Infer, samples: Iterable[Sample]) -> Scorer:
    """The mean cosine between the outputs at these places, laid end to end, and float's."""
    expected = {sample.name: _flat(reference(sample), places) for sample in _distinct(samples)}

    def score(infer: Infer, samples: Iterable[Sample]) -> tuple[float, list[float]]:
        values = [
            _cosine(expected[sample.name], _flat(infer(sample), places)) for sample in samples
        ]
        return _mean(values), values

    return score


def usual_metric(shapes: Sequence[Sequence[int] | None], *, labelled: bool) -> str:
    """What is judged where nothing is said: by the labels, else against the float model."""
    if score_output(shapes) is None:
        return "cosine"
    return "top1" if labelled else "top1_agreement"


def usual_scorer(
    metric: str,
    shapes: Sequence[Sequence[int] | None],
    real: Sequence[int],
    reference: Infer,
    samples: Iterable[Sample],
) -> Scorer:
    """The scorer of that name: ``top1``, ``top1_agreement`` or ``cosine``.

    ``shapes`` are those of the outputs that may hold scores, None for others; ``real`` are the
    places of those that are real numbers. Raises UsageError for another name, and where no
    output is what the metric needs.
    """
    place = score_output(shapes)
    if metric == "cosine":
        if not real:
            raise UsageError(
                "cosine needs an output of real numbers, and the model has none",
                hint="watch a metric of your own",
            )
        return cosine(real, reference, samples)
    if metric not in USUAL_METRICS:
        raise UsageError(
            f"there is no metric {metric!r}", hint=f"give one of {', '.join(USUAL_METRICS)}"
        )
    if place is None:
        raise UsageError(
            f"{metric} needs an output with one score per class, and the model has none",
            hint="watch cosine, or a metric of your own",
        )
    return top1(place) if metric == "top1" else top1_agreement(place, reference, samples)


def _distinct(samples: Iterable[Sample]) -> Iterator[Sample]:
    """The samples; UsageError where two share a name, by which their answers are known."""
    seen: set[str] = set()
    for sample in samples:
        if sample.name in seen:
            raise UsageError(
                f"two samples are called {sample.name}", hint="give each a name of its own"
            )
        seen.add(sample.name)
        yield sample


def _label(sample: Sample) -> int:
    if sample.label is None:
        raise UsageError(
            f"top1 needs labels, and sample {sample.name} has none",
            hint="give labels, or watch top1_agreement",
        )
    return sample.label


def _agrees(answer: int | None, expected: int | None) -> float:
    return float(answer is not None and answer == expected)


def _cosine(expected: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    cosines = Cosines()
    cosines.add(expected, found)
    mean = cosines.mean
    return float("nan") if mean is None else mean


def _flat(outputs: Sequence[NDArray[Any]], places: Sequence[int]) -> NDArray[np.float64]:
    return np.concatenate([outputs[place].astype(np.float64).ravel() for place in places])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
