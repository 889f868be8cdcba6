"""Runs the launches of a run: timing blocks first, then profiles, then startups, never mixed.

Every launch is a fresh process. One that fails becomes a fact with its reason and the run
goes on. What is finished - a block, a round - is a part of the journal and survives
whatever ends this process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from collector.answers import LaunchAnswer, ProbeFailure
from collector.asking import Asker
from collector.cgroup import free_memory_mib
from collector.disturbance import is_dirty, launch_cautions
from collector.effort import MOST_ADAPTIVE_BLOCKS, PILOT_BLOCKS, blocks_needed
from collector.pilot import pilot_spreads
from collector.plan import PlannedBlock, PlannedCell, planned_block, profile_order
from collector.plan import generator as random_of
from collector.records import launch_fact
from collector.rounds import Rounds, launch_key
from collector.sitting import sit
from collector.system import HERE
from collector.timetable import LAUNCH_S, STARTUP_S
from results.facts import Block, Caution, Fact, Launch
from results.journal import Journal

MOST_ATTEMPTS = 3
"""A disturbed sitting is measured again, at most twice."""
_MOST_FAILURES = 3
# First of the numbers that a sitting's order is drawn from; others are drawn from others.
_SITTING = 1
# Share of the free memory that the processes of a sitting may take together.
_MEMORY_SHARE = 0.6


@dataclass
class Measurement:
    """One run's measuring: what it needs, and what it has learnt of the cells so far."""

    run_id: str
    asker: Asker
    journal: Journal
    report: Callable[[str, float], None]
    failures: Counter[str] = field(default_factory=Counter)
    measured: set[str] = field(default_factory=set)
    adjusted: set[str] = field(default_factory=set)
    last_failure: str = ""

    def remember(self) -> None:
        """Take up what the parts of a run that ended early tell of its cells."""
        for launch in self.journal.read(Launch, leave_out=("samples_ms",)):
            if launch.kind == "timing":
                self._note(launch)

    def blocks(self, planned: Sequence[PlannedCell]) -> int:
        """All timing launches, block by block; returns how many blocks there are."""
        total, number = self.asker.effort.blocks, 0
        while number < total:
            self._block(planned, number, total)
            number += 1
            if self.asker.effort.is_adaptive and number == PILOT_BLOCKS:
                total = self._needed(planned)
        return total

    def profiles(self, planned: Sequence[PlannedCell]) -> None:
        """All profile launches."""
        effort = self.asker.effort
        for number in range(effort.profile_launches):
            expected_s = LAUNCH_S + effort.profile_s
            self._round("profile", planned, number, expected_s, self._rounds.profile)

    def startups(self, planned: Sequence[PlannedCell]) -> None:
        """Compilations from OpenVINO's cache, each in a fresh process."""
        for number in range(self.asker.effort.startup_launches):
            self._round("startup", planned, number, STARTUP_S, self._rounds.startup)
        self._rounds.clear()

    def failed(self, planned: Sequence[PlannedCell]) -> tuple[PlannedCell, ...]:
        """The cells without a good timing launch."""
        return tuple(cell for cell in planned if cell.cell.cell_id not in self.measured)

    def _block(self, planned: Sequence[PlannedCell], number: int, total: int) -> None:
        name, expected_s = f"block-{number:04}", self.block_s(planned)
        if name in self.journal.finished:
            self.report(f"block {number + 1} of {total} was finished before", expected_s)
            return
        wanted = [cell for cell in planned if self._is_worth_it(cell)]
        block = planned_block(wanted, number, self.asker.seed, self._memory_mib)
        order = tuple(cell.cell.cell_id for cell in block.cells)
        facts: list[Fact] = [Block(self.run_id, number, _now(), order), *self._split(block)]
        for place, cells in enumerate(block.sittings):
            activity = f"{_names(cells)}, block {number + 1} of {total}"
            self.report(activity, self.block_s(cells))
            facts += self._sitting(number, place, cells)
        self.journal.add(name, facts)

    def _split(self, block: PlannedBlock) -> list[Caution]:
        """A caution where cells that are compared did not fit into one sitting."""
        seats = [(cell.neighbours, place) for place, cells in enumerate(block.sittings)
                 for cell in cells]  # fmt: skip
        if len(set(seats)) == len({neighbours for neighbours, _ in seats}):
            return []
        detail = f"{len(block.cells)} launches in {len(block.sittings)} sittings"
        return [Caution(self.run_id, "sitting_split", "run", self.run_id, detail)]

    def _is_worth_it(self, cell: PlannedCell) -> bool:
        """A cell that never worked is not tried again; one that did may fail now and then."""
        failures = self.failures[cell.cell.cell_id]
        return failures == 0 or (cell.cell.cell_id in self.measured and failures < _MOST_FAILURES)

    def block_s(self, cells: Sequence[PlannedCell]) -> float:
        """Expected length of the timing launches of these cells, start and warm-up included."""
        return len(cells) * (LAUNCH_S + self.asker.effort.measure_s)

    def _sitting(self, block: int, place: int, cells: Sequence[PlannedCell]) -> list[Fact]:
        facts: list[Fact] = []
        for attempt in range(MOST_ATTEMPTS):
            wanted = [cell for cell in cells if attempt == 0 or self._is_worth_it(cell)]
            launches, adjustments = self._sit(block, place, attempt, wanted)
            facts += adjustments
            watched = [self.asker.watched(cell) for cell in wanted]
            dirty = False
            for launch, cpus in zip(launches, watched, strict=True):
                facts += [launch, *self._cautions(launch, cpus)]
                dirty = dirty or is_dirty(launch, cpus)
            if not dirty:
                return facts
            if attempt + 1 < MOST_ATTEMPTS:
                self.report(f"{_names(cells)}, block {block + 1} again, it was disturbed", 0.0)
        detail = f"block {block + 1}, {MOST_ATTEMPTS} attempts"
        return facts + [
            Caution(self.run_id, "stayed_dirty", "cell", cell.cell.cell_id, detail)
            for cell in cells
        ]

    def _sit(
        self, block: int, place: int, attempt: int, cells: Sequence[PlannedCell]
    ) -> tuple[list[Launch], list[Caution]]:
        started, seats = _now(), [self.asker.seat(cell) for cell in cells]
        random = random_of(_SITTING, self.asker.seed, block, place, attempt)
        answers = sit(seats, self.asker.effort.measure_s, random)
        launches: list[Launch] = []
        adjustments: list[Caution] = []
        for position, (cell, seat, answer) in enumerate(zip(cells, seats, answers, strict=True)):
            key = replace(
                launch_key(self.run_id, cell, "timing", position, seat.request), started_at=started,
                block=block, attempt=attempt, sitting=place,
            )  # fmt: skip
            launches.append(self._note(launch_fact(key, answer), cell.label))
            adjustments += self._adjustments(cell, answer)
        return launches, adjustments

    def _adjustments(self, cell: PlannedCell, answer: LaunchAnswer | ProbeFailure) -> list[Caution]:
        """Once for each cell: what its OpenVINO was asked otherwise than planned."""
        cell_id = cell.cell.cell_id
        if isinstance(answer, ProbeFailure) or cell_id in self.adjusted:
            return []
        self.adjusted.add(cell_id)
        return [
            Caution(self.run_id, "asked_otherwise", "cell", cell_id, told)
            for told in answer.adjustments
        ]

    def _note(self, launch: Launch, label: str = "") -> Launch:
        """Remember whether a timing launch worked."""
        if launch.status == "ok":
            self.measured.add(launch.cell_id)
        else:
            self.failures[launch.cell_id] += 1
            self.last_failure = f"{label}: {launch.error}" if label else launch.error or ""
        return launch

    def _needed(self, planned: Sequence[PlannedCell]) -> int:
        """Blocks for a ±2 % interval, from the pilot blocks alone, so that nobody peeks."""
        neighbours = {cell.cell.cell_id: cell.neighbours for cell in planned}
        launches = self.journal.read(Launch, leave_out=("samples_ms",))
        spreads = pilot_spreads(launches, neighbours)
        needed = blocks_needed(spreads)
        if needed > MOST_ADAPTIVE_BLOCKS and "adaptive" not in self.journal.finished:
            detail = f"needs {needed}, measured {MOST_ADAPTIVE_BLOCKS}"
            caution = Caution(self.run_id, "adaptive_limit", "run", self.run_id, detail)
            self.journal.add("adaptive", [caution])
        return min(needed, MOST_ADAPTIVE_BLOCKS)

    def _cautions(self, launch: Launch, cpus: int) -> list[Caution]:
        return [
            Caution(self.run_id, caution_id, "launch", launch.launch_id, detail)
            for caution_id, detail in launch_cautions(launch, cpus)
        ]

    def _round(
        self,
        kind: str,
        planned: Sequence[PlannedCell],
        number: int,
        expected_s: float,
        work: Callable[[PlannedCell, int], list[Fact]],
    ) -> None:
        name = f"{kind}-{number:04}"
        alive = [cell for cell in planned if cell.cell.cell_id in self.measured]
        if name in self.journal.finished:
            self.report(f"{kind} {number + 1} was finished before", expected_s * len(alive))
            return
        facts: list[Fact] = []
        for position, cell in enumerate(profile_order(alive, number, self.asker.seed)):
            self.report(f"{cell.label}, {kind} {number + 1}", expected_s)
            facts += work(cell, position)
        self.journal.add(name, facts)

    @cached_property
    def _rounds(self) -> Rounds:
        return Rounds(self.run_id, self.asker, self.journal.path / "cache")

    @cached_property
    def _memory_mib(self) -> float:
        return _MEMORY_SHARE * free_memory_mib(HERE)


def _names(cells: Sequence[PlannedCell]) -> str:
    """``resnet_50, 3 cells``: what sits together."""
    models = list(dict.fromkeys(cell.model.model.name for cell in cells))
    named = models[0] if len(models) == 1 else f"{len(models)} models"
    return f"{named}, {len(cells)} cells" if len(cells) > 1 else cells[0].label


def _now() -> datetime:
    return datetime.now(UTC)
