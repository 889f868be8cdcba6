"""The command ``import``: its options, and what it prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from collector.importing import described, importing
from collector.importing.described import Description, Driven, arm_of
from collector.importing.importing import Figures, RunKey
from collector.importing.plausible import is_possible
from collector.importing.published_csv import read_published
from collector.importing.reading import given_files, is_published, read_files
from collector.importing.source_file import SourceFile
from collector.importing.storing import Stored, content_id, store
from collector.options import command_line
from results import cautions, queries
from results import format as fmt
from results.command import DEFAULT_DATA, DataOption, JsonOption, note, print_text
from results.comparison import IMPORTED, PUBLISHED, CellView
from results.errors import UsageError
from results.store import Store
from results.views import LaunchView

_SCENARIOS = ("latency", "throughput")


@dataclass(frozen=True)
class Asked:
    """What was given on the command line, beside the files."""

    about: Description
    arms: tuple[str, ...]
    latencies_ms: tuple[float, ...]
    throughputs_fps: tuple[float, ...]
    driven: Driven
    source: str | None


def import_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Report, counters, execution graph or table."),
    ] = None,
    counters: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Counters report; repeatable.")
    ] = None,
    exec_graph: Annotated[
        Path | None, typer.Option(metavar="XML", help="What -exec_graph_path wrote.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the model.")] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND@PRECISION", help="What ran; once for each figure by hand."),
    ] = None,
    machine_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the machine.")
    ] = None,
    cpu: Annotated[str | None, typer.Option(metavar="NAME", help="Name of its CPU.")] = None,
    isa_class: Annotated[
        str | None,
        typer.Option(metavar="|".join(described.ISA_CLASSES), help="Instruction set of its CPU."),
    ] = None,
    openvino: Annotated[
        str | None, typer.Option(metavar="VERSION", help="OpenVINO version, such as 2024.6.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where the figures are from, and when.")
    ] = None,
    manual: Annotated[bool, typer.Option("--manual", help="Figures by hand, no file.")] = False,
    latency_ms: Annotated[
        list[float] | None, typer.Option(metavar="MS", help="By hand: latency of each arm.")
    ] = None,
    throughput_fps: Annotated[
        list[float] | None,
        typer.Option(metavar="FPS", help="By hand: inferences per second of each arm."),
    ] = None,
    scenario: Annotated[
        str, typer.Option(metavar="latency|throughput", help="By hand: how it was driven.")
    ] = "latency",
    batch: Annotated[int, typer.Option(min=1, help="By hand: batch size.")] = 1,
    streams: Annotated[int | None, typer.Option(min=1, help="By hand: streams.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="By hand: threads.")] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Import what something else has measured: benchmark_app reports, or figures by hand.

    Files of one run go together: report, counters and execution graph are told apart by what
    is in them. A table of published throughputs is taken alone. What was imported is never
    mixed up with what was measured, and the same files a second time change nothing.

    Example: python -m collector import benchmark_report.csv --arm fp32@default --cpu "i5-8500"

    Example: python -m collector import published.csv --openvino 2024.1 --source "OpenVINO docs"
    """
    asked = Asked(
        Description(
            _text(machine_name, "--machine-name"), _text(cpu, "--cpu"), isa_class,
            _text(openvino, "--openvino"), _text(model, "--model"),
        ),
        tuple(arm or ()), tuple(latency_ms or ()), tuple(throughput_fps or ()),
        Driven(scenario, batch, streams, threads), source,
    )  # fmt: skip
    described.isa_flags(isa_class)
    every = [*(files or ()), *(counters or ()), *((exec_graph,) if exec_graph else ())]
    if manual:
        stored = _manual(data, asked, every)
    else:
        _check_no_figures(asked, every)
        sources = read_files(every)
        if is_published(sources):
            stored = _published(data, asked, sources[0])
        else:
            stored = _files(data, asked, sources, counters or (), exec_graph)
    _tell(stored, data, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command to a command line."""
    app.command("import")(import_command)


def _text(value: str | None, option: str) -> str | None:
    if value is not None and not value.strip():
        raise UsageError(f"{option} is empty", hint="leave it out where it is not known")
    return value.strip() if value else None


def _check_no_figures(asked: Asked, every: Sequence[Path]) -> None:
    if asked.latencies_ms or asked.throughputs_fps or asked.driven != Driven("latency", 1):
        raise UsageError(
            "figures and how they were driven were given without --manual",
            hint="add --manual, or leave them to the report",
        )
    if not every:
        raise UsageError("there is nothing to import", hint="give files, or figures with --manual")
    if len(asked.arms) > 1:
        raise UsageError(f"{len(asked.arms)} arms for the files of one run", hint="give one --arm")


def _files(
    data: Path,
    asked: Asked,
    sources: Sequence[SourceFile],
    as_counters: Sequence[Path],
    as_graph: Path | None,
) -> Stored:
    files = given_files(sources, as_counters=as_counters, as_graph=as_graph)
    arm = asked.arms[0] if asked.arms else None
    found = importing.files_run(files, asked.about, arm)
    if found.where.machine.cpu_model == described.UNKNOWN_MACHINE:
        note("note: nobody says which machine it was; give --machine-name or --cpu to tell it")
    return store(
        data, IMPORTED, found.content,
        lambda run_id, when: importing.files_facts(_key(run_id, when, asked), found),
    )  # fmt: skip


def _manual(data: Path, asked: Asked, every: Sequence[Path]) -> Stored:
    if every:
        raise UsageError(f"{every[0]} was given with --manual", hint="import files by themselves")
    if asked.about.model is None:
        raise UsageError("--manual needs a model", hint="name it with --model")
    if asked.driven.scenario not in _SCENARIOS:
        raise UsageError(
            f"no scenario {asked.driven.scenario!r}", hint=f"choose {' or '.join(_SCENARIOS)}"
        )
    figures = _figures(asked)
    model = described.model_fact(IMPORTED, asked.about.model)
    in_any_order = sorted(figures, key=lambda figure: figure.arm.name)
    meant = importing.meaning(IMPORTED, asked.about, model)
    content = content_id((), *meant, asked.driven, in_any_order)
    where = described.place(IMPORTED, asked.about, described.CPU, content)
    return store(
        data, IMPORTED, content,
        lambda run_id, when: importing.figures_facts(
            _key(run_id, when, asked), where, model, asked.driven, figures
        ),
    )  # fmt: skip


def _figures(asked: Asked) -> tuple[Figures, ...]:
    """The figures of each arm, in the order in which they were given."""
    arms, latencies, rates = asked.arms, asked.latencies_ms, asked.throughputs_fps
    if not arms:
        raise UsageError("--manual needs an arm", hint="give --arm, such as --arm fp32@f32")
    if len(set(arms)) < len(arms):
        raise UsageError("an arm was given twice", hint="give each --arm once")
    for option, values in (("--latency-ms", latencies), ("--throughput-fps", rates)):
        if values and len(values) != len(arms):
            raise UsageError(
                f"{len(arms)} --arm and {len(values)} {option}",
                hint=f"give {option} once for each --arm, in their order, or not at all",
            )
        for value in values:
            if not is_possible(value):
                raise UsageError(
                    f"{option} {value:g} cannot be", hint="give a number above 0 that was measured"
                )
    needed, option = (
        (rates, "--throughput-fps") if asked.driven.scenario == "throughput"
        else (latencies, "--latency-ms")
    )  # fmt: skip
    if not needed:
        raise UsageError(
            f"{asked.driven.scenario} figures were given without {option}",
            hint=f"give {option} for each --arm",
        )
    return tuple(
        Figures(arm_of(arm), latencies[at] if latencies else None, rates[at] if rates else None)
        for at, arm in enumerate(arms)
    )


def _published(data: Path, asked: Asked, source: SourceFile) -> Stored:
    about = asked.about
    if asked.arms or any((about.machine_name, about.cpu, about.isa_class, about.model)):
        raise UsageError(
            "a table of published figures names its models, machines and arms itself",
            hint="give --openvino and --source only",
        )
    rows = read_published(source)
    content = content_id((source.sha256,), *importing.meaning(PUBLISHED, about, None))
    return store(
        data, PUBLISHED, content,
        lambda run_id, when: importing.published_facts(
            _key(run_id, when, asked), rows, about.openvino, content
        ),
    )  # fmt: skip


def _key(run_id: str, when: datetime, asked: Asked) -> RunKey:
    return RunKey(run_id, when, command_line(), asked.source)


def _tell(stored: Stored, data: Path, *, as_json: bool) -> None:
    """Print what the run holds."""
    word = "imported already as" if stored.was_there else "imported as"
    note(f"{word} run {stored.run_id}: {'nothing changed' if stored.was_there else stored.path}")
    if stored.others:
        others = " and ".join(stored.others)
        note(f"note: the same files are there under another description, as run {others}")
    with closing(Store(data).index()) as index:
        launches = queries.launches(index, run_id=stored.run_id)
        ids = {launch.cell_id for launch in launches}
        cells = [cell for cell in queries.cells(index) if cell.cell_id in ids]
        found = [cautions.show(one) for one in queries.cautions(index, [stored.run_id])]
    told = tuple(dict.fromkeys(found))  # two cells may share one
    for caution in told:
        note(f"caution: {caution.message}; {caution.action}")
    if as_json:
        body = {
            "run_id": stored.run_id, "imported_before": stored.was_there,
            "cells": [_cell_body(cell, launches) for cell in cells],
            "cautions": [caution.message for caution in told],
        }  # fmt: skip
        print_text(json.dumps(body, indent=1))
    else:
        print_text(_text_of(cells, launches))


def _cell_body(cell: CellView, launches: Sequence[LaunchView]) -> dict[str, object]:
    own = _told_launch(cell, launches)
    return {
        "cell_id": cell.cell_id, "origin": cell.origin, "model": cell.model, "arm": cell.arm,
        "device": cell.device, "openvino": cell.runtime, "scenario": cell.scenario,
        "median_ms": own.p50_ms, "throughput_fps": own.throughput_fps, "error": own.error,
    }  # fmt: skip


def _text_of(cells: Sequence[CellView], launches: Sequence[LaunchView]) -> str:
    """One line for each cell; a table of many is counted."""
    if len(cells) > 8:
        models, devices = {cell.model_id for cell in cells}, {cell.device_id for cell in cells}
        return (
            f"{fmt.counted(len(cells), 'cell')}: {fmt.counted(len(models), 'model')} on"
            f" {fmt.counted(len(devices), 'machine')}"
        )
    return "\n".join(_line(cell, launches) for cell in cells)


def _told_launch(cell: CellView, launches: Sequence[LaunchView]) -> LaunchView:
    """The launch whose figures are told: that which was timed, else the one with the layers."""
    own = [launch for launch in launches if launch.cell_id == cell.cell_id]
    return min(own, key=lambda launch: launch.kind != "timing")


def _line(cell: CellView, launches: Sequence[LaunchView]) -> str:
    own = _told_launch(cell, launches)
    figures = [fmt.ms(own.p50_ms)] if own.p50_ms is not None else []
    figures += [fmt.fps(own.throughput_fps)] if own.throughput_fps is not None else []
    told = own.error or ", ".join(figures) or "layers only"
    return f"{cell.model} {cell.arm} on {cell.device}, OpenVINO {cell.runtime}: {told}"
