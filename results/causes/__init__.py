"""The causes of a pair: each declared once in ``catalogue``, looked for here, ranked by µs.

Causes explain why an INT8 candidate gains no more over its float baseline, so they are
looked for in such pairs only; what a cause needs to be seen is its rule's matter.

Rule for time that two causes claim: a layer's µs belong to the first cause, in the order of
``CATALOGUE``, that claims the layer, and no cause recovers more than the layers that it claims
take. So the µs of all causes never add up to more than the candidate's executed time.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.causes.case import Case, Finding, sum_us
from results.causes.catalogue import CATALOGUE, Cause
from results.causes.remedies import command_of
from results.comparison import CellView, FoundCause, Group, Inserted
from results.inserted import CANDIDATE
from results.kinds import is_int8_variant

__all__ = ["CATALOGUE", "Cause", "find_causes"]


_MOST_OVER = 1.1
"""How many times the wall clock the layers may add up to and still tell of it."""


def find_causes(
    baseline: CellView,
    candidate: CellView,
    candidate_us: float,
    groups: Sequence[Group],
    inserted: Sequence[Inserted],
    *,
    baseline_us: float | None = None,
    in_turns: bool = True,
    items: float = 1.0,
) -> tuple[FoundCause, ...]:
    """Causes seen in a pair, the most recoverable µs first; equals in declared order.

    ``candidate_us`` and ``baseline_us`` are wall times per inference, in throughput per item;
    without the baseline's no ``speedup_without`` is known. ``in_turns`` and ``items`` are those
    of ``Case``. Empty where the candidate is not
    an INT8 variant or the baseline is one.
    """
    if not is_int8_variant(candidate.variant_kind) or is_int8_variant(baseline.variant_kind):
        return ()
    case = Case(
        baseline, candidate, baseline_us, candidate_us, tuple(groups), tuple(inserted),
        in_turns=in_turns, items=items,
    )  # fmt: skip
    found = []
    for cause in CATALOGUE:
        finding = cause.detector(case)
        if finding is not None:
            case = case.after(finding)
            found.append(_found(cause, finding, case))
    return tuple(sorted(found, key=lambda cause: -cause.recoverable_us))


def _found(cause: Cause, finding: Finding, case: Case) -> FoundCause:
    recoverable_us = max(0.0, finding.recoverable_us)
    return FoundCause(
        cause_id=cause.cause_id,
        title=cause.title,
        recoverable_us=recoverable_us,
        evidence=finding.evidence,
        action=cause.action,
        confidence=finding.confidence or cause.confidence,
        layers=finding.layers,
        speedup_without=_speedup_without(case, recoverable_us),
        seen=finding.seen,
        command=command_of(cause.cause_id, case.candidate, case.groups, finding.layers),
    )


def _speedup_without(case: Case, recoverable_us: float) -> float | None:
    """Amdahl's bound: the baseline over the candidate without this time, both wall clock.

    Where the layers add up to a little more than the wall clock, as counters may, the share
    that the time has of them is taken off it: never more than there is. None where they add
    up to much more, and say nothing of the wall clock.
    """
    layers_us = sum_us(case.layers_of(CANDIDATE))
    total_us = max(case.candidate_us, layers_us)
    left = 1.0 - recoverable_us / total_us if total_us > 0 else 0.0
    if case.baseline_us is None or recoverable_us <= 0 or left <= 0:
        return None
    if layers_us > _MOST_OVER * case.candidate_us:
        return None
    return case.baseline_us / (case.candidate_us * left)
