"""The questions about a float baseline's twin in another precision: which it is, in what it ran.

A neighbour of ``results.queries``, with its rules: bound parameters, frozen dataclasses. Asked
with every comparison, so they read no more than they need.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.comparison import CellView, PrecisionShare
from results.index import Index
from results.kinds import canonical_precision
from results.read_rows import rows_as

_IN_PLACE = """
SELECT * FROM cell_views
WHERE model_id = $model_id AND device_id = $device_id AND runtime_id = $runtime_id
ORDER BY cell_id
"""
_PRECISIONS = """
WITH launched AS (
    SELECT cell_id, count(DISTINCT launch_id) AS launches FROM exec_nodes
    WHERE list_contains($cell_ids, cell_id) AND run_id = $run_id GROUP BY cell_id
), spent AS (
    SELECT cell_id, runtime_precision, count(*) AS layers,
        sum(time_us ORDER BY launch_id, node_index) AS us
    FROM exec_nodes
    WHERE list_contains($cell_ids, cell_id) AND run_id = $run_id AND status = 'executed'
        AND time_us IS NOT NULL
    GROUP BY cell_id, runtime_precision
)
SELECT cell_id, runtime_precision AS precision, layers / launches AS layers,
    us / launches AS time_us,
    coalesce(us / nullif(sum(us) OVER (PARTITION BY cell_id ORDER BY runtime_precision
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), 0), 0.0) AS share
FROM spent JOIN launched USING (cell_id) ORDER BY cell_id, time_us DESC, precision
"""


def in_place(index: Index, model_id: str, device_id: str, runtime_id: str) -> tuple[CellView, ...]:
    """The cells of a model on a device with a runtime, by their ids."""
    asked = {"model_id": model_id, "device_id": device_id, "runtime_id": runtime_id}
    return rows_as(CellView, index.fetch(_IN_PLACE, asked))


def mean_precisions(
    index: Index, cell_ids: Sequence[str], run_id: str
) -> dict[str, tuple[PrecisionShare, ...]]:
    """In what each cell ran, by the mean over its profile launches, the longest first.

    Cheaper than ``precision.precision_times``, which takes each layer's median: a launch that
    was held up counts here. A cell without a profile is not among them.
    """
    table = index.fetch(_PRECISIONS, {"cell_ids": list(cell_ids), "run_id": run_id})
    found: dict[str, list[PrecisionShare]] = {}
    for row in table.to_pylist():
        precision = canonical_precision(row["precision"])
        share = PrecisionShare(precision, row["layers"], row["time_us"], row["share"])
        found.setdefault(row["cell_id"], []).append(share)
    return {cell_id: tuple(shares) for cell_id, shares in found.items()}
