"""The command ``export`` of ``python -m results``.

Options and what is printed live here, the files are ``results.export``'s. ``results.cli``
registers the command and hands over how a store is opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from results import format as fmt
from results.command import DEFAULT_DATA, DataOption, JsonOption, print_text
from results.errors import UsageError
from results.export import EXPORTED, ExportFormat, export
from results.store import Index
from results.table_queries import model_names
from results.writer import RUNS_FOLDER

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where the files go; made if need be.")
]
FormatOption = Annotated[ExportFormat, typer.Option("--format", help="The kind of file.")]
TableOption = Annotated[
    list[str] | None,
    typer.Option("--table", metavar="NAME", help="Only this table; may be given again."),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Only what is of this model.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]


def register(app: typer.Typer, open_index: Callable[[Path], Index]) -> None:
    """Add the command; ``open_index`` opens the store at a folder and warns."""

    @app.command("export")
    def export_tables(
        folder: FolderArgument,
        file_format: FormatOption = ExportFormat.PARQUET,
        table: TableOption = None,
        model: ModelOption = None,
        force: ForceOption = False,
        data: DataOption = DEFAULT_DATA,
        as_json: JsonOption = False,
    ) -> None:
        """Write the tables of the index as files, one a table, for a notebook or a spreadsheet.

        The tables are those of `python -m results schema`, cell_views (the cells with all their
        names) and comparisons (every INT8 arm against both float arms, as `compare` says it).
        With --model the tables that are of no model, such as machines, come whole. No file is
        replaced without --force.

        Example: python -m results export tables

        Example: python -m results export tables --format csv --table comparisons --model resnet_50
        """
        _refuse_runs(folder, data)
        names = _chosen(table or ())
        with closing(open_index(data)) as index:
            _check_model(index, data, model)
            written = export(index, folder, file_format, names, model=model, force=force)
        if as_json:
            body = {"folder": str(folder), "format": file_format.value}
            tables = [asdict(one) for one in written]
            print_text(json.dumps(body | {"tables": tables}, indent=2, ensure_ascii=False))
        else:
            lines = (f"{folder / one.file}: {fmt.counted(one.rows, 'row')}" for one in written)
            print_text("\n".join(map(fmt.plain, lines)))


def _refuse_runs(folder: Path, data: Path) -> None:
    """Files of runs are never replaced: nothing is exported into them."""
    runs = (data / RUNS_FOLDER).resolve()
    if runs in (folder.resolve(), *folder.resolve().parents):
        raise UsageError(f"{folder} is among the runs of the store", hint="name another folder")


def _chosen(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in EXPORTED:
            raise UsageError(f"there is no table {name}", hint=f"choose of {', '.join(EXPORTED)}")
    return tuple(dict.fromkeys(names)) or EXPORTED


def _check_model(index: Index, data: Path, model: str | None) -> None:
    known = model_names(index)
    if not known:
        raise UsageError(
            f"{data} holds no results to export",
            hint="run `python -m collector demo` or give another folder with --data",
        )
    if model is not None and model not in known:
        raise UsageError(f"no model is called {model}", hint=f"there are {', '.join(known)}")
