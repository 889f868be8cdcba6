"""Questions about the launches of many cells at once; SQL for them stands here alone.

A page that judges a fleet reads thousands of launches and looks at a dozen of their columns.
Only those are read: the answers are ``LaunchView`` with the rest left out, enough for
``results.launch_book`` and ``results.pairing``. All of a launch is in ``queries.launches``.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.index import Index
from results.read_rows import rows_as
from results.views import LaunchView

_LOOKED_AT = """
SELECT l.run_id, l.launch_id, l.cell_id, l.kind, l.block, l.attempt, l.sitting, l.position,
    l.started_at, l.status, l.error, l.slice_ms, l.requests, l.headline_ms
"""
_TIMINGS = " ".join(
    (
        _LOOKED_AT,
        """
FROM launch_views l
WHERE l.kind = 'timing' AND l.cell_id IN (SELECT unnest($cell_ids::VARCHAR[]))
ORDER BY l.started_at, l.run_id, l.launch_id
""",
    )
)
_OF_RUNS = " ".join(
    (
        """
WITH asked AS (
    SELECT unnest($run_ids::VARCHAR[]) AS run_id, unnest($cell_ids::VARCHAR[]) AS cell_id
)
""",
        _LOOKED_AT,
        """, l.properties
FROM launch_views l
SEMI JOIN asked a ON a.run_id = l.run_id AND a.cell_id = l.cell_id
WHERE l.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
ORDER BY l.started_at, l.run_id, l.launch_id
""",
    )
)


def timings(index: Index, cell_ids: Sequence[str]) -> tuple[LaunchView, ...]:
    """All timing launches of these cells, failed ones too, in time order."""
    return rows_as(LaunchView, index.fetch(_TIMINGS, {"cell_ids": list(cell_ids)}))


def of_runs(index: Index, asked: Sequence[tuple[str, str]]) -> tuple[LaunchView, ...]:
    """Every launch of these cells in these runs (run, cell), in time order; with properties."""
    ids = {"run_ids": [run for run, _ in asked], "cell_ids": [cell for _, cell in asked]}
    return rows_as(LaunchView, index.fetch(_OF_RUNS, ids))
