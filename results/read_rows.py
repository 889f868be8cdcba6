"""Rows of an Arrow table as frozen dataclasses.

The one place where answers of the index become objects; what is asked is in the query modules.
A page reads thousands of rows at a time, so that what is done for each is kept small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from results.collection import held_back

RowT = TypeVar("RowT")

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MOMENT = pa.timestamp("us", "UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))


@held_back
def rows_as(row: type[RowT], table: pa.Table) -> tuple[RowT, ...]:
    """Rows as dataclasses whose fields are the table's columns; lists become tuples.

    ``row`` is a dataclass without slots and without ``__post_init__``. Raises TypeError for a
    column that is no field of it, and for a field without a default that is no column.
    """
    count = table.num_rows
    if not count:
        return ()
    told = {name: table[name] for name in table.column_names}
    unknown = {name: None for name, column in told.items() if column.null_count == count}
    columns = {name: _values(told[name]) for name in told if name not in unknown}
    return tuple(filled(row, columns, unknown, count=count))


def filled(
    row: type[RowT],
    columns: Mapping[str, Sequence[Any]],
    same: Mapping[str, Any] = _NOTHING,
    *,
    count: int,
) -> list[RowT]:
    """``count`` dataclasses, filled column by column; what is the ``same`` in all of them at once.

    A frozen dataclass sets its fields one by one through ``object.__setattr__``: for 40 fields
    that takes longer than all the rest of an answer. Raises TypeError as ``rows_as``.
    """
    if count:
        row(**same, **{name: values[0] for name, values in columns.items()})
    made = [object.__new__(row) for _ in range(count)]
    fields = [vars(one) for one in made]
    for own in fields:
        own.update(same)
    for name, values in columns.items():
        for own, value in zip(fields, values, strict=True):
            own[name] = value
    return made


def _values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column as Python has them; lists as tuples."""
    if column.type == _MOMENT:
        return [_moment(at_us) for at_us in column.cast(pa.int64()).to_pylist()]
    values: list[Any] = column.to_pylist()
    if pa.types.is_nested(column.type):
        return [tuple(value) if isinstance(value, list) else value for value in values]
    return values


def _moment(at_us: int | None) -> datetime | None:
    """As Arrow would tell it, in a tenth of the time."""
    return None if at_us is None else _EPOCH + timedelta(microseconds=at_us)
