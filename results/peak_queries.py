"""Questions about measured peaks that are put to the index; SQL for them stands here alone."""

from __future__ import annotations

from results.facts import Peak
from results.index import Index
from results.read_rows import rows_as
from results.roof import Peaks

_NEWEST = """
SELECT p.run_id, coalesce(any_value(t.version), any_value(p.runtime_id)) AS runtime,
    coalesce(min(p.threads) >= any_value(m.physical_cores), FALSE) AS whole_device
FROM peaks p
JOIN runs r USING (run_id)
LEFT JOIN runtimes t USING (runtime_id)
LEFT JOIN devices d USING (device_id)
LEFT JOIN machines m ON m.machine_id = d.machine_id
WHERE p.device_id = $device_id
GROUP BY p.run_id, r.started_at
ORDER BY r.started_at DESC, p.run_id DESC LIMIT 1
"""
_ROWS = """
SELECT * FROM peaks WHERE device_id = $device_id AND run_id = $run_id
ORDER BY kind DESC, precision <> 'f32', precision, operation, working_set_bytes
"""


def peaks_of(index: Index, device_id: str) -> Peaks | None:
    """The peaks of a device from the newest run that measured any; None where none did."""
    found = index.fetch(_NEWEST, {"device_id": device_id}).to_pylist()
    if not found:
        return None
    newest = found[0]
    rows = index.fetch(_ROWS, {"device_id": device_id, "run_id": newest["run_id"]})
    return Peaks(
        device_id=device_id,
        run_id=newest["run_id"],
        runtime=newest["runtime"],
        rows=rows_as(Peak, rows),
        whole_device=newest["whole_device"],
    )
