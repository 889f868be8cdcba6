"""The tables of the page Compare as Arrow, with the unit in each column's name.

Picks and names columns, as ``dashboard.tables`` does for the other pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from dashboard import older, theme
from dashboard.row_words import class_words
from dashboard.tables import filled, table, told_apart
from results import format as fmt
from results.candidates import Candidate
from results.comparison import CellView, Group, Inserted
from results.comparison_words import basis_words, bound_words
from results.headline import TOLD, time_name
from results.layer_calls import Call
from results.layer_rows import LayerRow
from results.opened_layer import OpenedNode
from results.transitions import Transition

_NOTHING = fmt.DASH
NEVER_TIMED = "never timed"
"""In the place of a verdict, where a side has no timing launch; nothing failed."""
_MAYBE = ("SQNR (dB)", "Possible (x)", "Baseline of roof (%)", "Candidate of roof (%)", "Bound by")
LAYERS = ("Layer", "Class", "Type", "Baseline (µs)", "Candidate (µs)", "Difference (µs)",
          "95 % low (µs)", "95 % high (µs)", "Called", "Faster (x)", *_MAYBE,
          "Baseline kernel", "Candidate kernel", "Baseline precision", "Candidate precision",
          "Source ops", "Tied by", "Confidence")  # fmt: skip


def layers(rows: Sequence[LayerRow]) -> pa.Table:
    """A row for each aligned group and each node without a source op.

    SQNR and the columns of the roof only where any is known.
    """
    shown = [_layer_row(row) for row in rows]
    silent = {name for name in _MAYBE if all(row[name] in {None, _NOTHING} for row in shown)}
    return table(shown, [name for name in LAYERS if name not in silent])


def _layer_row(row: LayerRow) -> dict[str, object]:
    group = row.group
    return {
        "Layer": row.label,
        "Class": class_words(row),
        "Type": row.op_type,
        "Baseline (µs)": row.baseline_us, "Candidate (µs)": row.candidate_us,
        "Difference (µs)": row.delta_us,
        "95 % low (µs)": row.delta_low_us, "95 % high (µs)": row.delta_high_us,
        "Called": _NOTHING if row.call is Call.NOT_JUDGED else row.call.value,
        **_reached(row, group),
        "Baseline kernel": _joined(layer.primitive for layer in row.baseline),
        "Candidate kernel": _joined(layer.primitive for layer in row.candidate),
        "Baseline precision": _joined(layer.runtime_precision for layer in row.baseline),
        "Candidate precision": _joined(layer.runtime_precision for layer in row.candidate),
        "Source ops": ", ".join(group.source_ops) if group else "",
        "Tied by": group.method if group else "no operation of the model",
        "Confidence": group.confidence if group else None,
    }  # fmt: skip


def _reached(row: LayerRow, group: Group | None) -> dict[str, object]:
    """How much faster, how much was possible, and how near to the roof."""
    roof = group.roof if group else None
    return {
        "SQNR (dB)": group.sqnr_db if group else None,
        "Faster (x)": row.times_as_fast,
        "Possible (x)": roof.possible if roof else None,
        "Baseline of roof (%)": _percent(roof.baseline_share if roof else None),
        "Candidate of roof (%)": _percent(roof.candidate_share if roof else None),
        "Bound by": bound_words(roof),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


INSERTED = ("Side", "Layer", "Type", "Why", "After", "Before", "Time (µs)", "Kernel",
            "Also in the other")  # fmt: skip


def inserted(nodes: Sequence[Inserted]) -> pa.Table:
    """A row for each layer that no source op asked for, the longest first.

    It stands between operations of the model where they are known, else between layers.
    """
    ranked = sorted(nodes, key=lambda node: -node.layer.time_us)
    return table((_inserted_row(node) for node in ranked), INSERTED)


def _inserted_row(node: Inserted) -> dict[str, object]:
    return {
        "Side": node.side, "Layer": node.layer.name, "Type": node.layer.node_type,
        "Why": node.kind.value,
        "After": node.producer_op or node.producer or _NOTHING,
        "Before": node.consumer_op or node.consumer or _NOTHING,
        "Time (µs)": node.layer.time_us,
        "Kernel": node.layer.primitive, "Also in the other": node.shared,
    }  # fmt: skip


TRANSITIONS = ("Baseline ran in", "Candidate ran in", "Layers", "Baseline (µs)", "Candidate (µs)",
               "Difference (µs)")  # fmt: skip


def transitions(found: Sequence[Transition]) -> pa.Table:
    """A row for each pair of precisions that aligned layers ran in."""
    rows = (
        {
            "Baseline ran in": one.before, "Candidate ran in": one.after, "Layers": one.groups,
            "Baseline (µs)": one.baseline_us, "Candidate (µs)": one.candidate_us,
            "Difference (µs)": one.delta_us,
        }
        for one in found
    )  # fmt: skip
    return table(rows, TRANSITIONS)


CANDIDATES = ("Model", "Candidate", "Verdict", "Speed-up (x)", "95 % low (x)", "95 % high (x)",
              "Candidate (ms)", "Reason", "Top cause", "Rests on", "Cautions", "Time is",
              "Baseline (ms)", "Scenario", "Device", "OpenVINO")  # fmt: skip


def candidates(found: Sequence[Candidate], causes: Mapping[str, str]) -> pa.Table:
    """A row for each candidate against the one baseline; ``causes`` by id of the cell.

    The model only where there are several.
    """
    rows = (_candidate_row(one, causes.get(one.cell.cell_id, "")) for one in found)
    shown = told_apart(table(rows, CANDIDATES))
    absent = {"Top cause", "Reason", "Cautions"} - set(filled(shown).column_names)
    if len({one.cell.model_id for one in found}) == 1:
        absent.add("Model")
    return shown.select([name for name in shown.column_names if name not in absent])


def _candidate_row(one: Candidate, cause: str) -> dict[str, object]:
    cell, estimate = one.cell, one.estimate
    low, high = estimate.speedup_bounds if estimate else (None, None)
    return {
        "Model": cell.model_title, "Candidate": cell.arm, "Verdict": verdict_words(one),
        "Speed-up (x)": estimate.speedup if estimate else None,
        "95 % low (x)": low, "95 % high (x)": high,
        "Time is": time_name([cell]).lower(),
        "Baseline (ms)": estimate.baseline_ms if estimate else None,
        "Candidate (ms)": estimate.candidate_ms if estimate else None,
        "Top cause": cause,
        "Rests on": basis_words(estimate) if estimate else "",
        "Cautions": "; ".join(caution.message for caution in one.cautions),
        "Scenario": _driven(cell), "Device": cell.device, "OpenVINO": cell.runtime,
        "Reason": _reason(one),
    }  # fmt: skip


def verdict_words(one: Candidate) -> str:
    """Sign and word; ``!`` with cautions, marked if it is older than a failure.

    Or that it failed, was never timed, or was told and not measured.
    """
    if one.estimate is None:
        return f"{theme.FAILED.sign} {theme.FAILED.word}" if one.has_failed else NEVER_TIMED
    if one.is_told:
        return TOLD
    look = theme.LOOKS[one.estimate.verdict]
    mark = f" {older.MARK}" if one.has_failed else ""
    return f"{look.sign} {look.word}{' !' if one.cautions else ''}{mark}"


def _reason(one: Candidate) -> str:
    if one.estimate is not None and one.has_failed:
        return older.why(one.reason or fmt.UNKNOWN)
    return one.reason or ""


def _driven(cell: CellView) -> str:
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)


OPENED = ("Side", "Layer", "Time (µs)", "Kernel", "Precision", "Type", "Outputs", "Inputs",
          "Reads", "Fused members", "#")  # fmt: skip


def opened(nodes: Sequence[OpenedNode]) -> pa.Table:
    """A row for each exec node of both sides of a layer."""
    return table((_opened_row(node) for node in nodes), OPENED)


def _opened_row(node: OpenedNode) -> dict[str, object]:
    return {
        "Side": node.side, "Layer": node.name, "Time (µs)": node.time_us, "Kernel": node.kernel,
        "Precision": node.precision, "Type": node.node_type,
        "Outputs": ", ".join(node.outputs), "Inputs": ", ".join(node.inputs),
        "Reads": ", ".join(node.reads), "Fused members": ", ".join(node.members),
        "#": node.node_index,
    }  # fmt: skip


def _joined(values: Iterable[str]) -> str:
    return " + ".join(values) or _NOTHING
