"""Writes one run at once: its facts are held in memory until ``commit``.

Whatever goes wrong before the rename, no half run stays behind. A run that must
survive its process is kept in ``results.journal``; reading lives in ``results.store``.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from results.durable import (
    TEMP_PREFIX,
    Pieces,
    schema_checked,
    sweep,
    temp_of,
    write_failure,
    write_tables,
)
from results.errors import StoreError
from results.facts import Fact, Run
from results.manifest import Manifest
from results.rows import Rows, filling_bug
from results.schema import SCHEMA_VERSION

RUNS_FOLDER = "runs"
_LEAST_FREE_BYTES = 16 * 2**20


def new_run_id(now: datetime, random_hex: str) -> str:
    """An id that sorts by start time: ``20261123T011500Z-3fa9c1``; ``now`` is in UTC."""
    return f"{now:%Y%m%dT%H%M%SZ}-{random_hex}"


def check_writable(data_dir: Path) -> None:
    """Make sure that a run can be stored, before time is spent on measuring it.

    Raises HostError where the folder cannot be made or written, or where
    less than 16 MiB are free.
    """
    runs = data_dir / RUNS_FOLDER
    probe = runs / f"{TEMP_PREFIX}probe-{uuid4().hex}-{os.getpid()}"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        probe.mkdir()
        (probe / "probe").write_bytes(b"probe")
        free = shutil.disk_usage(runs).free
    except OSError as error:
        raise write_failure(data_dir, error) from error
    finally:
        shutil.rmtree(probe, ignore_errors=True)
    if free < _LEAST_FREE_BYTES:
        raise write_failure(data_dir, OSError(errno.ENOSPC, "too little space"))


def check_new(data_dir: Path, run_id: str) -> None:
    """Make sure that no run has this id; else StoreError."""
    if (data_dir / RUNS_FOLDER / run_id).exists():
        raise StoreError(
            f"run {run_id} exists already in {data_dir}", hint="give the new run an id of its own"
        )


def the_run(run_id: str, runs: Sequence[Run]) -> Run:
    """The row of the run itself; StoreError where there is none."""
    if not runs:
        raise filling_bug(f"run {run_id} has no row in runs")
    return runs[-1]


def write_run(data_dir: Path, run: Run, tables: Pieces, *, tool_version: str, kind: str) -> Path:
    """Write a whole run and return its directory; the manifest is last and is the commit.

    Raises OSError where the disk refuses, StoreError where a value does not fit the schema.
    """
    final = data_dir / RUNS_FOLDER / run.run_id
    sweep(final.parent)
    with schema_checked(run.run_id):
        write_tables(
            final,
            tables,
            lambda entries: Manifest(
                run.run_id, SCHEMA_VERSION, tool_version, kind, run.started_at, entries
            ),
        )
    return final


class RunWriter:
    """Collects the facts of one run and commits them at once.

    A context manager: leaving without ``commit`` stores nothing.
    """

    def __init__(self, data_dir: Path, run_id: str) -> None:
        self._data_dir = data_dir
        self._run_id = run_id
        self._rows = Rows(run_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Again, for an interruption that hits the cleaning up in ``commit``.
        shutil.rmtree(temp_of(self._data_dir / RUNS_FOLDER / self._run_id), ignore_errors=True)

    def add(self, *facts: Fact) -> None:
        """Take facts; a shared row given twice is kept once, the later one.

        Raises StoreError for a fact of another run, and for two different facts
        of this run with one key.
        """
        self._rows.add(facts)

    def commit(self, *, tool_version: str, kind: str = "measured") -> Path:
        """Write everything and return the run's directory; call it once, at the end.

        Raises HostError where the disk is full or the folder cannot be
        written, StoreError where the run exists or lacks its Run; in both cases
        nothing is left behind.
        """
        run = the_run(self._run_id, self._rows.runs())
        check_new(self._data_dir, self._run_id)
        tables = ((table, [rows]) for table, rows in self._rows.tables())
        try:
            return write_run(self._data_dir, run, tables, tool_version=tool_version, kind=kind)
        except OSError as error:
            raise write_failure(self._data_dir, error) from error
