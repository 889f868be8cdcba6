"""Launches are pinned to one thread per physical core of one NUMA node."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from collector.topology import (
    Core,
    Topology,
    choose_cpus,
    cpus_text,
    parse_cpus,
    pinned_cpus,
    read_topology,
)
from tests.unit.recorded import CPU, hybrid_laptop, plant, topology, two_socket_xeon

ALL = range(64)


def test_two_sockets_give_one_thread_per_core_of_the_first_node(tmp_path: Path) -> None:
    system = plant(tmp_path, two_socket_xeon())
    assert pinned_cpus(system, ALL) == (0, 1, 2, 3)
    found = read_topology(system)
    assert found is not None
    assert (len(found.cores), found.sockets, found.cpus) == (8, 2, tuple(range(16)))
    assert found.cores[5] == Core((5, 13), package=1, node=1)


def test_the_node_with_most_allowed_cores_is_taken(tmp_path: Path) -> None:
    system = plant(tmp_path, two_socket_xeon())
    assert pinned_cpus(system, {0, 8, 1, 4, 5, 6}) == (4, 5, 6)
    # four threads of two cores are fewer cores than three threads of three
    assert pinned_cpus(system, {0, 8, 1, 9, 4, 5, 6}) == (4, 5, 6)


def test_a_core_whose_first_thread_is_not_allowed_gives_its_second(tmp_path: Path) -> None:
    system = plant(tmp_path, two_socket_xeon())
    assert pinned_cpus(system, {8, 9, 2, 10}) == (2, 8, 9)


def test_a_hybrid_cpu_gives_all_its_cores_one_thread_each(tmp_path: Path) -> None:
    assert pinned_cpus(plant(tmp_path, hybrid_laptop()), ALL) == (0, 2, 4, 5, 6, 7)


def test_a_small_virtual_machine_gives_both_its_cores(tmp_path: Path) -> None:
    system = plant(tmp_path, topology([("0", 0), ("1", 0)], {0: "0-1"}))
    assert pinned_cpus(system, ALL) == (0, 1)


def test_a_container_sees_the_whole_host_but_gets_only_what_it_may_use(tmp_path: Path) -> None:
    assert pinned_cpus(plant(tmp_path, two_socket_xeon()), {13, 14}) == (13, 14)


def test_cores_without_numa_nodes_are_one_node(tmp_path: Path) -> None:
    assert pinned_cpus(plant(tmp_path, topology([("0,1", 0), ("2,3", 0)])), ALL) == (0, 2)


def test_a_cpu_that_is_offline_is_no_core(tmp_path: Path) -> None:
    system = plant(tmp_path, {**topology([("0", 0)], {0: "0"}), f"{CPU}/cpu1/online": "0"})
    assert pinned_cpus(system, ALL) == (0,)


def test_the_newer_file_name_will_do(tmp_path: Path) -> None:
    assert pinned_cpus(plant(tmp_path, {f"{CPU}/cpu0/topology/core_cpus_list": "0"}), ALL) == (0,)


def test_an_unknown_socket_is_not_counted(tmp_path: Path) -> None:
    found = read_topology(plant(tmp_path, topology([("0", -1)])))
    assert found is not None
    assert found.sockets is None


@pytest.mark.parametrize(
    "files", [{}, {f"{CPU}/cpu0/topology/physical_package_id": "0"}, topology([("garbage", 0)])]
)
def test_without_a_visible_topology_there_is_nothing_to_pin_to(
    tmp_path: Path, files: dict[str, str]
) -> None:
    system = plant(tmp_path, files)
    assert read_topology(system) is None
    assert pinned_cpus(system, ALL) is None
    assert pinned_cpus(replace(system, root=tmp_path / "nothing"), ALL) is None


def test_a_system_without_affinity_stays_unpinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    assert pinned_cpus(plant(tmp_path, two_socket_xeon())) is None


def test_without_an_allowed_core_there_is_nothing_to_pin_to() -> None:
    assert choose_cpus(Topology((Core((0, 1)),)), {7}) is None


@pytest.mark.parametrize(
    ("cpus", "text"),
    [((), ""), ((3,), "3"), ((0, 1), "0-1"), ((8, 2, 0, 1, 3), "0-3,8"), ((0, 2, 4, 5), "0,2,4-5")],
)
def test_cpus_are_written_as_linux_writes_them(cpus: tuple[int, ...], text: str) -> None:
    assert cpus_text(cpus) == text
    assert parse_cpus(text) == tuple(sorted(cpus))


def test_no_cpus_to_pin_to_reads_unpinned() -> None:
    assert cpus_text(None) == "unpinned"
    assert parse_cpus("0-") == ()
