"""The list of cells as text for a terminal, with certificates and what was never measured.

Only layout lives here; figures are formatted by ``results.format`` and computed elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.accuracy import JudgedVariant
from results.accuracy_words import briefs
from results.certificate import CertificateView, certified_sentence
from results.comparison import MEASURED, THROUGHPUT
from results.terminal import add_row, heading, text_line

_LIST_COLUMNS = (("", 25), (">latency", 8), (">lowest to highest", 17), (">runs", 4),
                 ("latest run (UTC)", 16), ("cell", 16))  # fmt: skip


def cells_text(summaries: pa.Table) -> RenderableType:
    """The rows of ``queries.cell_summaries``: by device, version and scenario, then by model.

    A cell whose launches all failed in its latest run is followed by the reason.
    """
    parts: list[RenderableType] = []
    rows = sorted(summaries.to_pylist(), key=_setting)
    for (device, runtime, scenario), found in groupby(rows, key=_setting):
        title = f"{device} \N{MIDDLE DOT} OpenVINO {runtime} \N{MIDDLE DOT} {scenario}"
        parts.append(heading(title))
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
        name = ">per item" if per_item else column
        right = name.startswith(">")
        table.add_column(
            Text(name.removeprefix(">")), justify="right" if right else "left",
            min_width=width, no_wrap=True,
        )  # fmt: skip
    for row in rows:
        started = fmt.when(row["started_at"]).removesuffix(" UTC")
        add_row(table, f"  {row['arm']}", *_state(row), str(row["runs"]), started, row["cell_id"])
    title = text_line(f"{rows[0]['model']}{_model_note(rows[0])}", "italic")
    yield title
    yield table
    for row in rows:
        if not row["launches_ok"] and row["error"]:
            yield text_line(f"  {row['arm']} failed: {row['error']}")


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
        text_line(
            f"{found.device} \N{MIDDLE DOT} OpenVINO {found.runtime}: {certified_sentence(found)}"
        )
        for found in certificates
    ]
    return Group(heading("Certificates: A against A"), *lines)


def unmeasured_text(unmeasured: Sequence[JudgedVariant]) -> RenderableType:
    """Variants that were made and never measured, with their accuracy; nothing without any."""
    if not unmeasured:
        return Group()
    lines: list[RenderableType] = [heading("Quantised, not measured yet")]
    for found in unmeasured:
        lines.append(text_line(f"{found.variant.model}: {found.variant.kind}"))
        lines += [text_line(f"  {line}") for line in briefs(found.accuracy)]
        lines += [text_line(f"  {found.variant.note}", "yellow")] if found.variant.note else []
    return Group(*lines)
