"""Every source op of the float model ends up at a node that spent time."""

from __future__ import annotations

from collector.bridge import BridgedNode, bridge
from collector.twins import Twin, Twins, twins
from results.facts import SourceOp


def _op(name: str, *producers: str) -> SourceOp:
    return SourceOp("v", name, "Op", 0, (), (), producers, None, 0, 0, 0, "")


CHAIN = (_op("input"), _op("conv", "input"), _op("relu", "conv"), _op("softmax", "relu"))


def _links(
    *nodes: BridgedNode, universe: tuple[SourceOp, ...] = CHAIN
) -> set[tuple[int, str, str]]:
    return {(link.node_index, link.op_name, link.method) for link in bridge(nodes, universe)}


def test_names_the_float_model_knows_are_kept_and_others_dropped() -> None:
    node = BridgedNode(3, ("conv", "Multiply_27024", "relu", "relu/fq_output_0"), executed=True)
    softmax = BridgedNode(4, ("softmax",), executed=True)
    assert _links(node, softmax) == {
        (3, "conv", "name"),
        (3, "relu", "name"),
        (4, "softmax", "name"),
        (3, "input", "consumer"),
    }


def test_an_unclaimed_op_joins_its_only_consumer() -> None:
    nodes = (BridgedNode(1, ("conv",), executed=True), BridgedNode(2, ("softmax",), executed=True))
    assert (2, "relu", "consumer") in _links(*nodes)


def test_an_op_with_two_consumers_joins_its_producer() -> None:
    universe = (_op("input"), _op("conv", "input"), _op("relu", "conv"),
                _op("left", "relu"), _op("right", "relu"))  # fmt: skip
    nodes = tuple(
        BridgedNode(index, (name,), executed=True)
        for index, name in enumerate(("conv", "left", "right"))
    )
    assert (0, "relu", "producer") in _links(*nodes, universe=universe)


def test_a_node_that_did_not_execute_claims_nothing() -> None:
    nodes = (BridgedNode(0, ("input",), executed=False), BridgedNode(1, ("conv",), executed=True))
    links = _links(*nodes)
    assert (1, "input", "consumer") in links
    assert not any(index == 0 for index, _, _ in links)


def test_a_lone_fake_quantize_has_no_source_op() -> None:
    fake = BridgedNode(1, ("input/fq_output_0",), executed=True)
    conv = BridgedNode(2, ("conv", "relu"), executed=True)
    assert not any(index == 1 for index, _, _ in _links(fake, conv))


def test_a_fused_quantisation_step_speaks_for_its_operation() -> None:
    conv = BridgedNode(1, ("conv", "relu/fq_output_0"), executed=True)
    softmax = BridgedNode(2, ("softmax",), executed=True)
    assert (1, "relu", "name") in _links(conv, softmax)


def test_a_network_quantised_elsewhere_is_matched_by_structure() -> None:
    def op(name: str, kind: str, *producers: str) -> SourceOp:
        return SourceOp("v", name, kind, 0, (), ("[1,8]",), producers, None, 0, 0, 0, "")

    native = (op("n1", "Convolution"), op("n2", "FakeQuantize", "n1"), op("n3", "Relu", "n2"))
    floats = (op("f1", "Convolution"), op("f2", "Relu", "f1"))
    assert twins(native, floats) == {"n1": "f1", "n3": "f2"}
    links = bridge((BridgedNode(5, ("n1", "n2", "n3"), True),), floats, twins(native, floats))
    assert {(link.op_name, link.method) for link in links} == {
        ("f1", "structure"),
        ("f2", "structure"),
    }
    assert all(link.confidence < 0.8 for link in links)


def test_every_op_is_linked_when_anything_executed() -> None:
    node = BridgedNode(7, ("relu",), executed=True)
    assert {name for _, name, _ in _links(node)} == {op.op_name for op in CHAIN}


def test_nothing_executed_gives_no_links() -> None:
    assert bridge((BridgedNode(0, ("conv",), executed=False),), CHAIN) == ()


def test_what_an_old_plugin_put_behind_a_name_falls_away() -> None:
    """2021.4 runs a matrix product as ``<bias>/FC`` and a mean as ``<mean>/pool``."""
    universe = (_op("input"), _op("mean", "input"), _op("dense", "mean"), _op("bias", "dense"))
    nodes = (
        BridgedNode(1, ("mean/pool",), executed=True),
        BridgedNode(2, ("bias/FC",), executed=True),
    )
    assert _links(*nodes, universe=universe) == {
        (1, "mean", "name"),
        (2, "bias", "name"),
        (2, "dense", "consumer"),
        (1, "input", "consumer"),
    }


def test_an_operation_that_is_called_like_that_keeps_its_name() -> None:
    universe = (_op("input"), _op("head", "input"), _op("head/pool", "head"))
    nodes = (
        BridgedNode(1, ("head",), executed=True),
        BridgedNode(2, ("head/pool",), executed=True),
    )
    assert {(1, "head", "name"), (2, "head/pool", "name")} <= _links(*nodes, universe=universe)


def test_names_of_a_network_quantised_elsewhere_lose_it_too() -> None:
    universe = (_op("f1"), _op("f2", "f1"))
    sure = Twins({"n1": Twin("f1", 0.7), "n2": Twin("f2", 0.5)})
    nodes = (
        BridgedNode(5, ("n1/FC",), executed=True),
        BridgedNode(6, ("n2/DequantizationMultiply",), executed=True),
    )
    told = {(one.node_index, one.op_name, one.method, one.confidence)
            for one in bridge(nodes, universe, sure)}  # fmt: skip
    assert told == {(5, "f1", "structure", 0.7), (6, "f2", "structure", 0.5)}
