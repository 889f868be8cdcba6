"""What the index works out once from its tables: names of cells, figures, what counts now.

Every page asks for these, and over a fleet they take long; nothing here is a fact, and all of
it is made again whenever the index is built or extended. The tables of facts are filled in
``results.index``, the questions stand in ``results.queries``.
"""

from __future__ import annotations

from collections.abc import Callable

from results.pairing import DIRTY_CAUTIONS

_CELL_VIEWS = """
CREATE OR REPLACE TABLE cell_views AS
WITH twins AS (
    SELECT title FROM devices GROUP BY title HAVING count(DISTINCT machine_id) > 1
)
SELECT c.cell_id, c.device_id, c.runtime_id, c.model_id, c.variant_id,
    coalesce(m.name, c.model_id) AS model, coalesce(m.title, c.model_id) AS model_title,
    m.note AS model_note, c.arm, coalesce(v.kind, split_part(c.arm, '@', 1)) AS variant_kind,
    c.precision, coalesce(d.title, c.device_id)
        || CASE WHEN o.origin = 'measured' AND d.title IN (SELECT title FROM twins)
            AND h.hostname <> '' THEN ' (' || h.hostname || ')' ELSE '' END AS device,
    coalesce(d.machine_id, '') AS machine_id, d.isa_cap,
    coalesce(h.isa_flags, []) AS isa_flags, coalesce(r.version, c.runtime_id) AS runtime,
    c.scenario, c.batch, c.streams, c.threads, c.requests, v.note AS variant_note,
    o.origin
FROM cells c
JOIN (SELECT l.cell_id, CASE WHEN bool_or(r.kind = 'published') THEN 'published'
        WHEN bool_or(r.kind = 'imported') THEN 'imported' ELSE 'measured' END AS origin
    FROM launches l LEFT JOIN runs r USING (run_id) GROUP BY l.cell_id) o USING (cell_id)
LEFT JOIN models m USING (model_id)
LEFT JOIN variants v USING (variant_id)
LEFT JOIN devices d USING (device_id)
LEFT JOIN machines h ON h.machine_id = d.machine_id
LEFT JOIN runtimes r USING (runtime_id)
"""
_RUN_VIEWS = """
CREATE OR REPLACE TABLE run_views AS
WITH launched AS (
    SELECT run_id, count(*) AS launches, count(DISTINCT cell_id) AS cells,
        count(*) FILTER (status <> 'ok') AS failed_launches
    FROM launches GROUP BY run_id
), about AS (
    SELECT l.run_id, v.model_title
    FROM (SELECT DISTINCT run_id, cell_id FROM launches) l JOIN cell_views v USING (cell_id)
    UNION ALL
    SELECT b.run_id, m.title FROM run_variants b
    JOIN runs r ON r.run_id = b.run_id AND r.kind = 'quantized'
    JOIN variants v ON v.variant_id = b.variant_id
    JOIN models m USING (model_id)
), titled AS (
    SELECT run_id, list_sort(list_distinct(list(model_title))) AS model_titles
    FROM about GROUP BY run_id
), cautioned AS (SELECT run_id, count(*) AS cautions FROM cautions GROUP BY run_id)
SELECT r.*, coalesce(m.hostname, '') AS hostname, coalesce(m.cpu_model, '') AS machine_title,
    coalesce(l.cells, 0) AS cells, coalesce(l.launches, 0) AS launches,
    coalesce(l.failed_launches, 0) AS failed_launches, coalesce(c.cautions, 0) AS cautions,
    coalesce(t.model_titles, []) AS model_titles
FROM runs r
LEFT JOIN machines m USING (machine_id)
LEFT JOIN launched l USING (run_id)
LEFT JOIN titled t USING (run_id)
LEFT JOIN cautioned c USING (run_id)
"""
_LAUNCH_VIEWS = """
CREATE OR REPLACE VIEW launch_views AS
SELECT l.*, CASE WHEN c.scenario = 'throughput' THEN 1000.0 / l.throughput_fps
    ELSE l.p50_ms END AS headline_ms
FROM (SELECT * REPLACE (CASE WHEN p50_ms > 0 THEN p50_ms END AS p50_ms,
    CASE WHEN throughput_fps > 0 THEN throughput_fps END AS throughput_fps) FROM launches) l
LEFT JOIN cells c USING (cell_id)
"""
_CELL_SUMMARIES = """
CREATE OR REPLACE TABLE cell_summaries AS
WITH timing AS (
    SELECT l.*, r.started_at AS run_started_at
    FROM launch_views l JOIN runs r USING (run_id) WHERE l.kind = 'timing'
), latest AS (
    SELECT cell_id, max_by(run_id, (run_started_at, run_id)) AS run_id,
        count(DISTINCT run_id) AS runs
    FROM timing GROUP BY cell_id
), counted AS (
    SELECT t.cell_id, any_value(t.run_started_at) AS started_at,
        count(*) FILTER (t.status = 'ok') AS launches_ok,
        count(*) FILTER (t.status <> 'ok') AS launches_failed,
        max_by(t.error, t.started_at) FILTER (t.status <> 'ok') AS error
    FROM timing t JOIN latest USING (cell_id, run_id) GROUP BY t.cell_id
), dirty AS (
    SELECT DISTINCT run_id, subject_id AS launch_id FROM cautions
    WHERE subject = 'launch' AND list_contains($dirty, caution_id)
), kept AS (
    SELECT t.* REPLACE (CASE WHEN p90_ms > 0 THEN p90_ms END AS p90_ms,
        CASE WHEN p99_ms > 0 THEN p99_ms END AS p99_ms)
    FROM timing t JOIN latest USING (cell_id, run_id)
    LEFT JOIN dirty d ON d.run_id = t.run_id AND d.launch_id = t.launch_id
    WHERE t.status = 'ok'
    QUALIFY t.block IS NULL OR row_number() OVER (
        PARTITION BY t.cell_id, t.block ORDER BY d.launch_id IS NULL DESC, t.attempt DESC) = 1
), measured AS (
    SELECT cell_id, count(*) AS blocks,
        exp(avg(ln(headline_ms) ORDER BY launch_id)) AS headline_ms,
        min(headline_ms) AS headline_min_ms, max(headline_ms) AS headline_max_ms,
        exp(avg(ln(p50_ms) ORDER BY launch_id)) AS p50_ms,
        if(count(p90_ms) >= count(p50_ms), exp(avg(ln(p90_ms) ORDER BY launch_id)), NULL) AS p90_ms,
        if(count(p99_ms) >= count(p50_ms), exp(avg(ln(p99_ms) ORDER BY launch_id)), NULL) AS p99_ms,
        min(p50_ms) AS p50_min_ms, max(p50_ms) AS p50_max_ms,
        exp(avg(ln(throughput_fps) ORDER BY launch_id)) AS throughput_fps,
        median(compile_ms) AS compile_ms,
        median(first_inference_ms) AS first_inference_ms,
        median(peak_memory_mib) AS peak_memory_mib
    FROM kept GROUP BY cell_id
), started AS (
    SELECT s.cell_id, median(s.cached_compile_ms) AS cached_compile_ms
    FROM launches s JOIN latest USING (cell_id, run_id)
    WHERE s.kind = 'startup' AND s.status = 'ok' GROUP BY s.cell_id
)
SELECT v.*, l.run_id, c.started_at, coalesce(l.runs, 0) AS runs,
    coalesce(c.launches_ok, 0) AS launches_ok, coalesce(c.launches_failed, 0) AS launches_failed,
    c.error, coalesce(m.blocks, 0) AS blocks, m.* EXCLUDE (cell_id, blocks),
    s.cached_compile_ms,
    row_number() OVER (
        ORDER BY v.model, v.device, v.runtime, v.scenario, v.batch, v.streams, v.threads,
            v.requests, v.variant_kind <> 'fp32', v.variant_kind, v.precision <> 'f32',
            v.precision, v.cell_id) AS place
FROM cell_views v
LEFT JOIN latest l USING (cell_id)
LEFT JOIN counted c USING (cell_id)
LEFT JOIN measured m USING (cell_id)
LEFT JOIN started s USING (cell_id)
"""
_COUNTING_LAUNCHES = """
CREATE OR REPLACE TABLE counting_launches AS
WITH timing AS (
    SELECT l.run_id, l.launch_id, l.cell_id, l.block, l.attempt, l.started_at,
        l.status = 'ok' AND l.headline_ms IS NOT NULL AS good,
        hash(v.origin, v.model_id, v.device_id, v.runtime_id, v.scenario, v.batch, v.streams,
            v.threads, v.requests) AS place
    FROM launch_views l JOIN cell_views v USING (cell_id) WHERE l.kind = 'timing'
), first_good AS (
    SELECT cell_id, run_id, min((started_at, run_id, launch_id)) AS first
    FROM timing WHERE good GROUP BY cell_id, run_id
), newest AS (
    SELECT cell_id, max_by(run_id, first) AS run_id FROM first_good GROUP BY cell_id
    UNION SELECT cell_id, max(run_id) FROM first_good GROUP BY cell_id
    UNION SELECT cell_id, max(run_id) FROM timing GROUP BY cell_id
    UNION SELECT cell_id, max_by(run_id, (started_at, run_id, launch_id))
        FROM timing WHERE NOT good GROUP BY cell_id
), shared AS (
    SELECT a.place, a.cell_id, b.cell_id AS other_id, max_by(a.run_id, f.first) AS run_id
    FROM timing a
    JOIN timing b ON a.run_id = b.run_id AND a.block = b.block AND a.attempt = b.attempt
        AND a.place = b.place AND a.cell_id <> b.cell_id
    JOIN first_good f ON f.cell_id = a.cell_id AND f.run_id = a.run_id
    WHERE a.good AND b.good
    GROUP BY a.place, a.cell_id, b.cell_id
), kept AS (
    SELECT DISTINCT t.place, n.run_id FROM newest n
    JOIN (SELECT DISTINCT cell_id, place FROM timing) t USING (cell_id)
    UNION SELECT DISTINCT place, run_id FROM shared
)
SELECT t.run_id, t.launch_id FROM timing t JOIN kept k USING (place, run_id)
"""
_MEASURED_LAST = """
CREATE OR REPLACE TABLE measured_last AS
WITH timed AS (
    SELECT cell_id, run_id, bool_or(status = 'ok' AND headline_ms IS NOT NULL) AS good
    FROM launch_views WHERE kind = 'timing' GROUP BY cell_id, run_id
)
SELECT cell_id FROM timed GROUP BY cell_id HAVING max_by(good, run_id)
"""


def derive(execute: Callable[..., object]) -> None:
    """Make them from the tables of facts; ``execute`` runs a statement with its parameters."""
    execute(_CELL_VIEWS)
    execute(_RUN_VIEWS)
    make_views(execute)
    execute(_CELL_SUMMARIES, {"dirty": sorted(DIRTY_CAUTIONS)})
    execute(_COUNTING_LAUNCHES)
    execute(_MEASURED_LAST)


def make_views(execute: Callable[..., object]) -> None:
    """What stays a view, since a table would double the launches; no other is in an index."""
    execute(_LAUNCH_VIEWS)
