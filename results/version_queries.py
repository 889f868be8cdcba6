"""Questions about OpenVINO versions that are put to the index; SQL for them stands here alone.

Layers of many cells are read at once: one by one, a triage of hundreds would take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from results.facts import ExecNode, ExecNodeSource, Runtime, SourceOp
from results.index import Index
from results.read_rows import rows_as

_RUNTIMES = """
SELECT * FROM runtimes WHERE runtime_id IN (SELECT runtime_id FROM cell_views)
ORDER BY runtime_id
"""
_NODES = """
WITH asked AS (
    SELECT unnest($run_ids::VARCHAR[]) AS run_id, unnest($cell_ids::VARCHAR[]) AS cell_id
), nodes AS (
    SELECT n.rowid AS place, n.run_id, n.cell_id, n.launch_id, n.node_index, n.status, n.time_us,
        regexp_replace(n.name, '_\\d+', '', 'g') AS plain
    FROM exec_nodes n JOIN asked USING (run_id, cell_id)
    WHERE n.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
), launched AS (
    SELECT run_id, cell_id, count(*) AS launches, min(launch_id) AS first_launch
    FROM (SELECT DISTINCT run_id, cell_id, launch_id FROM nodes) GROUP BY run_id, cell_id
), told AS (
    SELECT run_id, cell_id, node_index, plain, launch_id, min(place) AS place,
        sum(time_us) FILTER (status = 'executed') AS us,
        bool_or(status = 'executed' AND time_us IS NULL) AS unknown
    FROM nodes GROUP BY run_id, cell_id, node_index, plain, launch_id
), times AS (
    SELECT run_id, cell_id, node_index, plain, min_by(place, launch_id) AS place,
        list(us) FILTER (us IS NOT NULL) AS timed,
        count(*) FILTER (us IS NULL AND unknown) AS unknown
    FROM told GROUP BY run_id, cell_id, node_index, plain
)
SELECT n.* REPLACE (
    l.first_launch AS launch_id,
    if(t.timed IS NULL, 'not_executed', 'executed') AS status,
    if(t.timed IS NULL, NULL, list_aggregate(list_concat(t.timed,
        list_resize([]::DOUBLE[], l.launches - len(t.timed) - t.unknown, 0.0)), 'median'))
        AS time_us)
FROM exec_nodes n JOIN times t ON n.rowid = t.place
JOIN launched l ON l.run_id = t.run_id AND l.cell_id = t.cell_id
WHERE n.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
ORDER BY n.run_id, n.cell_id, n.node_index, t.plain
"""
"""Times are put together from narrow rows; all of a layer is read from its first launch alone."""
_SOURCES = """
WITH asked AS (
    SELECT unnest($run_ids::VARCHAR[]) AS run_id, unnest($cell_ids::VARCHAR[]) AS cell_id,
        unnest($launch_ids::VARCHAR[]) AS launch_id
)
SELECT s.*, a.cell_id FROM exec_node_sources s JOIN asked a USING (run_id, launch_id)
WHERE s.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
    AND s.launch_id IN (SELECT unnest($launch_ids::VARCHAR[]))
ORDER BY s.run_id, a.cell_id, s.node_index, s.op_name
"""
_FLOAT_OPS = """
SELECT v.model_id, o.* FROM source_ops o
JOIN (SELECT model_id, min(variant_id) AS variant_id FROM variants
    WHERE kind = 'fp32' AND list_contains($model_ids, model_id) GROUP BY model_id) v
    USING (variant_id)
ORDER BY o.position, o.op_name
"""

CellRun = tuple[str, str]
"""The ids of a run and of a cell."""


def runtimes(index: Index) -> tuple[Runtime, ...]:
    """The OpenVINO versions and builds that cells were launched with."""
    return rows_as(Runtime, index.fetch(_RUNTIMES))


def median_nodes_of(index: Index, asked: Sequence[CellRun]) -> dict[CellRun, list[ExecNode]]:
    """Layers by run and cell, as one profile launch: each with its median time over all of them.

    The median is that of ``nodes.median_nodes``, which finds nothing more to do in the answer.
    """
    found: dict[CellRun, list[ExecNode]] = {}
    for node in rows_as(ExecNode, index.fetch(_NODES, _ids(asked))):
        found.setdefault((node.run_id, node.cell_id), []).append(node)
    return found


def sources_of(
    index: Index, nodes: Mapping[CellRun, Sequence[ExecNode]]
) -> dict[CellRun, list[ExecNodeSource]]:
    """The bridge to source ops of layers that ``median_nodes_of`` found, from their launch."""
    told = [key for key, found in nodes.items() if found]
    launch_ids = [nodes[key][0].launch_id for key in told]
    table = index.fetch(_SOURCES, {**_ids(told), "launch_ids": launch_ids})
    cell_ids = table["cell_id"].to_pylist()
    rows = rows_as(ExecNodeSource, table.drop_columns(["cell_id"]))
    found: dict[CellRun, list[ExecNodeSource]] = {}
    for row, cell_id in zip(rows, cell_ids, strict=True):
        found.setdefault((row.run_id, cell_id), []).append(row)
    return found


def float_ops(index: Index, model_ids: Sequence[str]) -> dict[str, tuple[SourceOp, ...]]:
    """By model the source ops of its float variant, as ``queries.fp32_variant`` chooses it."""
    table = index.fetch(_FLOAT_OPS, {"model_ids": list(model_ids)})
    owners = table["model_id"].to_pylist()
    found: dict[str, list[SourceOp]] = {}
    for owner, op in zip(owners, rows_as(SourceOp, table.drop_columns(["model_id"])), strict=True):
        found.setdefault(owner, []).append(op)
    return {model_id: tuple(ops) for model_id, ops in found.items()}


def _ids(asked: Sequence[CellRun]) -> dict[str, object]:
    return {"run_ids": [run for run, _ in asked], "cell_ids": [cell for _, cell in asked]}
