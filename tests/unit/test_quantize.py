"""Quantising: each option does what it says, the same recipe gives the same graph, in silence."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset1, opset8

from collector.models.data.dataset import Sample
from collector.models.graph import content_hash
from collector.models.quantize.calibration import Calibration, ChosenSamples, chosen
from collector.models.quantize.ignored import check_ignored
from collector.models.quantize.nncf_call import calling_nncf
from collector.models.quantize.quantizer import quantize
from collector.models.quantize.recipe import Recipe
from results.errors import MeasurementError, UsageError
from tests.unit.branches import branching
from tests.unit.listed import ListedDataset
from tests.unit.small_nets import encoder, residual_net, samples_for, small_net

ROOT = Path(__file__).parents[2]
_HASH = """
from collector.models.quantize.accuracy_control import Validation
from collector.models.quantize.calibration import Calibration
from collector.models.graph import content_hash
from collector.models.quantize.quantizer import quantize
from collector.models.quantize.recipe import Recipe
from tests.unit.small_nets import ruined_by_int8, samples_for

graph = ruined_by_int8()
data = samples_for(graph)
for mode, corrected in (("simplified", "fast"), ("full", "full"), ("accuracy", "fast")):
    recipe = Recipe(mode=mode, samples=8, bias_correction=corrected)
    calibration = Calibration(None if mode == "simplified" else data)
    made = quantize(graph, recipe, calibration, validation=Validation(data))
    print(mode, content_hash(made.graph))
import nncf.telemetry.wrapper as wrapper
print(type(wrapper.telemetry).__name__)
"""


@pytest.fixture(scope="module")
def net() -> ov.Model:
    return small_net()


def _made(graph: ov.Model, recipe: Recipe, data: ListedDataset | None = None) -> ov.Model:
    return quantize(graph, recipe, Calibration(data)).graph


def _in_float(graph: ov.Model) -> set[str]:
    """Convolutions and products whose weights were not quantised."""
    layers = {"Convolution", "GroupConvolution", "MatMul"}
    return {
        op.get_friendly_name()
        for op in graph.get_ordered_ops()
        if op.get_type_name() in layers and not _weights(op).size
    }


def _weights(layer: ov.Node) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """The 8-bit weights of a layer; empty where they are float."""
    node = layer.input(1).get_source_output().get_node()
    while node.get_type_name() != "Constant":
        node = node.input(0).get_source_output().get_node()
    is_int8 = node.get_element_type().get_type_name() == "i8"
    return np.array(node.get_data()) if is_int8 else np.empty(0, np.int8)


def _widest(graph: ov.Model) -> dict[str, int]:
    ops = {op.get_friendly_name(): op for op in graph.get_ordered_ops()}
    layers = ("body/first", "body/second", "classifier")
    return {name: int(np.abs(_weights(ops[name]).astype(int)).max()) for name in layers}


def _start(hash_seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _HASH], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_the_same_recipe_gives_the_same_graph_in_any_process_and_prints_nothing() -> None:
    processes = [_start(hash_seed) for hash_seed in (1, 2)]
    (first, complaints), (second, _) = (process.communicate() for process in processes)
    assert complaints == ""
    assert first == second
    *modes, telemetry = first.splitlines()
    assert [line.split()[0] for line in modes] == ["simplified", "full", "accuracy"]
    assert len({line.split()[1] for line in modes}) == 3
    assert telemetry == "MagicMock"  # NNCF's stand-in that sends nothing


def test_what_nncf_logs_goes_nowhere(net: ov.Model) -> None:
    told: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    _made(net, Recipe(samples=1))
    logger, listening = logging.getLogger("nncf"), Listening()
    logger.addHandler(listening)
    _made(net, Recipe(ignored_names=("classifier",)))
    assert told == []
    logger.error("not ours")
    assert told == ["not ours"]
    logger.removeHandler(listening)


def test_the_graph_that_is_given_stays_as_it_is(net: ov.Model) -> None:
    before = content_hash(net)
    assert content_hash(_made(net, Recipe())) != before
    assert content_hash(net) == before
    assert not _in_float(_made(net, Recipe()))


def test_a_network_with_nothing_to_quantise_is_copied_all_the_same() -> None:
    data = opset1.parameter([1, 4], np.float32, name="data")
    data.output(0).set_names({"data"})
    graph = ov.Model([opset1.result(opset1.relu(data))], [data], "nothing")
    made = quantize(graph, Recipe(), Calibration())
    assert content_hash(made.graph) == content_hash(graph)
    assert made.note is None
    assert made.graph.has_rt_info(["nncf"])
    assert not graph.has_rt_info(["nncf"])


def test_another_seed_draws_other_samples(net: ov.Model) -> None:
    data = samples_for(net)
    assert content_hash(_made(net, Recipe(seed=2))) != content_hash(_made(net, Recipe()))
    one, other = (_made(net, Recipe(mode="full", samples=9, seed=s), data) for s in (1, 2))
    assert content_hash(one) != content_hash(other)


def test_the_choice_of_samples_favours_no_class_where_classes_take_turns() -> None:
    places = chosen(1200, Recipe(mode="full"))
    assert len(set(places)) == 300
    assert list(places) == sorted(places)
    assert {place % 10 for place in places} == set(range(10))
    assert chosen(5, Recipe(mode="full")) == (0, 1, 2, 3, 4)


def test_samples_are_told_as_they_go_through_each_pass() -> None:
    told: list[tuple[str, int, int]] = []
    data = samples_for(encoder(), 6, labelled=False)
    recipe = Recipe(mode="full", samples=5, model_type="transformer")
    quantize(encoder(), recipe, Calibration(data), lambda *step: told.append(step))
    first = [("calibrating", done, 5) for done in range(1, 6)]
    second = [("calibrating, pass 2", done, 5) for done in range(1, 6)]
    after = "setting ranges and biases"
    assert told == [*first, (after, 0, 1), *second, (after, 0, 1), (after, 1, 1)]


class _Counted(ListedDataset):
    passes = 0

    def __iter__(self) -> Iterator[Sample]:
        self.passes += 1
        return super().__iter__()


@pytest.mark.parametrize(("kept_bytes", "passes"), [(64, 1), (63, 3)])
def test_samples_are_read_once_where_they_fit_into_memory(kept_bytes: int, passes: int) -> None:
    values = [np.full(4, number, np.float64) for number in range(4)]
    data = _Counted([Sample(str(n), {"x": one}, None) for n, one in enumerate(values)])
    samples = ChosenSamples(data, (1, 3), kept_bytes)
    for _ in range(3):
        # As NNCF takes them: so many, without asking whether there are more.
        assert [next(one).name for one in [iter(samples)] for _ in samples.places] == ["1", "3"]
    assert data.passes == passes


@pytest.mark.parametrize(
    ("recipe", "left"),
    [
        (Recipe(ignored_names=("classifier",)), {"classifier"}),
        (Recipe(ignored_patterns=("body/s.*",)), {"body/second"}),
        (Recipe(ignored_types=("Convolution",)), {"body/first", "body/second"}),
        (
            Recipe(ignored_names=("classifier",), ignored_types=("GroupConvolution",)),
            {"classifier", "body/depthwise"},
        ),
    ],
)
def test_ignored_operations_stay_in_float_and_no_others(
    net: ov.Model, recipe: Recipe, left: set[str]
) -> None:
    assert _in_float(_made(net, recipe)) == left


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (Recipe(ignored_names=("body/frist",)), "called 'body/frist'; closest: body/first,"),
        (Recipe(ignored_patterns=("second",)), "match of 'second'; closest: body/second,"),
        (Recipe(ignored_types=("Conv",)), "type 'Conv'; closest: Convolution, GroupConvolution"),
        (Recipe(ignored_names=("dep",)), "called 'dep'; closest: body/depthwise"),
        (Recipe(ignored_names=("zzz",)), "called 'zzz'; see the names"),
    ],
)
def test_what_is_ignored_and_not_there_is_refused_with_what_is(
    net: ov.Model, recipe: Recipe, told: str
) -> None:
    with pytest.raises(UsageError) as raised:
        _made(net, recipe)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_is_in_a_branch_of_an_if_can_be_ignored_and_in_a_loop_not() -> None:
    def named(data: ov.Node) -> ov.Node:
        node = opset1.relu(data)
        node.set_friendly_name("inner/relu")
        return node

    recipe = Recipe(ignored_names=("inner/relu",))
    for steps in ((named, opset1.abs), (opset1.abs, named)):
        check_ignored(branching(*steps), recipe)
    inner = opset1.parameter([1, 4], np.float32)
    body = ov.Model([named(inner)], [inner], "body")
    data = opset1.parameter([1, 4], np.float32)
    loop = opset8.tensor_iterator()
    loop.set_body(body)
    loop.set_invariant_input(inner, data.output(0))
    out = loop.get_iter_value(body.outputs[0].get_node().input(0).get_source_output(), -1)
    with pytest.raises(UsageError, match="no operation is called 'inner/relu'"):
        check_ignored(ov.Model([out], [data], "m"), recipe)


def test_overflow_fix_halves_the_range_of_the_weights(net: ov.Model) -> None:
    found = {
        fix: _widest(_made(net, Recipe(overflow_fix=fix)))
        for fix in ("enable", "first_layer_only", "disable")
    }
    assert set(found["enable"].values()) <= {63, 64}
    assert found["first_layer_only"]["body/first"] <= 64
    assert {name for name, width in found["first_layer_only"].items() if width == 127} == {
        "body/second", "classifier",
    }  # fmt: skip
    assert set(found["disable"].values()) == {127}
    assert _widest(_made(net, Recipe())) == found["first_layer_only"]


@pytest.mark.parametrize(
    "change", [{"preset": "mixed"}, {"bias_correction": "full"}, {"bias_correction": "none"}]
)
def test_preset_and_bias_correction_reach_the_graph(net: ov.Model, change: dict[str, str]) -> None:
    recipe = Recipe(
        preset=change.get("preset"), bias_correction=change.get("bias_correction", "fast")
    )
    assert content_hash(_made(net, recipe)) != content_hash(_made(net, Recipe()))


@pytest.mark.parametrize("device", ["any", "cpu", "cpu_spr", "gpu", "npu"])
def test_the_target_device_reaches_nncf(net: ov.Model, device: str) -> None:
    made = _made(net, Recipe(target_device=device))
    told = made.get_rt_info(["nncf", "quantization", "target_device"])
    assert told.astype(str) == device.upper()


def test_a_cpu_with_amx_adds_one_input_in_float() -> None:
    def steps(device: str) -> int:
        ops = _made(residual_net(), Recipe(target_device=device)).get_ordered_ops()
        return sum(op.get_type_name() == "FakeQuantize" for op in ops)

    assert steps("cpu_spr") == steps("any") - 1
    assert steps("npu") == steps("any")


def test_a_transformer_is_smoothed_before_it_is_quantised() -> None:
    def smoothed(recipe: Recipe) -> int:
        ops = _made(encoder(), recipe).get_ordered_ops()
        return sum(op.get_friendly_name().endswith("nncf_smooth_quant") for op in ops)

    assert smoothed(Recipe(model_type="transformer")) >= 4
    assert smoothed(Recipe()) == 0


def test_samples_that_do_not_fit_are_told_in_one_line(net: ov.Model) -> None:
    wrong = ListedDataset([Sample("a", {"input": np.zeros((1, 3, 9, 9), np.float32)}, None)])
    with pytest.raises(MeasurementError, match=r"cannot quantise small: .*\[1,3,16,16\]") as raised:
        _made(net, Recipe(mode="full"), wrong)
    assert "\n" not in str(raised.value)


def test_no_samples_and_free_shapes_are_refused(net: ov.Model) -> None:
    with pytest.raises(UsageError, match="no sample to calibrate with"):
        _made(net, Recipe(mode="full"), ListedDataset([]))
    free = small_net()
    free.reshape([-1, 3, 16, 16])
    with pytest.raises(UsageError, match=r"input input has the shape \[\?,3,16,16\]"):
        _made(free, Recipe())


def test_a_recipe_that_cannot_be_is_refused_before_anything_is_done(net: ov.Model) -> None:
    with pytest.raises(UsageError, match="there is no preset"):
        _made(net, Recipe(preset="best"))


def test_whatever_nncf_raises_becomes_one_line_and_our_errors_stay() -> None:
    with (
        pytest.raises(MeasurementError, match="cannot quantise net: KeyError"),
        calling_nncf("net"),
    ):
        raise KeyError
    with pytest.raises(UsageError, match="yours"), calling_nncf("net"):
        raise UsageError("yours", hint="mend it")
