"""The command ``python -m collector convert``: its options, and what it prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from collector.models.convert import options as convert_options
from collector.models.convert.conversion import Converted, Port, Step, convert, expected_s
from collector.models.convert.options import ConvertOptions
from collector.progress import reporter
from results.command import DEFAULT_DATA, DataOption, JsonOption, print_text

_WORTH_TELLING_S = 3.0

SourceArgument = Annotated[
    Path,
    typer.Argument(
        metavar="SOURCE",
        help="Frozen .pb, SavedModel folder, .onnx, .tflite, .pdmodel, .pt2 or .xml.",
    ),
]
InputOption = Annotated[
    str | None, typer.Option("--input", metavar="A,B", help="Inputs that the values go to.")
]
InputShapeOption = Annotated[
    str | None,
    typer.Option(
        "--input-shape", "--input_shape", metavar="SHAPE",
        help="Shapes of the inputs, such as [1,224,224,3].",
    ),
]  # fmt: skip
OutputOption = Annotated[
    str | None,
    typer.Option("--output", metavar="A,B", help="Operations or tensors where the model ends."),
]
MeanOption = Annotated[
    str | None,
    typer.Option(
        "--mean-values", "--mean_values", metavar="VALUES",
        help="Subtracted from the input, such as input[127.5,127.5,127.5].",
    ),
]  # fmt: skip
ScaleOption = Annotated[
    str | None,
    typer.Option(
        "--scale-values", "--scale_values", metavar="VALUES",
        help="The input is divided by them, such as input[127.5].",
    ),
]  # fmt: skip
ReverseOption = Annotated[
    bool,
    typer.Option(
        "--reverse-input-channels", "--reverse_input_channels",
        help="Take BGR where the model wants RGB, or the other way round.",
    ),
]  # fmt: skip
LayoutOption = Annotated[
    str | None,
    typer.Option(
        "--layout", metavar="LAYOUT",
        help="What the axes are, such as nhwc; nhwc->nchw also changes their order.",
    ),
]  # fmt: skip
FolderOption = Annotated[
    Path,
    typer.Option("--output-dir", "--output_dir", metavar="DIR", help="Where the IR is written."),
]
NameOption = Annotated[
    str | None,
    typer.Option(
        "--model-name", "--model_name", metavar="NAME", help="Name of the IR; the source's if not."
    ),
]
HalfOption = Annotated[
    bool,
    typer.Option(
        "--compress-to-fp16", "--compress_to_fp16", help="Store weights as 16-bit numbers."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command("convert")(convert_model)


def convert_model(
    source: SourceArgument,
    inputs: InputOption = None,
    input_shape: InputShapeOption = None,
    outputs: OutputOption = None,
    mean_values: MeanOption = None,
    scale_values: ScaleOption = None,
    reverse_input_channels: ReverseOption = False,
    layout: LayoutOption = None,
    output_dir: FolderOption = Path(),
    model_name: NameOption = None,
    compress_to_fp16: HalfOption = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Convert a model to OpenVINO IR, with mean, scale and channel order built in.

    See docs/convert.md for every option. What was converted before is taken from the store.

    Example: python -m collector convert resnet.onnx

    Example: python -m collector convert v3.pb --input-shape [1,224,224,3] --mean-values 127.5
    """
    options = ConvertOptions(
        inputs=convert_options.names("--input", inputs),
        input_shapes=convert_options.shapes("--input-shape", input_shape),
        outputs=convert_options.names("--output", outputs),
        means=convert_options.values("--mean-values", mean_values),
        scales=convert_options.values("--scale-values", scale_values, divisors=True),
        reverse_channels=reverse_input_channels,
        layouts=convert_options.layouts("--layout", layout),
        half_weights=compress_to_fp16,
    )
    with _progress(expected_s(source)) as step:
        found = convert(source, options, folder=output_dir, name=model_name, data=data, step=step)
    print_text(_json(found, source) if as_json else _text(found, source))


@contextmanager
def _progress(expected_s: float) -> Iterator[Step]:
    """Where steps are told; nowhere, where it will be over before anybody has read them."""
    if expected_s < _WORTH_TELLING_S:
        yield lambda _activity, _expected_s: None
        return
    # The readers close standard error to OpenVINO (readers.silent_readers); the bar goes on.
    with _second_stderr(), reporter(expected_s) as progress:
        yield progress.step


@contextmanager
def _second_stderr() -> Iterator[None]:
    """Let Python write its standard error through a descriptor of its own."""
    sys.stderr.flush()
    try:
        own = os.dup(sys.stderr.fileno())
    except (OSError, ValueError):  # a stream that is no file: nobody can close it to OpenVINO
        yield
        return
    with (
        os.fdopen(
            own, "w", buffering=1, encoding=sys.stderr.encoding, errors=sys.stderr.errors
        ) as stream,
        redirect_stderr(stream),
    ):
        yield


def _json(found: Converted, source: Path) -> str:
    told = {"source": str(source), "ir_path": str(found.ir_path), "from_cache": found.from_cache}
    return json.dumps(told | asdict(found.conversion), indent=1)


def _text(found: Converted, source: Path) -> str:
    made = found.conversion
    how = "taken from the store" if found.from_cache else "converted"
    lines = [
        f"{source} ({made.source_format}) {how}: {found.ir_path}",
        *(f"  input   {_port(port)}" for port in made.inputs),
        *(f"  output  {_port(port)}" for port in made.outputs),
        *(f"  built in: {step}" for step in made.built_in),
    ]
    return "\n".join(lines)


def _port(port: Port) -> str:
    return f"{port.name} [{','.join(map(str, port.shape))}] {port.kind}"
