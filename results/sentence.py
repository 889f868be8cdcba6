"""A comparison in at most two sentences for a person.

Takes the facts of a comparison and finds words; every number in a sentence stands in
the data, rounded. Times are in ms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results.comparison import Attribution, CellView, Estimate, GroupClass, Inserted, Verdict
from results.format import TOO_WIDE, bounds, counted, fps, ms, per_second, speedup
from results.inserted import CANDIDATE
from results.kinds import is_int8_variant

_MOST_PARTS = 3
_TOLD_SHARE = 0.01
"""Parts below this share of the difference are left to the waterfall."""

_WORDS = {
    GroupClass.INT8_FASTER: "layers that run faster in INT8",
    GroupClass.INT8_SLOWER: "layers that run slower in INT8",
    GroupClass.LEFT_IN_FLOAT: "layers left in float",
    GroupClass.FUSION_CHANGED: "layers that are fused differently",
    GroupClass.PRECISION_CHANGED: "layers that run in another precision",
    GroupClass.SAME_PRECISION: "layers that run in the same precision",
    GroupClass.UNMATCHED: "layers without a partner",
    GroupClass.CONVERTED_ON_BOTH: "conversions that both have",
}


@dataclass(frozen=True)
class _Part:
    """A named piece of the difference, candidate minus baseline."""

    words: str
    delta_ms: float


def verdict_sentence(
    baseline: CellView,
    candidate: CellView,
    estimate: Estimate,
    attribution: Attribution | None,
    inserted: Sequence[Inserted],
) -> str:
    """The verdict, and where the time went if there is a verdict and the layers can tell."""
    first = _headline(baseline, candidate, estimate)
    told = estimate.verdict in {Verdict.FASTER, Verdict.SLOWER}
    if not told or attribution is None or attribution.withheld:
        return first
    return f"{first} {_where(attribution, inserted)}"


def _headline(baseline: CellView, candidate: CellView, estimate: Estimate) -> str:
    a, b = _name(baseline, candidate), _name(candidate, baseline)
    evidence = _evidence(estimate, _times(baseline, candidate, estimate))
    model = f" on {baseline.model}" if baseline.model_id == candidate.model_id else ""
    times = speedup(estimate.speedup)
    if estimate.ci_low is None and not (baseline.is_measured and candidate.is_measured):
        return f"{_told(a, b, estimate)}{model} ({evidence}); there is no interval."
    match estimate.verdict:
        case Verdict.FASTER:
            return f"{b} is {times} as fast as {a}{model} ({evidence})."
        case Verdict.SLOWER:
            longer = speedup(estimate.ratio)
            return f"{b} takes {longer} as long as {a}{model} ({evidence})."
        case Verdict.EQUIVALENT:
            return f"{b} is as fast as {a}{model}, within 2 % ({times}, {evidence})."
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
        yield f" of {cell.model}"
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


def _evidence(estimate: Estimate, times: str) -> str:
    """Interval, number of blocks, both times; the interval in the direction that is told."""
    basis = f"{_blocks(estimate)}; {times}"
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


def _where(attribution: Attribution, inserted: Sequence[Inserted]) -> str:
    wall_ms = attribution.wall_us / 1000.0
    saved = wall_ms < 0
    parts = sorted(_parts(attribution, inserted), key=lambda part: -abs(part.delta_ms))
    floor_ms = max(_TOLD_SHARE * abs(wall_ms), _half_digit(wall_ms))
    told = [part for part in parts if abs(part.delta_ms) >= floor_ms][:_MOST_PARTS]
    clauses = [_clause(part, wall_ms) for part in told]
    rest_ms = attribution.unattributed_us / 1000.0
    if abs(rest_ms) >= _half_digit(wall_ms):
        amount = _amount(rest_ms, wall_ms)
        same = (rest_ms < 0) == saved
        clauses.append(
            f"{amount} is not attributed"
            if same
            else f"the layers add up to {amount} more than that"
        )
    if not clauses:
        return ""
    verb = "saved" if saved else "lost"
    return f"Of {_amount(wall_ms, wall_ms)} {verb}, {'; '.join(clauses)}."


def _clause(part: _Part, wall_ms: float) -> str:
    amount = _amount(part.delta_ms, wall_ms)
    if (part.delta_ms < 0) == (wall_ms < 0):
        return f"{amount} is in {part.words}"
    return f"{amount} is {'lost' if wall_ms < 0 else 'won back'} in {part.words}"


def _parts(attribution: Attribution, inserted: Sequence[Inserted]) -> Iterator[_Part]:
    sourceless_us = 0.0
    for kind, us in attribution.parts:
        if kind in _WORDS:
            yield _Part(_WORDS[kind], us / 1000.0)
        else:
            sourceless_us += us
    alone = [node for node in inserted if not node.shared]
    if alone:
        yield _Part(_sourceless_words(alone), sourceless_us / 1000.0)


def _sourceless_words(inserted: Sequence[Inserted]) -> str:
    """Layers that only one side has; those that both have are no part of this."""
    here = [node.layer.node_type for node in inserted if node.side == CANDIDATE]
    there = [node.layer.node_type for node in inserted if node.side != CANDIDATE]
    if not here:
        return f"{_listed(there)} gone"
    less = f", less {_listed(there)} gone" if there else ""
    if len(set(here)) == 1:
        return f"{counted(len(here), f'inserted {here[0]}')}{less}"
    return f"{counted(len(here), 'inserted layer')} ({_listed(here)}){less}"


def _listed(types: Sequence[str]) -> str:
    """``2 Reorders, 1 Subgraph``: how many of each type, the most first."""
    counts = Counter(types)
    return ", ".join(
        counted(number, kind)
        for kind, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _decimals(wall_ms: float) -> int:
    return 3 if abs(wall_ms) < 0.1 else 2


def _half_digit(wall_ms: float) -> float:
    """The least that does not show as zero."""
    return 0.5 * 10.0 ** -_decimals(wall_ms)


def _amount(value_ms: float, wall_ms: float) -> str:
    return f"{abs(value_ms):.{_decimals(wall_ms)}f} ms"
