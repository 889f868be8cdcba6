"""What this machine is, what OpenVINO finds on it, and what will hurt a measurement."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from collector.launcher import DeviceAnswer, Launcher, ProbeFailure
from collector.machine import machine_cautions, this_machine, usable_cpus
from results.cautions import show
from results.comparison import ShownCaution
from results.errors import HostError
from results.facts import Machine


@dataclass(frozen=True)
class Diagnosis:
    """The machine, what OpenVINO says, and what to do about what will hurt."""

    machine: Machine
    openvino: DeviceAnswer
    usable_cpus: int
    data: str
    data_writable: bool
    cautions: tuple[ShownCaution, ...]


def diagnose(data: Path) -> Diagnosis:
    """Look at this machine and at the store; HostError where OpenVINO does not work."""
    answer = Launcher().describe("CPU")
    if isinstance(answer, ProbeFailure):
        raise HostError(
            f"OpenVINO does not work here: {answer.reason}",
            hint="install the pinned packages with `pip install -r requirements.txt`",
        )
    machine = this_machine()
    cautions = tuple(show(caution) for caution in machine_cautions("", machine))
    return Diagnosis(
        machine=machine,
        openvino=answer,
        usable_cpus=usable_cpus(),
        data=str(data),
        data_writable=_is_writable(data),
        cautions=cautions,
    )


def _is_writable(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that exists, can be written."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK)
