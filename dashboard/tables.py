"""The rows of the pages' tables as Arrow, with the unit in each column's name.

Picks and names columns; figures come from ``results``. How a column is drawn is said
in ``dashboard.views.columns``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import pyarrow as pa

from dashboard import theme
from results import format as fmt
from results.comparison import CellView, Group, Inserted
from results.facts import Machine
from results.headline import Pick
from results.schema import arrow_schema
from results.views import LaunchView

_NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Spread:
    """The lowest and the highest launch median of a cell's latest run, in ms."""

    low_ms: float
    high_ms: float


def spreads(summaries: pa.Table) -> dict[str, Spread]:
    """By cell, from ``queries.cell_summaries``; cells without a good launch are left out."""
    return {
        row["cell_id"]: Spread(row["p50_min_ms"], row["p50_max_ms"])
        for row in summaries.to_pylist()
        if row["p50_min_ms"] is not None
    }


def table(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> pa.Table:
    """Rows as Arrow; the columns stay where there are no rows."""
    kept = list(rows)
    return pa.table({name: [row[name] for row in kept] for name in columns})


OVERVIEW = ("Model", "Verdict", "Speed-up (x)", "95 % low (x)", "95 % high (x)", "Baseline (ms)",
            "INT8 (ms)", "Lowest time", "Blocks", "Baseline", "INT8 arm", "Device", "OpenVINO",
            "Scenario", "Note")  # fmt: skip


def overview(picked: Sequence[Pick]) -> pa.Table:
    """A row for each model on each device."""
    return table((_overview_row(pick) for pick in picked), OVERVIEW)


def _overview_row(pick: Pick) -> dict[str, object]:
    row, verdict = pick.row, pick.verdict
    estimate = verdict.estimate if verdict else None
    low, high = estimate.speedup_bounds if estimate else (None, None)
    return {
        "Model": row.model_title, "Device": row.device, "OpenVINO": row.runtime,
        "Scenario": row.scenario,
        "Verdict": verdict_words(pick),
        "Speed-up (x)": estimate.speedup if estimate else None,
        "95 % low (x)": low, "95 % high (x)": high,
        "Baseline": verdict.baseline.arm if verdict else None,
        "Baseline (ms)": estimate.baseline_ms if estimate else None,
        "INT8 arm": verdict.candidate.arm if verdict else None,
        "INT8 (ms)": estimate.candidate_ms if estimate else None,
        "Lowest time": best_arms(pick),
        "Blocks": estimate.blocks if estimate else None,
        "Note": row.model_note or pick.reason or "",
    }  # fmt: skip


def verdict_words(pick: Pick) -> str:
    """Sign and word of a verdict, or that there is none."""
    if pick.verdict is None:
        return "no result"
    look = theme.LOOKS[pick.verdict.estimate.verdict]
    return f"{look.sign} {look.word}"


def best_arms(pick: Pick) -> str:
    """The quickest arm of a row, and those that are equivalent to it."""
    if pick.row.best is None:
        return _NOTHING
    return " = ".join(cell.arm for cell in (pick.row.best, *pick.row.ties))


GROUPS = ("Layer", "Class", "Type", "Baseline (µs)", "Candidate (µs)", "Difference (µs)",
          "Baseline kernel", "Candidate kernel", "Baseline precision", "Candidate precision",
          "Source ops", "Tied by", "Confidence")  # fmt: skip


def groups(found: Sequence[Group]) -> pa.Table:
    """A row for each group of layers that carry the same source ops."""
    return table((_group_row(group) for group in found), GROUPS)


def _group_row(group: Group) -> dict[str, object]:
    return {
        "Layer": group.label,
        "Class": theme.CLASS_WORDS[group.group_class],
        "Type": group.op_type,
        "Baseline (µs)": group.baseline_us, "Candidate (µs)": group.candidate_us,
        "Difference (µs)": group.delta_us,
        "Baseline kernel": _joined(layer.primitive for layer in group.baseline),
        "Candidate kernel": _joined(layer.primitive for layer in group.candidate),
        "Baseline precision": _joined(layer.runtime_precision for layer in group.baseline),
        "Candidate precision": _joined(layer.runtime_precision for layer in group.candidate),
        "Source ops": ", ".join(group.source_ops),
        "Tied by": group.method, "Confidence": group.confidence,
    }  # fmt: skip


INSERTED = ("Side", "Layer", "Type", "Why", "After", "Before", "Time (µs)", "Kernel",
            "Also in the other")  # fmt: skip


def inserted(nodes: Sequence[Inserted]) -> pa.Table:
    """A row for each layer that no source op asked for, with its origin."""
    return table((_inserted_row(node) for node in nodes), INSERTED)


def _inserted_row(node: Inserted) -> dict[str, object]:
    return {
        "Side": node.side, "Layer": node.layer.name, "Type": node.layer.node_type,
        "Why": node.kind.value, "After": node.producer or _NOTHING,
        "Before": node.consumer or _NOTHING, "Time (µs)": node.layer.time_us,
        "Kernel": node.layer.primitive, "Also in the other": node.shared,
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


LAUNCHES = ("Model", "Arm", "Kind", "Block", "Attempt", "Status", "Median (ms)", "90 % (ms)",
            "99 % (ms)", "Throughput (1/s)", "Iterations", "Compile (ms)", "Steal (%)",
            "Other load (%)", "Memory (MiB)", "Reason")  # fmt: skip


def launches(found: Sequence[LaunchView], cells: Mapping[str, CellView]) -> pa.Table:
    """A row for each launch; a failed one has its reason and no figures."""
    return table((_launch_row(launch, cells[launch.cell_id]) for launch in found), LAUNCHES)


def _launch_row(launch: LaunchView, cell: CellView) -> dict[str, object]:
    return {
        "Model": cell.model_title, "Arm": cell.arm, "Kind": launch.kind, "Block": launch.block,
        "Attempt": launch.attempt, "Status": launch.status, "Median (ms)": launch.p50_ms,
        "90 % (ms)": launch.p90_ms, "99 % (ms)": launch.p99_ms,
        "Throughput (1/s)": launch.throughput_fps, "Iterations": launch.iterations,
        "Compile (ms)": launch.compile_ms, "Steal (%)": _percent(launch.steal_share),
        "Other load (%)": _percent(launch.other_cpu_share),
        "Memory (MiB)": launch.peak_memory_mib, "Reason": launch.error or "",
    }  # fmt: skip


def machine(found: Machine) -> pa.Table:
    """Each fact of a machine; what is not known says so."""
    columns = {field.name: field.metadata or {} for field in arrow_schema(Machine)}
    rows = (
        {
            "Fact": columns[field.name][b"doc"].decode(),
            "Value": _fact(getattr(found, field.name), columns[field.name][b"unit"].decode()),
        }
        for field in fields(found)
    )
    return table(rows, ("Fact", "Value"))


def properties(found: Sequence[LaunchView], cells: Mapping[str, CellView]) -> pa.Table:
    """What the compiled models reported: each value of a property, and which cells have it."""
    holders: dict[tuple[str, str], list[str]] = {}
    first = {launch.cell_id: launch for launch in reversed(found) if launch.properties}
    for cell_id, launch in first.items():
        for name, value in _properties(launch.properties).items():
            holders.setdefault((name, str(value)), []).append(cell_id)
    rows = (
        {"Property": name, "Value": value, "Cells": _holders(ids, first, cells)}
        for (name, value), ids in sorted(holders.items(), key=lambda held: _rank(held, len(first)))
    )
    return table(rows, ("Property", "Value", "Cells"))


def _rank(held: tuple[tuple[str, str], list[str]], cells: int) -> tuple[bool, tuple[str, str]]:
    """What differs between cells comes first."""
    (name_and_value, ids) = held
    return len(ids) == cells, name_and_value


def _properties(packed: str | None) -> dict[str, object]:
    """The properties of a launch; text that is no JSON object counts as none."""
    try:
        found = json.loads(packed or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _holders(
    ids: Sequence[str], every: Mapping[str, LaunchView], cells: Mapping[str, CellView]
) -> str:
    """All cells, else the arms or the models whose cells these are, else each of them."""
    if len(ids) == len(every):
        return f"all {len(ids)}"
    for of in (_arms, _models):
        names = of(cells)
        named = dict.fromkeys(names[i] for i in ids)
        if set(ids) == {i for i in every if names[i] in named}:
            return ", ".join(named)
    return ", ".join(f"{cells[i].model_title} {cells[i].arm}" for i in ids)


def _arms(cells: Mapping[str, CellView]) -> dict[str, str]:
    return {cell_id: cell.arm for cell_id, cell in cells.items()}


def _models(cells: Mapping[str, CellView]) -> dict[str, str]:
    return {cell_id: cell.model_title for cell_id, cell in cells.items()}


def _fact(value: object, unit: str) -> str:
    if value is None or value == "":
        return fmt.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    shown = fmt.count(value) if isinstance(value, int) and unit else str(value)
    return f"{shown} {unit}".strip()


def _joined(values: Iterable[str]) -> str:
    return " + ".join(values) or _NOTHING


def _listed(values: object) -> str:
    return ", ".join(values) if isinstance(values, list) else ""


def _paired(precisions: object, layouts: object) -> str:
    if not isinstance(precisions, list) or not isinstance(layouts, list):
        return ""
    return ", ".join(f"{a} {b}" for a, b in zip(precisions, layouts, strict=False))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share
