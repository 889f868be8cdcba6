"""The checklist put together: its lines in their order, and the answer that follows from them.

``build_checklist`` is pure; ``checklists`` reads a store. The rule of the answer is in
docs/readiness.md.
"""

from __future__ import annotations

from dataclasses import replace

from results.readiness import checks, other_checks
from results.readiness.at_hand import AtHand
from results.readiness.read import Wanted, read_facts
from results.readiness.shapes import (
    Answer,
    Checklist,
    Line,
    LineId,
    ReadinessFacts,
    Status,
    Step,
)
from results.readiness.words import told_sentence
from results.store import Index

_DECIDING = (LineId.SYNC_RATIO, LineId.ACCURACY)
_NEEDED = (LineId.QUICK_INT8, *_DECIDING)
"""What has to be known for an answer, in the order in which it is to be found out."""
_ELSEWHERE = (LineId.VERSIONS, LineId.NATIVE, LineId.DEVICES)
"""Where something better than what was judged may be, the cheapest change first."""


def checklists(
    index: Index,
    model: str,
    wanted: Wanted | None = None,
    *,
    hand: AtHand | None = None,
) -> tuple[Checklist, ...]:
    """A checklist for each device that measured the model; one without any where none did.

    ``model`` is a name, a title or an id, as in selectors. Raises UsageError where the store
    has no such model, or nothing that fits ``wanted``; it lists what there is. ``hand`` is
    for those who have read some of the store already.
    """
    found = read_facts(hand or AtHand.of(index), model, wanted or Wanted())
    return tuple(build_checklist(facts) for facts in found)


def build_checklist(facts: ReadinessFacts) -> Checklist:
    """The checklist of these facts."""
    lines = (
        checks.heavy_share(facts),
        checks.quick_int8(facts),
        checks.conversions(facts),
        checks.sync_ratio(facts),
        checks.accuracy(facts),
        other_checks.native(facts),
        other_checks.versions(facts),
        other_checks.devices(facts),
    )
    cell = facts.cell
    drafted = Checklist(
        model_id=facts.model_id,
        model=facts.model,
        model_title=facts.model_title,
        model_note=facts.model_note,
        device_id=cell.device_id if cell else None,
        device=cell.device if cell else None,
        runtime_id=cell.runtime_id if cell else None,
        runtime=cell.runtime if cell else None,
        candidate=facts.candidate.arm if facts.candidate else None,
        answer=Answer.NOT_KNOWN,
        sentence="",
        lines=lines,
        next_step=None,
    )
    return _answered(drafted)


def _answered(drafted: Checklist) -> Checklist:
    """With the answer, its sentence and the one thing to do next."""
    deciding = tuple(drafted.line(line_id) for line_id in _DECIDING)
    failed = tuple(line for line in deciding if line.status is Status.FAILED)
    if failed:
        answer, because, step = Answer.NOT_WORTH_IT, failed, _way_out(drafted, failed)
    elif all(drafted.line(line_id).status is Status.PASSED for line_id in _NEEDED):
        answer, because, step = Answer.WORTH_IT, deciding, _better(drafted)
    else:
        answer, because, step = Answer.NOT_KNOWN, (), _first_unknown(drafted)
    sentence = told_sentence(answer, drafted.candidate, because, step)
    return replace(drafted, answer=answer, sentence=sentence, next_step=step)


def _better(drafted: Checklist) -> Step | None:
    """What was seen to be better than what was judged; None where nothing was."""
    lines = (drafted.line(line_id) for line_id in _ELSEWHERE)
    steps = (line.next_step for line in lines if line.status is Status.FAILED)
    return next((step for step in steps if step is not None), None)


def _way_out(drafted: Checklist, failed: tuple[Line, ...]) -> Step | None:
    """Something seen to be better, else what the failed line says."""
    return _better(drafted) or failed[0].next_step


def _first_unknown(drafted: Checklist) -> Step | None:
    lines = (drafted.line(line_id) for line_id in _NEEDED)
    return next((line.next_step for line in lines if line.status is not Status.PASSED), None)
