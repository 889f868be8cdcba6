"""A comparison as Markdown, for a comment on a pull request.

Only layout lives here; words come from ``results.comparison_words`` and its neighbours. Names
come from models and devices: what could be markup in them is escaped, and the only HTML is
that of the details blocks written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from results import format as fmt
from results.accuracy_words import reverted_sentence, sentences
from results.class_words import class_words
from results.comparison import CellView, Comparison, Group
from results.comparison_words import (
    WITHHELD,
    basis_words,
    bound_words,
    call_words,
    calls_rule,
    cause_words,
    ceiling_words,
    delta_bounds,
    got_words,
    neighbours,
    no_causes_words,
    ratio_words,
    settle_words,
    shares_words,
    told_calls,
)
from results.gates import Gate
from results.groups import telling
from results.headline import TOLD, is_told
from results.inserted import CANDIDATE
from results.matched import coverage_words, matching_notes
from results.render_layers import waterfall

_TOP_GROUPS = 8
_TOP_CAUSES = 3
_LONGEST_CELL, _LONGEST_LINE = 120, 2000
"""Characters: GitHub refuses comments over 65,536, and names may be of any length."""
_MARKUP = re.compile(r"([\\`*\[\]~|$#])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BACKTICKS = re.compile("`+")
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;"})
_LEADING = re.compile(r"^\s*(?:([>+=-])|(\d+)([.)])(?=\s|$))")
"""What would make a line a list, a quotation or the line under a heading."""
_WORD_JOINER = "\N{WORD JOINER}"


def escaped(text: str, longest: int = _LONGEST_LINE) -> str:
    """Text that reads as itself in a line of Markdown: no markup, no HTML, nobody mentioned."""
    return _LEADING.sub(r"\2\\\1\3", _inline(text, longest).lstrip())


def _inline(text: str, longest: int = _LONGEST_CELL) -> str:
    """The same where no line can start, as in a table's cell."""
    shown = fmt.plain(text)
    if len(shown) > longest:
        shown = f"{shown[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"
    marked = _MARKUP.sub(lambda found: f"\\{found[0]}", shown).translate(_ENTITIES)
    return _MENTION.sub(f"@{_WORD_JOINER}", marked)


def comparison_markdown(comparison: Comparison, gates: Sequence[Gate] = ()) -> str:
    """The verdict, its table, gates, where the time goes, causes; details folded below."""
    parts = (
        _verdict(comparison),
        _table(("", "arm", "model", "device", "OpenVINO", "result"), _sides(comparison)),
        "\n".join(f"{escaped(line)}  " for line in _beside(comparison)).rstrip(),
        _gates(gates),
        _time(comparison),
        _causes(comparison),
        _layers(comparison),
        _inserted(comparison),
        _cautions(comparison),
    )
    return "\n\n".join(part for part in parts if part)


def _verdict(comparison: Comparison) -> str:
    """The verdict as a heading, then its sentence; of told figures no verdict."""
    estimate = comparison.estimate
    verdict = estimate.verdict
    head = f"{verdict.sign} {verdict.value}: {fmt.speedup(estimate.speedup)}"
    if is_told(comparison):
        head = f"{TOLD}: {fmt.speedup(estimate.speedup)}"
    against = f"{comparison.candidate.arm} against {comparison.baseline.arm}"
    return f"### {head}, {escaped(against, _LONGEST_CELL)}\n\n{escaped(comparison.sentence)}"


def _sides(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """Both times, then their quotient both ways, each with its interval."""
    estimate = comparison.estimate
    yield (
        "baseline",
        *_names(comparison.baseline),
        _time_of(comparison.baseline, estimate.baseline_ms),
    )
    yield (
        "candidate",
        *_names(comparison.candidate),
        _time_of(comparison.candidate, estimate.candidate_ms),
    )
    blank = ("",) * 4
    yield "ratio, candidate / baseline", *blank, ratio_words(estimate)
    bounds = fmt.interval(*estimate.speedup_bounds)
    yield "speed-up, baseline / candidate", *blank, f"{fmt.speedup(estimate.speedup)} ({bounds})"


def _names(cell: CellView) -> tuple[str, ...]:
    return cell.arm, cell.model, cell.device, cell.runtime


def _time_of(cell: CellView, time_ms: float) -> str:
    if not cell.is_throughput:
        return fmt.ms(time_ms)
    return f"{fmt.ms(time_ms)} per item, {fmt.fps(fmt.per_second(time_ms))}"


def _beside(comparison: Comparison) -> Iterator[str]:
    """What belongs to the table: what the interval is of, the ceiling, accuracy."""
    settle = settle_words(comparison.estimate)
    basis = f"95 % intervals in brackets, from {basis_words(comparison.estimate)}"
    yield f"{basis}; {settle}" if settle else basis
    ceiling = ceiling_words(comparison)
    if ceiling:
        yield ceiling
    for view in comparison.accuracy:
        yield from sentences(view)
    for found in comparison.reverted:
        yield reverted_sentence(found)


def _gates(gates: Sequence[Gate]) -> str:
    if not gates:
        return ""
    failed = sum(not gate.passed for gate in gates)
    words = f"{failed} of {len(gates)} failed" if failed else f"all {len(gates)} passed"
    rows = ((gate.option, gate.outcome, gate.message) for gate in gates)
    table = _table(("gate", "outcome", "figure"), rows, longest=_LONGEST_LINE)
    return f"**Gates: {words}**\n\n{table}"


def _time(comparison: Comparison) -> str:
    """The waterfall as a table."""
    found = comparison.attribution
    if found is None:
        return ""
    per = "item" if comparison.candidate.is_throughput else "inference"
    rows = ((name, fmt.delta_us(value_us)) for name, value_us in waterfall(found))
    note = f"{WITHHELD}\n\n" if found.withheld else ""
    table = _table((f"where the time goes, per {per}", ">candidate - baseline"), rows)
    return f"{note}{table}"


def _causes(comparison: Comparison) -> str:
    """The first causes with what to do, or why there are none."""
    if not comparison.causes:
        return f"{escaped(no_causes_words(comparison))}."
    shown = comparison.causes[:_TOP_CAUSES]
    lines = [
        f"- **{escaped(cause.title)}** ({escaped(cause.cause_id)}): {escaped(cause_words(cause))}."
        f" {escaped(cause.evidence)}. What to do: {escaped(cause.action)}{_command(cause.command)}"
        for cause in shown
    ]
    more = len(comparison.causes) - len(shown)
    lines += [f"- {fmt.counted(more, 'more cause')}: `python -m results compare`"] if more else []
    return "\n".join(lines)


def _command(command: str) -> str:
    """A line with the command, as code to copy; a part of one would be another command."""
    shown = fmt.plain(command)
    if not shown:
        return ""
    if len(shown) > _LONGEST_LINE:
        return f"  \n  Command: too long for a comment; {_code('python -m results compare')} has it"
    return f"  \n  Command: {_code(shown)}"


def _code(text: str) -> str:
    """Text as code, in which nothing is markup; within more backticks than it has in a row."""
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def _layers(comparison: Comparison) -> str:
    """The layers that differ most, folded; none where their times explain nothing."""
    if comparison.attribution is not None and comparison.attribution.withheld:
        return ""
    shown = telling(comparison.groups, _TOP_GROUPS)
    if not shown:
        return ""
    headings = (
        "layer", "type", "class", ">baseline", ">candidate", ">difference", ">95 % interval, µs",
        "called", ">faster, of possible", ">share of roof", "bound by",
    )  # fmt: skip
    table = _table(headings, map(_layer, shown))
    matched = (coverage_words(comparison.coverage),) if comparison.coverage else ()
    notes = "  \n".join(map(escaped, (*matched, *matching_notes(comparison))))
    rules = "  \n".join(
        map(escaped, filter(None, (told_calls(comparison), calls_rule(comparison))))
    )
    body = "\n\n".join(part for part in (notes, table, rules) if part)
    return _details("Layers that differ most", body)


def _layer(group: Group) -> tuple[str, ...]:
    return (
        group.label, group.op_type, class_words(group.group_class),
        fmt.us(group.baseline_us), fmt.us(group.candidate_us), fmt.delta_us(group.delta_us),
        delta_bounds(group), call_words(group), got_words(group), shares_words(group.roof),
        bound_words(group.roof),
    )  # fmt: skip


def _inserted(comparison: Comparison) -> str:
    """What stands in the candidate alone, the longest first, folded."""
    withheld = comparison.attribution is not None and comparison.attribution.withheld
    own = [node for node in comparison.inserted if node.side == CANDIDATE and not node.shared]
    if withheld or not own:
        return ""
    own.sort(key=lambda node: -node.layer.time_us)
    total = fmt.us(sum(node.layer.time_us for node in own))
    rows = (
        (node.layer.name, node.kind.value, neighbours(node), fmt.us(node.layer.time_us))
        for node in own[:_TOP_GROUPS]
    )
    title = f"Inserted in the candidate: {fmt.counted(len(own), 'layer')}, {total}"
    return _details(title, _table(("layer", "why", "between", ">time"), rows))


def _cautions(comparison: Comparison) -> str:
    found = comparison.cautions
    if not found:
        return ""
    lines = (f"- {escaped(caution.message)}; {escaped(caution.action)}" for caution in found)
    return _details(fmt.counted(len(found), "caution"), "\n".join(lines))


def _details(summary: str, body: str) -> str:
    """A folded block; ``summary`` is written here and never holds a name."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _table(
    headings: Sequence[str], rows: Iterable[tuple[str, ...]], longest: int = _LONGEST_CELL
) -> str:
    """A table; a heading that starts with ``>`` is that of a column of figures."""
    names = [heading.removeprefix(">") for heading in headings]
    lines = ["---:" if heading.startswith(">") else "---" for heading in headings]
    body = [[_inline(cell, longest) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, lines, *body))
