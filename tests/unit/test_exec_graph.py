"""The executed graph: who feeds whom, what was inserted, and finding a node again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from results import graph_queries, queries
from results.comparison import InsertedKind
from results.graph import EdgeSource, Role, find_node, opening_node
from results.graph_building import NodeLink, build_graph
from tests.exec_graphs import chain, named, op, reorder, row
from tests.planted import ARMS, cell_id_of, model_id_of, planted_store


def test_edges_are_those_of_the_executed_graph_by_place() -> None:
    rows = [row(10, "a"), row(20, "b", reads=(10,)), row(30, "c", reads=(20, 10))]
    graph = build_graph(reversed(rows), named(rows))
    assert graph.edges is EdgeSource.EXECUTED
    assert [node.producers for node in graph.nodes] == [(), (0,), (1, 0)]
    assert [node.consumers for node in graph.nodes] == [(1, 2), (2,), ()]


def test_a_layer_without_an_operation_is_inserted_and_says_why() -> None:
    rows = [row(0, "a"), reorder(1, (0,)), row(2, "b", reads=(1,), precision="u8")]
    graph = build_graph(rows, named(rows), [op("a"), op("b", "a")])
    assert [node.role for node in graph.nodes] == [Role.LAYER, Role.INSERTED, Role.LAYER]
    assert graph.nodes[1].kind is InsertedKind.BOTH
    assert graph.nodes[1].words == "inserted: layout and precision"
    assert graph.bridged


def test_what_a_neighbour_lends_makes_no_layer_of_the_model() -> None:
    rows = [row(0, "a"), reorder(1, (0,))]
    lent = NodeLink(1, "a", "consumer", 0.8)
    graph = build_graph(rows, [*named(rows), lent], [op("a")])
    assert graph.nodes[1].role is Role.INSERTED
    assert graph.nodes[1].links[0].method == "consumer"


def test_a_lone_quantise_is_inserted_even_where_it_names_an_operation() -> None:
    rows = [row(0, "a"), row(1, "b", reads=(0,), node_type="FakeQuantize")]
    graph = build_graph(rows, named(rows), [op("a"), op("b", "a")])
    assert graph.nodes[1].words == "inserted: quantise"


def test_without_a_bridge_the_type_tells_what_was_inserted() -> None:
    rows = [row(0, "a", node_type="Pooling"), reorder(1, (0,))]
    graph = build_graph(rows, ())
    assert [node.role for node in graph.nodes] == [Role.LAYER, Role.INSERTED]
    assert not graph.bridged


def test_a_run_without_edges_is_drawn_by_the_operations_through_those_nobody_carries() -> None:
    rows = [row(0, "a"), row(1, "b"), row(2, "c")]
    ops = [op("a"), op("b", "a"), op("bare", "a"), op("c", "bare")]
    graph = build_graph(rows, named(rows), ops)
    assert graph.edges is EdgeSource.SOURCE_OPS
    assert [node.producers for node in graph.nodes] == [(), (0,), (0,)]


def test_a_run_without_edges_and_operations_is_drawn_in_the_order_of_execution() -> None:
    graph = build_graph([row(0, "a"), row(5, "b"), row(9, "c")], ())
    assert graph.edges is EdgeSource.ORDER
    assert [node.producers for node in graph.nodes] == [(), (0,), (1,)]


def test_constants_and_fused_layers_are_left_out_and_inputs_stay() -> None:
    entry = row(0, "input", node_type="Input", time_us=None)
    folded = replace(row(1, "bias", time_us=None), from_constant=True)
    fused = row(2, "relu", time_us=None)
    layer = row(3, "conv", reads=(0, 1))
    graph = build_graph([entry, folded, fused, layer], named([layer]))
    assert [node.layer.name for node in graph.nodes] == ["input", "conv"]
    assert graph.left_out == 2
    assert [node.role for node in graph.nodes] == [Role.END, Role.LAYER]


def test_broken_edges_do_not_raise() -> None:
    rows = [row(0, "a", reads=(0, 7, 1)), row(1, "b", reads=(0, 0, -3))]
    graph = build_graph(rows, named(rows))
    assert [node.producers for node in graph.nodes] == [(1,), (0,)]


def test_a_node_is_found_by_its_name_its_index_and_under_another_number() -> None:
    rows = [row(3, "conv"), row(7, "Multiply_27024", reads=(3,)), row(9, "12", reads=(7,))]
    graph = build_graph(rows, named(rows))
    assert graph.keys == ("conv", "Multiply_27024", "12")
    for asked, index in (("conv", 3), ("#7", 7), ("7", 7), ("Multiply_9", 7), ("12", 9)):
        found = find_node(graph, asked)
        assert found is not None, asked
        assert found.layer.node_index == index
    assert find_node(graph, "nosuch") is None
    assert find_node(graph, "#99") is None


def test_equal_names_are_told_apart_by_their_index() -> None:
    rows = [row(3, "conv"), row(7, "conv", reads=(3,))]
    graph = build_graph(rows, named(rows))
    assert graph.keys == ("#3", "#7")
    found = find_node(graph, graph.keys[1])
    assert found is not None
    assert found.layer.node_index == 7


@pytest.mark.parametrize(("reorder_us", "opened"), [(100.0, "reorder1"), (20.0, "big")])
def test_a_graph_opens_at_what_was_inserted_only_where_that_costs(
    reorder_us: float, opened: str
) -> None:
    rows = [row(0, "a"), reorder(1, (0,), reorder_us), row(2, "big", reads=(1,), time_us=500.0)]
    node = opening_node(build_graph(rows, named(rows)))
    assert node is not None
    assert node.layer.name == opened


def test_an_empty_graph_opens_nowhere() -> None:
    assert opening_node(build_graph((), ())) is None
    assert chain(0).edges is EdgeSource.ORDER


def test_the_graph_of_a_stored_cell_has_its_inserted_reorder_and_one_time_with_the_table(
    tmp_path: Path,
) -> None:
    index = planted_store(tmp_path).index()
    cell_id = cell_id_of(arm=ARMS[2])
    run_id = queries.latest_run_of(index, cell_id)
    assert run_id is not None
    graph = graph_queries.exec_graph(index, cell_id, run_id, model_id_of("tiny"))
    assert [node.layer.name for node in graph.inserted] == ["fc_u8_f32_softmax"]
    assert graph.inserted[0].kind is InsertedKind.BOTH
    told = queries.layers_table(index, cell_id, run_id)
    times = dict(zip(told["name"].to_pylist(), told["time_us"].to_pylist(), strict=True))
    for node in graph.executed:
        assert node.layer.time_us == times[node.layer.name]
        launches = graph_queries.node_times_us(index, cell_id, run_id, node.layer.node_index)
        assert len(launches) == 3
        assert min(launches) < node.layer.time_us < max(launches)
