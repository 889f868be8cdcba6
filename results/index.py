"""The DuckDB index of a store: its tables, how runs are loaded, how it is asked.

``results.store`` decides which runs go in and where the file stands; the questions
live in ``results.queries``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb
import pyarrow as pa

from results.errors import StoreError
from results.manifest import Manifest, NewerSchemaError, read_checked
from results.schema import TABLES, Table, arrow_schema

INDEX_FORMAT = 8
_OWNERS = {
    "source_ops": ("variant_id",),
    "layer_accuracy": ("variant_id", "dataset_id"),
    "reverted_ops": ("variant_id",),
}
"""Shared tables whose rows come as a set: the newest run that has the owner gives all."""

_JUDGED = frozenset({"datasets", "accuracy"})
"""Shared tables that keep what every run said, with its ``run_id``: a drop is taken from one
judgement, and what a run could not read is not what another could not.
"""

_PROBLEMS = "store_problems"
_PROBLEM_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("run_id", "kind", "message", "hint", "path")]
)
_RUN_VARIANTS = "run_variants"
"""Which variants a run brought: the shared table does not say it by itself."""
_RUN_VARIANTS_SCHEMA = pa.schema([(name, pa.string()) for name in ("run_id", "variant_id")])
_CELL_VIEWS = """
CREATE VIEW cell_views AS
SELECT c.cell_id, c.device_id, c.runtime_id, c.model_id, c.variant_id,
    coalesce(m.name, c.model_id) AS model, coalesce(m.title, c.model_id) AS model_title,
    m.note AS model_note, c.arm, coalesce(v.kind, split_part(c.arm, '@', 1)) AS variant_kind,
    c.precision, coalesce(d.title, c.device_id) AS device,
    coalesce(d.machine_id, '') AS machine_id, d.isa_cap,
    coalesce(h.isa_flags, []) AS isa_flags, coalesce(r.version, c.runtime_id) AS runtime,
    c.scenario, c.batch, c.streams, c.threads, c.requests, v.note AS variant_note,
    o.origin
FROM cells c
JOIN (SELECT l.cell_id, CASE WHEN bool_or(r.kind = 'published') THEN 'published'
        WHEN bool_or(r.kind = 'imported') THEN 'imported' ELSE 'measured' END AS origin
    FROM launches l LEFT JOIN runs r USING (run_id) GROUP BY l.cell_id) o USING (cell_id)
LEFT JOIN models m USING (model_id)
LEFT JOIN variants v USING (variant_id)
LEFT JOIN devices d USING (device_id)
LEFT JOIN machines h ON h.machine_id = d.machine_id
LEFT JOIN runtimes r USING (runtime_id)
"""
_LAUNCH_VIEWS = """
CREATE VIEW launch_views AS
SELECT l.*, CASE WHEN c.scenario = 'throughput' THEN 1000.0 / l.throughput_fps
    ELSE l.p50_ms END AS headline_ms
FROM (SELECT * REPLACE (CASE WHEN p50_ms > 0 THEN p50_ms END AS p50_ms,
    CASE WHEN throughput_fps > 0 THEN throughput_fps END AS throughput_fps) FROM launches) l
LEFT JOIN cells c USING (cell_id)
"""


class ProblemKind(StrEnum):
    """Why a run is left out."""

    DAMAGED = "damaged"
    NEWER = "newer"


@dataclass(frozen=True)
class Problem:
    """A run that cannot be used, and what to do about it."""

    run_id: str
    kind: ProblemKind
    message: str
    hint: str
    path: Path

    def __str__(self) -> str:
        return f"run {self.run_id} is left out: {self.message}; {self.hint}"


@dataclass(frozen=True)
class StoredRun:
    """A run's directory and its manifest."""

    path: Path
    manifest: Manifest


def problem_of(path: Path, error: StoreError) -> Problem:
    """The problem that an error makes of a run."""
    newer = isinstance(error, NewerSchemaError)
    kind = ProblemKind.NEWER if newer else ProblemKind.DAMAGED
    return Problem(path.name, kind, error.message, error.hint, path)


class Index:
    """An open index: fixed content, safe to query from several threads.

    ``digest`` names the content, ``problems`` the runs that are not in it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, digest: str) -> None:
        self._connection = connection
        self.digest = digest
        rows = self.fetch("SELECT * FROM store_problems ORDER BY run_id").to_pylist()
        self.problems = tuple(
            Problem(
                row["run_id"],
                ProblemKind(row["kind"]),
                row["message"],
                row["hint"],
                Path(row["path"]),
            )
            for row in rows
        )

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for each query; times come back in UTC."""
        cursor = self._connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        return cursor

    def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        """The answer to one query with bound parameters (``$name``)."""
        with self.cursor() as cursor:
            return cursor.sql(sql, params=dict(params) if params else None).to_arrow_table()

    def close(self) -> None:
        """Close the file; using the index afterwards is an error."""
        self._connection.close()


def fill(
    connection: duckdb.DuckDBPyConnection, runs: Iterable[StoredRun], problems: Iterable[Problem]
) -> None:
    """All tables from the runs, which come newest first; damaged ones become problems."""
    found = list(problems)
    seen: dict[str, set[tuple[object, ...]]] = {table.name: set() for table in TABLES}
    connection.begin()
    for table in TABLES:
        empty = arrow_schema(table.row).empty_table()
        connection.from_arrow(_fresh(table, empty, "", set())).create(table.name)
    connection.from_arrow(_RUN_VARIANTS_SCHEMA.empty_table()).create(_RUN_VARIANTS)
    for run in runs:
        try:
            tables = read_run(run)
        except StoreError as error:
            found.append(problem_of(run.path, error))
            continue
        for table, rows in tables:
            fresh = _fresh(table, rows, run.manifest.run_id, seen[table.name])
            connection.from_arrow(fresh).insert_into(table.name)
            if table.name == "variants":
                held = _with_run(rows.select(["variant_id"]), run.manifest.run_id)
                connection.from_arrow(held.select(_RUN_VARIANTS_SCHEMA.names)).insert_into(
                    _RUN_VARIANTS
                )
    records = [(p.run_id, p.kind.value, p.message, p.hint, str(p.path)) for p in found]
    columns = list(zip(*records, strict=True)) or [()] * len(_PROBLEM_SCHEMA)
    connection.from_arrow(pa.table(columns, schema=_PROBLEM_SCHEMA)).create(_PROBLEMS)
    connection.execute(_CELL_VIEWS)
    connection.execute(_LAUNCH_VIEWS)
    connection.commit()


def _fresh(table: Table, rows: pa.Table, run_id: str, seen: set[tuple[object, ...]]) -> pa.Table:
    """The rows of a run that go into the index, with its id where the table keeps every run's."""
    if table.per_run:
        return rows
    if table.name in _JUDGED:
        return _with_run(rows, run_id)
    return _unseen(table, rows, seen)


def _with_run(rows: pa.Table, run_id: str) -> pa.Table:
    return rows.append_column("run_id", pa.array([run_id] * rows.num_rows, pa.string()))


def read_run(run: StoredRun) -> list[tuple[Table, pa.Table]]:
    """All tables of a run in today's schema; StoreError where any file is damaged."""
    by_name = {table.name: table for table in TABLES}
    return [
        (by_name[entry.table], _conform(entry.name, rows, by_name[entry.table]))
        for entry in run.manifest.files
        for rows in (read_checked(run.path, entry),)
        if entry.table in by_name
    ]


def _conform(name: str, rows: pa.Table, table: Table) -> pa.Table:
    """Rows with today's columns: missing ones are NULL, unknown ones are left out."""
    schema = arrow_schema(table.row)
    try:
        columns = [
            rows[field.name].cast(field.type)
            if field.name in rows.column_names
            else pa.nulls(rows.num_rows, field.type)
            for field in schema
        ]
    except pa.ArrowException as error:
        raise StoreError(
            f"{name} does not fit the schema ({error})",
            hint="move it aside with `python -m results verify`",
        ) from error
    return pa.Table.from_arrays(columns, names=schema.names)


def _unseen(table: Table, rows: pa.Table, seen: set[tuple[object, ...]]) -> pa.Table:
    """Rows of a shared table that no newer run has given; remembers them."""
    owner = _OWNERS.get(table.name, table.key)
    keys = list(zip(*(rows[column].to_pylist() for column in owner), strict=True))
    kept = rows.filter(pa.array([key not in seen for key in keys], type=pa.bool_()))
    seen.update(keys)
    return kept
