"""Where the time of a comparison went, in one sentence; ``results.sentence`` is the whole.

The largest parts of the difference, what no layer explains, and the cause that most of what
could be won back has. Every number stands in the attribution or in the causes, rounded.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results.class_words import IN_SENTENCES
from results.comparison import Attribution, Estimate, FoundCause, Inserted
from results.format import counted, ms
from results.format import speedup as times
from results.inserted import CANDIDATE

WITHHELD = (
    "Where the time went is not told: what the layers leave open is more than the two differ by."
)
_TOLD_SHARE = 0.01
"""What is below this share of the difference is left to the waterfall; causes that together
could win back less than this share of the candidate's time are left to their list."""
_ALWAYS_TOLD = 2
_FURTHER_SHARE = 0.05
"""Further parts than the two largest are told from this share on of the difference, or of the
largest part where that is more: parts that cancel make a small difference of large ones."""


@dataclass(frozen=True)
class _Part:
    """A named piece of the difference, candidate minus baseline."""

    words: str
    delta_ms: float


def where_sentence(
    attribution: Attribution | None,
    inserted: Sequence[Inserted],
    causes: Sequence[FoundCause],
    estimate: Estimate,
    possible: float | None = None,
) -> str:
    """``Of 1.81 ms saved, 1.60 ms is in ...; 61 % of the 0.35 ms that ...``; empty of nothing.

    Without an attribution only the cause is told. ``possible`` is the ceiling of the speed-up.
    """
    told = "" if attribution is None else _difference(attribution, inserted)
    cause = _cause(causes, estimate, possible)
    both = "; ".join(words for words in (told, cause) if words)
    return f"{both[0].upper()}{both[1:]}." if both else ""


def _difference(attribution: Attribution, inserted: Sequence[Inserted]) -> str:
    """Where the difference lies, without its full stop; empty where nothing shows."""
    clauses = _clauses(attribution, inserted)
    if not clauses:
        return ""
    wall_ms = attribution.wall_us / 1000.0
    verb = "saved" if wall_ms < 0 else "lost"
    return f"of {_amount(wall_ms, wall_ms)} {verb}, {'; '.join(clauses)}"


def _cause(causes: Sequence[FoundCause], estimate: Estimate, possible: float | None) -> str:
    """Which cause has most of what could be won back, with its share; empty of next to nothing."""
    costly = sorted(
        (cause for cause in causes if cause.recoverable_us > 0),
        key=lambda cause: -cause.recoverable_us,
    )
    total_us = sum(cause.recoverable_us for cause in costly)
    if not costly or total_us < _TOLD_SHARE * estimate.candidate_ms * 1000.0:
        return ""
    share = costly[0].recoverable_us / total_us
    of_it = "all" if len(costly) == 1 else f"{100.0 * share:.0f} %"
    title = _uncapitalised(costly[0].title)
    most = f"the {ms(total_us / 1000.0)} that could at best be won back"
    gap = _gap(speedup_without(costly, estimate.speedup), possible)
    return f"{of_it} of {most}{gap} has one cause: {title}"


def speedup_without(causes: Sequence[FoundCause], speedup: float) -> float | None:
    """The speed-up if all of these were gone; None where that is not known of each.

    Without cause i the candidate takes the share S/Sᵢ of its time, S being the speed-up as it
    is; no time belongs to two causes, so that what they take off adds up.
    """
    alone = [cause.speedup_without for cause in causes]
    off = [1.0 - speedup / one for one in alone if one is not None]
    left = 1.0 - math.fsum(off)
    return speedup / left if off and len(off) == len(alone) and left > 0.0 else None


def _gap(without: float | None, possible: float | None) -> str:
    """What the causes leave of the way to the ceiling; empty where they leave nothing of it."""
    if without is None or possible is None or round(without, 2) >= round(possible, 2):
        return ""
    return (
        f" (then {times(without)}; what is missing from there to {times(possible)} has no cause "
        "that is known here)"
    )


def _uncapitalised(title: str) -> str:
    """``Data is converted`` as it stands behind a colon; ``INT8 is slower`` stays."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def _clauses(attribution: Attribution, inserted: Sequence[Inserted]) -> list[str]:
    """The parts of the difference that matter, the largest first, then what no layer explains."""
    wall_ms, rest_ms = attribution.wall_us / 1000.0, attribution.unattributed_us / 1000.0
    floor_ms = max(_TOLD_SHARE * abs(wall_ms), _half_digit(wall_ms))
    parts = [part for part in _parts(attribution, inserted) if abs(part.delta_ms) >= floor_ms]
    rest = [_rest(rest_ms, wall_ms)] if abs(rest_ms) >= floor_ms else []
    told = _told(parts, wall_ms, abs(rest_ms) if rest else math.inf)
    return [*(_clause(part, wall_ms) for part in told), *rest]


def _told(parts: Sequence[_Part], wall_ms: float, rest_ms: float) -> list[_Part]:
    """The two largest, and each further one that is not small nor smaller than the rest.

    ``rest_ms`` is what is told as unattributed: no part that is larger is left out beside it.
    """
    ranked = sorted(parts, key=lambda part: -abs(part.delta_ms))
    scale_ms = max(abs(wall_ms), *(abs(part.delta_ms) for part in ranked[:1]), 0.0)
    least_ms = min(_FURTHER_SHARE * scale_ms, rest_ms)
    further = (part for part in ranked[_ALWAYS_TOLD:] if abs(part.delta_ms) >= least_ms)
    return [*ranked[:_ALWAYS_TOLD], *further]


def _rest(rest_ms: float, wall_ms: float) -> str:
    """What no layer explains: a part of the difference, or what the layers have too much."""
    amount = _amount(rest_ms, wall_ms)
    if (rest_ms < 0) == (wall_ms < 0):
        return f"{amount} is unattributed"
    return f"the layers add up to {amount} more than that"


def _clause(part: _Part, wall_ms: float) -> str:
    amount = _amount(part.delta_ms, wall_ms)
    if (part.delta_ms < 0) == (wall_ms < 0):
        return f"{amount} is in {part.words}"
    return f"{amount} is {'lost' if wall_ms < 0 else 'won back'} in {part.words}"


def _parts(attribution: Attribution, inserted: Sequence[Inserted]) -> Iterator[_Part]:
    sourceless_us = 0.0
    for kind, us in attribution.parts:
        if kind in IN_SENTENCES:
            yield _Part(IN_SENTENCES[kind], us / 1000.0)
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
