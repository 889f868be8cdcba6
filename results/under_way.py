"""What a collector is doing now: the small file that it keeps beside its unfinished runs.

A collector replaces its own file between steps, never while something is measured; whoever
reads it takes no lock and never waits. What is finished of a run is the journal's business
(``results.journal``). A file that is torn, strange or of a newer INT8 Lens is left out.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from results.manifest import MANIFEST_NAME
from results.process import Process, is_alive, this_process
from results.unfinished import PLAN_NAME, UNFINISHED_FOLDER, folder_of
from results.writer import RUNS_FOLDER

_FORMAT = 1
_FILES = "progress-*.json"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_MOST_BYTES = 65_536
_MOST_FILES = 50
_LONGEST_TEXT = 300
# A process that cannot be asked has stopped when it is silent for longer than this.
_PATIENCE, _PATIENCE_S = 3.0, 120.0
# How long it is told that something stopped of which there is nothing to continue.
_TOLD_S = 3600.0
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Doing:
    """What a collector does: of which run, how far it is, and what went wrong so far.

    ``run_id`` is empty while models are prepared, and where nothing is kept of what stopped.
    It is at ``number`` of ``total`` of what ``stage`` names (block, profile, startup,
    comparison), 0 of 0 where nothing is counted. ``done`` is the finished share of all work,
    0 to 1; ``left_s`` are the seconds that were expected to be left, and ``step_s`` those of
    the step that began, at ``written_at``.
    ``failed_launches`` and ``disturbed_repeats`` count from the beginning of the run.
    """

    run_id: str = ""
    activity: str = ""
    stage: str = ""
    number: int = 0
    total: int = 0
    done: float = 0.0
    left_s: float = 0.0
    step_s: float = 0.0
    disturbed_repeats: int = 0
    failed_launches: int = 0
    has_stopped: bool = False
    written_at: datetime = _NEVER


@dataclass(frozen=True)
class UnderWay:
    """A collector as it is seen now: what it said last, and whether it still runs.

    ``left_s`` is what is left of the expected seconds, ``silent_s`` how long ago it spoke;
    ``is_late`` says that this is longer than its step should take. ``can_resume`` says that
    it stopped and what it finished can be continued.
    """

    doing: Doing
    is_running: bool
    can_resume: bool
    left_s: float
    silent_s: float
    is_late: bool


class Teller:
    """Writes what this process does to its own file; where the disk refuses, nothing is told.

    A measurement never fails because nobody can watch it.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process = asdict(this_process())
        self._path = data / UNFINISHED_FOLDER / f"progress-{token_hex(8)}.json"
        self._temp = self._path.with_name(f".{self._path.name}.new")
        self._last = Doing()

    def tell(self, doing: Doing) -> None:
        """Replace what was told before."""
        self._last = replace(doing, written_at=datetime.now(UTC))
        said = asdict(self._last) | {"written_at": self._last.written_at.isoformat()}
        with suppress(OSError):
            text = json.dumps({"format": _FORMAT, "process": self._process, "doing": said})
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._temp.write_text(text, encoding="utf-8")
            self._temp.replace(self._path)

    def end(self, *, early: bool = False) -> None:
        """Nothing is done any more; what can be continued is told as stopped.

        ``early``: not because the work was done; that is told too where nothing is kept of it.
        """
        if _can_resume(self._data, self._last.run_id):
            self.tell(replace(self._last, has_stopped=True))
            return
        if early and self._last.activity and not _is_committed(self._data, self._last.run_id):
            self.tell(replace(self._last, run_id="", has_stopped=True))
            return
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def sweep(self, run_id: str = "") -> None:
        """Remove what others left: who stopped with nothing to continue, or was at this run."""
        for path, process, doing in _files(self._data):
            own = path == self._path
            gone = doing.has_stopped or is_alive(process) is False
            wanted = _can_resume(self._data, doing.run_id) and doing.run_id != run_id
            if gone and not wanted and not own:
                with suppress(OSError):
                    path.unlink()
        for torn in self._path.parent.glob(".progress-*.json.new"):
            with suppress(OSError):
                if torn.stat().st_mtime < datetime.now(UTC).timestamp() - _PATIENCE_S:
                    torn.unlink()


def under_way(data: Path, now: datetime | None = None) -> tuple[UnderWay, ...]:
    """What is done in a data folder, running ones first, the newest of each first.

    Those that stopped are told while their run waits to be continued. Never raises, never
    waits, writes nothing.
    """
    at = now or datetime.now(UTC)
    seen = [_seen(data, process, doing, at) for _, process, doing in _files(data)]
    running = {one.doing.run_id for one in seen if one.is_running}
    told = [one for one in seen if one.is_running or _is_worth_telling(one, running)]
    told.sort(key=lambda one: one.doing.written_at, reverse=True)
    return tuple(sorted(_once(told), key=lambda one: not one.is_running))


def run_names(data: Path) -> frozenset[str]:
    """The names of the committed runs: folders that have a manifest; empty without a store.

    The manifest comes last, by a copy too: a folder without one is not there yet.
    """
    with suppress(OSError), os.scandir(data / RUNS_FOLDER) as entries:
        return frozenset(
            entry.name
            for entry in entries
            if not entry.name.startswith(".")
            and os.access(f"{entry.path}/{MANIFEST_NAME}", os.F_OK)
        )
    return frozenset()


def _seen(data: Path, process: Process, doing: Doing, at: datetime) -> UnderWay:
    silent_s = max(0.0, (at - doing.written_at).total_seconds())
    is_late = silent_s > _PATIENCE * doing.step_s + _PATIENCE_S
    alive = is_alive(process)
    runs = not doing.has_stopped and (not is_late if alive is None else alive)
    return UnderWay(
        doing=doing,
        is_running=runs,
        can_resume=not runs and _can_resume(data, doing.run_id),
        left_s=max(0.0, doing.left_s - silent_s),
        silent_s=silent_s,
        is_late=is_late,
    )


def _is_worth_telling(one: UnderWay, running: Iterable[str]) -> bool:
    """Whether people can do something about what stopped."""
    if one.doing.run_id:
        return one.can_resume and one.doing.run_id not in running
    return one.silent_s < _TOLD_S


def _once(told: Iterable[UnderWay]) -> tuple[UnderWay, ...]:
    """The newest of each run."""
    found: dict[str, UnderWay] = {}
    for place, one in enumerate(told):
        found.setdefault(one.doing.run_id or f"#{place}", one)
    return tuple(found.values())


def _can_resume(data: Path, run_id: str) -> bool:
    """Whether a run was begun and not committed."""
    if not _PLAIN_NAME.fullmatch(run_id) or _is_committed(data, run_id):
        return False
    try:
        return (folder_of(data, run_id) / PLAN_NAME).exists()
    except OSError:
        return False


def _is_committed(data: Path, run_id: str) -> bool:
    if not _PLAIN_NAME.fullmatch(run_id):
        return False
    try:
        return (data / RUNS_FOLDER / run_id / MANIFEST_NAME).exists()
    except OSError:
        return False


def _files(data: Path) -> list[tuple[Path, Process, Doing]]:
    found = []
    with suppress(OSError):
        for path in sorted((data / UNFINISHED_FOLDER).glob(_FILES))[:_MOST_FILES]:
            with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
                found.append((path, *_read(path)))
    return found


def _read(path: Path) -> tuple[Process, Doing]:
    """Raises ValueError, TypeError or KeyError for what no collector wrote."""
    with path.open("rb") as file:
        told = json.loads(file.read(_MOST_BYTES))
    if told["format"] != _FORMAT:
        raise ValueError(told["format"])
    said = dict(told["doing"])
    at = datetime.fromisoformat(said.pop("written_at"))
    if at.tzinfo is None:
        raise ValueError(at)
    process = Process(**_filled(Process, told["process"]))
    return process, replace(Doing(**_filled(Doing, said)), written_at=at)


def _filled(kind: type[Doing | Process], told: dict[str, Any]) -> dict[str, Any]:
    """The values of a dataclass's fields, each of the type that it has to be."""
    wanted = {field.name: str(field.type) for field in fields(kind)}
    return {name: _as(wanted[name], value) for name, value in told.items() if name in wanted}


def _as(wanted: str, value: object) -> object:
    if wanted == "str" and isinstance(value, str):
        return value[:_LONGEST_TEXT]
    if wanted == "bool" and isinstance(value, bool):
        return value
    if wanted == "float" and isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    if wanted == "int" and isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(value)
