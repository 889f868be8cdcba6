"""Facts about this machine from the system's own interfaces, and what of them hurts.

Linux tells all of it (``machine_linux``); macOS and Windows what they tell
(``machine_other``). None for unknown, never 0.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from collector.condition import on_battery
from collector.identity import names_are_private
from collector.machine_linux import linux_machine
from collector.machine_other import macos_machine, other_machine
from collector.system import HERE, System
from collector.topology import Topology, allowed_cpus, read_topology
from results.facts import Caution, Machine

_READERS = {"Linux": linux_machine, "Darwin": macos_machine}
_BATTERY = "at the start of the run"


def this_machine(system: System = HERE, *, private: bool | None = None) -> Machine:
    """The facts of a machine; ``private`` hashes its host name, None asks the environment."""
    hashed = names_are_private() if private is None else private
    return _READERS.get(system.name, other_machine)(system, private=hashed)


def machine_cautions(
    run_id: str,
    machine: Machine,
    system: System = HERE,
    allowed: Collection[int] | None = None,
) -> tuple[Caution, ...]:
    """What about this machine lowers trust in every measurement on it.

    ``allowed`` are the CPUs that may be used, this process's own unless given.
    """
    cpus = allowed_cpus() if allowed is None else allowed
    found = [*_settings(machine), *_cpus(machine, read_topology(system), cpus)]
    if on_battery(system):
        found.append(("on_battery", _BATTERY))
    return tuple(
        Caution(run_id, caution_id, "machine", machine.machine_id, detail)
        for caution_id, detail in found
    )


def _settings(machine: Machine) -> Iterator[tuple[str, str]]:
    if machine.hypervisor is not None:
        yield "hypervisor", machine.hypervisor
    if machine.governor not in {None, "performance"}:
        yield "governor", str(machine.governor)
    if machine.turbo:
        yield "turbo", "enabled"
    if machine.cgroup_cpus is not None:
        yield "cgroup_limit", f"{machine.cgroup_cpus:g} CPUs"


def _cpus(
    machine: Machine, topology: Topology | None, allowed: Collection[int] | None
) -> Iterator[tuple[str, str]]:
    """What the CPUs that may be used are: too few of them, threads of one core, not visible."""
    if allowed is not None and machine.logical_cpus and len(allowed) < machine.logical_cpus:
        yield "fewer_cpus", f"{len(allowed)} of {machine.logical_cpus}"
    usable = topology.allowed(allowed) if topology and allowed else None
    threads, cores = (
        (len(usable.cpus), len(usable.cores)) if usable and usable.cores
        else (machine.logical_cpus or 0, machine.physical_cores or machine.logical_cpus or 0)
    )  # fmt: skip
    if threads > cores:
        yield "smt", f"{threads} threads on {cores} {'core' if cores == 1 else 'cores'}"
    if not usable or not usable.cores:
        yield "unpinned", "this system does not show which CPUs share a core"


def usable_cpus() -> int:
    """CPUs this process may run on."""
    allowed = allowed_cpus()
    return len(allowed) if allowed is not None else os.cpu_count() or 1
