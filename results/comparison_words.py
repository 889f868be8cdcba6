"""Words for the parts of a comparison that the terminal, Markdown and gates all show.

The verdict's own sentence lives in ``results.sentence``, that of accuracy in
``results.accuracy_words``; layout belongs to ``results.render`` and ``results.markdown``.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import format as fmt
from results.alike import is_same_place
from results.comparison import (
    Attribution,
    Comparison,
    Estimate,
    FoundCause,
    Group,
    GroupClass,
    Inserted,
)
from results.groups import floor_us
from results.headline import no_layers
from results.kinds import is_int8_variant
from results.layer_calls import Call, call_of, calls_words
from results.roof import GroupRoof
from results.shares import SIGNIFICANCE
from results.stats import t_quantile

_SURE_AS_A_WHOLE, _IN_FLOAT = "slower_kernel", "left_in_float"
_MOST_LAUNCHES, _MOST_EFFORT = 8, "--effort publish"
"""What the collector makes at most of a cell, and the option that asks for it."""
WITHHELD = "Withheld: what the layers do not explain is larger than the difference."


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


def won_back_words(cause: FoundCause) -> str:
    """``up to 84.6 µs to win back``; of layers in float with the condition."""
    condition = " if these ran in INT8" if cause.cause_id == _IN_FLOAT else ""
    return f"up to {fmt.us(cause.recoverable_us)} to win back{condition}"


def cause_words(cause: FoundCause) -> str:
    """``up to 84.6 µs to win back, 1.27x without it, confidence high``."""
    gain = f"{won_back_words(cause)}, " if cause.recoverable_us else ""
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


def call_words(group: Group) -> str:
    """Whether a group became faster or slower; a dash where that could not be judged."""
    call = call_of(group)
    return fmt.DASH if call is Call.NOT_JUDGED else call.value


def least_us(comparison: Comparison) -> float:
    """What a layer of this pair must differ by to be called faster or slower, in µs.

    Per inference; in throughput per item, of which ``Comparison.items`` share an inference.
    """
    return floor_us(comparison.estimate.candidate_ms * 1000.0, comparison.items)


def least_words(comparison: Comparison) -> str:
    """``22.0 µs``; in throughput with what it is of: ``2.50 µs per item``."""
    per = " per item" if comparison.candidate.is_throughput else ""
    return f"{fmt.us(least_us(comparison))}{per}"


def calls_rule(comparison: Comparison) -> str:
    """When a layer of this pair is called faster or slower, with the figure of this pair."""
    return (
        f"faster and slower: beyond chance among all layers, and by at least "
        f"{least_words(comparison)} here; leans: only by its own interval, as some do by chance"
    )


def told_calls(comparison: Comparison) -> str:
    """How many layers are called what, and why none is surely different where none is.

    ``Of 94 layers 2 are ...``; empty where no layer could be judged.
    """
    judged = [one for one in comparison.groups if call_of(one) is not Call.NOT_JUDGED]
    if not judged:
        return ""
    told = f"{fmt.counted(len(judged), 'layer')} judged: {calls_words(judged)}"
    if any(call_of(one).is_sure for one in judged):
        return told
    return f"{told}. {_why_none(comparison, judged)}"


def _why_none(comparison: Comparison, judged: Sequence[Group]) -> str:
    """Why no layer is called faster or slower, with what would help."""
    largest_us = max(abs(group.delta_us) for group in judged)
    launches = comparison.profile_launches or 0
    if largest_us <= least_us(comparison):
        return (
            f"None can be called faster or slower by itself: the largest difference, "
            f"{fmt.us(largest_us)}, is not above the floor of {least_words(comparison)}"
        )
    errors = t_quantile(max(1, launches - 1), 1.0 - 2.0 * SIGNIFICANCE / len(judged))
    more = (
        f"; `python -m collector run {_MOST_EFFORT}` makes {_MOST_LAUNCHES} and tells smaller ones"
        if launches < _MOST_LAUNCHES
        else ""
    )
    return (
        f"None can be called faster or slower by itself from "
        f"{fmt.counted(launches, 'profile launch')} a side: among {fmt.count(len(judged))} "
        f"layers that takes {errors:,.0f} standard errors beyond {least_words(comparison)}{more}"
    )


def judged_words(comparison: Comparison, group: Group) -> str:
    """What is called of the group by itself, and what it lacks for more; empty if not judged."""
    call = call_of(group)
    if call is Call.NOT_JUDGED:
        return ""
    if call.is_sure:
        return f"{call}, beyond chance among all layers, by at least {least_words(comparison)}"
    if call is Call.NOT_TOLD_APART:
        return f"{call}: the interval of the difference holds 0"
    if abs(group.delta_us) > least_us(comparison):
        return f"{call}: not beyond chance by more than {least_words(comparison)}, among all layers"
    return f"{call}: too small to be called by itself, below the floor of {least_words(comparison)}"


def together_words(comparison: Comparison, cause: FoundCause, groups: Sequence[Group]) -> str:
    """Why a cause is sure of ``groups`` of which single ones are not; empty where all are.

    ``slower_kernel`` names such layers only where their type surely loses time as a whole.
    """
    if cause.cause_id != _SURE_AS_A_WHOLE:
        return ""
    judged = [group for group in groups if group.differs is not None]
    if all(group.differs for group in judged):
        return ""
    launches = fmt.counted(comparison.profile_launches or 0, "profile launch")
    return (
        f"Together they lose time beyond chance. One by one: {calls_words(judged)}, from "
        f"{launches} a side; a single layer takes {least_words(comparison)} or more, beyond "
        f"chance among all {fmt.count(len(comparison.groups))}"
    )


def not_sought(comparison: Comparison) -> str:
    """Why no cause was looked for; empty where the catalogue was gone through."""
    if comparison.coverage is None:
        return f"Causes were not looked for: {no_layers(comparison)}"
    if not is_same_place(comparison.baseline, comparison.candidate):
        return "Causes were not looked for: they are told of two cells in one place only"
    kinds = comparison.baseline.variant_kind, comparison.candidate.variant_kind
    if is_int8_variant(kinds[0]) or not is_int8_variant(kinds[1]):
        return "Causes were not looked for: they are told of INT8 against float only"
    return ""


def no_causes_words(comparison: Comparison) -> str:
    """What stands in the place of causes where there are none."""
    return not_sought(comparison) or "No cause of the catalogue was found in this pair"


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

    A group that gains in memory too can pass that: ``7.20x, over 4.00x`` (docs/ceiling.md). What
    stayed in float has nothing of what INT8 makes possible: ``2.00x; in INT8 up to 4.00x``.
    """
    possible = group.roof.possible if group.roof else None
    if possible is None or not group.candidate_us > 0 or not group.baseline_us > 0:
        return fmt.DASH
    got = group.baseline_us / group.candidate_us
    if group.group_class is GroupClass.LEFT_IN_FLOAT:
        return f"{fmt.speedup(got)}; in INT8 up to {fmt.speedup(possible)}"
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
