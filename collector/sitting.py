"""A sitting: launches that are alive together and measure in turns.

Every process is started, then they compile and warm up one after the other, then in each
turn every one of them measures a slice, in a random order. What the machine does over
seconds meets all of them alike, and the difference between two of them is taken within
a turn. Nothing is measured while another one computes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from collector.answers import (
    LaunchAnswer,
    ProbeFailure,
    ProfileAnswer,
    launch_answer,
    profile_answer,
)
from collector.launcher import Launcher, ProbeRequest
from collector.probe_process import ProbeProcess

LEAST_TURNS = 4
"""Fewer turns would not tell a drift from a difference; slow models measure longer for it."""


@dataclass(frozen=True)
class Seat:
    """A launch of a sitting: how to start it, what it is asked, and next to whom it sits.

    It is a timing or a profile launch, as its request says; all of a sitting are the same.

    Seats with the same ``neighbours`` measure next to each other in every turn.
    """

    launcher: Launcher
    request: ProbeRequest
    neighbours: Hashable = None


@dataclass
class _Guest:
    """A seat's process while the sitting lasts."""

    process: ProbeProcess
    request: ProbeRequest
    failure: ProbeFailure | None = None
    slice_s: float = 0.0
    answer: LaunchAnswer | ProfileAnswer | None = None

    def step(self, command: str | None, event: str) -> None:
        """Say ``command`` and wait for ``event``; a failure ends this guest's part."""
        if self.failure is not None:
            return
        if command is not None:
            self.process.send(command)
        answer = self.process.expect(event)
        if isinstance(answer, ProbeFailure):
            self.failure = answer
            self.process.close()
        elif event == "warm":
            shortest_s = self._shortest_s(answer["expected_ms"], answer["requests"])
            self.slice_s = max(self.request.slice_s, shortest_s)
        elif event == "done":
            is_profile = self.request.action == "profile"
            self.answer = profile_answer(answer) if is_profile else launch_answer(answer)

    def _shortest_s(self, headline_ms: float, requests: int) -> float:
        """Expected length of the fewest inferences; in throughput one wave more fills up."""
        waves = self.request.slice_min_iterations + (1 if requests > 1 else 0)
        return headline_ms * self.request.items * requests * waves / 1e3

    def outcome(self) -> LaunchAnswer | ProfileAnswer | ProbeFailure:
        return self.answer or self.failure or ProbeFailure("it was never measured", None)


def sit(
    seats: Sequence[Seat], measure_s: float, generator: np.random.Generator
) -> tuple[LaunchAnswer | ProfileAnswer | ProbeFailure, ...]:
    """One launch per seat, measured in turns; answers in the order of the seats.

    A launch that fails leaves the others at the table.
    """
    with ExitStack() as stack:
        guests = [
            _Guest(stack.enter_context(seat.launcher.start(seat.request)), seat.request)
            for seat in seats
        ]
        for guest in guests:
            guest.step(None, "ready")
        for guest in guests:
            guest.step("go", "warm")
        turns = _turns(guests, measure_s)
        for _ in range(turns):
            for place in _order([seat.neighbours for seat in seats], generator):
                guest = guests[place]
                guest.step(f"slice {max(guest.slice_s, measure_s / turns):.6f}", "slice")
        for guest in guests:
            guest.step("end", "done")
        return tuple(guest.outcome() for guest in guests)


def _order(neighbours: Sequence[Hashable], generator: np.random.Generator) -> list[int]:
    """Places in random order, neighbours next to each other."""
    tables: dict[Hashable, list[int]] = {}
    for place in generator.permutation(len(neighbours)):
        tables.setdefault(neighbours[place], []).append(int(place))
    return [place for table in tables.values() for place in table]


def _turns(guests: Sequence[_Guest], measure_s: float) -> int:
    """As many turns as the slowest needs for ``measure_s``, the same for all."""
    slices = [guest.slice_s for guest in guests if guest.failure is None]
    return max(LEAST_TURNS, math.ceil(measure_s / max(slices))) if slices else 0
