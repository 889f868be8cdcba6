"""Checks every byte of every run against its manifest and moves damaged runs aside.

Nothing is deleted: a damaged run goes to ``quarantine/`` with the reason beside it. Folders
without a manifest are no runs; they are named and stay, because somebody may be copying them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from results.errors import HostError, StoreError
from results.index import Problem, ProblemKind, StoredRun, problem_of, read_run
from results.quarantine import move_aside
from results.store import Store


@dataclass(frozen=True)
class Quarantined:
    """A damaged run and where it was moved; None where it stays."""

    run_id: str
    reason: str
    moved_to: Path | None


@dataclass(frozen=True)
class VerifyReport:
    """What ``verify`` found; ``runs`` and ``files`` count what is sound.

    ``half_copied`` names folders with tables and no manifest; ``refused`` says why a damaged
    run could not be moved.
    """

    runs: int
    files: int
    damaged: tuple[Quarantined, ...]
    newer: tuple[Problem, ...]
    half_copied: tuple[str, ...] = ()
    refused: HostError | None = None

    @property
    def is_sound(self) -> bool:
        """Whether no run is damaged."""
        return not self.damaged


def verify(store: Store, *, dry_run: bool = False) -> VerifyReport:
    """Check every file of every run; move damaged runs to ``root/quarantine/<run_id>``.

    A ``dry_run`` moves nothing and writes nothing. What cannot be moved is named all the same,
    and ``refused`` says why. Runs of a newer schema are reported and stay where they are.
    """
    problems = (*store.problems, *_damaged(store.runs))
    bad = tuple(problem for problem in problems if problem.kind is ProblemKind.DAMAGED)
    refused: HostError | None = None
    found: list[Quarantined] = []
    for problem in bad:
        moved_to: Path | None = None
        try:
            moved_to = None if dry_run else _moved(store.root, problem)
        except HostError as error:
            refused = error
        found.append(Quarantined(problem.run_id, problem.message, moved_to))
    names = {problem.run_id for problem in bad}
    sound = [run for run in store.runs if run.path.name not in names]
    return VerifyReport(
        runs=len(sound),
        files=sum(len(run.manifest.files) for run in sound),
        damaged=tuple(found),
        newer=tuple(problem for problem in problems if problem.kind is ProblemKind.NEWER),
        half_copied=store.half_copied,
        refused=refused,
    )


def _moved(root: Path, problem: Problem) -> Path:
    return move_aside(root, problem.path, problem.run_id, problem.message)


def _damaged(runs: Iterable[StoredRun]) -> Iterator[Problem]:
    for run in runs:
        try:
            read_run(run)
        except StoreError as error:
            yield problem_of(run.path, error)
