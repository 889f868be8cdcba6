"""A store in which every name and every free text is hostile: markup, script, SQL, paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from results.facts import (
    Accuracy,
    Caution,
    Dataset,
    Device,
    ExecNode,
    ExecNodeSource,
    Fact,
    Launch,
    LayerAccuracy,
    Machine,
    Model,
    Run,
    Runtime,
    SourceOp,
    Variant,
)
from results.store import Store
from tests.page.stores import altered_store
from tests.planted import planted_certificate, planted_store
from tests.planted_accuracy import Judged, planted_accuracy

HOSTILE = (
    "z <img src=x onerror=alert(1)> **b** :red[x] $y$ [a](javascript:alert(1)) `c` "
    "<script>alert(2)</script> '; DROP TABLE runs; -- ../../etc/passwd"
)
_TEXTS: dict[type, tuple[str, ...]] = {
    Machine: ("hostname", "cpu_model", "cpu_vendor", "microcode", "kernel", "os_name",
              "hypervisor", "governor"),
    Device: ("full_name", "title"),
    Runtime: ("build", "onednn_version", "python"),
    Model: ("name", "title", "source_format", "note"),
    Variant: ("tool", "tool_version", "note"),
    SourceOp: ("op_name", "producers", "module_path"),
    Run: ("command", "source", "effort"),
    Launch: ("error", "stderr_tail", "pinned_to"),
    ExecNode: ("name", "original_names", "primitive", "output_layouts", "input_layouts"),
    ExecNodeSource: ("op_name",),
    Caution: ("detail",),
    Dataset: ("name", "skipped_names"),
    Accuracy: ("output",),
    LayerAccuracy: ("op_name",),
}  # fmt: skip
_KINDS = ("pool", "softmax")


def hostile_store(root: Path) -> Store:
    """Two models on two devices, with a failed cell, cautions, accuracy and a certificate."""
    return altered_store(root, _hostile, _planted)


def _planted(root: Path) -> Store:
    planted_store(root, models=("alpha", "beta"), default_ratio=0.9, cautions=True)
    planted_store(root, models=("alpha",), name="other", isa_cap="AVX2", failed_cell=True)
    planted_accuracy(root, Judged(model="alpha", note="made for speed", skipped=("one.png",)))
    planted_certificate(root, day=-1)
    return Store(root)


def _hostile(fact: Fact) -> Iterator[Fact]:
    found = _with(fact, _TEXTS.get(type(fact), ()))
    if isinstance(found, ExecNode) and found.name.startswith(_KINDS):
        found = _with(found, ("node_type",))
    if isinstance(found, SourceOp) and found.op_name.startswith(_KINDS):
        found = _with(found, ("op_type",))
    yield found


def _with(fact: Fact, names: tuple[str, ...]) -> Fact:
    """The fact with hostile words behind each of these texts; what is unknown stays unknown."""
    values: dict[str, Any] = {field.name: getattr(fact, field.name) for field in fields(fact)}
    for name in names:
        values[name] = _spoilt(values[name])
    return type(fact)(**values)


def _spoilt(value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(f"{one} {HOSTILE}" for one in value)
    return f"{value} {HOSTILE}"
