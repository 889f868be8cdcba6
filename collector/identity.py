"""Who a machine is: a stable id, and its host name or, where names are private, a hash of it."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass

from collector.system import System

PRIVATE_VARIABLE = "INT8_LENS_PRIVATE"
"""Set to anything but 0 in the environment, host names are stored as hashes."""
_WINDOWS_ID = ("reg", "query", r"HKLM\SOFTWARE\Microsoft\Cryptography", "/v", "MachineGuid")
_MACOS_ID = ("ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
_ID_CHARACTERS = 12


@dataclass(frozen=True)
class Identity:
    """The machine's id and the name to store for it."""

    machine_id: str
    hostname: str


def identify(system: System, cpu_model: str, *, private: bool) -> Identity:
    """The id is a hash of the system's own id and the CPU; a private name does not change it."""
    own_id = _system_id(system) or system.hostname
    # With the system's own id in it, a private name cannot be found by hashing a list of names.
    hostname = _hash(own_id, system.hostname) if private else system.hostname
    return Identity(_hash(own_id, cpu_model), hostname)


def names_are_private() -> bool:
    """Whether the environment asks for host names to be hashed."""
    return os.environ.get(PRIVATE_VARIABLE, "0") not in {"", "0"}


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_ID_CHARACTERS]


def _system_id(system: System) -> str | None:
    if system.name == "Darwin":
        return _found(r'"IOPlatformUUID" = "([^"]+)"', system.ask(*_MACOS_ID))
    if system.name == "Windows":
        return _found(r"MachineGuid\s+REG_SZ\s+(\S+)", system.ask(*_WINDOWS_ID))
    return system.text("etc/machine-id")


def _found(pattern: str, text: str | None) -> str | None:
    match = re.search(pattern, text or "")
    return match[1] if match else None
