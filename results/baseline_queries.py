"""The questions about a float baseline's twin in another precision: which it is, in what it ran.

A neighbour of ``results.queries``, with its rules: bound parameters, frozen dataclasses. Asked
with every comparison, so they read no more than they need.
"""

from __future__ import annotations

from results.comparison import CellView, PrecisionShare
from results.index import Index
from results.kinds import canonical_precision
from results.queries import rows_as

_IN_PRECISION = """
SELECT * FROM cell_views
WHERE variant_id = $variant_id AND device_id = $device_id AND runtime_id = $runtime_id
    AND precision = $precision
ORDER BY cell_id
"""
_PRECISIONS = """
WITH spent AS (
    SELECT runtime_precision, count(*) AS layers, sum(time_us ORDER BY launch_id, node_index) AS us,
        (SELECT count(DISTINCT launch_id) FROM exec_nodes
         WHERE cell_id = $cell_id AND run_id = $run_id) AS launches
    FROM exec_nodes
    WHERE cell_id = $cell_id AND run_id = $run_id AND status = 'executed' AND time_us IS NOT NULL
    GROUP BY runtime_precision
)
SELECT runtime_precision AS precision, layers / launches AS layers, us / launches AS time_us,
    coalesce(us / nullif(sum(us) OVER (ORDER BY runtime_precision
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), 0), 0.0) AS share
FROM spent ORDER BY time_us DESC, precision
"""


def in_precision(index: Index, cell: CellView, precision: str) -> tuple[CellView, ...]:
    """The cells of the same variant, device and runtime that were asked for this precision."""
    asked = {
        "variant_id": cell.variant_id,
        "device_id": cell.device_id,
        "runtime_id": cell.runtime_id,
        "precision": precision,
    }
    return rows_as(CellView, index.fetch(_IN_PRECISION, asked))


def mean_precisions(index: Index, cell_id: str, run_id: str) -> tuple[PrecisionShare, ...]:
    """In what a cell ran, by the mean over its profile launches, the longest first.

    Cheaper than ``precision.precision_times``, which takes each layer's median: a launch that
    was held up counts here. Empty without a profile.
    """
    table = index.fetch(_PRECISIONS, {"cell_id": cell_id, "run_id": run_id})
    return tuple(
        PrecisionShare(canonical_precision(row["precision"]), row["layers"], row["time_us"],
                       row["share"])
        for row in table.to_pylist()
    )  # fmt: skip
