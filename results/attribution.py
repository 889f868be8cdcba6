"""Where the wall-clock difference comes from, as sums that close to it exactly.

Adds up what ``results.align`` found. No estimate is made here and no cause named; how sure
a single layer's difference is, ``results.layer_stats`` says. All in µs per inference,
candidate minus baseline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from results.comparison import Attribution, Group, GroupClass, Inserted
from results.inserted import BASELINE, CANDIDATE

_STEPS_PER_US = 1 << 30
"""Times are told in steps of 2^-30 µs, about a femtosecond.

Sums and differences of multiples of one power of two are exact in binary floating point as
long as they fit its 53 bits (up to 2^23 µs, eight seconds): parts and rest add up to the wall
clock to the last bit, in every order.
"""


def attribute(
    baseline_ms: float, candidate_ms: float, groups: Sequence[Group], inserted: Sequence[Inserted]
) -> Attribution:
    """ΔT(wall) = groups by class + inserted - removed + unattributed (design §6).

    ``baseline_ms`` and ``candidate_ms`` come from timing launches, the layers from
    profile launches with counters on. Both are per inference, or per item where the
    scenario is throughput; ``results.per_item`` has then divided the layers' times by
    the streams that ran. What the counters add, what they truncate and what runs
    between layers stands in ``unattributed_us``, whatever its sign; where that is larger
    than the difference, the layers explain nothing: ``withheld``.

    Every figure is rounded to 2^-30 µs first, so that plain addition of the parts and of
    ``unattributed_us``, in any order, gives ``wall_us`` exactly. What the layers' times
    scatter by from launch to launch is in ``unattributed_us`` too.
    """
    wall_us = _stepped((candidate_ms - baseline_ms) * 1000.0)
    parts = [(kind, _stepped(_part(kind, groups, inserted))) for kind in GroupClass]
    unattributed_us = wall_us - math.fsum(us for _, us in parts)
    return Attribution(
        wall_us=wall_us,
        parts=tuple((kind, us) for kind, us in parts if us != 0.0),
        unattributed_us=unattributed_us,
        withheld=abs(unattributed_us) > abs(wall_us),
    )


def _stepped(time_us: float) -> float:
    return round(time_us * _STEPS_PER_US) / _STEPS_PER_US


def _part(kind: GroupClass, groups: Sequence[Group], inserted: Sequence[Inserted]) -> float:
    """A class's share; a conversion that both sides have counts as its difference only."""
    if kind is GroupClass.INSERTED:
        return _sourceless_us(inserted, CANDIDATE, shared=False)
    if kind is GroupClass.REMOVED:
        return -_sourceless_us(inserted, BASELINE, shared=False)
    if kind is GroupClass.CONVERTED_ON_BOTH:
        here = _sourceless_us(inserted, CANDIDATE, shared=True)
        return here - _sourceless_us(inserted, BASELINE, shared=True)
    return _class_delta(groups, kind)


def _class_delta(groups: Sequence[Group], kind: GroupClass) -> float:
    return math.fsum(group.delta_us for group in groups if group.group_class is kind)


def _sourceless_us(inserted: Sequence[Inserted], side: str, *, shared: bool) -> float:
    return math.fsum(
        node.layer.time_us for node in inserted if node.side == side and node.shared == shared
    )
