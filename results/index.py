"""The DuckDB index of a store: its tables, how runs are loaded, how it is asked.

``results.store`` decides which runs go in and where the file stands; the questions
live in ``results.queries``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from results.derived_queries import derive, make_views
from results.errors import StoreError
from results.guard_queries import is_made_here, shut_in, views_of
from results.manifest import Manifest, NewerSchemaError, read_checked
from results.quarantine import verify_command
from results.schema import SCHEMA_VERSION, TABLES, Table, arrow_schema

INDEX_FORMAT = 9
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

_SHARED = {
    table.name: _OWNERS.get(table.name, table.key)
    for table in TABLES
    if not table.per_run and table.name not in _JUDGED
}
"""What is shared between runs, and by what it is known."""
_UNDER_VIEWS = frozenset({"launches", "cells"})
"""The tables that views are made of."""
_PROBLEMS = "store_problems"
_PROBLEM_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("run_id", "kind", "message", "hint", "path")]
)
_STAMPS = f"run_stamps_{SCHEMA_VERSION}_{INDEX_FORMAT}"
"""What each run looked like when it was read: a later index can begin with this one."""
_STAMPS_SCHEMA = pa.schema([(name, pa.string()) for name in ("run", "stamp")])
_BYTES_AT_ONCE = 24 * 2**20
_RUN_VARIANTS = "run_variants"
"""Which variants a run brought: the shared table does not say it by itself."""
_RUN_VARIANTS_SCHEMA = pa.schema([(name, pa.string()) for name in ("run_id", "variant_id")])


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
    """A run's directory and its manifest; ``stamp`` changes when any of its files does."""

    path: Path
    manifest: Manifest
    stamp: str = ""


def problem_of(path: Path, error: StoreError) -> Problem:
    """The problem that an error makes of a run."""
    newer = isinstance(error, NewerSchemaError)
    kind = ProblemKind.NEWER if newer else ProblemKind.DAMAGED
    aside = f"move it aside with `{verify_command(path.parent.parent)}`"
    return Problem(path.name, kind, error.message, error.hint if newer else aside, path)


class Index:
    """An open index: fixed content, safe to query from several threads.

    ``digest`` names the content, ``problems`` the runs that are not in it. No query reaches
    a file outside of it; ``lock`` says that nobody in this process can change that. The file
    is closed with ``close``, else when nobody holds the index any more.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, digest: str, *, lock: bool = False
    ) -> None:
        self._connection = connection
        self._parsed: dict[str, duckdb.Statement] = {}
        self.digest = digest
        shut_in(connection.execute, lock=lock)
        rows = self.fetch("SELECT * FROM store_problems ORDER BY run_id").to_pylist()
        self.problems = tuple(map(_problem, rows))

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for each query; times come back in UTC."""
        return self._connection.cursor()

    def fetch(self, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        """The answer to one query with bound parameters (``$name``).

        Each text is parsed once: they are constants of the query modules, a page puts some
        twenty of them, and to parse one takes as long as to answer a small one.
        """
        with self.cursor() as cursor:
            if sql not in self._parsed:
                (self._parsed[sql],) = cursor.extract_statements(sql)
            asked = self._parsed[sql]
            return cursor.sql(asked, params=dict(params) if params else None).to_arrow_table()

    def close(self) -> None:
        """Close the file; using the index afterwards is an error."""
        self._connection.close()


class Loader:
    """Fills the tables of an index with runs, the newest first.

    Rows wait until there are many of them: a store has thousands of small files, and every
    insertion has its price. Where the index has runs already the new ones are newer than
    those, and what they say of something shared takes the place of what was said.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, anew: bool) -> None:
        self._connection = connection
        self._anew = anew
        self._seen: dict[str, set[tuple[object, ...]]] = {table.name: set() for table in TABLES}
        self._waiting: dict[str, list[pa.Table]] = {}
        self._bytes: dict[str, int] = {}
        if anew:
            for table in TABLES:
                empty = _schema(table).empty_table()
                connection.from_arrow(_fresh(table, empty, "", set())).create(table.name)
            connection.from_arrow(_RUN_VARIANTS_SCHEMA.empty_table()).create(_RUN_VARIANTS)
            connection.from_arrow(_STAMPS_SCHEMA.empty_table()).create(_STAMPS)

    def add(self, run: StoredRun) -> None:
        """Take all tables of a run; StoreError where it is damaged, and nothing is taken."""
        run_id = run.manifest.run_id
        for table, rows in read_run(run):
            fresh = _fresh(table, rows, run_id, self._seen[table.name])
            self._wait(table.name, fresh)
            if table.name == "variants":
                held = _with_run(rows.select(["variant_id"]), run_id)
                self._wait(_RUN_VARIANTS, held.select(_RUN_VARIANTS_SCHEMA.names))
        self._stamp(run)

    def leave_out(self, run: StoredRun) -> None:
        """Remember that a run was looked at, so that an index with it left out can be extended."""
        self._stamp(run)

    def finish(self) -> None:
        """Insert what still waits; of something shared the newest run's word takes the place."""
        if not self._anew:
            for table in TABLES:
                if table.name in _SHARED:
                    self._replace_shared(table)
        for name in list(self._waiting):
            self._insert(name)

    def _replace_shared(self, table: Table) -> None:
        """What was there counts as the oldest run of all."""
        there = self._connection.table(table.name).to_arrow_table()
        kept = _unseen(table, there.cast(_schema(table)), self._seen[table.name])
        put(self._connection, table.name, kept)

    def _stamp(self, run: StoredRun) -> None:
        self._wait(_STAMPS, pa.table([[run.path.name], [run.stamp]], schema=_STAMPS_SCHEMA))

    def _wait(self, name: str, rows: pa.Table) -> None:
        if not rows.num_rows:  # an empty slice would keep all that it was cut from
            return
        self._waiting.setdefault(name, []).append(rows)
        self._bytes[name] = self._bytes.get(name, 0) + rows.nbytes
        if self._bytes[name] >= _BYTES_AT_ONCE:
            self._insert(name)

    def _insert(self, name: str) -> None:
        rows = pa.concat_tables(self._waiting.pop(name))
        self._bytes[name] = 0
        self._connection.from_arrow(rows).insert_into(name)
        del rows
        pa.default_memory_pool().release_unused()


def fill(
    connection: duckdb.DuckDBPyConnection,
    runs: Iterable[StoredRun],
    problems: Iterable[Problem],
    *,
    anew: bool = True,
) -> None:
    """All tables from the runs, which come newest first; damaged ones become problems.

    No transaction is put around it: it would be held in memory, and nobody reads a file that
    is being filled.

    ``anew`` is False where the index has older runs already, and only these are to be added;
    what it left out of those stays left out.
    """
    found = [*problems, *(() if anew else left_out_of(connection))]
    loader = Loader(connection, anew=anew)
    for run in runs:
        try:
            loader.add(run)
        except StoreError as error:
            found.append(problem_of(run.path, error))
            loader.leave_out(run)
    loader.finish()
    records = [(p.run_id, p.kind.value, p.message, p.hint, str(p.path)) for p in found]
    columns = list(zip(*records, strict=True)) or [()] * len(_PROBLEM_SCHEMA)
    put(connection, _PROBLEMS, pa.table(columns, schema=_PROBLEM_SCHEMA))
    derive(connection.execute)


def put(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make a table of these rows, in the place of one that has the name."""
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.from_arrow(rows).create(name)


def stamps_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The runs of an index by name, with what each looked like when it was read.

    Those that it left out are among them. Empty where the index is of another format.
    """
    names = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
    if not {_STAMPS, _PROBLEMS} <= names:
        return {}
    return dict(connection.table(_STAMPS).fetchall())


def left_out_of(connection: duckdb.DuckDBPyConnection) -> tuple[Problem, ...]:
    """The runs of an index that looked well, and were found damaged when they were read."""
    read = stamps_of(connection)
    rows = connection.table(_PROBLEMS).to_arrow_table().to_pylist()
    return tuple(_problem(row) for row in rows if row["run_id"] in read)


def is_damaged(run: StoredRun) -> bool:
    """Whether a run cannot be read."""
    try:
        read_run(run)
    except StoreError:
        return True
    return False


def is_ours(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether an index holds nothing that runs when it is asked, but what is made here."""
    return is_made_here(connection.execute, _own_views())


@lru_cache(maxsize=1)
def _own_views() -> tuple[tuple[str, str, str], ...]:
    """The views of an index that was made here, as DuckDB keeps them."""
    with duckdb.connect() as connection:
        for table in TABLES:
            if table.name in _UNDER_VIEWS:
                connection.from_arrow(_schema(table).empty_table()).create(table.name)
        make_views(connection.execute)
        return views_of(connection.execute)


def _problem(row: Mapping[str, str]) -> Problem:
    kind, path = ProblemKind(row["kind"]), Path(row["path"])
    return Problem(row["run_id"], kind, row["message"], row["hint"], path)


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


@lru_cache(maxsize=len(TABLES))
def _schema(table: Table) -> pa.Schema:
    return arrow_schema(table.row)


def _conform(name: str, rows: pa.Table, table: Table) -> pa.Table:
    """Rows with today's columns: missing ones are NULL, unknown ones are left out."""
    schema = _schema(table)
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
    owner = _SHARED[table.name]
    known = _keys(rows.select(owner).group_by(owner).aggregate([]))
    old = seen.intersection(known)
    seen.update(known)
    if not old:
        return rows
    if len(old) == len(known):
        return rows.slice(0, 0)
    return rows.filter(pa.array([key not in old for key in _keys(rows.select(owner))], pa.bool_()))


def _keys(rows: pa.Table) -> list[tuple[object, ...]]:
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
