"""A matrix of scenarios is multiplied out; one that cannot be measured is refused with a reason."""

from __future__ import annotations

import pytest

from collector.scenario import (
    LATENCY,
    MOST,
    SCENARIOS,
    THROUGHPUT,
    Scenario,
    checked,
    first_fault,
    matrix,
)
from results.errors import UsageError


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_with_its_numbers_left_open_is_fine(name: str) -> None:
    assert first_fault(Scenario(name)) is None


@pytest.mark.parametrize("field", MOST)
def test_the_bounds_of_each_number_belong_to_it(field: str) -> None:
    for number in (1, MOST[field]):
        fine = Scenario(THROUGHPUT, **{field: number})
        assert checked(fine) is fine
    for number in (-1, 0, MOST[field] + 1):
        fault = first_fault(Scenario(THROUGHPUT, **{field: number}))
        assert fault is not None
        assert (fault.field, fault.message) == (field, f"{field} is {number}")
        assert fault.hint == f"give 1 to {MOST[field]}"


def test_latency_takes_one_request_and_says_why() -> None:
    assert first_fault(Scenario(LATENCY, requests=1)) is None
    assert first_fault(Scenario(THROUGHPUT, requests=2)) is None
    with pytest.raises(UsageError, match="requests is 2, but latency runs one request at a time"):
        checked(Scenario(LATENCY, requests=2))


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no scenario is called 'sync'; choose one of latency, th"):
        checked(Scenario("sync"))


def test_a_matrix_is_every_combination_once_in_order() -> None:
    found = matrix((THROUGHPUT,), (1, 8), (2, 4, 2))
    assert [(one.batch, one.streams) for one in found] == [(1, 2), (1, 4), (8, 2), (8, 4)]
    assert matrix((LATENCY,), ()) == (Scenario(LATENCY),)


def test_the_title_tells_only_what_was_asked_for() -> None:
    assert Scenario().title == "latency"
    every = Scenario(THROUGHPUT, batch=8, streams=4, threads=2, requests=6)
    assert every.title == "throughput, batch 8, streams 4, threads 2, requests 6"
