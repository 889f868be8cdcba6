"""Words for the parts of a comparison that the terminal, Markdown and gates all show.

The verdict's own sentence lives in ``results.sentence``, that of accuracy in
``results.accuracy_words``; layout belongs to ``results.render`` and ``results.markdown``.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import format as fmt
from results.comparison import (
    Attribution,
    Comparison,
    Estimate,
    FoundCause,
    Group,
    GroupClass,
    Inserted,
)
from results.groups import FLOOR_SHARE, FLOOR_US, floor_us
from results.kinds import is_int8_variant
from results.roof import GroupRoof

_CLASSES = {
    GroupClass.INT8_FASTER: "layers that INT8 made faster",
    GroupClass.INT8_SLOWER: "layers that INT8 made slower",
    GroupClass.LEFT_IN_FLOAT: "layers left in float",
    GroupClass.FUSION_CHANGED: "layers fused differently",
    GroupClass.PRECISION_CHANGED: "layers of another precision",
    GroupClass.SAME_PRECISION: "layers of the same precision",
    GroupClass.CONVERTED_ON_BOTH: "conversions that both have",
    GroupClass.INSERTED: "inserted",
    GroupClass.REMOVED: "removed",
    GroupClass.UNMATCHED: "unmatched",
}
_SURE_AS_A_WHOLE = "slower_kernel"
WITHHELD = "Withheld: what the layers do not explain is larger than the difference."


def class_words(group_class: GroupClass) -> str:
    """What a bar of the waterfall is called."""
    return _CLASSES.get(group_class, group_class.value.replace("_", " "))


def basis_words(estimate: Estimate) -> str:
    """What an estimate rests on: ``5 paired blocks``, ``unpaired, 5 launches``."""
    if estimate.paired:
        return fmt.counted(estimate.blocks, "paired block")
    return f"unpaired, {fmt.counted(estimate.blocks, 'launch')}"


def estimate_words(estimate: Estimate) -> str:
    """Speed-up with its interval, and how sure that is."""
    low, high = estimate.speedup_bounds
    text = (
        f"speed-up {fmt.speedup(estimate.speedup)}, 95 % interval {fmt.interval(low, high)} "
        f"({basis_words(estimate)}); ratio {estimate.ratio:.3f}"
    )
    settle = settle_words(estimate)
    return f"{text}; {settle}" if settle else text


def ratio_words(estimate: Estimate) -> str:
    """Candidate over baseline with its interval: ``0.819 (0.775 to 0.863)``."""
    low, high = estimate.ci_low, estimate.ci_high
    bounds = fmt.interval(low, high)
    if low is not None and high is not None and bounds != fmt.TOO_WIDE:
        bounds = f"{low:.3f} to {high:.3f}"
    return f"{estimate.ratio:.3f} ({bounds})"


def settle_words(estimate: Estimate) -> str | None:
    """How many blocks an inconclusive verdict needs, where that is known."""
    if estimate.blocks_needed is None:
        return None
    return f"about {fmt.counted(estimate.blocks_needed, 'block')} would settle it"


def ceiling_words(comparison: Comparison) -> str | None:
    """The speed-up beside what the instruction set makes possible; None where that is unknown.

    The ceiling counts convolutions and matrix products alone, so it can be passed
    (docs/ceiling.md); then it is not called what is possible.
    """
    ceiling = comparison.ceiling
    if ceiling is None:
        return None
    speedup = comparison.estimate.speedup
    got, possible = fmt.speedup(speedup), fmt.speedup(ceiling.model)
    low, high = f"{ceiling.layer_low:.3g}", f"{ceiling.layer_high:.3g}"
    factor = f"{high}x" if low == high else f"{low}-{high}x"
    share = fmt.percent(ceiling.heavy_share)
    heavy = "convolutions and matrix products"
    if speedup <= ceiling.model:
        why = f"{ceiling.isa} allows {factor} in {heavy}, {share} of the baseline's time"
        return f"ceiling: {got} of a possible {possible}; {why}"
    more = f"{got}, more than the" if got != possible else "all of the"
    why = f"{ceiling.isa} allows {factor} there, {share} of the baseline's time"
    return f"ceiling: {more} {possible} that {heavy} alone could give; {why}"


def neighbours(inserted: Inserted) -> str:
    """What an inserted layer stands between: operations of the model where they are known."""
    producer = inserted.producer_op or inserted.producer or fmt.DASH
    consumer = inserted.consumer_op or inserted.consumer or fmt.DASH
    return f"{producer} and {consumer}"


def cause_words(cause: FoundCause) -> str:
    """``84.6 µs, 1.27x without it, confidence high``."""
    gain = f"{fmt.us(cause.recoverable_us)}, " if cause.recoverable_us else ""
    without = cause.speedup_without
    bound = "" if without is None else f"{fmt.speedup(without)} without it, "
    return f"{gain}{bound}confidence {cause.confidence}"


def delta_bounds(group: Group) -> str:
    """The 95 % interval of a group's difference in µs: ``-31.2 to -27.0``."""
    if group.delta_low_us is None or group.delta_high_us is None:
        return fmt.DASH
    low, high = (
        fmt.delta_us(bound).removesuffix(" µs")
        for bound in (group.delta_low_us, group.delta_high_us)
    )
    return f"{low} to {high}"


def differs_words(group: Group) -> str:
    """Whether a group is called different; a dash where that could not be judged."""
    return fmt.DASH if group.differs is None else "yes" if group.differs else "no"


def least_us(comparison: Comparison) -> float | None:
    """What a layer of this pair must differ by to be called different, in µs per inference.

    None in throughput, where 20 µs of an inference are shared by its items (``groups.floor_us``)
    and a comparison does not hold how many there were.
    """
    if comparison.candidate.is_throughput:
        return None
    return floor_us(comparison.estimate.candidate_ms * 1000.0)


def least_words(comparison: Comparison) -> str:
    """``22.0 µs``; in throughput the rule instead of the figure."""
    known_us = least_us(comparison)
    if known_us is not None:
        return fmt.us(known_us)
    share = f"{100 * FLOOR_SHARE:.0f} % of the candidate's time"
    return f"{FLOOR_US:.0f} µs of an inference or {share}, whichever is larger"


def differs_rule(comparison: Comparison) -> str:
    """When a layer of this pair is called different, with the figure of this pair."""
    here = "" if comparison.candidate.is_throughput else " here"
    return (
        f"differs: beyond chance among all layers, and by at least {least_words(comparison)}{here}"
    )


def judged_words(comparison: Comparison, group: Group) -> str:
    """Whether the group by itself is called different, and what it lacks; empty if not judged."""
    if group.differs is None:
        return ""
    if group.differs:
        return f"differs beyond chance, by at least {least_words(comparison)}"
    low_us, high_us = group.delta_low_us, group.delta_high_us
    if low_us is not None and high_us is not None and low_us <= 0.0 <= high_us:
        return "within chance: the interval of the difference holds 0"
    floor = least_us(comparison)
    if floor is not None and abs(group.delta_us) > floor:
        return f"not beyond chance by more than {fmt.us(floor)}, among all layers"
    return f"too small to be called by itself: below the floor of {least_words(comparison)}"


def together_words(comparison: Comparison, cause: FoundCause, groups: Sequence[Group]) -> str:
    """Why a cause is sure of ``groups`` of which single ones are not called; empty where all are.

    ``slower_kernel`` names such layers only where their type surely loses time as a whole.
    """
    if cause.cause_id != _SURE_AS_A_WHOLE:
        return ""
    judged = [group for group in groups if group.differs is not None]
    called = sum(group.differs is True for group in judged)
    if called == len(judged):
        return ""
    some = f"{called} of them" if called else "none of them"
    return (
        f"Together they lose time beyond chance. By itself {some} is called different, which takes "
        f"{least_words(comparison)} or more: single ones are too small or too unsteady for that"
    )


def is_turned_round(comparison: Comparison) -> bool:
    """Whether INT8 is the baseline and float the candidate, so that no cause can be told."""
    baseline, candidate = comparison.baseline.variant_kind, comparison.candidate.variant_kind
    return is_int8_variant(baseline) and not is_int8_variant(candidate)


def unseen_words(attribution: Attribution) -> str | None:
    """How much no layer's counter sees, where that is more than half of the difference."""
    unseen_us, wall_us = attribution.unattributed_us, attribution.wall_us
    if 2.0 * abs(unseen_us) <= abs(wall_us):
        return None
    return (
        f"More than half of the difference, {fmt.delta_us(unseen_us)} of {fmt.delta_us(wall_us)}, "
        "is time that no layer's counter sees: the layers explain the smaller part"
    )


def got_words(group: Group) -> str:
    """How many times as fast the group became, and what was possible: ``3.95x of 4.00x``.

    A group that gains in memory too can pass that: ``7.20x, over 4.00x`` (docs/ceiling.md).
    """
    possible = group.roof.possible if group.roof else None
    if possible is None or not group.candidate_us > 0 or not group.baseline_us > 0:
        return fmt.DASH
    got = group.baseline_us / group.candidate_us
    return f"{fmt.speedup(got)}{' of' if got <= possible else ', over'} {fmt.speedup(possible)}"


def shares_words(roof: GroupRoof | None) -> str:
    """How near both sides came to the device's roof: ``55.1 % -> 29.6 %``."""
    if roof is None or (roof.baseline_share is None and roof.candidate_share is None):
        return fmt.DASH
    shares = roof.baseline_share, roof.candidate_share
    return " -> ".join(fmt.DASH if share is None else fmt.percent(share) for share in shares)


def bound_words(roof: GroupRoof | None) -> str:
    """What bounds the candidate in a group, by the measured peaks."""
    if roof is None or roof.memory_bound is None:
        return fmt.DASH
    return "memory" if roof.memory_bound else "computing"
