"""Whole tables of the index, all rows or those of one model; SQL for them stands here alone.

What is made of the rows is decided in ``results.export``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from results.index import Index
from results.schema import TABLES

CELL_VIEWS = "cell_views"
_KEYS = {table.name: table.key for table in TABLES} | {CELL_VIEWS: ("cell_id",)}
INDEX_TABLES = tuple(_KEYS)
"""The tables of the schema, and the cells with the names of everything they are made of."""

_SHARED = frozenset({"machines", "devices", "runtimes", "peaks"})
"""Tables that are of no model: always given whole."""

_MODELS = "SELECT model_id FROM models WHERE name = $model"
_CELLS = " ".join(("SELECT cell_id FROM cells WHERE model_id IN (", _MODELS, ")"))
_VARIANTS = " ".join(("SELECT variant_id FROM variants WHERE model_id IN (", _MODELS, ")"))
_LAUNCHES = " ".join(("SELECT run_id, launch_id FROM launches WHERE cell_id IN (", _CELLS, ")"))
_RUNS = " ".join((
    "SELECT run_id FROM launches WHERE cell_id IN (", _CELLS,
    ") UNION SELECT run_id FROM run_variants WHERE variant_id IN (", _VARIANTS,
    ") UNION SELECT run_id FROM certificates WHERE model_id IN (", _MODELS,
    ") UNION SELECT run_id FROM peaks",
))  # fmt: skip
_OF_MODEL: Mapping[str, tuple[str, str]] = {
    "model_id": ("model_id", _MODELS),
    "cell_id": ("cell_id", _CELLS),
    "variant_id": ("variant_id", _VARIANTS),
    "launch_id": ("(run_id, launch_id)", _LAUNCHES),
    "run_id": ("run_id", _RUNS),
}
"""By the first of these columns that a table has: which of its rows are a model's."""


def model_names(index: Index) -> tuple[str, ...]:
    """The names of all models, in order."""
    found = index.fetch("SELECT DISTINCT name FROM models ORDER BY name")
    return tuple(found["name"].to_pylist())


def rows_of(index: Index, table: str, model: str | None = None) -> pa.Table:
    """The rows of one of ``INDEX_TABLES``, by its key; with ``model`` those of that model.

    Tables that are of no model come whole. Of the runs those that brought something of the
    model, and those that measured peaks.
    """
    order = ", ".join(_KEYS[table])
    if model is None or table in _SHARED:
        return index.fetch(" ".join(("SELECT * FROM", table, "ORDER BY", order)))
    columns = index.fetch(" ".join(("SELECT * FROM", table, "LIMIT 0"))).column_names
    key, chosen = next(_OF_MODEL[name] for name in _OF_MODEL if name in columns)
    sql = " ".join(("SELECT * FROM", table, "WHERE", key, "IN (", chosen, ") ORDER BY", order))
    return index.fetch(sql, {"model": model})
