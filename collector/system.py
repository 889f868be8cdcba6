"""How this system is asked about itself: its files and its commands, and nothing else.

A ``System`` with another ``root`` reads a recorded file tree, one with another
``ask`` takes recorded outputs. What cannot be read is None.
"""

from __future__ import annotations

import platform
import re
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_COMMAND_TIMEOUT_S = 10.0


def ask(*command: str) -> str | None:
    """What a command of the system prints; None where it is not there or fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace",
            timeout=_COMMAND_TIMEOUT_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


@dataclass(frozen=True)
class System:
    """Where facts about a machine come from.

    ``name`` is ``platform.system()``: Linux, Darwin, Windows or another; ``root`` is the
    folder that stands for ``/``.
    """

    name: str = field(default_factory=platform.system)
    hostname: str = field(default_factory=socket.gethostname)
    root: Path = Path("/")
    ask: Callable[..., str | None] = ask

    def text(self, path: str) -> str | None:
        """A file's text without the blanks around it; None where empty or not readable."""
        try:
            # Some kernel files end strings with a zero byte.
            return (self.root / path).read_text(errors="replace").strip(" \t\n\0") or None
        except OSError:
            return None

    def number(self, path: str) -> int | None:
        """A file that holds one whole number; None for anything else."""
        return whole(self.text(path))

    def paths(self, pattern: str) -> tuple[str, ...]:
        """What matches a glob pattern, below the root, with cpu2 before cpu10."""
        found = (str(path.relative_to(self.root)) for path in self.root.glob(pattern))
        return tuple(sorted(found, key=_natural))


HERE = System()
"""The machine that this runs on."""


def whole(text: str | None) -> int | None:
    """A whole number written in decimal or as 0x..., else None."""
    try:
        return None if text is None else int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        return None


def pairs(text: str | None, separator: str = ":") -> dict[str, str]:
    """Lines of ``key: value``; of a key that is there twice, the first."""
    found: dict[str, str] = {}
    for line in (text or "").splitlines():
        key, there, value = line.partition(separator)
        if there:
            found.setdefault(key.strip(), value.strip())
    return found


def _natural(path: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path)]
