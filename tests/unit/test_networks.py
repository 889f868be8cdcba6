"""Networks as facts: activations however they are spelled, and what their layers took."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import network_queries, queries
from results.activations import ActivationOp, Carried, activation_runs, activations_of
from results.compare import compare_cells
from results.index import Index
from results.kinds import CONVERSION_TYPES
from results.network_costs import CostKind, costs_of
from results.networks import Network, TypeCount, only_in, operators_of, type_names
from results.operator_times import (
    Executed,
    by_operator,
    by_precision,
    inserted_times,
    operator_times,
    shares_beside,
)
from results.readiness.layer_facts import conversions_of
from results.store import Store
from tests.planted import ARMS, cell_id_of, model_id_of, planted_store


def _index(root: Path) -> AbstractContextManager[Index]:
    return closing(Store(root).index())


def _op(name: str, kind: str, *producers: str, constants: int = 0) -> ActivationOp:
    return ActivationOp(name, kind, producers, constants)


def _spelled(*, scale_first: bool = True, scale: str = "opset1::Multiply") -> list[ActivationOp]:
    """h-swish of ``x`` in four operations, the scale before or after the product."""
    last = "scale" if scale_first else "clamp"
    ops = [
        _op("add", "opset1::Add", "x", constants=1),
        _op("clamp", "opset1::Clamp", "add"),
    ]
    if scale_first:
        ops.append(_op("scale", scale, "clamp", constants=1))
    ops.append(_op("mul", "opset1::Multiply", "x", last))
    if not scale_first:
        ops.append(_op("scale", scale, "mul", constants=1))
    return ops


@pytest.mark.parametrize("scale_first", [True, False])
@pytest.mark.parametrize("scale", ["Multiply", "opset1::Divide"])
def test_a_spelled_out_h_swish_is_one_h_swish(scale_first: bool, scale: str) -> None:
    (found,) = activations_of(_spelled(scale_first=scale_first, scale=scale))
    assert found.kind == "HSwish"
    assert sorted(found.ops) == ["add", "clamp", "mul", "scale"]
    assert found.is_spelled


def test_without_the_product_it_is_an_h_sigmoid() -> None:
    ops = _spelled()[:3]
    (found,) = activations_of(ops)
    assert (found.kind, found.ops) == ("HSigmoid", ("add", "clamp", "scale"))


def test_a_gate_that_is_read_by_something_else_is_no_h_swish() -> None:
    """Squeeze and excite multiplies another value with the gate."""
    gate = [*_spelled()[:3], _op("scaled", "Multiply", "features", "scale")]
    assert [one.kind for one in activations_of(gate)] == ["HSigmoid"]


def test_a_clamp_behind_a_bias_stays_a_clamp_and_is_relu6_by_its_name() -> None:
    bias = _op("bias", "Add", "conv", constants=16)
    assert [one.kind for one in activations_of([bias, _op("c", "Clamp", "bias")])] == ["Clamp"]
    named = _op("block/relu6", "Clamp", "bias")
    assert [one.kind for one in activations_of([bias, named])] == ["ReLU6"]


def test_a_sigmoid_times_its_input_is_a_swish_and_by_itself_a_sigmoid() -> None:
    sigmoid = _op("s", "Sigmoid", "x")
    assert [one.kind for one in activations_of([sigmoid])] == ["Sigmoid"]
    both = [sigmoid, _op("m", "Multiply", "x", "s")]
    assert [one.kind for one in activations_of(both)] == ["Swish"]


def test_opsets_are_put_together_and_the_ends_left_out() -> None:
    found = operators_of(
        [
            TypeCount("opset1::Add", 2, None, 5),
            TypeCount("Add", 1, None, 1),
            TypeCount("opset1::Convolution", 3, 40, 9),
            TypeCount("opset1::Parameter", 1, None, 0),
        ]
    )
    assert found == (TypeCount("Add", 3, None, 6), TypeCount("Convolution", 3, 40, 9))


def _network(ops: list[ActivationOp], *counts: TypeCount) -> Network:
    return Network("id", "title", None, None, operators_of(counts), activations_of(ops))


def test_what_only_one_has_counts_a_spelled_activation_as_what_it_spells() -> None:
    native = _network([_op("h", "HSwish", "x")], TypeCount("HSwish", 1, None, 0))
    spelled = _network(
        _spelled(),
        TypeCount("Add", 1, None, 1),
        TypeCount("Clamp", 1, None, 0),
        TypeCount("Multiply", 3, None, 0),
    )
    assert only_in(native, spelled) == {}
    assert only_in(spelled, native) == {"Multiply": 1}, "the one that is no part of it"


_LAYERS = Executed(
    "cell", "run", "opset1::Convolution", tied=True, node_type="Convolution",
    runtime_precision="FP32", layers=2, time_us=30.0,
)  # fmt: skip
_REORDER = replace(_LAYERS, op_type=None, tied=False, node_type="Reorder", layers=1, time_us=10.0)


def test_layers_count_for_their_main_operation_and_inserted_ones_say_so() -> None:
    found = operator_times([_LAYERS, replace(_LAYERS, runtime_precision="u8"), _REORDER])
    told: dict[tuple[str, str], object] = {
        (one.operator, one.precision): (one.layers, one.share) for one in found
    }
    assert told == {
        ("Convolution", "f32"): (2, pytest.approx(30 / 70)),
        ("Convolution", "u8"): (2, pytest.approx(30 / 70)),
        ("Reorder, inserted", "f32"): (1, pytest.approx(10 / 70)),
    }
    assert [one.operator for one in inserted_times(found)] == ["Reorder, inserted"]
    together = by_operator(found)[0]
    assert (together.operator, together.layers, together.precision) == ("Convolution", 4, "f32, u8")
    assert {one.precision: one.time_us for one in by_precision(found)} == {"f32": 40.0, "u8": 30.0}


@pytest.mark.parametrize(
    ("node_type", "op_type", "told"),
    [
        ("FullyConnected", "opset1::Add", "MatMul"),
        ("FullyConnected", None, "MatMul"),
        ("FullyConnected", "opset1::MatMul", "MatMul"),
        ("Gemm", "opset1::Add", "MatMul"),
        ("Deconvolution", "opset1::Add", "ConvolutionBackpropData"),
        ("Convolution", "opset1::Multiply", "Convolution"),
        ("Convolution", "opset1::GroupConvolution", "GroupConvolution"),
        ("Eltwise", "opset1::Add", "Add"),
    ],
)
def test_a_matrix_product_is_one_though_only_its_bias_is_named(
    node_type: str, op_type: str | None, told: str
) -> None:
    tied = op_type is not None
    layer = replace(_LAYERS, node_type=node_type, op_type=op_type, tied=tied)
    assert next(one.operator for one in operator_times([layer, _REORDER])) == told


def test_an_operation_type_that_is_an_activation_is_called_by_it_too() -> None:
    relu6 = _network([_op("relu6", "Clamp", "x"), _op("h", "HSwish", "x")])
    assert type_names([relu6]) == {"Clamp": "Clamp (ReLU6)"}
    assert type_names([_network([*_spelled()])]) == {}, "an HSwish spelled out is no type"


def test_where_no_layer_is_tied_to_an_operation_none_is_called_inserted() -> None:
    (found,) = operator_times([_REORDER])
    assert found.operator == "Reorder"


def test_layers_without_a_microsecond_have_no_share() -> None:
    (found,) = operator_times([replace(_LAYERS, time_us=0.0)])
    assert found.share == 0.0


def test_side_by_side_the_rest_is_put_together_and_counted() -> None:
    cells = [
        operator_times(
            [
                replace(_LAYERS, op_type=kind, node_type="Eltwise", time_us=us)
                for kind, us in times.items()
            ]
        )
        for times in ({"A": 60.0, "B": 30.0, "C": 10.0}, {"A": 50.0, "D": 50.0, "E": 0.0})
    ]
    found = shares_beside(cells, 3)
    assert [one.operator for one in found] == ["A", "D", "2 other operations"]
    assert found[0].shares == pytest.approx((0.6, 0.5))
    assert found[2].shares == pytest.approx((0.4, 0.0))
    assert [one.operator for one in shares_beside(cells, 9)] == ["A", "D", "B", "C"]


def test_an_activation_is_fused_where_a_convolution_carries_any_of_its_operations() -> None:
    activations = activations_of([*_spelled(), _op("r", "Relu", "x"), _op("t", "Tanh", "x")])
    carried = [
        Carried("cell", "add", ("Add", "opset1::Convolution")),
        Carried("cell", "mul", ("Multiply",)),
        Carried("cell", "r", ("Relu", "Add")),
    ]
    told = {one.kind: one for one in activation_runs(activations, carried)}
    assert (told["HSwish"].fused, told["HSwish"].alone, told["HSwish"].spelled) == (1, 0, 1)
    assert (told["Relu"].fused, told["Relu"].alone) == (0, 1)
    assert (told["Tanh"].fused, told["Tanh"].alone, told["Tanh"].untold) == (0, 0, 1)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of two models, the newer one being what is told."""
    root = tmp_path_factory.mktemp("networks")
    planted_store(root, models=("alpha", "beta"), runs=2)
    return root


def test_the_store_tells_a_network_as_it_was_read(planted: Path) -> None:
    with _index(planted) as index:
        (found, unknown) = network_queries.networks(index, [model_id_of("alpha"), "nowhere"])
    assert (found.title, found.parameters, found.macs, found.flops) == (
        "Alpha", 12_000, 3_000_000, 6_000_000,
    )  # fmt: skip
    assert {one.op_type: one.count for one in found.operators}["Convolution"] == 2
    assert found.kinds == {"HSwish": 1, "Clamp": 1}
    assert (unknown.title, unknown.operators, unknown.activations) == ("nowhere", (), ())


def test_the_layers_add_up_to_what_the_page_layers_shows(planted: Path) -> None:
    """One median for both pages: the time of a layer over the launches of a run."""
    cell_id = cell_id_of("alpha", ARMS[2])
    with _index(planted) as index:
        found = network_queries.executed(index, [cell_id])
        run_id = queries.latest_run_of(index, cell_id)
        rows = queries.layers_table(index, cell_id, run_id or "").to_pylist()
    shown_us = sum(row["time_us"] for row in rows if row["status"] == "executed")
    assert sum(one.time_us for one in found) == pytest.approx(shown_us)
    assert {one.run_id for one in found} == {run_id}
    times = {one.operator: one.share for one in operator_times(found)}
    assert times["Convolution"] == pytest.approx(0.35 / 1.0, rel=0.01)
    assert times["Reorder, inserted"] == pytest.approx(0.10, rel=0.01)


def test_the_store_tells_which_activations_ran_in_a_convolution(planted: Path) -> None:
    cell_id = cell_id_of("alpha", ARMS[2])
    with _index(planted) as index:
        (network,) = network_queries.networks(index, [model_id_of("alpha")])
        names = [name for one in network.activations for name in one.ops]
        carried = network_queries.carriers(index, [cell_id], names)
    assert {one.kind: one.fused for one in activation_runs(network.activations, carried)} == {
        "HSwish": 1, "Clamp": 1,
    }  # fmt: skip


def test_costs_count_the_conversions_that_the_checklist_counts(planted: Path) -> None:
    with _index(planted) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        comparison = compare_cells(
            index, cells[cell_id_of("beta", ARMS[1])], cells[cell_id_of("beta", ARMS[2])]
        )
    found, counted = costs_of(comparison), conversions_of(comparison)
    assert found is not None
    assert counted is not None
    cost = found.of(CostKind.CONVERSIONS)
    assert (cost.count, cost.time_us, cost.share) == (counted.count, counted.time_us, counted.share)
    assert cost.count == sum(
        one.layer.node_type in CONVERSION_TYPES for one in comparison.inserted
    ), "or the test says nothing"
    assert {one.op_type for one in cost.by_type} == {"MatMul", "Softmax"}
    on_both = tuple(replace(one, shared=True) for one in comparison.inserted)
    without = costs_of(replace(comparison, inserted=on_both))
    assert without is not None
    assert without.of(CostKind.CONVERSIONS).count == 0, "what the baseline has too is no cost"


def test_all_variants_of_the_models_are_told_in_their_order(planted: Path) -> None:
    asked = [model_id_of("beta"), model_id_of("alpha")]
    with _index(planted) as index:
        found = network_queries.variants_of_models(index, asked)
    assert [(one.model, one.kind) for one in found] == [
        ("beta", "fp32"), ("beta", "int8-simplified"),
        ("alpha", "fp32"), ("alpha", "int8-simplified"),
    ]  # fmt: skip
    assert all(re.fullmatch("[0-9a-f]{16}", one.variant_id) for one in found)


def test_without_profiles_nothing_is_executed(tmp_path: Path) -> None:
    planted_store(tmp_path, profile_launches=0)
    with _index(tmp_path) as index:
        assert network_queries.executed(index, [cell_id_of()]) == ()
        assert network_queries.carriers(index, [cell_id_of()], ["stem/hswish"]) == ()
