"""A store as the first version of the schema wrote it: fewer tables, and fewer columns in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from results.manifest import MANIFEST_NAME, FileEntry, manifest_json, read_manifest, sha256_of
from results.schema import TABLES, arrow_schema
from results.store import Store
from tests.planted import planted_store

_FIRST_TABLES = frozenset({
    "machines", "devices", "runtimes", "models", "variants", "cells", "runs", "blocks",
    "launches", "exec_nodes", "exec_node_sources", "source_ops",
})  # fmt: skip
_KEPT = frozenset({"block", "p50_ms", "throughput_fps", "streams", "finished_at"})
"""Columns that may be NULL and that the first version had all the same."""


def old_store(root: Path) -> Store:
    """One run of one model, without any column that may be NULL but the headline's."""
    for run in planted_store(root).runs:
        _age(run.path)
    return Store(root)


def _age(path: Path) -> None:
    manifest = read_manifest(path)
    kept = [entry for entry in manifest.files if Path(entry.name).stem in _FIRST_TABLES]
    for entry in manifest.files:
        if entry not in kept:
            (path / entry.name).unlink()
    files = tuple(_aged(path, entry) for entry in kept)
    (path / MANIFEST_NAME).write_text(manifest_json(replace(manifest, files=files)))


def _aged(path: Path, entry: FileEntry) -> FileEntry:
    """The file without the columns that came later, and its entry in the manifest."""
    file = path / entry.name
    table = pq.read_table(file)
    older = table.drop_columns(_newer(table, Path(entry.name).stem))
    pq.write_table(older, file)
    return replace(entry, sha256=sha256_of(file), bytes=file.stat().st_size)


def _newer(table: pa.Table, name: str) -> list[str]:
    (known,) = [one for one in TABLES if one.name == name]
    return [
        field.name
        for field in arrow_schema(known.row)
        if field.nullable and field.name not in _KEPT and field.name in table.column_names
    ]
