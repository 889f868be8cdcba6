"""What this machine is, what OpenVINO finds on it, and what will hurt a measurement."""

from __future__ import annotations

from dataclasses import dataclass

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
    cautions: tuple[ShownCaution, ...]


def diagnose() -> Diagnosis:
    """Look at this machine; HostError where OpenVINO does not work."""
    answer = Launcher().describe("CPU")
    if isinstance(answer, ProbeFailure):
        raise HostError(
            f"OpenVINO does not work here: {answer.reason}",
            hint="install the pinned packages with `pip install -r requirements.txt`",
        )
    machine = this_machine()
    cautions = tuple(show(caution) for caution in machine_cautions("", machine))
    return Diagnosis(machine, answer, usable_cpus(), cautions)
