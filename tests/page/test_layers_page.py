"""Layers: the answer, the graph around a layer, what is opened, and what the address keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import charts, theme
from dashboard.charts.graph import Scene
from dashboard.charts.node_colours import Painter, heat
from dashboard.link import Colouring
from results.facts import ExecNode, ExecNodeSource, Fact, SourceOp
from results.graph import ExecGraph
from results.graph_building import build_graph
from results.graph_layout import lay_out
from results.layer_calls import Call
from results.neighbourhood import edges_among, neighbourhood, segments
from results.store import Store
from results.twin_layers import Twin
from tests.exec_graphs import chain, named, reorder, row
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.stores import altered_store
from tests.planted import ARMS, cell_id_of, planted_store

INT8 = {"cell": cell_id_of(arm=ARMS[2])}


def _alts(at: AppTest) -> list[str]:
    return [chart.proto.alt for chart in at.get("plotly_chart")]


def _graph_alt(at: AppTest) -> str:
    (found,) = [alt for alt in _alts(at) if alt.startswith("Graph of")]
    return found


def test_the_answer_comes_first_then_the_picture_then_the_table_then_how(one_run: Store) -> None:
    at = open_page("layers", INT8)
    assert_no_exception(at)
    assert at.title[0].value.replace("\\", "").startswith("25.0 % of the 1.04 ms that the layers")
    assert len(at.metric) == 4 + 2, "four of the cell, two of an inserted layer without a twin"
    headers = [header.value for header in at.header]
    assert headers[0] == "Where along the network the time goes"
    assert headers[-1] == "How it was measured"
    assert headers.index("Every layer") > headers.index("One layer and what stands around it")


def test_the_graph_opens_at_the_inserted_layer_that_costs_and_says_that_it_is_one(
    one_run: Store,
) -> None:
    at = open_page("layers", INT8)
    assert "fc_u8_f32_softmax (inserted) 104 µs, 10.0 %" in _graph_alt(at)
    assert at.subheader[0].value.replace("\\", "") == "fc_u8_f32_softmax"
    assert "inserted: layout and precision" in words(at)
    assert "5 of 8 nodes are drawn" in words(at), "three edges around the last but one"


def test_a_node_in_the_address_is_opened_with_its_interval_and_its_twin(one_run: Store) -> None:
    at = open_page("layers", INT8 | {"node": "stem", "baseline": cell_id_of(arm=ARMS[0])})
    assert_no_exception(at)
    told = {metric.label.replace("\\", ""): metric.value for metric in at.metric}
    assert told["Time"] == "208 µs"
    assert told["Against fp32@f32"].startswith("▲ 2.7")
    said = words(at)
    assert "95 %: 203 to 213 µs, 3 profile launches" in said
    assert "faster: 208 µs against 576 µs at the headline's pace" in said
    assert "Kernel: brgconv_avx512_I8, in u8" in said
    assert "Made from: stem, stem/hswish" in said
    assert "In fp32@f32: stem (brgconv_avx512_f32, f32, 576 µs)" in said
    links = [link.proto.query_string for link in at.get("page_link")]
    assert any(f"cell={cell_id_of(arm=ARMS[0])}" in link and "node=stem" in link for link in links)
    pair = f"baseline={cell_id_of(arm=ARMS[0])}&candidate={cell_id_of(arm=ARMS[2])}"
    assert any(pair in link and "layer=stem" in link for link in links), "opened in Compare"


def test_an_unknown_node_is_ignored_with_a_note(one_run: Store) -> None:
    at = open_page("layers", INT8 | {"node": "nosuch"})
    assert_no_exception(at)
    notes = [warning.value.replace("\\", "") for warning in at.warning]
    assert any("asks for node = nosuch" in note for note in notes)
    assert at.subheader[0].value.replace("\\", "") == "fc_u8_f32_softmax"


def test_reach_and_colour_are_in_the_address_and_change_the_drawing(one_run: Store) -> None:
    at = open_page("layers", INT8 | {"node": "stem", "hops": "1", "colour": "precision"})
    assert "stem u8, 208 µs" in _graph_alt(at)
    assert _graph_alt(at).startswith("Graph of 3 layers")
    at.segmented_control(key="control-hops").set_value("2").run()
    assert at.query_params["hops"] == "2"
    assert _graph_alt(at).startswith("Graph of 4 layers")
    at.segmented_control(key="control-colour").set_value("ratio").run()
    assert at.query_params["colour"] == "ratio"
    assert "stem ▲" in _graph_alt(at)
    assert_no_exception(at)


def test_the_layer_in_the_middle_can_be_chosen_without_a_mouse(one_run: Store) -> None:
    at = open_page("layers", INT8)
    at.selectbox(key="control-node").set_value("block/pw").run()
    assert_no_exception(at)
    assert at.query_params["node"] == "block/pw"
    assert at.subheader[0].value.replace("\\", "") == "block/pw"


def test_another_cell_forgets_the_node_of_the_last(one_run: Store) -> None:
    at = open_page("layers", INT8 | {"node": "fc_u8_f32_softmax"})
    at.selectbox(key="control-cell").set_value(cell_id_of(arm=ARMS[0])).run()
    assert_no_exception(at)
    alone = open_page("layers", {"cell": cell_id_of(arm=ARMS[0])})
    assert at.query_params["node"] == alone.query_params["node"]
    assert at.query_params["node"] != "fc_u8_f32_softmax"
    assert not at.warning


def test_the_table_is_filtered_by_type_precision_and_text(one_run: Store) -> None:
    at = open_page("layers", INT8 | {"type": "Convolution", "find": "BLOCK/"})
    assert at.dataframe[0].value["Layer"].tolist() == ["block/dw", "block/pw"]
    at = open_page("layers", INT8 | {"precision": "f32"})
    assert set(at.dataframe[0].value["Precision"]) == {"f32"}
    at = open_page("layers", INT8 | {"find": "hswish"})
    assert at.dataframe[0].value["Layer"].tolist() == ["stem"], "by what it was made from"
    at = open_page("layers", INT8 | {"find": "[("})
    assert_no_exception(at)
    assert "No layer fits these filters." in words(at)


def test_the_table_says_why_a_layer_is_there_and_how_much_faster_it_is(one_run: Store) -> None:
    table = open_page("layers", INT8).dataframe[0].value.set_index("Layer")
    assert table.loc["fc_u8_f32_softmax", "Why it is there"] == "inserted: layout and precision"
    assert table.loc["stem", "Why it is there"] == "layer of the model"
    assert table.loc["stem", "Speed-up (x)"] == pytest.approx(2.77, abs=0.01)
    assert "Of its roof (%)" not in table.columns, "nobody measured the peaks"
    assert table.loc["stem", "Source ops"] == "stem, stem/hswish"


def test_steps_from_precision_to_precision_have_counts_and_time(one_run: Store) -> None:
    at = open_page("layers", INT8)
    assert "The precision changes on 2 of 6 ways from layer to layer" in words(at)
    steps = at.dataframe[1].value
    assert (steps["From"][0], steps["To"][0]) == ("int8", "f32")
    assert steps.loc[0, "Time (µs)"] == pytest.approx(104.0, abs=0.01)


def _edgeless(fact: Fact, *, bridge: bool) -> Iterator[Fact]:
    if isinstance(fact, ExecNode):
        yield replace(fact, producers=())
    elif bridge or not isinstance(fact, ExecNodeSource | SourceOp):
        yield fact


@pytest.mark.parametrize(
    ("bridge", "told"),
    [(True, "by the operations of the model"), (False, "by the order of execution")],
)
def test_a_run_without_edges_says_what_its_graph_is_drawn_by(
    bridge: bool, told: str, tmp_path: Path, show: Show
) -> None:
    altered_store(tmp_path, partial(_edgeless, bridge=bridge))
    show(tmp_path)
    at = open_page("layers", INT8 | {"node": "stem"})
    assert_no_exception(at)
    assert told in words(at)
    assert ("told from its type alone" in words(at)) is not bridge


def test_without_a_profile_there_is_a_sentence_and_no_graph(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, profile_launches=0)
    show(tmp_path)
    at = open_page("layers", INT8)
    assert_no_exception(at)
    assert at.title[0].value == "No layer of this cell was profiled\\."
    assert not _alts(at)


def test_a_ratio_that_cannot_be_had_says_why(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, failed_cell=True)
    show(tmp_path)
    params = {"cell": cell_id_of(arm=ARMS[0]), "candidate": INT8["cell"], "colour": "ratio"}
    at = open_page("layers", params | {"baseline": cell_id_of(arm=ARMS[0])})
    assert_no_exception(at)
    assert "against fp32@default" in words(at).lower(), "the next best that was launched"


# the charts


def _scene(graph: ExecGraph, at: int = 0, hops: int = 3) -> Scene:
    near = neighbourhood(graph, graph.nodes[at], hops)
    return Scene(graph, lay_out(near.places, edges_among(graph, near.places)), near.centre)


def _mixed() -> ExecGraph:
    rows = [
        row(0, "input", node_type="Input", time_us=None), row(1, "a", reads=(0,)),
        reorder(2, (1,)), row(3, "view", reads=(2,), node_type="Reshape", time_us=None),
        row(4, "b", reads=(3,), precision="u8", time_us=40.0),
    ]  # fmt: skip
    return build_graph(rows, named(rows))


TIME = Painter(Colouring.TIME, {}, "")


def test_what_a_node_is_there_for_is_a_shape_and_a_word_not_a_colour() -> None:
    figure = charts.layer_graph(_scene(_mixed(), hops=5), TIME).figure
    shapes = {
        trace.name: trace.marker.symbol for trace in figure.data if trace.customdata is not None
    }
    assert shapes == {
        "layer of the model": "circle", "inserted": "diamond", "not executed": "circle-open",
        "input or output": "square-open",
    }  # fmt: skip
    (inserted,) = [trace for trace in figure.data if trace.name == "inserted"]
    assert inserted.text[0].startswith("  <i>reorder2</i>")
    assert "Reorder, 5.00 µs" in inserted.text[0]


def test_a_longer_layer_is_larger_and_hotter() -> None:
    figure = charts.layer_graph(_scene(_mixed(), hops=5), TIME).figure
    (layers,) = [trace for trace in figure.data if trace.name == "layer of the model"]
    short, long = layers.marker.size
    assert short < long
    assert layers.marker.color[1] == heat(1.0, 1.0)
    assert heat(0.0, 1.0) == heat(0.0, 0.0) == "#AEB6C1"


def test_only_a_ratio_is_blue_or_orange_and_paler_where_it_only_leans() -> None:
    graph = chain(4)
    layer = (graph.nodes[0].layer,)
    twins = {
        0: Twin("a", layer, layer, 1.0, 2.0, Call.FASTER),
        1: Twin("b", layer, layer, 2.0, 1.0, Call.LEANS_SLOWER),
        2: Twin("c", layer, layer, 2.0, 1.0, Call.NOT_TOLD_APART),
    }
    painter = Painter(Colouring.RATIO, twins, "fp32@f32")
    figure = charts.layer_graph(_scene(graph), painter).figure
    (layers,) = [trace for trace in figure.data if trace.name == "layer of the model"]
    assert list(layers.marker.color) == [theme.BLUE, theme.PALE_ORANGE, theme.GREY, theme.GREY]
    told = [words.split("<b>")[1] for words in layers.text]
    assert told[0].startswith("▲ 2.00x")
    assert told[1].startswith("▽ 0.50x")
    assert told[2].startswith("? 0.50x")
    assert told[3].startswith("no twin")
    for colouring in (Colouring.TIME, Colouring.PRECISION):
        drawn = json.dumps(
            charts.layer_graph(_scene(graph), Painter(colouring, twins, "")).figure.to_dict()
        )
        assert theme.BLUE not in drawn
        assert theme.ORANGE not in drawn


def test_long_names_are_cut_in_their_middle_and_shorter_side_by_side() -> None:
    name = "network/" + "x" * 90 + "/conv"
    rows = [row(0, name), *(row(at, f"{at}{name}", reads=(0,)) for at in range(1, 5))]
    graph = build_graph(rows, named(rows))
    figure = charts.layer_graph(_scene(graph), TIME).figure
    (layers,) = [trace for trace in figure.data if trace.name == "layer of the model"]
    shown = layers.text[0].split("<br>")[0].strip()
    assert len(shown) <= 92 / 4 + 1
    assert shown.startswith("network")
    assert shown.endswith("/conv")
    alone = charts.layer_graph(_scene(chain(1)), TIME).figure
    assert alone.data[-3].text[0].split("<br>")[0].strip() == "layer0"


def test_markup_in_names_is_not_obeyed() -> None:
    rows = [row(0, "<a href='javascript:alert(1)'>x</a>"), reorder(1, (0,))]
    graph = build_graph(rows, named(rows))
    drawn = charts.layer_graph(_scene(graph), TIME).figure
    strip = charts.strip(graph, segments(graph), (0,), 0, TIME).figure
    for figure in (drawn, strip):
        for trace in figure.data:
            for told in (*(trace.hovertext or ()), *(trace.text or ())):
                assert "<a" not in told


def test_the_strip_marks_inserted_layers_where_one_is_and_what_is_drawn() -> None:
    graph = _mixed()
    figure = charts.strip(graph, segments(graph), (1, 2), 4, TIME).figure
    bars, inserted = figure.data[0], figure.data[1]
    assert list(bars.y) == [10.0, 5.0, 40.0]
    assert [found[0] for found in bars.customdata] == ["a", "reorder2", "b"]
    assert inserted.marker.symbol == "diamond"
    assert list(inserted.x) == [1]
    assert [(band.x0, band.x1) for band in figure.layout.shapes] == [(-0.5, 1.5)]
    assert [(note.x, note.text) for note in figure.layout.annotations] == [(2, "here<br>▼")]


def test_no_chart_of_a_large_network_has_more_than_some_hundreds_of_marks() -> None:
    graph = chain(5000)
    drawn = charts.layer_graph(_scene(graph, at=2500, hops=100), TIME).figure
    strip = charts.strip(graph, segments(graph), (), 0, TIME).figure
    marks = [len(trace.customdata) for f in (drawn, strip) for trace in f.data
             if trace.customdata is not None]  # fmt: skip
    assert max(marks) <= 150
