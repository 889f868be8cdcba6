"""The rows of the overview as an Arrow table and back: what an index keeps of them.

Launches of a whole fleet say in seconds what these few rows say at once. They are worked out
by ``results.overview`` when an index is built; cells are kept by their ids, and how good
answers are is not kept at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import pyarrow as pa

from results.accuracy import AccuracyView
from results.comparison import CellView, Estimate, ShownCaution, Verdict
from results.overview_rows import Answers, ArmTime, ArmVerdict, OverviewRow, row_of

_TEXT = pa.string()
_ARM = pa.struct([
    ("cell_id", _TEXT), ("run_id", _TEXT), ("median_ms", pa.float64()), ("launches", pa.int64()),
    ("error", _TEXT),
])  # fmt: skip
_CAUTION = pa.struct([(field.name, _TEXT) for field in fields(ShownCaution)])
_ESTIMATE = pa.struct([
    ("verdict", _TEXT), ("ratio", pa.float64()), ("ci_low", pa.float64()),
    ("ci_high", pa.float64()), ("paired", pa.bool_()), ("blocks", pa.int64()),
    ("blocks_needed", pa.int64()), ("baseline_ms", pa.float64()), ("candidate_ms", pa.float64()),
])  # fmt: skip
_VERDICT = pa.struct([
    ("baseline_id", _TEXT), ("candidate_id", _TEXT), ("estimate", _ESTIMATE),
    ("cautions", pa.list_(_CAUTION)),
])  # fmt: skip
_SCHEMA = pa.schema([
    ("place", pa.int64()), ("arms", pa.list_(_ARM)), ("verdicts", pa.list_(_VERDICT)),
    ("best_id", _TEXT), ("tie_ids", pa.list_(_TEXT)), ("older_ids", pa.list_(_TEXT)),
])  # fmt: skip


def to_table(rows: Sequence[OverviewRow]) -> pa.Table:
    """The rows in their order; their accuracy is left out."""
    return pa.Table.from_pylist([_kept(at, row) for at, row in enumerate(rows)], schema=_SCHEMA)


def _kept(place: int, row: OverviewRow) -> dict[str, Any]:
    return {
        "place": place,
        "arms": [
            {"cell_id": arm.cell.cell_id, "run_id": arm.run_id, "median_ms": arm.median_ms,
             "launches": arm.launches, "error": arm.error}
            for arm in row.arms
        ],
        "verdicts": [
            {"baseline_id": one.baseline.cell_id, "candidate_id": one.candidate.cell_id,
             "estimate": asdict(one.estimate) | {"verdict": one.estimate.verdict.value},
             "cautions": [asdict(caution) for caution in one.cautions]}
            for one in row.verdicts
        ],
        "best_id": row.best.cell_id if row.best else None,
        "tie_ids": [cell.cell_id for cell in row.ties],
        "older_ids": [cell.cell_id for cell in row.older],
    }  # fmt: skip


def from_table(
    table: pa.Table, cells: Mapping[str, CellView], accuracy: Sequence[AccuracyView]
) -> tuple[OverviewRow, ...]:
    """The rows again, of these cells by their ids and with this accuracy of their variants."""
    answers = Answers(accuracy)
    return tuple(_row(kept, cells, answers) for kept in table.to_pylist())


def _row(kept: dict[str, Any], cells: Mapping[str, CellView], answers: Answers) -> OverviewRow:
    arms = tuple(
        ArmTime(cells[one["cell_id"]], one["run_id"], one["median_ms"], one["launches"],
                one["error"])
        for one in kept["arms"]
    )  # fmt: skip
    return row_of(
        arms,
        verdicts=tuple(_verdict(one, cells) for one in kept["verdicts"]),
        best=cells[kept["best_id"]] if kept["best_id"] else None,
        ties=tuple(cells[i] for i in kept["tie_ids"]),
        accuracy=answers.of([arm.cell for arm in arms]),
        older=tuple(cells[i] for i in kept["older_ids"]),
    )


def _verdict(one: dict[str, Any], cells: Mapping[str, CellView]) -> ArmVerdict:
    told = one["estimate"]
    return ArmVerdict(
        cells[one["baseline_id"]],
        cells[one["candidate_id"]],
        Estimate(**(told | {"verdict": Verdict(told["verdict"])})),
        tuple(ShownCaution(**caution) for caution in one["cautions"]),
    )
