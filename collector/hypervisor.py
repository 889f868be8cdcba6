"""Whether a machine is a virtual one, and under which hypervisor."""

from __future__ import annotations

from collector.system import System

UNNAMED = "present, unnamed"
# A word of the maker's or the product's name, and what it gives away.
_NAMES = {
    "qemu": "QEMU", "kvm": "KVM", "vmware": "VMware", "virtualbox": "VirtualBox",
    "innotek": "VirtualBox", "xen": "Xen", "parallels": "Parallels", "bochs": "Bochs",
    "virtual machine": "Hyper-V", "bhyve": "bhyve", "apple virtualization": "Apple",
    "google compute engine": "Google Compute Engine", "amazon ec2": "Amazon EC2",
    "openstack": "OpenStack", "droplet": "DigitalOcean",
}  # fmt: skip


def linux_hypervisor(system: System, flags: frozenset[str]) -> str | None:
    """The hypervisor's name; None where the CPU does not say that there is one.

    x86 CPUs say it by the flag ``hypervisor``. Arm CPUs do not: there the maker, the
    product or the device tree has to name one.
    """
    if "microsoft" in (system.text("proc/sys/kernel/osrelease") or "").lower():
        return "WSL"
    kind = system.text("sys/hypervisor/type")
    named = kind or named_in(_maker(system)) or _device_tree(system)
    if "hypervisor" in flags:
        return named or system.text("sys/class/dmi/id/sys_vendor") or UNNAMED
    is_x86 = "fpu" in flags
    return kind if is_x86 else named


def named_in(maker: str) -> str | None:
    """The hypervisor that a maker and product name give away; bare metal instances are none."""
    low = maker.lower()
    if ".metal" in low:
        return None
    return next((name for word, name in _NAMES.items() if word in low), None)


def _maker(system: System) -> str:
    names = (system.text(f"sys/class/dmi/id/{name}") for name in ("sys_vendor", "product_name"))
    return " ".join(name for name in names if name)


def _device_tree(system: System) -> str | None:
    told = system.text("proc/device-tree/hypervisor/compatible")
    return None if told is None else named_in(told) or UNNAMED
