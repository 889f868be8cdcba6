"""Results as text for a terminal: the list of cells and a comparison.

Only layout lives here; figures are formatted by ``results.format`` and computed
elsewhere. Names come from models and devices, so they are shown as plain text and
never read as markup.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.accuracy import JudgedVariant
from results.accuracy_words import (
    briefs,
    reverted_sentence,
    sentences,
    worst_note,
    worst_title,
)
from results.certificate import CertificateView, certified_sentence
from results.comparison import (
    MEASURED,
    THROUGHPUT,
    Attribution,
    CellView,
    Comparison,
    Estimate,
    GroupClass,
    Verdict,
)
from results.groups import telling
from results.headline import TOLD, is_told, no_layers
from results.inserted import BASELINE, CANDIDATE
from results.precision import precision_words

_TOP_GROUPS = 8
_TOP_GONE = 3
_PIPE_WIDTH = 100
_LIST_COLUMNS = (("", 25), (">latency", 8), (">lowest to highest", 17), (">runs", 4),
                 ("latest run (UTC)", 16), ("cell", 16))  # fmt: skip
VERDICT_STYLES = {
    Verdict.FASTER: "blue",
    Verdict.SLOWER: "yellow",
    Verdict.EQUIVALENT: "",
    Verdict.INCONCLUSIVE: "dim",
}
_CLASSES = {
    GroupClass.INT8_FASTER: "layers that INT8 made faster",
    GroupClass.INT8_SLOWER: "layers that INT8 made slower",
    GroupClass.LEFT_IN_FLOAT: "layers left in float",
    GroupClass.FUSION_CHANGED: "layers fused differently",
    GroupClass.PRECISION_CHANGED: "layers of another precision",
    GroupClass.SAME_PRECISION: "layers of the same precision",
    GroupClass.CONVERTED_ON_BOTH: "conversions that both have",
    GroupClass.INSERTED: "inserted",
    GroupClass.REMOVED: "removed",
    GroupClass.UNMATCHED: "unmatched",
}


def cells_text(summaries: pa.Table) -> RenderableType:
    """The rows of ``queries.cell_summaries``: by device, version and scenario, then by model.

    A cell whose launches all failed in its latest run is followed by the reason.
    """
    parts: list[RenderableType] = []
    rows = sorted(summaries.to_pylist(), key=_setting)
    for (device, runtime, scenario), found in groupby(rows, key=_setting):
        title = f"{device} \N{MIDDLE DOT} OpenVINO {runtime} \N{MIDDLE DOT} {scenario}"
        parts.append(_heading(title))
        for number, (_, cells) in enumerate(groupby(found, key=lambda row: row["model_id"])):
            parts += _model_cells(list(cells), with_header=number == 0)
    return Group(*parts)


def _setting(row: dict[str, Any]) -> tuple[str, str, str]:
    numbers = (row["batch"], row["streams"], row["threads"], row["requests"])
    driven = fmt.scenario(row["scenario"], *numbers)
    untold = row["origin"] != MEASURED and row["streams"] is None
    return row["device"], row["runtime"], f"{driven}, streams unknown" if untold else driven


def _model_cells(rows: list[dict[str, Any]], *, with_header: bool) -> Iterator[RenderableType]:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=with_header)
    for column, width in _LIST_COLUMNS:
        per_item = column == ">latency" and rows[0]["scenario"] == THROUGHPUT
        heading = ">per item" if per_item else column
        right = heading.startswith(">")
        table.add_column(
            Text(heading.removeprefix(">")), justify="right" if right else "left",
            min_width=width, no_wrap=True,
        )  # fmt: skip
    for row in rows:
        started = fmt.when(row["started_at"]).removesuffix(" UTC")
        _row(table, f"  {row['arm']}", *_state(row), str(row["runs"]), started, row["cell_id"])
    title = _line(f"{rows[0]['model']}{_model_note(rows[0])}", "italic")
    yield title
    yield table
    for row in rows:
        if not row["launches_ok"] and row["error"]:
            yield _line(f"  {row['arm']} failed: {row['error']}")


def _model_note(row: dict[str, Any]) -> str:
    """What has to be said of all cells of a model: where they are from, and of its weights."""
    origin = None if row["origin"] == MEASURED else f"{row['origin']}, not measured here"
    notes = [note for note in (origin, row["model_note"]) if note]
    return f" ({'; '.join(notes)})" if notes else ""


def _state(row: dict[str, Any]) -> tuple[str, str]:
    """The headline with its spread, or why there is none."""
    if row["launches_ok"]:
        return fmt.ms(row["headline_ms"]), _spread(row)
    if row["launches_failed"]:
        return "failed", fmt.counted(row["launches_failed"], "launch")
    return "not timed" if row["origin"] == MEASURED else "layers only", ""


def _spread(row: dict[str, Any]) -> str:
    if row["headline_min_ms"] is None:
        return fmt.UNKNOWN
    return f"{fmt.number(row['headline_min_ms'])} to {fmt.number(row['headline_max_ms'])}"


def certificates_text(certificates: Sequence[CertificateView]) -> RenderableType:
    """A line for each certificate, newest first, under a heading; nothing without any."""
    if not certificates:
        return Group()
    lines = [
        _line(
            f"{found.device} \N{MIDDLE DOT} OpenVINO {found.runtime}: {certified_sentence(found)}"
        )
        for found in certificates
    ]
    return Group(_heading("Certificates: A against A"), *lines)


def unmeasured_text(unmeasured: Sequence[JudgedVariant]) -> RenderableType:
    """Variants that were made and never measured, with their accuracy; nothing without any."""
    if not unmeasured:
        return Group()
    lines: list[RenderableType] = [_heading("Quantised, not measured yet")]
    for found in unmeasured:
        lines.append(_line(f"{found.variant.model}: {found.variant.kind}"))
        lines += [_line(f"  {line}") for line in briefs(found.accuracy)]
        lines += [_line(f"  {found.variant.note}", "yellow")] if found.variant.note else []
    return Group(*lines)


def comparison_text(comparison: Comparison) -> RenderableType:
    """A comparison: the answer first, then where the time goes, causes and cautions."""
    return Group(*_sections(comparison))


def _sections(comparison: Comparison) -> Iterator[RenderableType]:
    yield _answer(comparison)
    yield _sides(comparison)
    yield from _ran_in(comparison)
    for title, note in _cell_notes(comparison.baseline, comparison.candidate):
        yield _line(f"{title}: {note}", "italic")
    if not is_told(comparison):
        yield _line(_estimate_text(comparison.estimate))
    for standing in comparison.standings:
        yield _line(f"{standing.device}, OpenVINO {standing.runtime}: {standing.sentence}")
    yield from _accuracy(comparison)
    if comparison.attribution is not None:
        per = "item" if comparison.candidate.is_throughput else "inference"
        yield from _attribution(comparison.attribution, per)
    yield from _layer_story(comparison)
    yield from _worst_layers(comparison)
    yield from _causes(comparison)
    for caution in comparison.cautions:
        yield _line(f"Caution: {caution.message}; {caution.action}", "yellow")


def _answer(comparison: Comparison) -> Text:
    """The verdict with its sign; of figures without one only what they tell."""
    verdict = comparison.estimate.verdict
    if is_told(comparison):
        times = fmt.speedup(comparison.estimate.speedup)
        return _line(f"{TOLD}: {times}. {comparison.sentence}", "bold")
    return _line(f"{verdict.sign} {comparison.sentence}", f"bold {VERDICT_STYLES[verdict]}")


def _layer_story(comparison: Comparison) -> Iterator[RenderableType]:
    """The layers that differ, unless their times explain nothing."""
    measured = comparison.baseline.is_measured and comparison.candidate.is_measured
    if comparison.attribution is None and not measured:
        yield _line(f"No layer story: {no_layers(comparison)}.")
    if comparison.attribution is None or not comparison.attribution.withheld:
        yield from _groups(comparison)
        yield from _inserted(comparison, CANDIDATE, "Inserted in the candidate", _TOP_GROUPS)
        yield from _inserted(comparison, BASELINE, "Only in the baseline", _TOP_GONE)


def _accuracy(comparison: Comparison) -> Iterator[RenderableType]:
    """How good the answers are, by dataset, and what was kept in float for their sake."""
    for view in comparison.accuracy:
        for number, line in enumerate(sentences(view)):
            yield _line(line if number == 0 else f"  {line}")
    for found in comparison.reverted:
        yield _line(reverted_sentence(found))


def _sides(comparison: Comparison) -> Table:
    estimate = comparison.estimate
    sides = (
        ("baseline", comparison.baseline, estimate.baseline_ms),
        ("candidate", comparison.candidate, estimate.candidate_ms),
    )
    driven = {cell.is_throughput for _, cell, _ in sides}
    extra = (">throughput",) if True in driven else ()
    heading = {1: ">per item" if True in driven else ">latency"}.get(len(driven), ">time")
    table = _table("", "model", "arm", "OpenVINO", "device", *extra, heading)
    for label, cell, time_ms in sides:
        rate = fmt.fps(fmt.per_second(time_ms)) if cell.is_throughput else fmt.DASH
        rates = (rate,) if extra else ()
        _row(table, label, cell.model, cell.arm, cell.runtime, cell.device, *rates,
             fmt.ms(time_ms))  # fmt: skip
    return table


def _ran_in(comparison: Comparison) -> Iterator[RenderableType]:
    """In which precisions each side's time was really spent, where it was profiled."""
    for label, shares in (
        ("baseline", comparison.baseline_precisions),
        ("candidate", comparison.candidate_precisions),
    ):
        if shares:
            yield _line(f"{label} ran in: {precision_words(shares)}")


def _cell_notes(*cells: CellView) -> list[tuple[str, str]]:
    return sorted({(cell.model_title, cell.model_note) for cell in cells if cell.model_note})


def _estimate_text(estimate: Estimate) -> str:
    """Speed-up with its interval, and how sure that is."""
    low, high = estimate.speedup_bounds
    basis = (
        fmt.counted(estimate.blocks, "paired block") if estimate.paired
        else f"unpaired, {fmt.counted(estimate.blocks, 'launch')}"
    )  # fmt: skip
    text = (
        f"speed-up {fmt.speedup(estimate.speedup)}, 95 % interval {fmt.interval(low, high)} "
        f"({basis}); ratio {estimate.ratio:.3f}"
    )
    if estimate.blocks_needed is None:
        return text
    return f"{text}; about {fmt.counted(estimate.blocks_needed, 'block')} would settle it"


def _attribution(attribution: Attribution, per: str) -> Iterator[RenderableType]:
    yield _heading(f"Where the difference comes from, per {per}")
    if attribution.withheld:
        yield _line("Withheld: what the layers do not explain is larger than the difference.")
    table = _table("", ">candidate - baseline")
    for group_class, value_us in () if attribution.withheld else attribution.parts:
        name = _CLASSES.get(group_class, group_class.value.replace("_", " "))
        _row(table, name, fmt.delta_us(value_us))
    _row(table, "unattributed", fmt.delta_us(attribution.unattributed_us))
    _row(table, "wall-clock difference", fmt.delta_us(attribution.wall_us))
    yield table


def _groups(comparison: Comparison) -> Iterator[RenderableType]:
    if not comparison.groups:
        return
    coverage = comparison.coverage
    matched = (
        f", matched: {fmt.percent(coverage.baseline)} of the baseline's time,"
        f" {fmt.percent(coverage.candidate)} of the candidate's"
        if coverage else ""
    )  # fmt: skip
    yield _heading(f"Layers that differ most{matched}")
    judged = any(group.sqnr_db is not None for group in comparison.groups)
    extra = (">SQNR",) if judged else ()
    table = _table("layer", "type", "class", ">baseline", ">candidate", ">difference", *extra)
    for group in telling(comparison.groups, _TOP_GROUPS):
        sqnr = (fmt.DASH if group.sqnr_db is None else fmt.db(group.sqnr_db),) if judged else ()
        _row(table, group.label, group.op_type, group.group_class.value.replace("_", " "),
             fmt.us(group.baseline_us), fmt.us(group.candidate_us),
             fmt.delta_us(group.delta_us), *sqnr)  # fmt: skip
    yield table


def _worst_layers(comparison: Comparison) -> Iterator[RenderableType]:
    """Which layers suffer most, also where nothing is told of their times."""
    found = comparison.worst_layers
    if not found:
        return
    yield _heading(worst_title(comparison.candidate.variant_kind, comparison.sqnr_dataset))
    timed = any(layer.delta_us is not None for layer in found)
    table = _table("layer", "type", ">SQNR", *((">difference",) if timed else ()))
    for layer in found:
        times = (fmt.delta_us(layer.delta_us),) if timed else ()
        _row(table, layer.label, layer.op_type, fmt.db(layer.sqnr_db), *times)
    yield table
    yield _line(f"{worst_note(comparison.candidate.variant_kind)}.", "dim")


def _inserted(comparison: Comparison, side: str, title: str, most: int) -> Iterator[RenderableType]:
    found = sorted(
        (node for node in comparison.inserted if node.side == side and not node.shared),
        key=lambda node: -node.layer.time_us,
    )
    if not found:
        return
    total = fmt.us(sum(node.layer.time_us for node in found))
    yield _heading(f"{title}: {_layers(len(found))}, {total}")
    table = _table("layer", "why", "between", ">time")
    for node in found[:most]:
        between = f"{node.producer or fmt.DASH} and {node.consumer or fmt.DASH}"
        _row(table, node.layer.name, node.kind.value, between, fmt.us(node.layer.time_us))
    yield table


def _layers(number: int) -> str:
    return "1 layer" if number == 1 else f"{number} layers"


def _causes(comparison: Comparison) -> Iterator[RenderableType]:
    if not comparison.causes:
        return
    yield _heading("Causes, by recoverable time")
    for cause in comparison.causes:
        gain = f"{fmt.us(cause.recoverable_us)}, " if cause.recoverable_us else ""
        sure = f"confidence {cause.confidence}"
        yield _line(f"- {cause.title} ({cause.cause_id}): {gain}{sure}")
        yield _line(f"  {cause.evidence}")
        yield _line(f"  What to do: {cause.action}")


def _table(*headings: str) -> Table:
    """A plain table; a heading that starts with ``>`` is that of a column of figures."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        right = heading.startswith(">")
        table.add_column(
            Text(heading.removeprefix(">")), justify="right" if right else "left", no_wrap=right
        )
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(fmt.plain(cell)) for cell in cells))


def _heading(text: str) -> Text:
    return Text(f"\n{fmt.plain(text)}", style="bold")


def _line(text: str, style: str = "") -> Text:
    return Text(fmt.plain(text), style=style)


def to_text(renderable: RenderableType) -> str:
    """What to write to standard output: as wide as the terminal, or 100 columns without one."""
    seen = Console()
    width = seen.width if seen.is_terminal else _PIPE_WIDTH
    text = io.StringIO()
    Console(file=text, width=width, force_terminal=seen.is_terminal, highlight=False).print(
        renderable
    )
    return "\n".join(line.rstrip() for line in text.getvalue().strip("\n").split("\n"))
