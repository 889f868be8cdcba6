"""Changes, triage and series as JSON text.

Keys are part of the product, as in ``results.export_json``. Times carry their unit in the
key; ``ratio`` is the newer version's time over the older one's, below 1 is faster.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from results.comparison import CellView, Estimate
from results.json_text import json_text
from results.versions.shapes import (
    Best,
    Changes,
    History,
    PaysSince,
    Rival,
    Series,
    SeriesPoint,
    Triage,
    TriageRow,
)


def changes_json(triage: Triage, changes: Changes | None) -> str:
    """The triage of two versions; ``changes`` has the details where one cell was asked about."""
    body = _triage(triage) | {"changes": None if changes is None else _changes(changes)}
    return json_text(body)


def histories_json(histories: tuple[History, ...]) -> str:
    """Every model, device and scenario over the versions."""
    return json_text({"histories": [_history(history) for history in histories]})


def _triage(triage: Triage) -> dict[str, Any]:
    return {
        "sentence": triage.sentence,
        "baseline": asdict(triage.baseline),
        "candidate": asdict(triage.candidate),
        "counts": {bucket.value: count for bucket, count in triage.counts},
        "rows": [_row(row) for row in triage.rows],
        "causes": [asdict(cause) for cause in triage.causes],
        "failures": [asdict(failure) for failure in triage.failures],
    }


def _row(row: TriageRow) -> dict[str, Any]:
    return {
        "bucket": row.bucket.value,
        **_named(row.cell),
        "baseline_cell": row.baseline.cell_id if row.baseline else None,
        "candidate_cell": row.candidate.cell_id if row.candidate else None,
        "estimate": _estimate(row.estimate),
        "unpaired": row.is_unpaired,
        "reason": row.reason,
        "baseline_reason": row.baseline_reason,
        "candidate_reason": row.candidate_reason,
        "causes": [asdict(cause) for cause in row.causes],
        "withheld": row.withheld,
    }


def _changes(changes: Changes) -> dict[str, Any]:
    groups = [asdict(group) | {"delta_us": group.delta_us} for group in changes.groups]
    return {
        "sentence": changes.sentence,
        **_named(changes.comparison.candidate),
        "baseline_cell": changes.comparison.baseline.cell_id,
        "candidate_cell": changes.comparison.candidate.cell_id,
        "run_ids": list(changes.comparison.run_ids),
        "estimate": _estimate(changes.estimate),
        "profiled": changes.profiled,
        "withheld": changes.withheld,
        "groups": groups,
        "gone": [asdict(node) for node in changes.gone],
        "come": [asdict(node) for node in changes.come],
        "lone": [asdict(layer) for layer in changes.lone],
        "sums": [asdict(found) for found in changes.sums],
        "unattributed_us": changes.unattributed_us,
        "wall_us": changes.wall_us,
        "causes": [asdict(cause) for cause in changes.causes],
        "cautions": [asdict(caution) for caution in changes.comparison.cautions],
    }


def _history(history: History) -> dict[str, Any]:
    return {
        "sentence": history.sentence,
        "model": history.model,
        "note": history.model_note,
        "device": history.device,
        "scenario": history.scenario,
        "batch": history.batch,
        "streams": history.streams,
        "threads": history.threads,
        "requests": history.requests,
        "versions": [asdict(version) for version in history.versions],
        "series": [_series(series) for series in history.series],
        "best": _best(history.best),
        "pays": [_pays(one) for one in history.pays],
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "arm": series.arm,
        "variant_id": series.variant_id,
        "run_id": series.run_id,
        "sentence": series.sentence,
        "points": [_point(point) for point in series.points],
        "best": _best(series.best),
        "others": [
            {
                "version": one.version.label,
                "variant_id": one.cell.variant_id,
                "cell_id": one.cell.cell_id,
                "failure": one.failure,
            }
            for one in series.others
        ],
    }


def _point(point: SeriesPoint) -> dict[str, Any]:
    step = point.step
    return {
        **_short(point),
        "run_id": point.run_id,
        "of_another_run": point.of_another_run,
        "low_ms": point.low_ms,
        "high_ms": point.high_ms,
        "blocks": point.blocks,
        "failure": point.failure,
        "step": None
        if step is None
        else {
            "previous": step.previous.label,
            "is_change_point": step.is_change_point,
            "estimate": _estimate(step.estimate),
        },
    }


def _short(point: SeriesPoint) -> dict[str, Any]:
    """A point in what names it; items per second in throughput only."""
    return {
        "version": point.version.label,
        "arm": point.cell.arm,
        "cell_id": point.cell.cell_id,
        "median_ms": point.median_ms,
        "per_second": point.per_second if point.cell.is_throughput else None,
    }


def _best(best: Best | None) -> dict[str, Any] | None:
    if best is None:
        return None
    return {
        "sentence": best.sentence,
        "is_known": best.is_known,
        **_short(best.point),
        "runner_up": _rival(best.runner_up),
        "ties": [_short(point) for point in best.ties],
        "unsettled": [_short(point) for point in best.unsettled],
        "fastest": [_short(point) for point in best.fastest],
        "uncompared": [_short(point) for point in best.uncompared],
    }


def _rival(rival: Rival | None) -> dict[str, Any] | None:
    if rival is None:
        return None
    return _short(rival.point) | {"estimate": _estimate(rival.estimate)}


def _pays(pays: PaysSince) -> dict[str, Any]:
    return {
        "sentence": pays.sentence,
        "arm": pays.arm,
        "baseline_arm": pays.baseline_arm,
        "version": pays.version.label if pays.version else None,
        "lapses": [version.label for version in pays.lapses],
        "unsettled": [version.label for version in pays.unsettled],
        "verdicts": [
            {"version": version.label, "estimate": _estimate(estimate)}
            for version, estimate in pays.verdicts
        ],
    }


def _named(cell: CellView) -> dict[str, Any]:
    return {
        "model": cell.model,
        "arm": cell.arm,
        "variant_id": cell.variant_id,
        "device": cell.device,
        "scenario": cell.scenario,
        "batch": cell.batch,
        "streams": cell.streams,
        "threads": cell.threads,
        "requests": cell.requests,
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else asdict(estimate)
