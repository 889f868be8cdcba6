"""Facts of one run on their way to Arrow, checked as they come in.

Held in memory; where they are written is decided in ``results.writer`` and
``results.journal``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from results.errors import StoreError
from results.facts import Fact, Run
from results.schema import TABLES, Table, table_of, to_arrow


def filling_bug(message: str) -> StoreError:
    """The error for facts that the program itself got wrong."""
    return StoreError(message, hint="this is a bug in what fills the run; please report it")


class Rows:
    """Facts of one run, at most one per key."""

    def __init__(self, run_id: str, facts: Iterable[Fact] = ()) -> None:
        self._run_id = run_id
        self._rows: dict[str, dict[tuple[Any, ...], Fact]] = {table.name: {} for table in TABLES}
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        """Take facts; a shared row given twice is kept once, the later one.

        Raises StoreError for a fact of another run, and for two different facts
        of this run with one key.
        """
        for fact in facts:
            table = table_of(type(fact))
            key = tuple(getattr(fact, column) for column in table.key)
            self._check(table, key, fact)
            self._rows[table.name][key] = fact

    def _check(self, table: Table, key: tuple[Any, ...], fact: Fact) -> None:
        if not table.per_run:
            return
        run_id = key[table.key.index("run_id")]
        if run_id != self._run_id:
            raise filling_bug(
                f"a row of {table.name} belongs to run {run_id}, not to {self._run_id}"
            )
        if self._rows[table.name].get(key, fact) != fact:
            raise filling_bug(f"two different rows of {table.name} have the key {key}")

    def tables(self) -> Iterator[tuple[Table, pa.Table]]:
        """The tables that have rows, in the schema's order."""
        for table in TABLES:
            rows = self._rows[table.name]
            if rows:
                yield table, to_arrow(table.row, rows.values())

    def runs(self) -> tuple[Run, ...]:
        """The row of the run itself; empty where it was not given."""
        return tuple(fact for fact in self._rows["runs"].values() if isinstance(fact, Run))
