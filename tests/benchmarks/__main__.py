"""``python -m tests.benchmarks``: the numbers to reach, measured here. It takes hours.

``make bench`` runs it; it is no part of ``make test``. The figures are worth as much as the
machine is quiet.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from collector.machine import this_machine
from results.command import new_app, note, print_text, run
from results.errors import EXIT_NO, UsageError
from tests.benchmarks.bench_against import latency, throughput
from tests.benchmarks.bench_alarms import idle, load
from tests.benchmarks.bench_overhead import overhead
from tests.benchmarks.bench_planted import planted
from tests.benchmarks.causes import causes
from tests.benchmarks.compare_speed import compare_speed
from tests.benchmarks.coverage import coverage
from tests.benchmarks.dashboard_speed import dashboard_speed
from tests.benchmarks.rows import Row, machine_text, read_report, to_json, to_markdown, to_text
from tests.benchmarks.settings import Settings
from tests.benchmarks.versions import versions

Part = Callable[[Settings], tuple[Row, ...]]

PARTS: MappingProxyType[str, Part] = MappingProxyType({
    "idle": idle,
    "load": load,
    "planted": planted,
    "latency": latency,
    "throughput": throughput,
    "overhead": overhead,
    "versions": versions,
    "causes": causes,
    "coverage": coverage,
    "compare": compare_speed,
    "dashboard": dashboard_speed,
})  # fmt: skip
_ALIASES = MappingProxyType({"share": "overhead", "memory": "overhead"})

app = new_app("tests.benchmarks")


@app.command()
def bench(
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="|".join((*PARTS, *_ALIASES)), help="Part to measure; repeatable."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Report to write, or to complete."),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table of docs/method.md too.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Tiny parameters: prove that it runs.")
    ] = False,
    comparisons: Annotated[
        int | None, typer.Option(min=2, max=1000, help="Comparisons of idle and load.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Trials of planted.")] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Rounds of latency and throughput.")
    ] = None,
) -> None:
    """Measure the numbers to reach and print them with the bars.

    Exit code 1 where a bar was missed. A report that is there already keeps its other rows.

    Example: python -m tests.benchmarks --only planted --json bench.json

    Example: python -m tests.benchmarks --quick
    """
    parts = chosen(only or [])
    machine = machine_text(this_machine(), version("openvino"))
    report = read_report(file, machine, quick=quick)
    with tempfile.TemporaryDirectory(prefix="int8-lens-bench-") as folder:
        settings = _settings(Path(folder), comparisons, trials, rounds, quick=quick)
        for name in parts:
            note(f"benchmark {name}")
            report = report.with_rows(PARTS[name](settings), datetime.now(UTC))
            if file is not None:
                file.write_text(to_json(report), encoding="utf-8")
    print_text(to_text(report))
    if markdown:
        print_text("\n" + to_markdown(report))
    if report.missed(parts):
        raise typer.Exit(EXIT_NO)


def chosen(only: list[str]) -> tuple[str, ...]:
    """The parts to measure, each once, in their order; all where none is named."""
    wanted = {_ALIASES.get(name, name) for name in only} or set(PARTS)
    unknown = sorted(wanted - set(PARTS))
    if unknown:
        known = ", ".join((*PARTS, *_ALIASES))
        raise UsageError(f"no part is called {unknown[0]!r}", hint=f"choose one of {known}")
    return tuple(name for name in PARTS if name in wanted)


def _settings(
    folder: Path, comparisons: int | None, trials: int | None, rounds: int | None, *, quick: bool
) -> Settings:
    plain = Settings.tiny(folder) if quick else Settings(folder)
    return Settings(
        folder=folder,
        quick=quick,
        comparisons=comparisons or plain.comparisons,
        trials=trials or plain.trials,
        rounds=rounds or plain.rounds,
        against_s=plain.against_s,
    )


if __name__ == "__main__":
    sys.exit(run(app))
