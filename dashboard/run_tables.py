"""The tables of a run as Arrow: its launches, its machine, what the models reported.

Picks and names columns, as ``dashboard.tables`` does for the other pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa

from dashboard.tables import filled, table, told_apart
from results import format as fmt
from results.comparison import CellView
from results.drift import LaunchUse
from results.facts import CertificateTrial, Machine
from results.schema import arrow_schema
from results.views import LaunchView

LAUNCHES = ("Model", "Arm", "Kind", "Block", "Attempt", "Use", "Time (ms)",
            "Inferences per second (1/s)", "Latency 50 % (ms)", "Latency 90 % (ms)",
            "Latency 99 % (ms)", "Iterations", "Sitting", "Turns", "Requests", "Pinned to",
            "Warm-up settled", "Steal (%)", "Other load (%)", "Throttled (ms)",
            "Waited for a CPU (ms)", "Involuntary switches", "Frequency (MHz)",
            "Compile, cold (ms)", "Compile, from cache (ms)", "First inference (ms)",
            "Peak memory (MiB)", "Status", "Reason", "Scenario",
            "Device", "OpenVINO")  # fmt: skip


def launches(
    found: Sequence[LaunchView],
    cells: Mapping[str, CellView],
    uses: Mapping[str, LaunchUse],
) -> pa.Table:
    """A row for each launch; a failed one has its reason and no figures."""
    rows = (_launch_row(launch, cells[launch.cell_id], uses[launch.launch_id]) for launch in found)
    return told_apart(table(rows, LAUNCHES))


_OWN = frozenset({"Block", "Attempt", "Use", "Sitting", "Turns"})
"""Columns about how INT8 Lens itself measured."""


def told(found: Sequence[LaunchView], cells: Mapping[str, CellView]) -> pa.Table:
    """A row for each figure that somebody else measured, in the columns that say anything."""
    unused = {launch.launch_id: LaunchUse.USED for launch in found}
    every = filled(launches(found, cells, unused))
    return every.select([name for name in every.column_names if name not in _OWN])


def _launch_row(launch: LaunchView, cell: CellView, use: LaunchUse) -> dict[str, object]:
    return {
        "Model": cell.model_title, "Arm": cell.arm, "Scenario": fmt.scenario(
            cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
        ),
        "Kind": launch.kind, "Block": launch.block, "Attempt": launch.attempt, "Use": use.value,
        "Time (ms)": launch.headline_ms, "Inferences per second (1/s)": launch.throughput_fps,
        "Latency 50 % (ms)": launch.p50_ms, "Latency 90 % (ms)": launch.p90_ms,
        "Latency 99 % (ms)": launch.p99_ms, "Iterations": launch.iterations,
        "Sitting": launch.sitting,
        "Turns": None if launch.slice_ms is None else len(launch.slice_ms),
        "Requests": launch.requests, "Pinned to": launch.pinned_to,
        "Warm-up settled": launch.warmup_settled,
        "Steal (%)": _percent(launch.steal_share),
        "Other load (%)": _percent(launch.other_cpu_share),
        "Throttled (ms)": _ms(launch.throttled_us),
        "Waited for a CPU (ms)": _ms(launch.cpu_pressure_us),
        "Involuntary switches": launch.involuntary_switches,
        "Frequency (MHz)": launch.frequency_mhz,
        "Compile, cold (ms)": launch.compile_ms,
        "Compile, from cache (ms)": launch.cached_compile_ms,
        "First inference (ms)": launch.first_inference_ms,
        "Peak memory (MiB)": launch.peak_memory_mib, "Status": launch.status,
        "Reason": launch.error or "", "Device": cell.device, "OpenVINO": cell.runtime,
    }  # fmt: skip


RUNS = ("Machine", "CPU", "Started (UTC)", "Launches", "Failed launches", "Cells",
        "Unsteady cells", "Kinds of cautions", "Kind", "Models", "Run")  # fmt: skip


def runs(found: pa.Table) -> pa.Table:
    """Rows of ``run_queries.runs_by_trust`` named for people."""
    return table(map(_run_row, found.to_pylist()), RUNS)


def _run_row(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "Machine": row["hostname"] or fmt.UNKNOWN, "CPU": row["machine_title"] or fmt.UNKNOWN,
        "Started (UTC)": f"{row['started_at']:%Y-%m-%d %H:%M}",
        "Launches": row["launches"], "Failed launches": row["failed_launches"],
        "Cells": row["cells"], "Unsteady cells": row["unsteady_cells"],
        "Kinds of cautions": row["caution_kinds"], "Kind": row["kind"],
        "Models": ", ".join(row["model_titles"]), "Run": row["run_id"],
    }  # fmt: skip


TRIALS = ("Comparison", "Called", "Ratio", "95 % low", "95 % high", "Blocks",
          "Disturbed blocks")  # fmt: skip


def trials(found: Sequence[CertificateTrial]) -> pa.Table:
    """A row for each comparison of a certificate."""
    return table((_trial_row(trial) for trial in found), TRIALS)


def _trial_row(trial: CertificateTrial) -> dict[str, object]:
    return {
        "Comparison": trial.trial + 1, "Called": trial.verdict, "Ratio": trial.ratio,
        "95 % low": trial.ci_low, "95 % high": trial.ci_high, "Blocks": trial.blocks,
        "Disturbed blocks": trial.dirty_blocks,
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
        return ", ".join(value) or fmt.UNKNOWN  # no CPU that OpenVINO runs on has no flags
    shown = fmt.count(value) if isinstance(value, int) and unit else str(value)
    return f"{shown} {unit}".strip()


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _ms(time_us: float | None) -> float | None:
    return None if time_us is None else time_us / 1000.0
