"""Rows of an Arrow table as values for JSON, and as texts for CSV and the terminal.

Columns may share a name and hold anything that DuckDB knows; what is not a number here
(NaN, infinity) is null, as what is not known.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal

import pyarrow as pa

from results.errors import UsageError

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def json_value(value: object) -> Json:
    """A value of a row as JSON has it; times in ISO 8601, bytes in hexadecimal."""
    match value:
        case None | bool() | int() | str():
            found: Json = value
        case float():
            found = value if math.isfinite(value) else None
        case Decimal():
            found = int(value) if value == value.to_integral_value() else float(value)
        case date() | time():
            found = value.isoformat()
        case list() | tuple():
            found = [json_value(item) for item in value]
        case dict():
            found = {str(name): json_value(item) for name, item in value.items()}
        case bytes():
            found = value.hex()
        case _:
            found = str(value)
    return found


def json_rows(table: pa.Table) -> str:
    """The rows as a JSON array of objects, a row a line; UsageError for columns of one name."""
    names = table.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"several columns are called {twice[0]}", hint="tell them apart with AS")
    lines = (
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
        for row in _values(table)
    )
    body = ",\n".join(lines)
    return f"[\n{body}\n]" if body else "[]"


def csv_text(table: pa.Table) -> str:
    """The rows as CSV with a header; what is null is empty, lists are JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(text_rows(table))
    return text.getvalue()


def text_rows(table: pa.Table) -> Iterator[list[str]]:
    """Every value as text: null is empty, true and false as in JSON."""
    for row in _values(table):
        yield ["" if value is None else _text(value) for value in row]


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _values(table: pa.Table) -> Iterator[tuple[Json, ...]]:
    """Batch by batch, so that a large table is not all in Python at once."""
    for batch in table.to_batches(max_chunksize=4096):
        columns = [[json_value(value) for value in column.to_pylist()] for column in batch.columns]
        yield from zip(*columns, strict=True)
