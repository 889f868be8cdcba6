"""When a layer is called different, in words; what a cause is sure of; what nothing sees."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.compare import compare_cells
from results.comparison import Attribution, Comparison, FoundCause, Group, GroupClass
from results.comparison_words import (
    calls_rule,
    got_words,
    is_turned_round,
    judged_words,
    together_words,
    unseen_words,
)
from results.markdown import comparison_markdown
from results.render import comparison_text, to_text
from results.roof import GroupRoof
from tests.planted import planted_store

SLOWER = FoundCause("slower_kernel", "Title", 20.0, "seen", "do", "high", ())


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    with closing(planted_store(tmp_path).index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        return compare_cells(index, cells["fp32@f32"], cells["int8-simplified@default"])


def taking(comparison: Comparison, candidate_ms: float) -> Comparison:
    return replace(comparison, estimate=replace(comparison.estimate, candidate_ms=candidate_ms))


def judged(comparison: Comparison, delta_us: float, low_us: float, high_us: float) -> Group:
    """A group that was judged and is not called different."""
    group = replace(comparison.groups[0], baseline_us=100.0, candidate_us=100.0 + delta_us)
    return replace(group, differs=False, delta_low_us=low_us, delta_high_us=high_us)


def test_the_rule_has_the_figure_of_the_pair(comparison: Comparison) -> None:
    rule = "faster and slower: beyond chance among all layers, and by at least {} here; leans:"
    assert calls_rule(taking(comparison, 2.2)).startswith(rule.format("22.0 µs"))
    assert calls_rule(taking(comparison, 0.5)).startswith(rule.format("20.0 µs"))


def test_in_throughput_the_rule_has_the_figure_per_item(comparison: Comparison) -> None:
    candidate = replace(comparison.candidate, scenario="throughput")
    pair = taking(replace(comparison, candidate=candidate, items=8.0), 0.1)
    assert "by at least 2.50 µs per item here" in calls_rule(pair)
    assert "by at least 10.0 µs per item here" in calls_rule(taking(pair, 1.0))


def test_a_layer_that_is_not_called_says_which_of_the_two_it_lacks(comparison: Comparison) -> None:
    pair = taking(comparison, 2.2)
    chance = judged_words(pair, judged(pair, 11.0, -3.0, 25.0))
    assert chance == "not told apart: the interval of the difference holds 0"
    small = judged_words(pair, judged(pair, 11.0, 3.0, 15.0))
    assert small.startswith("leans slower: ")
    assert "below the floor of 22.0 µs" in small
    unsteady = judged_words(pair, judged(pair, 25.0, 3.0, 47.0))
    assert unsteady == "leans slower: not beyond chance by more than 22.0 µs, among all layers"
    called = replace(judged(pair, 90.0, 80.0, 99.0), differs=True)
    assert judged_words(pair, called).startswith("slower, beyond chance")
    assert judged_words(pair, replace(called, differs=None)) == ""


def test_a_cause_of_layers_that_are_not_called_by_themselves_says_so(
    comparison: Comparison,
) -> None:
    pair = taking(comparison, 2.2)
    small = judged(pair, 11.0, 3.0, 15.0)
    called = replace(small, differs=True)
    pair = replace(pair, profile_launches=2)
    told = together_words(pair, SLOWER, [small, small])
    assert "Together they lose time beyond chance" in told
    assert "One by one: 2 lean slower, from 2 profile launches a side" in told
    assert "a single layer takes 22.0 µs or more" in told
    assert "1 leans slower, 1 slower" in together_words(pair, SLOWER, [small, called])
    assert together_words(pair, SLOWER, [called]) == ""
    other = replace(SLOWER, cause_id="left_in_float")
    assert together_words(pair, other, [small]) == "", "it says nothing of lost time"


def test_int8_as_the_baseline_is_known(comparison: Comparison) -> None:
    assert not is_turned_round(comparison)
    turned = replace(comparison, baseline=comparison.candidate, candidate=comparison.baseline)
    assert is_turned_round(turned)
    assert not is_turned_round(replace(comparison, baseline=comparison.candidate))


def test_most_of_a_difference_that_nothing_sees_is_said(comparison: Comparison) -> None:
    told = unseen_words(Attribution(-487.0, (), -263.0, withheld=False))
    assert told is not None
    assert "-263 µs of -487 µs" in told
    assert unseen_words(Attribution(-487.0, (), -243.0, withheld=False)) is None


def test_the_terminal_and_markdown_have_the_same_rule(comparison: Comparison) -> None:
    rule = calls_rule(comparison)
    assert rule in comparison_markdown(comparison).replace("\\", "")
    assert rule in " ".join(to_text(comparison_text(comparison)).split())


def test_what_stayed_in_float_has_nothing_of_what_int8_makes_possible(
    comparison: Comparison,
) -> None:
    roof = GroupRoof(1.0, 2.0, 2.0, None, None, 2.0, None)
    found = replace(comparison.groups[0], roof=roof, baseline_us=15.0, candidate_us=7.5)
    in_int8 = replace(found, group_class=GroupClass.INT8_FASTER)
    assert got_words(in_int8) == "2.00x of 2.00x"
    assert got_words(replace(in_int8, candidate_us=5.0)) == "3.00x, over 2.00x"
    floated = replace(found, group_class=GroupClass.LEFT_IN_FLOAT)
    assert got_words(floated) == "2.00x; in INT8 up to 2.00x"
    assert got_words(replace(floated, candidate_us=5.0)) == "3.00x; in INT8 up to 2.00x"
