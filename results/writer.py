"""Writes one run: Parquet files under a temporary name, the manifest, then a rename.

Facts are held in memory until ``commit``. Whatever goes wrong before the rename,
no half run stays behind. Reading lives in ``results.store``.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from results.errors import HostError, StoreError
from results.facts import Fact, Run
from results.manifest import MANIFEST_NAME, FileEntry, Manifest, manifest_json, sha256_of
from results.schema import SCHEMA_VERSION, TABLES, Table, table_of, to_arrow

RUNS_FOLDER = "runs"
TEMP_PREFIX = ".tmp-"
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_LEAST_FREE_BYTES = 16 * 2**20
_STALE_AFTER_S = 600


def new_run_id(now: datetime, random_hex: str) -> str:
    """An id that sorts by start time: ``20261123T011500Z-3fa9c1``; ``now`` is in UTC."""
    return f"{now:%Y%m%dT%H%M%SZ}-{random_hex}"


def write_failure(folder: Path, error: OSError) -> HostError:
    """The error to show where writing under ``folder`` failed."""
    if error.errno in _FULL_DISK:
        return HostError(
            f"the disk that holds {folder} is full",
            hint="free some space or choose another folder with --data; nothing was written",
        )
    reason = os.strerror(error.errno) if error.errno else str(error)
    return HostError(
        f"{folder} cannot be written ({reason})",
        hint="choose another folder with --data or change its permissions; nothing was written",
    )


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


class RunWriter:
    """Collects the facts of one run and commits them at once.

    A context manager: leaving without ``commit`` stores nothing.
    """

    def __init__(self, data_dir: Path, run_id: str) -> None:
        self._data_dir = data_dir
        self._run_id = run_id
        self._rows: dict[str, dict[tuple[Any, ...], Fact]] = {table.name: {} for table in TABLES}
        self._temp = data_dir / RUNS_FOLDER / f"{TEMP_PREFIX}{run_id}-{os.getpid()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Again, for an interruption that hits the cleaning up in ``commit``.
        shutil.rmtree(self._temp, ignore_errors=True)

    def add(self, *facts: Fact) -> None:
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
            raise StoreError(
                f"a row of {table.name} belongs to run {run_id}, not to {self._run_id}",
                hint="this is a bug in what fills the run; please report it",
            )
        if self._rows[table.name].get(key, fact) != fact:
            raise StoreError(
                f"two different rows of {table.name} have the key {key}",
                hint="this is a bug in what fills the run; please report it",
            )

    def commit(self, *, tool_version: str, kind: str = "measured") -> Path:
        """Write everything and return the run's directory; call it once, at the end.

        Raises HostError where the disk is full or the folder cannot be
        written, StoreError where the run exists or lacks its Run; in both cases
        nothing is left behind.
        """
        started_at = self._run().started_at
        final = self._data_dir / RUNS_FOLDER / self._run_id
        if final.exists():
            raise StoreError(f"run {self._run_id} exists already in {self._data_dir}",
                             hint="give the new run an id of its own")  # fmt: skip
        try:
            sweep(final.parent)
            self._temp.mkdir(parents=True)
            entries = tuple(self._write_tables())
            manifest = Manifest(
                self._run_id, SCHEMA_VERSION, tool_version, kind, started_at, entries
            )
            _write_synced(self._temp / MANIFEST_NAME, manifest_json(manifest))
            _sync(self._temp)
            self._temp.rename(final)
            _sync(final.parent)
        except OSError as error:
            raise write_failure(self._data_dir, error) from error
        except pa.ArrowException as error:
            raise StoreError(
                f"run {self._run_id} does not fit the schema ({error})",
                hint="this is a bug in what fills the run; please report it",
            ) from error
        finally:
            shutil.rmtree(self._temp, ignore_errors=True)
        return final

    def _run(self) -> Run:
        for fact in self._rows["runs"].values():
            if isinstance(fact, Run):
                return fact
        raise StoreError(
            f"run {self._run_id} has no row in runs",
            hint="this is a bug in what fills the run; please report it",
        )

    def _write_tables(self) -> Iterable[FileEntry]:
        for table in TABLES:
            rows = self._rows[table.name]
            if not rows:
                continue
            path = self._temp / f"{table.name}.parquet"
            pq.write_table(to_arrow(table.row, rows.values()), path, compression="zstd")
            _sync(path)
            yield FileEntry(path.name, sha256_of(path), len(rows), path.stat().st_size)


def sweep(runs: Path) -> None:
    """Remove what killed writers left: old temporary folders whose process is gone."""
    for folder in runs.glob(f"{TEMP_PREFIX}*"):
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime > _STALE_AFTER_S
            if old and not _alive(folder.name.rpartition("-")[2]):
                shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _write_synced(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    """Force a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
