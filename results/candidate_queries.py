"""The question about one cell against others: the timing launches that its estimates are made of.

A neighbour of ``results.queries``, with its rules: bound parameters, frozen dataclasses. A cell
of a fleet has been launched in many runs; what counts of them are a few, and of those a few
columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.index import Index
from results.read_rows import rows_as
from results.views import LaunchView

_AGAINST = """
WITH timing AS MATERIALIZED (
    SELECT run_id, launch_id, cell_id, kind, block, attempt, sitting, position, started_at,
        status, error, slice_ms, headline_ms
    FROM launch_views
    WHERE kind = 'timing' AND cell_id IN (SELECT unnest($cell_ids::VARCHAR[]))
), told AS (
    SELECT cell_id, run_id, (started_at, run_id, launch_id) AS moment,
        status = 'ok' AND headline_ms IS NOT NULL AS good, status <> 'ok' AS failed
    FROM timing
), of_run AS (
    SELECT cell_id, run_id, min(moment) FILTER (good) AS good, max(moment) FILTER (failed) AS failed
    FROM told GROUP BY cell_id, run_id
), kept AS (
    SELECT cell_id, max_by(run_id, good) AS run_id FROM of_run GROUP BY cell_id
    UNION SELECT cell_id, max_by(run_id, failed) FROM of_run GROUP BY cell_id
    UNION SELECT cell_id, max(run_id) FROM of_run GROUP BY cell_id
    UNION SELECT cell_id, run_id FROM of_run
    WHERE run_id IN (SELECT run_id FROM of_run WHERE cell_id = $baseline_id)
)
SELECT timing.* FROM timing JOIN kept USING (cell_id, run_id)
ORDER BY started_at, run_id, launch_id
"""


def launches_against(
    index: Index, baseline_id: str, cell_ids: Sequence[str]
) -> tuple[LaunchView, ...]:
    """What says how each of these cells stands against the baseline, the baseline's too.

    Of every cell its newest run, its newest good one and that of its last failure, and of all
    runs that launched the baseline; in time order. A ``LaunchBook`` of them says of a sample
    with the baseline, and of a cell that failed, what one of all launches does. Only what an
    estimate needs is read: all else of a launch is None.
    """
    asked = {"baseline_id": baseline_id, "cell_ids": [baseline_id, *cell_ids]}
    return rows_as(LaunchView, index.fetch(_AGAINST, asked))
