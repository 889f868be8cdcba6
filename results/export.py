"""The tables of the index as files, for notebooks and spreadsheets.

Which files there may be, and how they are written, is decided here; rows come from
``results.table_queries`` and ``results.comparison_rows``. The command is
``results.export_cli``'s.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from results import format as fmt
from results.comparison_rows import comparison_table
from results.durable import TEMP_PREFIX, write_failure, write_text
from results.errors import UsageError
from results.plain_rows import csv_text, json_rows
from results.store import Index
from results.table_queries import INDEX_TABLES, rows_of

COMPARISONS = "comparisons"
EXPORTED = (*INDEX_TABLES, COMPARISONS)
_NOTHING_WRITTEN = " or choose another folder; nothing was exported"


class ExportFormat(StrEnum):
    """The kinds of file; each is also its ending."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True)
class ExportedTable:
    """A file that was written."""

    table: str
    file: str
    rows: int


def export(
    index: Index,
    folder: Path,
    file_format: ExportFormat,
    tables: Sequence[str] = EXPORTED,
    *,
    model: str | None = None,
    force: bool = False,
) -> tuple[ExportedTable, ...]:
    """Write the tables under ``folder``; all of them, or none where something fails on the way.

    Raises UsageError where a file is there and ``force`` is not given, or ``folder`` is a
    file, HostError where the disk refuses.
    """
    files = {name: folder / f"{name}.{file_format.value}" for name in tables}
    _refuse_files(folder, files.values(), force=force)
    try:
        with _filled(folder) as temp:
            found = [
                _write(_rows(index, name, model), name, temp / path.name, file_format)
                for name, path in files.items()
            ]
            for path in files.values():
                (temp / path.name).replace(path)
    except OSError as error:
        raise write_failure(folder, error, then=_NOTHING_WRITTEN) from error
    return tuple(found)


def _rows(index: Index, name: str, model: str | None) -> pa.Table:
    return comparison_table(index, model) if name == COMPARISONS else rows_of(index, name, model)


def _write(rows: pa.Table, name: str, path: Path, file_format: ExportFormat) -> ExportedTable:
    if file_format is ExportFormat.PARQUET:
        pq.write_table(rows, path, compression="zstd")
    elif file_format is ExportFormat.CSV:
        write_text(path, csv_text(rows))
    else:
        write_text(path, f"{json_rows(rows)}\n")
    return ExportedTable(name, path.name, rows.num_rows)


@contextmanager
def _filled(folder: Path) -> Iterator[Path]:
    """A temporary folder inside of ``folder``; a ``folder`` made for nothing goes again."""
    made = not folder.exists()
    temp = folder / f"{TEMP_PREFIX}export-{os.getpid()}"
    try:
        temp.mkdir(parents=True)
        yield temp
    finally:
        shutil.rmtree(temp, ignore_errors=True)
        with suppress(OSError):
            if made:
                folder.rmdir()  # refuses where files are in it


def _refuse_files(folder: Path, files: Collection[Path], *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder")
    there = [path.name for path in files if path.exists()]
    if there and not force:
        more = f" and {fmt.counted(len(there) - 1, 'other file')}" if there[1:] else ""
        were = "are" if there[1:] else "is"
        raise UsageError(
            f"{there[0]}{more} {were} in {folder} already",
            hint="name another folder, or replace them with --force",
        )
