"""The rows of the pages' tables as Arrow, with the unit in each column's name.

Picks and names columns; figures come from ``results``. How a column is drawn is said
in ``dashboard.views.columns``; the tables of a run are in ``dashboard.run_tables``, those of
a pair of cells in ``dashboard.compare_tables``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from dashboard import theme
from results import format as fmt
from results.accuracy_words import briefs
from results.comparison import MEASURED, CellView
from results.headline import TOLD, Pick, time_name

_NOTHING = "\N{EN DASH}"
_SHORT_ID = 8


@dataclass(frozen=True)
class Spread:
    """The lowest and the highest launch headline of a cell's latest run, in ms."""

    low_ms: float
    high_ms: float


def spreads(summaries: pa.Table) -> dict[str, Spread]:
    """By cell, from ``queries.cell_summaries``; cells without a good launch are left out."""
    return {
        row["cell_id"]: Spread(row["headline_min_ms"], row["headline_max_ms"])
        for row in summaries.to_pylist()
        if row["headline_min_ms"] is not None
    }


def table(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> pa.Table:
    """Rows as Arrow; the columns stay where there are no rows."""
    kept = list(rows)
    return pa.table({name: [row[name] for row in kept] for name in columns})


_PLACE = ("Scenario", "Device", "OpenVINO")
_PLACED_AFTER = 2


def told_apart(found: pa.Table) -> pa.Table:
    """With what tells its rows apart, scenario, device or version, right after what they are."""
    there = [name for name in _PLACE if name in found.column_names]
    moved = [name for name in there if len(set(found[name].to_pylist())) > 1]
    rest = [name for name in found.column_names if name not in moved]
    return found.select([*rest[:_PLACED_AFTER], *moved, *rest[_PLACED_AFTER:]])


OVERVIEW = ("Model", "Verdict", "Origin", "Speed-up (x)", "95 % low (x)", "95 % high (x)",
            "Cautions", "Time is", "Baseline (ms)", "INT8 (ms)", "Baseline (1/s)", "INT8 (1/s)",
            "Top-1 (%)", "Drop (points)", "Accuracy", "Lowest time", "Blocks", "Baseline",
            "INT8 arm", "Device", "OpenVINO", "Scenario", "Note")  # fmt: skip
_PER_SECOND = frozenset({"Baseline (1/s)", "INT8 (1/s)"})
_LABELLED = frozenset({"Top-1 (%)", "Drop (points)"})
_JUDGED = frozenset({"Accuracy"})


def overview(picked: Sequence[Pick]) -> pa.Table:
    """A row for each model on each device.

    Inferences per second where there is throughput, accuracy where anything was judged.
    """
    absent: set[str] = set()
    if all(pick.row.origin == MEASURED for pick in picked):
        absent.add("Origin")
    if not any(arm.cell.is_throughput for pick in picked for arm in pick.row.arms):
        absent |= _PER_SECOND
    if not any(pick.accuracy for pick in picked):
        absent |= _JUDGED
    if not any(view.labels for pick in picked for view in pick.accuracy[:1]):
        absent |= _LABELLED
    columns = [name for name in OVERVIEW if name not in absent]
    return told_apart(table((_overview_row(pick) for pick in picked), columns))


FOREIGN = ("Model", "Result", "Speed-up (x)", "Device", "OpenVINO", "Origin")


def foreign(picked: Sequence[Pick]) -> pa.Table:
    """The rows of what was not measured here; no verdicts, and no column that says nothing."""
    found = overview(picked)
    found = found.rename_columns(["Result" if x == "Verdict" else x for x in found.column_names])
    told = filled(found)
    return found.select([*FOREIGN, *(x for x in told.column_names if x not in FOREIGN)])


def filled(found: pa.Table) -> pa.Table:
    """The columns that say anything in any row."""
    silent = {None, ""}
    return found.select([x for x in found.column_names if set(found[x].to_pylist()) - silent])


def _overview_row(pick: Pick) -> dict[str, object]:
    row, verdict = pick.row, pick.verdict
    estimate = verdict.estimate if verdict else None
    low, high = estimate.speedup_bounds if estimate else (None, None)
    driven = bool(verdict and verdict.candidate.is_throughput)
    top1 = pick.accuracy[0].top1 if pick.accuracy else None
    return {
        "Model": row.model_title, "Device": row.device, "OpenVINO": row.runtime,
        "Scenario": row.scenario_title,
        "Verdict": verdict_words(pick), "Origin": row.origin,
        "Speed-up (x)": estimate.speedup if estimate else None,
        "95 % low (x)": low, "95 % high (x)": high,
        "Time is": time_name([arm.cell for arm in row.arms]).lower(),
        "Baseline": verdict.baseline.arm if verdict else None,
        "Baseline (ms)": estimate.baseline_ms if estimate else None,
        "Baseline (1/s)": fmt.per_second(estimate.baseline_ms) if estimate and driven else None,
        "INT8 arm": verdict.candidate.arm if verdict else None,
        "INT8 (ms)": estimate.candidate_ms if estimate else None,
        "INT8 (1/s)": fmt.per_second(estimate.candidate_ms) if estimate and driven else None,
        "Top-1 (%)": 100.0 * top1.top1.value if top1 else None,
        "Drop (points)": top1.drop_points if top1 else None,
        "Accuracy": "; ".join(briefs(pick.accuracy)),
        "Lowest time": best_arms(pick),
        "Blocks": estimate.blocks if estimate else None,
        "Cautions": "; ".join(caution.message for caution in verdict.cautions) if verdict else "",
        "Note": row.model_note or pick.reason or "",
    }  # fmt: skip


def verdict_words(pick: Pick) -> str:
    """Sign and word of a verdict, or that it failed or is not there; ``!`` with cautions.

    What was not measured here and has no interval is no verdict.
    """
    if pick.verdict is None:
        if any(arm.error for arm in pick.row.arms):
            return f"{theme.FAILED.sign} {theme.FAILED.word}"
        return "no result" if pick.row.origin == MEASURED else "one side only"
    if pick.row.origin != MEASURED and pick.verdict.estimate.ci_low is None:
        return TOLD
    look = theme.LOOKS[pick.verdict.estimate.verdict]
    return f"{look.sign} {look.word}{' !' if pick.verdict.cautions else ''}"


def best_arms(pick: Pick) -> str:
    """The quickest arm of a row, those that are equivalent to it, and those not told apart."""
    if pick.row.best is None:
        return _NOTHING
    lowest = " = ".join(cell.arm for cell in (pick.row.best, *pick.row.ties))
    untold = ", ".join(cell.arm for cell in pick.row.undecided)
    return f"{lowest}; not told apart: {untold}" if untold else lowest


CELLS = ("Model", "Arm", "Time is", "Time (ms)", "Inferences per second (1/s)",
         "Latency 50 % (ms)", "Latency 90 % (ms)", "Latency 99 % (ms)", "Compile, cold (ms)",
         "Compile, from cache (ms)", "First inference (ms)", "Peak memory (MiB)", "Blocks",
         "Failed launches", "Scenario", "Device", "OpenVINO", "Run", "Reason")  # fmt: skip


def cells(summaries: pa.Table, shown: Sequence[CellView]) -> pa.Table:
    """Each of these cells' latest run in figures, from ``queries.cell_summaries``."""
    wanted = pa.array([cell.cell_id for cell in shown], pa.string())
    few = summaries.filter(pc.is_in(summaries["cell_id"], wanted))
    by_id = {row["cell_id"]: row for row in few.to_pylist()}
    found = [(cell, by_id[cell.cell_id]) for cell in shown if cell.cell_id in by_id]
    arms = arm_names([cell for cell, _ in found])
    return told_apart(table((_cell_row(cell, row, arms) for cell, row in found), CELLS))


def arm_names(cells: Sequence[CellView]) -> dict[str, str]:
    """By cell id the arm, with the beginning of its variant's id where a model has two of it."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for cell in cells:
        kinds.setdefault((cell.model_id, cell.arm), set()).add(cell.variant_id)
    return {
        cell.cell_id: cell.arm
        if len(kinds[cell.model_id, cell.arm]) == 1
        else f"{cell.arm} ({cell.variant_id[:_SHORT_ID]})"
        for cell in cells
    }


def _cell_row(
    cell: CellView, row: Mapping[str, object], arms: Mapping[str, str]
) -> dict[str, object]:
    return {
        "Model": cell.model_title, "Arm": arms[cell.cell_id],
        "Scenario": fmt.scenario(
            cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
        ),
        "Time is": time_name([cell]).lower(), "Time (ms)": row["headline_ms"],
        "Inferences per second (1/s)": row["throughput_fps"],
        "Latency 50 % (ms)": row["p50_ms"], "Latency 90 % (ms)": row["p90_ms"],
        "Latency 99 % (ms)": row["p99_ms"], "Compile, cold (ms)": row["compile_ms"],
        "Compile, from cache (ms)": row["cached_compile_ms"],
        "First inference (ms)": row["first_inference_ms"],
        "Peak memory (MiB)": row["peak_memory_mib"], "Blocks": row["blocks"],
        "Failed launches": row["launches_failed"], "Device": cell.device,
        "OpenVINO": cell.runtime, "Run": row["run_id"], "Reason": row["error"] or "",
    }  # fmt: skip


LAYERS = ("#", "Layer", "Type", "Precision", "Kernel", "Time (µs)", "Share (%)", "Executed",
          "Inputs", "Outputs", "Output shape", "Original names")  # fmt: skip


def layers(found: pa.Table) -> pa.Table:
    """The rows of ``queries.layers_table``, named for people."""
    return table((_layer_row(row) for row in found.to_pylist()), LAYERS)


def _layer_row(row: Mapping[str, object]) -> dict[str, object]:
    share = row["time_share"]
    return {
        "#": row["node_index"], "Layer": row["name"], "Type": row["node_type"],
        "Precision": row["runtime_precision"], "Kernel": row["primitive"],
        "Time (µs)": row["time_us"],
        "Share (%)": 100.0 * share if isinstance(share, float) else None,
        "Executed": row["status"] == "executed",
        "Inputs": _paired(row["input_precisions"], row["input_layouts"]),
        "Outputs": _paired(row["output_precisions"], row["output_layouts"]),
        "Output shape": _listed(row["output_shapes"]),
        "Original names": _listed(row["original_names"]),
    }  # fmt: skip


def _listed(values: object) -> str:
    return ", ".join(values) if isinstance(values, list) else ""


def _paired(precisions: object, layouts: object) -> str:
    if not isinstance(precisions, list) or not isinstance(layouts, list):
        return ""
    return ", ".join(f"{a} {b}" for a, b in zip(precisions, layouts, strict=False))
