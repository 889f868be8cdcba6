"""Asks OpenVINO what a device is, and describes it as facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from collector.answers import DeviceAnswer, ProbeFailure
from collector.runtimes.checking import other_build
from collector.using import Using
from results.errors import UsageError
from results.facts import Device, Machine, Runtime

ISA_CAPS = (
    "SSE41", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI", "AVX512_CORE_AMX",
)  # fmt: skip


DEVICE_MISSING, RUNTIME_BROKEN, NOT_EXPRESSIBLE = (
    "device_missing", "runtime_broken", "not_expressible",
)  # fmt: skip
"""Why a cell cannot be measured at all: ids of cautions."""

_BUILD = re.compile(r"\d{4}\.\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Obstacle:
    """Why cells cannot be measured: which kind, the reason, what OpenVINO said last."""

    kind: str
    reason: str
    stderr_tail: str | None = None


@dataclass(frozen=True)
class FoundDevice:
    """A device with the runtime it was found with; ``obstacle`` says why it cannot be used.

    ``newest_opset`` is set where that OpenVINO reads IR version 10 only, up to that opset.
    """

    device: Device
    runtime: Runtime
    using: Using
    obstacle: Obstacle | None = None
    newest_opset: int | None = None


def find_device(machine: Machine, ov_device: str, isa_cap: str | None, using: Using) -> FoundDevice:
    """The device and the runtime of an OpenVINO.

    A device that is not on this machine, and an OpenVINO that does not work on it, are found
    with an obstacle. Raises UsageError for a cap that is unknown.
    """
    if isa_cap is not None and isa_cap not in ISA_CAPS:
        raise UsageError(f"no ISA cap {isa_cap!r}", hint=f"choose one of {', '.join(ISA_CAPS)}")
    answer = using.launcher(isa_cap).describe(ov_device)
    device = _device(machine, ov_device, isa_cap, answer)
    if isinstance(answer, ProbeFailure):
        reason = f"OpenVINO {using.version} does not work here: {answer.reason}"
        runtime = replace(runtime_fact(using.build or using.version, None), version=using.version)
        broken = Obstacle(RUNTIME_BROKEN, reason, answer.stderr_tail)
        return FoundDevice(device, runtime, using, broken)
    runtime = runtime_fact(answer.version, answer.python)
    obstacle = _changed(using, answer) or _missing(ov_device, answer)
    return FoundDevice(device, runtime, using, obstacle, answer.newest_opset)


def alike(found: Sequence[FoundDevice]) -> tuple[FoundDevice, ...]:
    """The same with one description of each device, where several versions tell different things.

    The collector's own OpenVINO is believed first, then the last that could tell.
    """
    believed = sorted(found, key=lambda one: (bool(one.device.full_name), one.using.is_own))
    told = {one.device.device_id: one.device for one in believed}
    return tuple(replace(one, device=told[one.device.device_id]) for one in found)


def _device(
    machine: Machine, ov_device: str, isa_cap: str | None, answer: DeviceAnswer | ProbeFailure
) -> Device:
    told = answer if isinstance(answer, DeviceAnswer) else None
    full_name = told.full_name if told else None
    return Device(
        device_id=_device_id(machine, ov_device, isa_cap),
        machine_id=machine.machine_id,
        ov_device=ov_device,
        isa_cap=isa_cap,
        full_name=full_name,
        title=(
            device_title(full_name, ov_device, isa_cap)
            if full_name
            else f"{ov_device} on {machine.cpu_model}"
        ),
        capabilities=told.capabilities if told else (),
    )


def _changed(using: Using, answer: DeviceAnswer) -> Obstacle | None:
    """An environment that another OpenVINO was put into is not what was asked for."""
    problem = other_build(using.build, answer.version)
    if problem is None:
        return None
    return Obstacle(
        RUNTIME_BROKEN, f"the environment of OpenVINO {using.version} is broken: {problem}"
    )


def _missing(ov_device: str, answer: DeviceAnswer) -> Obstacle | None:
    if not answer.missing:
        return None
    there = ", ".join(answer.devices)
    reason = f"OpenVINO has no device {ov_device!r} here; it has {there}"
    return Obstacle(DEVICE_MISSING, reason)


def _device_id(machine: Machine, ov_device: str, isa_cap: str | None) -> str:
    return hashlib.sha256(repr((machine.machine_id, ov_device, isa_cap)).encode()).hexdigest()[:12]


def device_title(full_name: str, ov_device: str, isa_cap: str | None) -> str:
    """Name to show: the hardware, the OpenVINO device unless CPU, and always the cap."""
    name = re.sub(r"\((R|TM)\)", "", full_name)
    name = re.sub(r"\s+", " ", name).strip()
    if ov_device != "CPU":
        name = f"{name} ({ov_device})"
    return f"{name}, capped to {isa_cap}" if isa_cap else name


def runtime_fact(build: str, python: str | None) -> Runtime:
    """The runtime fact of an OpenVINO build string such as ``2026.4.1-22982-...``.

    Before 2022 it began with the version of the plugins' interface, as in ``2.1.2021.4.2-...``.
    """
    version = _BUILD.search(build.split("-", 1)[0])
    return Runtime(
        runtime_id=build,
        version=version.group() if version else build.split("-", 1)[0],
        build=build,
        onednn_version=None,
        python=python,
    )


def ignored_cap(cap: str, primitives: Sequence[str]) -> tuple[str, ...]:
    """Kernels whose name says a higher ISA than the cap allows."""
    order = {"sse41": 0, "sse42": 0, "avx": 1, "avx2": 2, "avx512": 3, "amx": 4}
    # avx512_core_amx is named amx by its kernels; vnni does not show in names.
    allowed = 4 if cap.endswith("AMX") else order[cap.lower().split("_")[0]]
    return tuple(
        sorted(
            {
                primitive
                for primitive in primitives
                if max((order.get(token, 0) for token in primitive.split("_")), default=0) > allowed
            }
        )
    )
