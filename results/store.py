"""The store: which runs there are, and the DuckDB index that answers questions about them.

The index can be deleted at any time. It is a file named after a digest of the
runs, built under another name beside it and renamed into place, so readers and
writers never lock each other out and nobody swaps a pointer. Writing runs lives in
``results.writer``, the questions in ``results.queries``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from uuid import uuid4

import duckdb

from results.errors import HostError, StoreError, UsageError
from results.index import (
    INDEX_FORMAT,
    Index,
    Problem,
    ProblemKind,
    StoredRun,
    fill,
    is_damaged,
    is_ours,
    left_out_of,
    problem_of,
    put,
    stamps_of,
)
from results.kept_overview import to_table
from results.manifest import MANIFEST_NAME, check_sizes, read_manifest
from results.overview import computed_overview
from results.schema import SCHEMA_VERSION
from results.writer import RUNS_FOLDER

__all__ = ["Index", "Problem", "ProblemKind", "Store", "StoredRun", "glance"]

_OPEN_ATTEMPTS = 3
_STALE_AFTER_S = 3600
_MEMORY = "256MB"
_MOST_THREADS = 4


class Store:
    """The runs under a data folder, as they were when the store was opened.

    ``problems`` holds what a quick look finds (broken manifest, newer schema, missing
    file, wrong size); ``Index.problems`` has what reading every byte found as well.
    ``half_copied`` names folders that hold tables and no manifest: a copy brings it last.
    Raises UsageError where ``root`` is a file; a root that does not exist is empty.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        found: list[StoredRun] = []
        problems: list[Problem] = []
        folders = _folders(root)
        for path in filter(_has_manifest, folders):
            look = _looked(path, _stamp(path))
            if isinstance(look, StoredRun):
                found.append(look)
            else:
                problems.append(look)
        found.sort(key=lambda run: (run.manifest.started_at, run.path.name), reverse=True)
        self.runs: tuple[StoredRun, ...] = tuple(found)
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.half_copied: tuple[str, ...] = tuple(
            path.name for path in folders if not _has_manifest(path) and _has_tables(path)
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is no run that can be read."""
        return not self.runs

    @cached_property
    def digest(self) -> str:
        """Names the content of the store: changes with any run, manifest or file."""
        digest = hashlib.sha256(f"{SCHEMA_VERSION}/{INDEX_FORMAT}/{_code()}".encode())
        for run in self.runs:
            digest.update(f"\n{run.path.name}\n{run.stamp}".encode())
        for problem in self.problems:
            digest.update(f"\n{problem}".encode())
        return digest.hexdigest()[:16]

    def index(self, *, beside: bool = True) -> Index:
        """The index of these runs, built first where there is none yet.

        It stands in the store's folder, or in a folder of this user's among the
        temporary files where the store cannot be written, or in memory where
        neither can be. Unless ``beside``, the store's folder is for runs alone: nothing is
        written there, an index that stands there is not opened, and nobody can give the
        index that is returned access to a file.
        """
        if not self.runs:
            return self._in_memory(lock=not beside)
        with suppress(OSError, duckdb.IOException):
            if beside:
                return self._in_folder(self.root, lock=False)
        with suppress(OSError, duckdb.IOException):
            return self._in_folder(self._cache_folder(), lock=not beside)
        return self._in_memory(lock=not beside)

    def clear_index(self) -> None:
        """Delete every index of this store; the next ``index`` builds a new one."""
        for path in self.root.glob("index-*.duckdb"):
            with suppress(OSError):
                path.unlink()
        with suppress(OSError):
            for path in self._cache_folder().glob("index-*.duckdb"):
                path.unlink()

    def _in_memory(self, *, lock: bool) -> Index:
        connection = duckdb.connect(config=_limits())
        self._fill(connection, self.runs)
        return Index(connection, self.digest, lock=lock)

    def _fill(
        self, connection: duckdb.DuckDBPyConnection, runs: Sequence[StoredRun], *, anew: bool = True
    ) -> None:
        """The tables of these runs, and what is worked out of all that are then there."""
        fill(connection, runs, self.problems, anew=anew)
        rows = computed_overview(Index(connection, self.digest))
        put(connection, "overview_rows", to_table(rows))

    def _in_folder(self, folder: Path, *, lock: bool) -> Index:
        """Open or build ``index-<digest>.duckdb``; another process may remove it meanwhile."""
        path = folder / f"index-{self.digest}.duckdb"
        for _ in range(_OPEN_ATTEMPTS):
            if not path.exists():
                self._build(path)
            try:
                return Index(_opened(path), self.digest, lock=lock)
            except (duckdb.Error, _ForeignError):
                _remove(path)
        raise OSError(f"{path} cannot be opened")

    def _build(self, path: Path) -> None:
        temp = path.with_name(f".index-{self.digest}-{os.getpid()}-{uuid4().hex[:8]}.duckdb.tmp")
        try:
            if not self._extended(temp):
                with duckdb.connect(temp, config=_limits()) as connection:
                    self._fill(connection, self.runs)
            temp.replace(path)
        finally:
            _remove(temp)
        _remove_others(path)

    def _extended(self, temp: Path) -> bool:
        """Whether an index of older runs could be copied and extended by the newer ones.

        Only one that stands where the new one will, and none with anything in it that runs.
        """
        for path in sorted(temp.parent.glob("index-*.duckdb"), key=_age):
            with suppress(OSError, duckdb.Error, _ForeignError):
                shutil.copyfile(path, temp)
                with duckdb.connect(temp, config=_limits()) as connection:
                    _check_ours(connection)
                    newer = self._newer_than(stamps_of(connection))
                    if newer is not None and self._are_damaged(left_out_of(connection)):
                        self._fill(connection, newer, anew=False)
                        return True
            _remove(temp)
        return False

    def _are_damaged(self, left_out: Sequence[Problem]) -> bool:
        """Whether what was left out once still is: a disk may have failed for a moment."""
        names = {problem.run_id for problem in left_out}
        return all(is_damaged(run) for run in self.runs if run.path.name in names)

    def _newer_than(self, stamps: dict[str, str]) -> Sequence[StoredRun] | None:
        """The runs that an index lacks, if it has exactly all older ones; else None."""
        first = len(self.runs) - len(stamps)
        older = self.runs[first:] if stamps and first >= 0 else ()
        if not older or any(stamps.get(run.path.name) != run.stamp for run in older):
            return None
        return self.runs[:first]

    def _cache_folder(self) -> Path:
        base = Path(tempfile.gettempdir()) / f"int8-lens-{os.getuid()}"
        base.mkdir(mode=0o700, exist_ok=True)
        status = base.lstat()
        if base.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise PermissionError(f"{base} belongs to somebody else")
        folder = base / hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return folder


@lru_cache(maxsize=1)
def _code() -> str:
    """Names the code that works out what an index keeps: other code makes another index."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _ForeignError(Exception):
    """An index that holds what none of ours does."""


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """An index that is there, to be read alone; raises _ForeignError where it is not ours."""
    connection = duckdb.connect(path, read_only=True, config=_limits())
    try:
        _check_ours(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_ours(connection: duckdb.DuckDBPyConnection) -> None:
    if not is_ours(connection):
        raise _ForeignError


def _remove(path: Path) -> None:
    """A file of DuckDB's, and what it keeps beside it."""
    for found in path.parent.glob(f"{path.name}*"):
        found.unlink(missing_ok=True)


def _limits() -> dict[str, str | bool | int | float | list[str]]:
    """So much of the machine, and no more: a dashboard is one process among others.

    What does not fit goes to the user's temporary files, never beside a store.
    """
    spill = Path(tempfile.gettempdir()) / f"int8-lens-{os.getuid()}-spill"
    return {
        "memory_limit": _MEMORY,
        "threads": str(min(_MOST_THREADS, os.cpu_count() or 1)),
        "temp_directory": str(spill),
    }


def _age(path: Path) -> float:
    """Seconds since a file was written; for sorting, the newest first."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def _folders(root: Path) -> list[Path]:
    """What lies among the runs, but for what is hidden: that is being written."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", hint="give the folder of a store with --data")
    try:
        found = sorted((root / RUNS_FOLDER).iterdir())
        return [path for path in found if not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HostError(
            f"{root} cannot be read ({error.strerror})", hint="change its permissions"
        ) from error


def _has_manifest(path: Path) -> bool:
    """Whether a folder claims to be a run."""
    return (path / MANIFEST_NAME).exists()


def _has_tables(path: Path) -> bool:
    return any(path.glob("*.parquet"))


def glance(root: Path) -> str:
    """What changes when a run arrives in a store or leaves it, at little cost.

    The names and the times of the folders, and no file: what is changed inside of one that
    stays is seen by the next ``Store``.
    """
    try:
        with os.scandir(root / RUNS_FOLDER) as entries:
            seen = sorted((one.name, one.stat().st_mtime_ns) for one in entries)
    except OSError as error:
        return f"{root} {error.errno}"
    return hashlib.sha256(f"{root} {seen}".encode()).hexdigest()[:16]


def _stamp(path: Path) -> str:
    """What changes when a file of a run does: the names, sizes and times of all of them."""
    try:
        with os.scandir(path) as entries:
            seen = sorted((one.name, *_size_and_time(one)) for one in entries)
    except OSError as error:
        return f"{error.errno}"
    return hashlib.sha256(str(seen).encode()).hexdigest()[:16]


def _size_and_time(entry: os.DirEntry[str]) -> tuple[int, int]:
    status = entry.stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=16_384)
def _looked(path: Path, stamp: str) -> StoredRun | Problem:
    """What a quick look at a run finds; it stays so while the stamp does."""
    try:
        manifest = read_manifest(path)
        check_sizes(path, manifest)
    except StoreError as error:
        return problem_of(path, error)
    return StoredRun(path, manifest, stamp)


def _remove_others(path: Path) -> None:
    """Remove indexes of other content, and what killed builders left; readers keep theirs."""
    for other in path.parent.glob("index-*.duckdb"):
        if other != path:
            with suppress(OSError):
                other.unlink()
    for temp in path.parent.glob(".index-*.duckdb.tmp*"):
        with suppress(OSError):
            if time.time() - temp.stat().st_mtime > _STALE_AFTER_S:
                temp.unlink()
