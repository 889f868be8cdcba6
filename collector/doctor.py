"""What this machine is, what OpenVINO finds on it, and what will hurt a measurement."""

from __future__ import annotations

from dataclasses import dataclass

from collector.launcher import DeviceAnswer, Launcher, ProbeFailure
from collector.machine import this_machine, usable_cpus
from results.cautions import show
from results.comparison import ShownCaution
from results.errors import EnvironmentFailure
from results.facts import Caution, Machine


@dataclass(frozen=True)
class Diagnosis:
    """The machine, what OpenVINO says, and what to do about what will hurt."""

    machine: Machine
    openvino: DeviceAnswer
    usable_cpus: int
    cautions: tuple[ShownCaution, ...]


def diagnose() -> Diagnosis:
    """Look at this machine; EnvironmentFailure where OpenVINO does not work."""
    answer = Launcher().describe("CPU")
    if isinstance(answer, ProbeFailure):
        raise EnvironmentFailure(
            f"OpenVINO does not work here: {answer.reason}",
            hint="install the pinned packages with `pip install -r requirements.txt`",
        )
    machine = this_machine()
    return Diagnosis(machine, answer, usable_cpus(), _cautions(machine))


def _cautions(machine: Machine) -> tuple[ShownCaution, ...]:
    found: list[tuple[str, str]] = []
    if machine.hypervisor is not None:
        found.append(("hypervisor", machine.hypervisor))
    if machine.governor not in {None, "performance"}:
        found.append(("governor", str(machine.governor)))
    if machine.turbo:
        found.append(("turbo", "enabled"))
    if machine.cgroup_cpus is not None:
        found.append(("cgroup_limit", f"{machine.cgroup_cpus:g} CPUs"))
    return tuple(
        show(Caution("", caution_id, "machine", machine.machine_id, detail))
        for caution_id, detail in found
    )
