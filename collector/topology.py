"""Which CPUs a latency launch is pinned to: one thread per physical core of one NUMA node.

The topology is that of ``/sys/devices/system`` on Linux. Where it is not visible
(another system, no ``/sys``, no affinity) there is none, and a launch is ``unpinned``.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from collector.system import HERE, System

UNPINNED = "unpinned"
_CPUS = "sys/devices/system/cpu"
_NODES = "sys/devices/system/node"


@dataclass(frozen=True)
class Core:
    """A physical core: its hardware threads (ascending), its socket and its NUMA node."""

    cpus: tuple[int, ...]
    package: int | None = None
    node: int = 0


@dataclass(frozen=True)
class Topology:
    """The physical cores of a machine that are online, by their first CPU."""

    cores: tuple[Core, ...]

    @property
    def cpus(self) -> tuple[int, ...]:
        """Every hardware thread, ascending."""
        return tuple(sorted(cpu for core in self.cores for cpu in core.cpus))

    @property
    def sockets(self) -> int | None:
        """How many sockets; None where the system does not tell."""
        return len({core.package for core in self.cores if core.package is not None}) or None

    def allowed(self, cpus: Collection[int]) -> Topology:
        """The part of it that consists of these CPUs."""
        kept = ((core, tuple(cpu for cpu in core.cpus if cpu in cpus)) for core in self.cores)
        return Topology(tuple(Core(left, core.package, core.node) for core, left in kept if left))


def choose_cpus(topology: Topology, allowed: Collection[int]) -> tuple[int, ...] | None:
    """One thread of each allowed physical core of one NUMA node, ascending.

    The node is the one with most allowed cores, of equals the lowest; of a core it is
    the lowest allowed thread. On a hybrid CPU these are all physical cores, one thread
    each, fast and efficient ones alike: which of them are used is left to the runtime.
    None where no CPU of the topology is allowed.
    """
    by_node: dict[int, list[int]] = defaultdict(list)
    for core in topology.allowed(allowed).cores:
        by_node[core.node].append(core.cpus[0])
    if not by_node:
        return None
    node = min(by_node, key=lambda node: (-len(by_node[node]), node))
    return tuple(sorted(by_node[node]))


def read_topology(system: System = HERE) -> Topology | None:
    """The topology as Linux shows it; None where it does not, or on another system."""
    nodes = _nodes(system)
    cores: dict[tuple[int, ...], Core] = {}
    for folder in system.paths(f"{_CPUS}/cpu[0-9]*/topology"):
        siblings = _siblings(system, folder)
        if siblings:
            package = system.number(f"{folder}/physical_package_id")
            known = None if package is None or package < 0 else package
            cores[siblings] = Core(siblings, known, nodes.get(siblings[0], 0))
    return Topology(tuple(sorted(cores.values(), key=lambda core: core.cpus))) if cores else None


def _siblings(system: System, folder: str) -> tuple[int, ...]:
    """The threads of a CPU's core; itself alone is not assumed where the file is missing."""
    told = system.text(f"{folder}/thread_siblings_list")
    return parse_cpus(told or system.text(f"{folder}/core_cpus_list") or "")


def _nodes(system: System) -> dict[int, int]:
    """NUMA node of each CPU; empty where the kernel knows of no nodes."""
    return {
        cpu: int(PurePosixPath(path).parent.name.removeprefix("node"))
        for path in system.paths(f"{_NODES}/node[0-9]*/cpulist")
        for cpu in parse_cpus(system.text(path) or "")
    }


def allowed_cpus() -> frozenset[int] | None:
    """The CPUs that this process may run on; None where the system does not tell."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def pinned_cpus(
    system: System = HERE, allowed: Collection[int] | None = None
) -> tuple[int, ...] | None:
    """The CPUs to pin a latency launch to; None where it has to stay unpinned.

    ``allowed`` is the process's own affinity unless it is given.
    """
    topology = read_topology(system)
    cpus = allowed_cpus() if allowed is None else allowed
    return None if topology is None or cpus is None else choose_cpus(topology, cpus)


def with_siblings(cpus: Collection[int], system: System = HERE) -> tuple[int, ...]:
    """These CPUs and the other threads of their cores, whose load slows them down too."""
    topology = read_topology(system)
    cores = topology.cores if topology else ()
    siblings = {cpu for core in cores if set(core.cpus) & set(cpus) for cpu in core.cpus}
    return tuple(sorted(siblings | set(cpus)))


def cpus_text(cpus: Iterable[int] | None) -> str:
    """CPUs as Linux writes a list of them, ``0-3,8``; ``unpinned`` for None."""
    if cpus is None:
        return UNPINNED
    ordered = sorted(set(cpus))
    ranges = groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0])
    return ",".join(_range_text([cpu for _, cpu in pairs]) for _, pairs in ranges)


def _range_text(cpus: list[int]) -> str:
    return str(cpus[0]) if len(cpus) == 1 else f"{cpus[0]}-{cpus[-1]}"


def parse_cpus(text: str) -> tuple[int, ...]:
    """The CPUs of a list such as ``0-3,8``; what is no list gives none."""
    if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", text):
        return ()
    ends = [(part.split("-")[0], part.split("-")[-1]) for part in text.split(",")]
    return tuple(cpu for first, last in ends for cpu in range(int(first), int(last) + 1))
