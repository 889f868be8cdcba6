"""A comparison as text for a terminal: the answer first, then where the time goes.

Only layout lives here; the layers are ``results.render_layers``', words come from
``results.comparison_words``, figures are formatted by ``results.format`` and computed elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.accuracy_words import reverted_sentence, sentences
from results.comparison import CellView, Comparison, Verdict
from results.comparison_words import cause_words, ceiling_words, estimate_words, no_causes_words
from results.gates import Gate
from results.headline import TOLD, is_told
from results.precision import precision_words
from results.render_layers import attribution_text, layer_story, worst_layers_text
from results.terminal import add_row, heading, new_table, text_line, to_text

__all__ = ["VERDICT_STYLES", "comparison_text", "to_text"]

VERDICT_STYLES = {
    Verdict.FASTER: "blue",
    Verdict.SLOWER: "yellow",
    Verdict.EQUIVALENT: "",
    Verdict.INCONCLUSIVE: "dim",
}


def comparison_text(comparison: Comparison, gates: Sequence[Gate] = ()) -> RenderableType:
    """A comparison: the answer and its gates first, then where the time goes, causes, cautions."""
    return Group(*_sections(comparison, gates))


def _sections(comparison: Comparison, gates: Sequence[Gate]) -> Iterator[RenderableType]:
    yield _answer(comparison)
    for gate in gates:
        yield text_line(gate.line, "" if gate.passed else "bold yellow")
    yield _sides(comparison)
    yield from _ran_in(comparison)
    for title, note in _cell_notes(comparison.baseline, comparison.candidate):
        yield text_line(f"{title}: {note}", "italic")
    if not is_told(comparison):
        yield text_line(estimate_words(comparison.estimate))
    ceiling = ceiling_words(comparison)
    if ceiling:
        yield text_line(ceiling)
    for standing in comparison.standings:
        yield text_line(f"{standing.device}, OpenVINO {standing.runtime}: {standing.sentence}")
    yield from _accuracy(comparison)
    if comparison.attribution is not None:
        per = "item" if comparison.candidate.is_throughput else "inference"
        yield from attribution_text(comparison.attribution, per)
    yield from layer_story(comparison)
    yield from worst_layers_text(comparison)
    yield from _causes(comparison)
    for caution in comparison.cautions:
        yield text_line(f"Caution: {caution.message}; {caution.action}", "yellow")


def _answer(comparison: Comparison) -> Text:
    """The verdict with its sign; of figures without one only what they tell."""
    verdict = comparison.estimate.verdict
    if is_told(comparison):
        times = fmt.speedup(comparison.estimate.speedup)
        return text_line(f"{TOLD}: {times}. {comparison.sentence}", "bold")
    return text_line(f"{verdict.sign} {comparison.sentence}", f"bold {VERDICT_STYLES[verdict]}")


def _accuracy(comparison: Comparison) -> Iterator[RenderableType]:
    """How good the answers are, by dataset, and what was kept in float for their sake."""
    for view in comparison.accuracy:
        for number, line in enumerate(sentences(view)):
            yield text_line(line if number == 0 else f"  {line}")
    for found in comparison.reverted:
        yield text_line(reverted_sentence(found))


def _sides(comparison: Comparison) -> Table:
    estimate = comparison.estimate
    sides = (
        ("baseline", comparison.baseline, estimate.baseline_ms),
        ("candidate", comparison.candidate, estimate.candidate_ms),
    )
    driven = {cell.is_throughput for _, cell, _ in sides}
    extra = (">throughput",) if True in driven else ()
    time = {1: ">per item" if True in driven else ">latency"}.get(len(driven), ">time")
    table = new_table("", "model", "arm", "OpenVINO", "device", *extra, time)
    for label, cell, time_ms in sides:
        rate = fmt.fps(fmt.per_second(time_ms)) if cell.is_throughput else fmt.DASH
        rates = (rate,) if extra else ()
        add_row(table, label, cell.model, cell.arm, cell.runtime, cell.device, *rates,
             fmt.ms(time_ms))  # fmt: skip
    return table


def _ran_in(comparison: Comparison) -> Iterator[RenderableType]:
    """In which precisions each side's time was really spent, where it was profiled."""
    for label, shares in (
        ("baseline", comparison.baseline_precisions),
        ("candidate", comparison.candidate_precisions),
    ):
        if shares:
            yield text_line(f"{label} ran in: {precision_words(shares)}")


def _cell_notes(*cells: CellView) -> list[tuple[str, str]]:
    return sorted({(cell.model_title, cell.model_note) for cell in cells if cell.model_note})


def _causes(comparison: Comparison) -> Iterator[RenderableType]:
    if not comparison.causes:
        yield text_line(f"{no_causes_words(comparison)}.")
        return
    yield heading("Causes, by recoverable time")
    for cause in comparison.causes:
        yield text_line(f"- {cause.title} ({cause.cause_id}): {cause_words(cause)}")
        yield text_line(f"  {cause.evidence}")
        yield text_line(f"  What to do: {cause.action}")
        if cause.command:
            yield text_line(f"  Command: {cause.command}")
