"""Folders that are there whole or not at all, and what is said where a disk refuses.

A folder is filled under a temporary name, its files are forced to the disk, and a
rename makes it appear. What goes into the folders of a run is decided in
``results.writer`` and ``results.journal``.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from results.errors import HostError, StoreError
from results.manifest import MANIFEST_NAME, FileEntry, Manifest, manifest_json, sha256_of
from results.schema import Table, arrow_schema

TEMP_PREFIX = ".tmp-"
Pieces = Iterable[tuple[Table, Iterable[pa.Table]]]
"""Tables that each come in one piece or more, none of them without rows."""

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_STALE_AFTER_S = 600
_NOTHING_WRITTEN = " or choose another folder with --data; nothing was written"


def write_failure(folder: Path, error: OSError, *, then: str = _NOTHING_WRITTEN) -> HostError:
    """The error to show where writing under ``folder`` failed.

    ``then`` goes on from the remedy: what else to do, and what became of the data.
    """
    if error.errno in _FULL_DISK:
        return HostError(f"the disk that holds {folder} is full", hint=f"free some space{then}")
    reason = os.strerror(error.errno) if error.errno else str(error)
    return HostError(f"{folder} cannot be written ({reason})", hint=f"change its permissions{then}")


@contextmanager
def schema_checked(run_id: str) -> Iterator[None]:
    """Turn Arrow's complaint about a value into a StoreError that names the run."""
    try:
        yield
    except pa.ArrowException as error:
        raise StoreError(
            f"run {run_id} does not fit the schema ({error})",
            hint="this is a bug in what fills the run; please report it",
        ) from error


def temp_of(final: Path) -> Path:
    """The temporary name under which this process fills the folder ``final``."""
    return final.with_name(f"{TEMP_PREFIX}{final.name}-{os.getpid()}")


@contextmanager
def appearing(final: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``final`` where the block ends well and vanishes else.

    Raises OSError where the disk refuses.
    """
    temp = temp_of(final)
    try:
        temp.mkdir(parents=True)
        yield temp
        sync(temp)
        temp.rename(final)
        sync(final.parent)
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def vanish(folder: Path) -> None:
    """Remove a folder so that no half of it is ever seen; what cannot be removed stays."""
    temp = temp_of(folder)
    with suppress(OSError):
        folder.rename(temp)
        sync(folder.parent)
    shutil.rmtree(temp, ignore_errors=True)


def write_tables(
    final: Path, tables: Pieces, manifest_of: Callable[[tuple[FileEntry, ...]], Manifest]
) -> Manifest:
    """Make ``final``: one Parquet file (zstd) per table, and last the manifest.

    Raises OSError where the disk refuses, Arrow's errors where a value does not fit.
    """
    with appearing(final) as folder:
        entries = [_write_table(folder, table, pieces) for table, pieces in tables]
        manifest = manifest_of(tuple(entries))
        write_text(folder / MANIFEST_NAME, manifest_json(manifest))
    return manifest


def _write_table(folder: Path, table: Table, pieces: Iterable[pa.Table]) -> FileEntry:
    path = folder / f"{table.name}.parquet"
    rows = 0
    with pq.ParquetWriter(path, arrow_schema(table.row), compression="zstd") as file:
        for piece in pieces:
            file.write_table(piece)
            rows += piece.num_rows
    sync(path)
    return FileEntry(path.name, sha256_of(path), rows, path.stat().st_size)


def write_text(path: Path, text: str) -> None:
    """Write a text and force it to the disk."""
    path.write_text(text, encoding="utf-8")
    sync(path)


def sync(path: Path) -> None:
    """Force a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what killed processes left: old temporary folders whose process is gone."""
    for temp in folder.glob(f"{TEMP_PREFIX}*"):
        with suppress(OSError):
            old = time.time() - temp.stat().st_mtime > _STALE_AFTER_S
            if old and not _alive(temp.name.rpartition("-")[2]):
                shutil.rmtree(temp, ignore_errors=True)


def sweep_own(folder: Path, name: str = "") -> None:
    """Remove every temporary folder of ``name``; for one who alone may write there."""
    for temp in folder.glob(f"{TEMP_PREFIX}{name}*"):
        shutil.rmtree(temp, ignore_errors=True)


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
