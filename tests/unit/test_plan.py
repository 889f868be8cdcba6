"""Blocks hold every cell once; the arms of a model stay together; the seed decides the order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from collector.model_cache import FP32, PreparedModel, PreparedVariant
from collector.plan import PlannedCell, Scenario, block_orders, cells, compile_config
from collector.quantize import SIMPLIFIED
from results.facts import Device, Model, Runtime, Variant

DEVICE = Device("d", "m", "CPU", None, "A CPU", "A CPU", ())
RUNTIME = Runtime("r", "2026.4.1", "r", None, "3.11")


def _model(name: str, batch: int = 1) -> PreparedModel:
    model = Model(name, name, name, "builtin", None, 1, 1, synthetic_weights=True, note=None)
    variants = tuple(
        PreparedVariant(
            Variant(f"{name}-{kind}", name, kind, None, "t", "1", "{}", 1), Path("x.xml"), ()
        )
        for kind in (FP32, SIMPLIFIED)
    )
    return PreparedModel(model, variants, batch)


PLANNED = cells([_model("a"), _model("b"), _model("c")], [(DEVICE, RUNTIME)], Scenario())


def _models(order: tuple[PlannedCell, ...]) -> list[str]:
    return [cell.model.model.name for cell in order]


def test_each_model_has_its_three_arms() -> None:
    arms = Counter(cell.cell.arm for cell in PLANNED)
    assert arms == {"fp32@f32": 3, "fp32@default": 3, "int8-simplified@default": 3}
    assert len({cell.cell.cell_id for cell in PLANNED}) == 9


def test_every_block_holds_every_cell_once_with_the_arms_of_a_model_together() -> None:
    for order in block_orders(PLANNED, 20, seed=1):
        assert {cell.cell.cell_id for cell in order} == {cell.cell.cell_id for cell in PLANNED}
        assert len(order) == len(PLANNED)
        names = _models(order)
        assert all(len(set(names[start : start + 3])) == 1 for start in (0, 3, 6))


def test_order_is_random_and_given_by_the_seed() -> None:
    orders = [tuple(cell.cell.cell_id for cell in o) for o in block_orders(PLANNED, 30, seed=1)]
    again = [tuple(cell.cell.cell_id for cell in o) for o in block_orders(PLANNED, 30, seed=1)]
    other = [tuple(cell.cell.cell_id for cell in o) for o in block_orders(PLANNED, 30, seed=2)]
    assert orders == again
    assert orders != other
    first = Counter(order[0] for order in orders)
    assert len(first) > 5, "the same cells always come first"


def test_f32_is_forced_and_default_asks_for_nothing() -> None:
    config = {cell.cell.arm: dict(compile_config(cell.cell)) for cell in PLANNED}
    assert config["fp32@f32"]["INFERENCE_PRECISION_HINT"] == "f32"
    assert "INFERENCE_PRECISION_HINT" not in config["fp32@default"]
    assert "INFERENCE_PRECISION_HINT" not in config["int8-simplified@default"]
    assert all(found["NUM_STREAMS"] == "1" for found in config.values())


def test_a_cell_has_the_batch_of_its_model() -> None:
    (first, *_) = cells([_model("a", batch=8)], [(DEVICE, RUNTIME)], Scenario())
    assert first.cell.batch == 8
    assert first.cell.cell_id != PLANNED[0].cell.cell_id


def test_a_cap_is_part_of_the_label() -> None:
    capped = Device("d2", "m", "CPU", "AVX2", "A CPU", "A CPU, capped to AVX2", ())
    (first, *_) = cells([_model("a")], [(capped, RUNTIME)], Scenario())
    assert first.label == "a fp32@f32 (AVX2)"
    assert first.device.title.endswith("capped to AVX2")
