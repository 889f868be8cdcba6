"""What changed between two versions, in lines that add up to the wall-clock difference.

Pure: the changes of a cell in, words out. The causes tell only what moved enough to be told;
here what no layer accounts for stands among them by its size, and the rest below them.
"""

from __future__ import annotations

import math

from results import format as fmt
from results.comparison import GroupClass
from results.versions.change_causes import (
    LEAST_SHARE,
    SAME_KERNELS_FASTER,
    SAME_KERNELS_SLOWER,
)
from results.versions.change_shapes import LEAST_TOLD_US, ChangeKind
from results.versions.shapes import Changes
from results.versions.words import cause_words

UNATTRIBUTED = "what no layer accounts for (unattributed)"
SMALLER = "all that is not told here, together"
CUT_OTHERWISE = (
    "Compare adds up to the same difference, cut by another question: a layer that INT8 left in "
    "float counts there as that, and here under what changed in it: kernel, precision or fusion."
)
"""Why the sums of fusions are not those of the page Compare."""


def closing_lines(found: Changes, most: int) -> tuple[str, ...]:
    """The ``most`` largest causes with what is none, the largest first, then the rest.

    None is what no layer accounts for, and what both versions have and ran at another pace.

    Their times add up to the wall-clock difference. Without times (withheld), or without
    layers, the causes alone.
    """
    shown = found.causes[:most]
    if found.withheld or found.unattributed_us is None or not found.causes:
        return tuple(map(cause_words, shown))
    parts = [(cause.delta_us or 0.0, cause_words(cause)) for cause in shown]
    parts.append((found.unattributed_us, _timed(UNATTRIBUTED, found.unattributed_us)))
    parts += _unchanged(found)
    told = sorted(parts, key=lambda part: -abs(part[0]))
    rest_us = found.wall_us - math.fsum(us for us, _ in told)
    told.append((rest_us, _timed(SMALLER, rest_us)))
    return tuple(words for us, words in told if abs(us) >= LEAST_TOLD_US)


def _unchanged(found: Changes) -> list[tuple[float, str]]:
    """What both versions have, by kind, where it moved as much as a cause and is told as none."""
    as_cause = any(cause.text in {SAME_KERNELS_FASTER, SAME_KERNELS_SLOWER}
                   for cause in found.causes)  # fmt: skip
    words = {ChangeKind.CONVERTED_IN_BOTH: "conversions that both have"}
    if not as_cause:
        words[ChangeKind.SAME] = "groups with the same kernels"
    floor_us = LEAST_SHARE * abs(found.wall_us)
    return [
        (one.delta_us, _timed(f"{fmt.count(one.count)} {words[one.kind]}", one.delta_us))
        for one in found.sums
        if one.kind in words and abs(one.delta_us) >= floor_us
    ]


def total_words(found: Changes) -> str:
    """What the lines add up to; empty where they have no times."""
    if found.withheld or found.unattributed_us is None or not found.causes:
        return ""
    return f"Together {fmt.delta_us(found.wall_us)}, by the wall clock."


def is_cut_otherwise(found: Changes) -> bool:
    """Whether Compare has layers of this pair in a class that the kinds of change know nothing of.

    That is what INT8 left in float.
    """
    attribution = found.comparison.attribution
    parts = attribution.parts if attribution else ()
    return any(kind is GroupClass.LEFT_IN_FLOAT for kind, _ in parts)


def _timed(words: str, time_us: float) -> str:
    return f"{words} ({fmt.delta_us(time_us)})"
