"""Comparisons as rows of a flat table, for notebooks: every INT8 arm against both float arms.

Each row is what ``results compare`` says of the pair, without its layers. Pairs are those of
``results.overview``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from results import queries
from results.compare import compare_cells
from results.comparison import Comparison, GroupClass
from results.errors import MeasurementError
from results.index import Index
from results.overview import overview
from results.shelf import Shelf

_TEXT, _NUMBER, _COUNT, _FLAG = pa.string(), pa.float64(), pa.int64(), pa.bool_()
_NAMES = pa.list_(pa.string())
_SCHEMA = pa.schema([
    ("model", _TEXT), ("device", _TEXT), ("runtime", _TEXT), ("scenario", _TEXT),
    ("batch", _COUNT), ("streams", _COUNT), ("threads", _COUNT), ("requests", _COUNT),
    ("origin", _TEXT), ("baseline_arm", _TEXT), ("candidate_arm", _TEXT),
    ("baseline_cell_id", _TEXT), ("candidate_cell_id", _TEXT), ("run_ids", _NAMES),
    ("verdict", _TEXT), ("ratio", _NUMBER), ("ci_low", _NUMBER), ("ci_high", _NUMBER),
    ("speedup", _NUMBER), ("paired", _FLAG), ("blocks", _COUNT), ("blocks_needed", _COUNT),
    ("baseline_ms", _NUMBER), ("candidate_ms", _NUMBER), ("certified", _FLAG),
    ("possible_speedup", _NUMBER), ("baseline_coverage", _NUMBER),
    ("candidate_coverage", _NUMBER), ("wall_us", _NUMBER), ("unattributed_us", _NUMBER),
    ("layers_withheld", _FLAG), *((f"{one.value}_us", _NUMBER) for one in GroupClass),
    ("causes", _NAMES), ("cautions", _NAMES), ("sentence", _TEXT),
])  # fmt: skip


def comparison_table(index: Index, model: str | None = None) -> pa.Table:
    """One row per pair, of all models or of one; figures in ms and µs, NULL where unknown.

    The columns ``*_us`` are the waterfall: they and ``unattributed_us`` add up to ``wall_us``.
    """
    rows = [_row(found) for found in _comparisons(index, model)]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _comparisons(index: Index, model: str | None) -> Iterator[Comparison]:
    shelf = Shelf(index, queries.cells(index))
    for row in overview(index):
        for pair in row.verdicts if model in {None, row.model} else ():
            try:
                yield compare_cells(index, pair.baseline, pair.candidate, shelf=shelf)
            except MeasurementError:
                continue  # a cell that failed in its latest run: its launches say why


def _row(found: Comparison) -> dict[str, Any]:
    cell, estimate, ceiling = found.candidate, found.estimate, found.ceiling
    told, coverage = found.attribution, found.coverage
    parts = told.parts if told else ()
    return {
        "model": cell.model, "device": cell.device, "runtime": cell.runtime,
        "scenario": cell.scenario, "batch": cell.batch, "streams": cell.streams,
        "threads": cell.threads, "requests": cell.requests, "origin": cell.origin,
        "baseline_arm": found.baseline.arm, "candidate_arm": cell.arm,
        "baseline_cell_id": found.baseline.cell_id, "candidate_cell_id": cell.cell_id,
        "run_ids": list(found.run_ids), "verdict": estimate.verdict.value,
        "ratio": estimate.ratio, "ci_low": estimate.ci_low, "ci_high": estimate.ci_high,
        "speedup": estimate.speedup, "paired": estimate.paired, "blocks": estimate.blocks,
        "blocks_needed": estimate.blocks_needed, "baseline_ms": estimate.baseline_ms,
        "candidate_ms": estimate.candidate_ms,
        "certified": all(standing.certified for standing in found.standings),
        "possible_speedup": ceiling.model if ceiling else None,
        "baseline_coverage": coverage.baseline if coverage else None,
        "candidate_coverage": coverage.candidate if coverage else None,
        "wall_us": told.wall_us if told else None,
        "unattributed_us": told.unattributed_us if told else None,
        "layers_withheld": told.withheld if told else None,
        **{f"{group_class.value}_us": value_us for group_class, value_us in parts},
        "causes": [cause.cause_id for cause in found.causes],
        "cautions": [caution.caution_id for caution in found.cautions],
        "sentence": found.sentence,
    }  # fmt: skip
