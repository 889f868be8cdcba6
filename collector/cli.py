"""The command line ``python -m collector``: demo, run, certify, doctor.

``convert`` and ``quantize`` are in ``collector.models``, ``import`` in ``collector.importing``,
``runtimes`` in ``collector.runtimes``.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from collector import announce
from collector.builtin.catalogue import BUILTIN_MODELS
from collector.collect import collect, exactly, resume
from collector.doctor import diagnose, doctor_text
from collector.effort import ADAPTIVE, LEVELS
from collector.importing.cli import register as register_import
from collector.job import Job
from collector.models.convert.cli import register as register_convert
from collector.models.data_options import (
    CalibrationOption,
    DataOptions,
    DatasetOption,
    FractionOption,
    LabelsOption,
    MetricOption,
    MostOption,
)
from collector.models.order import wanted
from collector.models.prepare import models_folder, outline
from collector.models.quantize.cli import quantize_command
from collector.options import Options, chosen_seed, command_line, job_of
from collector.peak_words import peaks_json, peaks_text
from collector.peaks import measure_peaks
from collector.runtimes.cli import runtimes_app
from collector.scenario import LATENCY, SCENARIOS
from collector.timetable import dry_cells
from collector.using import chosen
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

app = new_app("collector")

_LEVELS = "|".join(LEVELS)
_CERTIFY_MODEL = "mobilenet_v2"
_CERTIFY_ARM = "fp32@default"
_COMPARISONS = 100

SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the order in the blocks."),
]
BlocksOption = Annotated[
    int | None,
    typer.Option("--blocks", min=1, max=200, metavar="N", help="Timing blocks, instead of the "
                 "level's."),
]  # fmt: skip
EffortOption = Annotated[
    str | None,
    typer.Option(
        "--effort",
        metavar=_LEVELS,
        help="Level of effort: 5, 10 or 20 blocks, or as many as a ±2 % interval needs.",
    ),
]


MeasureOption = Annotated[
    float | None,
    typer.Option(
        "--measure", min=0.05, max=600, metavar="S",
        help="Seconds that a launch measures, instead of the level's.",
    ),
]  # fmt: skip


@app.callback()
def about() -> None:
    """Measure FP32 against INT8 on this machine and store the facts."""


@app.command()
def demo(
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
    effort: EffortOption = "quick",
    blocks: BlocksOption = None,
    seed: SeedOption = None,
) -> None:
    """Build some built-in models, quantise them, measure and judge them, print the verdicts.

    Example: python -m collector demo

    Example: python -m collector demo --data /tmp/store --json
    """
    names = tuple(model.name for model in BUILTIN_MODELS if model.in_demo)
    job = job_of(Options(models=names, effort=effort, blocks=blocks), data, seed)
    _end(_measured(job, as_json=as_json))


@app.command("run")
def run_models(
    suite: Annotated[
        Path | None,
        typer.Argument(metavar="[SUITE.toml]", help="What to measure; see docs/suite.md."),
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="FILE|NAME",
            help="Model file of any format that convert reads, or a built-in model; repeatable.",
        ),
    ] = None,
    native: Annotated[
        Path | None,
        typer.Option("--native", metavar="FILE", help="The same model, quantised already."),
    ] = None,
    input_shape: Annotated[
        str | None, typer.Option(help="Shape of the input, such as 1,3,224,224.")
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(help="OpenVINO device: CPU (default), GPU.0, NPU, AUTO:...; repeatable."),
    ] = None,
    isa_cap: Annotated[
        list[str] | None,
        typer.Option(help="Limit the instruction set, such as AVX2; none for no limit."),
    ] = None,
    openvino: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VERSION",
            help="OpenVINO version: the collector's own or one of `runtimes add`; repeatable.",
        ),
    ] = None,
    arm: Annotated[
        list[str] | None, typer.Option(help="Arm to measure, such as fp32@f32; repeatable.")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(metavar="|".join(SCENARIOS), help="How to drive the model; repeatable."),
    ] = None,
    batch: Annotated[list[int] | None, typer.Option(help="Batch size; repeatable.")] = None,
    streams: Annotated[list[int] | None, typer.Option(help="Streams; repeatable.")] = None,
    threads: Annotated[list[int] | None, typer.Option(help="Threads; repeatable.")] = None,
    requests: Annotated[
        list[int] | None, typer.Option(help="Requests in flight, in throughput; repeatable.")
    ] = None,
    dataset: DatasetOption = None,
    labels: LabelsOption = None,
    calibration: CalibrationOption = None,
    central_fraction: FractionOption = None,
    max_samples: MostOption = None,
    metric: MetricOption = None,
    effort: EffortOption = None,
    blocks: BlocksOption = None,
    measure: MeasureOption = None,
    timeout: Annotated[
        float | None, typer.Option(min=1.0, help="Seconds to wait for a launch's answer.")
    ] = None,
    memory_limit: Annotated[
        int | None, typer.Option(min=64, metavar="MIB", help="Memory that a launch may take.")
    ] = None,
    no_pin: Annotated[
        bool, typer.Option("--no-pin", help="Leave latency launches unpinned.")
    ] = False,
    seed: SeedOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the cells and the expected time only.")
    ] = False,
    continue_run: Annotated[
        bool, typer.Option("--resume", help="Continue the newest run that ended early.")
    ] = False,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="With --resume: continue this run.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Measure models: fp32@f32, fp32@default and int8-simplified@default, in blocks.

    What `quantize` made of a model last, of each kind, is measured too. A model that is
    quantised already is measured as it is. Cells that are compared share the blocks. Lists of
    batches, streams, threads and requests make a matrix. With --dataset the accuracy of all
    is judged.

    Example: python -m collector run --model resnet.onnx

    Example: python -m collector run --model float.tflite --native int8.tflite

    Example: python -m collector run --model resnet.onnx --dataset photos/

    Example: python -m collector run --model resnet_50 --isa-cap none --isa-cap AVX2

    Example: python -m collector run --model resnet_50 --openvino 2021.4.2 --openvino 2026.4

    Example: python -m collector run --model resnet_50 --scenario throughput --batch 1 --batch 8

    Example: python -m collector run suite.toml --dry-run

    Example: python -m collector run --resume
    """
    options = Options(
        tuple(models or ()), native, input_shape, tuple(device or ()), tuple(isa_cap or ()),
        tuple(arm or ()), tuple(scenario or ()), tuple(batch or ()), tuple(streams or ()),
        tuple(threads or ()), tuple(requests or ()), effort, blocks, measure, timeout,
        memory_limit, no_pin, tuple(openvino or ()),
        DataOptions(dataset, labels, calibration, central_fraction, max_samples, metric),
    )  # fmt: skip
    if continue_run or run_id is not None:
        asked = options.describes or suite is not None or dry_run or seed is not None
        _refuse_together(asked, continue_run)
        with announce.interruptions(data):
            found = resume(data, run_id)
        _end(announce.outcome(data, found, as_json=as_json))
        return
    job = _job(suite, options, data, seed)
    if dry_run:
        job = exactly(job, chosen(job.openvino, data))
        all_wanted = [wanted(model, job.arms) for model in job.models]
        outlines = outline(all_wanted, models_folder(data))
        announce.dry_run(job, dry_cells(job, outlines), as_json=as_json)
        return
    announce.waiting(data)
    _end(_measured(job, as_json=as_json))


@app.command()
def certify(
    model: Annotated[
        str, typer.Option(metavar="FILE|NAME", help="Model to measure against itself.")
    ] = _CERTIFY_MODEL,
    arm: Annotated[str, typer.Option(help="Its arm.")] = _CERTIFY_ARM,
    device: Annotated[str, typer.Option(help="OpenVINO device.")] = "CPU",
    isa_cap: Annotated[
        str | None, typer.Option(help="Limit the instruction set, such as AVX2.")
    ] = None,
    openvino: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="OpenVINO version, instead of the collector's own."),
    ] = None,
    comparisons: Annotated[
        int, typer.Option(min=2, max=1000, metavar="N", help="Comparisons of A against A.")
    ] = _COMPARISONS,
    scenario: Annotated[
        str, typer.Option(metavar="|".join(SCENARIOS), help="How to drive the model.")
    ] = LATENCY,
    effort: EffortOption = "quick",
    blocks: BlocksOption = None,
    measure: MeasureOption = None,
    seed: SeedOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Measure A against A: how often this machine calls two equal cells different.

    Exit code 1 where the machine is not certified. Takes long; what is finished is kept
    and continued by `python -m collector run --resume`.

    Example: python -m collector certify

    Example: python -m collector certify --comparisons 50 --effort quick
    """
    if effort == ADAPTIVE:
        raise UsageError(
            "a certificate cannot be adaptive: two equal cells have no difference to aim at",
            hint="choose quick, default or publish",
        )
    options = Options(
        models=(model,), devices=(device,), isa_caps=(isa_cap,) if isa_cap else (), arms=(arm,),
        scenarios=(scenario,), effort=effort, blocks=blocks, measure_s=measure,
        openvino=(openvino,) if openvino else (),
    )  # fmt: skip
    job = replace(job_of(options, data, seed), comparisons=comparisons)
    _end(_measured(job, as_json=as_json))


@app.command()
def doctor(
    peaks: Annotated[
        bool,
        typer.Option("--peaks", help="Measure what the device can do at most, and store it."),
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="With --peaks: the OpenVINO device, else CPU.")
    ] = None,
    isa_cap: Annotated[
        str | None, typer.Option(help="With --peaks: limit the instruction set, such as AVX2.")
    ] = None,
    openvino: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="With --peaks: instead of the collector's own."),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Print what this machine is, and what will hurt a measurement.

    With --peaks measure operations per second of large matrix products and convolutions and
    the bandwidth of large copies, in about 20 seconds; comparisons then show how near each
    layer comes to them. See docs/ceiling.md.

    Example: python -m collector doctor

    Example: python -m collector doctor --peaks

    Example: python -m collector doctor --peaks --isa-cap AVX2
    """
    if peaks:
        found = measure_peaks(
            data, command_line(), ov_device=device or "CPU", isa_cap=isa_cap, openvino=openvino
        )
        note(f"run {found.run_id}: {len(found.rows)} peaks stored in {found.path}")
        print_text(peaks_json(found) if as_json else peaks_text(found))
        return
    _refuse_without_peaks({"--device": device, "--isa-cap": isa_cap, "--openvino": openvino})
    seen = diagnose(data)
    print_text(json.dumps(asdict(seen), indent=1) if as_json else doctor_text(seen))


def _refuse_without_peaks(options: Mapping[str, str | None]) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{given[0]} says where peaks are measured", hint="give --peaks with it")


def _measured(job: Job, *, as_json: bool) -> int:
    """Do the job and tell what was found; returns the exit code."""
    with announce.interruptions(job.data):
        found = collect(job)
    return announce.outcome(job.data, found, as_json=as_json)


def _job(suite: Path | None, options: Options, data: Path, seed: int | None) -> Job:
    if suite is None:
        return job_of(options, data, seed)
    if options.describes:
        raise UsageError(
            f"{suite} says what to measure, and so do other options",
            hint="put it all into the suite, or leave the suite out",
        )
    from collector.suite import read_suite

    job = read_suite(suite, data=data, command=command_line(), seed=chosen_seed(seed))
    return job if seed is None else replace(job, seed=seed)


def _refuse_together(describes: bool, continues: bool) -> None:
    if not continues:
        raise UsageError("--run names a run to continue", hint="give --resume with it")
    if describes:
        raise UsageError(
            "--resume continues what was asked for before", hint="give no other options with it"
        )


def _end(code: int) -> None:
    if code:
        raise typer.Exit(code)


register_convert(app)
register_import(app)
app.add_typer(runtimes_app, name="runtimes")
app.command("quantize")(quantize_command)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; a termination request ends it like Ctrl-C."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _interrupt)
    return run(app, arguments)
