"""A against A: two comparisons per sitting of four; what they are called is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from collector.answers import LaunchAnswer, ProbeFailure
from collector.asking import Asker
from collector.certify import Certifier
from collector.effort import Effort
from collector.sitting import Seat
from results.errors import MeasurementError
from results.facts import CertificateTrial
from results.journal import Journal
from tests.unit.planned import an_answer, plan

BLOCKS = 5
EFFORT = Effort("quick", blocks=BLOCKS, pin=False)
Answers = tuple[LaunchAnswer | ProbeFailure, ...]


@dataclass
class Probes:
    """Sits in place of probes; ``answers`` says what the n-th sitting brings."""

    answers: Callable[[int], Answers]
    sittings: int = 0

    def sit(
        self, seats: Sequence[Seat], _measure_s: float, _generator: np.random.Generator
    ) -> Answers:
        assert len(seats) == 4
        assert len({seat.request for seat in seats}) == 1, "A is measured against A"
        self.sittings += 1
        return self.answers(self.sittings - 1)


def _four(*headlines_ms: float, steal: float | None = None) -> Answers:
    """Four launches with these headlines in every turn; the first alone meets ``steal``."""
    disturbed = [steal, None, None, None]
    return tuple(
        an_answer(ms, ms, ms, steal=share)
        for ms, share in zip(headlines_ms, disturbed, strict=True)
    )


EQUAL = _four(1.0, 1.0, 1.0, 1.0)


@contextmanager
def _certifier(
    folder: Path, monkeypatch: pytest.MonkeyPatch, probes: Probes, comparisons: int
) -> Iterator[Certifier]:
    monkeypatch.setattr("collector.certify.sit", probes.sit)
    is_new = not (folder / "unfinished" / "run").exists()
    made = Journal.create(folder, "run", "{}") if is_new else Journal.open(folder, "run")
    with made as journal:
        yield Certifier(
            "run", Asker(EFFORT, 1), journal, lambda _what, _s: None, plan("a")[0], comparisons
        )


def test_equal_launches_raise_no_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probes = Probes(lambda _: EQUAL)
    with _certifier(tmp_path, monkeypatch, probes, 6) as certifier:
        found = certifier.certificate()
    assert (found.comparisons, found.false_alarms, found.equivalent) == (6, 0, 6)
    assert (found.disturbed, found.blocks, found.effort) == (0, BLOCKS, "quick")
    assert probes.sittings == 3 * BLOCKS


def test_an_odd_number_of_comparisons_is_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _certifier(tmp_path, monkeypatch, Probes(lambda _: EQUAL), 3) as certifier:
        assert certifier.certificate().comparisons == 3
        assert [trial.trial for trial in certifier.journal.read(CertificateTrial)] == [0, 1, 2]


def test_what_differs_in_every_block_is_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda _: _four(1.0, 1.1, 1.0, 0.9))
    with _certifier(tmp_path, monkeypatch, probes, 2) as certifier:
        found = certifier.certificate()
        trials = certifier.journal.read(CertificateTrial)
    assert (found.false_alarms, found.equivalent) == (2, 0)
    assert [trial.verdict for trial in trials] == ["slower", "faster"]
    assert [trial.ratio for trial in trials] == pytest.approx([1.1, 0.9])
    assert all(trial.ci_low is not None and trial.blocks == BLOCKS for trial in trials)


def test_a_disturbed_sitting_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wild = _four(9.0, 1.0, 1.0, 1.0, steal=0.5)
    probes = Probes(lambda number: wild if number == 0 else EQUAL)
    with _certifier(tmp_path, monkeypatch, probes, 2) as certifier:
        found = certifier.certificate()
    assert (found.equivalent, found.disturbed) == (2, 0)
    assert probes.sittings == BLOCKS + 1


def test_blocks_that_stay_disturbed_are_used_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda _: _four(1.0, 1.0, 1.0, 1.0, steal=0.5))
    with _certifier(tmp_path, monkeypatch, probes, 2) as certifier:
        found = certifier.certificate()
        trials = certifier.journal.read(CertificateTrial)
    assert probes.sittings == 3 * BLOCKS
    assert found.disturbed == 1, "only the first pair's launches were disturbed"
    assert [trial.dirty_blocks for trial in trials] == [BLOCKS, 0]


def test_a_launch_that_fails_ends_the_certificate_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = Probes(lambda _: (*EQUAL[:3], ProbeFailure("it broke", None)))
    with (
        _certifier(tmp_path, monkeypatch, probes, 2) as certifier,
        pytest.raises(MeasurementError, match="it broke"),
    ):
        certifier.certificate()


def test_a_certificate_that_goes_on_keeps_the_comparisons_that_were_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(number: int) -> Answers:
        if number == BLOCKS + 2:
            raise KeyboardInterrupt
        return _four(1.0, 1.1, 1.0, 1.1)

    with (
        _certifier(tmp_path, monkeypatch, Probes(stops), 6) as certifier,
        pytest.raises(KeyboardInterrupt),
    ):
        certifier.certificate()
    probes = Probes(lambda _: EQUAL)
    with _certifier(tmp_path, monkeypatch, probes, 6) as certifier:
        found = certifier.certificate()
    assert (found.comparisons, found.false_alarms, found.equivalent) == (6, 2, 4)
    assert probes.sittings == 2 * BLOCKS
