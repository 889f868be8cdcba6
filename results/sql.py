"""The command ``sql`` of ``python -m results``: a question of the user's own to the index.

Options and what is printed live here; what may be asked is decided in ``results.asked``.
``results.cli`` registers the command and hands over how a store is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer
from rich.console import Group, RenderableType

from results import format as fmt
from results.asked import ask
from results.command import DEFAULT_DATA, DataOption, JsonOption, note, print_text
from results.errors import UsageError
from results.plain_rows import csv_text, json_rows, text_rows
from results.store import Index
from results.terminal import add_row, heading, new_table, to_text, width

_SHOWN_ROWS = 100
_LONGEST_VALUE = 60

SqlArgument = Annotated[str, typer.Argument(metavar="SELECT", help="One SELECT, in quotes.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Comma-separated, with a header.")]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", metavar="ROWS", help="Most rows; 0 means all.", show_default=False),
]


def register(app: typer.Typer, open_index: Callable[[Path], Index]) -> None:
    """Add the command; ``open_index`` opens the store at a folder and warns."""

    @app.command()
    def sql(
        question: SqlArgument,
        limit: LimitOption = None,
        as_csv: CsvOption = False,
        data: DataOption = DEFAULT_DATA,
        as_json: JsonOption = False,
    ) -> None:
        """Ask the index in SQL, read only; "SHOW TABLES" names what there is.

        The tables are those of `python -m results schema`; cell_views has the cells with all
        their names, launch_views the launches with the figure that is compared. The dialect is
        DuckDB's. Nothing can be written, and no file outside of the index be read. Without
        --limit a terminal shows 100 rows, --json and --csv give all.

        Example: python -m results sql "SELECT model, arm, device FROM cell_views"

        Example: python -m results sql "SELECT * FROM launches WHERE status <> 'ok'" --json
        """
        if as_csv and as_json:
            raise UsageError("--csv and --json are both given", hint="choose one")
        if limit is not None and limit < 0:
            raise UsageError(f"--limit is {limit}", hint="give a number of rows, or 0 for all")
        most = limit if limit is not None else 0 if as_csv or as_json else _SHOWN_ROWS
        with closing(open_index(data)) as index:
            found = ask(index, question, most or None)
        if as_json:
            print_text(json_rows(found.rows))
        elif as_csv:
            print_text(csv_text(found.rows).rstrip("\n"))
        else:
            print_text(to_text(_shown(found.rows)))
        if found.more:
            note(f"the first {fmt.counted(most, 'row')} of more; --limit 0 gives all")


def _shown(rows: pa.Table) -> RenderableType:
    """A table where it fits the terminal, else each row as a list of its columns."""
    names = rows.column_names
    texts = [[_clipped(value) for value in row] for row in text_rows(rows)]
    columns = zip(names, *texts, strict=True)
    if sum(max(map(len, column)) + 2 for column in columns) <= width():
        return _table(names, texts)
    parts: list[RenderableType] = []
    for number, row in enumerate(texts, start=1):
        parts += [heading(f"row {number}"), _table(("", ""), list(zip(names, row, strict=True)))]
    return Group(*parts)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    table = new_table(*(f" {name}" if name.startswith(">") else name for name in headings))
    for row in rows:
        add_row(table, *row)
    return table


def _clipped(text: str) -> str:
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"{text[: _LONGEST_VALUE - 1]}\N{HORIZONTAL ELLIPSIS}"
