"""The command line ``python -m results``: list, compare, verify, rebuild, schema.

The other commands stand in modules of their own and are registered here: ``changes`` and
``series`` in ``results.versions.cli``, ``readiness`` in ``results.readiness.cli``, ``export``
in ``results.export_cli``, ``sql`` in ``results.sql``.

Answers go to standard output, everything else to standard error. Exit codes: 0 fine,
1 the answer is no, 2 wrong use, 3 the environment failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group

from results import accuracy_queries, export_cli, queries, selector, sql
from results.command import (
    DEFAULT_DATA,
    SAMPLE,
    DataOption,
    JsonOption,
    new_app,
    note,
    print_text,
    run,
)
from results.compare import compare_cells
from results.comparison import Comparison
from results.errors import EXIT_NO, StoreError, UsageError
from results.export_json import cells_json, comparison_json, index_json, verify_json
from results.format import plain
from results.gates import FailOn, Limits, judge_gates
from results.index import Problem
from results.left_out import half_copied_words
from results.markdown import comparison_markdown
from results.readiness import cli as readiness_cli
from results.render import comparison_text
from results.render_cells import cells_text, certificates_text, unmeasured_text
from results.schema import schema_markdown
from results.store import Index, Store
from results.terminal import to_text
from results.verify import VerifyReport, verify
from results.versions import cli as versions_cli

_NO_RUNS_HINT = "run `python -m collector demo` or give another folder with --data"

MinSpeedupOption = Annotated[
    float | None,
    typer.Option("--min-speedup", metavar="TIMES", help="Fail below this speed-up, such as 1.5."),
]
FailOnOption = Annotated[
    list[FailOn] | None,
    typer.Option("--fail-on", help="Fail on this verdict; may be given again."),
]
MaxDropOption = Annotated[
    float | None,
    typer.Option(
        "--max-accuracy-drop",
        metavar="POINTS",
        help="Fail where top-1 falls by more percentage points, or where that is unknown.",
    ),
]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="A comment for a pull request.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Name the damaged runs and move none.")
]

app = new_app("results")


@app.callback()
def about() -> None:
    """Look at measured results: list cells, compare two, check and index a store."""


@app.command("list")
def list_cells(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """List all cells, each with its median latency or time per item: its launches' geometric mean.

    What was imported or published, and not measured here, says so beside its model.
    Variants that were quantised and not measured yet follow with their accuracy.
    Certificates (A against A) come last, one line each.

    Example: python -m results list

    Example: python -m results list --data data/sample --json
    """
    store = open_store(data, or_sample=True)
    with closing(store.index()) as index:
        warn(index.problems)
        summaries, certificates = queries.cell_summaries(index), queries.certificates(index)
        unmeasured = accuracy_queries.unmeasured_variants(index)
        found = summaries.num_rows + len(certificates) + len(unmeasured)
        _refuse_unreadable(store, index.problems, found)
        if as_json:
            print_text(cells_json(store.root, summaries, certificates, index.problems, unmeasured))
        elif found:
            shown = cells_text(summaries), unmeasured_text(unmeasured)
            print_text(to_text(Group(*shown, certificates_text(certificates))))
        else:
            note(f"{store.root} holds no results; {_NO_RUNS_HINT}")


@app.command()
def compare(
    baseline: Annotated[str, typer.Argument(help="Selector, such as model=NAME,arm=fp32@f32.")],
    candidate: Annotated[str, typer.Argument(help="Selector; what it leaves open is as above.")],
    min_speedup: MinSpeedupOption = None,
    fail_on: FailOnOption = None,
    max_accuracy_drop: MaxDropOption = None,
    as_markdown: MarkdownOption = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Compare two cells: which is faster, how sure that is, and why.

    A selector has any of model=, arm=, variant=, device=, runtime=, scenario=, batch=,
    streams=, threads=, requests=, origin=, cell=, run=, separated by commas, in any order; what
    is not needed to tell cells apart may be left out. openvino= is another word for runtime=.
    Of two variants of one arm the newest measured is taken. Without origin= (measured, imported
    or published) what was measured is meant.

    With --min-speedup, --fail-on or --max-accuracy-drop it is a gate: each is told as passed or
    failed, and the exit code is 1 where one failed.

    Example: python -m results compare model=resnet_50,arm=fp32@f32 arm=int8-simplified@default

    Example: python -m results compare arm=fp32@default arm=int8-simplified@default --json

    Example: python -m results compare model=resnet_50,arm=fp32@default arm=int8-full@default
    --min-speedup 1.5 --fail-on inconclusive --max-accuracy-drop 0.5 --markdown
    """
    if as_json and as_markdown:
        raise UsageError("--json and --markdown are both given", hint="choose one")
    limits = Limits(min_speedup, tuple(fail_on or ()), max_accuracy_drop)
    found = _compared(data, baseline, candidate)
    gates = judge_gates(found, limits)
    if as_json:
        print_text(comparison_json(found, gates))
    elif as_markdown:
        print_text(comparison_markdown(found, gates))
    else:
        print_text(to_text(comparison_text(found, gates)))
    if not all(gate.passed for gate in gates):
        raise typer.Exit(EXIT_NO)


def _compared(data: Path, baseline: str, candidate: str) -> Comparison:
    """The comparison of the two cells that the selectors name."""
    store = open_store(data, or_sample=True)
    with closing(store.index()) as index:
        warn(index.problems)
        cells = queries.cells(index)
        unmeasured = accuracy_queries.unmeasured_variants(index)
        _refuse_unreadable(store, index.problems, len(cells) + len(unmeasured))
        if not cells and unmeasured:
            raise UsageError(
                f"{store.root} holds variants that were quantised and none that was measured",
                hint="measure them with `python -m collector run --model` and their model",
            )
        if not cells:
            raise UsageError(f"{store.root} holds no results to compare", hint=_NO_RUNS_HINT)
        pair = selector.select_pair(cells, baseline, candidate, run_cells=queries.run_cells(index))
        for line in pair.notes:
            note(line)
        return compare_cells(index, pair.baseline, pair.candidate, run_id=pair.run_id)


@app.command("verify")
def verify_store(
    dry_run: DryRunOption = False, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False
) -> None:
    """Check every file of every run; move damaged runs to DIR/quarantine.

    Exit code 1 says that damage was found, 3 that a damaged run could not be moved. Nothing is
    deleted.

    Example: python -m results verify --data data

    Example: python -m results verify --data /srv/results --dry-run
    """
    report = verify(Store(data), dry_run=dry_run)
    warn(report.newer)
    if as_json:
        print_text(verify_json(report))
    else:
        print_text(_verify_text(report))
    if report.refused is not None:
        raise report.refused
    if not report.is_sound:
        raise typer.Exit(EXIT_NO)


@app.command()
def rebuild(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Delete the index of a store and build it again from the runs.

    Example: python -m results rebuild --data data
    """
    store = open_store(data)
    store.clear_index()
    with closing(store.index()) as index:
        warn(index.problems)
        runs = len(queries.run_views(index))
        if as_json:
            print_text(index_json(store.root, index.digest, runs, index.problems))
        else:
            print_text(f"index {index.digest} of {store.root}: {runs} runs")


@app.command()
def schema() -> None:
    """Print every table, column, type and unit, as Markdown.

    Example: python -m results schema > docs/schema.md
    """
    print_text(schema_markdown().rstrip("\n"))


def _refuse_unreadable(store: Store, problems: Sequence[Problem], readable: int) -> None:
    """Raise StoreError where the store holds runs and none of them can be read."""
    if problems and not readable:
        raise StoreError(
            f"none of the runs of {store.root} can be read: {len(problems)} left out",
            hint="do what the warnings say",
        )


def open_store(data: Path, *, or_sample: bool = False) -> Store:
    """The store at ``data``; the committed sample where the default one has nothing."""
    store = Store(data)
    if store.half_copied:
        note(f"warning: {half_copied_words(store.half_copied)}")
    untouched = store.is_empty and not store.problems
    if or_sample and untouched and data == DEFAULT_DATA and SAMPLE.is_dir():
        sample = Store(SAMPLE)
        if not sample.is_empty:
            note(f"{data} holds no results yet: showing the committed sample, {SAMPLE}")
            return sample
    return store


def warn(problems: Iterable[Problem]) -> None:
    """Name the runs that are left out, on standard error."""
    for problem in problems:
        note(f"warning: {problem}")


def _open_index(data: Path) -> Index:
    """The index of a store whose runs can be read, at least one; warns of the others."""
    store = open_store(data, or_sample=True)
    index = store.index()
    warn(index.problems)
    _refuse_unreadable(store, index.problems, len(queries.cells(index)))
    return index


versions_cli.register(app, _open_index)
readiness_cli.register(app, _open_index)
export_cli.register(app, _open_index)
sql.register(app, _open_index)


def _verify_text(report: VerifyReport) -> str:
    lines = [f"{report.runs} runs with {report.files} files are sound"]
    lines += [
        f"run {found.run_id} is damaged: {plain(found.reason)}; "
        f"{f'moved to {found.moved_to}' if found.moved_to else 'it stays where it is'}"
        for found in report.damaged
    ]
    if report.half_copied:
        lines.append(half_copied_words(report.half_copied))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; no bad input gives a traceback."""
    return run(app, arguments)
