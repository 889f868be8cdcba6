"""What the files of one run mean: model, arm, device, how it was driven, times and layers.

Contradictions between the files, and between them and the user, are refused here. Facts
are made of it in ``importing``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from collector.importing.described import UNKNOWN, Arm, Driven, arm_of
from collector.importing.reading import GivenFiles
from collector.importing.report import Report
from results.errors import UsageError
from results.kinds import normalised

LATENCY, THROUGHPUT = "latency", "throughput"
_GENERIC = re.compile(r"(torch_jit|main_graph|graph|model|function_?|tensorflow_frontend_ir|tf2onnx"
                      r"|network|net)?\d*")  # fmt: skip
"""Names that converters give to any model."""
_WINDOWS_SEPARATOR = "\\"
_IR_ENDS = (".xml", ".onnx", ".pdmodel", ".tflite", ".pb", ".blob")
_PRECISIONS = {"f32": "f32", "fp32": "f32", "bf16": "bf16", "f16": "f16", "fp16": "f16"}


def model_name(files: GivenFiles, named: str | None) -> str:
    """The model's name: the user's, else the file's in the report, else the graph's.

    UsageError where report and graph name different models and the user names none.
    """
    of_report = _report_model(files.report) if files.report else None
    of_graph = _telling(files.graph.name) if files.graph else None
    if named:
        return named
    if of_report and of_graph and not _alike(of_report, of_graph):
        raise UsageError(
            f"the report is of model {of_report!r}, the execution graph of {of_graph!r}",
            hint="import the files of one run; if they are one model, name it with --model",
        )
    found = of_report or of_graph
    if found is None:
        raise UsageError("no file names the model", hint="name it with --model")
    return found


def _report_model(report: Report) -> str | None:
    path = report.options.get("m")
    name = PurePosixPath(path.replace(_WINDOWS_SEPARATOR, "/")).name if path else ""
    for end in _IR_ENDS:
        name = name.removesuffix(end)
    return name or _telling(report.topology)


def _telling(name: str | None) -> str | None:
    """A model's own name; None for one that a converter gives to any model."""
    bare = (name or "").strip()
    return None if _GENERIC.fullmatch(bare.lower()) else bare


def _alike(one: str, other: str) -> bool:
    a, b = normalised(one), normalised(other)
    return a in b or b in a


def device_name(files: GivenFiles) -> str:
    """OpenVINO's name of the device, as the report tells it."""
    return (files.report.device if files.report else None) or UNKNOWN


def arm(files: GivenFiles, named: str | None, runs_int8: Callable[[], bool | None]) -> Arm:
    """The arm: the user's, else the precision asked for and what the layers ran in.

    UsageError where the layers or the report say otherwise than the user, or nobody says.
    """
    asked = _asked_precision(files.report)
    found = runs_int8()
    if named is None:
        if found is None:
            raise UsageError(
                "no file tells whether the model is float or INT8",
                hint="give the arm, such as --arm fp32@default",
            )
        return Arm("int8" if found else "fp32", asked or "default")
    told = arm_of(named)
    if asked is not None and told.precision != asked:
        raise UsageError(
            f"--arm {named} contradicts the report, which asked for {asked}",
            hint=f"give --arm {told.kind}@{asked}, or leave it out",
        )
    if found and told.kind == "fp32":
        raise UsageError(
            f"--arm {named} contradicts the layers, which ran in INT8",
            hint="give an int8 arm, such as --arm int8@default",
        )
    return told


def _asked_precision(report: Report | None) -> str | None:
    """``-infer_precision f32`` or ``CPU:f32``; None where it was not asked for."""
    text = _of_device(report.options.get("infer_precision"), report.device) if report else ""
    return _PRECISIONS.get(text.lower())


def driven(files: GivenFiles) -> Driven:
    """How the cell was driven.

    Throughput where the hint says so, or where several requests were in flight; latency where
    one was. Streams, threads and requests count only where they were asked for. What the files
    do not tell is ``untold``: the scenario is unknown then, the batch taken as 1.
    """
    report = files.report
    if report is None:
        return Driven(UNKNOWN, _batch(files) or 1)
    options, device = report.options, report.device
    name = _scenario(report)
    requests = _number(options.get("nireq"), device)
    return Driven(
        name,
        _batch(files) or 1,
        _number(options.get("nstreams"), device),
        _number(options.get("nthreads"), device),
        None if name == LATENCY and requests == 1 else requests,
    )


def _scenario(report: Report) -> str:
    hint = report.options.get("hint", "").lower()
    if hint in {"throughput", "tput", "cumulative_throughput"}:
        return THROUGHPUT
    if hint == LATENCY or (report.api or "").lower() == "sync":
        return LATENCY
    requests = report.requests or _number(report.options.get("nireq"), report.device)
    if requests is None:
        return UNKNOWN
    return THROUGHPUT if requests > 1 else LATENCY


def _batch(files: GivenFiles) -> int | None:
    """The batch that the report tells, else that of the graph."""
    told = files.report.batch if files.report else None
    return told or (files.graph.batch if files.graph else None)


def untold(files: GivenFiles) -> str:
    """What nobody tells of how it was driven, in words; empty where all is told.

    A report that tells its command line leaves what it does not name there to the device.
    """
    report = files.report
    unknown = [] if report and _scenario(report) != UNKNOWN else ["scenario"]
    unknown += [] if report and report.options else ["streams"]
    words = [f"{' and '.join(unknown)} unknown"] if unknown else []
    return ", ".join((*words, *(() if _batch(files) else ("taken as batch 1",))))


def _number(text: str | None, device: str | None) -> int | None:
    """``4`` or ``CPU:4``; None for what is no number above 0, such as AUTO."""
    digits = _of_device(text, device)
    return int(digits) if digits.isdigit() and int(digits) > 0 else None


def _of_device(text: str | None, device: str | None) -> str:
    """The device's own value of ``CPU:4,GPU:2``, or the one of all; empty where none is its."""
    entries = [part.rpartition(":") for part in (text or "").split(",")]
    named = {name.strip(): value.strip() for name, _, value in entries}
    if device in named:
        return named[device]
    return named.get("", next(iter(named.values())) if len(named) == 1 and not device else "")
