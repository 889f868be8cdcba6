"""Stores what is imported as a run, once: the same content a second time changes nothing.

A run's id ends with two hashes: of the files, and of what they were taken for. A lock keeps
two imports of the same at the same time from both storing it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from results.errors import HostError
from results.facts import Fact
from results.manifest import MANIFEST_NAME
from results.version import __version__
from results.writer import RUNS_FOLDER, RunWriter, check_writable, new_run_id

_LOCK = ".import.lock"
_CHARACTERS = 8
_MEANING = "import 2"
"""Counts up when the same files come to mean something else: they may be imported again then."""


@dataclass(frozen=True)
class Stored:
    """The run of an import; ``was_there`` says that it was imported before.

    ``others`` are the runs that the same files have become under another description.
    """

    run_id: str
    path: Path
    was_there: bool
    others: tuple[str, ...] = ()


def content_id(digests: Iterable[str], *meaning: object) -> str:
    """A hash of the files, in any order, and one of what they were taken for.

    ``meaning`` is what follows from the files and what the user said of them, so that an
    option that only says what the files say anyway changes nothing. Without files the first
    hash is that of the meaning too.
    """
    meant = _hash(_MEANING, *map(repr, meaning))
    files = sorted(digests)
    return f"{_hash(*files) if files else meant}{meant}"


def _hash(*parts: str) -> str:
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
            others = _runs(runs, f"{content[:_CHARACTERS]}{'?' * _CHARACTERS}")
            stored = _there(runs, content) or _write(data, kind, content, facts)
            names = tuple(path.name for path in others if path.name != stored.run_id)
            return replace(stored, others=names)
    except NotImplementedError as error:
        raise HostError(
            f"{runs} is on a file system without locks", hint="use a local folder"
        ) from error


def _there(runs: Path, content: str) -> Stored | None:
    found = _runs(runs, content)
    return Stored(found[0].name, found[0], was_there=True) if found else None


def _runs(runs: Path, ending: str) -> list[Path]:
    return [path for path in sorted(runs.glob(f"*-{ending}")) if (path / MANIFEST_NAME).exists()]


def _write(
    data: Path, kind: str, content: str, facts: Callable[[str, datetime], Iterable[Fact]]
) -> Stored:
    now = datetime.now(UTC)
    run_id = new_run_id(now, content)
    with RunWriter(data, run_id) as writer:
        writer.add(*facts(run_id, now))
        path = writer.commit(tool_version=__version__, kind=kind)
    return Stored(run_id, path, was_there=False)
