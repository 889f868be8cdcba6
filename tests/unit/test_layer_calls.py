"""One rule and one set of words for whether a layer became faster or slower, everywhere."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.compare import compare_cells
from results.comparison import Comparison, Group
from results.comparison_words import call_words, told_calls
from results.export_json import comparison_json
from results.layer_calls import Call, call_of, calls_words
from tests.planted import planted_store


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    with closing(planted_store(tmp_path).index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        return compare_cells(index, cells["fp32@f32"], cells["int8-simplified@default"])


def group(
    comparison: Comparison, delta_us: float, low_us: float, high_us: float, *, differs: bool | None
) -> Group:
    return replace(
        comparison.groups[0],
        baseline_us=100.0,
        candidate_us=100.0 + delta_us,
        delta_low_us=low_us,
        delta_high_us=high_us,
        differs=differs,
    )


@pytest.mark.parametrize(
    ("delta_us", "low_us", "high_us", "differs", "call"),
    [
        (-47.2, -51.2, -30.0, True, Call.FASTER),
        (-47.2, -51.2, -22.5, False, Call.LEANS_FASTER),
        (-5.0, -9.9, 0.1, False, Call.NOT_TOLD_APART),
        (0.0, 0.0, 0.0, False, Call.NOT_TOLD_APART),
        (8.2, 2.4, 13.4, False, Call.LEANS_SLOWER),
        (40.0, 30.0, 50.0, True, Call.SLOWER),
        (40.0, 30.0, 50.0, None, Call.NOT_JUDGED),
    ],
)
def test_full_words_are_for_what_holds_among_all_layers(
    comparison: Comparison,
    delta_us: float,
    low_us: float,
    high_us: float,
    differs: bool | None,
    call: Call,
) -> None:
    assert call_of(group(comparison, delta_us, low_us, high_us, differs=differs)) is call


def test_without_an_interval_nothing_is_called(comparison: Comparison) -> None:
    bare = replace(comparison.groups[0], delta_low_us=None, delta_high_us=None, differs=None)
    assert call_of(bare) is Call.NOT_JUDGED
    assert call_words(bare) == "\N{EN DASH}"


def test_calls_are_counted_in_words(comparison: Comparison) -> None:
    leaning = group(comparison, -9.0, -12.0, -6.0, differs=False)
    level = group(comparison, -1.0, -2.0, 1.0, differs=False)
    bare = replace(level, differs=None)
    told = calls_words([leaning, leaning, level, bare])
    assert told == "2 lean faster, 1 not told apart"


def test_where_no_layer_can_be_called_the_launches_and_the_remedy_are_named(
    comparison: Comparison,
) -> None:
    estimate = replace(comparison.estimate, candidate_ms=1.0)
    leaning = group(comparison, -47.0, -80.0, -10.0, differs=False)
    pair = replace(comparison, estimate=estimate, groups=(leaning,) * 94, profile_launches=2)
    told = told_calls(pair)
    assert told.startswith("94 layers judged: 94 lean faster. None can be called")
    assert "from 2 profile launches a side" in told
    assert "598 standard errors beyond 20.0 µs" in told
    assert told.endswith("run --effort publish` makes 8 and tells smaller ones")
    assert "--effort" not in told_calls(replace(pair, profile_launches=8))


def test_where_all_differences_are_below_the_floor_that_is_the_reason(
    comparison: Comparison,
) -> None:
    estimate = replace(comparison.estimate, candidate_ms=1.0)
    small = group(comparison, 11.0, 10.0, 12.0, differs=False)
    told = told_calls(replace(comparison, estimate=estimate, groups=(small,)))
    assert "the largest difference, 11.0 µs, is not above the floor of 20.0 µs" in told
    assert "--effort" not in told


def test_where_a_layer_is_called_no_reason_is_given(comparison: Comparison) -> None:
    called = group(comparison, 90.0, 80.0, 99.0, differs=True)
    assert told_calls(replace(comparison, groups=(called,))) == "1 layer judged: 1 slower"
    unjudged = replace(called, differs=None)
    assert told_calls(replace(comparison, groups=(unjudged,))) == ""


def test_a_comparison_knows_how_many_profile_launches_its_intervals_rest_on(
    comparison: Comparison,
) -> None:
    assert comparison.profile_launches is not None
    assert comparison.profile_launches >= 2
    body = json.loads(comparison_json(comparison))
    assert body["profile_launches"] == comparison.profile_launches
    calls = [one["call"] for one in body["groups"]]
    assert calls == [call_of(one).value for one in comparison.groups]
