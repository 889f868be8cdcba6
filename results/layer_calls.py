"""The one rule and the one set of words for whether a single layer became faster or slower.

Charts, tables, windows, causes and the command line take their word, and pages their colour,
from here. The tests behind it are ``results.layer_stats``'; of a whole cell there are verdicts,
which are another matter (``results.comparison.Verdict``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol


class Call(StrEnum):
    """What is called of a single layer, the candidate against the baseline.

    ``faster`` and ``slower`` hold among all layers of the pair (``Group.differs``); what only
    leans has an interval of its own that leaves out 0, which among many layers some have by
    chance. ``not judged`` is what one side alone has, and what was profiled too seldom.
    """

    FASTER = "faster"
    LEANS_FASTER = "leans faster"
    NOT_TOLD_APART = "not told apart"
    LEANS_SLOWER = "leans slower"
    SLOWER = "slower"
    NOT_JUDGED = "not judged"

    @property
    def is_sure(self) -> bool:
        """Whether it holds among all layers of the pair."""
        return self in {Call.FASTER, Call.SLOWER}

    @property
    def leans(self) -> bool:
        """Whether only the layer's own interval tells it."""
        return self in {Call.LEANS_FASTER, Call.LEANS_SLOWER}

    @property
    def turned(self) -> Call:
        """The call of the baseline against the candidate."""
        return _TURNED.get(self, self)


_TURNED = {
    Call.FASTER: Call.SLOWER,
    Call.SLOWER: Call.FASTER,
    Call.LEANS_FASTER: Call.LEANS_SLOWER,
    Call.LEANS_SLOWER: Call.LEANS_FASTER,
}


class Judged(Protocol):
    """A layer with what its profile launches say: µs, candidate minus baseline."""

    @property
    def delta_us(self) -> float:
        """The difference."""

    @property
    def delta_low_us(self) -> float | None:
        """The lower end of its 95 % interval."""

    @property
    def delta_high_us(self) -> float | None:
        """The upper end."""

    @property
    def differs(self) -> bool | None:
        """Whether it holds among all layers of the pair; None where that was not judged."""


def call_of(layer: Judged) -> Call:
    """The call of one layer."""
    low_us, high_us = layer.delta_low_us, layer.delta_high_us
    if layer.differs is None or low_us is None or high_us is None:
        return Call.NOT_JUDGED
    if layer.differs:
        return Call.SLOWER if layer.delta_us > 0.0 else Call.FASTER
    if low_us <= 0.0 <= high_us:
        return Call.NOT_TOLD_APART
    return Call.LEANS_SLOWER if layer.delta_us > 0.0 else Call.LEANS_FASTER


def calls_words(layers: Iterable[Judged]) -> str:
    """``2 faster, 7 lean faster, 85 not told apart``; what was not judged is left out."""
    counts = Counter(call_of(layer) for layer in layers)
    told = ((call, counts[call]) for call in Call if call is not Call.NOT_JUDGED and counts[call])
    return ", ".join(f"{number} {_plural(call, number)}" for call, number in told)


def _plural(call: Call, number: int) -> str:
    return call.value.replace("leans", "lean") if number > 1 else call.value
