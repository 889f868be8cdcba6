"""By what the layers of a comparison were tied together: shares of time, and the words for them.

Tying is ``results.align``'s; how much of the time that covers is ``Coverage``. Here stands how
sure a reader may be of it: by which method, and where sums stand in for single layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results import format as fmt
from results.comparison import Comparison, Coverage, Group
from results.groups import heavy_layers
from results.inserted import CANDIDATE

NAME = "name"
MOST_IN_SUMS = 0.25
"""Above this share of the candidate's time it is told that sums are compared, not layers."""
_METHODS = {
    "consumer": "neighbours",
    "producer": "neighbours",
}
"""Words for methods that do not read well as they are stored."""


@dataclass(frozen=True)
class MatchedBy:
    """A method with its share of the candidate's matched time, and its lowest confidence."""

    method: str
    share: float
    confidence: float


def matched_by(groups: Sequence[Group]) -> tuple[MatchedBy, ...]:
    """By what the groups that both sides have were matched, the largest share first.

    A group's method is that of its weakest link. Empty where nothing was matched, or nothing of
    it took any time.
    """
    both = [group for group in groups if group.baseline and group.candidate]
    total_us = math.fsum(group.candidate_us for group in both)
    if total_us <= 0:
        return ()
    methods: dict[str, list[Group]] = {}
    for group in both:
        methods.setdefault(_METHODS.get(group.method, group.method), []).append(group)
    found = [
        MatchedBy(
            method,
            math.fsum(group.candidate_us for group in own) / total_us,
            min(group.confidence for group in own),
        )
        for method, own in methods.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def summed_share(comparison: Comparison) -> float:
    """The share of the candidate's time in groups with several convolutions or products a side.

    Those cannot be told apart there: their times are compared as sums. 0 without any time.
    """
    own = [node.layer.time_us for node in comparison.inserted if node.side == CANDIDATE]
    total_us = math.fsum((*own, *(group.candidate_us for group in comparison.groups)))
    summed_us = math.fsum(
        group.candidate_us for group in comparison.groups if _holds_several(group)
    )
    return summed_us / total_us if total_us > 0 else 0.0


def _holds_several(group: Group) -> bool:
    both = bool(group.baseline and group.candidate)
    return both and max(len(heavy_layers(side)) for side in (group.baseline, group.candidate)) > 1


def coverage_words(coverage: Coverage) -> str:
    """``matched: 100.0 % of the baseline's time, 99.2 % of the candidate's``."""
    return (
        f"matched: {fmt.percent(coverage.baseline)} of the baseline's time,"
        f" {fmt.percent(coverage.candidate)} of the candidate's"
    )


def matching_notes(comparison: Comparison) -> Iterator[str]:
    """What else has to be known of the matching: nothing where all of it is by name, one by one."""
    found = matched_by(comparison.groups)
    if any(one.method != NAME for one in found):
        yield _methods_words(found)
    summed = summed_share(comparison)
    if summed > MOST_IN_SUMS:
        yield (
            f"{fmt.percent(summed)} of the candidate's time is in groups of several convolutions"
            " or matrix products: they are compared as sums"
        )


def _methods_words(found: Sequence[MatchedBy]) -> str:
    """``matched by name 92.0 % of the time, by structure 8.0 % (confidence 0.7)``."""
    first, *rest = found
    words = f"matched by {first.method} {fmt.percent(first.share)} of the time{_sure(first)}"
    return ", ".join(
        (words, *(f"by {one.method} {fmt.percent(one.share)}{_sure(one)}" for one in rest))
    )


def _sure(one: MatchedBy) -> str:
    return "" if one.confidence >= 1.0 else f" (confidence {one.confidence:.2g})"
