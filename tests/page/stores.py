"""Stores made from a planted one: every fact passes through a function before it is written."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

import pyarrow.parquet as pq

from results.facts import (
    Block,
    Caution,
    Cell,
    Device,
    ExecNode,
    ExecNodeSource,
    Fact,
    Launch,
    Run,
    Variant,
)
from results.schema import TABLES, from_arrow
from results.store import Store
from results.writer import RunWriter
from tests.planted import ARMS, TOOL_VERSION, cell_id_of, planted_store

Alter = Callable[[Fact], Iterable[Fact]]
Plant = Callable[[Path], Store]
FactT = TypeVar("FactT", bound=Fact)

SECOND_VARIANT = "bbbbbbbbbbbb"
MISSING = "device: OpenVINO has no device 'GPU.0' here; it has CPU"
STDERR = "first line\nmemory is gone <b>\nlast line"


def altered_store(root: Path, alter: Alter, plant: Plant = planted_store) -> Store:
    """What ``plant`` writes, each fact replaced by what ``alter`` gives for it."""
    with TemporaryDirectory() as folder:
        for run in plant(Path(folder)).runs:
            with RunWriter(root, run.path.name) as writer:
                writer.add(*itertools.chain.from_iterable(map(alter, facts_of(run.path))))
                writer.commit(tool_version=TOOL_VERSION)
    return Store(root)


def facts_of(path: Path) -> Iterator[Fact]:
    """Every fact of a stored run."""
    for table in TABLES:
        found = path / f"{table.name}.parquet"
        if found.exists():
            yield from from_arrow(table.row, pq.read_table(found))


def two_recipes(root: Path) -> Store:
    """Two runs; the second measured another variant of the INT8 arm, in a cell of its own."""
    int8 = cell_id_of(arm=ARMS[2])

    def second(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Variant) and fact.kind != "fp32":
            yield from (fact, replace(fact, variant_id=SECOND_VARIANT))
        elif isinstance(fact, Cell) and fact.cell_id == int8:
            yield from (fact, replace(fact, cell_id="second", variant_id=SECOND_VARIANT))
        elif isinstance(fact, Launch | ExecNode) and fact.run_id.startswith("20261102"):
            yield fact if fact.cell_id != int8 else replace(fact, cell_id="second")
        else:
            yield fact

    return altered_store(root, second, partial(planted_store, runs=2))


def disturbed(block: int = 1) -> Alter:
    """A block disturbed on one cell and measured again; the INT8 arm not in INT8; continued."""

    arms: dict[str, str] = {}

    def alter(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Cell):
            arms[fact.cell_id] = fact.arm
        if isinstance(fact, Run):
            yield replace(fact, effort="publish", continued=1)
        elif isinstance(fact, Launch) and fact.kind == "timing" and fact.block == block:
            yield from _again(fact)
        else:
            yield fact
        is_int8 = isinstance(fact, Launch) and arms[fact.cell_id].startswith("int8")
        if isinstance(fact, Launch) and is_int8 and fact.kind == "profile" and not fact.position:
            detail = f"no layer of {arms[fact.cell_id]} ran in INT8 (f32 100 %)"
            yield Caution(fact.run_id, "precision_not_as_asked", "cell", fact.cell_id, detail)

    return alter


def _again(fact: Launch) -> Iterator[Fact]:
    yield fact
    is_first = fact.position == 0
    if is_first:
        yield Caution(fact.run_id, "interference_load", "launch", fact.launch_id, "37 %")
    at = fact.started_at + timedelta(seconds=4)
    yield replace(fact, launch_id=f"{fact.launch_id}-again", attempt=1, started_at=at)


def failing(fact: Fact) -> Iterator[Fact]:
    """Launches that failed left the end of their standard error."""
    if isinstance(fact, Launch) and fact.status == "failed":
        fact = replace(fact, stderr_tail=STDERR)
    yield fact


def missing_device(fact: Fact) -> Iterator[Fact]:
    """All cells on a device that is not there: one failed launch each, and a caution."""
    if isinstance(fact, Device):
        yield replace(fact, ov_device="GPU.0", title="GPU.0 (not there)")
    elif isinstance(fact, Launch):
        if fact.kind == "timing" and fact.block == 0:
            yield replace(unknown(fact), status="failed", error=MISSING, block=None, samples_ms=())
            detail = MISSING.removeprefix("device: ")
            yield Caution(fact.run_id, "device_missing", "cell", fact.cell_id, detail)
    elif not isinstance(fact, ExecNode | ExecNodeSource | Block):
        yield fact


def nothing_known(fact: Fact) -> Iterator[Fact]:
    """Everything that may be NULL is NULL, but for the block and the headline."""
    if isinstance(fact, Launch):
        fps = fact.throughput_fps
        yield replace(unknown(fact), block=fact.block, p50_ms=fact.p50_ms, throughput_fps=fps)
    else:
        yield unknown(fact)


def unknown(fact: FactT) -> FactT:
    """The fact with NULL in every column that may be NULL."""
    hints = get_type_hints(type(fact), include_extras=True)
    values: dict[str, Any] = {
        field.name: None if _may_be_null(hints[field.name]) else getattr(fact, field.name)
        for field in fields(fact)
    }
    return type(fact)(**values)


def _may_be_null(hint: object) -> bool:
    inner = get_args(hint)[0]
    return isinstance(inner, UnionType) and type(None) in get_args(inner)
