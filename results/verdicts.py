"""The verdict table that a run ends with: every INT8 arm against both float baselines.

A verdict that a caution lowers trust in is marked, and the caution told below.

The same facts as text for a terminal and as JSON. Estimates are made in
``results.overview``; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.accuracy_words import briefs
from results.comparison import THROUGHPUT, CellView, ShownCaution
from results.export_json import accuracy_body
from results.json_text import json_text
from results.kinds import is_int8_variant
from results.overview import ArmTime, ArmVerdict, OverviewRow
from results.render import VERDICT_STYLES

_MARK = "!"
# heading, width, alignment of each column; 78 columns in all
_COLUMNS: tuple[tuple[str, int, Literal["left", "right"]], ...] = (
    ("  baseline", 14, "left"), ("FP32", 8, "right"), ("INT8", 8, "right"),
    ("INT8 is", 14, "left"), ("speed-up", 8, "right"), ("95 % interval", 16, "right"),
)  # fmt: skip


def verdicts_text(rows: Sequence[OverviewRow]) -> RenderableType:
    """Per device and runtime each model and INT8 arm, against both float baselines."""
    parts: list[RenderableType] = []
    for (device, runtime, scenario), found in groupby(rows, key=_setting):
        title = f"{device} \N{MIDDLE DOT} OpenVINO {runtime} \N{MIDDLE DOT} {scenario}"
        parts.append(Text(f"\n{fmt.plain(title)}", style="bold"))
        parts.append(_table([], header=True))
        for row in found:
            parts += _model(row)
    parts.append(Text(_legend(rows), style="dim"))
    parts += [Text(f"{_MARK} {fmt.plain(line)}", style="yellow") for line in _cautions(rows)]
    return Group(*parts)


def _setting(row: OverviewRow) -> tuple[str, str, str]:
    return row.device, row.runtime, row.scenario_title


def _table(lines: Sequence[list[Text]], *, header: bool = False) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=header)
    for heading, width, justify in _COLUMNS:
        table.add_column(heading, width=width, justify=justify, no_wrap=True)
    for line in lines:
        table.add_row(*line)
    return table


def _model(row: OverviewRow) -> Iterator[RenderableType]:
    """The model's name, then a line per baseline; every INT8 arm has a name line of its own."""
    int8_arms = [arm for arm in row.arms if is_int8_variant(arm.cell.variant_kind)]
    for arm in int8_arms:
        yield Text(fmt.plain(_label(row, arm.cell)))
        if arm.median_ms is None:
            yield Text(f"  failed: {fmt.plain(arm.error or 'no reason given')}")
        yield from _accuracy(row, arm.cell)
        yield from _failed_baselines(row)
        yield _table([_cells(verdict) for verdict in row.verdicts if _is_of(verdict, arm.cell)])
        if not any(_is_of(verdict, arm.cell) for verdict in row.verdicts) and arm.median_ms:
            yield Text(f"  {arm.cell.arm} {fmt.ms(arm.median_ms)}; no float baseline was measured")
    if not int8_arms:
        yield Text(f"{fmt.plain(row.model)}: no INT8 arm was measured")
        yield from _failed_baselines(row)


def _accuracy(row: OverviewRow, cell: CellView) -> Iterator[Text]:
    """A line for each dataset that the arm's variant was judged on, and what it is not for."""
    for line in briefs(row.accuracy_of(cell)):
        yield Text(f"  {fmt.plain(line)}")


def _failed_baselines(row: OverviewRow) -> Iterator[RenderableType]:
    for arm in row.arms:
        if arm.median_ms is None and not is_int8_variant(arm.cell.variant_kind):
            reason = fmt.plain(arm.error or "no reason given")
            yield Text(f"  {arm.cell.arm} failed: {reason}")


def _is_of(verdict: ArmVerdict, cell: CellView) -> bool:
    return verdict.candidate.cell_id == cell.cell_id


def _label(row: OverviewRow, cell: CellView) -> str:
    """The model's name, with the kind of the INT8 variant where it is not the only, usual one."""
    kinds = {arm.cell.variant_kind for arm in row.arms if is_int8_variant(arm.cell.variant_kind)}
    usual = kinds == {"int8-simplified"}
    return row.model if usual else f"{row.model} ({cell.variant_kind})"


def _cells(verdict: ArmVerdict) -> list[Text]:
    estimate = verdict.estimate
    style = VERDICT_STYLES[estimate.verdict]
    return [
        Text(f"{_MARK if verdict.cautions else ' '} {verdict.baseline.arm}"),
        Text(_time(verdict.baseline, estimate.baseline_ms)),
        Text(_time(verdict.candidate, estimate.candidate_ms)),
        Text(f"{estimate.verdict.sign} {estimate.verdict}", style=style),
        Text(fmt.speedup(estimate.speedup), style=style),
        Text(fmt.interval(*estimate.speedup_bounds)),
    ]


def _time(cell: CellView, time_ms: float) -> str:
    """A latency; in throughput the inferences per second over the time per item."""
    if not cell.is_throughput:
        return fmt.ms(time_ms)
    return f"{fmt.fps(fmt.per_second(time_ms))}\n{fmt.ms(time_ms)}"


def _cautions(rows: Sequence[OverviewRow]) -> Iterator[str]:
    """What lowers trust in the marked verdicts: each kind of caution once, with its models.

    Where a kind was seen with several values the first is told, and how many there are.
    """
    found: dict[str, dict[ShownCaution, None]] = {}
    models: dict[str, dict[str, None]] = {}
    for row in rows:
        for verdict in row.verdicts:
            for caution in verdict.cautions:
                found.setdefault(caution.caution_id, {})[caution] = None
                models.setdefault(caution.caution_id, {})[_label(row, verdict.candidate)] = None
    for kind, cautions in found.items():
        first, more = next(iter(cautions)), len(cautions) - 1
        alike = f" (and {more} more like it)" if more else ""
        yield f"{', '.join(models[kind])}: {first.message}{alike}; {first.action}"


def _legend(rows: Sequence[OverviewRow]) -> str:
    blocks = sorted({verdict.estimate.blocks for row in rows for verdict in row.verdicts})
    counted = "-".join(str(count) for count in dict.fromkeys((*blocks[:1], *blocks[-1:])))
    plural = "" if counted == "1" else "s"
    lines = [f"\nspeed-up with its 95 % interval from {counted} block{plural}"] if blocks else []
    if any(row.scenario == THROUGHPUT for row in rows):
        lines.append("throughput: inferences per second, and below them the time per item")
    notes = dict.fromkeys(row.model_note for row in rows if row.model_note)
    lines += [
        f"{note} ({', '.join(dict.fromkeys(row.model for row in rows if row.model_note == note))})"
        for note in notes
    ]
    return "\n".join(lines)


def overview_json(run_id: str, rows: Sequence[OverviewRow]) -> str:
    """The verdicts of a run; ``ratio`` is INT8 time over baseline time, below 1 is faster.

    ``median_ms`` is a latency, or in throughput the time per item; ``per_second`` is
    told in throughput only.
    """
    body = {
        "run_id": run_id,
        "arms": [_arm(row, arm) for row in rows for arm in row.arms],
        "verdicts": [_verdict(row, verdict) for row in rows for verdict in row.verdicts],
    }
    return json_text(body)


def _arm(row: OverviewRow, arm: ArmTime) -> dict[str, object]:
    rate = fmt.per_second(arm.median_ms) if arm.cell.is_throughput else None
    return {
        "model": row.model,
        "note": row.model_note,
        "device": row.device,
        "runtime": row.runtime,
        **_driven(row),
        "arm": arm.cell.arm,
        "cell_id": arm.cell.cell_id,
        "median_ms": arm.median_ms,
        "per_second": rate,
        "launches": arm.launches,
        "error": arm.error,
        "accuracy": [accuracy_body(view) for view in row.accuracy_of(arm.cell)],
    }


def _verdict(row: OverviewRow, verdict: ArmVerdict) -> dict[str, object]:
    estimate = verdict.estimate
    return {
        "model": row.model,
        "device": row.device,
        **_driven(row),
        "baseline": verdict.baseline.arm,
        "candidate": verdict.candidate.arm,
        "verdict": estimate.verdict.value,
        "ratio": estimate.ratio,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "paired": estimate.paired,
        "blocks": estimate.blocks,
        "cautions": [asdict(caution) for caution in verdict.cautions],
    }


def _driven(row: OverviewRow) -> dict[str, object]:
    return {
        "scenario": row.scenario,
        "batch": row.batch,
        "streams": row.streams,
        "threads": row.threads,
        "requests": row.requests,
    }
