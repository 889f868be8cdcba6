"""A checklist as text for a terminal; only layout lives here.

Names come from models and devices and are never read as markup.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.readiness.shapes import Answer, Checklist, Line, Status, Step

_COMMAND_WIDTH = 80
_STYLES = {Status.PASSED: "blue", Status.FAILED: "yellow", Status.UNKNOWN: "dim"}
_ANSWERS = {
    Answer.WORTH_IT: "bold blue", Answer.NOT_WORTH_IT: "bold yellow", Answer.NOT_KNOWN: "bold",
}  # fmt: skip


def checklists_text(found: Sequence[Checklist]) -> RenderableType:
    """Each checklist: what it is about, its lines, the answer last."""
    return Group(*(part for checklist in found for part in _checklist(checklist)))


def _checklist(checklist: Checklist) -> Iterator[RenderableType]:
    yield _line(_title(checklist), "bold")
    if checklist.model_note:
        yield _line(checklist.model_note, "yellow")
    for line in checklist.lines:
        yield _table(line)
    yield _line(checklist.sentence, _ANSWERS[checklist.answer])
    if checklist.next_step and checklist.next_step.command:
        yield _command(checklist.next_step.command)
    yield Text("")


def _title(checklist: Checklist) -> str:
    """``tiny, int8-full@default, A CPU, OpenVINO 2026.4.1``; what is not known is left out."""
    runtime = f"OpenVINO {checklist.runtime}" if checklist.runtime else None
    parts = (checklist.model, checklist.candidate, checklist.device, runtime)
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)


def _table(line: Line) -> Table:
    """Status, then title, figure, rule and next step below each other."""
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(width=9, no_wrap=True)
    table.add_column()
    style = _STYLES[line.status]
    table.add_row(Text(f"{line.status.sign} {line.status}", style=style), Text(line.title))
    table.add_row("", Text(fmt.plain(line.figure)))
    table.add_row("", Text(f"passes: {line.rule}", style="dim"))
    for told in _step(line.next_step):
        table.add_row("", told)
    return table


def _step(step: Step | None) -> Iterator[Text]:
    if step is None:
        return
    yield Text(f"next: {fmt.plain(step.words)}")
    if step.command:
        yield _command(step.command)


def _command(command: str) -> Text:
    """As a shell takes it: broken between words with a backslash where it is long."""
    lines = [""]
    for word in map(shlex.quote, shlex.split(fmt.plain(command))):
        if lines[-1] and len(lines[-1]) + len(word) >= _COMMAND_WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return Text(" \\\n  ".join(lines), style="bold")


def _line(text: str, style: str) -> Text:
    return Text(fmt.plain(text), style=style)
