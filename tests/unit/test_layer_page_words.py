"""What the page Layers says first, the interval of a layer, its twin and its roof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from results import graph_queries, peak_queries, queries
from results.compare import compare_cells
from results.comparison import CellView
from results.graph import ExecGraph
from results.index import Index
from results.layer_calls import Call
from results.layer_roofs import layer_roofs
from results.layer_words import NO_LAYERS, cell_headline, node_figures, time_interval, twin_words
from results.twin_layers import Twin, joined, opposites, twins_of
from tests.planted import ARMS, cell_id_of, planted_store
from tests.planted_peaks import planted_peaks


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return planted_store(tmp_path).index()


def _cell(index: Index, arm: str) -> CellView:
    return next(cell for cell in queries.cells(index) if cell.cell_id == cell_id_of(arm=arm))


def _graph(index: Index, cell: CellView) -> ExecGraph:
    run_id = queries.latest_run_of(index, cell.cell_id)
    assert run_id is not None
    return graph_queries.exec_graph(index, cell.cell_id, run_id, cell.model_id)


def test_the_page_says_where_the_time_goes_with_four_numbers(index: Index) -> None:
    cell = _cell(index, ARMS[2])
    run_id = queries.latest_run_of(index, cell.cell_id)
    assert run_id is not None
    head = cell_headline(queries.kernel_rollup(index, cell.cell_id, run_id), _graph(index, cell))
    assert head.sentence == (
        "25.0 % of the 1.06 ms that the layers take is in 1 Convolution layer that runs as "
        "jit_avx512_dw_I8."
    )
    told = {figure.label: (figure.value, figure.note) for figure in head.figures}
    assert told["In INT8"] == ("80.0 %", "of the time, 5 layers")
    assert told["Inserted layers"] == ("1", "106 µs, 10.0 % of the time")
    assert told["Costliest layer"][1] == "block/dw, 25.0 % of the time"
    assert len(head.figures) == 4


def test_a_cell_without_a_profile_says_so(index: Index) -> None:
    cell = _cell(index, ARMS[0])
    empty = queries.kernel_rollup(index, "nosuch", "nosuch")
    assert cell_headline(empty, _graph(index, cell)).sentence == NO_LAYERS


def test_the_interval_of_a_time_holds_the_median_that_is_shown_and_is_never_negative() -> None:
    interval = time_interval((10.0, 12.0, 11.0), 11.0)
    assert interval == pytest.approx((11.0 - 2.484, 11.0 + 2.484), abs=0.001)
    low, high = time_interval((1.0, 1.0, 90.0), 1.0) or (None, None)
    assert low == 0.0
    assert high is not None
    assert high > 90.0
    assert time_interval((10.0, 10.0), 9.0) == (9.0, 10.0)
    assert time_interval((10.0, 10.0), 11.0) == (10.0, 11.0)
    assert time_interval((10.0,), 10.0) is None


def test_twins_are_seen_from_either_side(index: Index) -> None:
    float_cell, int8_cell = _cell(index, ARMS[0]), _cell(index, ARMS[2])
    comparison = compare_cells(index, float_cell, int8_cell)
    from_int8 = twins_of(_graph(index, int8_cell), comparison, int8_cell.cell_id)
    from_float = twins_of(_graph(index, float_cell), comparison, float_cell.cell_id)
    names = [node.layer.name for node in _graph(index, int8_cell).nodes]
    stem = from_int8[names.index("stem")]
    assert stem.is_faster
    assert stem.own_us < stem.other_us
    assert [layer.primitive for layer in stem.others] == ["brgconv_avx512_f32"]
    assert twin_words(stem).startswith("▲ 2.7")
    back = from_float[[n.layer.name for n in _graph(index, float_cell).nodes].index("stem")]
    assert back.is_slower
    assert back.speedup == pytest.approx(1.0 / (stem.speedup or 0.0))
    assert names.index("fc_u8_f32_softmax") not in from_int8, "what was inserted has no twin"


def test_a_difference_within_its_interval_is_neither_faster_nor_slower(index: Index) -> None:
    settled = Twin("a", (), (), 1.0, 2.0, Call.FASTER)
    open_one = replace(settled, call=Call.NOT_TOLD_APART)
    assert (settled.is_faster, settled.is_slower) == (True, False)
    assert (open_one.is_faster, open_one.is_slower) == (False, False)
    assert twin_words(open_one) == "? 2.00x"
    assert joined(()) is None
    both = joined((settled, settled, replace(open_one, own_us=50.0)))
    assert both is not None
    assert (both.own_us, both.other_us) == (51.0, 4.0)
    assert both.call is Call.NOT_TOLD_APART, "the call of what differs most"


def test_a_cell_is_held_against_its_pair_else_against_its_like(index: Index) -> None:
    cells = queries.cells(index)
    int8_cell, float_cell = _cell(index, ARMS[2]), _cell(index, ARMS[0])
    asked = opposites(cells, int8_cell, (float_cell.cell_id, int8_cell.cell_id))
    assert asked[0] == float_cell
    assert opposites(cells, int8_cell, ("other", "cells"))[0].arm == "fp32@default"
    assert opposites(cells, float_cell, ())[0] == int8_cell
    assert opposites([int8_cell], int8_cell, ()) == ()


def test_an_opened_layer_tells_time_share_twin_and_roof(tmp_path: Path) -> None:
    cell = _cell(planted_store(tmp_path).index(), ARMS[2])
    index = planted_peaks(tmp_path, cell.device_id).index()
    graph = _graph(index, cell)
    ops = graph_queries.float_ops(index, cell.model_id)
    roofs = layer_roofs(graph, cell, ops, peak_queries.peaks_of(index, cell.device_id))
    stem = next(node for node in graph.nodes if node.layer.name == "stem")
    roof = roofs[stem.place]
    assert roof.candidate_share is not None
    twin = Twin("stem", (stem.layer,), (stem.layer,), 1.0, 2.0, Call.FASTER)
    figures = node_figures(stem, (1.0, 2.0), twin, "fp32@f32", roof)
    assert [figure.label for figure in figures] == [
        "Time", "Share", "Against fp32@f32", "Share of its roof"
    ]  # fmt: skip
    assert "95 %" in figures[0].note
    told = node_figures(stem, (1.0,), None, "", None, measured=False)
    assert told[0].note == "per inference, as the source tells it"
    twice = layer_roofs(graph, cell, ops, peak_queries.peaks_of(index, cell.device_id), 2.0)
    doubled = twice[stem.place].candidate_share
    assert doubled == pytest.approx(2.0 * roof.candidate_share), "half the time per item"


def test_a_roof_is_not_told_where_an_operation_runs_as_several_layers(index: Index) -> None:
    cell = _cell(index, ARMS[2])
    graph = _graph(index, cell)
    ops = graph_queries.float_ops(index, cell.model_id)
    stem, pw = (next(n for n in graph.nodes if n.layer.name == x) for x in ("stem", "block/pw"))
    nodes = tuple(replace(n, links=stem.links) if n is pw else n for n in graph.nodes)
    found = layer_roofs(replace(graph, nodes=nodes), cell, ops, None)
    assert stem.place in layer_roofs(graph, cell, ops, None)
    assert stem.place not in found
    assert pw.place not in found
