"""What of a graph is drawn, and where: cut by reach and cost, downwards, words apart."""

from __future__ import annotations

import itertools

import pytest

from results.graph import ExecGraph
from results.graph_building import build_graph
from results.graph_layout import lay_out
from results.neighbourhood import (
    MOST_NODES,
    MOST_SEGMENTS,
    edges_among,
    neighbourhood,
    segments,
)
from tests.exec_graphs import chain, named, reorder, row


def _star(count: int) -> ExecGraph:
    """A layer that many read; the later cost more."""
    rows = [row(0, "hub")]
    rows += [row(at, f"leaf{at}", reads=(0,), time_us=float(at)) for at in range(1, count + 1)]
    return build_graph(rows, named(rows))


def test_a_neighbourhood_reaches_as_far_as_it_says_both_ways() -> None:
    graph = chain(20)
    near = neighbourhood(graph, graph.nodes[10], 3)
    assert near.places == (7, 8, 9, 10, 11, 12, 13)
    assert (near.cut, near.beyond) == (0, 13)


def test_a_neighbourhood_is_cut_by_hops_then_by_cost_and_counts_what_is_missing() -> None:
    graph = _star(200)
    near = neighbourhood(graph, graph.nodes[0], 1, most=5)
    assert near.places == (0, 197, 198, 199, 200)
    assert near.cut == 196
    far = neighbourhood(graph, graph.nodes[1], 2, most=5)
    assert {0, 1} <= set(far.places), "the nearest stay, whatever they cost"


def test_a_large_network_never_draws_more_marks_than_it_should() -> None:
    graph = chain(5000)
    near = neighbourhood(graph, graph.nodes[2500], 60)
    assert len(near.places) == MOST_NODES
    assert len(near.places) + near.cut + near.beyond == 5000
    found = segments(graph)
    assert len(found) == MOST_SEGMENTS
    assert sum(len(segment.places) for segment in found) == 5000
    assert sum(segment.time_us for segment in found) == pytest.approx(50_000.0)


def test_a_segment_knows_its_costliest_layer_its_precision_and_what_was_inserted() -> None:
    rows = [row(0, "a"), reorder(1, (0,), 7.0), row(2, "b", reads=(1,), precision="u8", time_us=40)]
    (segment,) = segments(build_graph(rows, named(rows)), most=1)
    assert segment.costliest == 2
    assert segment.precision == "u8"
    assert (segment.inserted, segment.inserted_us, segment.costliest_inserted) == (1, 7.0, 1)


def test_a_network_without_layers_has_no_segments() -> None:
    assert segments(chain(0)) == ()


def test_data_flows_downwards() -> None:
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3), (3, 4)]
    drawing = lay_out(range(5), edges)
    for source, place in edges:
        assert drawing.points[source].row < drawing.points[place].row
    assert drawing.rows == 4


def test_a_long_edge_bends_in_every_row_between_and_meets_no_node() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (0, 3)]
    drawing = lay_out(range(4), edges)
    (route,) = [one for one in drawing.routes if one.edge == (0, 3)]
    assert [point.row for point in route.points] == [0, 1, 2, 3]
    for bend, place in zip(route.points[1:-1], (1, 2), strict=True):
        assert bend.x < drawing.points[place].x - 0.2, "on the left, where no words stand"


def test_nodes_of_a_row_leave_room_for_their_words() -> None:
    edges = [(0, place) for place in range(1, 7)] + [(place, 7) for place in range(1, 7)]
    drawing = lay_out(range(8), edges)
    row = sorted(drawing.points[place].x for place in range(1, 7))
    assert all(after - before >= 1.0 - 1e-9 for before, after in itertools.pairwise(row))
    assert drawing.columns == pytest.approx(max(row) + 1.0)


def test_a_chain_is_straight() -> None:
    branch = [(0, 1), (0, 2), (2, 3), (3, 4), (4, 5), (1, 6), (5, 6)]
    drawing = lay_out(range(7), branch)
    columns = [drawing.points[place].x for place in (2, 3, 4, 5)]
    assert max(columns) - min(columns) < 0.03, "of a column: no kink to see"


def test_two_branches_do_not_cross() -> None:
    drawing = lay_out(range(6), [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 5)])
    left = drawing.points[1].x < drawing.points[2].x
    assert (drawing.points[4].x < drawing.points[3].x) is left


def test_what_reads_nothing_stands_right_above_what_reads_it() -> None:
    drawing = lay_out(range(5), [(0, 1), (1, 2), (2, 4), (3, 4)])
    assert drawing.points[3].row == drawing.points[4].row - 1


def test_a_cycle_of_broken_facts_is_drawn_all_the_same() -> None:
    drawing = lay_out(range(3), [(0, 1), (1, 2), (2, 0)])
    assert drawing.rows == 3
    assert len(drawing.routes) == 3


def test_nothing_and_a_single_node_can_be_drawn() -> None:
    assert lay_out((), ()).rows == 0
    assert lay_out((4,), ()).points[4].x == 0.0


def test_only_edges_between_drawn_nodes_are_drawn() -> None:
    graph = chain(5)
    assert edges_among(graph, (1, 2, 4)) == ((1, 2),)
