"""The layers of several cells with their bridge to source ops; SQL for them stands here alone.

A neighbour of ``results.queries``: there the layers of one cell are asked for as they are shown.
Two cells are compared, and a page compares several pairs: to find their rows among those of a
store is most of a question, so that it is put once for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import pyarrow as pa

from results.facts import ExecNode, ExecNodeSource
from results.index import Index
from results.nodes import Side
from results.read_rows import rows_as

_ASKED = """
WITH asked AS (
    SELECT unnest($run_ids::VARCHAR[]) AS run_id, unnest($cell_ids::VARCHAR[]) AS cell_id
)
"""
_NODES = " ".join(
    (
        _ASKED,
        """
SELECT n.* FROM exec_nodes n SEMI JOIN asked a ON a.run_id = n.run_id AND a.cell_id = n.cell_id
WHERE n.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
ORDER BY n.cell_id, n.run_id, n.launch_id, n.node_index
""",
    )
)
_SOURCES = " ".join(
    (
        _ASKED,
        """
, launched AS (
    SELECT l.run_id, l.launch_id, l.cell_id FROM launches l
    SEMI JOIN asked a ON a.run_id = l.run_id AND a.cell_id = l.cell_id
    WHERE l.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
)
SELECT s.*, l.cell_id FROM exec_node_sources s
JOIN launched l ON l.run_id = s.run_id AND l.launch_id = s.launch_id
WHERE s.run_id IN (SELECT unnest($run_ids::VARCHAR[]))
ORDER BY l.cell_id, s.run_id, s.launch_id, s.node_index, s.op_name
""",
    )
)

CellRun = tuple[str, str]
"""The ids of a cell and of a run."""
RowT = TypeVar("RowT", ExecNode, ExecNodeSource)


def sides(index: Index, asked: Sequence[CellRun]) -> dict[CellRun, Side]:
    """The layers of all profile launches of each of these cells in its run, with their bridge.

    Rows as ``queries.exec_nodes`` and ``queries.exec_node_sources`` have them; without a profile
    there are none.
    """
    ids = {"cell_ids": [cell for cell, _ in asked], "run_ids": [run for _, run in asked]}
    nodes, sources = index.fetch(_NODES, ids), index.fetch(_SOURCES, ids)
    nodes_of = _by_cell(nodes, rows_as(ExecNode, nodes))
    sources_of = _by_cell(sources, rows_as(ExecNodeSource, sources.drop_columns(["cell_id"])))
    return {one: Side(nodes_of.get(one, ()), sources_of.get(one, ())) for one in asked}


def _by_cell(table: pa.Table, rows: tuple[RowT, ...]) -> dict[CellRun, tuple[RowT, ...]]:
    """The rows of a table that stand in the order of their cells and runs, cut there."""
    owners = zip(table["cell_id"].to_pylist(), table["run_id"].to_pylist(), strict=True)
    found: dict[CellRun, tuple[RowT, ...]] = {}
    at = 0
    for owner, count in Counter(owners).items():
        found[owner] = rows[at : at + count]
        at += count
    return found
