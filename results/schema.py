"""Arrow schemas of the tables, derived from the dataclasses in ``results.facts``.

Turns facts into Arrow tables and knows each table's name and primary key. The
only other thing that lives here is the text of ``docs/schema.md``.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa

from results import facts
from results.facts import Column, Fact

SCHEMA_VERSION = 1
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Table:
    """A table: its name, the dataclass of its rows, and its primary key."""

    name: str
    row: type[Fact]
    key: tuple[str, ...]

    @property
    def per_run(self) -> bool:
        """Whether rows belong to one run (else they describe something shared)."""
        return "run_id" in self.key


TABLES: tuple[Table, ...] = (
    Table("machines", facts.Machine, ("machine_id",)),
    Table("devices", facts.Device, ("device_id",)),
    Table("runtimes", facts.Runtime, ("runtime_id",)),
    Table("models", facts.Model, ("model_id",)),
    Table("variants", facts.Variant, ("variant_id",)),
    Table("source_ops", facts.SourceOp, ("variant_id", "op_name")),
    Table("cells", facts.Cell, ("cell_id",)),
    Table("runs", facts.Run, ("run_id",)),
    Table("blocks", facts.Block, ("run_id", "block")),
    Table("launches", facts.Launch, ("run_id", "launch_id")),
    Table("exec_nodes", facts.ExecNode, ("run_id", "launch_id", "node_index")),
    Table(
        "exec_node_sources", facts.ExecNodeSource, ("run_id", "launch_id", "node_index", "op_name")
    ),
    Table("datasets", facts.Dataset, ("dataset_id",)),
    Table("accuracy", facts.Accuracy, ("variant_id", "dataset_id", "metric", "output")),
    Table("layer_accuracy", facts.LayerAccuracy, ("variant_id", "dataset_id", "op_name")),
    Table("reverted_ops", facts.RevertedOp, ("variant_id", "op_name")),
    Table("certificates", facts.Certificate, ("run_id",)),
    Table("certificate_trials", facts.CertificateTrial, ("run_id", "trial")),
    Table(
        "peaks",
        facts.Peak,
        ("run_id", "device_id", "kind", "operation", "precision", "working_set_bytes"),
    ),
    Table("cautions", facts.Caution, ("run_id", "caution_id", "subject_id", "detail")),
)

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}
_ITEMS: dict[Any, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float32()}


def table_of(row: type[F]) -> Table:
    """The table whose rows are of this dataclass."""
    return next(table for table in TABLES if table.row is row)


def _arrow_field(name: str, hint: object) -> pa.Field[Any]:
    annotated, column = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    if not isinstance(column, Column):
        raise TypeError(f"{name}: every fact needs a Column, got {hint!r}")
    options = get_args(annotated) if isinstance(annotated, types.UnionType) else (annotated,)
    nullable = type(None) in options
    inner = next(option for option in options if option is not type(None))
    if get_origin(inner) is tuple:
        arrow_type: pa.DataType = pa.list_(_ITEMS[get_args(inner)[0]])
    else:
        arrow_type = _SCALARS[inner]
    metadata = {"doc": column.doc, "unit": column.unit, "better": column.better or ""}
    return pa.field(name, arrow_type, nullable=nullable, metadata=metadata)


def arrow_schema(row: type[F]) -> pa.Schema:
    """The Arrow schema of a table, with doc, unit and better as field metadata."""
    hints = get_type_hints(row, include_extras=True)
    return pa.schema([_arrow_field(field.name, hints[field.name]) for field in fields(row)])


def to_arrow(row: type[Fact], rows: Iterable[Fact]) -> pa.Table:
    """Facts of one kind as an Arrow table; no rows give an empty table."""
    kept: Sequence[Fact] = list(rows)
    schema = arrow_schema(row)
    columns = [
        pa.array([getattr(fact, field.name) for fact in kept], type=field.type) for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def from_arrow(row: type[F], table: pa.Table) -> tuple[F, ...]:
    """The rows of an Arrow table as facts of one kind.

    A column that the table lacks comes as None, or as () where it holds lists; lists of
    numbers were rounded to float32 when they were stored.
    """
    columns = [_values(field, table) for field in arrow_schema(row)]
    return tuple(row(*values) for values in zip(*columns, strict=True))


def _values(field: pa.Field[Any], table: pa.Table) -> list[Any]:
    is_list = pa.types.is_list(field.type)
    if field.name not in table.column_names:
        return [() if is_list and not field.nullable else None] * table.num_rows
    values: list[Any] = table[field.name].to_pylist()
    if is_list:
        return [None if value is None else tuple(value) for value in values]
    return values


def schema_markdown() -> str:
    """The text of ``docs/schema.md``: every table, column, type and unit."""
    lines = [
        "# Schema",
        "",
        f"Version {SCHEMA_VERSION}, generated by `python -m results schema`: do not edit by hand.",
    ]
    for table in TABLES:
        doc = (table.row.__doc__ or "").strip().splitlines()[0]
        lines += ["", f"## `{table.name}`", "", doc, f"Key: {', '.join(table.key)}.", ""]
        lines += ["| column | type | unit | better | meaning |", "| --- | --- | --- | --- | --- |"]
        for field in arrow_schema(table.row):
            meta = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
            kind = f"{field.type}{'' if not field.nullable else ', may be NULL'}"
            lines.append(
                f"| `{field.name}` | {kind} | {meta['unit']} | {meta['better']} | {meta['doc']} |"
            )
    return "\n".join(lines) + "\n"
