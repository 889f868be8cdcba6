"""Questions about networks that are put to the index; SQL for them stands here alone.

Sums are made in SQL: a page asks for few rows, however many layers and launches there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pyarrow as pa

from results import queries, version_queries
from results.activations import Carried
from results.index import Index
from results.networks import Network, network_of
from results.operator_times import Executed
from results.read_rows import rows_as
from results.universe import INFERRED_METHODS
from results.views import VariantView

_NEWEST = """
SELECT l.cell_id, max_by(l.run_id, (r.started_at, r.run_id)) AS run_id
FROM launches l JOIN runs r USING (run_id)
WHERE list_contains($cell_ids, l.cell_id) AND l.kind = 'profile' AND l.status = 'ok'
GROUP BY l.cell_id ORDER BY l.cell_id
"""
_NODES = """
WITH newest AS (
    SELECT unnest($cell_ids::VARCHAR[]) AS cell_id, unnest($run_ids::VARCHAR[]) AS run_id
), nodes AS (
    SELECT n.run_id, n.cell_id, n.launch_id, n.node_index, n.node_type, n.primitive,
        n.runtime_precision, n.time_us, if(n.status = 'executed', n.time_us, 0.0) AS spent_us
    FROM exec_nodes n JOIN newest USING (run_id, cell_id)
    WHERE n.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
), launched AS (
    SELECT run_id, cell_id, count(DISTINCT launch_id) AS launches, min(launch_id) AS first_launch
    FROM nodes GROUP BY run_id, cell_id
), floats AS (
    SELECT c.cell_id, min(v.variant_id) AS variant_id
    FROM cells c JOIN variants v ON v.model_id = c.model_id AND v.kind = 'fp32'
    WHERE list_contains($cell_ids, c.cell_id) GROUP BY c.cell_id
), ops AS (
    SELECT variant_id, op_name, op_type, flops, position FROM source_ops
    WHERE variant_id IN (SELECT variant_id FROM floats)
), bridge AS (
    SELECT s.run_id, l.cell_id, s.node_index, s.op_name, o.op_type, o.flops, o.position
    FROM exec_node_sources s
    JOIN launched l ON s.run_id = l.run_id AND s.launch_id = l.first_launch
    LEFT JOIN floats f ON f.cell_id = l.cell_id
    LEFT JOIN ops o ON o.variant_id = f.variant_id AND o.op_name = s.op_name
    WHERE s.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
        AND NOT list_contains($inferred, s.method)
)
"""
_RAN = " ".join(
    (
        _NODES,
        """
, layers AS (
    SELECT n.run_id, n.cell_id, node_index, node_type, primitive, runtime_precision,
        list_aggregate(list_concat(list(spent_us) FILTER (spent_us IS NOT NULL), list_resize(
            []::DOUBLE[], any_value(launched.launches) - count(DISTINCT launch_id), 0.0)),
            'median') AS time_us
    FROM nodes n JOIN launched USING (run_id, cell_id)
    GROUP BY n.run_id, n.cell_id, node_index, node_type, primitive, runtime_precision
    HAVING count(time_us) > 0
), mains AS (
    SELECT run_id, cell_id, node_index, TRUE AS tied,
        max_by(op_type, (coalesce(flops, 0), -position)) AS op_type,
        list_sort(list_distinct(list(op_type) FILTER (op_type IS NOT NULL))) AS op_types
    FROM bridge GROUP BY run_id, cell_id, node_index
), executed AS (
    SELECT cell_id, run_id, op_type, coalesce(tied, FALSE) AS tied, node_type, runtime_precision,
        count(*) AS layers, coalesce(sum(time_us ORDER BY node_index), 0.0) AS time_us
    FROM layers LEFT JOIN mains USING (run_id, cell_id, node_index)
    GROUP BY cell_id, run_id, op_type, tied, node_type, runtime_precision
), carried AS (
    SELECT DISTINCT cell_id, op_name, coalesce(op_types, []) AS op_types
    FROM bridge JOIN mains USING (run_id, cell_id, node_index)
    SEMI JOIN layers USING (run_id, cell_id, node_index)
    WHERE list_contains($op_names::VARCHAR[], op_name)
)
SELECT *, TRUE AS is_executed FROM executed
UNION ALL BY NAME SELECT *, FALSE AS is_executed FROM carried
ORDER BY cell_id, time_us DESC, op_type, node_type, runtime_precision, op_name, op_types
""",
    )
)
_EXECUTED = [field.name for field in fields(Executed)]
_CARRIED = [field.name for field in fields(Carried)]
_VARIANTS = """
SELECT v.variant_id, v.model_id, coalesce(m.name, v.model_id) AS model,
    coalesce(m.title, v.model_id) AS model_title, v.kind, v.tool, v.tool_version, v.recipe,
    v.file_bytes, v.note
FROM variants v LEFT JOIN models m USING (model_id)
WHERE list_contains($model_ids, v.model_id)
ORDER BY list_position($model_ids, v.model_id), v.kind <> 'fp32', v.kind, v.variant_id
"""


def networks(index: Index, model_ids: Sequence[str]) -> tuple[Network, ...]:
    """These models as they were read, in this order; one that is not stored has its id alone."""
    known = {model.model_id: model for model in queries.models(index)}
    ops = version_queries.float_ops(index, model_ids)
    return tuple(network_of(one, known.get(one), ops.get(one, ())) for one in model_ids)


def ran(
    index: Index, cell_ids: Sequence[str], op_names: Sequence[str] = ()
) -> tuple[tuple[Executed, ...], tuple[Carried, ...]]:
    """What the layers of these cells took, and which of them carry these operations.

    Each cell in its newest run with a profile. The time of a layer is the median over its
    launches, as in ``queries.layers_table``; only layers that were executed carry anything. One
    question for both: to find the layers of a few runs among those of a store is most of it.
    """
    asked = {**_profiled(index, cell_ids), "op_names": list(op_names)}
    found = index.fetch(_RAN, asked)
    times, names = (found.filter(mine) for mine in _either(found["is_executed"]))
    return rows_as(Executed, times.select(_EXECUTED)), rows_as(Carried, names.select(_CARRIED))


def executed(index: Index, cell_ids: Sequence[str]) -> tuple[Executed, ...]:
    """The first answer of ``ran``."""
    return ran(index, cell_ids)[0]


def carriers(index: Index, cell_ids: Sequence[str], op_names: Sequence[str]) -> tuple[Carried, ...]:
    """The second answer of ``ran``."""
    return ran(index, cell_ids, op_names)[1]


def _either(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Where it is true, and where it is not."""
    told = column.to_pylist()
    return pa.array(told, pa.bool_()), pa.array([not one for one in told], pa.bool_())


def _profiled(index: Index, cell_ids: Sequence[str]) -> dict[str, object]:
    """Those of these cells that have layers, each with its newest run that has them.

    Asked first: named by their values, runs are found in a store of many without reading all.
    """
    found = index.fetch(_NEWEST, {"cell_ids": list(cell_ids)})
    return {
        "cell_ids": found["cell_id"].to_pylist(),
        "run_ids": found["run_id"].to_pylist(),
        "inferred": sorted(INFERRED_METHODS),
    }


def variants_of_models(index: Index, model_ids: Sequence[str]) -> tuple[VariantView, ...]:
    """All variants of these models, the float one of each first."""
    return rows_as(VariantView, index.fetch(_VARIANTS, {"model_ids": list(model_ids)}))
