"""Which runs were begun and not committed: where they lie, and whose they are.

Only looks and locks; ``results.journal`` writes them and makes runs of them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from results.durable import write_failure
from results.errors import HostError, StoreError
from results.parts import count_parts

UNFINISHED_FOLDER = "unfinished"
PLAN_NAME = "plan.json"
PARTS_FOLDER = "parts"
_LOCK_NAME = "lock"
# Long enough for ``unfinished``, which takes a lock for a moment to see whether it is free.
_LOCK_WAIT_S = 1.0


@dataclass(frozen=True)
class UnfinishedRun:
    """A run that was begun and not committed.

    ``parts`` counts what looks finished, ``in_use`` says that a live process has it, and
    ``problem`` why it cannot be continued, if so.
    """

    run_id: str
    started_at: datetime
    parts: int
    path: Path
    in_use: bool
    problem: str | None


def unfinished(data: Path) -> tuple[UnfinishedRun, ...]:
    """The runs that were begun and not committed, newest first; never raises."""
    folders: list[Path] = []
    with suppress(OSError):
        folders = list((data / UNFINISHED_FOLDER).iterdir())
    views = (_view(folder) for folder in folders if is_begun(folder))
    return tuple(sorted(views, key=lambda run: (run.started_at, run.run_id), reverse=True))


def is_begun(folder: Path) -> bool:
    """Whether there is more in a folder than a lock, and it is not one being removed."""
    with suppress(OSError):
        found = any((folder / name).exists() for name in (PLAN_NAME, PARTS_FOLDER))
        return found and not folder.name.startswith(".")
    return False


def _view(folder: Path) -> UnfinishedRun:
    try:
        read_plan(folder)
        problem = None
    except StoreError as error:
        problem = error.message
    return UnfinishedRun(
        run_id=folder.name,
        started_at=_begun_at(folder),
        parts=count_parts(folder / PARTS_FOLDER, folder.name),
        path=folder,
        in_use=_in_use(folder),
        problem=problem,
    )


def _begun_at(folder: Path) -> datetime:
    """When the plan was written, which is done once; the folder's time without one."""
    for path in (folder / PLAN_NAME, folder):
        with suppress(OSError):
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.min.replace(tzinfo=UTC)


def folder_of(data: Path, run_id: str) -> Path:
    """Where an unfinished run lies in a data folder."""
    return data / UNFINISHED_FOLDER / run_id


def read_plan(folder: Path) -> str:
    """The text of a run's plan; StoreError where it cannot be read."""
    try:
        return (folder / PLAN_NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"the plan of unfinished run {folder.name} cannot be read ({error})",
            hint=f"move {folder} aside and start a new run",
        ) from error


def _lock_of(folder: Path) -> FileLock:
    return FileLock(folder / _LOCK_NAME, thread_local=False)


def locked(folder: Path) -> FileLock:
    """The lock of an unfinished run, taken; the system drops it when the process dies.

    Raises HostError where another live process has it or the folder cannot be written.
    """
    lock = _lock_of(folder)
    try:
        lock.acquire(timeout=_LOCK_WAIT_S)
    except Timeout as error:
        raise HostError(
            f"run {folder.name} is being measured by another process",
            hint="wait until it has ended or stop it; its finished parts are kept",
        ) from error
    except OSError as error:
        raise write_failure(folder, error, then=" and try again; nothing was changed") from error
    return lock


def _in_use(folder: Path) -> bool:
    """Whether a live process has the lock; one that may not be asked counts as free."""
    try:
        if not (folder / _LOCK_NAME).exists():
            return False
        with _lock_of(folder).acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False
