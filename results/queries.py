"""Every question that is put to the index; SQL for reading stands here and nowhere else.

Values travel as bound parameters, never as text of a query. Sums and means of floats are
taken in a fixed order, so that the same facts give the same bits. Answers are frozen
dataclasses, or Arrow tables where a page aggregates and draws. Times are in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pyarrow as pa

from results.certificate import CertificateView
from results.comparison import CellView
from results.facts import (
    Caution,
    CertificateTrial,
    Device,
    ExecNode,
    ExecNodeSource,
    Machine,
    Model,
    Runtime,
    SourceOp,
    Variant,
)
from results.index import Index
from results.read_rows import rows_as
from results.views import LaunchView, RunCell, RunView

RowT = TypeVar("RowT")

_CELLS = """
SELECT * FROM cell_views
ORDER BY model, device, runtime, scenario, batch, streams, threads, requests,
    variant_kind <> 'fp32', variant_kind, precision <> 'f32', precision, cell_id
"""
_RUN_CELLS = """
SELECT DISTINCT run_id, cell_id FROM launches ORDER BY run_id, cell_id
"""
_RUNS = """
SELECT * FROM run_views ORDER BY started_at DESC, run_id DESC
"""
_LAUNCHES = """
SELECT * EXCLUDE (samples_ms) FROM launch_views
WHERE ($run_id IS NULL OR run_id = $run_id)
    AND ($cell_ids IS NULL OR list_contains($cell_ids, cell_id))
    AND ($kind IS NULL OR kind = $kind)
ORDER BY started_at, run_id, launch_id
"""
_COUNTING = """
SELECT l.* EXCLUDE (samples_ms) REPLACE (NULL::VARCHAR AS properties) FROM launch_views l
JOIN counting_launches USING (run_id, launch_id)
ORDER BY started_at, run_id, launch_id
"""
_SAMPLES = """
SELECT samples_ms FROM launches WHERE run_id = $run_id AND launch_id = $launch_id
"""
_CELL_SUMMARIES = """
SELECT * EXCLUDE (place) FROM cell_summaries ORDER BY place
"""
_EXEC_NODES = """
SELECT * FROM exec_nodes WHERE cell_id = $cell_id AND run_id = $run_id
ORDER BY launch_id, node_index
"""
_EXEC_NODE_SOURCES = """
SELECT s.* FROM exec_node_sources s
WHERE s.run_id = $run_id AND s.launch_id IN (
    SELECT launch_id FROM launches WHERE run_id = $run_id AND cell_id = $cell_id)
ORDER BY s.launch_id, s.node_index, s.op_name
"""
_LATEST_SHARED_RUNS = """
WITH timed AS (
    SELECT DISTINCT cell_id, run_id, block, attempt FROM launches
    WHERE kind = 'timing' AND status = 'ok'
        AND cell_id IN (SELECT unnest($cell_ids::VARCHAR[]))
), shared AS (
    SELECT DISTINCT a.cell_id AS cell_a, b.cell_id AS cell_b, run_id
    FROM timed a JOIN timed b USING (run_id, block, attempt) WHERE a.cell_id <> b.cell_id
)
SELECT s.cell_a, s.cell_b, max_by(r.run_id, (r.started_at, r.run_id)) AS run_id
FROM shared s JOIN runs r USING (run_id) GROUP BY s.cell_a, s.cell_b
"""
_LATEST_RUN_OF = """
SELECT r.run_id FROM runs r JOIN launches l USING (run_id)
WHERE l.cell_id = $cell_id AND l.status = 'ok' AND l.kind <> 'startup'
ORDER BY r.started_at DESC, r.run_id DESC LIMIT 1
"""
_LAYERS_CTE = """
WITH nodes AS (
    SELECT *, if(status = 'executed', time_us, 0.0) AS spent_us FROM exec_nodes
    WHERE cell_id = $cell_id AND run_id = $run_id
), launched AS (SELECT count(DISTINCT launch_id) AS n FROM nodes
), layers AS (
    SELECT node_index, node_type, primitive, runtime_precision,
        if(count(time_us) > 0, 'executed', 'not_executed') AS status,
        min_by(nodes, launch_id) AS first,
        if(count(time_us) > 0, list_aggregate(list_concat(
            list(spent_us) FILTER (spent_us IS NOT NULL),
            list_resize([]::DOUBLE[], any_value(launched.n) - count(DISTINCT launch_id), 0.0)
        ), 'median'), NULL) AS time_us
    FROM nodes, launched
    GROUP BY node_index, node_type, primitive, runtime_precision
), executed AS (SELECT sum(time_us ORDER BY node_index, node_type, primitive) AS us FROM layers)
"""
_LAYERS = " ".join(
    (
        _LAYERS_CTE,
        """
SELECT node_index, first.name AS name, node_type, primitive, runtime_precision,
    first.input_precisions AS input_precisions, first.input_layouts AS input_layouts,
    first.output_precisions AS output_precisions, first.output_layouts AS output_layouts,
    first.output_shapes AS output_shapes, first.producers AS producers,
    first.from_constant AS from_constant, first.original_names AS original_names,
    status, time_us, time_us / nullif((SELECT us FROM executed), 0) AS time_share
FROM layers
ORDER BY status <> 'executed', node_index, node_type
""",
    )
)
_KERNELS = " ".join(
    (
        _LAYERS_CTE,
        """
SELECT primitive, runtime_precision, list_sort(list_distinct(list(node_type))) AS node_types,
    count(*) AS layers, sum(time_us ORDER BY node_index, node_type) AS time_us,
    sum(time_us ORDER BY node_index, node_type) / nullif((SELECT us FROM executed), 0)
        AS time_share
FROM layers WHERE status = 'executed'
GROUP BY primitive, runtime_precision
ORDER BY time_us DESC NULLS LAST, primitive, runtime_precision
""",
    )
)
_CAUTIONS = """
SELECT * FROM cautions WHERE list_contains($run_ids, run_id)
ORDER BY run_id, caution_id, subject_id, detail
"""
_CERTIFICATES = """
SELECT c.run_id, r.started_at, c.device_id, coalesce(d.title, c.device_id) AS device,
    coalesce(m.cpu_model, '') AS machine_title, c.runtime_id,
    coalesce(t.version, c.runtime_id) AS runtime, coalesce(n.name, c.model_id) AS model,
    c.arm, c.scenario, c.effort, c.blocks, c.comparisons, c.false_alarms, c.equivalent,
    c.disturbed
FROM certificates c
JOIN runs r USING (run_id)
LEFT JOIN devices d USING (device_id)
LEFT JOIN machines m ON m.machine_id = r.machine_id
LEFT JOIN runtimes t ON t.runtime_id = c.runtime_id
LEFT JOIN models n ON n.model_id = c.model_id
ORDER BY r.started_at DESC, c.run_id DESC
"""
_FP32_VARIANT = """
SELECT * FROM variants WHERE model_id = $id AND kind = 'fp32' ORDER BY variant_id
"""


def _one(row: type[RowT], table: pa.Table) -> RowT | None:
    rows = rows_as(row, table.slice(0, 1))
    return rows[0] if rows else None


def cells(index: Index) -> tuple[CellView, ...]:
    """All cells that have launches, by model, device, runtime, scenario and arm."""
    return rows_as(CellView, index.fetch(_CELLS))


def run_cells(index: Index) -> tuple[RunCell, ...]:
    """Which run launched which cell."""
    return rows_as(RunCell, index.fetch(_RUN_CELLS))


def run_views(index: Index) -> tuple[RunView, ...]:
    """All runs, newest first."""
    return rows_as(RunView, index.fetch(_RUNS))


def launches(
    index: Index,
    run_id: str | None = None,
    cell_ids: Sequence[str] | None = None,
    kind: str | None = None,
) -> tuple[LaunchView, ...]:
    """Launches, failed ones too, in time order; None means all."""
    ids = None if cell_ids is None else list(cell_ids)
    params = {"run_id": run_id, "cell_ids": ids, "kind": kind}
    return rows_as(LaunchView, index.fetch(_LAUNCHES, params))


def measured_last(index: Index, cell_ids: Sequence[str]) -> frozenset[str]:
    """Those of these cells that the latest run that timed them has a good launch of."""
    found = index.fetch("SELECT cell_id FROM measured_last ORDER BY cell_id")
    return frozenset(found["cell_id"].to_pylist()).intersection(cell_ids)


def counting_launches(index: Index) -> tuple[LaunchView, ...]:
    """The timing launches that say how every cell stands now, in time order.

    Those of its newest run and of its newest good one, and of the newest run that it shared
    with another arm of the same model in the same place; all that ``overview`` looks at. What
    the compiled models reported, a page of text each, is left out.
    """
    return rows_as(LaunchView, index.fetch(_COUNTING))


def overview_rows(index: Index) -> pa.Table:
    """What the index keeps of the overview; ``kept_overview.from_table`` reads it."""
    return index.fetch("SELECT * FROM overview_rows ORDER BY place")


def samples_ms(index: Index, run_id: str, launch_id: str) -> tuple[float, ...]:
    """Latency of each measured inference of a launch, in order; empty where unknown."""
    table = index.fetch(_SAMPLES, {"run_id": run_id, "launch_id": launch_id})
    return tuple(sample for row in table["samples_ms"].to_pylist() for sample in row or ())


def cell_summaries(index: Index) -> pa.Table:
    """One row per cell: its names, and its latest run with timing launches in figures.

    Of each block the last clean attempt counts, else the last, as in
    ``pairing.one_per_block``. ``headline_ms`` is what is compared (``LaunchView``), p50, p90
    and p99 are latencies in every scenario: they and ``throughput_fps`` are geometric means
    over those launches, so that p90 is never below p50; of compilation, first inference and
    memory it is the median. All are NULL where every launch of that run failed, and
    ``error`` is why its last failed launch did; a percentile is NULL too where a launch lacks
    it. ``blocks`` counts the launches used, ``runs`` all runs of the cell.
    """
    return index.fetch(_CELL_SUMMARIES)


def exec_nodes(index: Index, cell_id: str, run_id: str) -> tuple[ExecNode, ...]:
    """Layers of all profile launches of a cell in a run, in execution order."""
    return rows_as(ExecNode, index.fetch(_EXEC_NODES, {"cell_id": cell_id, "run_id": run_id}))


def exec_node_sources(index: Index, cell_id: str, run_id: str) -> tuple[ExecNodeSource, ...]:
    """The bridge from the layers of ``exec_nodes`` to source ops."""
    table = index.fetch(_EXEC_NODE_SOURCES, {"cell_id": cell_id, "run_id": run_id})
    return rows_as(ExecNodeSource, table)


def source_ops(index: Index, variant_id: str) -> tuple[SourceOp, ...]:
    """Operations of a variant in topological order."""
    sql = "SELECT * FROM source_ops WHERE variant_id = $id ORDER BY position, op_name"
    return rows_as(SourceOp, index.fetch(sql, {"id": variant_id}))


def variant_of(index: Index, variant_id: str) -> Variant | None:
    """The variant with this id, if the store has it."""
    sql = "SELECT * FROM variants WHERE variant_id = $id"
    return _one(Variant, index.fetch(sql, {"id": variant_id}))


def fp32_variant(index: Index, model_id: str) -> Variant | None:
    """The float variant of a model: the one whose source ops layers are tied to."""
    return _one(Variant, index.fetch(_FP32_VARIANT, {"id": model_id}))


def machine(index: Index, machine_id: str) -> Machine | None:
    """The machine with this id, if the store has it."""
    sql = "SELECT * FROM machines WHERE machine_id = $id"
    return _one(Machine, index.fetch(sql, {"id": machine_id}))


def device(index: Index, device_id: str) -> Device | None:
    """The device with this id, if the store has it."""
    sql = "SELECT * FROM devices WHERE device_id = $id"
    return _one(Device, index.fetch(sql, {"id": device_id}))


def devices(index: Index, device_ids: Sequence[str]) -> tuple[Device, ...]:
    """Those of these devices that the store has, by id."""
    sql = "SELECT * FROM devices WHERE list_contains($ids, device_id) ORDER BY device_id"
    return rows_as(Device, index.fetch(sql, {"ids": list(device_ids)}))


def runtime(index: Index, runtime_id: str) -> Runtime | None:
    """The runtime with this id, if the store has it."""
    sql = "SELECT * FROM runtimes WHERE runtime_id = $id"
    return _one(Runtime, index.fetch(sql, {"id": runtime_id}))


def models(index: Index) -> tuple[Model, ...]:
    """All models, by name."""
    return rows_as(Model, index.fetch("SELECT * FROM models ORDER BY name, model_id"))


def cautions(index: Index, run_ids: Sequence[str]) -> tuple[Caution, ...]:
    """What lowers trust in these runs."""
    return rows_as(Caution, index.fetch(_CAUTIONS, {"run_ids": list(run_ids)}))


def certificates(index: Index) -> tuple[CertificateView, ...]:
    """All certificates, newest first; ``certificate.newest`` picks those that count."""
    return rows_as(CertificateView, index.fetch(_CERTIFICATES))


def certificate_trials(index: Index, run_id: str) -> tuple[CertificateTrial, ...]:
    """The comparisons of a certificate, in order."""
    sql = "SELECT * FROM certificate_trials WHERE run_id = $run_id ORDER BY trial"
    return rows_as(CertificateTrial, index.fetch(sql, {"run_id": run_id}))


def latest_shared_runs(index: Index, cell_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """By each two of these cells the newest run that launched both well in a common block.

    Timing launches count alone. Each pair stands both ways round.
    """
    rows = index.fetch(_LATEST_SHARED_RUNS, {"cell_ids": list(cell_ids)}).to_pylist()
    return {(row["cell_a"], row["cell_b"]): row["run_id"] for row in rows}


def latest_shared_run(index: Index, cell_a: str, cell_b: str) -> str | None:
    """The newest run in which both cells have good timing launches in a common block."""
    return latest_shared_runs(index, [cell_a, cell_b]).get((cell_a, cell_b))


def latest_run_of(index: Index, cell_id: str) -> str | None:
    """The newest run in which the cell has a good timing or profile launch."""
    return _run_id(index.fetch(_LATEST_RUN_OF, {"cell_id": cell_id}))


def _run_id(table: pa.Table) -> str | None:
    return str(table["run_id"][0].as_py()) if table.num_rows else None


def layers_table(index: Index, cell_id: str, run_id: str) -> pa.Table:
    """One row per exec node: kernel, precisions, layouts, shapes, µs and share of the sum.

    ``time_us`` is the median over the profile launches, as in ``nodes.median_nodes``.
    Executed nodes come first, in execution order.
    """
    return index.fetch(_LAYERS, {"cell_id": cell_id, "run_id": run_id})


def kernel_rollup(index: Index, cell_id: str, run_id: str) -> pa.Table:
    """One row per kernel and precision: layers, µs per inference, share; longest first."""
    return index.fetch(_KERNELS, {"cell_id": cell_id, "run_id": run_id})
