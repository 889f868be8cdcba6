"""Two networks whose names do not meet are tied by structure, one to one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from collector.twins import ANCHOR_CONFIDENCE, ORDER_CONFIDENCE, twins
from results.facts import SourceOp
from results.kinds import base_type, is_heavy

MODELS = Path(__file__).parents[3] / "shared" / "models"


def op(name: str, kind: str, *producers: str, shape: str = "[1,8]", weights: int = 0) -> SourceOp:
    """An operation; constants count as weights."""
    return SourceOp("v", name, kind, 0, (), (shape,), producers, None, 0, weights, 0, "")


def chain(*kinds: str, prefix: str = "f") -> tuple[SourceOp, ...]:
    """Operations that each read the one before, called by their place; ``Conv9`` has 9 weights."""
    found: list[SourceOp] = []
    for at, word in enumerate(kinds):
        kind = word.rstrip("0123456789")
        weights = int(word[len(kind) :] or 0)
        before = (found[-1].op_name,) if found else ()
        found.append(op(f"{prefix}{at}", kind, *before, weights=weights))
    return tuple(found)


def quantised(ops: Sequence[SourceOp], every: int = 1) -> tuple[SourceOp, ...]:
    """The same with other names, and with a pair of Quantize and Dequantize behind each op."""
    found: list[SourceOp] = []
    ends: dict[str, str] = {}
    for at, one in enumerate(ops):
        name = f"q/{one.op_name}"
        reads = tuple(ends[producer] for producer in one.producers)
        found.append(replace(one, op_name=name, producers=reads))
        ends[one.op_name] = name
        if at % every == 0:
            shape = one.output_shapes[0]
            found.append(op(f"{name}/quantize", "FakeQuantize", name, shape=shape, weights=4))
            found.append(op(f"{name}/scale", "Dequantize", f"{name}/quantize", shape=shape))
            ends[one.op_name] = f"{name}/scale"
    return tuple(found)


def right(found: Mapping[str, str]) -> int:
    """How many of the twins of ``quantised`` are the right ones."""
    return sum(name == f"q/{twin}" for name, twin in found.items())


def blocks(count: int) -> tuple[SourceOp, ...]:
    """Residual blocks that are all alike."""
    found = [op("in", "Parameter")]
    for at in range(count):
        before = found[-1].op_name
        found.append(op(f"{at}/a", "Convolution", before, weights=9))
        found.append(op(f"{at}/relu", "Relu", f"{at}/a"))
        found.append(op(f"{at}/b", "Convolution", f"{at}/relu", weights=9))
        found.append(op(f"{at}/sum", "Add", f"{at}/b", before))
    return tuple(found)


def branches(order: Sequence[int]) -> tuple[SourceOp, ...]:
    """Parallel branches of one input, told in this order, and put together in their own."""
    found = [op("in", "Parameter")]
    for at in order:
        found += [
            op(f"{at}/conv", "Convolution", "in", weights=9 * (at + 1)),
            op(f"{at}/relu", "Relu", f"{at}/conv"),
            op(f"{at}/pool", "MaxPool", f"{at}/relu"),
        ]
    ends = tuple(f"{at}/pool" for at in range(len(order)))
    return (*found, op("all", "Concat", *ends, shape="[1,64]"))


@pytest.mark.parametrize("every", [1, 2, 5])
def test_inserted_quantisation_steps_and_other_names_do_not_matter(every: int) -> None:
    floats = blocks(12)
    found = twins(quantised(floats, every), floats)
    assert (right(found), len(found)) == (len(floats), len(floats))


def test_branches_in_another_order_are_tied_to_their_own() -> None:
    floats = branches(range(6))
    found = twins(quantised(branches([3, 5, 0, 1, 4, 2])), floats)
    assert (right(found), len(found)) == (len(floats), len(floats))
    assert {found.confidence(f"q/{at}/conv") for at in range(6)} == {ANCHOR_CONFIDENCE}


def test_branches_that_are_all_alike_keep_what_each_is_made_of_together() -> None:
    floats = tuple(replace(one, weight_elements=9 if "conv" in one.op_name else 0)
                   for one in branches(range(4)))  # fmt: skip
    found = twins(quantised(floats), floats)
    assert len(set(found.values())) == len(found) == len(floats)
    for at in range(4):
        branch = {found[f"q/{at}/{part}"].partition("/")[0] for part in ("conv", "relu", "pool")}
        assert len(branch) == 1


def test_of_two_that_are_alike_the_one_of_the_same_name_is_taken() -> None:
    def pair(*names: str) -> tuple[SourceOp, ...]:
        return (op("in", "Parameter"), *(op(name, "Relu", "in") for name in names))

    assert twins(pair("right", "left"), pair("left", "right"))["right"] == "right"


def test_what_only_one_side_has_stays_without_a_twin() -> None:
    floats = chain("Parameter", "Conv9", "Relu", "Conv27", "Tanh", "Softmax")
    native = chain("Parameter", "Conv9", "Conv18", "Conv27", "FakeQuantize", "Softmax", prefix="n")
    assert twins(native, floats) == {"n0": "f0", "n1": "f1", "n3": "f3", "n5": "f5"}


def test_another_network_is_not_tied() -> None:
    assert not twins(chain("Conv1", "Relu", "MatMul2"), chain("Conv3", "Tanh", "MatMul4"))
    assert not twins((), chain("Conv1"))
    assert not twins(chain("Conv1"), ())


def test_an_operation_with_other_shapes_or_weights_is_no_twin() -> None:
    one = op("a", "Conv", shape="[1,8]", weights=9)
    assert twins((one,), (replace(one, op_name="b"),)) == {"a": "b"}
    assert not twins((one,), (replace(one, output_shapes=("[1,9]",)),))
    assert not twins((one,), (replace(one, weight_elements=8),))


def test_what_is_unlike_all_others_is_surer_than_what_only_keeps_the_order() -> None:
    floats = chain("Conv9", "Conv9", "Conv9", "Conv27")
    found = twins(quantised(chain("Conv9", "Conv9", "Conv27")), floats)
    assert found.confidence("q/f2") == ANCHOR_CONFIDENCE
    assert found["q/f2"] == "f3"
    alike = twins(chain("Conv9", prefix="n"), chain("Conv9", "Conv9"))
    assert [alike.confidence(name) for name in alike] == [ORDER_CONFIDENCE]
    assert all(found.confidence(name) < 0.8 for name in found), "a name is surer than any of these"


def test_no_neighbour_of_a_guess_is_surer_than_the_guess() -> None:
    """In the other network the activations come the other way round: the edges tell them apart."""
    a, b = op("a", "Conv", weights=9), op("b", "Conv", weights=9)
    r, s = op("r", "Relu", "a"), op("s", "Relu", "b")
    found = twins(quantised((a, b, s, r)), (a, b, r, s))
    assert found == {f"q/{name}": name for name in "abrs"}
    assert {found.confidence(name) for name in found} == {ORDER_CONFIDENCE}


def test_an_operation_that_is_taken_is_not_taken_twice() -> None:
    ends = (op("a", "Conv", weights=1), op("b", "Conv", weights=2))
    native = quantised((*ends, op("one", "Add", "a"), op("two", "Add", "b")))
    found = twins(native, (*ends, op("sum", "Add", "a", "b")))
    assert sorted(found.values()) == ["a", "b", "sum"]


DAMAGED = {
    "a cycle": (op("a", "Relu", "b"), op("b", "Relu", "a"), op("c", "Conv", "c", weights=3)),
    "a producer outside": (op("a", "Relu", "nowhere"), op("b", "Conv", "", weights=3)),
    "one name for all": (op("a", "Relu"), op("a", "Conv", "a", weights=3), op("a", "Relu", "a")),
    "no type": (op("a", ""), op("b", "", "a")),
    "no shape": (replace(op("a", "Relu"), output_shapes=()), op("b", "Conv", "a", weights=3)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_graphs_are_tied_one_to_one_all_the_same(name: str) -> None:
    floats = chain("Relu", "Conv3", "Relu")
    for native, universe in (
        (DAMAGED[name], floats),
        (floats, DAMAGED[name]),
        (DAMAGED[name],) * 2,
    ):
        found = twins(native, universe)
        assert set(found) <= {one.op_name for one in native}
        assert len(set(found.values())) == len(found)


def _random_network(count: int) -> tuple[SourceOp, ...]:
    pick = np.random.default_rng(count)
    found = [op("0", "Parameter")]
    for at in range(1, count):
        reads = {
            str(max(0, at - 1 - int(step)))
            for step in pick.integers(6, size=pick.choice((1, 1, 1, 2)))
        }
        kind = str(pick.choice(("Convolution", "Add", "Relu", "MatMul")))
        shape = f"[1,{pick.choice((8, 16, 32))}]"
        weights = int(pick.choice((0, 0, 9, 27)))
        found.append(op(str(at), kind, *sorted(reads), shape=shape, weights=weights))
    return tuple(found)


def test_a_network_without_a_plan_is_tied_to_itself() -> None:
    floats = _random_network(400)
    found = twins(quantised(floats), floats)
    assert right(found) >= 0.99 * len(floats)


LARGE: dict[str, tuple[SourceOp, ...]] = {
    "alike blocks": blocks(1250),
    "a random network": _random_network(5000),
    "one after the other, all alike": chain(*["Conv9"] * 5000),
    "all of one input": (op("in", "Parameter"),
                         *(op(str(at), "Relu", "in") for at in range(5000))),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_five_thousand_operations_are_tied_within_seconds(name: str) -> None:
    floats = LARGE[name]
    native = quantised(floats, 3)
    started = time.process_time()
    found = twins(native, floats)
    assert time.process_time() - started < 5.0
    assert len(set(found.values())) == len(found)
    assert right(found) >= 0.99 * len(floats)


@pytest.fixture
def tflite_pair() -> tuple[tuple[SourceOp, ...], tuple[SourceOp, ...]]:
    """The operations of the trained pair: quantised by its framework, and float."""
    if not MODELS.is_dir():
        pytest.skip("the trained ResNet-8 pair is not beside this checkout")
    from collector.models.convert.sources import read_file
    from collector.models.graph import source_ops

    native, floats = (
        source_ops(read_file(MODELS / f"resnet8_cifar10_{kind}.tflite").graph, kind)
        for kind in ("int8", "float32")
    )
    return native, floats


def test_every_convolution_of_the_trained_pair_finds_its_twin(
    tflite_pair: tuple[tuple[SourceOp, ...], tuple[SourceOp, ...]],
) -> None:
    native, floats = tflite_pair
    found = twins(native, floats)
    heavy = [one.op_name for one in native if is_heavy((one.op_type,))]
    assert len(heavy) == 10
    assert set(heavy) <= set(found)
    kinds = {one.op_name: base_type(one.op_type) for one in (*native, *floats)}
    assert all(kinds[name] == kinds[twin] for name, twin in found.items())
    alone = {base_type(one.op_type) for one in floats} - {kinds[twin] for twin in found.values()}
    assert alone == {"Relu"}, "the int8 file has them within its FakeQuantize operations"
