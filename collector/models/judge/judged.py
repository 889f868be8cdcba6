"""Judges a model's variants on data, and keeps what was found, so that it is done once.

How it is judged lives in ``accuracy`` and ``layer_error``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from collector.bridge import twins
from collector.models.data.dataset import Dataset, input_specs
from collector.models.data.opening import open_dataset
from collector.models.data.user_code import load_function, source_of
from collector.models.ir_files import replace_text
from collector.models.order import FP32, NATIVE
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.models.request import Judging
from collector.models.steps import Report
from results.facts import Accuracy, Fact, LayerAccuracy

if TYPE_CHECKING:
    import openvino as ov

    from collector.models.judge.inference import VariantGraph

LAYER_SAMPLES = 16
"""Samples that the error of each layer is taken from."""
_FORMAT = 2


@dataclass(frozen=True)
class ModelData:
    """The samples that a model is judged on, those it is calibrated with, the user's metric."""

    judged: Dataset
    calibration: Dataset
    metric: str | None
    metric_folder: Path | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is stored of the data."""
        return tuple({data.fact.dataset_id: data.fact for data in self._all}.values())

    @property
    def _all(self) -> tuple[Dataset, ...]:
        return self.judged, self.calibration


def open_data(judging: Judging | None, graph: ov.Model, report: Report) -> ModelData | None:
    """The data for a model; UsageError where it cannot be read or does not fit the inputs."""
    if judging is None:
        return None
    if judging.metric is not None:
        load_function(
            judging.metric, "metric", judging.folder
        )  # told now rather than after long work
    inputs = input_specs(graph)
    judged = open_dataset(judging.data, inputs, report)
    calibration = judged
    if judging.calibration is not None:
        calibration = open_dataset(judging.calibration, inputs, report)
    return ModelData(judged, calibration, judging.metric, judging.folder)


def judgement(
    prepared: PreparedModel, data: ModelData, folder: Path, report: Report
) -> tuple[Fact, ...]:
    """The datasets, and how good every variant is; judged before where ``folder`` has it."""
    judge = _Judge(prepared, data, folder, report)
    rows = judge.missing() if any(judge.found(one) is None for one in prepared.variants) else {}
    facts: list[Fact] = list(data.facts)
    for variant in prepared.variants:
        kept = judge.found(variant)
        facts += rows[variant.variant.variant_id] if kept is None else kept
    return tuple(facts)


@dataclass(frozen=True)
class _Judge:
    prepared: PreparedModel
    data: ModelData
    folder: Path
    report: Report

    @cached_property
    def first(self) -> PreparedVariant:
        """The variant that the others are held against."""
        return self.prepared.variants[0]

    @cached_property
    def metric_code(self) -> str:
        """The text of the user's metric: one that was changed is asked again."""
        if self.data.metric is None:
            return ""
        return source_of(self.data.metric, "metric", self.data.metric_folder)

    def path(self, variant: PreparedVariant) -> Path:
        """Where what was found of a variant is kept."""
        parts = (
            str(_FORMAT), variant.variant.variant_id, self.first.variant.variant_id,
            self.data.judged.fact.dataset_id, self.data.metric or "", self.metric_code,
            *_judging_device(),
        )  # fmt: skip
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        return self.folder / f"judged-{digest}.json"

    def found(self, variant: PreparedVariant) -> tuple[Fact, ...] | None:
        """What was found of a variant before; None where nothing was, or it is damaged."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            body = json.loads(self.path(variant).read_text(encoding="utf-8"))
            metrics = (Accuracy(**row) for row in body["accuracy"])
            layers = (LayerAccuracy(**row) for row in body["layers"])
            return (*metrics, *layers)
        return None

    def missing(self) -> dict[str, tuple[Fact, ...]]:
        """Judge what was not judged before, and keep it; by variant."""
        from collector.models.judge.accuracy import judge

        todo = [one for one in self.prepared.variants if self.found(one) is None]
        graphs = {one.variant.variant_id: _graph(one) for one in (self.first, *todo)}
        first = graphs[self.first.variant.variant_id]
        others = [graphs[one.variant.variant_id] for one in todo if one is not self.first]
        metrics = judge(
            first,
            others,
            self.data.judged,
            self.data.metric,
            self.report,
            metric_folder=self.data.metric_folder,
        )
        found: dict[str, tuple[Fact, ...]] = {}
        for one in todo:
            variant_id = one.variant.variant_id
            own = [row for row in metrics if row.variant_id == variant_id]
            layers = self._layers(one, first, graphs[variant_id])
            found[variant_id] = (*own, *layers)
            self._keep(one, own, layers)
        return found

    def _layers(
        self, variant: PreparedVariant, first: VariantGraph, judged: VariantGraph
    ) -> tuple[LayerAccuracy, ...]:
        from collector.models.judge.layer_error import layer_errors

        if variant is self.first or self.first.variant.kind != FP32:
            return ()
        ops, names = self.first.source_ops, None
        if variant.variant.kind == NATIVE:
            names = twins(variant.source_ops, ops)
        samples = self.data.judged.some(LAYER_SAMPLES)
        dataset_id = self.data.judged.fact.dataset_id
        return layer_errors(
            first, judged, ops, samples, dataset_id=dataset_id, twin_names=names, report=self.report
        )

    def _keep(
        self,
        variant: PreparedVariant,
        metrics: Sequence[Accuracy],
        layers: Sequence[LayerAccuracy],
    ) -> None:
        body = {
            "accuracy": [asdict(row) for row in metrics],
            "layers": [asdict(row) for row in layers],
        }
        replace_text(self.path(variant), json.dumps(body) + "\n")


@cache
def _judging_device() -> tuple[str, str]:
    """OpenVINO and the CPU that answers: another one may round otherwise."""
    import openvino as ov

    return str(ov.get_version()), str(ov.Core().get_property("CPU", "FULL_DEVICE_NAME"))


def _graph(variant: PreparedVariant) -> VariantGraph:
    import openvino as ov

    from collector.models.judge.inference import VariantGraph

    graph = ov.Core().read_model(str(variant.ir_path))
    return VariantGraph(variant.variant.variant_id, graph)
