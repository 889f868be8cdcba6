"""An unfinished run on the disk: its plan, and the parts that are finished.

A run that is being measured lives in ``unfinished/<run_id>`` of the data folder, where
no store looks. What a killed process had finished is still there, and ``commit`` makes
one run of it. Writing a run in one go lives in ``results.writer``, what a part is in
``results.parts``. What the plan says is the caller's business.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from results.durable import (
    appearing,
    schema_checked,
    sweep,
    sweep_own,
    vanish,
    write_failure,
    write_tables,
    write_text,
)
from results.errors import StoreError, UsageError
from results.facts import Fact, Run
from results.manifest import MANIFEST_NAME, NewerSchemaError, read_manifest
from results.merge import Piece, merged
from results.parts import Part, check_files, part_folders, part_manifest, read_part
from results.quarantine import move_aside
from results.rows import Rows, filling_bug
from results.schema import TABLES, F, Table, arrow_schema, from_arrow, table_of
from results.unfinished import (
    PARTS_FOLDER,
    PLAN_NAME,
    UnfinishedRun,
    folder_of,
    is_begun,
    locked,
    read_plan,
    unfinished,
)
from results.writer import RUNS_FOLDER, check_new, the_run, write_run

__all__ = ["DamagedPart", "Journal", "UnfinishedRun", "unfinished"]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class DamagedPart:
    """A part that was not as it had been written, and where it was moved."""

    name: str
    reason: str
    moved_to: Path


class Journal:
    """An unfinished run of which this process alone has hold, until it ends or is killed.

    A context manager: leaving without ``commit`` or ``discard`` keeps what is finished.
    ``damaged`` holds the parts that were found damaged on opening; they are no longer
    ``finished`` and can be added anew.
    """

    def __init__(self, data: Path, run_id: str) -> None:
        self.run_id = run_id
        self._data = data
        self._folder = folder_of(data, run_id)
        self._lock = locked(self._folder)
        try:
            self.plan = read_plan(self._folder)
            with self._storing():
                self._parts, self.damaged = self._load()
        except BaseException:
            self._lock.release()
            raise

    @classmethod
    def create(cls, data: Path, run_id: str, plan: str) -> Self:
        """Begin a run.

        Raises StoreError where the run exists, HostError where the disk is full or
        the folder cannot be written.
        """
        check_new(data, run_id)
        folder = folder_of(data, run_id)
        if folder.exists():
            raise filling_bug(f"unfinished run {run_id} exists already in {data}")
        try:
            sweep(folder.parent)
            with appearing(folder) as temp:
                (temp / PARTS_FOLDER).mkdir()
                write_text(temp / PLAN_NAME, plan)
        except OSError as error:
            raise write_failure(data, error) from error
        return cls(data, run_id)

    @classmethod
    def open(cls, data: Path, run_id: str) -> Self:
        """Take up a run where it was left; damaged parts are moved to quarantine.

        Raises UsageError where there is no such unfinished run, HostError where another
        live process has it, StoreError where its plan cannot be read or a newer INT8
        Lens wrote it.
        """
        if not _PLAIN_NAME.fullmatch(run_id) or not is_begun(folder_of(data, run_id)):
            known = ", ".join(run.run_id for run in unfinished(data))
            raise UsageError(
                f"{data} has no unfinished run {run_id}",
                hint=f"choose one of {known}" if known else "there is none to continue",
            )
        return cls(data, run_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    @property
    def path(self) -> Path:
        """Folder of the unfinished run; what the caller leaves there goes with the run."""
        return self._folder

    @property
    def finished(self) -> tuple[str, ...]:
        """Names of the whole parts, in the order in which they were added."""
        return tuple(part.name for part in self._parts)

    def add(self, name: str, facts: Iterable[Fact]) -> None:
        """Write a part; when this returns, the part outlives the process.

        Raises StoreError for a fact of another run, two different facts of this run
        with one key, and a name that is taken; HostError where the disk is full or the
        folder cannot be written. Then the part is not there, the earlier ones are.
        """
        self._check_held()
        if not _PLAIN_NAME.fullmatch(name) or name in self.finished:
            raise filling_bug(f"{name!r} is taken or cannot name a part of run {self.run_id}")
        tables = ((table, [rows]) for table, rows in Rows(self.run_id, facts).tables())
        at, path = self._next_time(), self._folder / PARTS_FOLDER / name
        with self._storing():
            manifest = write_tables(
                path, tables, lambda entries: part_manifest(self.run_id, at, entries)
            )
        self._parts = (*self._parts, Part(path, manifest))

    def read(self, row: type[F], *, leave_out: Collection[str] = ()) -> tuple[F, ...]:
        """The facts of one kind in all parts; of a shared one given twice, the later.

        Columns to ``leave_out`` (such as ``samples_ms``, which is long) come as None, or
        () where they hold lists.
        """
        table = table_of(row)
        columns = [name for name in arrow_schema(row).names if name not in leave_out]
        pieces = self._files_of(table)
        return tuple(
            fact
            for rows in (merged(table, pieces, columns) if pieces else ())
            for fact in from_arrow(row, rows)
        )

    def commit(self, *facts: Fact, tool_version: str, kind: str = "measured") -> Path:
        """Make one run of all parts and ``facts``, then remove the unfinished run.

        Returns the run's directory. Where the run is complete already, because a process
        was killed after the commit, only the removing is left. Raises HostError where
        the disk is full or the folder cannot be written, StoreError where the run lacks
        its Run, two parts disagree or a part was damaged; the parts are kept then.
        """
        final = self._data / RUNS_FOLDER / self.run_id
        if not _is_complete(final):
            self._check_held()
            check_new(self._data, self.run_id)
            self._write(Rows(self.run_id, facts), tool_version, kind)
        self.discard()
        return final

    def discard(self) -> None:
        """Remove the unfinished run and all its parts."""
        if self._lock.is_locked:
            vanish(self._folder)
        self._parts = ()
        self._lock.release()

    def _write(self, rows: Rows, tool_version: str, kind: str) -> None:
        self._check_parts()
        run = the_run(self.run_id, (*self.read(Run), *rows.runs()))
        with self._storing():
            sweep_own(self._data / RUNS_FOLDER, f"{self.run_id}-")
            write_run(self._data, run, self._merged(rows), tool_version=tool_version, kind=kind)

    def _check_parts(self) -> None:
        for part in self._parts:
            try:
                check_files(part.path, part.manifest)
            except StoreError as error:
                raise StoreError(
                    f"part {part.name} of run {self.run_id} was damaged: {error.message}",
                    hint=f"measure it again with `{self._resume}`; the other parts are kept",
                ) from error

    def _merged(self, rows: Rows) -> Iterator[tuple[Table, Iterator[pa.Table]]]:
        """All tables that have rows, those in memory last."""
        in_memory = {table.name: [piece] for table, piece in rows.tables()}
        for table in TABLES:
            pieces = [*self._files_of(table), *in_memory.get(table.name, [])]
            if pieces:
                yield table, merged(table, pieces)

    def _files_of(self, table: Table) -> list[Piece]:
        return [file for part in self._parts for file in part.file_of(table)]

    def _load(self) -> tuple[tuple[Part, ...], tuple[DamagedPart, ...]]:
        """The whole parts, oldest first, and the damaged ones after moving them aside."""
        folder = self._folder / PARTS_FOLDER
        folder.mkdir(exist_ok=True)
        sweep_own(folder)
        parts, damaged = [], []
        for path in part_folders(folder):
            try:
                parts.append(read_part(path, self.run_id))
            except NewerSchemaError:
                raise
            except StoreError as error:
                moved_to = move_aside(self._data, path, f"{self.run_id}-{path.name}", error.message)
                damaged.append(DamagedPart(path.name, error.message, moved_to))
        return tuple(sorted(parts, key=lambda part: part.added_at)), tuple(damaged)

    @property
    def _resume(self) -> str:
        return f"python -m collector run --resume --data {shlex.quote(str(self._data))}"

    def _next_time(self) -> datetime:
        """Now, or just after the last part where the clock was set back."""
        latest = self._parts[-1].added_at if self._parts else datetime.min.replace(tzinfo=UTC)
        return max(datetime.now(UTC), latest + timedelta(microseconds=1))

    def _check_held(self) -> None:
        if not self._lock.is_locked:
            raise filling_bug(f"unfinished run {self.run_id} is closed")

    @contextmanager
    def _storing(self) -> Iterator[None]:
        """Errors of the disk and of the schema, told as they are for an unfinished run."""
        then = f", then continue with `{self._resume}`; the parts that were finished are kept"
        try:
            with schema_checked(self.run_id):
                yield
        except OSError as error:
            raise write_failure(self._data, error, then=then) from error


def _is_complete(final: Path) -> bool:
    """Whether the run is there, every byte of it; StoreError where it was damaged since."""
    if not (final / MANIFEST_NAME).exists():
        return False
    check_files(final, read_manifest(final))
    return True
