"""A sitting takes turns: nobody measures beside another, and a failure ends one guest only."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from collector.answers import LaunchAnswer, ProbeFailure, ProfileAnswer
from collector.launcher import Action, Launcher, ProbeRequest
from collector.sitting import LEAST_TURNS, Seat, sit
from tests.unit.fake_probe import GUEST, fake_python, open_files, running_probes

NEIGHBOURS = {"a": 1, "b": 1, "c": 2, "d": 2}
KINDS = pytest.mark.parametrize("kind", ["timing", "profile"])

Answer = LaunchAnswer | ProfileAnswer | ProbeFailure


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which a guest computed, as it logged it."""

    kind: str
    guest: str
    began_s: float
    ended_s: float
    asked_s: float


def _log(folder: Path) -> list[Stretch]:
    words = [line.split() for line in (folder / "log").read_text().splitlines()]
    found = [Stretch(kind, guest, *map(float, times)) for kind, guest, *times in words]
    return sorted(found, key=lambda stretch: stretch.began_s)


def _sit(
    folder: Path, *guests: str, measure_s: float = 0.12, seed: int = 1, timeout_s: float = 20.0,
    kind: Action = "timing",
) -> tuple[Answer, ...]:  # fmt: skip
    """Guests called ``name:expected_ms:fault`` measure in slices of 10 ms or more."""
    folder.mkdir(exist_ok=True)
    launcher = Launcher(python=fake_python(folder, GUEST), timeout_s=timeout_s)
    seats = [
        Seat(
            launcher,
            ProbeRequest(kind, "CPU", model_path=guest, slice_s=0.01),
            NEIGHBOURS[guest[0]],
        )
        for guest in guests
    ]
    return sit(seats, measure_s, np.random.default_rng(seed))


def _turns(folder: Path, size: int) -> list[list[str]]:
    order = [stretch.guest for stretch in _log(folder) if stretch.kind == "slice"]
    return [order[start : start + size] for start in range(0, len(order), size)]


@KINDS
def test_nothing_computes_while_another_one_does(tmp_path: Path, kind: Action) -> None:
    _sit(tmp_path, "a:1:", "b:1:", "c:1:", "d:1:", kind=kind)
    stretches = _log(tmp_path)
    assert len(stretches) == 4 + 4 * 12
    assert all(first.ended_s <= second.began_s for first, second in pairwise(stretches))
    assert [stretch.kind for stretch in stretches[:4]] == ["warm"] * 4


@KINDS
def test_every_turn_has_every_guest_once_and_neighbours_together(
    tmp_path: Path, kind: Action
) -> None:
    _sit(tmp_path, "a:1:", "c:1:", "b:1:", "d:1:", kind=kind)
    turns = _turns(tmp_path, 4)
    assert len(turns) == 12
    assert all(sorted(turn) == ["a", "b", "c", "d"] for turn in turns)
    assert all(NEIGHBOURS[turn[0]] == NEIGHBOURS[turn[1]] for turn in turns)
    assert len({tuple(turn) for turn in turns}) > 3, "the order of the turns is not random"


def test_the_seed_gives_the_order(tmp_path: Path) -> None:
    guests = ("a:1:", "b:1:", "c:1:", "d:1:")
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        _sit(tmp_path / name, *guests, seed=seed)
    one, again, other = (_turns(tmp_path / name, 4) for name in ("one", "again", "other"))
    assert one == again
    assert one != other


def test_slow_and_fast_guests_share_the_turns_and_each_measures_long_enough(
    tmp_path: Path,
) -> None:
    answers = _sit(tmp_path, "a:0.1:", "b:10:")  # three inferences of b take 30 ms
    slices = [stretch for stretch in _log(tmp_path) if stretch.kind == "slice"]
    for guest in ("a", "b"):
        asked = [stretch.asked_s for stretch in slices if stretch.guest == guest]
        assert len(asked) == 4
        assert sum(asked) >= 0.12 - 1e-5
        assert min(asked) >= (0.03 if guest == "b" else 0.01)
    assert all(isinstance(answer, LaunchAnswer) for answer in answers)
    assert {len(a.slice_ms) for a in answers if isinstance(a, LaunchAnswer)} == {4}


def test_a_very_slow_model_still_takes_a_few_turns(tmp_path: Path) -> None:
    _sit(tmp_path, "a:40:", measure_s=0.05)
    assert len(_turns(tmp_path, 1)) == LEAST_TURNS


@pytest.mark.parametrize(
    ("fault", "reason", "last_words"),
    [
        ("segv", "killed by SIGSEGV", None),
        ("exit", "exit code 7", "no luck"),
        ("garbage", "3 apples", None),
        ("wrong", "not one of a probe", None),
        ("hang", "no answer within 3 s", None),
    ],
)
def test_a_guest_that_fails_leaves_the_others_at_the_table(
    tmp_path: Path, fault: str, reason: str, last_words: str | None
) -> None:
    before = open_files()
    first, second, third = _sit(tmp_path, "a:1:", f"b:1:{fault}", "c:2:", timeout_s=3.0)
    assert isinstance(second, ProbeFailure)
    assert reason in second.reason
    assert second.stderr_tail == last_words
    assert isinstance(first, LaunchAnswer)
    assert isinstance(third, LaunchAnswer)
    assert (first.slice_ms, third.slice_ms) == ((1.0,) * 12, (2.0,) * 12)
    assert not running_probes()
    assert open_files() == before


def test_profile_launches_that_sat_together_have_layers_and_the_same_turns(tmp_path: Path) -> None:
    answers = _sit(tmp_path, "a:1:", "b:1:exit", "c:2:", kind="profile")
    first, failed, last = answers
    assert isinstance(failed, ProbeFailure)
    assert isinstance(first, ProfileAnswer)
    assert isinstance(last, ProfileAnswer)
    assert (first.launch.slice_ms, last.launch.slice_ms) == ((1.0,) * 12, (2.0,) * 12)
    assert [node.name for node in first.nodes] == ["node"]
    assert (first.first_count, first.second_count) == (10, 22)
    assert dict(last.second_counters) == {1: 7}


def test_a_sitting_where_all_fail_ends(tmp_path: Path) -> None:
    answers = _sit(tmp_path, "a:1:segv", "b:1:segv")
    assert all(isinstance(answer, ProbeFailure) for answer in answers)
    assert not running_probes()
