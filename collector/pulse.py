"""What is told of a run to those who watch it, such as the dashboard: how far it is.

The measuring counts in ``Tally``; ``Pulse`` tells it when a step begins, which is between
sittings and never while something is measured. The bar on the terminal lives in
``collector.progress``, the file in ``results.under_way``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from results.under_way import Doing, Teller

# Work on a model says how far it is many times a second.
_SAY_EVERY_S = 1.0


@dataclass
class Tally:
    """At what a run is, and what went wrong in it so far.

    ``stage`` is block, profile, startup or comparison; ``number`` counts from 1 to ``total``.
    """

    stage: str = ""
    number: int = 0
    total: int = 0
    disturbed_repeats: int = 0
    failed_launches: int = 0

    def at(self, stage: str, number: int, total: int) -> None:
        """The run comes to this block, profile, startup or comparison."""
        self.stage, self.number, self.total = stage, number, total


@dataclass
class Pulse:
    """Tells what this process does; before ``run_id`` is set it prepares."""

    teller: Teller
    tally: Tally = field(default_factory=Tally)
    run_id: str = ""
    done: float = 0.0
    left_s: float = 0.0
    told_at: float = 0.0

    def begin(self, run_id: str) -> None:
        """The run has its name; what others left of it is told no more."""
        self.run_id = run_id
        self.teller.sweep(run_id)

    def step(self, activity: str, done: float, left_s: float, step_s: float) -> None:
        """A step begins that is expected to take ``step_s``; ``done`` is a share of all work."""
        self.done, self.left_s = done, left_s
        self._tell(activity, step_s)

    def say(self, activity: str) -> None:
        """How far a step is in which nothing is measured."""
        if time.monotonic() - self.told_at > _SAY_EVERY_S:
            self._tell(activity, 0.0)

    def _tell(self, activity: str, step_s: float) -> None:
        self.told_at = time.monotonic()
        self.teller.tell(
            Doing(
                run_id=self.run_id,
                activity=activity,
                stage=self.tally.stage,
                number=self.tally.number,
                total=self.tally.total,
                done=self.done,
                left_s=self.left_s,
                step_s=step_s,
                disturbed_repeats=self.tally.disturbed_repeats,
                failed_launches=self.tally.failed_launches,
            )
        )


@contextmanager
def pulse(data: Path) -> Iterator[Pulse]:
    """The pulse of this process, until it ends well or not."""
    teller = Teller(data)
    teller.sweep()
    try:
        yield Pulse(teller)
    except BaseException:
        teller.end(early=True)
        raise
    teller.end()
