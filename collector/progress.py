"""Shows what is being done and how long it will still take, on standard error.

On a terminal a live bar; elsewhere a plain line whenever the activity's first
word changes or every few seconds, so that a log stays readable.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.table import Column
from rich.text import Text

from collector.pulse import Pulse, Tally

_LINE_EVERY_S = 10.0
# Share of the work after which its own pace is believed rather than the first guess.
_TRUST_AFTER = 0.05


@dataclass
class TimeLeft:
    """Expected seconds of work, corrected by how long the finished part took.

    ``before_s`` of what is done took none of this process's time: it says nothing of the pace.
    """

    total_s: float
    done_s: float = 0.0
    before_s: float = 0.0
    pace: float = 1.0
    started: float = field(default_factory=time.monotonic)
    step_started: float = field(default_factory=time.monotonic)

    def finish(self, expected_s: float) -> None:
        """Note that work expected to take this long is done."""
        self.step_started = time.monotonic()
        self.done_s += expected_s
        here_s = self.done_s - self.before_s
        if here_s > _TRUST_AFTER * self.total_s:
            self.pace = (self.step_started - self.started) / here_s

    def plan(self, left_s: float, kept_s: float) -> None:
        """Now it is known what is left, and what was kept of an earlier process.

        The pace begins anew: what was done so far, such as building models, is other work.
        """
        self.done_s += kept_s
        self.before_s = self.done_s
        self.total_s = self.done_s + left_s
        self.started = self.step_started = time.monotonic()
        self.pace = 1.0

    def more(self, expected_s: float) -> None:
        """It turned out that this much more is to be done."""
        self.total_s += expected_s

    def seconds(self) -> float:
        """Expected seconds until everything is done; never below 0."""
        in_step_s = time.monotonic() - self.step_started
        return max(0.0, (self.total_s - self.done_s) * self.pace - in_step_s)

    def share(self) -> float:
        """The finished share of what was expected, 0 to 1."""
        return min(1.0, self.done_s / self.total_s) if self.total_s > 0.0 else 0.0

    def text(self) -> str:
        """The time left for people: ``1 min 20 s left``."""
        minutes, seconds = divmod(round(self.seconds()), 60)
        return f"{f'{minutes} min ' if minutes else ''}{seconds} s left"


@dataclass
class Reporter:
    """Receives one call per step: what is being done, what it was expected to take.

    ``pulse`` tells it to those who watch from elsewhere.
    """

    left: TimeLeft
    live: Progress | None = None
    task: TaskID | None = None
    last_line: float = 0.0
    pending_s: float = 0.0
    pulse: Pulse | None = None

    @property
    def tally(self) -> Tally:
        """Where the measuring counts what is told of it."""
        return self.pulse.tally if self.pulse else Tally()

    def begin(self, run_id: str) -> None:
        """The run has its name."""
        if self.pulse:
            self.pulse.begin(run_id)

    def plan(self, left_s: float, kept_s: float) -> None:
        """The step before is done, and all that is left is known."""
        self.left.finish(self.pending_s)
        self.pending_s = 0.0
        self.left.plan(left_s, kept_s)
        if self.live is not None and self.task is not None:
            self.live.update(self.task, total=self.left.total_s, completed=self.left.done_s)

    def more(self, expected_s: float) -> None:
        """More is left than was planned."""
        self.left.more(expected_s)
        if self.live is not None and self.task is not None:
            self.live.update(self.task, total=self.left.total_s)

    def step(self, activity: str, expected_s: float) -> None:
        """A step begins; the step before it is done."""
        self.left.finish(self.pending_s)
        self.pending_s = expected_s
        if self.pulse:
            self.pulse.step(activity, self.left.share(), self.left.seconds(), expected_s)
        if self.live is not None and self.task is not None:
            self.live.update(self.task, completed=self.left.done_s, description=activity)
        elif time.monotonic() - self.last_line > _LINE_EVERY_S or not self.last_line:
            self.last_line = time.monotonic()
            sys.stderr.write(f"{activity} ({self.left.text()})\n")
            sys.stderr.flush()

    def say(self, activity: str) -> None:
        """How far the step is; it goes on."""
        if self.pulse:
            self.pulse.say(activity)
        if self.live is not None and self.task is not None:
            self.live.update(self.task, description=activity)
        elif time.monotonic() - self.last_line > _LINE_EVERY_S:
            self.last_line = time.monotonic()
            sys.stderr.write(f"{activity}\n")
            sys.stderr.flush()

    def told(self, activity: str, done: int, total: int) -> None:
        """How far work on a model is, as ``collector.models.steps.Report`` tells it."""
        self.say(f"{activity}: {done} of {total}" if total else activity)


@dataclass
class Worker:
    """Receives how far work on a model is that nobody knows the length of."""

    live: Progress | None = None
    task: TaskID | None = None
    last_line: float = 0.0

    def started(self, name: str) -> None:
        """The work on a model begins."""
        self.told(f"preparing {name}", 0, 0)

    def told(self, activity: str, done: int, total: int) -> None:
        """How far it is, as ``collector.models.steps.Report`` tells it; 0 of 0 is unknown."""
        if self.live is not None and self.task is not None:
            self.live.update(self.task, description=activity, completed=done, total=total or None)
        elif time.monotonic() - self.last_line > _LINE_EVERY_S or not self.last_line:
            self.last_line = time.monotonic()
            far = f": {done} of {total}" if total else ""
            sys.stderr.write(f"{activity}{far}\n")
            sys.stderr.flush()


@contextmanager
def working() -> Iterator[Worker]:
    """A worker's report, for work of unknown length."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Worker()
        return
    columns = (BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, refresh_per_second=4) as live:
        yield Worker(live, live.add_task("starting", total=None))


class _TimeLeftColumn(ProgressColumn):
    """The reporter's own estimate, because steps differ in length."""

    def __init__(self, left: TimeLeft, table_column: Column) -> None:
        super().__init__(table_column)
        self._left = left

    def render(self, _task: Task) -> Text:
        return Text(self._left.text(), style="dim")


@contextmanager
def reporter(total_s: float, pulse: Pulse | None = None) -> Iterator[Reporter]:
    """A reporter for work that is expected to take ``total_s`` seconds."""
    left = TimeLeft(total_s)
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Reporter(left, pulse=pulse)
        return
    columns = (
        BarColumn(bar_width=10),
        TextColumn("{task.percentage:>3.0f} %"),
        _TimeLeftColumn(left, table_column=Column(no_wrap=True, min_width=15)),
        TextColumn(
            "{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
        ),
    )
    # Twice a second: drawing costs CPU time beside what is being measured.
    with Progress(
        *columns, console=console, transient=True, expand=True, refresh_per_second=2
    ) as live:
        yield Reporter(left, live, live.add_task("starting", total=total_s), pulse=pulse)
