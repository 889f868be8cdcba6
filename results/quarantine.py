"""Where damaged data goes: moved aside with the reason beside it, never deleted."""

from __future__ import annotations

from pathlib import Path

from results.durable import write_failure

QUARANTINE_FOLDER = "quarantine"
REASON_NAME = "reason.txt"


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
