"""Checklists as JSON text; keys are part of the product, as in ``results.export_json``."""

from __future__ import annotations

from collections.abc import Sequence

from results.json_text import json_text
from results.readiness.shapes import Checklist, Line, Step


def checklists_json(found: Sequence[Checklist]) -> str:
    """``{"checklists": [...]}``; what is not known is null."""
    body = {"checklists": [_checklist(one) for one in found]}
    return json_text(body)


def _checklist(found: Checklist) -> dict[str, object]:
    return {
        "model": found.model,
        "model_id": found.model_id,
        "note": found.model_note,
        "device": found.device,
        "device_id": found.device_id,
        "runtime": found.runtime,
        "candidate": found.candidate,
        "answer": found.answer.value,
        "sentence": found.sentence,
        "next": _step(found.next_step),
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "id": line.line_id.value,
        "title": line.title,
        "status": line.status.value,
        "figure": line.figure,
        "rule": line.rule,
        "values": {one.name: one.value for one in line.values},
        "next": _step(line.next_step),
    }


def _step(step: Step | None) -> dict[str, str | None] | None:
    return None if step is None else {"words": step.words, "command": step.command}
