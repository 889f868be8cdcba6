"""Cells keep their ids; blocks hold every cell once; what is compared sits together."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from collector.devices import FoundDevice
from collector.models.order import FP32
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.plan import (
    PlannedCell,
    cells,
    compile_config,
    expected_memory_mib,
    planned_block,
    startup_order,
)
from collector.scenario import THROUGHPUT, Scenario, matrix
from results.facts import Cell, Device, Model, Runtime, Variant
from results.schema import from_arrow
from tests.unit.planned import CPU, LATENCY, NO_NPU, NPU, RUNTIME, USING, a_model, plan

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "runs"
PLENTY_MIB = 1e6
PLANNED = plan("a", "b", "c")
CAPPED = FoundDevice(
    Device("d2", "m", "CPU", "AVX2", "A CPU", "capped to AVX2", ()), RUNTIME, USING
)


def _ids(planned: tuple[PlannedCell, ...]) -> list[str]:
    return [cell.cell.cell_id for cell in planned]


def test_each_model_has_its_three_arms() -> None:
    arms = Counter(cell.cell.arm for cell in PLANNED)
    assert arms == {"fp32@f32": 3, "fp32@default": 3, "int8-simplified@default": 3}
    assert len(set(_ids(PLANNED))) == 9


def _sample_cells() -> list[Cell]:
    files = list(SAMPLE.glob("*/cells*.parquet"))
    found = [cell for file in files for cell in from_arrow(Cell, pq.read_table(file))]
    assert len(found) > 5
    return found


@pytest.mark.parametrize("stored", _sample_cells(), ids=lambda cell: cell.cell_id)
def test_a_plain_latency_cell_has_the_id_that_is_stored_already(stored: Cell) -> None:
    kind = stored.arm.split("@")[0]
    device = Device(stored.device_id, "m", "CPU", None, None, "CPU", ())
    runtime = Runtime(stored.runtime_id, "1", stored.runtime_id, None, "3.11")
    model = Model(
        stored.model_id, "x", "x", "builtin", None, 1, 1, synthetic_weights=True, note=None
    )
    variant = Variant(stored.variant_id, stored.model_id, kind, None, "t", "1", "{}", 1, None)
    prepared = PreparedModel(model, (PreparedVariant(variant, Path("x.xml"), ()),), stored.batch)
    (cell,) = cells([prepared], [FoundDevice(device, runtime, USING)], [LATENCY], [stored.arm])
    assert cell.cell.cell_id == stored.cell_id


def test_the_id_is_the_hash_of_what_was_asked_for() -> None:
    cell = PLANNED[0].cell
    parts = ("d", "r", "a", "a-fp32", "f32", "latency", 1, 1, None)
    assert cell.cell_id == hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def test_scenarios_that_come_to_the_same_make_one_cell() -> None:
    same = (LATENCY, Scenario(streams=1), Scenario(batch=1), Scenario(batch=1, streams=1))
    assert len(plan("a", scenarios=same)) == 3
    others = (LATENCY, Scenario(streams=2), Scenario(batch=2), Scenario(threads=1),
              Scenario(THROUGHPUT), Scenario(THROUGHPUT, requests=4))  # fmt: skip
    assert len(set(_ids(plan("a", scenarios=others)))) == 18


def test_a_matrix_makes_every_cell_with_what_it_was_asked() -> None:
    scenarios = matrix(["throughput"], batches=[1, 4], streams=[1, 2])
    planned = plan("a", scenarios=scenarios)
    asked = {(cell.cell.batch, cell.cell.streams) for cell in planned}
    assert asked == {(1, 1), (1, 2), (4, 1), (4, 2)}
    assert len(planned) == 12


def test_arms_that_are_named_are_the_ones_that_are_planned() -> None:
    planned = cells([a_model("a")], [CPU], [LATENCY], ["fp32@bf16", "int8-native@default"])
    assert [cell.cell.arm for cell in planned] == ["fp32@bf16"]


def test_a_cell_of_a_device_that_is_missing_says_so() -> None:
    planned = cells([a_model("a")], [CPU, NPU], [LATENCY])
    assert {cell.obstacle for cell in planned if cell.device.ov_device == "NPU"} == {NO_NPU}
    assert {cell.obstacle for cell in planned if cell.device.ov_device == "CPU"} == {None}


def test_every_block_holds_every_cell_once_and_all_in_one_sitting_where_they_fit() -> None:
    for number in range(20):
        block = planned_block(PLANNED, number, 1, PLENTY_MIB)
        assert sorted(_ids(block.cells)) == sorted(_ids(PLANNED))
        assert len(block.sittings) == 1


def test_order_is_random_and_given_by_the_seed() -> None:
    def orders(seed: int) -> list[list[str]]:
        return [_ids(planned_block(PLANNED, number, seed, PLENTY_MIB).cells)
                for number in range(30)]  # fmt: skip

    assert orders(1) == orders(1)
    assert orders(1) != orders(2)
    assert len({order[0] for order in orders(1)}) > 5, "the same cells always come first"


def test_a_block_is_the_same_however_many_came_before_it() -> None:
    """A run that is continued draws the same order for the blocks that are left."""
    later = planned_block(PLANNED, 7, 1, PLENTY_MIB)
    assert later == planned_block(PLANNED, 7, 1, PLENTY_MIB)
    assert startup_order(PLANNED, 2, 1) == startup_order(PLANNED, 2, 1)
    round_ = planned_block(PLANNED, 2, 1, PLENTY_MIB, "profile")
    assert round_ == planned_block(PLANNED, 2, 1, PLENTY_MIB, "profile")


def test_a_round_of_profiles_sits_like_a_block_in_an_order_of_its_own() -> None:
    planned = plan(*"abcde")
    for number in range(5):
        block = planned_block(planned, number, 1, PLENTY_MIB)
        round_ = planned_block(planned, number, 1, PLENTY_MIB, "profile")
        assert round_.number == number
        assert {frozenset(_ids(each)) for each in round_.sittings} == {
            frozenset(_ids(each)) for each in block.sittings
        }
        assert _ids(round_.cells) != _ids(block.cells)
        together = planned_block(PLANNED, number, 1, PLENTY_MIB, "profile")
        assert _ids(together.cells) != _ids(startup_order(PLANNED, number, 1))


def test_thirteen_do_not_sit_together_and_the_arms_of_a_model_still_do() -> None:
    assert len(planned_block(plan(*"abcd"), 0, 1, PLENTY_MIB).sittings) == 1  # 12 seats
    assert len(planned_block(plan(*"abcde")[:13], 0, 1, PLENTY_MIB).sittings) == 5
    for number in range(5):
        sittings = planned_block(plan(*"abcde"), number, 1, PLENTY_MIB).sittings
        assert sorted(map(len, sittings)) == [3] * 5
        assert all(len({cell.cell.model_id for cell in sitting}) == 1 for sitting in sittings)


def test_scenarios_are_taken_apart_before_models_are() -> None:
    planned = plan("a", "b", "c", scenarios=(LATENCY, Scenario(THROUGHPUT)))
    sittings = planned_block(planned, 0, 1, PLENTY_MIB).sittings
    assert sorted(map(len, sittings)) == [9, 9]
    assert all(len({cell.scenario for cell in sitting}) == 1 for sitting in sittings)


def test_sittings_are_taken_apart_until_they_fit_into_the_memory() -> None:
    planned = plan("a", "b")
    one_mib = expected_memory_mib(planned[0])
    sizes = {
        memory_mib: sorted(map(len, planned_block(planned, 0, 1, memory_mib).sittings))
        for memory_mib in (one_mib * 6.5, one_mib * 3.5, one_mib * 1.5, 0.0)
    }
    assert list(sizes.values()) == [[6], [3, 3], [1] * 6, [1] * 6]


def test_caps_sit_together_while_they_fit_and_apart_where_they_do_not() -> None:
    planned = cells([a_model("a")], [CPU, CAPPED], [LATENCY])
    assert len(planned_block(planned, 0, 1, PLENTY_MIB).sittings) == 1
    memory_mib = expected_memory_mib(planned[0]) * 3.5
    sittings = planned_block(planned, 0, 1, memory_mib).sittings
    assert [len({cell.device.isa_cap for cell in sitting}) for sitting in sittings] == [1, 1]


def test_a_larger_model_and_batch_need_more_memory() -> None:
    (small, *_), (large, *_) = plan("a"), cells([a_model("a", file_mib=100)], [CPU], [LATENCY])
    (batched, *_) = plan("a", scenarios=(Scenario(batch=32),))
    assert expected_memory_mib(large) == expected_memory_mib(small) + 400
    assert expected_memory_mib(batched) > expected_memory_mib(small)


# What ``benchmark_app`` sets: -nstreams 1 -nireq 1, -hint throughput, and numbers as they are.
CONFIGS = (
    (Scenario(), {"NUM_STREAMS": "1", "PERFORMANCE_HINT_NUM_REQUESTS": "1"}),
    (
        Scenario(streams=2, threads=3),
        {
            "NUM_STREAMS": "2",
            "PERFORMANCE_HINT_NUM_REQUESTS": "1",
            "INFERENCE_NUM_THREADS": "3",
        },
    ),
    (Scenario(THROUGHPUT), {"PERFORMANCE_HINT": "THROUGHPUT"}),
    (Scenario(THROUGHPUT, batch=8), {"PERFORMANCE_HINT": "THROUGHPUT"}),
    (
        Scenario(THROUGHPUT, requests=6),
        {"PERFORMANCE_HINT": "THROUGHPUT", "PERFORMANCE_HINT_NUM_REQUESTS": "6"},
    ),
    (Scenario(THROUGHPUT, streams=4), {"NUM_STREAMS": "4"}),
    (Scenario(THROUGHPUT, streams=4, threads=2),
     {"NUM_STREAMS": "4", "INFERENCE_NUM_THREADS": "2"}),
)  # fmt: skip


@pytest.mark.parametrize(("scenario", "expected"), CONFIGS, ids=lambda value: str(value)[:40])
def test_a_scenario_asks_for_what_benchmark_app_sets(
    scenario: Scenario, expected: dict[str, str]
) -> None:
    by_arm = {cell.cell.arm: compile_config(cell.cell) for cell in plan("a", scenarios=(scenario,))}
    assert dict(by_arm["fp32@default"]) == expected
    assert dict(by_arm["int8-simplified@default"]) == expected
    assert dict(by_arm["fp32@f32"]) == expected | {"INFERENCE_PRECISION_HINT": "f32"}


def test_a_cell_has_the_batch_of_its_model_unless_it_is_asked_for() -> None:
    (first, *_) = cells([a_model("a", batch=8)], [CPU], [LATENCY])
    (asked, *_) = cells([a_model("a", batch=8)], [CPU], [Scenario(batch=2)])
    assert (first.cell.batch, asked.cell.batch) == (8, 2)
    assert first.cell.cell_id != PLANNED[0].cell.cell_id


def test_a_label_tells_what_is_not_plain() -> None:
    (capped, *_) = cells([a_model("a")], [CAPPED], [LATENCY])
    (elsewhere, *_) = cells([a_model("a")], [NPU], [Scenario(THROUGHPUT, batch=8)])
    assert PLANNED[0].label == f"a {FP32}@f32"
    assert capped.label == "a fp32@f32 (AVX2)"
    assert elsewhere.label == "a fp32@f32 (NPU, throughput, batch 8)"


def test_a_block_of_nothing_has_no_sitting() -> None:
    assert planned_block((), 0, 1, PLENTY_MIB).sittings == ()
