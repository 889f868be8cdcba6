"""By what layers were matched is told where a reader must know it, in shares of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from results.comparison import Comparison, Coverage, Estimate, Group, Verdict
from results.markdown import comparison_markdown
from results.matched import MatchedBy, matched_by, matching_notes, summed_share
from results.render import comparison_text
from results.terminal import to_text
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, aligned, node, ops

SOURCE = ops(("conv1", "Convolution"), ("conv2", "Convolution"))
TWO = aligned(
    (node(1, "conv1", 300.0), node(2, "conv2", 900.0)),
    (node(1, "conv1", 25.0, precision="u8"), node(2, "conv2", 75.0, precision="u8")),
    SOURCE,
)
FIRST, SECOND = TWO.groups
AS_ONE = aligned(
    (node(1, "conv1", 300.0), node(2, "conv2", 900.0)),
    (node(1, "both", 100.0, precision="u8", names=("conv1", "conv2")),),
    SOURCE,
)


def comparison(groups: Sequence[Group]) -> Comparison:
    estimate = Estimate(Verdict.FASTER, 0.5, 0.49, 0.51, True, 5, None, 1.2, 0.1)
    return Comparison(
        FLOAT_CELL, INT8_CELL, ("run",), estimate, None, Coverage(1.0, 1.0), tuple(groups), (), (),
        (), "A sentence.",
    )  # fmt: skip


def by(group: Group, method: str, confidence: float) -> Group:
    return replace(group, method=method, confidence=confidence)


def test_what_is_all_by_name_needs_no_word() -> None:
    assert matched_by(TWO.groups) == (MatchedBy("name", 1.0, 1.0),)
    assert list(matching_notes(comparison(TWO.groups))) == []


def test_each_method_has_its_share_of_the_candidate_s_time_and_its_lowest_confidence() -> None:
    groups = (by(FIRST, "structure", 0.7), SECOND)
    assert matched_by(groups) == (
        MatchedBy("name", 0.75, 1.0), MatchedBy("structure", 0.25, 0.7),
    )  # fmt: skip
    (line,) = matching_notes(comparison(groups))
    assert line == ("matched by name 75.0 % of the time, by structure 25.0 % (confidence 0.7)")
    both = (by(FIRST, "structure", 0.7), by(SECOND, "structure", 0.6))
    assert matched_by(both) == (MatchedBy("structure", 1.0, 0.6),)


def test_readers_and_writers_are_neighbours() -> None:
    groups = (by(FIRST, "consumer", 0.8), by(SECOND, "producer", 0.8))
    assert matched_by(groups) == (MatchedBy("neighbours", 1.0, 0.8),)


def test_what_has_no_partner_was_matched_by_nothing() -> None:
    alone = replace(by(FIRST, "structure", 0.7), baseline=())
    assert matched_by((alone, SECOND)) == (MatchedBy("name", 1.0, 1.0),)
    assert matched_by(()) == ()


def test_groups_of_several_convolutions_are_told_as_sums() -> None:
    found = comparison(AS_ONE.groups)
    assert summed_share(found) == 1.0
    (line,) = matching_notes(found)
    assert line.startswith("100.0 % of the candidate's time is in groups of several convolutions")
    assert line.endswith("they are compared as sums")


@pytest.mark.parametrize(("others_us", "told"), [(299.0, True), (301.0, False)])
def test_a_quarter_of_the_time_in_sums_is_the_bar(others_us: float, told: bool) -> None:
    groups = (*AS_ONE.groups, replace(FIRST, candidate_us=others_us))
    notes = list(matching_notes(comparison(groups)))
    assert bool(notes) is told


def test_the_terminal_and_the_comment_say_it_behind_the_coverage() -> None:
    found = comparison((by(FIRST, "structure", 0.7), SECOND))
    (line,) = matching_notes(found)
    for text in (to_text(comparison_text(found)), comparison_markdown(found)):
        matched = "matched: 100.0 % of the baseline's time, 100.0 % of the candidate's"
        assert matched in text
        assert text.index(matched) < text.index(line) < text.index("conv1")
