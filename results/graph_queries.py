"""Questions about a cell's executed graph; SQL for them stands here alone."""

from __future__ import annotations

from results import queries
from results.facts import SourceOp
from results.graph import ExecGraph
from results.graph_building import ExecRow, NodeLink, build_graph
from results.index import Index
from results.read_rows import rows_as
from results.views import LaunchView

_LINKS = """
SELECT s.node_index, s.op_name, min_by(s.method, s.confidence) AS method,
    min(s.confidence) AS confidence
FROM exec_node_sources s
WHERE s.run_id = $run_id AND s.launch_id IN (
    SELECT launch_id FROM launches WHERE run_id = $run_id AND cell_id = $cell_id)
GROUP BY s.node_index, s.op_name
ORDER BY s.node_index, s.op_name
"""
_NODE_TIMES = """
SELECT launch_id, sum(time_us) AS time_us FROM exec_nodes
WHERE run_id = $run_id AND cell_id = $cell_id AND node_index = $node_index
    AND status = 'executed' AND time_us IS NOT NULL
GROUP BY launch_id ORDER BY launch_id
"""


def exec_graph(index: Index, cell_id: str, run_id: str, model_id: str) -> ExecGraph:
    """The executed graph of a cell in a run; empty where no layer was profiled."""
    asked = {"cell_id": cell_id, "run_id": run_id}
    rows = rows_as(ExecRow, queries.layers_table(index, cell_id, run_id))
    links = rows_as(NodeLink, index.fetch(_LINKS, asked))
    return build_graph(rows, links, float_ops(index, model_id))


def float_ops(index: Index, model_id: str) -> tuple[SourceOp, ...]:
    """The source ops of a model's float variant; none where it is not stored."""
    variant = queries.fp32_variant(index, model_id)
    return queries.source_ops(index, variant.variant_id) if variant else ()


def launches_of(index: Index, cell_id: str, run_id: str) -> tuple[LaunchView, ...]:
    """All launches of a cell in a run."""
    return queries.launches(index, run_id, [cell_id])


def node_times_us(index: Index, cell_id: str, run_id: str, node_index: int) -> tuple[float, ...]:
    """What a node took in each profile launch that timed it, in µs per inference."""
    asked = {"cell_id": cell_id, "run_id": run_id, "node_index": node_index}
    found: list[float] = index.fetch(_NODE_TIMES, asked)["time_us"].to_pylist()
    return tuple(found)
