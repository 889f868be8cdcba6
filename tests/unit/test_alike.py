"""What may be said of two cells together: of one model, in one place, in one batch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from results import cli
from results.alike import is_same_model, is_same_place, refuse_other_batch
from results.compare import ComparisonInputs, build_comparison
from results.comparison import IMPORTED, CellView, Comparison
from results.errors import UsageError
from tests.planted import ARMS, Drive, planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch, node, ops, reorder, side

ELSEWHERE: tuple[dict[str, Any], ...] = (
    {"device_id": "other"}, {"scenario": "throughput"}, {"batch": 4}, {"streams": 2},
    {"threads": 4}, {"requests": 2},
)  # fmt: skip


def compared(candidate: CellView) -> Comparison:
    """INT8 with a Reorder against float: a cause and a ceiling, where they may be told."""
    launches = tuple(
        launch(cell, at, time_ms)
        for at in range(5)
        for cell, time_ms in ((FLOAT_CELL, 2.0), (candidate, 1.0))
    )
    sides = (
        side((node(1, "conv1", 1900.0),)),
        side((node(1, "conv1", 800.0, precision="u8"), reorder(2, 100.0, reads=(1,)))),
    )
    source = ops(("conv1", "Convolution"))
    return build_comparison(
        ComparisonInputs(FLOAT_CELL, candidate, "run", "run", launches, *sides, source, ())
    )


def test_causes_and_the_ceiling_are_told_in_one_place() -> None:
    found = compared(INT8_CELL)
    assert [cause.cause_id for cause in found.causes] == ["inserted_reorders"]
    assert found.ceiling is not None


@pytest.mark.parametrize("other", ELSEWHERE, ids=lambda other: next(iter(other)))
def test_neither_a_cause_nor_a_ceiling_is_told_across_places(other: dict[str, Any]) -> None:
    found = compared(replace(INT8_CELL, **other))
    assert found.causes == ()
    assert found.ceiling is None
    assert "possible" not in found.sentence
    assert "won back" not in found.sentence
    assert found.estimate.speedup == pytest.approx(2.0), "the verdict stays"


def test_another_version_in_the_same_place_has_causes() -> None:
    other = replace(INT8_CELL, runtime_id="r2", runtime="2025.4.0")
    assert is_same_place(FLOAT_CELL, other)
    assert compared(other).causes


def test_models_of_one_source_are_told_apart_by_content_and_others_by_name() -> None:
    again = replace(INT8_CELL, model_id="other")
    assert is_same_model(FLOAT_CELL, INT8_CELL)
    assert not is_same_model(FLOAT_CELL, again)
    assert is_same_model(FLOAT_CELL, replace(again, origin=IMPORTED))
    assert not is_same_model(FLOAT_CELL, replace(again, origin=IMPORTED, model="another"))


def _driven(scenario: str, batch: int) -> CellView:
    return replace(INT8_CELL, scenario=scenario, batch=batch)


@pytest.mark.parametrize(
    ("a", "b"), [("latency", "latency"), ("latency", "throughput"), ("throughput", "latency")]
)
def test_a_latency_is_not_held_against_another_batch(a: str, b: str) -> None:
    with pytest.raises(UsageError, match="batch 1 cannot be compared with batch 8"):
        refuse_other_batch(_driven(a, 1), _driven(b, 8))


@pytest.mark.parametrize(
    ("a", "b"),
    [(("throughput", 1), ("throughput", 8)), (("latency", 8), ("latency", 8)),
     (("latency", 8), ("throughput", 8))],
)  # fmt: skip
def test_one_batch_and_times_per_item_can_be_compared(
    a: tuple[str, int], b: tuple[str, int]
) -> None:
    refuse_other_batch(_driven(*a), _driven(*b))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models; one of them in latency and in throughput, each in two batches."""
    root = tmp_path_factory.mktemp("alike")
    planted_store(root, models=("tiny", "small"))
    planted_store(root, drive=Drive("latency", batch=8))
    planted_store(root, drive=Drive("throughput", batch=8, streams=4))
    planted_store(root, drive=Drive("throughput", batch=4, streams=4))
    return root


def run(capsys: pytest.CaptureFixture[str], root: Path, *words: str) -> tuple[int, str, str]:
    code = cli.main(["compare", *words, "--data", str(root)])
    out, err = capsys.readouterr()
    return code, out, err


def test_compare_refuses_another_batch_in_one_line(
    capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    cells = [f"model=tiny,scenario=latency,batch={batch},arm={arm}"
             for batch, arm in ((1, ARMS[0]), (8, ARMS[2]))]  # fmt: skip
    code, out, err = run(capsys, root, *cells)
    assert (code, out) == (2, "")
    assert "batch 1 cannot be compared with batch 8" in err
    assert err.count("\n") == 1


GATED = (
    ("model", f"model=tiny,scenario=latency,batch=1,arm={ARMS[0]}",
     f"model=small,arm={ARMS[2]}"),
    ("scenario", f"model=tiny,scenario=latency,batch=8,arm={ARMS[0]}",
     f"model=tiny,scenario=throughput,batch=8,arm={ARMS[2]}"),
    ("batch", f"model=tiny,scenario=throughput,batch=8,arm={ARMS[0]}",
     f"model=tiny,scenario=throughput,batch=4,arm={ARMS[2]}"),
)  # fmt: skip


@pytest.mark.parametrize(("axis", "a", "b"), GATED, ids=[axis for axis, *_ in GATED])
def test_a_gate_across_models_scenarios_or_batches_is_wrong_use(
    capsys: pytest.CaptureFixture[str], root: Path, axis: str, a: str, b: str
) -> None:
    assert run(capsys, root, a, b)[0] == 0, "without a gate they are compared"
    code, out, err = run(capsys, root, a, b, "--fail-on", "slower")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: a gate needs one {axis} on both sides")
    assert err.count("\n") == 1
