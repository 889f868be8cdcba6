"""The verdict table that a run ends with: every INT8 arm against both float baselines.

The same facts as text for a terminal and as JSON. Estimates are made in
``results.overview``; nothing is computed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.comparison import CellView, Estimate, Verdict
from results.overview import ArmVerdict, OverviewRow

SIGNS = {
    Verdict.FASTER: "\N{BLACK UP-POINTING TRIANGLE}",
    Verdict.SLOWER: "\N{BLACK DOWN-POINTING TRIANGLE}",
    Verdict.EQUIVALENT: "=",
    Verdict.INCONCLUSIVE: "?",
}
_STYLES = {
    Verdict.FASTER: "blue",
    Verdict.SLOWER: "yellow",
    Verdict.EQUIVALENT: "",
    Verdict.INCONCLUSIVE: "dim",
}

# heading, width, alignment; the model's name gets what is left and is folded
_COLUMNS: tuple[tuple[str, int, Literal["left", "right"]], ...] = (
    ("baseline", 12, "left"), ("FP32", 8, "right"), ("INT8", 8, "right"), ("INT8 is", 14, "left"),
    ("speed-up", 8, "right"), ("95 % interval", 14, "right"),
)  # fmt: skip


def verdicts_text(rows: Sequence[OverviewRow]) -> RenderableType:
    """One table per device and runtime, one line per model and INT8 arm."""
    parts: list[RenderableType] = []
    for (device, runtime, scenario), found in groupby(rows, key=_setting):
        title = f"{device} \N{MIDDLE DOT} OpenVINO {runtime} \N{MIDDLE DOT} {scenario}"
        parts.append(Text(f"\n{fmt.plain(title)}", style="bold"))
        parts.append(_table(list(found)))
    parts.append(Text(_legend(rows), style="dim"))
    return Group(*parts)


def _setting(row: OverviewRow) -> tuple[str, str, str]:
    return row.device, row.runtime, f"{row.scenario}, batch {row.batch}"


def _table(rows: Sequence[OverviewRow]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("model", overflow="fold")
    for heading, width, justify in _COLUMNS:
        table.add_column(heading, min_width=width, justify=justify, no_wrap=True)
    for row in rows:
        for line in _lines(row):
            table.add_row(*line)
    return table


def _lines(row: OverviewRow) -> Iterator[list[Text]]:
    """Per INT8 arm one line for each baseline; failed arms say so; never nothing."""
    shown = False
    for arm in row.arms:
        label = _label(row.model, arm.cell)
        for verdict in row.verdicts:
            if verdict.candidate.cell_id == arm.cell.cell_id:
                yield [Text(fmt.plain(label)), *_cells(verdict)]
                label, shown = "", True
        if arm.median_ms is None:
            yield [Text(fmt.plain(f"{row.model}, {arm.cell.arm}")), *_blank(3), Text("failed")]
            shown = True
    if not shown:
        yield [Text(fmt.plain(row.model)), *_alone(row)]


def _blank(count: int) -> list[Text]:
    return [Text("") for _ in range(count)]


def _label(model: str, cell: CellView) -> str:
    return model if cell.variant_kind == "int8-simplified" else f"{model} ({cell.variant_kind})"


def _cells(verdict: ArmVerdict) -> list[Text]:
    estimate = verdict.estimate
    style = _STYLES[estimate.verdict]
    return [
        Text(verdict.baseline.arm),
        Text(fmt.ms(estimate.baseline_ms)),
        Text(fmt.ms(estimate.candidate_ms)),
        Text(f"{SIGNS[estimate.verdict]} {estimate.verdict}", style=style),
        Text(fmt.speedup(estimate.speedup), style=style),
        Text(fmt.interval(*speedup_bounds(estimate))),
    ]


def _alone(row: OverviewRow) -> list[Text]:
    """A model that has nothing to be compared with, such as one that came quantised."""
    arm = row.arms[0]
    return [Text("none"), Text(""), Text(fmt.ms(arm.median_ms)), Text(arm.cell.arm)]


def speedup_bounds(estimate: Estimate) -> tuple[float | None, float | None]:
    """The 95 % interval of the speed-up; None with fewer than two blocks."""
    if estimate.ci_low is None or estimate.ci_high is None:
        return None, None
    return 1.0 / estimate.ci_high, 1.0 / estimate.ci_low


def _legend(rows: Sequence[OverviewRow]) -> str:
    blocks = sorted({verdict.estimate.blocks for row in rows for verdict in row.verdicts})
    counted = "-".join(str(count) for count in dict.fromkeys((*blocks[:1], *blocks[-1:])))
    lines = [f"\nspeed-up with its 95 % interval from {counted} paired blocks"] if blocks else []
    notes = {row.model_note: None for row in rows if row.model_note}
    lines += [
        f"{note} ({', '.join(row.model for row in rows if row.model_note == note)})"
        for note in notes
    ]
    return "\n".join(lines)


def overview_json(run_id: str, rows: Sequence[OverviewRow]) -> str:
    """The verdicts of a run; ``ratio`` is INT8 time over baseline time, below 1 is faster."""
    body = {
        "run_id": run_id,
        "arms": [
            {
                "model": row.model,
                "note": row.model_note,
                "device": row.device,
                "runtime": row.runtime,
                "arm": arm.cell.arm,
                "cell_id": arm.cell.cell_id,
                "median_ms": arm.median_ms,
                "launches": arm.launches,
                "error": arm.error,
            }
            for row in rows
            for arm in row.arms
        ],
        "verdicts": [
            {
                "model": row.model,
                "device": row.device,
                "baseline": verdict.baseline.arm,
                "candidate": verdict.candidate.arm,
                "verdict": verdict.estimate.verdict.value,
                "ratio": verdict.estimate.ratio,
                "ci_low": verdict.estimate.ci_low,
                "ci_high": verdict.estimate.ci_high,
                "paired": verdict.estimate.paired,
                "blocks": verdict.estimate.blocks,
            }
            for row in rows
            for verdict in row.verdicts
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False)
