"""Results as text for a terminal: the list of cells and a comparison.

Only layout lives here; figures are formatted by ``results.format`` and computed
elsewhere. Names come from models and devices, so they are shown as plain text and
never read as markup.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.comparison import Attribution, CellView, Comparison, Estimate, GroupClass, Verdict
from results.groups import telling

_TOP_GROUPS = 8
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
    """The rows of ``queries.cell_summaries``: by device, version and scenario, then by model."""
    parts: list[RenderableType] = []
    rows = sorted(summaries.to_pylist(), key=_setting)
    for (device, runtime, scenario, batch), found in groupby(rows, key=_setting):
        title = f"{device} \N{MIDDLE DOT} OpenVINO {runtime} \N{MIDDLE DOT} {scenario}"
        parts.append(_heading(f"{title}, batch {batch}"))
        for number, (_, cells) in enumerate(groupby(found, key=lambda row: row["model_id"])):
            parts += _model_cells(list(cells), with_header=number == 0)
    return Group(*parts)


def _setting(row: dict[str, Any]) -> tuple[str, str, str, int]:
    return row["device"], row["runtime"], row["scenario"], row["batch"]


def _model_cells(rows: list[dict[str, Any]], *, with_header: bool) -> Iterator[RenderableType]:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=with_header)
    for heading, width in _LIST_COLUMNS:
        right = heading.startswith(">")
        table.add_column(
            Text(heading.removeprefix(">")), justify="right" if right else "left",
            min_width=width, no_wrap=True,
        )  # fmt: skip
    for row in rows:
        median, spread = fmt.ms(row["p50_ms"]), _spread(row)
        if not row["launches_ok"]:
            median, spread = "failed", f"{row['launches_failed']} launches"
        started = fmt.when(row["started_at"]).removesuffix(" UTC")
        _row(table, f"  {row['arm']}", median, spread, str(row["runs"]), started, row["cell_id"])
    note = f" ({rows[0]['model_note']})" if rows[0]["model_note"] else ""
    title = _line(f"{rows[0]['model']}{note}", "italic")
    yield title
    yield table


def _spread(row: dict[str, Any]) -> str:
    if row["p50_min_ms"] is None:
        return fmt.UNKNOWN
    return f"{fmt.number(row['p50_min_ms'])} to {fmt.number(row['p50_max_ms'])}"


def comparison_text(comparison: Comparison) -> RenderableType:
    """A comparison: the answer first, then where the time goes, causes and cautions."""
    return Group(*_sections(comparison))


def _sections(comparison: Comparison) -> Iterator[RenderableType]:
    verdict = comparison.estimate.verdict
    yield _line(f"{verdict.sign} {comparison.sentence}", f"bold {VERDICT_STYLES[verdict]}")
    yield _sides(comparison)
    for title, note in _cell_notes(comparison.baseline, comparison.candidate):
        yield _line(f"{title}: {note}", "italic")
    yield _line(_estimate_text(comparison.estimate))
    if comparison.attribution is not None:
        yield from _attribution(comparison.attribution)
    if comparison.attribution is None or not comparison.attribution.withheld:
        yield from _groups(comparison)
        yield from _inserted(comparison)
    yield from _causes(comparison)
    for caution in comparison.cautions:
        yield _line(f"Caution: {caution.message}; {caution.action}", "yellow")


def _sides(comparison: Comparison) -> Table:
    table = _table("", "model", "arm", "OpenVINO", "device", ">latency")
    estimate = comparison.estimate
    for label, cell, median_ms in (
        ("baseline", comparison.baseline, estimate.baseline_ms),
        ("candidate", comparison.candidate, estimate.candidate_ms),
    ):
        _row(table, label, cell.model, cell.arm, cell.runtime, cell.device, fmt.ms(median_ms))
    return table


def _cell_notes(*cells: CellView) -> list[tuple[str, str]]:
    return sorted({(cell.model_title, cell.model_note) for cell in cells if cell.model_note})


def _estimate_text(estimate: Estimate) -> str:
    """Speed-up with its interval, and how sure that is."""
    low, high = estimate.speedup_bounds
    basis = (
        f"{estimate.blocks} paired blocks" if estimate.paired
        else f"unpaired, {estimate.blocks} launches"
    )  # fmt: skip
    text = (
        f"speed-up {fmt.speedup(estimate.speedup)}, 95 % interval {fmt.interval(low, high)} "
        f"({basis}); ratio {estimate.ratio:.3f}"
    )
    if estimate.blocks_needed is None:
        return text
    return f"{text}; about {estimate.blocks_needed} blocks would settle it"


def _attribution(attribution: Attribution) -> Iterator[RenderableType]:
    yield _heading("Where the difference comes from, per inference")
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
    table = _table("layer", "type", "class", ">baseline", ">candidate", ">difference")
    for group in telling(comparison.groups, _TOP_GROUPS):
        _row(table, group.label, group.op_type, group.group_class.value.replace("_", " "),
             fmt.us(group.baseline_us), fmt.us(group.candidate_us),
             fmt.delta_us(group.delta_us))  # fmt: skip
    yield table


def _inserted(comparison: Comparison) -> Iterator[RenderableType]:
    found = sorted(
        (node for node in comparison.inserted if node.side == "candidate" and not node.shared),
        key=lambda node: -node.layer.time_us,
    )
    if not found:
        return
    total = fmt.us(sum(node.layer.time_us for node in found))
    yield _heading(f"Inserted in the candidate: {_layers(len(found))}, {total}")
    table = _table("layer", "why", "between", ">time")
    for node in found[:_TOP_GROUPS]:
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
