"""Stores what is imported as a run, once: the same content a second time changes nothing.

A run's id ends with the hash of what was imported and of how it was described; a lock keeps
two imports of the same at the same time from both storing it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from results.errors import HostError
from results.facts import Fact
from results.manifest import MANIFEST_NAME
from results.version import __version__
from results.writer import RUNS_FOLDER, RunWriter, check_writable, new_run_id

_LOCK = ".import.lock"
_CHARACTERS = 12
_MEANING = "import 1"
"""Counts up when the same files come to mean something else: they may be imported again then."""


@dataclass(frozen=True)
class Stored:
    """The run of an import; ``was_there`` says that it was imported before."""

    run_id: str
    path: Path
    was_there: bool


def content_id(digests: Iterable[str], *described: object) -> str:
    """A hash of the files, in any order, and of what the user said of them."""
    parts = [_MEANING, *sorted(digests), *map(repr, described)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_CHARACTERS]


def store(
    data: Path, kind: str, content: str, facts: Callable[[str, datetime], Iterable[Fact]]
) -> Stored:
    """Write the run that ``facts`` makes of its id and the time, unless it is there already.

    Raises HostError where the folder cannot be written; nothing is left behind then.
    """
    check_writable(data)
    runs = data / RUNS_FOLDER
    try:
        with FileLock(runs / _LOCK):
            return _there(runs, content) or _write(data, kind, content, facts)
    except NotImplementedError as error:
        raise HostError(
            f"{runs} is on a file system without locks", hint="use a local folder"
        ) from error


def _there(runs: Path, content: str) -> Stored | None:
    found = [path for path in sorted(runs.glob(f"*-{content}"))
             if (path / MANIFEST_NAME).exists()]  # fmt: skip
    return Stored(found[0].name, found[0], was_there=True) if found else None


def _write(
    data: Path, kind: str, content: str, facts: Callable[[str, datetime], Iterable[Fact]]
) -> Stored:
    now = datetime.now(UTC)
    run_id = new_run_id(now, content)
    with RunWriter(data, run_id) as writer:
        writer.add(*facts(run_id, now))
        path = writer.commit(tool_version=__version__, kind=kind)
    return Stored(run_id, path, was_there=False)
