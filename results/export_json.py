"""Machine-readable output: a comparison, the list of cells, a verification as JSON text.

Keys are part of the product: additions are welcome, renames are breaking changes.
Times carry their unit in the key. What is not known is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from results.certificate import CertificateView
from results.comparison import CellView, Comparison, Group
from results.format import per_second
from results.index import Problem
from results.verify import VerifyReport


def comparison_json(comparison: Comparison) -> str:
    """A comparison; ``ratio`` is candidate over baseline, below 1 is faster.

    ``baseline_ms`` and ``candidate_ms`` are latencies, or in throughput times per item;
    items per second stand beside them then. ``certified`` says whether all devices are.
    """
    estimate, coverage = comparison.estimate, comparison.coverage
    return _text({
        "verdict": estimate.verdict.value,
        "sentence": comparison.sentence,
        "ratio": estimate.ratio,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "paired": estimate.paired,
        "blocks": estimate.blocks,
        "blocks_needed": estimate.blocks_needed,
        "baseline_ms": estimate.baseline_ms,
        "candidate_ms": estimate.candidate_ms,
        "baseline_per_second": _rate(comparison.baseline, estimate.baseline_ms),
        "candidate_per_second": _rate(comparison.candidate, estimate.candidate_ms),
        "certified": all(standing.certified for standing in comparison.standings),
        "certificates": [asdict(standing) for standing in comparison.standings],
        "run_ids": list(comparison.run_ids),
        "baseline": asdict(comparison.baseline),
        "candidate": asdict(comparison.candidate),
        "ran_in": {
            "baseline": [asdict(share) for share in comparison.baseline_precisions],
            "candidate": [asdict(share) for share in comparison.candidate_precisions],
        },
        "coverage": asdict(coverage) if coverage else None,
        **_attribution(comparison),
        "groups": [_group(group) for group in comparison.groups],
        "inserted": [asdict(inserted) for inserted in comparison.inserted],
        "causes": [_cause(asdict(cause)) for cause in comparison.causes],
        "cautions": [asdict(caution) for caution in comparison.cautions],
    })  # fmt: skip


def cells_json(
    data: Path,
    summaries: pa.Table,
    certificates: Iterable[CertificateView],
    problems: Iterable[Problem],
) -> str:
    """The cells of a store with their figures, its certificates, and the runs left out."""
    return _text({
        "data": str(data),
        "cells": summaries.to_pylist(),
        "certificates": [_certificate(found) for found in certificates],
        "problems": [_problem(problem) for problem in problems],
    })  # fmt: skip


def _certificate(found: CertificateView) -> dict[str, Any]:
    """A certificate with its interval; ``share`` is that of false alarms."""
    interval = {"share_low": found.interval.low, "share_high": found.interval.high}
    words = {"certified": found.certified, "sentence": found.sentence}
    return asdict(found) | {"share": found.share} | interval | words


def _rate(cell: CellView, time_ms: float) -> float | None:
    return per_second(time_ms) if cell.is_throughput else None


def verify_json(report: VerifyReport) -> str:
    """What ``verify`` found."""
    return _text({
        "sound": report.is_sound,
        "runs": report.runs,
        "files": report.files,
        "damaged": [
            asdict(found) | {"moved_to": str(found.moved_to)} for found in report.damaged
        ],
        "newer": [_problem(problem) for problem in report.newer],
    })  # fmt: skip


def index_json(data: Path, digest: str, runs: int, problems: Iterable[Problem]) -> str:
    """What ``rebuild`` made."""
    return _text({
        "data": str(data),
        "digest": digest,
        "runs": runs,
        "problems": [_problem(problem) for problem in problems],
    })  # fmt: skip


def _attribution(comparison: Comparison) -> dict[str, Any]:
    """Parts plus ``unattributed`` add up to ``wall_us``, the wall-clock difference."""
    found = comparison.attribution
    if found is None:
        return {"wall_us": None, "attribution_us": None, "attribution_withheld": None}
    parts = {group_class.value: value for group_class, value in found.parts}
    return {
        "wall_us": found.wall_us,
        "attribution_us": parts | {"unattributed": found.unattributed_us},
        "attribution_withheld": found.withheld,
    }


def _group(group: Group) -> dict[str, Any]:
    body = asdict(group)
    return {"class": body.pop("group_class"), **body, "delta_us": group.delta_us}


def _cause(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": body.pop("cause_id"), **body}


def _problem(problem: Problem) -> dict[str, Any]:
    return asdict(problem) | {"path": str(problem.path)}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
