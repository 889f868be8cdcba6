"""The options that say what a model is judged on, shared by the commands that take them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from collector.models.request import DataRequest, Judging, is_function
from results.errors import UsageError

DatasetOption = Annotated[
    str | None,
    typer.Option(
        "--dataset", metavar="DATA",
        help="Data to judge the accuracy on: image folder, .npz, .npy or module:function.",
    ),
]  # fmt: skip
LabelsOption = Annotated[
    Path | None,
    typer.Option("--labels", metavar="FILE", help="CSV of image files and labels."),
]
CalibrationOption = Annotated[
    str | None,
    typer.Option("--calibration", metavar="DATA", help="Other data to calibrate with."),
]
FractionOption = Annotated[
    float | None,
    typer.Option(
        "--central-fraction", metavar="F", help="Share of an image's sides to keep, such as 0.875."
    ),
]
MostOption = Annotated[
    int | None,
    typer.Option("--max-samples", metavar="N", help="Judge on at most this many samples."),
]
MetricOption = Annotated[
    str | None,
    typer.Option("--metric", metavar="MODULE:FUNCTION", help="A metric of your own."),
]


@dataclass(frozen=True)
class DataOptions:
    """What was given on the command line, or in a suite's table; None where nothing was."""

    dataset: str | None = None
    labels: Path | None = None
    calibration: str | None = None
    central_fraction: float | None = None
    max_samples: int | None = None
    metric: str | None = None


def judging_of(options: DataOptions) -> Judging | None:
    """What to judge on; None where nothing was said of it.

    Raises UsageError where an option lacks the dataset it speaks of, or has a value that
    cannot be.
    """
    if options.dataset is None:
        for name in ("labels", "calibration", "central_fraction", "max_samples", "metric"):
            if getattr(options, name) is not None:
                option = f"--{name.replace('_', '-')}"
                raise UsageError(
                    f"{option} speaks of a dataset, and none is given", hint="give --dataset too"
                )
        return None
    _check(options)
    data = DataRequest(
        options.dataset, options.labels, options.central_fraction, options.max_samples
    )
    calibration = options.calibration and DataRequest(
        options.calibration, None, options.central_fraction
    )
    return Judging(data, calibration or None, options.metric)


def judging_over(options: DataOptions, own: Judging | None, name: str) -> Judging | None:
    """What to judge a built-in model on: ``own`` is its data, of which fewer can be asked for.

    Raises UsageError for other data, and for one with random weights.
    """
    if options == DataOptions():
        return own
    if own is None:
        raise UsageError(
            f"{name} has random weights, whose answers mean nothing",
            hint="judge a model of your own, or digits",
        )
    others = (options.dataset, options.calibration, options.labels, options.central_fraction)
    if any(one is not None for one in others):
        raise UsageError(
            f"{name} is a built-in model with data of its own",
            hint="leave --dataset and what speaks of it out",
        )
    _check(options)
    return replace(own, data=replace(own.data, most=options.max_samples), metric=options.metric)


def _check(options: DataOptions) -> None:
    for name, source in (("--dataset", options.dataset), ("--calibration", options.calibration)):
        if source is not None and not source.strip():
            raise UsageError(f"{name} is empty", hint="give a folder, a file or module:function")
    fraction = options.central_fraction
    if fraction is not None and not 0.01 <= fraction <= 1.0:
        raise UsageError(f"--central-fraction is {fraction:g}", hint="give a share from 0.01 to 1")
    if options.max_samples is not None and options.max_samples < 1:
        raise UsageError(f"--max-samples is {options.max_samples}", hint="give at least 1")
    if options.metric is not None and not is_function(options.metric):
        raise UsageError(
            f"--metric {options.metric!r} is no module:function", hint="give such as my_metrics:f1"
        )
