"""Facts about a machine with macOS, Windows or another system, as far as they tell."""

from __future__ import annotations

import platform
import re

import psutil

from collector.hypervisor import UNNAMED, named_in
from collector.identity import identify
from collector.isa_flags import darwin_flags
from collector.system import System, pairs, whole
from results.facts import Machine

_CPU_KEY = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0"
_BIOS_KEY = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS"
_VALUE = re.compile(r"^\s+(\S.*?)\s+REG_\w+\s+(.*?)\s*$", re.MULTILINE)


def macos_machine(system: System, *, private: bool) -> Machine:
    """The facts of a Mac, with Intel's or Apple's CPU, as ``sysctl`` tells them."""
    told = pairs(system.ask("sysctl", "-a"))
    model = told.get("machdep.cpu.brand_string") or platform.processor() or "unknown CPU"
    who = identify(system, model, private=private)
    fast = "hw.perflevel0."  # Apple's CPUs: the fast cores, like CPU 0 of others
    return Machine(
        machine_id=who.machine_id,
        hostname=who.hostname,
        cpu_model=model,
        cpu_vendor=told.get("machdep.cpu.vendor") or ("Apple" if "Apple" in model else None),
        cpu_family=whole(told.get("machdep.cpu.family")),
        cpu_model_number=whole(told.get("machdep.cpu.model")),
        cpu_stepping=whole(told.get("machdep.cpu.stepping")),
        microcode=told.get("machdep.cpu.microcode_version"),
        isa_flags=darwin_flags(told),
        sockets=_positive(told.get("hw.packages")),
        numa_nodes=None,
        physical_cores=_positive(told.get("hw.physicalcpu")),
        logical_cpus=_positive(told.get("hw.logicalcpu")),
        l1d_kib=_in(told.get(f"{fast}l1dcachesize") or told.get("hw.l1dcachesize"), 2**10),
        l2_kib=_in(told.get(f"{fast}l2cachesize") or told.get("hw.l2cachesize"), 2**10),
        l3_kib=_in(told.get("hw.l3cachesize"), 2**10),
        memory_mib=_in(told.get("hw.memsize"), 2**20),
        kernel=told.get("kern.osrelease"),
        os_name=" ".join(["macOS", told.get("kern.osproductversion", "")]).strip(),
        hypervisor=UNNAMED if told.get("kern.hv_vmm_present") == "1" else None,
        governor=None,
        turbo=None,
        cgroup_cpus=None,
    )


def other_machine(system: System, *, private: bool) -> Machine:
    """The facts of a Windows machine from its registry, of any other what psutil tells."""
    cpu = _registry(system, _CPU_KEY)
    bios = _registry(system, _BIOS_KEY)
    identifier = cpu.get("Identifier", "")
    maker = " ".join(bios.get(key, "") for key in ("SystemManufacturer", "SystemProductName"))
    model = cpu.get("ProcessorNameString") or platform.processor() or "unknown CPU"
    who = identify(system, model, private=private)
    return Machine(
        machine_id=who.machine_id,
        hostname=who.hostname,
        cpu_model=model,
        cpu_vendor=cpu.get("VendorIdentifier"),
        cpu_family=_after("Family", identifier),
        cpu_model_number=_after("Model", identifier),
        cpu_stepping=_after("Stepping", identifier),
        microcode=_microcode(cpu.get("Update Revision")),
        isa_flags=(),
        sockets=None,
        numa_nodes=None,
        physical_cores=psutil.cpu_count(logical=False),
        logical_cpus=psutil.cpu_count(logical=True),
        l1d_kib=None,
        l2_kib=None,
        l3_kib=None,
        memory_mib=psutil.virtual_memory().total // 2**20,
        kernel=platform.version() or None,
        os_name=f"{system.name} {platform.release()}".strip() or None,
        hypervisor=named_in(maker),
        governor=None,
        turbo=None,
        cgroup_cpus=None,
    )


def _registry(system: System, key: str) -> dict[str, str]:
    """The values of a registry key, as ``reg query`` prints them."""
    if system.name != "Windows":
        return {}
    return dict(_VALUE.findall(system.ask("reg", "query", key) or ""))


def _after(word: str, identifier: str) -> int | None:
    """A number of ``Intel64 Family 6 Model 158 Stepping 9``."""
    found = re.search(rf"{word} (\d+)", identifier)
    return int(found[1]) if found else None


def _microcode(revision: str | None) -> str | None:
    """The registry holds eight bytes; the revision is the upper half, lowest byte first."""
    if not revision or not re.fullmatch(r"[0-9A-Fa-f]{16}", revision):
        return None
    return f"{int.from_bytes(bytes.fromhex(revision)[4:], 'little'):#x}"


def _positive(text: str | None) -> int | None:
    return whole(text) or None


def _in(size: str | None, unit: int) -> int | None:
    """Bytes in a larger unit; what is not told, or 0 because it is not there, is None."""
    number = _positive(size)
    return number // unit if number else None
