"""How cells are driven: ``latency`` and ``throughput``, with batch, streams, threads, requests.

A matrix of them is written as lists; ``matrix`` multiplies it out. What cannot be measured
is said in one place, ``first_fault``, for suite files and for the command line. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from results.errors import UsageError

LATENCY = "latency"
THROUGHPUT = "throughput"
SCENARIOS = (LATENCY, THROUGHPUT)
MOST = MappingProxyType({"batch": 4096, "streams": 1024, "threads": 1024, "requests": 4096})
"""The numbers of a scenario with the largest that is taken; the smallest is 1."""


@dataclass(frozen=True)
class Scenario:
    """One way of driving a model; None leaves a number to the scenario or the device.

    ``latency``: one synchronous request at a time; 1 stream unless told otherwise.
    ``throughput``: asynchronous requests, as many as the device calls optimal.
    ``batch`` None is that of the model as it was read (a dynamic one becomes 1).
    """

    name: str = LATENCY
    batch: int | None = None
    streams: int | None = None
    threads: int | None = None
    requests: int | None = None

    @property
    def title(self) -> str:
        """Name for people: ``throughput, batch 8, 4 streams``."""
        numbers = (
            ("batch {}", self.batch), ("streams {}", self.streams), ("threads {}", self.threads),
            ("requests {}", self.requests),
        )  # fmt: skip
        told = [form.format(number) for form, number in numbers if number is not None]
        return ", ".join([self.name, *told])


@dataclass(frozen=True)
class Fault:
    """Why a scenario cannot be measured: the field, what is wrong with it, what to do."""

    field: str
    message: str
    hint: str


def first_fault(scenario: Scenario) -> Fault | None:
    """What is wrong with a scenario, its first field first; None where nothing is."""
    if scenario.name not in SCENARIOS:
        return Fault(
            "name", f"no scenario is called {scenario.name!r}",
            f"choose one of {', '.join(SCENARIOS)}",
        )  # fmt: skip
    for field, most in MOST.items():
        number: int | None = getattr(scenario, field)
        if number is not None and not 1 <= number <= most:
            return Fault(field, f"{field} is {number}", f"give 1 to {most}")
    if scenario.name == LATENCY and (scenario.requests or 1) > 1:
        return Fault(
            "requests",
            f"requests is {scenario.requests}, but latency runs one request at a time: with more "
            "in flight each would wait for the others",
            "leave requests out, or choose throughput",
        )
    return None


def checked(scenario: Scenario) -> Scenario:
    """The same scenario; raises UsageError with its first fault."""
    fault = first_fault(scenario)
    if fault is not None:
        raise UsageError(fault.message, hint=fault.hint)
    return scenario


def matrix(
    names: Sequence[str] = (LATENCY,),
    batches: Sequence[int | None] = (None,),
    streams: Sequence[int | None] = (None,),
    threads: Sequence[int | None] = (None,),
    requests: Sequence[int | None] = (None,),
) -> tuple[Scenario, ...]:
    """Every combination, each once, in the order given; an empty list leaves it open."""
    axes = [axis or (None,) for axis in (batches, streams, threads, requests)]
    found = [Scenario(name, *numbers) for name in names for numbers in product(*axes)]
    return tuple(dict.fromkeys(found))
