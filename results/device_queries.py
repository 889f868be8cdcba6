"""Questions about many devices at once that are put to the index; SQL for them stands here alone.

Sums over launches are made in SQL: a fleet has tens of thousands of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from results.devices import CellTime, DeviceFacts, DevicePeaks
from results.index import Index
from results.kinds import INT8_PRECISIONS
from results.pairing import DIRTY_CAUTIONS
from results.queries import latest_shared_runs
from results.read_rows import rows_as

_FACTS = """
SELECT d.device_id, d.title, d.ov_device, d.isa_cap, coalesce(m.cpu_model, '') AS cpu,
    coalesce(m.hostname, '') AS hostname, coalesce(m.isa_flags, []) AS isa_flags,
    m.physical_cores, m.logical_cpus, m.memory_mib, m.governor, m.hypervisor
FROM devices d LEFT JOIN machines m USING (machine_id)
WHERE list_contains($device_ids, d.device_id)
ORDER BY d.title, d.device_id
"""
_TIMES = """
WITH asked AS (
    SELECT unnest($cell_ids::VARCHAR[]) AS cell_id, unnest($run_ids::VARCHAR[]) AS in_run
), good AS (
    SELECT l.run_id, l.cell_id, asked.in_run, l.launch_id, l.block, l.attempt, l.headline_ms,
        l.properties, r.started_at AS run_started_at
    FROM launch_views l JOIN asked USING (cell_id) JOIN runs r USING (run_id)
    WHERE l.kind = 'timing' AND l.status = 'ok' AND l.headline_ms IS NOT NULL
        AND asked.in_run IN ('', l.run_id)
), latest AS (
    SELECT cell_id, in_run, max_by(run_id, (run_started_at, run_id)) AS run_id
    FROM good GROUP BY cell_id, in_run
), dirty AS (
    SELECT DISTINCT run_id, subject_id AS launch_id FROM cautions
    WHERE subject = 'launch' AND list_contains($dirty, caution_id)
), kept AS (
    SELECT g.* FROM good g JOIN latest USING (cell_id, in_run, run_id)
    LEFT JOIN dirty d ON d.run_id = g.run_id AND d.launch_id = g.launch_id
    QUALIFY g.block IS NULL OR row_number() OVER (
        PARTITION BY g.cell_id, g.in_run, g.block
        ORDER BY d.launch_id IS NULL DESC, g.attempt DESC) = 1
)
SELECT cell_id, any_value(run_id) AS run_id, count(*) AS launches,
    avg(ln(headline_ms) ORDER BY launch_id) AS log_mean,
    stddev_samp(ln(headline_ms) ORDER BY launch_id) AS log_spread,
    max_by(json_extract_string(properties, '$.INFERENCE_PRECISION_HINT'), launch_id) AS hint
FROM kept GROUP BY cell_id, in_run ORDER BY cell_id, in_run
"""
_PEAKS = """
WITH newest AS (
    SELECT p.device_id, p.run_id,
        coalesce(any_value(t.version), any_value(p.runtime_id)) AS runtime,
        coalesce(min(p.threads) >= any_value(m.physical_cores), FALSE) AS whole_device,
        max(p.value) FILTER (p.kind = 'flops' AND p.value > 0
            AND list_contains($int8, lower(p.executed_precision))) AS int8_gflops,
        max(p.value) FILTER (p.kind = 'flops' AND p.value > 0
            AND lower(p.executed_precision) IN ('f32', 'fp32')) AS f32_gflops,
        max_by(p.value, p.working_set_bytes) FILTER (p.kind = 'bandwidth' AND p.value > 0)
            AS memory_gbs,
        r.started_at
    FROM peaks p
    JOIN runs r USING (run_id)
    LEFT JOIN runtimes t USING (runtime_id)
    LEFT JOIN devices d USING (device_id)
    LEFT JOIN machines m ON m.machine_id = d.machine_id
    WHERE list_contains($device_ids, p.device_id)
    GROUP BY p.device_id, p.run_id, r.started_at
    QUALIFY row_number() OVER (
        PARTITION BY p.device_id ORDER BY r.started_at DESC, p.run_id DESC) = 1
)
SELECT * EXCLUDE (started_at) FROM newest ORDER BY device_id
"""
_OPERATIONS = "SELECT 2.0::DOUBLE * macs AS operations FROM models WHERE model_id = $model_id"


def facts_of(index: Index, device_ids: Sequence[str]) -> dict[str, DeviceFacts]:
    """By id, these devices with the facts of their machines; by title."""
    table = index.fetch(_FACTS, {"device_ids": list(device_ids)})
    return {one.device_id: one for one in rows_as(DeviceFacts, table)}


def times_of(index: Index, cell_ids: Sequence[str]) -> dict[str, CellTime]:
    """By id, the times of these cells in their latest run with a good timing launch.

    Of each block the last clean attempt counts, else the last, as in ``pairing.one_per_block``;
    cells without a good launch are left out.
    """
    return {one.cell_id: one for one in _times_in(index, [(cell_id, "") for cell_id in cell_ids])}


def shared_times_of(
    index: Index, pairs: Collection[tuple[str, str]], latest: Mapping[str, CellTime]
) -> dict[tuple[str, str], tuple[CellTime, CellTime]]:
    """By pair of cells, the times of both in the latest run in which they share a block.

    That is the run of their verdict; pairs that share none are left out, as each of their cells
    counts with its own latest run. Those are ``latest``, by ``times_of``: what stands there
    already is not asked for again.
    """
    shared = latest_shared_runs(index, list({cell_id for pair in pairs for cell_id in pair}))
    runs = {pair: shared[pair] for pair in pairs if pair in shared}
    places = {(cell_id, run_id) for pair, run_id in runs.items() for cell_id in pair}
    times = {(one.cell_id, one.run_id): one for one in latest.values()}
    older = sorted(places - times.keys())
    times |= {(one.cell_id, one.run_id): one for one in _times_in(index, older)}
    found = {
        (a, b): (times.get((a, run_id)), times.get((b, run_id))) for (a, b), run_id in runs.items()
    }
    return {pair: (one, two) for pair, (one, two) in found.items() if one and two}


def _times_in(index: Index, places: Sequence[tuple[str, str]]) -> list[CellTime]:
    """The time of each cell in a run; without a run's id in its latest with a good launch."""
    params = {
        "cell_ids": [cell_id for cell_id, _ in places],
        "run_ids": [run_id for _, run_id in places],
        "dirty": sorted(DIRTY_CAUTIONS),
    }
    return list(rows_as(CellTime, index.fetch(_TIMES, params))) if places else []


def peaks_of(index: Index, device_ids: Sequence[str]) -> dict[str, DevicePeaks]:
    """By id, the measured peaks of those of these devices that have any."""
    params = {"device_ids": list(device_ids), "int8": sorted(INT8_PRECISIONS)}
    return {one.device_id: one for one in rows_as(DevicePeaks, index.fetch(_PEAKS, params))}


def operations_of(index: Index, model_id: str) -> float | None:
    """Operations of a model per item, two per multiply-accumulate; None where not counted."""
    found = index.fetch(_OPERATIONS, {"model_id": model_id})["operations"].to_pylist()
    return found[0] if found else None
