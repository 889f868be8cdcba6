"""The command ``quantize``: its options, and what it prints."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from collector.models.data_options import (
    CalibrationOption,
    DataOptions,
    DatasetOption,
    FractionOption,
    LabelsOption,
    MetricOption,
    MostOption,
)
from collector.models.graph import QUANTISED_OPS
from collector.models.quantize.recipe import Recipe, checked
from collector.models.quantize.scorers import USUAL_METRICS
from collector.options import Options, command_line, model_of
from collector.quantizing import Quantized, quantize
from results import format as fmt
from results.accuracy import JudgedVariant
from results.accuracy_queries import variants_of_run
from results.accuracy_words import judged_lines
from results.command import DEFAULT_DATA, DataOption, JsonOption, note, print_text
from results.errors import EXIT_NO, EXIT_OK, UsageError
from results.export_json import judged_body
from results.store import Store

_FLOAT_STILL = "nothing in it could be quantised; it is the float model"


def quantize_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model file or built-in name.")],
    mode: Annotated[
        str, typer.Option(metavar="simplified|full|accuracy", help="How much care is taken.")
    ] = "simplified",
    dataset: DatasetOption = None,
    labels: LabelsOption = None,
    calibration: CalibrationOption = None,
    central_fraction: FractionOption = None,
    max_samples: MostOption = None,
    metric: MetricOption = None,
    subset_size: Annotated[
        int | None, typer.Option(metavar="N", help="Samples to calibrate with.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the choice of samples.")] = 1,
    preset: Annotated[
        str | None,
        typer.Option(metavar="performance|mixed", help="Symmetric, or mixed quantisation."),
    ] = None,
    bias_correction: Annotated[
        str, typer.Option(metavar="fast|full|none", help="How biases are corrected.")
    ] = "fast",
    ignore_name: Annotated[
        list[str] | None, typer.Option(help="Operation to leave in float; repeatable.")
    ] = None,
    ignore_pattern: Annotated[
        list[str] | None,
        typer.Option(help="Regular expression of operations to leave in float; repeatable."),
    ] = None,
    ignore_type: Annotated[
        list[str] | None, typer.Option(help="Type of operation to leave in float; repeatable.")
    ] = None,
    model_type: Annotated[
        str | None, typer.Option(metavar="transformer", help="Kind of network.")
    ] = None,
    target_device: Annotated[str, typer.Option(help="What it will run on.")] = "any",
    overflow_fix: Annotated[
        str | None,
        typer.Option(
            metavar="enable|first_layer_only|disable",
            help="Half the range for weights, for CPUs without VNNI.",
        ),
    ] = None,
    max_drop: Annotated[
        float | None, typer.Option(help="Mode accuracy: loss of the metric to accept.")
    ] = None,
    drop_type: Annotated[
        str, typer.Option(metavar="absolute|relative", help="How the loss is counted.")
    ] = "absolute",
    input_shape: Annotated[
        str | None, typer.Option(help="Shape of the input, such as 1,3,224,224.")
    ] = None,
    output_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for a copy of the INT8 model.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Quantise a model to INT8 and judge what that does to its accuracy.

    simplified: in minutes at most, for speed and not for accuracy. full: calibrated with
    --dataset. accuracy: layers go back to float until the loss is at most --max-drop; exit
    code 1 where that cannot be met. `run` measures what was made.

    Example: python -m collector quantize resnet.onnx

    Example: python -m collector quantize resnet.onnx --mode full --dataset photos/

    Example: python -m collector quantize digits --mode accuracy --max-drop 0.005
    """
    watched = metric if mode == "accuracy" else None
    judges = None if watched in USUAL_METRICS else metric  # those are judged anyway
    options = DataOptions(dataset, labels, calibration, central_fraction, max_samples, judges)
    recipe = checked(
        Recipe(
            mode=mode, seed=seed, preset=preset, bias_correction=bias_correction,
            ignored_names=tuple(ignore_name or ()), ignored_patterns=tuple(ignore_pattern or ()),
            ignored_types=tuple(ignore_type or ()), model_type=model_type,
            target_device=target_device, overflow_fix=overflow_fix, max_drop=max_drop,
            drop_type=drop_type, metric=watched, samples=subset_size,
        )
    )  # fmt: skip
    asked = model_of(model, Options(input_shape=input_shape, data=options))
    if mode != "simplified" and asked.judging is None:
        raise UsageError(f"--mode {mode} needs data", hint="give --dataset, or --mode simplified")
    code = _tell(quantize(asked, recipe, data, command_line(), output_dir), data, as_json=as_json)
    if code:
        raise typer.Exit(code)


def _tell(found: Quantized, data: Path, *, as_json: bool) -> int:
    """Print what was made; returns the exit code."""
    note(f"run {found.run_id}: stored in {found.run_path}")
    if found.model.reused:
        note("made before with the same recipe on the same data: nothing was quantised again")
    if found.made.is_float_still:
        note(f"warning: {_FLOAT_STILL}")
    if found.made.variant.note:
        note(f"warning: {found.made.variant.note}")
    with closing(Store(data).index()) as index:
        variants = {one.variant.variant_id: one for one in variants_of_run(index, found.run_id)}
    made = variants[found.made.variant.variant_id]
    print_text(_json(found, made) if as_json else _text(found, made))
    return EXIT_NO if found.made.variant.note else EXIT_OK


def _json(found: Quantized, made: JudgedVariant) -> str:
    told = {"run_id": found.run_id, "ir_path": str(found.path)}
    return json.dumps(told | judged_body(made), indent=1)


def _text(found: Quantized, made: JudgedVariant) -> str:
    before, after = (one.variant.file_bytes for one in (found.model.variants[0], found.made))
    lines = [
        f"{made.variant.model} {made.variant.kind}: {found.path}",
        f"size {fmt.file_size(before)} -> {fmt.file_size(after)}, {_layers(found)}",
        *judged_lines(made),
    ]
    return "\n".join(lines)


def _layers(found: Quantized) -> str:
    steps = sum(op.op_type in QUANTISED_OPS for op in found.made.source_ops)
    return f"{steps} quantisation {'step' if steps == 1 else 'steps'}"
