"""Pieces of one table made into one, a batch at a time, so that size costs no memory.

Works on Arrow alone: which pieces there are is decided in ``results.journal``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from results.rows import filling_bug
from results.schema import Table, arrow_schema

Piece: TypeAlias = Path | pa.Table
"""Rows of one table: a Parquet file or what is in memory."""

_BATCH_ROWS = 8192
_GROUP_BYTES = 8 * 2**20
_ROW = "__row"


def merged(
    table: Table, pieces: Sequence[Piece], columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The rows of all pieces, each key once; of a shared row given twice the later one.

    Yields tables of about 8 MiB with ``columns``, or all of them. Raises StoreError
    where two different rows of a run have one key.
    """
    is_kept = _kept(table, pieces)
    waiting: list[pa.Table] = []
    start = 0
    for batch in _batches(pieces, columns or arrow_schema(table.row).names):
        end = start + batch.num_rows
        waiting.append(batch.filter(pa.array(is_kept[start:end])))
        start = end
        if sum(rows.nbytes for rows in waiting) >= _GROUP_BYTES:
            yield _joined(table, waiting)
            waiting = []
    if waiting:
        yield _joined(table, waiting)


def _joined(table: Table, batches: Sequence[pa.Table]) -> pa.Table:
    rows = pa.concat_tables(batches)
    schema = arrow_schema(table.row)
    return rows.cast(pa.schema([schema.field(name) for name in rows.column_names]))


def _batches(pieces: Sequence[Piece], columns: Sequence[str]) -> Iterator[pa.Table]:
    for piece in pieces:
        if isinstance(piece, Path):
            with pq.ParquetFile(piece) as file:
                for batch in file.iter_batches(
                    _BATCH_ROWS, columns=list(columns), use_threads=False
                ):
                    yield pa.Table.from_batches([batch]).select(list(columns))
        else:
            yield piece.select(list(columns))


def _kept(table: Table, pieces: Sequence[Piece]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """For each row of all pieces, in order, whether no later row has its key."""
    keys = pa.concat_tables(_batches(pieces, table.key))
    numbered = keys.append_column(_ROW, pa.array(np.arange(keys.num_rows)))
    last = numbered.group_by(list(table.key), use_threads=False).aggregate([(_ROW, "max")])[
        f"{_ROW}_max"
    ]
    is_kept = np.zeros(keys.num_rows, dtype=np.bool_)
    is_kept[last.to_numpy()] = True
    if table.per_run and not is_kept.all():
        _refuse_conflicts(table, pieces, keys, is_kept)
    return is_kept


def _refuse_conflicts(
    table: Table,
    pieces: Sequence[Piece],
    keys: pa.Table,
    is_kept: np.ndarray[Any, np.dtype[np.bool_]],
) -> None:
    """A row of a run may come twice, but not with two contents."""
    again = {tuple(key.values()) for key in keys.filter(pa.array(~is_kept)).to_pylist()}
    seen: dict[tuple[object, ...], dict[str, object]] = {}
    for batch in _batches(pieces, arrow_schema(table.row).names):
        for row in batch.to_pylist():
            key = tuple(row[column] for column in table.key)
            if key in again and seen.setdefault(key, row) != row:
                raise filling_bug(f"two different rows of {table.name} have the key {key}")
