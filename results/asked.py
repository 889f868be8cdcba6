"""A user's own SQL on the index: read only, and nothing outside of the index.

Three locks, since each alone leaves a gap. Only a SELECT is taken (DESCRIBE, SHOW and SUMMARIZE
are such). The transaction is read-only, because a WITH may hold an INSERT. DuckDB is told to
open no file, no network and no Python variable, and that nobody may change that again
(https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from results.errors import HostError, UsageError
from results.index import Index

_LOCKS = (
    "SET enable_external_access = false",
    "SET lock_configuration = true",
    "BEGIN TRANSACTION READ ONLY",
)
_BATCH_ROWS = 2048
_HINT = 'ask one SELECT, such as "SELECT model, arm FROM cell_views"; "SHOW TABLES" names them all'


@dataclass(frozen=True)
class Answer:
    """The rows of a question as an Arrow table; ``more`` says that there are further ones."""

    rows: pa.Table
    more: bool


def ask(index: Index, sql: str, limit: int | None = None) -> Answer:
    """The answer to one SELECT, at most ``limit`` rows; None means all.

    The index is locked by it and answers nothing else afterwards. Raises UsageError where the
    question is none, or wrong, HostError where memory is short.
    """
    with _locked(index) as cursor:
        try:
            _check(cursor, sql)
            return _answer(cursor, sql, limit)
        except duckdb.OutOfMemoryException as error:
            raise HostError("the question needs too much memory", hint="ask for less") from error
        except duckdb.Error as error:
            raise UsageError(_first_words(error), hint=_HINT) from error


def _locked(index: Index) -> duckdb.DuckDBPyConnection:
    cursor = index.cursor()
    for lock in _LOCKS:
        cursor.execute(lock)
    return cursor


def _check(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise UsageError unless it is one statement that only reads."""
    found = cursor.extract_statements(sql)
    if len(found) != 1:
        what = f"{len(found)} statements" if found else "no statement"
        raise UsageError(f"the question has {what}", hint=_HINT)
    kind = found[0].type
    if kind != duckdb.StatementType.SELECT:
        raise UsageError(f"{kind.name} is refused: the index can only be read", hint=_HINT)


def _answer(cursor: duckdb.DuckDBPyConnection, sql: str, limit: int | None) -> Answer:
    """Reads batch by batch, so that a limit ends a long answer early."""
    with cursor.sql(sql).to_arrow_reader(_BATCH_ROWS) as reader:
        batches, rows = [], 0
        for batch in reader:
            batches.append(batch)
            rows += batch.num_rows
            if limit is not None and rows > limit:
                break
        table = pa.Table.from_batches(batches, schema=reader.schema)
    if limit is None:
        return Answer(table, more=False)
    return Answer(table.slice(0, limit), more=rows > limit)


def _first_words(error: duckdb.Error) -> str:
    """DuckDB's reason with its suggestion, in one line, without the picture of the query."""
    lines = str(error).partition("\n\nLINE ")[0].splitlines()
    return "; ".join(line.strip() for line in lines if line.strip()) or type(error).__name__
