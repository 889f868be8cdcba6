"""The tables of the page Versions as Arrow, with the unit in each column's name.

Picks and names columns, as ``dashboard.tables`` does for the other pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dashboard.followed import names_of
from dashboard.tables import table, told_apart
from results import format as fmt
from results.headline import time_name
from results.versions.change_shapes import GroupChange, InsertedChange
from results.versions.shapes import Changes, History, SeriesPoint, TriageRow
from results.versions.words import OTHER_RUN, UNPAIRED, evidence_words

_NOTHING = fmt.DASH
SERIES = ("OpenVINO", "Arm", "Result", "Time is", "Time (ms)", "95 % low (ms)", "95 % high (ms)",
          "Items per second (1/s)", "Since the one before", "Speed-up (x)", "Low (x)", "High (x)",
          "Blocks", "Run", "Reason")  # fmt: skip


def series(history: History) -> pa.Table:
    """A row for each version and arm, oldest version first."""
    named = zip(history.series, names_of(history), strict=True)
    rows = [(point, name) for one, name in named for point in one.points]
    order = {version: number for number, version in enumerate(history.versions)}
    rows.sort(key=lambda row: order[row[0].version])
    return table((_series_row(point, name) for point, name in rows), SERIES)


def _series_row(point: SeriesPoint, arm: str) -> dict[str, object]:
    step = point.step.estimate if point.step else None
    low, high = step.speedup_bounds if step else (None, None)
    return {
        "OpenVINO": point.version.label, "Arm": arm,
        "Result": result_words(point),
        "Time is": time_name([point.cell]).lower(), "Time (ms)": point.median_ms,
        "95 % low (ms)": point.low_ms, "95 % high (ms)": point.high_ms,
        "Items per second (1/s)": point.per_second,
        "Since the one before": step_words(point),
        "Speed-up (x)": step.speedup if step else None, "Low (x)": low, "High (x)": high,
        "Blocks": point.blocks, "Run": point.run_id or _NOTHING, "Reason": point.failure or "",
    }  # fmt: skip


def result_words(point: SeriesPoint) -> str:
    """Measured or failed; marked where the run that the series stands on has no such time."""
    told = "measured" if point.failure is None else "\N{MULTIPLICATION SIGN} failed"
    return f"{told}, {OTHER_RUN}" if point.of_another_run else told


def step_words(point: SeriesPoint) -> str:
    """What became of the time, since which version; a change point and unpaired marked."""
    if point.step is None:
        return _NOTHING
    verdict = point.step.estimate.verdict
    marked = ", change point" if point.step.is_change_point else ""
    apart = "" if point.step.estimate.paired else f", {UNPAIRED}"
    return f"{verdict.sign} {verdict.value} since {point.step.previous.label}{marked}{apart}"


SUMS = ("What changed", "Count", "Adds to the time (µs)")


def sums(found: Changes) -> pa.Table:
    """A row for each kind of change, then what is left, then what all rows add up to.

    Where times are withheld the kinds have none: they explain nothing.
    """
    kinds = [
        (one.kind.value, one.count, None if found.withheld else one.delta_us) for one in found.sums
    ]
    closing = [("unattributed", None, found.unattributed_us), ("wall clock", None, found.wall_us)]
    return table((dict(zip(SUMS, row, strict=True)) for row in [*kinds, *closing]), SUMS)


LONE = ("Only in", "Layer", "Operations", "Kernel", "Because", "Time (µs)")


def lone(found: Changes) -> pa.Table:
    """A row for each layer that only one of the versions has."""
    versions = {True: found.candidate.label, False: found.baseline.label}
    rows = (
        {"Only in": versions[one.is_candidate], "Layer": one.name,
         "Operations": ", ".join(one.operations), "Kernel": one.kernel or _NOTHING,
         "Because": one.kind.value, "Time (µs)": one.time_us}
        for one in found.lone
    )  # fmt: skip
    return table(rows, LONE)


GROUPS = ("Layer", "Change", "Type", "From kernel", "To kernel", "From precision", "To precision",
          "Before (µs)", "After (µs)", "Difference (µs)", "From layers", "To layers")  # fmt: skip


def groups(found: Sequence[GroupChange]) -> pa.Table:
    """A row for each group of layers that the two versions run differently."""
    return table((_group_row(one) for one in found), GROUPS)


def _group_row(one: GroupChange) -> dict[str, object]:
    return {
        "Layer": one.label, "Change": one.kind.value, "Type": one.op_type,
        "From kernel": one.from_kernel, "To kernel": one.to_kernel,
        "From precision": one.from_precision, "To precision": one.to_precision,
        "Before (µs)": one.before_us, "After (µs)": one.after_us,
        "Difference (µs)": one.delta_us,
        "From layers": " + ".join(one.from_layers) or _NOTHING,
        "To layers": " + ".join(one.to_layers) or _NOTHING,
    }  # fmt: skip


CONVERSIONS = ("Change", "Layer", "Type", "Why", "After", "Before", "Time (µs)")


def conversions(found: Sequence[InsertedChange]) -> pa.Table:
    """A row for each Reorder and Convert that only one of the versions has."""
    return table((_conversion_row(one) for one in found), CONVERSIONS)


def _conversion_row(one: InsertedChange) -> dict[str, object]:
    return {
        "Change": one.kind.value, "Layer": one.name, "Type": one.node_type, "Why": one.why.value,
        "After": one.producer or _NOTHING, "Before": one.consumer or _NOTHING,
        "Time (µs)": one.time_us,
    }  # fmt: skip


TRIAGE = ("Model", "Arm", "Bucket", "Speed-up (x)", "95 % low (x)", "95 % high (x)",
          "Evidence", "Baseline (ms)", "Candidate (ms)", "Cause", "Scenario", "Device")  # fmt: skip


def triage(rows: Sequence[TriageRow]) -> pa.Table:
    """A row for each cell of the two versions."""
    return told_apart(table((_triage_row(row) for row in rows), TRIAGE))


def _triage_row(row: TriageRow) -> dict[str, object]:
    cell, estimate = row.cell, row.estimate
    low, high = estimate.speedup_bounds if estimate else (None, None)
    causes = "; ".join(cause.text for cause in row.causes)
    return {
        "Model": cell.model_title, "Arm": cell.arm,
        "Bucket": f"{row.bucket.sign} {row.bucket.value}",
        "Speed-up (x)": estimate.speedup if estimate else None,
        "95 % low (x)": low, "95 % high (x)": high,
        "Evidence": evidence_words(estimate) if estimate else _NOTHING,
        "Baseline (ms)": estimate.baseline_ms if estimate else None,
        "Candidate (ms)": estimate.candidate_ms if estimate else None,
        "Cause": row.reason or causes, "Device": cell.device,
        "Scenario": fmt.scenario(
            cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
        ),
    }  # fmt: skip
