"""A against A: how often this machine calls two identical cells different.

Sittings of four launches of one cell make two comparisons at a time, through the same
protocol, blocks and estimate as any other; what they are called is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from collector.asking import Asker
from collector.disturbance import is_dirty
from collector.measure import MOST_ATTEMPTS
from collector.plan import PlannedCell
from collector.plan import generator as random_of
from collector.pulse import Tally
from collector.records import launch_fact
from collector.rounds import launch_key
from collector.scenario import LATENCY
from collector.sitting import sit
from collector.timetable import LAUNCH_S
from results.comparison import Verdict
from results.errors import MeasurementError
from results.facts import Certificate, CertificateTrial, Launch
from results.journal import Journal
from results.stats import paired_estimate, turns_log_ratio

_PAIRS = 2
# First of the numbers that the order of a sitting is drawn from, as in ``measure``.
_CERTIFICATE = 2
_ALARMS = (Verdict.FASTER, Verdict.SLOWER)


@dataclass(frozen=True)
class _Pair:
    """The two launches of a comparison in a block, and whether they stayed disturbed."""

    first: Launch
    second: Launch
    dirty: bool


@dataclass
class Certifier:
    """Measures one cell against itself; the parts of the journal are groups of comparisons."""

    run_id: str
    asker: Asker
    journal: Journal
    report: Callable[[str, float], None]
    cell: PlannedCell
    comparisons: int
    trials: list[CertificateTrial] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def left_s(self) -> float:
        """Expected seconds of the groups that are not made yet."""
        return self._groups_s() - self.kept_s()

    def kept_s(self) -> float:
        """Expected seconds of the groups that an earlier process made."""
        made = sum(name.startswith("trials-") for name in self.journal.finished)
        return made * self.asker.effort.blocks * self._sitting_s()

    def certificate(self) -> Certificate:
        """Make the comparisons that are not made yet; raises MeasurementError if one fails."""
        self.trials = list(self.journal.read(CertificateTrial))
        for group in range(self._groups):
            name = f"trials-{group:04}"
            if name not in self.journal.finished:
                found = self._group(group)
                self.journal.add(name, found)
                self.trials += found
        counts = Counter(trial.verdict for trial in self.trials)
        cell, effort = self.cell.cell, self.asker.effort
        return Certificate(
            run_id=self.run_id,
            device_id=cell.device_id,
            runtime_id=cell.runtime_id,
            model_id=cell.model_id,
            arm=cell.arm,
            scenario=cell.scenario,
            effort=effort.level,
            blocks=effort.blocks,
            comparisons=len(self.trials),
            false_alarms=sum(counts[alarm.value] for alarm in _ALARMS),
            equivalent=counts[Verdict.EQUIVALENT.value],
            disturbed=sum(trial.dirty_blocks > 0 for trial in self.trials),
        )

    def _group(self, group: int) -> list[CertificateTrial]:
        blocks = [self._block(group, number) for number in range(self.asker.effort.blocks)]
        wanted = min(_PAIRS, self.comparisons - group * _PAIRS)
        return [
            self._trial(group * _PAIRS + place, [pairs[place] for pairs in blocks])
            for place in range(wanted)
        ]

    def _trial(self, number: int, pairs: Sequence[_Pair]) -> CertificateTrial:
        scenario = self.cell.cell.scenario
        estimate = paired_estimate(
            [_headline_ms(pair.first, scenario) for pair in pairs],
            [_headline_ms(pair.second, scenario) for pair in pairs],
            [turns_log_ratio(pair.first.slice_ms or (), pair.second.slice_ms or ())
             for pair in pairs],
        )  # fmt: skip
        return CertificateTrial(
            run_id=self.run_id,
            trial=number,
            verdict=estimate.verdict.value,
            ratio=estimate.ratio,
            ci_low=estimate.ci_low,
            ci_high=estimate.ci_high,
            blocks=estimate.blocks,
            dirty_blocks=sum(pair.dirty for pair in pairs),
        )

    def _block(self, group: int, number: int) -> list[_Pair]:
        """A sitting of four, again while it is disturbed, at most twice."""
        launches: list[Launch] = []
        for attempt in range(MOST_ATTEMPTS):
            made = group * _PAIRS
            blocks = self.asker.effort.blocks
            activity = (
                f"A against A, {made} of {self.comparisons} made, block {number + 1} of {blocks}"
            )
            self.tally.at("comparison", made + 1, self.comparisons)
            self.tally.disturbed_repeats += attempt > 0
            self.report(activity, self._sitting_s() if attempt == 0 else 0.0)
            launches = self._sit(group, number, attempt)
            self.tally.failed_launches += sum(launch.status != "ok" for launch in launches)
            worked = all(launch.status == "ok" for launch in launches)
            if worked and not any(is_dirty(launch, self._cpus) for launch in launches):
                break
        return [self._pair(*pair) for pair in zip(launches[::2], launches[1::2], strict=True)]

    def _pair(self, first: Launch, second: Launch) -> _Pair:
        """The two launches of a comparison; MeasurementError where one of them failed."""
        for launch in (first, second):
            if launch.status != "ok":
                raise MeasurementError(
                    f"a launch failed {MOST_ATTEMPTS} times: {launch.error}",
                    hint="mend that, then continue with `python -m collector run --resume`",
                )
        return _Pair(first, second, any(is_dirty(each, self._cpus) for each in (first, second)))

    @property
    def _cpus(self) -> int:
        return self.asker.watched(self.cell)

    @property
    def _groups(self) -> int:
        return -(-self.comparisons // _PAIRS)

    def _groups_s(self) -> float:
        return self._groups * self.asker.effort.blocks * self._sitting_s()

    def _sitting_s(self) -> float:
        return 2 * _PAIRS * (LAUNCH_S + self.asker.effort.measure_s)

    def _sit(self, *place: int) -> list[Launch]:
        seats = [self.asker.seat(self.cell)] * (2 * _PAIRS)
        random = random_of(_CERTIFICATE, self.asker.seed, *place)
        answers = sit(seats, self.asker.effort.measure_s, random)
        request = seats[0].request
        key = launch_key(self.run_id, self.cell, "timing", 0, request)
        return [launch_fact(key, answer) for answer in answers]


def _headline_ms(launch: Launch, scenario: str) -> float:
    """Median latency, or in throughput the time per item, in ms; of a launch that worked."""
    if scenario == LATENCY:
        return launch.p50_ms or 0.0
    return 1e3 / (launch.throughput_fps or 0.0)
