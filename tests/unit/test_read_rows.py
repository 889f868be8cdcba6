"""Rows of the index as objects: the same as their constructor makes, and as strict."""

from __future__ import annotations

import gc
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from results.read_rows import rows_as

AT = datetime(2026, 11, 1, 12, 30, 15, 123457, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One field of each kind that the tables have."""

    name: str
    at: datetime | None
    time_us: float | None
    number: int | None
    is_idle: bool
    shapes: tuple[str, ...] | None
    note: str | None = "no note"


ROWS = (
    Row("a", AT, 1.5, 7, True, ("[1,2]", "[3]"), None),
    Row("b", None, None, None, False, (), "told"),
    Row("c", datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC), 0.0, 2**60, True, None, None),
)
SCHEMA = pa.schema([
    ("name", pa.string()), ("at", pa.timestamp("us", "UTC")), ("time_us", pa.float64()),
    ("number", pa.int64()), ("is_idle", pa.bool_()), ("shapes", pa.list_(pa.string())),
    ("note", pa.string()),
])  # fmt: skip


def table_of(*rows: Row) -> pa.Table:
    columns = [[getattr(row, name) for row in rows] for name in SCHEMA.names]
    return pa.table(columns, schema=SCHEMA)


def test_rows_come_back_as_they_went_in() -> None:
    found = rows_as(Row, table_of(*ROWS))
    assert found == ROWS
    assert [hash(row) for row in found] == [hash(row) for row in ROWS]
    assert [replace(row, name="x").name for row in found] == ["x", "x", "x"]


def test_the_values_are_those_that_arrow_tells() -> None:
    table = table_of(*ROWS)
    for row, told in zip(rows_as(Row, table), table.to_pylist(), strict=True):
        for field in fields(Row):
            value = told[field.name]
            expected = tuple(value) if isinstance(value, list) else value
            assert repr(getattr(row, field.name)) == repr(expected)
            assert type(getattr(row, field.name)) is type(expected)


def test_a_column_that_says_nothing_is_nothing_in_every_row() -> None:
    silent = [replace(ROWS[1], name=name, note=None, shapes=None) for name in "xyz"]
    assert rows_as(Row, table_of(*silent)) == tuple(silent)


def test_the_order_of_the_columns_does_not_matter() -> None:
    assert rows_as(Row, table_of(*ROWS).select(SCHEMA.names[::-1])) == ROWS


def test_a_field_that_is_no_column_has_its_default() -> None:
    (row,) = rows_as(Row, table_of(ROWS[0]).drop_columns(["note"]))
    assert row == replace(ROWS[0], note="no note")


def test_a_column_that_is_no_field_is_refused() -> None:
    table = table_of(ROWS[0]).append_column("more", pa.array([1]))
    with pytest.raises(TypeError, match="more"):
        rows_as(Row, table)


def test_a_field_without_a_default_has_to_be_a_column() -> None:
    with pytest.raises(TypeError, match="name"):
        rows_as(Row, table_of(ROWS[0]).drop_columns(["name"]))


def test_times_in_another_unit_or_zone_are_read_too() -> None:
    local = timedelta(hours=1)
    for kind in (pa.timestamp("ns", "UTC"), pa.timestamp("us", "Europe/Paris")):
        table = table_of(ROWS[0])
        at = table.schema.get_field_index("at")
        (row,) = rows_as(Row, table.set_column(at, "at", table["at"].cast(kind)))
        assert row.at is not None
        assert abs(row.at - AT) < timedelta(microseconds=1)
        assert row.at.utcoffset() in {timedelta(0), local}


def test_nothing_is_collected_while_rows_are_made() -> None:
    passes: list[str] = []
    many = table_of(*ROWS * 1000)
    gc.collect()
    gc.callbacks.append(lambda phase, info: passes.append(phase))
    try:
        assert len(rows_as(Row, many)) == 3000
        assert not passes
    finally:
        gc.callbacks.pop()


def test_no_rows_are_no_objects() -> None:
    assert rows_as(Row, table_of()) == ()
