"""A comparison in at most three sentences for a person.

Takes the facts of a comparison and finds words; every number in a sentence stands in the
data, rounded. The first sentence is the verdict, the second what the FP32 file runs at where
that is another baseline, the third where the time went (``results.sentence_where``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results.comparison import (
    Attribution,
    CellView,
    Estimate,
    FoundCause,
    Group,
    Inserted,
    PrecisionShare,
    Verdict,
)
from results.format import TOO_WIDE, bounds, counted, fps, ms, per_second, speedup
from results.groups import heavy_layers
from results.kinds import is_half, is_int8_variant
from results.precision import whole_percent
from results.roof import ModelCeiling
from results.sentence_where import WITHHELD, where_sentence

FORCED, DEFAULT = "f32", "default"
"""The two precisions of a float baseline."""
_MOSTLY = 0.5
_DIGITS = 2
_SETTLED = frozenset({Verdict.FASTER, Verdict.SLOWER})


@dataclass(frozen=True)
class OtherBaseline:
    """The float file in the other precision, and the candidate against it.

    ``precisions`` say in what it ran; they are empty without a profile.
    """

    cell: CellView
    estimate: Estimate
    precisions: tuple[PrecisionShare, ...] = ()


@dataclass(frozen=True)
class Context:
    """What else of a comparison its sentence is made from; each may be unknown."""

    other: OtherBaseline | None = None
    baseline_precisions: tuple[PrecisionShare, ...] = ()
    ceiling: ModelCeiling | None = None
    groups: tuple[Group, ...] = ()
    causes: tuple[FoundCause, ...] = ()


NOTHING_ELSE = Context()


def verdict_sentence(
    baseline: CellView,
    candidate: CellView,
    estimate: Estimate,
    attribution: Attribution | None,
    inserted: Sequence[Inserted],
    *,
    context: Context = NOTHING_ELSE,
) -> str:
    """The verdict, the other baseline, and where the time went if the layers can tell."""
    told = (
        _headline(baseline, candidate, estimate, _possible(estimate, context)),
        _beside(baseline, estimate, context),
        _where(estimate, attribution, inserted, context),
    )
    return " ".join(sentence for sentence in told if sentence)


def _where(
    estimate: Estimate,
    attribution: Attribution | None,
    inserted: Sequence[Inserted],
    context: Context,
) -> str:
    """Of two that are as fast only the cause; nothing where it is not settled."""
    if attribution is None or estimate.verdict is Verdict.INCONCLUSIVE:
        return ""
    settled = estimate.verdict in _SETTLED
    if attribution.withheld:
        return WITHHELD if settled else ""
    shown = attribution if settled else None
    possible = context.ceiling.model if context.ceiling else None
    return where_sentence(shown, inserted, context.causes, estimate, possible)


def _possible(estimate: Estimate, context: Context) -> str:
    """``of a possible 3.12x``; nothing where no ceiling is known.

    The ceiling is of convolutions and matrix products alone (docs/ceiling.md), so that a
    model can be faster than it.
    """
    if context.ceiling is None:
        return ""
    got, most = round(estimate.speedup, _DIGITS), round(context.ceiling.model, _DIGITS)
    if estimate.verdict is not Verdict.FASTER:
        return f", where up to {speedup(most)} as fast was possible" if got < most else ""
    if got < most:
        return f", of a possible {speedup(most)}"
    what = "more than" if got > most else "as much as"
    return f", {what} its {_heavy_noun(context.groups)} alone could give"


def _heavy_noun(groups: Sequence[Group]) -> str:
    """What most of the baseline's heavy time is in: convolutions, or matrix products."""
    spent_us = {True: 0.0, False: 0.0}
    for group in groups:
        for layer in heavy_layers(group.baseline):
            types = (*layer.op_types, layer.node_type)
            spent_us[any("Conv" in name for name in types)] += layer.time_us
    return "matrix products" if spent_us[False] > spent_us[True] else "convolutions"


def _beside(baseline: CellView, estimate: Estimate, context: Context) -> str:
    """What the FP32 file runs at by default, where that is not what the baseline ran at."""
    own, other = _half(context.baseline_precisions), context.other
    if baseline.precision == DEFAULT:
        if own is None:
            return ""
        share = f"{whole_percent(own.share)} of its layers' time"
        against = f"; against {other.cell.arm} {_against(other.estimate)}" if other else ""
        return f"{baseline.arm} ran in {own.precision} ({share}){against}."
    if other is None:
        return ""
    half = _half(other.precisions)
    ran = f" (in {half.precision})" if half else ""
    but = "Against" if other.estimate.verdict is estimate.verdict else "But against"
    arm = f"{other.cell.arm}, what the FP32 file runs at by default{ran},"
    return f"{but} {arm} {_against(other.estimate)}."


def _half(precisions: Sequence[PrecisionShare]) -> PrecisionShare | None:
    """The 16-bit float that most of the layers' time is in."""
    found = (one for one in precisions if is_half(one.precision) and one.share > _MOSTLY)
    return next(found, None)


def _against(estimate: Estimate) -> str:
    """The candidate, as ``it``, against another baseline that has been named."""
    evidence = _evidence(estimate)
    match estimate.verdict:
        case Verdict.FASTER:
            return f"it is {speedup(estimate.speedup)} as fast ({evidence})"
        case Verdict.SLOWER:
            return f"it takes {speedup(estimate.ratio)} as long ({evidence})"
        case Verdict.EQUIVALENT:
            return f"it is as fast, within 2 % ({speedup(estimate.speedup)}, {evidence})"
        case Verdict.INCONCLUSIVE:
            return f"that is not settled ({speedup(estimate.speedup)}, {evidence})"


def _headline(baseline: CellView, candidate: CellView, estimate: Estimate, possible: str) -> str:
    """The verdict; ``possible`` says, behind a comma, what could be had at most."""
    a, b = _name(baseline, candidate), _name(candidate, baseline)
    evidence = f"{_evidence(estimate)}; {_times(baseline, candidate, estimate)}"
    model = f" on {baseline.model_title}" if baseline.model_id == candidate.model_id else ""
    times = speedup(estimate.speedup)
    if estimate.ci_low is None and not (baseline.is_measured and candidate.is_measured):
        return f"{_told(a, b, estimate)}{model} ({evidence}); there is no interval."
    match estimate.verdict:
        case Verdict.FASTER:
            return f"{b} is {times} as fast as {a}{model} ({evidence}){possible}."
        case Verdict.SLOWER:
            longer = speedup(estimate.ratio)
            return f"{b} takes {longer} as long as {a}{model} ({evidence}){possible}."
        case Verdict.EQUIVALENT:
            same = f"{b} is as fast as {a}{model}, within 2 %"
            return f"{same} ({times}, {evidence}){possible}."
        case Verdict.INCONCLUSIVE:
            return (
                f"It is not settled whether {b} differs from {a}{model} by more than 2 %"
                f" ({times}, {evidence}); {_needed(estimate)}."
            )


def _told(a: str, b: str, estimate: Estimate) -> str:
    """What figures without an interval say that were not measured here: no verdict."""
    if estimate.ratio > 1.0:
        return f"{b} takes {speedup(estimate.ratio)} as long as {a}"
    return f"{b} is {speedup(estimate.speedup)} as fast as {a}"


def _name(cell: CellView, other: CellView) -> str:
    """The arm, and whatever else than the arm tells the two cells apart."""
    arm = f"INT8 ({cell.arm})" if is_int8_variant(cell.variant_kind) else cell.arm
    arm = arm if cell.is_measured else f"{cell.origin} {arm}"
    return arm + "".join(_differences(cell, other))


def _differences(cell: CellView, other: CellView) -> Iterator[str]:
    if cell.model_id != other.model_id:
        yield f" of {cell.model_title}"
    if cell.device_id != other.device_id:
        yield f" on {cell.device}"
    if cell.runtime_id != other.runtime_id:
        yield f" with OpenVINO {cell.runtime}"
    if cell.scenario != other.scenario:
        yield f" for {cell.scenario}"
    if cell.batch != other.batch:
        yield f" at batch {cell.batch}"
    numbers = [
        _open(cell, noun) if own is None else counted(own, noun)
        for noun, own, others in (
            ("stream", cell.streams, other.streams),
            ("thread", cell.threads, other.threads),
            ("request", cell.requests, other.requests),
        )
        if own != others
    ]
    if numbers:
        yield f" with {' and '.join(numbers)}"


def _open(cell: CellView, noun: str) -> str:
    """A number that was not asked for; of what others measured nobody may have told it."""
    if cell.is_measured:
        return f"as many {noun}s as the device chooses"
    return f"an unknown number of {noun}s"


def _times(baseline: CellView, candidate: CellView, estimate: Estimate) -> str:
    """Both times; in throughput both inferences per second and the times per item."""
    a_ms, b_ms = estimate.baseline_ms, estimate.candidate_ms
    if baseline.is_throughput and candidate.is_throughput:
        rates = f"{fps(per_second(a_ms))} -> {fps(per_second(b_ms))}"
        return f"{rates}, {ms(a_ms)} -> {ms(b_ms)} per item"
    per_item = [" per item" if cell.is_throughput else "" for cell in (baseline, candidate)]
    return f"{ms(a_ms)}{per_item[0]} -> {ms(b_ms)}{per_item[1]}"


def _evidence(estimate: Estimate) -> str:
    """Interval and number of blocks; the interval in the direction that is told."""
    basis = _blocks(estimate)
    if estimate.ci_low is None or estimate.ci_high is None:
        return basis
    low, high = estimate.ci_low, estimate.ci_high
    if estimate.verdict is not Verdict.SLOWER:
        low, high = 1.0 / high, 1.0 / low
    told = bounds(low, high)
    return f"{'-'.join(told) if told else f'an interval {TOO_WIDE}'}, {basis}"


def _blocks(estimate: Estimate) -> str:
    if estimate.paired:
        return counted(estimate.blocks, "paired block")
    return f"{counted(estimate.blocks, 'launch')} or more on each side, unpaired"


def _needed(estimate: Estimate) -> str:
    needed = estimate.blocks_needed
    if estimate.ci_low is None:
        return f"one is too few, measure {counted(needed or 2, 'block')}"
    if needed is None:
        return "no reasonable number of blocks would settle it"
    return f"about {counted(needed, 'block')} would settle it"
