"""What an index may hold and reach: nothing that runs when it is asked, no file outside of it.

An index is a file that others may have put where it is found. A view or a macro in it would
run with the rights of whoever asks; so would a column that is worked out. Which file is opened
is decided in ``results.store``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Execute = Callable[[str], Any]
"""Runs one statement on an open index and returns what can be fetched from."""

_VIEWS = "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
_OTHERS = """
SELECT (SELECT count(*) FROM duckdb_functions() WHERE NOT internal)
    + (SELECT count(*) FROM duckdb_triggers())
    + (SELECT count(*) FROM duckdb_tables() WHERE NOT internal AND sql ILIKE '%GENERATED ALWAYS%')
"""


def views_of(execute: Execute) -> tuple[tuple[str, str, str], ...]:
    """The views of an index: schema, name and SQL as DuckDB keeps it."""
    return tuple(execute(_VIEWS).fetchall())


def is_made_here(execute: Execute, views: tuple[tuple[str, str, str], ...]) -> bool:
    """Whether nothing in an index runs when it is asked, but exactly these views."""
    (others,) = execute(_OTHERS).fetchone()
    return others == 0 and views_of(execute) == views


def shut_in(execute: Execute, *, lock: bool) -> None:
    """Times come back in UTC, and no query reaches a file or a network.

    It holds for all who have the same file open in this process; with ``lock`` nobody can change
    it again (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
    """
    (is_locked,) = execute("SELECT current_setting('lock_configuration')").fetchone()
    if is_locked:
        return
    execute("SET GLOBAL TimeZone = 'UTC'")
    execute("SET enable_external_access = false")
    if lock:
        execute("SET lock_configuration = true")
