"""What a page gives to take away, as files: a table as CSV and as Parquet, and their names.

Both have a table as it is shown, numbers as numbers, but for what is there for the eye alone: the
dash of an empty cell, and the sign before a verdict's word. CSV is for spreadsheets: a text that
one would obey as a formula gets an apostrophe in front. Pictures are made in the browser, by
``dashboard/views/picture.js``.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard import device_tables, theme
from results.format import DASH, plain
from results.plain_rows import csv_text
from results.versions.shapes import Bucket

_PREFIX = "int8-lens"
_LONGEST_PART = 40
_NO_NAME = re.compile(r"[^a-z0-9.@]+")
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet obeys, in full width too."""
_TOLD_WITH_SIGNS = (
    *(f"{look.sign} {look.word}" for look in (*theme.LOOKS.values(), theme.FAILED)),
    *(f"{bucket.sign} {bucket.value}" for bucket in Bucket),
    *device_tables.KINDS,
)
_SIGNED = re.compile(
    "|".join(
        f"{re.escape(sign)} (?={re.escape(word)}(?!\\w))"
        for sign, _, word in (told.partition(" ") for told in _TOLD_WITH_SIGNS)
    )
)
"""The sign of a verdict or a bucket, in front of its word; nothing else that begins alike."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By this mark spreadsheets know that a file is UTF-8: units such as µs need it."""


def csv_file(shown: pa.Table) -> bytes:
    """What is taken away as CSV of a table that a page shows."""
    return csv_bytes(taken(shown))


def parquet_file(shown: pa.Table) -> bytes:
    """What is taken away as Parquet of a table that a page shows."""
    return parquet_bytes(taken(shown))


def taken(shown: pa.Table) -> pa.Table:
    """The table without its dashes and signs: a dash is an empty cell, ``= same`` is ``same``."""
    return pa.Table.from_arrays(
        [_of_texts(column, _unsigned) for column in shown.columns],
        names=[_unsigned(name) or name for name in shown.column_names],
    )


def _unsigned(text: str) -> str | None:
    signed = _SIGNED.match(text)
    return None if text == DASH else text[signed.end() if signed else 0 :]


def csv_bytes(table: pa.Table) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark; no text of it is a formula."""
    harmless = pa.Table.from_arrays(
        [_of_texts(column, _harmless) for column in table.columns],
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


def _of_texts(column: pa.ChunkedArray, told: Callable[[str], str | None]) -> pa.ChunkedArray:
    """The column with each of its texts as it is ``told``; one without texts as it is."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    texts = [None if text is None else told(text) for text in column.to_pylist()]
    return pa.chunked_array([texts], type=column.type)


def _harmless(text: str) -> str:
    """With an apostrophe in front of what a spreadsheet would obey; a number is none of it."""
    shown = plain(text)
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.fullmatch(shown) else shown
