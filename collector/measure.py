"""Runs the launches of a run: timing blocks first, then profiles, then startups, never mixed.

Every launch is a fresh process. One that fails becomes a fact with its reason and the run
goes on. Timing and profile launches are measured in blocks of sittings, both the same way; a
block of profile launches is called a round. What is finished - a block, a round - is a part
of the journal and survives whatever ends this process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from collector.answers import LaunchAnswer, ProbeFailure, ProfileAnswer
from collector.asking import Asker
from collector.cgroup import free_memory_mib
from collector.disturbance import is_dirty, launch_cautions
from collector.effort import MOST_ADAPTIVE_BLOCKS, PILOT_BLOCKS, blocks_needed
from collector.layers import Layers
from collector.pilot import pilot_spreads
from collector.plan import PlannedBlock, PlannedCell, SeatedKind, planned_block, startup_order
from collector.plan import generator as random_of
from collector.pulse import Tally
from collector.records import LaunchKey, launch_fact
from collector.rounds import Rounds, launch_key
from collector.sitting import sit
from collector.system import HERE
from collector.timetable import STARTUP_S, seated_s
from results.facts import Block, Caution, Fact, Launch
from results.journal import Journal

MOST_ATTEMPTS = 3
"""A disturbed sitting is measured again, at most twice."""
_MOST_FAILURES = 3
# First of the numbers that a sitting's order is drawn from; a certificate's is 2.
_SITTING: dict[SeatedKind, int] = {"timing": 1, "profile": 3}
_NAMES: dict[SeatedKind, str] = {"timing": "block", "profile": "profile"}
_STAYED_DIRTY: dict[SeatedKind, str] = {
    "timing": "stayed_dirty", "profile": "profile_stayed_dirty",
}  # fmt: skip
# Share of the free memory that the processes of a sitting may take together.
_MEMORY_SHARE = 0.6


@dataclass(frozen=True)
class _Seated:
    """A launch of a sitting: of which cell, what it answered, and the fact it became."""

    cell: PlannedCell
    key: LaunchKey
    answer: LaunchAnswer | ProfileAnswer | ProbeFailure
    launch: Launch


@dataclass
class Measurement:
    """One run's measuring: what it needs, and what it has learnt of the cells so far."""

    run_id: str
    asker: Asker
    journal: Journal
    report: Callable[[str, float], None]
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    measured: set[str] = field(default_factory=set)
    adjusted: set[str] = field(default_factory=set)
    last_failure: str = ""
    tally: Tally = field(default_factory=Tally)
    more: Callable[[float], None] = lambda _expected_s: None

    def remember(self) -> None:
        """Take up what the parts of a run that ended early tell of its cells."""
        for launch in self.journal.read(Launch, leave_out=("samples_ms",)):
            self._note(launch)

    def blocks(self, planned: Sequence[PlannedCell]) -> int:
        """All timing launches, block by block; returns how many blocks there are."""
        total, number = self.asker.effort.blocks, 0
        while number < total:
            self._block("timing", planned, number, total)
            number += 1
            if self.asker.effort.is_adaptive and number == PILOT_BLOCKS:
                total = self._needed(planned)
                self.more((total - number) * self._expected_s("timing", planned))
        return total

    def profiles(self, planned: Sequence[PlannedCell]) -> None:
        """All profile launches, round by round, of the cells that were measured."""
        total = self.asker.effort.profile_launches
        for number in range(total):
            self._block("profile", planned, number, total)

    def startups(self, planned: Sequence[PlannedCell]) -> None:
        """Compilations from OpenVINO's cache, each in a fresh process."""
        rounds = Rounds(self.run_id, self.asker, self.journal.path / "cache")
        for number in range(self.asker.effort.startup_launches):
            self._startups(planned, number, rounds)
        rounds.clear()

    def failed(self, planned: Sequence[PlannedCell]) -> tuple[PlannedCell, ...]:
        """The cells without a good timing launch."""
        return tuple(cell for cell in planned if cell.cell.cell_id not in self.measured)

    def _block(
        self, kind: SeatedKind, planned: Sequence[PlannedCell], number: int, total: int
    ) -> None:
        self.tally.at(_NAMES[kind], number + 1, total)
        what, name = f"{_NAMES[kind]} {number + 1} of {total}", f"{_NAMES[kind]}-{number:04}"
        wanted = [cell for cell in planned if self._is_worth_it(kind, cell)]
        if name in self.journal.finished:
            self.report(f"{what} was finished before", 0.0)
            return
        self.more(self._expected_s(kind, wanted) - self._expected_s(kind, planned))
        block = planned_block(wanted, number, self.asker.seed, self._memory_mib, kind)
        facts: list[Fact] = self._opened(block) if kind == "timing" else []
        for place, cells in enumerate(block.sittings):
            self.report(f"{_names(cells)}, {what}", self._expected_s(kind, cells))
            facts += self._sitting(kind, number, place, cells)
        self.journal.add(name, facts)

    def _opened(self, block: PlannedBlock) -> list[Fact]:
        """The block itself, and what has to be said of its sittings."""
        order = tuple(cell.cell.cell_id for cell in block.cells)
        return [Block(self.run_id, block.number, _now(), order), *self._split(block)]

    def _split(self, block: PlannedBlock) -> list[Caution]:
        """A caution where cells that are compared did not fit into one sitting."""
        seats = [(cell.neighbours, place) for place, cells in enumerate(block.sittings)
                 for cell in cells]  # fmt: skip
        if len(set(seats)) == len({neighbours for neighbours, _ in seats}):
            return []
        detail = f"{len(block.cells)} launches in {len(block.sittings)} sittings"
        return [Caution(self.run_id, "sitting_split", "run", self.run_id, detail)]

    def _is_worth_it(self, kind: SeatedKind, cell: PlannedCell) -> bool:
        """A cell that never worked is not tried again; one that did may fail now and then."""
        failures = self.failures[kind, cell.cell.cell_id]
        if cell.cell.cell_id in self.measured:
            return failures < _MOST_FAILURES
        return kind == "timing" and failures == 0

    def _expected_s(self, kind: SeatedKind, cells: Sequence[PlannedCell]) -> float:
        return len(cells) * seated_s(self.asker.effort, kind)

    def _sitting(
        self, kind: SeatedKind, block: int, place: int, cells: Sequence[PlannedCell]
    ) -> list[Fact]:
        """A sitting, again while it is disturbed; of profiles the last attempt gives the layers."""
        facts: list[Fact] = []
        latest: dict[str, _Seated] = {}
        for attempt in range(MOST_ATTEMPTS):
            wanted = [cell for cell in cells if attempt == 0 or self._is_worth_it(kind, cell)]
            dirty = False
            for seated in self._sit(kind, block, place, attempt, wanted):
                facts += self._told(seated)
                dirty = dirty or is_dirty(seated.launch, self.asker.watched(seated.cell))
                if seated.launch.status == "ok":
                    latest[seated.launch.cell_id] = seated
            if not dirty:
                break
            if attempt + 1 < MOST_ATTEMPTS:
                self.tally.disturbed_repeats += 1
                again = f"{_NAMES[kind]} {block + 1} again, it was disturbed"
                self.report(f"{_names(cells)}, {again}", 0.0)
        else:
            facts += self._stayed_dirty(kind, block, cells)
        return [*facts, *self._layers(latest.values())]

    def _stayed_dirty(
        self, kind: SeatedKind, block: int, cells: Sequence[PlannedCell]
    ) -> list[Caution]:
        detail = f"{_NAMES[kind]} {block + 1}, {MOST_ATTEMPTS} attempts"
        return [
            Caution(self.run_id, _STAYED_DIRTY[kind], "cell", cell.cell.cell_id, detail)
            for cell in cells
        ]

    def _sit(
        self,
        kind: SeatedKind,
        block: int,
        place: int,
        attempt: int,
        cells: Sequence[PlannedCell],
    ) -> list[_Seated]:
        started, seats = _now(), [self.asker.seat(cell, kind) for cell in cells]
        random = random_of(_SITTING[kind], self.asker.seed, block, place, attempt)
        effort = self.asker.effort
        measure_s = effort.measure_s if kind == "timing" else effort.profile_s
        answers = sit(seats, measure_s, random)
        found = []
        for position, (cell, seat, answer) in enumerate(zip(cells, seats, answers, strict=True)):
            key = replace(
                launch_key(self.run_id, cell, kind, position, seat.request), started_at=started,
                block=block, attempt=attempt, sitting=place,
            )  # fmt: skip
            found.append(_Seated(cell, key, answer, launch_fact(key, answer)))
        return found

    def _told(self, seated: _Seated) -> list[Fact]:
        """The launch and what has to be said of it."""
        self._note(seated.launch, seated.cell.label)
        cpus = self.asker.watched(seated.cell)
        adjustments = self._adjustments(seated.cell, seated.answer)
        return [seated.launch, *self._cautions(seated.launch, cpus), *adjustments]

    def _layers(self, seated: Iterable[_Seated]) -> list[Fact]:
        """The layers of those that are profile launches."""
        return [
            fact
            for one in seated
            if isinstance(one.answer, ProfileAnswer)
            for fact in self._profiled.facts(one.cell, one.key, one.answer)
        ]

    def _adjustments(
        self, cell: PlannedCell, answer: LaunchAnswer | ProfileAnswer | ProbeFailure
    ) -> list[Caution]:
        """Once for each cell: what its OpenVINO was asked otherwise than planned."""
        cell_id = cell.cell.cell_id
        if not isinstance(answer, LaunchAnswer) or cell_id in self.adjusted:
            return []
        self.adjusted.add(cell_id)
        return [
            Caution(self.run_id, "asked_otherwise", "cell", cell_id, told)
            for told in answer.adjustments
        ]

    def _note(self, launch: Launch, label: str = "") -> None:
        """Remember whether a launch worked; a cell is measured where a timing launch did."""
        if launch.status != "ok":
            self.failures[launch.kind, launch.cell_id] += 1
            self.tally.failed_launches += 1
        if launch.kind != "timing":
            return
        if launch.status == "ok":
            self.measured.add(launch.cell_id)
        else:
            self.last_failure = f"{label}: {launch.error}" if label else launch.error or ""

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

    def _startups(self, planned: Sequence[PlannedCell], number: int, rounds: Rounds) -> None:
        name = f"startup-{number:04}"
        alive = [cell for cell in planned if cell.cell.cell_id in self.measured]
        self.tally.at("startup", number + 1, self.asker.effort.startup_launches)
        if name in self.journal.finished:
            self.report(f"startup {number + 1} was finished before", 0.0)
            return
        facts: list[Fact] = []
        step_s = STARTUP_S * (1 if number else 2)  # the first one fills the cache
        self.more(step_s * (len(alive) - len(planned)))
        for position, cell in enumerate(startup_order(alive, number, self.asker.seed)):
            self.report(f"{cell.label}, startup {number + 1}", step_s)
            facts += rounds.startup(cell, position)
        self.journal.add(name, facts)

    @cached_property
    def _profiled(self) -> Layers:
        return Layers(self.run_id)

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
