"""The store: which runs there are, and the DuckDB index that answers questions about them.

The index can be deleted at any time. It is a file named after a digest of the
runs, built under another name beside it and renamed into place, so readers and
writers never lock each other out and nobody swaps a pointer. Writing runs lives in
``results.writer``, the questions in ``results.queries``.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import duckdb

from results.errors import HostError, StoreError, UsageError
from results.index import INDEX_FORMAT, Index, Problem, ProblemKind, StoredRun, fill, problem_of
from results.manifest import MANIFEST_NAME, check_sizes, read_manifest
from results.schema import SCHEMA_VERSION
from results.writer import RUNS_FOLDER

__all__ = ["Index", "Problem", "ProblemKind", "Store", "StoredRun"]

_OPEN_ATTEMPTS = 3
_STALE_AFTER_S = 3600


class Store:
    """The runs under a data folder, as they were when the store was opened.

    ``problems`` holds what a quick look finds (broken manifest, newer schema, missing
    file, wrong size); ``Index.problems`` has what reading every byte found as well.
    Raises UsageError where ``root`` is a file; a root that does not exist is empty.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        found: list[StoredRun] = []
        problems: list[Problem] = []
        for path in _run_folders(root):
            try:
                manifest = read_manifest(path)
                check_sizes(path, manifest)
                found.append(StoredRun(path, manifest))
            except StoreError as error:
                problems.append(problem_of(path, error))
        found.sort(key=lambda run: (run.manifest.started_at, run.path.name), reverse=True)
        self.runs: tuple[StoredRun, ...] = tuple(found)
        self.problems: tuple[Problem, ...] = tuple(problems)

    @property
    def is_empty(self) -> bool:
        """Whether there is no run that can be read."""
        return not self.runs

    @cached_property
    def digest(self) -> str:
        """Names the content of the store: changes with any run, manifest or file."""
        digest = hashlib.sha256(f"{SCHEMA_VERSION}/{INDEX_FORMAT}".encode())
        for run in self.runs:
            digest.update(f"\n{run.path.name}\n".encode())
            for name in (MANIFEST_NAME, *(entry.name for entry in run.manifest.files)):
                digest.update(_stamp(run.path / name).encode())
        for problem in self.problems:
            digest.update(f"\n{problem}".encode())
        return digest.hexdigest()[:16]

    def index(self) -> Index:
        """The index of these runs, built first where there is none yet.

        It stands in the store's folder, or in a folder of this user's among the
        temporary files where the store cannot be written, or in memory where
        neither can be.
        """
        if not self.runs:
            return self._in_memory()
        with suppress(OSError, duckdb.IOException):
            return self._in_folder(self.root)
        with suppress(OSError, duckdb.IOException):
            return self._in_folder(self._cache_folder())
        return self._in_memory()

    def clear_index(self) -> None:
        """Delete every index of this store; the next ``index`` builds a new one."""
        for path in self.root.glob("index-*.duckdb"):
            with suppress(OSError):
                path.unlink()
        with suppress(OSError):
            for path in self._cache_folder().glob("index-*.duckdb"):
                path.unlink()

    def _in_memory(self) -> Index:
        connection = duckdb.connect()
        fill(connection, self.runs, self.problems)
        return Index(connection, self.digest)

    def _in_folder(self, folder: Path) -> Index:
        """Open or build ``index-<digest>.duckdb``; another process may remove it meanwhile."""
        path = folder / f"index-{self.digest}.duckdb"
        for _ in range(_OPEN_ATTEMPTS):
            if not path.exists():
                self._build(path)
            try:
                return Index(duckdb.connect(path, read_only=True), self.digest)
            except duckdb.Error:
                path.unlink(missing_ok=True)
        raise OSError(f"{path} cannot be opened")

    def _build(self, path: Path) -> None:
        temp = path.with_name(f".index-{self.digest}-{os.getpid()}-{uuid4().hex[:8]}.duckdb.tmp")
        try:
            with duckdb.connect(temp) as connection:
                fill(connection, self.runs, self.problems)
            temp.replace(path)
        finally:
            for leftover in path.parent.glob(f"{temp.name}*"):
                leftover.unlink(missing_ok=True)
        _remove_others(path)

    def _cache_folder(self) -> Path:
        base = Path(tempfile.gettempdir()) / f"int8-lens-{os.getuid()}"
        base.mkdir(mode=0o700, exist_ok=True)
        status = base.lstat()
        if base.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise PermissionError(f"{base} belongs to somebody else")
        folder = base / hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return folder


def _run_folders(root: Path) -> list[Path]:
    """Directories that claim to be a run: those with a manifest."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is a file", hint="give the folder of a store with --data")
    try:
        return [path for path in sorted((root / RUNS_FOLDER).iterdir()) if _has_manifest(path)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HostError(
            f"{root} cannot be read ({error.strerror})", hint="change its permissions"
        ) from error


def _has_manifest(path: Path) -> bool:
    return not path.name.startswith(".") and (path / MANIFEST_NAME).exists()


def _stamp(path: Path) -> str:
    """What changes when a file does: its text for a manifest, else size and time."""
    try:
        status = path.stat()
        text = path.read_text(encoding="utf-8") if path.name == MANIFEST_NAME else ""
    except OSError as error:
        return f"\n{path.name} {error.errno}"
    return f"\n{path.name} {status.st_size} {status.st_mtime_ns} {text}"


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
