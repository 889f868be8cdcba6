"""The facts of a machine are what its own interfaces say, and None where they are silent."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from collector.cgroup import cpu_limit, free_memory_mib
from collector.identity import PRIVATE_VARIABLE
from collector.machine import machine_cautions, this_machine, usable_cpus
from collector.system import System, ask
from results.caution_texts import CAUTIONS
from results.facts import Machine
from tests.unit.recorded import (
    CPU,
    NEOVERSE_CPUINFO,
    XEON_CPUINFO,
    cpuinfo,
    hybrid_laptop,
    plant,
    topology,
    two_socket_xeon,
)

SYSCTL_APPLE = """hw.packages: 1
hw.physicalcpu: 8
hw.logicalcpu: 8
hw.memsize: 17179869184
hw.l1dcachesize: 65536
hw.l2cachesize: 4194304
hw.perflevel0.l1dcachesize: 131072
hw.perflevel0.l2cachesize: 16777216
hw.optional.arm.FEAT_DotProd: 1
hw.optional.arm.FEAT_I8MM: 1
hw.optional.arm.FEAT_SME: 0
hw.optional.AdvSIMD: 1
kern.hv_vmm_present: 0
kern.osrelease: 23.5.0
kern.osproductversion: 14.5
machdep.cpu.brand_string: Apple M2
"""
SYSCTL_INTEL = """hw.packages: 0
hw.l3cachesize: 9437184
machdep.cpu.brand_string: Intel(R) Core(TM) i7-8700B CPU @ 3.20GHz
machdep.cpu.vendor: GenuineIntel
machdep.cpu.family: 6
machdep.cpu.model: 158
machdep.cpu.stepping: 10
machdep.cpu.microcode_version: 244
machdep.cpu.features: FPU VME SSE4.1 SSE4.2 AVX1.0 F16C FMA
machdep.cpu.leaf7_features: BMI1 AVX2 SMEP
kern.hv_vmm_present: 1
"""
REG_CPU = r"""
HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0
    Component Information    REG_BINARY    00000000000000000000000000000000
    Identifier    REG_SZ    Intel64 Family 6 Model 158 Stepping 9
    ProcessorNameString    REG_SZ    Intel(R) Core(TM) i5-7440HQ CPU @ 2.80GHz
    Update Revision    REG_BINARY    00000000F8000000
    VendorIdentifier    REG_SZ    GenuineIntel
"""
REG_BIOS = r"""
HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\BIOS
    SystemManufacturer    REG_SZ    Microsoft Corporation
    SystemProductName    REG_SZ    Virtual Machine
"""


def facts(root: Path, files: dict[str, str]) -> Machine:
    return this_machine(plant(root, files), private=False)


def answering(name: str, **answers: str) -> System:
    """A system whose commands answer by the word that their last argument contains."""

    def answer(*command: str) -> str | None:
        return next((text for word, text in answers.items() if word in command[-1]), None)

    return System(name, "host-1", Path("/nothing/here"), answer)


def test_a_server_is_read_in_full(tmp_path: Path) -> None:
    found = facts(tmp_path, two_socket_xeon())
    assert asdict(found) | {"machine_id": "", "isa_flags": ()} == {
        "machine_id": "", "hostname": "host-1", "isa_flags": (),
        "cpu_model": "Intel(R) Xeon(R) Platinum 8480+", "cpu_vendor": "GenuineIntel",
        "cpu_family": 6, "cpu_model_number": 143, "cpu_stepping": 8, "microcode": "0x2b0004d0",
        "sockets": 2, "numa_nodes": 2, "physical_cores": 8, "logical_cpus": 16,
        "l1d_kib": 48, "l2_kib": 2048, "l3_kib": 107520, "memory_mib": 515578,
        "kernel": "6.8.0-45-generic", "os_name": "Ubuntu 24.04.1 LTS", "hypervisor": None,
        "governor": "performance", "turbo": True, "cgroup_cpus": None,
    }  # fmt: skip
    assert found.isa_flags == (
        "sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f", "avx512_vnni",
        "amx_int8",
    )  # fmt: skip


def test_what_a_machine_does_not_tell_is_none_and_never_zero(tmp_path: Path) -> None:
    found = facts(tmp_path, {})
    known = {"machine_id", "hostname", "cpu_model", "isa_flags", "os_name"}
    assert {
        key: value for key, value in asdict(found).items() if key not in known
    } == dict.fromkeys(asdict(found).keys() - known)
    assert (found.cpu_model, found.os_name, found.isa_flags) == ("unknown CPU", "Linux", ())


def test_an_arm_cpu_is_named_by_its_implementer_and_part(tmp_path: Path) -> None:
    cpus = cpuinfo(NEOVERSE_CPUINFO, [(0, 0, 0), (1, 1, 0)])
    found = facts(tmp_path, {**cpus, **topology([("0", 0), ("1", 0)], {0: "0-1"})})
    assert (found.cpu_model, found.cpu_vendor) == ("ARM Neoverse-N1", "ARM")
    assert (found.cpu_family, found.cpu_model_number, found.cpu_stepping) == (None, 0xD0C, 1)
    assert found.isa_flags == ("asimd", "asimdhp", "asimddp")
    assert found.hypervisor is None


def test_unlike_arm_cores_are_all_named_and_unknown_ones_by_number(tmp_path: Path) -> None:
    big = NEOVERSE_CPUINFO.format(cpu=0).replace("0xd0c", "0xd41")
    little = NEOVERSE_CPUINFO.format(cpu=1).replace("0xd0c", "0xfff")
    found = facts(tmp_path, {"proc/cpuinfo": f"{big}\n{little}\nHardware\t: Board"})
    assert found.cpu_model == "ARM Cortex-A78 + ARM part 0xfff"
    assert found.logical_cpus == 2
    assert found.physical_cores is None


def test_cores_come_from_the_cpus_themselves_where_there_is_no_topology(tmp_path: Path) -> None:
    cpus = cpuinfo(XEON_CPUINFO, [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 0, 1)])
    found = facts(tmp_path, cpus)
    assert (found.sockets, found.physical_cores, found.logical_cpus) == (2, 3, 4)


def test_governors_that_differ_are_told_with_their_cpus(tmp_path: Path) -> None:
    mixed = {f"{CPU}/cpu{cpu}/cpufreq/scaling_governor": "performance" for cpu in range(3)}
    mixed[f"{CPU}/cpu10/cpufreq/scaling_governor"] = "powersave"
    found = facts(tmp_path, mixed)
    assert found.governor == "performance on 3 of 4 CPUs, powersave on 1 of 4 CPUs"
    assert "governor" in {caution.caution_id for caution in machine_cautions("r", found)}


@pytest.mark.parametrize(
    ("files", "turbo"),
    [
        ({f"{CPU}/intel_pstate/no_turbo": "1"}, False),
        ({f"{CPU}/cpufreq/boost": "1"}, True),
        ({f"{CPU}/cpufreq/boost": "0"}, False),
        ({f"{CPU}/cpufreq/policy0/boost": "0", f"{CPU}/cpufreq/policy1/boost": "1"}, True),
        ({f"{CPU}/cpufreq/policy0/boost": "0"}, False),
        ({}, None),
    ],
)
def test_turbo(tmp_path: Path, files: dict[str, str], turbo: bool | None) -> None:
    assert facts(tmp_path, files).turbo is turbo


VIRTUAL = {"proc/cpuinfo": "processor: 0\nflags: fpu sse4_2 hypervisor"}
REAL = {"proc/cpuinfo": "processor: 0\nflags: fpu sse4_2"}
ARM = {"proc/cpuinfo": NEOVERSE_CPUINFO.format(cpu=0)}
DMI = "sys/class/dmi/id"


@pytest.mark.parametrize(
    ("files", "hypervisor"),
    [
        ({**VIRTUAL}, "present, unnamed"),
        ({**VIRTUAL, f"{DMI}/sys_vendor": "QEMU"}, "QEMU"),
        ({**VIRTUAL, f"{DMI}/sys_vendor": "innotek GmbH"}, "VirtualBox"),
        ({**VIRTUAL, f"{DMI}/sys_vendor": "Microsoft Corporation",
          f"{DMI}/product_name": "Virtual Machine"}, "Hyper-V"),
        ({**VIRTUAL, f"{DMI}/sys_vendor": "A Cloud"}, "A Cloud"),
        ({**VIRTUAL, "sys/hypervisor/type": "xen", f"{DMI}/sys_vendor": "Amazon EC2"}, "xen"),
        ({**VIRTUAL, "proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2"}, "WSL"),
        ({**REAL, f"{DMI}/sys_vendor": "Amazon EC2"}, None),
        ({**REAL, f"{DMI}/sys_vendor": "Microsoft Corporation",
          f"{DMI}/product_name": "Surface Laptop"}, None),
        ({**ARM, f"{DMI}/sys_vendor": "Amazon EC2", f"{DMI}/product_name": "m7g.large"},
         "Amazon EC2"),
        ({**ARM, f"{DMI}/sys_vendor": "Amazon EC2", f"{DMI}/product_name": "m7g.metal"}, None),
        ({**ARM, "proc/device-tree/hypervisor/compatible": "xen,xen-4.17"}, "Xen"),
    ],
)  # fmt: skip
def test_hypervisors(tmp_path: Path, files: dict[str, str], hypervisor: str | None) -> None:
    assert facts(tmp_path, files).hypervisor == hypervisor


GROUPS = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({f"{GROUPS}/cpu.max": "150000 100000"}, 1.5),
        ({f"{GROUPS}/cpu.max": "max 100000"}, None),
        ({"proc/self/cgroup": "0::/a/b", f"{GROUPS}/a/cpu.max": "200000 100000",
          f"{GROUPS}/a/b/cpu.max": "max 100000"}, 2.0),
        ({"proc/self/cgroup": "0::/a/b", f"{GROUPS}/a/cpu.max": "400000 100000",
          f"{GROUPS}/a/b/cpu.max": "100000 100000"}, 1.0),
        ({"proc/self/cgroup": "0::/other", f"{GROUPS}/a/cpu.max": "100000 100000"}, None),
        ({"proc/self/cgroup": "0::/not/visible", f"{GROUPS}/cpu.max": "50000 100000"}, 0.5),
        ({"proc/self/cgroup": "0::/../job", f"{GROUPS}/job/cpu.max": "50000 100000"}, 0.5),
        ({"proc/self/cgroup": "12:memory:/x\n4:cpu,cpuacct:/docker/c",
          f"{GROUPS}/cpu,cpuacct/docker/c/cpu.cfs_quota_us": "250000",
          f"{GROUPS}/cpu,cpuacct/docker/c/cpu.cfs_period_us": "100000"}, 2.5),
        ({"proc/self/cgroup": "4:cpu,cpuacct:/docker/c",
          f"{GROUPS}/cpu/cpu.cfs_quota_us": "300000",
          f"{GROUPS}/cpu/cpu.cfs_period_us": "100000"}, 3.0),
        ({"proc/self/cgroup": "1:cpu:/", f"{GROUPS}/cpu/cpu.cfs_quota_us": "-1",
          f"{GROUPS}/cpu/cpu.cfs_period_us": "100000"}, None),
        ({"proc/self/cgroup": "1:cpuset:/x", f"{GROUPS}/cpuset/x/cpu.cfs_quota_us": "1",
          f"{GROUPS}/cpuset/x/cpu.cfs_period_us": "1"}, None),
    ],
)  # fmt: skip
def test_the_tightest_limit_of_the_control_groups_above_counts(
    tmp_path: Path, files: dict[str, str], cpus: float | None
) -> None:
    assert facts(tmp_path, files).cgroup_cpus == cpus


def test_throttling_so_far_is_in_us_in_both_versions(tmp_path: Path) -> None:
    new = {f"{GROUPS}/cpu.stat": "usage_usec 9\nnr_throttled 3\nthrottled_usec 1500"}
    old = {
        "proc/self/cgroup": "1:cpu:/",
        f"{GROUPS}/cpu/cpu.stat": "nr_throttled 3\nthrottled_time 2500000",
    }
    assert cpu_limit(plant(tmp_path / "new", new)).throttled_us == 1500
    assert cpu_limit(plant(tmp_path / "old", old)).throttled_us == 2500
    assert cpu_limit(plant(tmp_path / "none", {})).throttled_us is None


def test_a_groups_memory_limit_bounds_what_is_free(tmp_path: Path) -> None:
    half = {f"{GROUPS}/memory.max": str(512 * 2**20), f"{GROUPS}/memory.current": str(2**28)}
    assert free_memory_mib(plant(tmp_path / "half", half)) == 256.0
    unlimited = {f"{GROUPS}/memory.max": "max", f"{GROUPS}/memory.current": "5"}
    whole_machine = free_memory_mib(plant(tmp_path / "unlimited", unlimited))
    assert whole_machine == pytest.approx(psutil.virtual_memory().available / 2**20, rel=0.2)


def test_a_mac_with_apples_cpu() -> None:
    system = answering("Darwin", **{"-a": SYSCTL_APPLE, "IOPlatform": '"IOPlatformUUID" = "A-1"'})
    found = this_machine(system, private=False)
    assert (found.cpu_model, found.cpu_vendor, found.os_name) == ("Apple M2", "Apple", "macOS 14.5")
    assert found.isa_flags == ("asimd", "asimddp", "i8mm")
    assert (found.sockets, found.physical_cores, found.logical_cpus) == (1, 8, 8)
    assert (found.l1d_kib, found.l2_kib, found.l3_kib, found.memory_mib) == (
        128,
        16384,
        None,
        16384,
    )
    assert (found.cpu_family, found.hypervisor, found.governor, found.turbo) == (None,) * 4
    assert found.kernel == "23.5.0"


def test_a_mac_with_intels_cpu_in_a_virtual_machine() -> None:
    found = this_machine(answering("Darwin", **{"-a": SYSCTL_INTEL}), private=False)
    assert (found.cpu_family, found.cpu_model_number, found.cpu_stepping) == (6, 158, 10)
    assert found.isa_flags == ("sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2")
    assert (found.microcode, found.l3_kib, found.sockets) == ("244", 9216, None)
    assert found.hypervisor == "present, unnamed"


def test_a_windows_machine() -> None:
    system = answering("Windows", CentralProcessor=REG_CPU, BIOS=REG_BIOS)
    found = this_machine(system, private=False)
    assert found.cpu_model == "Intel(R) Core(TM) i5-7440HQ CPU @ 2.80GHz"
    assert (found.cpu_family, found.cpu_model_number, found.cpu_stepping) == (6, 158, 9)
    assert (found.cpu_vendor, found.microcode) == ("GenuineIntel", "0xf8")
    assert found.hypervisor == "Hyper-V"
    assert (found.governor, found.turbo, found.isa_flags, found.sockets) == (None, None, (), None)


@pytest.mark.parametrize("name", ["Darwin", "Windows", "FreeBSD"])
def test_a_system_that_answers_nothing_still_has_an_id_and_a_name(name: str) -> None:
    found = this_machine(answering(name), private=False)
    assert (found.hostname, len(found.machine_id)) == ("host-1", 12)
    assert found.cpu_model


@pytest.mark.parametrize(
    ("name", "form"),
    [("Darwin", '    "IOPlatformUUID" = "{}"'), ("Windows", "    MachineGuid    REG_SZ    {}")],
)
def test_the_id_is_the_systems_own(name: str, form: str) -> None:
    def machine_id(own: str) -> str:
        return this_machine(System(name, own, Path("/nothing"), lambda *_: form.format("X-1")),
                            private=False).machine_id  # fmt: skip

    assert machine_id("one") == machine_id("two")
    assert machine_id("one") != this_machine(answering(name), private=False).machine_id


def test_a_private_host_name_is_a_hash_and_the_id_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = plant(tmp_path, two_socket_xeon())
    shown, hidden = (this_machine(system, private=private) for private in (False, True))
    assert shown.hostname == "host-1"
    assert "host-1" not in repr(hidden)
    assert hidden.hostname == this_machine(system, private=True).hostname
    assert hidden.machine_id == shown.machine_id
    for value, expected in (("1", hidden), ("0", shown), ("", shown)):
        monkeypatch.setenv(PRIVATE_VARIABLE, value)
        assert this_machine(system) == expected


def test_the_same_name_is_another_hash_on_another_machine(tmp_path: Path) -> None:
    """So that a list of host names cannot be hashed to find it."""
    one, two = two_socket_xeon(), {**two_socket_xeon(), "etc/machine-id": "f" * 32}
    names = {
        this_machine(plant(tmp_path / str(number), files), private=True).hostname
        for number, files in enumerate((one, two))
    }
    assert len(names) == 2


def cautions(root: Path, files: dict[str, str], allowed: set[int]) -> dict[str, str]:
    """Detail of each caution of a recorded machine."""
    system = plant(root, files)
    found = machine_cautions("run", this_machine(system, private=False), system, allowed)
    assert {(caution.run_id, caution.subject) for caution in found} <= {("run", "machine")}
    assert all(caution.caution_id in CAUTIONS for caution in found)
    return {caution.caution_id: caution.detail for caution in found}


def test_a_quiet_server_with_a_thread_per_core_has_no_cautions(tmp_path: Path) -> None:
    files = {**two_socket_xeon(), **topology([(str(cpu), 0) for cpu in range(16)], {0: "0-15"})}
    files[f"{CPU}/intel_pstate/no_turbo"] = "1"
    assert cautions(tmp_path, files, set(range(16))) == {}


@pytest.mark.parametrize(
    ("change", "allowed", "expected"),
    [
        ({}, set(range(16)), {"turbo": "enabled", "smt": "16 threads on 8 cores"}),
        ({}, set(range(8)), {"turbo": "enabled", "fewer_cpus": "8 of 16"}),
        ({}, {0, 8, 1}, {"turbo": "enabled", "fewer_cpus": "3 of 16",
                         "smt": "3 threads on 2 cores"}),
        ({f"{GROUPS}/cpu.max": "250000 100000"}, set(range(8)),
         {"turbo": "enabled", "fewer_cpus": "8 of 16", "cgroup_limit": "2.5 CPUs"}),
        ({"sys/class/power_supply/BAT0/status": "Discharging"}, set(range(8)),
         {"turbo": "enabled", "fewer_cpus": "8 of 16", "on_battery": "at the start of the run"}),
        ({"proc/sys/kernel/osrelease": "6-microsoft-WSL2"}, set(range(8)),
         {"hypervisor": "WSL", "turbo": "enabled", "fewer_cpus": "8 of 16"}),
    ],
)  # fmt: skip
def test_what_lowers_trust_in_every_run(
    tmp_path: Path, change: dict[str, str], allowed: set[int], expected: dict[str, str]
) -> None:
    assert cautions(tmp_path, {**two_socket_xeon(), **change}, allowed) == expected


def test_threads_of_a_hybrid_cpu_are_counted(tmp_path: Path) -> None:
    found = cautions(tmp_path, hybrid_laptop(), set(range(8)))
    assert found == {"smt": "8 threads on 6 cores"}


def test_a_machine_that_hides_its_cores_is_unpinned(tmp_path: Path) -> None:
    cpus = cpuinfo(XEON_CPUINFO, [(0, 0, 0), (1, 0, 0)])
    assert cautions(tmp_path, cpus, {0, 1}) == {
        "smt": "2 threads on 1 core",
        "unpinned": "this system does not show which CPUs share a core",
    }


@pytest.mark.parametrize("command", [("no-such-command-here",), ("false",)])
def test_a_command_that_fails_answers_nothing(command: tuple[str, ...]) -> None:
    assert ask(*command) is None


def test_this_machine_itself_is_read() -> None:
    found = this_machine()
    assert found.logical_cpus is not None
    assert 1 <= usable_cpus() <= found.logical_cpus
    assert found.memory_mib
