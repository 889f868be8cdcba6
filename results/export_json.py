"""Machine-readable output: a comparison, the list of cells, a verification as JSON text.

Keys are part of the product: additions are welcome, renames are breaking changes.
Times carry their unit in the key. What is not known is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from results.accuracy import (
    AccuracyView,
    Agreement,
    JudgedVariant,
    Labelled,
    OwnMetric,
    Share,
)
from results.certificate import CertificateView
from results.comparison import CellView, Comparison, Group
from results.format import per_second
from results.gates import Gate
from results.index import Problem
from results.json_text import json_text
from results.layer_calls import call_of
from results.verify import VerifyReport


def comparison_json(comparison: Comparison, gates: Sequence[Gate] = ()) -> str:
    """A comparison; ``ratio`` is candidate over baseline, below 1 is faster.

    ``baseline_ms`` and ``candidate_ms`` are latencies, or in throughput times per item;
    items per second stand beside them then. ``certified`` says whether all devices are.
    ``gates`` is empty where none was asked for.
    """
    estimate, coverage = comparison.estimate, comparison.coverage
    return json_text({
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
        "ceiling": asdict(comparison.ceiling) if comparison.ceiling else None,
        "gates": [_gate(gate) for gate in gates],
        "coverage": asdict(coverage) if coverage else None,
        "pace": asdict(comparison.pace) if comparison.pace else None,
        "profile_launches": comparison.profile_launches,
        **_attribution(comparison),
        "groups": [_group(group) for group in comparison.groups],
        "inserted": [asdict(inserted) for inserted in comparison.inserted],
        "causes": [_cause(asdict(cause)) for cause in comparison.causes],
        "accuracy": [accuracy_body(view) for view in comparison.accuracy],
        "reverted": [asdict(view) for view in comparison.reverted],
        "sqnr_dataset": comparison.sqnr_dataset,
        "worst_layers": [asdict(layer) for layer in comparison.worst_layers],
        "cautions": [asdict(caution) for caution in comparison.cautions],
    })  # fmt: skip


def cells_json(
    data: Path,
    summaries: pa.Table,
    certificates: Iterable[CertificateView],
    problems: Iterable[Problem],
    unmeasured: Iterable[JudgedVariant] = (),
) -> str:
    """The cells of a store with their figures, its certificates, and the runs left out.

    ``unmeasured`` are INT8 variants that were made and of which no cell was launched.
    """
    return json_text({
        "data": str(data),
        "cells": summaries.to_pylist(),
        "unmeasured": [judged_body(found) for found in unmeasured],
        "certificates": [_certificate(found) for found in certificates],
        "problems": [_problem(problem) for problem in problems],
    })  # fmt: skip


def judged_body(found: JudgedVariant) -> dict[str, Any]:
    """A variant with its accuracy by dataset, and what was kept in float for its sake."""
    return {
        **asdict(found.variant),
        "accuracy": [accuracy_body(view) for view in found.accuracy],
        "reverted": asdict(found.reverted) if found.reverted else None,
    }


def accuracy_body(view: AccuracyView) -> dict[str, Any]:
    """A variant on a dataset: shares of 1 with their 95 % bounds, drops in percentage points."""
    return {
        "variant": view.variant_kind,
        "variant_id": view.variant_id,
        "dataset": view.dataset,
        "dataset_id": view.dataset_id,
        "samples": view.samples,
        "skipped": view.skipped,
        "skipped_names": list(view.skipped_names),
        "labels": [_labelled(one) for one in view.labels],
        "agreement": [_agreement(one) for one in view.agreements],
        "own": [_own(one) for one in view.own],
    }


def _labelled(one: Labelled) -> dict[str, Any]:
    return {
        "output": one.output,
        **_share("top1", one.top1),
        **_share("top5", one.top5),
        **_share("reference_top1", one.reference_top1),
        **_share("reference_top5", one.reference_top5),
        "drop_points": one.drop_points,
        "only_reference_right": one.only_reference_right,
        "only_variant_right": one.only_variant_right,
        "mcnemar_p": one.p_value,
        "change": one.change.value,
    }


def _agreement(one: Agreement) -> dict[str, Any]:
    shares = _share("top1_agreement", one.top1)
    return {"output": one.output, **shares, "cosine": one.cosine, "sqnr_db": one.sqnr_db}


def _own(one: OwnMetric) -> dict[str, Any]:
    return {**asdict(one), "difference": one.difference}


def _share(name: str, share: Share | None) -> dict[str, Any]:
    """A share with its bounds and its samples; all null where it is not known."""
    if share is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high", f"{name}_samples"))
    low, high = share.interval.low, share.interval.high
    return {
        name: share.value, f"{name}_low": low, f"{name}_high": high,
        f"{name}_samples": share.samples,
    }  # fmt: skip


def _certificate(found: CertificateView) -> dict[str, Any]:
    """A certificate with its interval; ``share`` is that of false alarms."""
    interval = {"share_low": found.interval.low, "share_high": found.interval.high}
    words = {"certified": found.certified, "sentence": found.sentence}
    return asdict(found) | {"share": found.share} | interval | words


def _rate(cell: CellView, time_ms: float) -> float | None:
    return per_second(time_ms) if cell.is_throughput else None


def verify_json(report: VerifyReport) -> str:
    """What ``verify`` found."""
    return json_text({
        "sound": report.is_sound,
        "runs": report.runs,
        "files": report.files,
        "damaged": [
            asdict(found) | {"moved_to": found.moved_to and str(found.moved_to)}
            for found in report.damaged
        ],
        "half_copied": list(report.half_copied),
        "newer": [_problem(problem) for problem in report.newer],
    })  # fmt: skip


def index_json(data: Path, digest: str, runs: int, problems: Iterable[Problem]) -> str:
    """What ``rebuild`` made."""
    return json_text({
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


def _gate(gate: Gate) -> dict[str, Any]:
    return {**asdict(gate), "option": gate.option}


def _group(group: Group) -> dict[str, Any]:
    body = asdict(group)
    call = call_of(group).value
    return {"class": body.pop("group_class"), **body, "delta_us": group.delta_us, "call": call}


def _cause(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": body.pop("cause_id"), **body}


def _problem(problem: Problem) -> dict[str, Any]:
    return asdict(problem) | {"path": str(problem.path)}
