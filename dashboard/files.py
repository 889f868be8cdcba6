"""What a page gives to take away, as files: a table as CSV and as Parquet, and their names.

Parquet has a table as it is shown, numbers as numbers. CSV is for spreadsheets: a text that one
would obey as a formula gets an apostrophe in front. Pictures are made in the browser, by
``dashboard/views/picture.js``.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from results.format import plain
from results.plain_rows import csv_text

_PREFIX = "int8-lens"
_LONGEST_PART = 40
_NO_NAME = re.compile(r"[^a-z0-9.@]+")
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet obeys, in full width too."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By this mark spreadsheets know that a file is UTF-8: units such as µs need it."""


def csv_bytes(table: pa.Table) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark; no text of it is a formula."""
    harmless = pa.Table.from_arrays(
        [_harmless_column(column) for column in table.columns],
        names=[_harmless(name) for name in table.column_names],
    )
    return f"{_BOM}{csv_text(harmless)}".encode()


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as Parquet (zstd), with the names and types of its columns."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def file_stem(parts: Iterable[str], day: date) -> str:
    """The name of a file without its ending: ``int8-lens_compare_layers_resnet_2026-11-23``.

    Whatever a part holds, only small letters, digits, ``.``, ``@`` and ``-`` are left of it; a
    long one ends with a whole word.
    """
    told = [_part(part) for part in parts]
    return "_".join([_PREFIX, *filter(None, told), day.isoformat()])


def _part(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    told = _NO_NAME.sub("-", plain).strip("-.")
    if len(told) <= _LONGEST_PART:
        return told
    whole, _, _ = told[: _LONGEST_PART + 1].rpartition("-")
    return (whole or told[:_LONGEST_PART]).strip("-.")


def _harmless_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    texts = [None if text is None else _harmless(text) for text in column.to_pylist()]
    return pa.chunked_array([texts], type=column.type)


def _harmless(text: str) -> str:
    """With an apostrophe in front of what a spreadsheet would obey; a number is none of it."""
    shown = plain(text)
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.fullmatch(shown) else shown
