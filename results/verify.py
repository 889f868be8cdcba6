"""Checks every byte of every run against its manifest and moves damaged runs aside.

Nothing is deleted: a damaged run goes to ``quarantine/`` with the reason beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from results.errors import StoreError
from results.index import Problem, ProblemKind, StoredRun, problem_of, read_run
from results.quarantine import move_aside
from results.store import Store


@dataclass(frozen=True)
class Quarantined:
    """A damaged run and where it was moved."""

    run_id: str
    reason: str
    moved_to: Path


@dataclass(frozen=True)
class VerifyReport:
    """What ``verify`` found; ``runs`` and ``files`` count what is sound."""

    runs: int
    files: int
    damaged: tuple[Quarantined, ...]
    newer: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether no run is damaged."""
        return not self.damaged


def verify(store: Store) -> VerifyReport:
    """Check every file of every run; move damaged runs to ``root/quarantine/<run_id>``.

    Raises HostError where a damaged run cannot be moved. Runs of a newer
    schema are reported and stay where they are.
    """
    problems = (*store.problems, *_damaged(store.runs))
    bad = tuple(problem for problem in problems if problem.kind is ProblemKind.DAMAGED)
    moved = tuple(
        Quarantined(
            problem.run_id,
            problem.message,
            move_aside(store.root, problem.path, problem.run_id, problem.message),
        )
        for problem in bad
    )
    names = {problem.run_id for problem in bad}
    sound = [run for run in store.runs if run.path.name not in names]
    return VerifyReport(
        runs=len(sound),
        files=sum(len(run.manifest.files) for run in sound),
        damaged=moved,
        newer=tuple(problem for problem in problems if problem.kind is ProblemKind.NEWER),
    )


def _damaged(runs: Iterable[StoredRun]) -> Iterator[Problem]:
    for run in runs:
        try:
            read_run(run)
        except StoreError as error:
            yield problem_of(run.path, error)
