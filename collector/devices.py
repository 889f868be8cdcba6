"""Asks OpenVINO what a device is, and describes it as facts."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from collector.answers import ProbeFailure
from collector.launcher import Launcher
from results.errors import HostError, UsageError
from results.facts import Device, Machine, Runtime

ISA_CAPS = (
    "SSE41", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI", "AVX512_CORE_AMX",
)  # fmt: skip


@dataclass(frozen=True)
class FoundDevice:
    """A device with the runtime it was found with; ``missing`` says why it cannot be used."""

    device: Device
    runtime: Runtime
    missing: str | None = None


def find_device(
    machine: Machine, ov_device: str, isa_cap: str | None, launcher: Launcher
) -> FoundDevice:
    """The device and the runtime behind a launcher.

    A device that is not on this machine is found as missing, with the reason. Raises
    UsageError for a cap that is unknown, HostError where OpenVINO itself does not work.
    """
    if isa_cap is not None and isa_cap not in ISA_CAPS:
        raise UsageError(f"no ISA cap {isa_cap!r}", hint=f"choose one of {', '.join(ISA_CAPS)}")
    answer = launcher.describe(ov_device)
    if isinstance(answer, ProbeFailure):
        raise HostError(
            f"OpenVINO does not work here: {answer.reason}",
            hint=f"check `{sys.executable} -c 'import openvino'`",
        )
    device = Device(
        device_id=_device_id(machine, ov_device, isa_cap),
        machine_id=machine.machine_id,
        ov_device=ov_device,
        isa_cap=isa_cap,
        full_name=answer.full_name,
        title=(
            device_title(answer.full_name, ov_device, isa_cap)
            if answer.full_name
            else f"{ov_device} on {machine.cpu_model}"
        ),
        capabilities=answer.capabilities,
    )
    there = ", ".join(answer.devices)
    missing = f"OpenVINO has no device {ov_device!r} here; it has {there}"
    runtime = runtime_fact(answer.version, answer.python)
    return FoundDevice(device, runtime, missing if answer.missing else None)


def _device_id(machine: Machine, ov_device: str, isa_cap: str | None) -> str:
    return hashlib.sha256(repr((machine.machine_id, ov_device, isa_cap)).encode()).hexdigest()[:12]


def device_title(full_name: str, ov_device: str, isa_cap: str | None) -> str:
    """Name to show: the hardware, the OpenVINO device unless CPU, and always the cap."""
    name = re.sub(r"\((R|TM)\)", "", full_name)
    name = re.sub(r"\s+", " ", name).strip()
    if ov_device != "CPU":
        name = f"{name} ({ov_device})"
    return f"{name}, capped to {isa_cap}" if isa_cap else name


def runtime_fact(build: str, python: str) -> Runtime:
    """The runtime fact of an OpenVINO build string such as ``2026.4.1-22982-...``."""
    return Runtime(
        runtime_id=build,
        version=build.split("-", 1)[0],
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
