"""The rows of the overview as an Arrow table and back: what an index keeps of them.

Launches of a whole fleet say in seconds what these few rows say at once. They are worked out
by ``results.overview`` when an index is built; cells are kept by their ids, and how good
answers are is not kept at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import pairwise
from typing import Any, TypeVar

import pyarrow as pa

from results.accuracy import AccuracyView
from results.collection import held_back
from results.comparison import CellView, Estimate, ShownCaution, Verdict
from results.overview_rows import Answers, ArmTime, ArmVerdict, OverviewRow, row_of
from results.read_rows import filled, rows_as

MemberT = TypeVar("MemberT")

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
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


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


@held_back
def from_table(
    table: pa.Table, cells: Mapping[str, CellView], accuracy: Sequence[AccuracyView]
) -> tuple[OverviewRow, ...]:
    """The rows again, of these cells by their ids and with this accuracy of their variants."""
    answers = Answers(accuracy)
    arms = _lists(table["arms"], lambda members: _arms(members, cells))
    verdicts = _lists(table["verdicts"], lambda members: _verdicts(members, cells))
    rest = zip(*(table[name].to_pylist() for name in ("best_id", "tie_ids", "older_ids")),
               strict=True)  # fmt: skip
    return tuple(
        row_of(
            own,
            verdicts=told,
            best=cells[best_id] if best_id else None,
            ties=tuple(cells[i] for i in tie_ids),
            accuracy=answers.of([arm.cell for arm in own]),
            older=tuple(cells[i] for i in older_ids),
        )
        for own, told, (best_id, tie_ids, older_ids) in zip(arms, verdicts, rest, strict=True)
    )


def _lists(
    column: pa.ChunkedArray, made: Callable[[pa.Table], Sequence[MemberT]]
) -> list[tuple[MemberT, ...]]:
    """The members of each list; ``made`` makes those of all lists, from a row for each."""
    lists = column.combine_chunks()
    found = made(pa.Table.from_struct_array(lists.values))
    return [tuple(found[start:end]) for start, end in pairwise(lists.offsets.to_pylist())]


def _arms(table: pa.Table, cells: Mapping[str, CellView]) -> list[ArmTime]:
    told = _columns(table)
    own = [cells[cell_id] for cell_id in told.pop("cell_id")]
    return filled(ArmTime, {"cell": own, **told}, count=table.num_rows)


def _verdicts(table: pa.Table, cells: Mapping[str, CellView]) -> list[ArmVerdict]:
    told: dict[str, Sequence[object]] = {
        "baseline": [cells[cell_id] for cell_id in table["baseline_id"].to_pylist()],
        "candidate": [cells[cell_id] for cell_id in table["candidate_id"].to_pylist()],
        "estimate": _estimates(pa.Table.from_struct_array(table["estimate"].combine_chunks())),
        "cautions": _lists(table["cautions"], lambda members: rows_as(ShownCaution, members)),
    }
    return filled(ArmVerdict, told, count=table.num_rows)


def _estimates(table: pa.Table) -> list[Estimate]:
    told = _columns(table)
    verdicts = [_VERDICTS[word] for word in told.pop("verdict")]
    return filled(Estimate, {"verdict": verdicts, **told}, count=table.num_rows)


def _columns(table: pa.Table) -> dict[str, list[Any]]:
    return {name: table[name].to_pylist() for name in table.column_names}
