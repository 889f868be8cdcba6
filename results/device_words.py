"""What the page Devices says first, and how two devices are told apart, in words.

Counts what ``results.devices`` holds; no estimate is made here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from results import format as fmt
from results.comparison import Verdict
from results.cpu_names import plain_cpu
from results.devices import DeviceRow, Lead, TimedArm, fastest
from results.headline import Figure, Headline, time_words

_COUNTED = {
    Verdict.FASTER: "gains on",
    Verdict.SLOWER: "loses on",
    Verdict.EQUIVALENT: "makes no difference on",
    Verdict.INCONCLUSIVE: "is inconclusive on",
}


def devices_headline(model: str, rows: Sequence[DeviceRow], lead: Lead | None) -> Headline:
    """Which device is the fastest and by how much; how many gain and lose with INT8."""
    timed = fastest(rows)
    if not timed:
        return Headline(f"{model} has no time on any device.", ())
    counts = Counter(row.verdict.estimate.verdict for row in rows if row.verdict)
    sentence = f"{model} {_first_place(timed[0], lead)}; {_gains(rows, counts)}."
    total = f"{counts.total()} of {fmt.counted(len(rows), 'device')} judged"
    undecided = counts[Verdict.INCONCLUSIVE]
    return Headline(
        sentence,
        (
            *_first(timed[0]),
            *_lead_figure(lead),
            Figure("INT8 gains", f"{counts[Verdict.FASTER]} of {counts.total()}", total),
            Figure(
                "INT8 loses",
                f"{counts[Verdict.SLOWER]} of {counts.total()}",
                f"{undecided} inconclusive, {counts[Verdict.EQUIVALENT]} no difference",
            ),
        ),
    )


def _first_place(first: DeviceRow, lead: Lead | None) -> str:
    """Which device is the fastest, where one is; else which two are not told apart."""
    name = plain_cpu(first.label)
    if lead is None:
        return f"is fastest on {name}, the only device that has a time"
    if lead.estimate is None or lead.estimate.verdict is Verdict.INCONCLUSIVE:
        other = plain_cpu(lead.other.label)
        return f"has its lowest times on {name} and {other}, not told apart"
    return f"is fastest on {name}{_ahead(lead)}"


def _ahead(lead: Lead) -> str:
    if lead.estimate is None:
        return ""
    if lead.estimate.verdict is Verdict.EQUIVALENT:
        return f", as fast as the next, {plain_cpu(lead.other.label)}"
    named = f", {plain_cpu(lead.other.label)}" if lead.other.facts.isa_cap else ""
    return f", {fmt.speedup(lead.estimate.speedup)} as fast as the next{named}"


def _gains(rows: Sequence[DeviceRow], counts: Counter[Verdict]) -> str:
    """``INT8 gains on 30 of 40 devices, loses on 4``."""
    if not counts:
        return "no INT8 arm has a verdict there"
    told = [(kind, counts[kind]) for kind in _COUNTED if counts[kind]]
    kind, number = told[0]
    of = f"{number} of {fmt.counted(counts.total(), 'device')}"
    if counts.total() == 1:
        of = "the one device that has a verdict" if len(rows) > 1 else "it"
    rest = [f"{_COUNTED[kind]} {number}" for kind, number in told[1:]]
    return ", ".join((f"INT8 {_COUNTED[kind]} {of}", *rest))


def _first(row: DeviceRow) -> tuple[Figure, ...]:
    if row.best is None:
        return ()
    cell, time = row.best.cell, row.best.time
    value = fmt.ms(time.time_ms)
    note = f"{cell.arm}, {_bounds(row.best)}"
    if cell.is_throughput:
        value = fmt.fps(fmt.per_second(time.time_ms))
        note = f"{cell.arm}, {fmt.ms(time.time_ms)} per item, {_bounds(row.best)}"
    return (Figure("Fastest", value, note),)


def _bounds(arm: TimedArm) -> str:
    """``95 %: 1.20 ms to 1.30 ms``."""
    found = arm.time.bounds_ms
    if found is None:
        return "one launch, no interval"
    return f"95 %: {fmt.ms(found[0])} to {fmt.ms(found[1])}"


def _lead_figure(lead: Lead | None) -> tuple[Figure, ...]:
    if lead is None or lead.estimate is None:
        return ()
    estimate = lead.estimate
    note = f"95 %: {fmt.interval(*estimate.speedup_bounds)}, {_basis(lead)}; {lead.other.label}"
    return (Figure("Over the next", fmt.speedup(estimate.speedup), note),)


def _basis(lead: Lead) -> str:
    if lead.estimate is None:
        return "not compared"
    kind, noun = ("paired", "block") if lead.estimate.paired else ("unpaired", "launch")
    return f"{kind}, {fmt.counted(lead.estimate.blocks, noun)}"


def arm_times(lead: Lead, arms: tuple[TimedArm, TimedArm]) -> str:
    """How two devices do in one arm: what is compared, both times, what it rests on."""
    first, other = arms
    return (
        f"{first.cell.arm}: {time_words(first.cell, first.time.time_ms)} on {lead.first.label}, "
        f"{time_words(other.cell, other.time.time_ms)} on {lead.other.label}; {_basis(lead)}"
    )


def basis_sentence(lead: Lead) -> str:
    """Why two devices are compared as they are."""
    if lead.estimate is not None and lead.estimate.paired:
        return (
            "Paired: both ran in the same blocks of one run, on one machine, so that its drift "
            "cancels."
        )
    return (
        "Unpaired: unlike machines never share a block, so the launches of each stand for "
        "themselves (Welch's t on their log-medians). What only one machine's room or other load "
        "did in that hour is not in the interval."
    )
