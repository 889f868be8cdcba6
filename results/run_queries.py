"""Questions about all runs at once, such as which of them can be trusted least.

SQL for them stands here alone; one run by itself is told by ``results.run_trust``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from results.index import Index
from results.pairing import DIRTY_CAUTIONS
from results.trust import UNSTEADY

_TRUST = """
WITH dirty AS (
    SELECT DISTINCT run_id, subject_id FROM cautions
    WHERE list_contains($dirty, caution_id)
), used AS (
    SELECT l.run_id, l.cell_id, l.headline_ms
    FROM launch_views l
    LEFT JOIN dirty d ON d.run_id = l.run_id AND d.subject_id = l.launch_id
    WHERE l.kind = 'timing' AND l.status = 'ok' AND l.headline_ms IS NOT NULL
    QUALIFY l.block IS NULL OR row_number() OVER (
        PARTITION BY l.run_id, l.cell_id, l.block
        ORDER BY d.subject_id IS NULL DESC, l.attempt DESC) = 1
), ranged AS (
    SELECT run_id, cell_id, max(headline_ms) > $unsteady * min(headline_ms) AS unsteady
    FROM used GROUP BY run_id, cell_id
), steadiness AS (
    SELECT run_id, count(*) FILTER (unsteady) AS unsteady_cells FROM ranged GROUP BY run_id
), kinds AS (
    SELECT run_id, count(DISTINCT caution_id) AS caution_kinds FROM cautions GROUP BY run_id
)
SELECT r.run_id, r.kind, r.hostname, r.machine_title, r.started_at, r.model_titles, r.cells,
    r.launches, r.failed_launches, coalesce(s.unsteady_cells, 0) AS unsteady_cells,
    coalesce(k.caution_kinds, 0) AS caution_kinds
FROM run_views r LEFT JOIN steadiness s USING (run_id) LEFT JOIN kinds k USING (run_id)
ORDER BY r.failed_launches / greatest(r.launches, 1) DESC,
    unsteady_cells / greatest(r.cells, 1) DESC, caution_kinds DESC, r.started_at DESC, r.run_id
"""


_LAUNCHED = """
SELECT DISTINCT run_id FROM launches WHERE cell_id IN (SELECT unnest($cells)) ORDER BY run_id
"""


def runs_of(index: Index, cell_ids: Sequence[str]) -> frozenset[str]:
    """The runs that launched any of these cells."""
    found = index.fetch(_LAUNCHED, {"cells": sorted(cell_ids)})
    return frozenset(found.column("run_id").to_pylist())


def runs_by_trust(index: Index) -> pa.Table:
    """A row for each run with its machine and what speaks against it, the worst first.

    Worst is the largest share of failed launches, then of cells that were not steady (by the
    launches that are used, as in ``results.drift``), then the most kinds of stored cautions.
    """
    return index.fetch(_TRUST, {"dirty": sorted(DIRTY_CAUTIONS), "unsteady": UNSTEADY})
