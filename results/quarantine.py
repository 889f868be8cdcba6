"""Where damaged data goes: moved aside with the reason beside it, never deleted.

And the command that does it; what is damaged is found in ``results.verify``.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from results.durable import write_failure

QUARANTINE_FOLDER = "quarantine"
REASON_NAME = "reason.txt"
_DEFAULT_DATA = Path("data")


def verify_command(root: Path) -> str:
    """What to type to move the damaged runs of a store aside; the usual store is not named."""
    usual = root.resolve() == _DEFAULT_DATA.resolve()
    return f"python -m results verify{'' if usual else f' --data {shlex.quote(str(root))}'}"


def move_aside(root: Path, path: Path, name: str, reason: str) -> Path:
    """Move a folder to ``root/quarantine/<name>``, or a free name like it, and return where.

    Raises HostError where it cannot be moved.
    """
    folder = root / QUARANTINE_FOLDER
    try:
        folder.mkdir(exist_ok=True)
        target = _free_name(folder / name)
        path.rename(target)
        (target / REASON_NAME).write_text(f"{reason}\n", encoding="utf-8")
    except OSError as error:
        raise write_failure(folder, error) from error
    return target


def _free_name(path: Path) -> Path:
    """The path itself, or with the first number that is not taken."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
