"""Blocks and rounds: disturbed again, failures bounded, the pilot decides once, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from collector.answers import LaunchAnswer, ProbeFailure, ProbeNode, ProfileAnswer
from collector.asking import Asker
from collector.effort import MOST_ADAPTIVE_BLOCKS, PILOT_BLOCKS, Effort
from collector.measure import MOST_ATTEMPTS, Measurement
from collector.plan import PlannedCell
from collector.sitting import Seat
from collector.timetable import STARTUP_S, cell_s, kept_s
from results.facts import Block, Caution, ExecNode, Launch
from results.journal import Journal
from tests.unit.planned import an_answer, plan

EFFORT = Effort("custom", blocks=3, pin=False)
FAILED = ProbeFailure("it broke", None)
PLANNED = plan("a")
ARMS = tuple(cell.cell.arm for cell in PLANNED)

Answer = LaunchAnswer | ProbeFailure


@dataclass
class Probes:
    """Sits in place of probes; ``answer`` says what the n-th launch of a cell brings.

    ``profile`` says the same of profile launches. Layers are called ``n`` and the number
    of their launch.
    """

    answer: Callable[[str, int], Answer] = lambda _path, _number: an_answer(1.0, 2.0)
    profile: Callable[[str, int], Answer] = lambda _path, _number: an_answer(1.0, 2.0)
    launched: Counter[str] = field(default_factory=Counter)
    profiled: Counter[str] = field(default_factory=Counter)
    measured_s: set[tuple[str, float]] = field(default_factory=set)

    def sit(
        self, seats: Sequence[Seat], measure_s: float, _generator: np.random.Generator
    ) -> tuple[Answer | ProfileAnswer, ...]:
        names = [_precision(seat) for seat in seats]
        self.measured_s |= {(seat.request.action, measure_s) for seat in seats}
        if seats[0].request.action == "timing":
            answers = [self.answer(name, self.launched[name]) for name in names]
            self.launched.update(names)
            return tuple(answers)
        found = [_layers(self.profile(name, self.profiled[name]), self.profiled[name])
                 for name in names]  # fmt: skip
        self.profiled.update(names)
        return tuple(found)


def _layers(answer: Answer, number: int) -> ProfileAnswer | ProbeFailure:
    if isinstance(answer, ProbeFailure):
        return answer
    name = f"n{number}"
    node = ProbeNode(1, name, "Relu", "jit", "f32", ("a",), ("f32",), ("[1]",), (name,), ())
    return ProfileAnswer(answer, (node,), frozenset(), frozenset(), 10, {1: 7}, 20, {1: 7})


def _precision(seat: Seat) -> str:
    """``f32`` for the arm fp32@f32, else ``default``."""
    return dict(seat.request.config).get("INFERENCE_PRECISION_HINT", "default")


TWO = tuple(cell for cell in PLANNED if cell.cell.arm.startswith("fp32"))


@contextmanager
def _measuring(
    folder: Path, monkeypatch: pytest.MonkeyPatch, probes: Probes, effort: Effort = EFFORT
) -> Iterator[Measurement]:
    monkeypatch.setattr("collector.measure.sit", probes.sit)
    is_new = not (folder / "unfinished" / "run").exists()
    made = Journal.create(folder, "run", "{}") if is_new else Journal.open(folder, "run")
    with made as journal:
        measurement = Measurement("run", Asker(effort, 1), journal, lambda _what, _s: None)
        measurement.remember()
        yield measurement


def _cautions(measurement: Measurement) -> Counter[str]:
    return Counter(caution.caution_id for caution in measurement.journal.read(Caution))


def _arm_of(planned: Sequence[PlannedCell], cell_id: str) -> str:
    return next(cell.cell.arm for cell in planned if cell.cell.cell_id == cell_id)


def test_every_cell_is_launched_once_in_every_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _measuring(tmp_path, monkeypatch, Probes()) as measurement:
        assert measurement.blocks(PLANNED) == 3
        launches = measurement.journal.read(Launch)
        seen = Counter((launch.block, _arm_of(PLANNED, launch.cell_id)) for launch in launches)
        assert seen == dict.fromkeys([(block, arm) for block in range(3) for arm in ARMS], 1)
        assert {launch.attempt for launch in launches} == {0}
        assert {launch.sitting for launch in launches} == {0}
        assert {launch.pinned_to for launch in launches} == {"unpinned"}
        assert not measurement.failed(PLANNED)
        for block in measurement.journal.read(Block):
            order = [one.cell_id for one in launches if one.block == block.block]
            assert order == list(block.cell_order)


def test_what_is_expected_adds_up_to_what_is_done_when_a_run_is_continued_and_a_cell_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a page calls a run almost done whose profile launches are still to come."""
    effort = replace(EFFORT, profile_launches=2, startup_launches=0)
    startup_s = (effort.startup_launches + 1) * STARTUP_S

    def fails(name: str, _number: int) -> Answer:
        return FAILED if name == "default" else an_answer(1.0, 2.0)

    with _measuring(tmp_path, monkeypatch, Probes(fails), replace(effort, blocks=1)) as before:
        before.blocks(TWO)
    with _measuring(tmp_path, monkeypatch, Probes(fails), effort) as measurement:
        kept = kept_s(effort, measurement.journal.finished, len(TWO))
        left = [len(TWO) * (cell_s(effort) - startup_s) - kept]
        told: list[float] = []
        measurement.report = lambda _what, step_s: told.append(step_s)
        measurement.more = left.append
        measurement.blocks(TWO)
        measurement.profiles(TWO)
        assert kept > 0.0
        assert min(left) < 0.0, "the cell that failed is not waited for"
        assert sum(told) == pytest.approx(sum(left))


def test_a_disturbed_sitting_is_measured_again_and_everything_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def steal_once(name: str, number: int) -> Answer:
        return an_answer(1.0, 2.0, steal=0.5 if (name, number) == ("f32", 0) else None)

    probes = Probes(steal_once)
    with _measuring(tmp_path, monkeypatch, probes) as measurement:
        measurement.blocks(TWO)
        launches = measurement.journal.read(Launch)
        attempts = Counter((launch.block, launch.attempt) for launch in launches)
        assert attempts == {(0, 0): 2, (0, 1): 2, (1, 0): 2, (2, 0): 2}
        assert _cautions(measurement) == {"interference_steal": 1}


def test_a_machine_that_stays_disturbed_is_tried_thrice_and_the_block_is_badged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda _name, _number: an_answer(1.0, 2.0, steal=0.5))
    with _measuring(tmp_path, monkeypatch, probes, replace(EFFORT, blocks=1)) as measurement:
        measurement.blocks(TWO)
        launches = measurement.journal.read(Launch)
        assert MOST_ATTEMPTS == 3
        assert Counter(launch.attempt for launch in launches) == {0: 2, 1: 2, 2: 2}
        assert _cautions(measurement) == {"interference_steal": 6, "stayed_dirty": 2}
        badged = [one for one in measurement.journal.read(Caution) if one.subject == "cell"]
        assert {one.subject_id for one in badged} == {cell.cell.cell_id for cell in TWO}
        assert {one.detail for one in badged} == {"block 1, 3 attempts"}


def test_a_warm_up_that_does_not_settle_is_told_but_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda _name, _number: an_answer(1.0, 2.0, settled=False))
    with _measuring(tmp_path, monkeypatch, probes, replace(EFFORT, blocks=1)) as measurement:
        measurement.blocks(TWO)
        assert _cautions(measurement) == {"warmup_unsettled": 2}
        assert probes.launched == {"f32": 1, "default": 1}


def test_a_cell_that_never_worked_is_not_launched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda name, _number: FAILED if name == "f32" else an_answer(1.0, 2.0))
    with _measuring(tmp_path, monkeypatch, probes) as measurement:
        measurement.blocks(TWO)
        assert probes.launched == {"f32": 1, "default": 3}
        (failed,) = measurement.failed(TWO)
        assert failed.cell.arm == "fp32@f32"
        assert measurement.last_failure == "a fp32@f32: it broke"
        assert [launch.error for launch in measurement.journal.read(Launch) if launch.error] == [
            "it broke"
        ]


def test_a_cell_that_worked_may_fail_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_after_the_first(name: str, number: int) -> Answer:
        return FAILED if name == "f32" and number else an_answer(1.0, 2.0)

    probes = Probes(fails_after_the_first)
    with _measuring(tmp_path, monkeypatch, probes, replace(EFFORT, blocks=8)) as measurement:
        measurement.blocks(TWO)
        assert probes.launched == {"f32": 1 + 3, "default": 8}
        assert not measurement.failed(TWO), "it was measured once"


def test_a_cell_without_a_good_launch_is_not_profiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda _name, _number: FAILED)
    with _measuring(tmp_path, monkeypatch, probes) as measurement:
        assert measurement.blocks(TWO) == 3
        measurement.profiles(TWO)
        measurement.startups(TWO)
        assert len(measurement.failed(TWO)) == 2
        assert {launch.kind for launch in measurement.journal.read(Launch)} == {"timing"}
        assert probes.launched == {"f32": 1, "default": 1}


ADAPTIVE = replace(EFFORT, level="adaptive", blocks=PILOT_BLOCKS)


def _scattered(spread: float) -> Callable[[str, int], Answer]:
    """The cell ``f32`` takes by turns less and more, block by block."""
    return lambda name, number: an_answer(
        *[1.0 + (spread * (-1) ** number if name == "f32" else 0.0)] * 4
    )


@pytest.mark.parametrize(("spread", "blocks"), [(0.0, PILOT_BLOCKS), (0.03, 15)])
def test_an_adaptive_run_measures_what_its_pilot_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spread: float, blocks: int
) -> None:
    probes = Probes(_scattered(spread))
    with _measuring(tmp_path, monkeypatch, probes, ADAPTIVE) as measurement:
        found = measurement.blocks(TWO)
        assert found == probes.launched["f32"] == len(measurement.journal.read(Block))
        assert found >= blocks
        assert not _cautions(measurement)


def test_the_number_of_blocks_is_computed_once_from_the_pilot_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wild_later(name: str, number: int) -> Answer:
        return _scattered(0.03 if number < PILOT_BLOCKS else 0.5)(name, number)

    with _measuring(tmp_path / "calm", monkeypatch, Probes(_scattered(0.03)), ADAPTIVE) as calm:
        expected = calm.blocks(TWO)
    assert PILOT_BLOCKS < expected < MOST_ADAPTIVE_BLOCKS
    with _measuring(tmp_path / "wild", monkeypatch, Probes(wild_later), ADAPTIVE) as wild:
        assert wild.blocks(TWO) == expected


def test_an_adaptive_run_has_a_limit_and_says_when_it_met_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _measuring(tmp_path, monkeypatch, Probes(_scattered(0.5)), ADAPTIVE) as measurement:
        assert measurement.blocks(TWO) == MOST_ADAPTIVE_BLOCKS
        assert _cautions(measurement) == {"adaptive_limit": 1}


@pytest.mark.parametrize("before", [2, PILOT_BLOCKS, PILOT_BLOCKS + 1])
def test_an_adaptive_run_that_ended_early_goes_on_to_the_same_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    whole = Probes(_scattered(0.5))
    interrupted = Probes(_interrupting(_scattered(0.5), before))
    with (
        _measuring(tmp_path, monkeypatch, interrupted, ADAPTIVE) as measurement,
        pytest.raises(KeyboardInterrupt),
    ):
        measurement.blocks(TWO)
    whole.launched.update({"f32": before, "default": before})
    with _measuring(tmp_path, monkeypatch, whole, ADAPTIVE) as measurement:
        assert measurement.blocks(TWO) == MOST_ADAPTIVE_BLOCKS
        assert _cautions(measurement) == {"adaptive_limit": 1}
        assert whole.launched["f32"] == MOST_ADAPTIVE_BLOCKS


def _interrupting(answer: Callable[[str, int], Answer], after: int) -> Callable[[str, int], Answer]:
    def stops(name: str, number: int) -> Answer:
        if number == after:
            raise KeyboardInterrupt
        return answer(name, number)

    return stops


def test_a_run_that_goes_on_measures_only_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Probes(_interrupting(lambda _name, _number: an_answer(1.0, 2.0), 2))
    with (
        _measuring(tmp_path, monkeypatch, first) as measurement,
        pytest.raises(KeyboardInterrupt),
    ):
        measurement.blocks(TWO)
    second = Probes()
    with _measuring(tmp_path, monkeypatch, second) as measurement:
        kept = {launch.launch_id for launch in measurement.journal.read(Launch)}
        assert len(kept) == 4
        measurement.blocks(TWO)
        launches = measurement.journal.read(Launch)
        assert kept < {launch.launch_id for launch in launches}
        assert Counter(launch.block for launch in launches) == {0: 2, 1: 2, 2: 2}
        assert second.launched == {"f32": 1, "default": 1}
        assert not measurement.failed(TWO)


def test_a_run_that_goes_on_remembers_which_cells_do_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(name: str, number: int) -> Answer:
        return FAILED if name == "f32" else _interrupting(lambda *_: an_answer(), 1)(name, number)

    with (
        _measuring(tmp_path, monkeypatch, Probes(answer)) as measurement,
        pytest.raises(KeyboardInterrupt),
    ):
        measurement.blocks(TWO)
    second = Probes()
    with _measuring(tmp_path, monkeypatch, second) as measurement:
        measurement.blocks(TWO)
        assert second.launched == {"default": 2}
        assert [cell.cell.arm for cell in measurement.failed(TWO)] == ["fp32@f32"]
        assert measurement.last_failure == "it broke"


def test_what_was_asked_otherwise_is_told_once_for_each_cell_also_when_a_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_name: str, _number: int) -> Answer:
        return replace(an_answer(), adjustments=("f32 in place of default",))

    stopped = Probes(_interrupting(answer, 2))
    with (
        _measuring(tmp_path, monkeypatch, stopped) as measurement,
        pytest.raises(KeyboardInterrupt),
    ):
        measurement.blocks(TWO)
    with _measuring(tmp_path, monkeypatch, Probes(answer)) as measurement:
        measurement.blocks(TWO)
        told = [
            caution
            for caution in measurement.journal.read(Caution)
            if caution.caution_id == "asked_otherwise"
        ]
        assert sorted(caution.subject_id for caution in told) == sorted(
            cell.cell.cell_id for cell in TWO
        )
        assert {caution.detail for caution in told} == {"f32 in place of default"}


PROFILED = replace(EFFORT, blocks=1, profile_launches=3)


def _profiles(measurement: Measurement) -> list[Launch]:
    return [launch for launch in measurement.journal.read(Launch) if launch.kind == "profile"]


def _layer_names(measurement: Measurement, launch: Launch) -> list[str]:
    nodes = measurement.journal.read(ExecNode)
    return [node.name for node in nodes if node.launch_id == launch.launch_id]


def test_every_measured_cell_is_profiled_once_in_every_round_of_a_sitting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes()
    with _measuring(tmp_path, monkeypatch, probes, PROFILED) as measurement:
        measurement.blocks(PLANNED)
        measurement.profiles(PLANNED)
        profiles = _profiles(measurement)
        seen = Counter((launch.block, _arm_of(PLANNED, launch.cell_id)) for launch in profiles)
        assert seen == dict.fromkeys([(round_, arm) for round_ in range(3) for arm in ARMS], 1)
        assert {(launch.sitting, launch.attempt) for launch in profiles} == {(0, 0)}
        assert sorted({launch.position for launch in profiles}) == [0, 1, 2]
        assert {launch.slice_ms for launch in profiles} == {(1.0, 2.0)}
        assert all(len(_layer_names(measurement, launch)) == 1 for launch in profiles)
        assert [block.block for block in measurement.journal.read(Block)] == [0]
        assert probes.measured_s == {("timing", PROFILED.measure_s), ("profile", 0.3)}


def test_a_disturbed_round_is_measured_again_and_its_last_attempt_has_the_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def steal_twice(name: str, number: int) -> Answer:
        return an_answer(1.0, steal=0.5 if name == "f32" and number < 2 else None)

    effort = replace(PROFILED, profile_launches=1)
    with _measuring(tmp_path, monkeypatch, Probes(profile=steal_twice), effort) as measurement:
        measurement.blocks(TWO)
        measurement.profiles(TWO)
        by_attempt: dict[int, list[Launch]] = {}
        for launch in _profiles(measurement):
            by_attempt.setdefault(launch.attempt, []).append(launch)
        assert {attempt: len(launches) for attempt, launches in by_attempt.items()} == {
            0: 2, 1: 2, 2: 2,
        }  # fmt: skip
        layers = {attempt: [_layer_names(measurement, launch) for launch in launches]
                  for attempt, launches in by_attempt.items()}  # fmt: skip
        assert layers == {0: [[], []], 1: [[], []], 2: [["n2"], ["n2"]]}
        assert _cautions(measurement)["interference_steal"] == 2
        assert "profile_stayed_dirty" not in _cautions(measurement)


def test_a_round_that_stays_disturbed_doubts_the_layers_and_not_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(profile=lambda _name, _number: an_answer(1.0, steal=0.5))
    effort = replace(PROFILED, profile_launches=1)
    with _measuring(tmp_path, monkeypatch, probes, effort) as measurement:
        measurement.blocks(TWO)
        measurement.profiles(TWO)
        assert probes.profiled == {"f32": MOST_ATTEMPTS, "default": MOST_ATTEMPTS}
        found = _cautions(measurement)
        assert (found["profile_stayed_dirty"], found["stayed_dirty"]) == (2, 0)
        details = {caution.detail for caution in measurement.journal.read(Caution)
                   if caution.caution_id == "profile_stayed_dirty"}  # fmt: skip
        assert details == {"profile 1, 3 attempts"}
        assert [_layer_names(measurement, launch) for launch in _profiles(measurement)
                if launch.attempt == 2] == [["n2"], ["n2"]]  # fmt: skip


def test_a_profile_that_fails_in_the_last_attempt_leaves_the_layers_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(name: str, number: int) -> Answer:
        if name == "f32":
            return FAILED if number == 1 else an_answer(1.0)
        return an_answer(1.0, steal=0.5 if number == 0 else None)

    effort = replace(PROFILED, profile_launches=1)
    with _measuring(tmp_path, monkeypatch, Probes(profile=answer), effort) as measurement:
        measurement.blocks(TWO)
        measurement.profiles(TWO)
        found = {
            (_arm_of(TWO, launch.cell_id), launch.attempt): _layer_names(measurement, launch)
            for launch in _profiles(measurement)
        }
        assert found == {
            ("fp32@f32", 0): ["n0"], ("fp32@default", 0): [],
            ("fp32@f32", 1): [], ("fp32@default", 1): ["n1"],
        }  # fmt: skip


def test_a_failed_profile_is_a_fact_and_after_three_the_cell_is_profiled_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(profile=lambda name, _number: FAILED if name == "f32" else an_answer(1.0))
    effort = replace(PROFILED, profile_launches=5)
    with _measuring(tmp_path, monkeypatch, probes, effort) as measurement:
        measurement.blocks(TWO)
        measurement.profiles(TWO)
        assert probes.profiled == {"f32": 3, "default": 5}
        failed = [launch for launch in _profiles(measurement) if launch.status == "failed"]
        assert [(launch.block, launch.error) for launch in failed] == [
            (number, "it broke") for number in range(3)
        ]
        assert not measurement.failed(TWO), "its timing worked"
        assert measurement.last_failure == ""


def test_rounds_that_were_finished_are_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(name: str, number: int) -> Answer:
        return FAILED if name == "f32" else _interrupting(lambda *_: an_answer(), 2)(name, number)

    effort = replace(PROFILED, profile_launches=6)
    with _measuring(tmp_path, monkeypatch, Probes(profile=answer), effort) as measurement:
        measurement.blocks(TWO)
        with pytest.raises(KeyboardInterrupt):
            measurement.profiles(TWO)
    second = Probes(profile=lambda name, _number: FAILED if name == "f32" else an_answer())
    with _measuring(tmp_path, monkeypatch, second, effort) as measurement:
        assert len(_profiles(measurement)) == 4
        measurement.blocks(TWO)
        measurement.profiles(TWO)
        assert not second.launched
        assert second.profiled == {"f32": 1, "default": 4}, "it failed twice before"
        rounds = Counter(launch.block for launch in _profiles(measurement) if launch.status == "ok")
        assert rounds == dict.fromkeys(range(6), 1)
