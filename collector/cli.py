"""The command line ``python -m collector``: demo, run, doctor."""

from __future__ import annotations

import json
import re
import secrets
import shlex
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from collector.builtin.catalogue import BUILTIN_MODELS, BuiltinModel, builtin_model
from collector.collect import FileModel, Job, Outcome, collect
from collector.doctor import Diagnosis, diagnose
from collector.measure import Effort
from results import queries
from results.command import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    new_app,
    note,
    print_text,
    run,
)
from results.errors import UsageError
from results.overview import overview
from results.render import to_text
from results.store import Store
from results.verdicts import overview_json, verdicts_text

app = new_app("collector")

_DEMO_BLOCKS = 8
_NO_CAP = "NONE"

SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Seed of the order in the blocks.")
]
BlocksOption = Annotated[
    int, typer.Option("--blocks", min=1, max=200, metavar="N", help="Timing blocks.")
]


@app.callback()
def about() -> None:
    """Measure FP32 against INT8 on this machine and store the facts."""


@app.command()
def demo(
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
    blocks: BlocksOption = _DEMO_BLOCKS,
    seed: SeedOption = None,
) -> None:
    """Build the built-in models, quantise them, measure them, print the verdicts.

    Example: python -m collector demo

    Example: python -m collector demo --data /tmp/store --json
    """
    job = _job(data, BUILTIN_MODELS, Effort(blocks=blocks), seed=seed)
    _print_outcome(data, collect(job), as_json=as_json)


@app.command("run")
def run_models(
    models: Annotated[
        list[str],
        typer.Option(
            "--model",
            metavar="FILE|NAME",
            help="OpenVINO IR (.xml), ONNX or TFLite file, or a built-in model; repeatable.",
        ),
    ],
    native: Annotated[
        Path | None,
        typer.Option("--native", metavar="FILE", help="The same model, quantised already."),
    ] = None,
    input_shape: Annotated[
        str | None, typer.Option(help="Shape of the input, such as 1,3,224,224.")
    ] = None,
    device: Annotated[str, typer.Option(help="OpenVINO device.")] = "CPU",
    isa_cap: Annotated[
        list[str] | None,
        typer.Option(help="Limit the instruction set, such as AVX2; none for no limit."),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
    blocks: BlocksOption = Effort.blocks,
    seed: SeedOption = None,
) -> None:
    """Measure models: fp32@f32, fp32@default and int8-simplified@default, in blocks.

    A model that is quantised already is measured as it is. With several --isa-cap
    the capped devices share the blocks.

    Example: python -m collector run --model resnet.onnx

    Example: python -m collector run --model float.tflite --native int8.tflite

    Example: python -m collector run --model resnet_50 --isa-cap none --isa-cap AVX2
    """
    if native is not None and len(models) != 1:
        raise UsageError(f"--native goes with one --model, not {len(models)}", hint="give one")
    shape = _shape(input_shape)
    wanted = tuple(_model(text, native, shape) for text in dict.fromkeys(models))
    asked = dict.fromkeys(cap.upper() for cap in isa_cap or [_NO_CAP])
    caps = tuple(None if cap == _NO_CAP else cap for cap in asked)
    job = _job(data, wanted, Effort(blocks=blocks), seed=seed, device=device, isa_caps=caps)
    _print_outcome(data, collect(job), as_json=as_json)


@app.command()
def doctor(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Print what this machine is, and what will hurt a measurement.

    Example: python -m collector doctor
    """
    found = diagnose(data)
    if as_json:
        print_text(json.dumps(asdict(found), indent=1))
    else:
        print_text(_doctor_text(found))


def _model(
    text: str, native: Path | None, input_shape: tuple[int, ...] | None
) -> BuiltinModel | FileModel:
    known = any(model.name == text for model in BUILTIN_MODELS)
    if known and native is None and input_shape is None:
        return builtin_model(text)
    if known:
        raise UsageError(
            f"{text} is a built-in model with a shape of its own",
            hint="--native and --input-shape go with model files",
        )
    if not Path(text).suffix and not Path(text).exists():
        return builtin_model(text)
    return FileModel(Path(text), native, input_shape)


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.strip("[]() ").split(",")
    if not all(re.fullmatch(r" *[1-9][0-9]{0,8} *", part) for part in parts):
        raise UsageError(
            f"--input-shape {text!r} is no shape", hint="give sizes as in --input-shape 1,3,224,224"
        )
    return tuple(int(part) for part in parts)


def _job(
    data: Path,
    models: tuple[BuiltinModel | FileModel, ...],
    effort: Effort,
    *,
    seed: int | None,
    device: str = "CPU",
    isa_caps: tuple[str | None, ...] = (None,),
) -> Job:
    return Job(
        data=data,
        models=models,
        ov_device=device,
        isa_caps=isa_caps,
        effort=effort,
        seed=secrets.randbits(31) if seed is None else seed,
        command=shlex.join(["python", "-m", "collector", *sys.argv[1:]]),
    )


def _print_outcome(data: Path, outcome: Outcome, *, as_json: bool) -> None:
    note(f"run {outcome.run_id}: {outcome.cells} cells, stored in {outcome.path}")
    if outcome.failed_cells:
        note(f"warning: {outcome.failed_cells} cells could not be measured; see the Runs page")
    for name in outcome.not_quantised:
        note(f"warning: nothing in {name} could be quantised; its INT8 arm is the float model")
    with closing(Store(data).index()) as index:
        rows = overview(index, run_id=outcome.run_id)
        found = queries.cautions(index, [outcome.run_id])
    if found:
        kinds = ", ".join(dict.fromkeys(caution.caution_id for caution in found))
        note(f"cautions: {kinds}; `python -m results compare` tells them in words")
    if as_json:
        print_text(overview_json(outcome.run_id, rows))
    else:
        print_text(to_text(verdicts_text(rows)))


def _doctor_text(found: Diagnosis) -> str:
    lines = [f"OpenVINO {found.openvino.version}, Python {found.openvino.python}"]
    lines += [f"device CPU: {found.openvino.full_name}"]
    lines += [f"  can do {', '.join(found.openvino.capabilities)}"]
    lines += [f"devices here: {', '.join(found.openvino.devices)}"]
    lines += [f"CPUs this process may use: {found.usable_cpus}"]
    lines += [f"store {found.data}: {'can' if found.data_writable else 'CANNOT'} be written"]
    lines += [f"{name}: {_known(value)}" for name, value in asdict(found.machine).items()]
    lines += [f"caution: {caution.message}; {caution.action}" for caution in found.cautions]
    if not found.cautions:
        lines.append("nothing seen that would hurt a measurement")
    return "\n".join(lines)


def _known(value: object) -> str:
    if value is None:
        return "unknown"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; a termination request ends it like Ctrl-C."""
    for request in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, _interrupt)
    return run(app, arguments)
