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

from results.comparison import Comparison, Group
from results.index import Problem
from results.verify import VerifyReport


def comparison_json(comparison: Comparison) -> str:
    """A comparison; ``ratio`` is candidate over baseline, below 1 is faster."""
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
        "run_ids": list(comparison.run_ids),
        "baseline": asdict(comparison.baseline),
        "candidate": asdict(comparison.candidate),
        "coverage": asdict(coverage) if coverage else None,
        **_attribution(comparison),
        "groups": [_group(group) for group in comparison.groups],
        "inserted": [asdict(inserted) for inserted in comparison.inserted],
        "causes": [_cause(asdict(cause)) for cause in comparison.causes],
        "cautions": [asdict(caution) for caution in comparison.cautions],
    })  # fmt: skip


def cells_json(data: Path, summaries: pa.Table, problems: Iterable[Problem]) -> str:
    """The cells of a store with their figures, and the runs that are left out."""
    return _text({
        "data": str(data),
        "cells": summaries.to_pylist(),
        "problems": [_problem(problem) for problem in problems],
    })  # fmt: skip


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
