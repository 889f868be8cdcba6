"""Doctor tells a person what the machine is, what will hurt, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from collector.answers import DeviceAnswer, ProbeFailure
from collector.condition import (
    BusyProcess,
    Condition,
    Load,
    ProcessTime,
    Snapshot,
    load_between,
    on_battery,
    read_condition,
    thermal_throttles,
)
from collector.doctor import Diagnosis, condition_cautions, diagnose, doctor_text
from collector.launcher import Launcher
from collector.machine import this_machine
from collector.system import System
from results.cautions import of
from results.errors import HostError
from results.facts import Machine
from tests.unit.recorded import CPU, no_answer, plant, two_socket_xeon

QUIET = Condition(Load(0.01, 0.0, None), 16_000, 0, None, 0, None)
ANSWER = DeviceAnswer("2026.4.1", "3.11.7", "Xeon", ("FP32", "INT8"), ("CPU",), missing=False)
SUPPLY = "sys/class/power_supply"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return this_machine(plant(tmp_path, two_socket_xeon()), private=False)


def diagnosis(machine: Machine, condition: Condition = QUIET) -> Diagnosis:
    return Diagnosis(
        machine=machine,
        openvino=ANSWER,
        usable_cpus=16,
        pinned_to="0-3",
        condition=condition,
        data="data",
        data_writable=True,
        cautions=condition_cautions(machine, condition),
    )


def hurting(machine: Machine, condition: Condition) -> dict[str, str]:
    """Message of each caution about the moment."""
    return {found.caution_id: found.message for found in condition_cautions(machine, condition)}


def snapshot(
    at_s: float, busy_s: float, *processes: ProcessTime, steal_s: float | None = 0.0,
    own_s: float = 0.0,
) -> Snapshot:  # fmt: skip
    """A machine of two CPUs."""
    return Snapshot(at_s, 2 * at_s, busy_s, steal_s, own_s, processes)


def test_the_load_of_others_leaves_out_ours_and_what_the_hypervisor_took() -> None:
    before, after = snapshot(10, 5), snapshot(11, 6.5, steal_s=0.2, own_s=0.3)
    load = load_between(before, after)
    assert load.other_share == pytest.approx((1.5 - 0.2 - 0.3) / 2)
    assert load.steal_share == pytest.approx(0.1)


def test_a_steal_that_is_not_told_is_none() -> None:
    load = load_between(snapshot(1, 1, steal_s=None), snapshot(2, 1, steal_s=None))
    assert load == Load(0.0, None, None)


def test_no_time_between_the_snapshots_says_nothing() -> None:
    assert load_between(snapshot(1, 1), snapshot(1, 1)) == Load(None, None, None)


def test_the_busiest_process_is_the_one_that_used_most_in_between() -> None:
    old = ProcessTime(7, 1.0, "long since idle", 900.0)
    busy = ProcessTime(8, 1.0, "worker-a", 1.0)
    before = snapshot(10, 5, old, busy)
    after = snapshot(12, 6, old, replace(busy, name="worker-b", cpu_s=2.0))
    assert load_between(before, after).busiest == BusyProcess(8, "worker-b", 0.5)


def test_a_process_that_took_over_a_number_is_counted_from_its_start() -> None:
    before = snapshot(10, 5, ProcessTime(7, 1.0, "gone", 900.0), ProcessTime(8, 1.0, "busy", 1.0))
    after = snapshot(12, 6, ProcessTime(7, 11.0, "new", 1.0), ProcessTime(8, 1.0, "busy", 1.5))
    assert load_between(before, after).busiest == BusyProcess(7, "new", 0.5)


def test_a_quiet_machine_has_nothing_that_hurts_now(machine: Machine) -> None:
    assert condition_cautions(machine, QUIET) == ()


def test_what_is_unknown_does_not_hurt(machine: Machine) -> None:
    unknown = Condition(Load(None, None, None), None, None, None, None, None)
    assert condition_cautions(replace(machine, logical_cpus=None, isa_flags=()), unknown) == ()


@pytest.mark.parametrize(
    ("change", "caution_id", "seen"),
    [
        ({"load": Load(0.34, 0.0, BusyProcess(812, "firefox", 5.1))}, "other_load_now",
         "34.0 % of the CPU time, most of it firefox (process 812) with 5.10 CPUs"),
        ({"load": Load(0.04, 0.0, None)}, "other_load_now", "4.0 % of the CPU time"),
        ({"load": Load(0.0, 0.05, None)}, "steal_now", "5.0 % of the CPU time"),
        ({"memory_available_mib": 900}, "little_memory", "900 MiB"),
        ({"swap_used_mib": 1024}, "swapping", "1,024 MiB"),
        ({"throttled_us": 12_300_000}, "throttled_before", "12.3 s in all"),
        ({"thermal_throttles": 7}, "thermal_throttling", "7 times since the system started"),
        ({"thermal_throttles": 1}, "thermal_throttling", "once since the system started"),
    ],
)  # fmt: skip
def test_what_hurts_now_is_told_with_the_value_seen(
    machine: Machine, change: dict[str, object], caution_id: str, seen: str
) -> None:
    found = hurting(machine, Condition(**{**vars(QUIET), **change}))  # 0.04 of 16 CPUs: over half
    assert list(found) == [caution_id]
    assert found[caution_id].endswith(f": {seen}")


def test_a_process_is_not_named_for_a_load_that_is_not_there(machine: Machine) -> None:
    load = Load(0.0, 0.0, BusyProcess(1, "init", 0.01))
    assert "init" not in doctor_text(diagnosis(machine, replace(QUIET, load=load)))


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        (("avx2",), "AVX2, at most 2 times FP32"),
        (("avx2", "avx512f"), "AVX-512 without VNNI, at most 1.33 times FP32"),
        (("avx2", "avx_vnni"), None),
        (("avx2", "avx512f", "avx512_vnni"), None),
        (("asimd",), "Arm without dot product and i8mm"),
        (("asimd", "asimddp"), None),
        ((), None),
    ],
)
def test_a_cpu_without_8_bit_dot_products_is_told(
    machine: Machine, flags: tuple[str, ...], seen: str | None
) -> None:
    found = hurting(replace(machine, isa_flags=flags), QUIET)
    assert [message.partition(": ")[2] for message in found.values()] == ([seen] if seen else [])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({f"{SUPPLY}/AC/online": "0", f"{SUPPLY}/BAT0/status": "Discharging"}, True),
        ({f"{SUPPLY}/AC/online": "1", f"{SUPPLY}/BAT0/status": "Full"}, False),
        ({f"{SUPPLY}/mouse/status": "Discharging", f"{SUPPLY}/mouse/scope": "Device"}, None),
        ({}, None),
    ],
)
def test_battery(tmp_path: Path, files: dict[str, str], expected: bool | None) -> None:
    assert on_battery(plant(tmp_path, files)) is expected


def test_throttling_by_heat_is_the_largest_count_of_a_cpu(tmp_path: Path) -> None:
    heat = {
        f"{CPU}/cpu{cpu}/thermal_throttle/{kind}_throttle_count": count
        for cpu, kind, count in [(0, "core", "3"), (0, "package", "9"), (10, "package", "9")]
    }
    assert thermal_throttles(plant(tmp_path, heat)) == 9
    assert thermal_throttles(plant(tmp_path / "none", {})) is None


def test_memory_is_that_of_the_system(tmp_path: Path) -> None:
    meminfo = "MemAvailable: 2097152 kB\nSwapTotal: 4194304 kB\nSwapFree: 1048576 kB"
    found = read_condition(plant(tmp_path, {"proc/meminfo": meminfo}), sample_s=0.0)
    assert (found.memory_available_mib, found.swap_used_mib) == (2048, 3072)
    nothing = read_condition(plant(tmp_path / "none", {}), sample_s=0.0)
    assert (nothing.memory_available_mib, nothing.swap_used_mib) == (None, None)


def test_other_systems_are_asked_through_psutil(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = System("Windows", "host-1", Path("/nothing"), no_answer)
    found = read_condition(windows, sample_s=0.0)
    assert found.memory_available_mib is not None
    assert (found.throttled_us, found.thermal_throttles) == (None, None)
    unplugged = SimpleNamespace(power_plugged=False)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: unplugged, raising=False)
    assert on_battery(windows) is True
    monkeypatch.delattr(psutil, "sensors_battery")
    assert on_battery(windows) is None


def test_the_facts_stand_in_groups_with_their_units(machine: Machine) -> None:
    text = doctor_text(diagnosis(machine))
    heads = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert heads == [
        "This machine", "OpenVINO", "Right now", "Measuring here",
        "nothing seen that would hurt a measurement",
    ]  # fmt: skip
    for seen in (
        "Intel(R) Xeon(R) Platinum 8480+", "family 6, model 143, stepping 8",
        "physical: 8, logical: 16", "L3 107,520 KiB", "515,578 MiB", "kernel 6.8.0-45-generic",
        "governor        performance", "pinning         latency on CPUs 0-3", "16 of 16",
        "store           data can be",
    ):  # fmt: skip
        assert seen in text, seen
    assert "None" not in text


def test_what_is_not_known_reads_unknown(machine: Machine) -> None:
    unknown = Condition(Load(None, None, None), None, None, None, None, None)
    bare = replace(machine, governor=None, turbo=None, microcode=None, l3_kib=None, kernel=None)
    text = doctor_text(replace(diagnosis(bare, unknown), pinned_to="unpinned"))
    assert "None" not in text
    assert "turbo           unknown" in text
    assert "pinning         unpinned" in text


def test_each_thing_that_hurts_comes_with_what_to_do(machine: Machine) -> None:
    found = diagnosis(machine, replace(QUIET, memory_available_mib=900))
    text = doctor_text(
        replace(found, cautions=(*found.cautions, of("turbo", "machine", "enabled")))
    )
    hurts = text.partition("What will hurt a measurement\n")[2].splitlines()
    assert len(hurts) == 4
    for line, caution_id in ((0, "little_memory"), (2, "turbo")):
        caution = of(caution_id, "machine", "900 MiB" if line == 0 else "enabled")
        assert hurts[line] == f"  - {caution.message}"
        assert hurts[line + 1] == f"    What to do: {caution.action}"


def test_a_process_name_cannot_write_to_the_terminal(machine: Machine) -> None:
    load = Load(0.9, 0.0, BusyProcess(1, "evil\x1b[2J", 1.0))
    assert "\x1b" not in doctor_text(diagnosis(machine, replace(QUIET, load=load)))


def test_a_diagnosis_can_be_written_as_json(machine: Machine) -> None:
    body = json.loads(json.dumps(asdict(diagnosis(machine))))
    assert body["condition"]["load"]["other_share"] == 0.01
    assert body["pinned_to"] == "0-3"


def test_a_diagnosis_is_of_the_system_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = replace(ANSWER, full_name=None, devices=("GPU.0",), missing=True)
    monkeypatch.setattr(Launcher, "describe", lambda *_: gone)
    system = plant(tmp_path, two_socket_xeon())
    found = diagnose(tmp_path / "store", system)
    assert found.machine.cpu_model == "Intel(R) Xeon(R) Platinum 8480+"
    assert found.data_writable
    messages = {caution.caution_id: caution.message for caution in found.cautions}
    assert messages["device_missing"].endswith("CPU; found GPU.0")
    assert "turbo" in messages
    assert "not there" in doctor_text(found)


def test_an_openvino_that_does_not_work_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Launcher, "describe", lambda *_: ProbeFailure("no module", None))
    with pytest.raises(HostError, match="no module"):
        diagnose(tmp_path)
