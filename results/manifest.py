"""The manifest: the commit of a run, and the check of its files against it.

A run is a directory of Parquet files; its ``manifest.json`` is written last and
says what belongs to it. A run without one does not exist. Writing a run lives in
``results.writer``, finding runs in ``results.store``.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from results.errors import StoreError
from results.schema import SCHEMA_VERSION

MANIFEST_NAME = "manifest.json"
FORMAT = "int8-lens-run"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_VERIFY_HINT = "move it aside with `python -m results verify`"


class NewerSchemaError(StoreError):
    """The run was written by a newer INT8 Lens; nothing is wrong with it."""


@dataclass(frozen=True)
class FileEntry:
    """One file of a run; ``bytes`` is its size."""

    name: str
    sha256: str
    rows: int
    bytes: int

    @property
    def table(self) -> str:
        """Name of the table whose rows the file holds."""
        return self.name.removesuffix(".parquet")


@dataclass(frozen=True)
class Manifest:
    """What belongs to a run; ``started_at`` is in UTC."""

    run_id: str
    schema_version: int
    tool_version: str
    kind: str
    started_at: datetime
    files: tuple[FileEntry, ...]


def sha256_of(path: Path) -> str:
    """Hex digest of a file's content, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_json(manifest: Manifest) -> str:
    """The text of ``manifest.json``."""
    body = asdict(manifest) | {"started_at": manifest.started_at.isoformat()}
    return json.dumps({"format": FORMAT} | body, indent=1) + "\n"


def parse_manifest(text: str) -> Manifest:
    """The manifest in a text.

    Raises StoreError where the text is no manifest, and its subclass
    NewerSchemaError where a newer INT8 Lens wrote it.
    """
    try:
        body = json.loads(text)
    except ValueError as error:
        raise StoreError(f"manifest is not JSON ({error})", hint=_VERIFY_HINT) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise StoreError("manifest is not one of INT8 Lens", hint=_VERIFY_HINT)
    _check_version(body.get("schema_version"))
    try:
        return _manifest_of(body)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"manifest is broken ({error!r})", hint=_VERIFY_HINT) from error


def _check_version(version: object) -> None:
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise StoreError(f"manifest has schema version {version!r}", hint=_VERIFY_HINT)
    if version > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"schema version {version} is newer than {SCHEMA_VERSION}, the newest known here",
            hint="update INT8 Lens",
        )


def _manifest_of(body: dict[str, Any]) -> Manifest:
    started_at = datetime.fromisoformat(body["started_at"])
    if started_at.tzinfo is None:
        raise ValueError(f"started_at without a time zone: {body['started_at']}")
    return Manifest(
        run_id=str(body["run_id"]),
        schema_version=body["schema_version"],
        tool_version=str(body["tool_version"]),
        kind=str(body["kind"]),
        started_at=started_at,
        files=tuple(_entry_of(entry) for entry in body["files"]),
    )


def _entry_of(body: dict[str, Any]) -> FileEntry:
    name = body["name"]
    if not _FILE_NAME.fullmatch(name):
        raise ValueError(f"not a plain file name: {name!r}")
    return FileEntry(name, str(body["sha256"]), int(body["rows"]), int(body["bytes"]))


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a run's directory; StoreError where it is broken or unreadable."""
    path = directory / MANIFEST_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"manifest cannot be read ({error})", hint=_VERIFY_HINT) from error
    manifest = parse_manifest(text)
    if manifest.run_id != directory.name:
        raise StoreError(f"manifest is that of run {manifest.run_id}", hint=_VERIFY_HINT)
    return manifest


def check_sizes(directory: Path, manifest: Manifest) -> None:
    """The quick check: every file is there and as long as it was; else StoreError."""
    for entry in manifest.files:
        path = directory / entry.name
        if not path.is_file():
            raise StoreError(f"{entry.name} is missing", hint=_VERIFY_HINT)
        size = path.stat().st_size
        if size != entry.bytes:
            raise StoreError(
                f"{entry.name} has {size} bytes instead of {entry.bytes}", hint=_VERIFY_HINT
            )


def read_checked(directory: Path, entry: FileEntry) -> pa.Table:
    """All rows of one file, after the full check: size, sha256, readable, row count.

    Raises StoreError that names the file and what is wrong with it. The bytes that
    are checked are the bytes that are decoded.
    """
    try:
        content = (directory / entry.name).read_bytes()
    except OSError as error:
        raise StoreError(f"{entry.name} cannot be read ({error})", hint=_VERIFY_HINT) from error
    if len(content) != entry.bytes:
        raise StoreError(
            f"{entry.name} has {len(content)} bytes instead of {entry.bytes}", hint=_VERIFY_HINT
        )
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise StoreError(f"{entry.name} does not match its sha256", hint=_VERIFY_HINT)
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise StoreError(
            f"{entry.name} is not readable Parquet ({error})", hint=_VERIFY_HINT
        ) from error
    if table.num_rows != entry.rows:
        raise StoreError(
            f"{entry.name} has {table.num_rows} rows instead of {entry.rows}", hint=_VERIFY_HINT
        )
    return table
