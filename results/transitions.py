"""From which precision into which: the time of aligned layers by what ran them on both sides.

Sums what a comparison holds. Conversions between layers of one graph are another matter: see
``Comparison.inserted`` and ``origins`` below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from results.comparison import Group, Inserted, InsertedKind, LayerSide

NOTHING = "none"
"""The precision of a side that has no layer."""


@dataclass(frozen=True)
class Transition:
    """The groups that ran in ``before`` in the baseline and in ``after`` in the candidate.

    Times in µs per inference, or per item in throughput.
    """

    before: str
    after: str
    groups: int
    baseline_us: float
    candidate_us: float

    @property
    def delta_us(self) -> float:
        """Candidate minus baseline in µs: negative is time saved."""
        return self.candidate_us - self.baseline_us


@dataclass(frozen=True)
class Origin:
    """The nodes without a source op that are there for one reason on one side.

    ``shared`` of ``nodes`` are in the other side too.
    """

    side: str
    kind: InsertedKind
    nodes: int
    shared: int
    time_us: float


def transitions(groups: Sequence[Group]) -> tuple[Transition, ...]:
    """Every pair of precisions that occurs, the most time first; each group counts once.

    A side of several layers counts as the precision that most of its time is in.
    """
    found: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        pair = _mostly(group.baseline), _mostly(group.candidate)
        found.setdefault(pair, []).append(group)
    summed = [
        Transition(
            before,
            after,
            len(members),
            math.fsum(group.baseline_us for group in members),
            math.fsum(group.candidate_us for group in members),
        )
        for (before, after), members in found.items()
    ]
    return tuple(sorted(summed, key=lambda one: -(one.baseline_us + one.candidate_us)))


def _mostly(layers: Sequence[LayerSide]) -> str:
    """The precision that most of the layers' time is in, the first of equals."""
    spent_us: dict[str, float] = {}
    for layer in layers:
        known = spent_us.get(layer.runtime_precision, 0.0)
        spent_us[layer.runtime_precision] = known + layer.time_us
    return max(spent_us, key=spent_us.__getitem__) if spent_us else NOTHING


def origins(inserted: Sequence[Inserted]) -> tuple[Origin, ...]:
    """What the nodes without a source op are there for, by side, the most time first."""
    found: dict[tuple[str, InsertedKind], list[Inserted]] = {}
    for one in inserted:
        found.setdefault((one.side, one.kind), []).append(one)
    summed = [
        Origin(
            side,
            kind,
            len(members),
            sum(one.shared for one in members),
            math.fsum(one.layer.time_us for one in members),
        )
        for (side, kind), members in found.items()
    ]
    return tuple(sorted(summed, key=lambda one: (-one.time_us, one.side, one.kind)))
