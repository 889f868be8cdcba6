"""A planted run of ``quantize``, without any cell: one variant, judged, with known counts.

Of 500 samples fp32 is right on 490 and INT8 on 479; 14 only fp32 got right and 3 only INT8.
McNemar's exact p is 2 (C(17,0) + C(17,1) + C(17,2) + C(17,3)) / 2^17 = 2 * 834 / 131072.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from results.facts import Accuracy, Dataset, Fact, LayerAccuracy, RevertedOp, Variant
from results.store import Store
from tests.planted import cellless_run, model_id_of, variant_id_of

SAMPLES = 500
ONLY_FP32, ONLY_INT8 = 14, 3
P_VALUE = 2 * (1 + 17 + 136 + 680) / 131072
FP32_TOP1, INT8_TOP1 = 490 / SAMPLES, 479 / SAMPLES
SQNR_DB = {"stem": 41.0, "stem/hswish": 38.5, "block/dw": 12.5, "block/pw": 24.0, "fc": 27.5}
"""By source op; of ``pool`` and ``softmax`` nothing is known."""
RECIPE = (
    '{"mode": "full", "preset": "mixed", "samples": 300, "calibration": {"dataset": "digits", '
    '"skip": null}, "ignored_names": ["fc"]}'
)
METRIC = "mine:f1"
OUTPUT = "logits"


@dataclass(frozen=True)
class Judged:
    """What is planted; ``labelled`` False leaves the labels' metrics out."""

    model: str = "tiny"
    kind: str = "int8-simplified"
    dataset: str = "digits, held out"
    labelled: bool = True
    note: str | None = None
    reverted: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    only_fp32: int = ONLY_FP32
    only_int8: int = ONLY_INT8
    fp32_top1: float = FP32_TOP1

    @property
    def variant_id(self) -> str:
        return variant_id_of(self.model, self.kind)

    @property
    def float_id(self) -> str:
        return variant_id_of(self.model, "fp32")

    @property
    def dataset_id(self) -> str:
        return f"data-{self.dataset}"


def planted_accuracy(
    root: Path, judged: Judged | None = None, *, name: str = "tiny", day: int = 10
) -> Store:
    """Write the run and open the store; ``planted_store`` may stand beside it or not."""
    shown = judged or Judged()
    return cellless_run(
        root, "quantized", lambda _: _facts(shown), name=name, model=shown.model, day=day
    )


def _facts(judged: Judged) -> Iterator[Fact]:
    yield Variant(judged.variant_id, model_id_of(judged.model), judged.kind, judged.float_id,
                  "nncf", "3.4.0", RECIPE, 14_000, judged.note)  # fmt: skip
    yield Dataset(judged.dataset_id, judged.dataset, "arrays", SAMPLES, len(judged.skipped),
                  judged.skipped, judged.labelled)  # fmt: skip
    yield from _accuracy(judged)
    for op_name, sqnr_db in SQNR_DB.items():
        yield LayerAccuracy(judged.variant_id, judged.dataset_id, op_name, "name", 1.0,
                            10 ** (-sqnr_db / 10), sqnr_db, 64)  # fmt: skip
    for step, op_name in enumerate(judged.reverted):
        yield RevertedOp(judged.variant_id, op_name, step, "top1", 0.031 - 0.01 * step,
                         0.021 - 0.01 * step)  # fmt: skip


def _accuracy(judged: Judged) -> Iterator[Accuracy]:
    both = judged.variant_id, judged.float_id
    if judged.labelled:
        right = INT8_TOP1 * SAMPLES, judged.fp32_top1 * SAMPLES
        for variant_id, count in zip(both, right, strict=True):
            yield _of(judged, variant_id, "top1", count / SAMPLES)
            yield _of(judged, variant_id, "top5", (count + 8) / SAMPLES)
            yield _of(judged, variant_id, METRIC, count / SAMPLES - 0.01)
        for metric, count in (
            ("only_reference_right", judged.only_fp32),
            ("only_variant_right", judged.only_int8),
        ):
            yield _of(judged, judged.variant_id, metric, count, reference=judged.float_id)
    for metric, value in (("top1_agreement", 0.964), ("cosine", 0.9912), ("sqnr_db", 21.4)):
        yield _of(judged, judged.variant_id, metric, value, reference=judged.float_id)


def _of(
    judged: Judged,
    variant_id: str,
    metric: str,
    value: float,
    reference: str | None = None,
) -> Accuracy:
    output = None if metric == METRIC else OUTPUT
    return Accuracy(variant_id, judged.dataset_id, metric, output, reference, value, SAMPLES)
