"""A part of an unfinished run: a folder of Parquet files with a manifest of its own.

Says whether a folder is a whole part. Where parts are written and what becomes of a
damaged one is decided in ``results.journal``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from results.errors import StoreError
from results.manifest import (
    MANIFEST_NAME,
    FileEntry,
    Manifest,
    check_sizes,
    parse_manifest,
    sha256_of,
)
from results.schema import SCHEMA_VERSION, TABLES, Table, arrow_schema
from results.version import __version__

PART_KIND = "part"
_HINT = "continue the run: what is damaged is moved to quarantine and measured again"


@dataclass(frozen=True)
class Part:
    """A whole part; its manifest's ``started_at`` is when it was written, in UTC."""

    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """What the part is called in its run."""
        return self.path.name

    @property
    def added_at(self) -> datetime:
        """When it was written; a later part has a later time."""
        return self.manifest.started_at

    def file_of(self, table: Table) -> tuple[Path, ...]:
        """The file with the table's rows; empty where the part has none."""
        return tuple(
            self.path / entry.name for entry in self.manifest.files if entry.table == table.name
        )


def part_manifest(run_id: str, at: datetime, entries: tuple[FileEntry, ...]) -> Manifest:
    """The manifest of a part that is written now."""
    return Manifest(run_id, SCHEMA_VERSION, __version__, PART_KIND, at, entries)


def read_part(path: Path, run_id: str) -> Part:
    """The part in a folder, after every byte of it was checked.

    Raises StoreError that says what is wrong with it, and its subclass NewerSchemaError
    where a newer INT8 Lens wrote it.
    """
    manifest = _part_manifest_in(path, run_id)
    check_files(path, manifest)
    by_name = {table.name: table for table in TABLES}
    for entry in manifest.files:
        if not _has_columns_of(path / entry.name, by_name.get(entry.table)):
            raise StoreError(f"{entry.name} has not the columns of today", hint=_HINT)
    return Part(path, manifest)


def count_parts(folder: Path, run_id: str) -> int:
    """How many parts look whole by their manifests and sizes; never raises."""
    count = 0
    with suppress(OSError):
        for path in part_folders(folder):
            with suppress(StoreError, OSError):
                check_sizes(path, _part_manifest_in(path, run_id))
                count += 1
    return count


def part_folders(folder: Path) -> list[Path]:
    """The folders of parts, whole or damaged; those being written are left out."""
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]


def check_files(path: Path, manifest: Manifest) -> None:
    """The full check of a folder's files without decoding them; else StoreError."""
    check_sizes(path, manifest)
    for entry in manifest.files:
        try:
            found = sha256_of(path / entry.name)
        except OSError as error:
            raise StoreError(f"{entry.name} cannot be read ({error})", hint=_HINT) from error
        if found != entry.sha256:
            raise StoreError(f"{entry.name} does not match its sha256", hint=_HINT)


def _part_manifest_in(path: Path, run_id: str) -> Manifest:
    try:
        text = (path / MANIFEST_NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"manifest cannot be read ({error})", hint=_HINT) from error
    manifest = parse_manifest(text)
    if (manifest.run_id, manifest.kind) != (run_id, PART_KIND):
        raise StoreError(f"manifest is of {manifest.kind} of run {manifest.run_id}", hint=_HINT)
    return manifest


def _has_columns_of(path: Path, table: Table | None) -> bool:
    if table is None:
        return False
    try:
        return bool(pq.read_schema(path).equals(arrow_schema(table.row), check_metadata=False))
    except (pa.ArrowException, OSError):
        return False
