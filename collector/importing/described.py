"""Facts about what was not measured here: machine, device, runtime, model, variant, cell.

Everything is known by what was told of it, so ids are hashes of that with the origin in
front: none equals the id of anything measured, and titles say where the figures come from.
What nobody told is None. Nothing is read or stored here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from results.errors import UsageError
from results.facts import Cell, Device, Launch, Machine, Model, Runtime, Variant
from results.kinds import normalised

UNKNOWN_MACHINE = "unknown machine"
UNKNOWN = "unknown"
CPU = "CPU"
ISA_CLASSES = MappingProxyType({
    "sse42": ("sse4_2",),
    "avx2": ("sse4_2", "avx2"),
    "avx2_vnni": ("sse4_2", "avx2", "avx_vnni"),
    "avx512": ("sse4_2", "avx2", "avx512f"),
    "avx512_vnni": ("sse4_2", "avx2", "avx512f", "avx512_vnni"),
    "amx": ("sse4_2", "avx2", "avx512f", "avx512_vnni", "amx_int8"),
})  # fmt: skip
"""The flags that a CPU of a class has at least; ``results.isa.best_isa`` finds the class."""
_KINDS = ("fp32", "int8", "int8-simplified", "int8-full", "int8-accuracy", "int8-native",
          "int8-tuned")  # fmt: skip
_PRECISIONS = ("f32", "default", "bf16", "f16")


@dataclass(frozen=True)
class Description:
    """What the user says of where and what was measured; None is not told."""

    machine_name: str | None = None
    cpu: str | None = None
    isa_class: str | None = None
    openvino: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Arm:
    """A variant kind and the precision that was asked for."""

    kind: str
    precision: str

    @property
    def name(self) -> str:
        """``fp32@f32``."""
        return f"{self.kind}@{self.precision}"


@dataclass(frozen=True)
class Driven:
    """How a cell was driven; None was left to the device, or not told."""

    scenario: str
    batch: int
    streams: int | None = None
    threads: int | None = None
    requests: int | None = None


@dataclass(frozen=True)
class Place:
    """Where it was measured."""

    machine: Machine
    device: Device
    runtime: Runtime


def arm_of(text: str) -> Arm:
    """The arm that a text names; UsageError where it is none."""
    kind, at, precision = text.strip().partition("@")
    if not at or kind not in _KINDS or precision not in _PRECISIONS:
        raise UsageError(
            f"arm {text!r} is none",
            hint=f"write KIND@PRECISION with {', '.join(_KINDS)} and {', '.join(_PRECISIONS)}",
        )
    return Arm(kind, precision)


def isa_flags(isa_class: str | None) -> tuple[str, ...]:
    """The flags of a class of CPUs; UsageError for a class that is not known."""
    if isa_class is None:
        return ()
    if isa_class.lower() not in ISA_CLASSES:
        raise UsageError(
            f"no ISA class {isa_class!r}", hint=f"choose one of {', '.join(ISA_CLASSES)}"
        )
    return ISA_CLASSES[isa_class.lower()]


def place(origin: str, about: Description, ov_device: str, content: str) -> Place:
    """The machine, device and runtime that were told of.

    ``content`` names what is imported: a machine or an OpenVINO of which nothing is known is
    that of this import alone, so that two unknown ones are never taken for one.
    """
    machine = _machine(origin, about, content)
    runtime = _runtime(origin, about.openvino, content)
    return Place(machine, _device(origin, about, machine, ov_device), runtime)


def _machine(origin: str, about: Description, content: str) -> Machine:
    flags = isa_flags(about.isa_class)
    known = about.machine_name or about.cpu
    own = (about.machine_name, about.cpu, *flags) if known else (content,)
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(Machine))
    told = {
        "machine_id": _id(origin, "machine", *own),
        "hostname": about.machine_name or about.cpu or UNKNOWN_MACHINE,
        "cpu_model": about.cpu or about.machine_name or UNKNOWN_MACHINE,
        "isa_flags": flags,
    }
    return Machine(**(nothing | told))


def _device(origin: str, about: Description, machine: Machine, ov_device: str) -> Device:
    own = "" if ov_device in {CPU, UNKNOWN} else f", {ov_device}"
    return Device(
        device_id=_id(origin, "device", machine.machine_id, ov_device),
        machine_id=machine.machine_id,
        ov_device=ov_device,
        isa_cap=None,
        full_name=about.cpu if ov_device == CPU else None,
        title=f"{machine.cpu_model}{own} ({origin})",
        capabilities=(),
    )


def _runtime(origin: str, version: str | None, content: str) -> Runtime:
    told = version.strip() if version else ""
    return Runtime(
        runtime_id=f"{origin} {told or f'{UNKNOWN} {content}'}",
        version=told or UNKNOWN,
        build=None,
        onednn_version=None,
        python=None,
    )


def model_fact(origin: str, name: str) -> Model:
    """A model of which only the name is known; the same name, however spelled, is the same."""
    return Model(
        model_id=_id(origin, "model", normalised(name)),
        name=name,
        title=name,
        source_format=None,
        source_bytes=None,
        parameters=None,
        macs=None,
        synthetic_weights=None,
        note=None,
    )


def variant_fact(origin: str, model: Model, kind: str) -> Variant:
    """A variant of which only the kind is known."""
    return Variant(
        variant_id=_id(origin, "variant", model.model_id, kind),
        model_id=model.model_id,
        kind=kind,
        parent_variant_id=None,
        tool=None,
        tool_version=None,
        recipe="{}",
        file_bytes=None,
        note=None,
    )


def cell_fact(where: Place, model: Model, variant: Variant, arm: Arm, driven: Driven) -> Cell:
    """The cell that figures are of."""
    parts = (where.device.device_id, where.runtime.runtime_id, variant.variant_id, arm, driven)
    return Cell(
        cell_id=_hash(*map(repr, parts)),
        device_id=where.device.device_id,
        runtime_id=where.runtime.runtime_id,
        model_id=model.model_id,
        variant_id=variant.variant_id,
        precision=arm.precision,
        arm=arm.name,
        scenario=driven.scenario,
        batch=driven.batch,
        streams=driven.streams,
        threads=driven.threads,
        requests=driven.requests,
    )


def launch_fact(
    run_id: str, cell_id: str, kind: str, when: datetime, told: Mapping[str, Any]
) -> Launch:
    """A launch of which only ``told``, columns by name, is known; imported at ``when``."""
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(Launch))
    known = {
        "run_id": run_id,
        "launch_id": _hash(run_id, cell_id, kind),
        "cell_id": cell_id,
        "kind": kind,
        "attempt": 0,
        "position": 0,
        "started_at": when,
        "status": "ok",
        "samples_ms": (),
    }
    return Launch(**(nothing | known | dict(told)))


def _id(origin: str, *parts: str | None) -> str:
    return f"{origin}-{_hash(*(part or '' for part in parts))}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
