"""The page Models: why the one and not the other, the networks, the checklist, its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import theme
from dashboard.charts.models import ArmColumn, network_precisions, operator_shares
from results.facts import Fact, Model, SourceOp, Variant
from results.operator_times import Executed, operator_times, shares_beside
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.stores import altered_store, nothing_known
from tests.planted import ARMS, model_id_of, planted_store, variant_id_of

INT8 = ARMS[2]


def _two_networks(fact: Fact) -> Iterator[Fact]:
    """beta has a Softplus-like ``Mish`` where alpha has an HSwish; alpha's recipe has options."""
    if isinstance(fact, SourceOp) and fact.variant_id == variant_id_of("beta", "fp32"):
        is_activation = fact.op_type.endswith("HSwish")
        yield replace(fact, op_type="opset4::Mish" if is_activation else fact.op_type)
    elif isinstance(fact, Variant) and fact.kind != "fp32":
        yield replace(fact, recipe='{"mode": "simplified", "samples": 4}')
    else:
        yield fact


def _planted(root: Path) -> Store:
    planted_store(root, models=("alpha", "beta"), runtime="2025.4.0", int8_ratios={"beta": 0.4})
    return planted_store(root, models=("alpha", "beta"))


@pytest.fixture(scope="module")
def two_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models in two versions: INT8 is slower for beta in the newer one alone."""
    root = tmp_path_factory.mktemp("models")
    altered_store(root, _two_networks, _planted)
    return root


@pytest.fixture
def shown(two_root: Path, show: Show) -> Path:
    """That store, shown."""
    show(two_root)
    return two_root


def _title(at: AppTest) -> str:
    return at.title[0].value.replace("\\", "")


def _frame(at: AppTest, columns: set[str]) -> list[dict[str, object]]:
    """The rows of the first table that has these columns."""
    found = (one.value for one in at.dataframe if columns <= set(one.value.columns))
    rows = next(found).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


@pytest.mark.usefixtures("shown")
def test_it_opens_with_why_the_one_and_not_the_other() -> None:
    at = open_page("models")
    assert_no_exception(at)
    assert _title(at) == (
        "With OpenVINO 2026.4.1 INT8 makes Beta slower, but Alpha faster: in Beta 3 layers take "
        "longer in INT8 than in float, by 14.4 % of INT8's layer time in all (none in Alpha); 1 of "
        "the 3 is of type GroupConvolution."
    )
    assert {one.label.replace("\\", ""): one.value for one in at.metric} == {
        "Alpha: INT8 speed-up": "▲ 1.82x",
        "Beta: INT8 speed-up": "▼ 0.77x",
        "Alpha: layers that INT8 makes slower": "0.0 %",
        "Beta: layers that INT8 makes slower": "14.4 %",
    }
    said = words(at)
    assert "Only Alpha has HSwish (1)." in said
    assert "Only Beta has Mish (1)." in said
    assert "Alpha in INT8: of 1 HSwish, 1 Clamp, all ran inside the layer" in said


@pytest.mark.usefixtures("shown")
def test_another_version_gives_another_answer() -> None:
    at = open_page("models", {"runtime": "2025.4.0"})
    assert _title(at).startswith(
        "With OpenVINO 2025.4.0 INT8 makes both faster, Beta more than Alpha"
    )


@pytest.mark.usefixtures("shown")
def test_operations_activations_and_times_stand_side_by_side() -> None:
    at = open_page("models")
    types = {row["Operation"]: row for row in _frame(at, {"Operation", "Alpha: count"})}
    assert (types["HSwish"]["Alpha: count"], types["HSwish"]["Beta: count"]) == (1, 0)
    assert (types["Mish"]["Alpha: count"], types["Mish"]["Beta: count"]) == (0, 1)
    assert types["Convolution"]["Alpha: work (MFLOP)"] == pytest.approx(2.0)
    sizes = {row["Model"]: row for row in _frame(at, {"Parameters (M)"})}
    assert sizes["Alpha"]["Work (MFLOP)"] == pytest.approx(6.0)
    assert sizes["Beta"]["Only here"] == "1 Mish"
    ran = {(row["Model"], row["Activation"]): row for row in _frame(at, {"Activation"})}
    assert ran["Alpha", "HSwish"][INT8] == "1 fused"
    added = {(row["Model"], row["Arm"]): row for row in _frame(at, {"Layer type"})}
    assert set(added) == {("Alpha", INT8), ("Beta", INT8)}
    assert added["Beta", INT8]["Layers"] == 1
    assert added["Beta", INT8]["Share (%)"] == pytest.approx(10.0, abs=0.1)
    costs = {(row["Model"], row["What INT8 costs"]): row for row in _frame(at, {"What INT8 costs"})}
    assert "1 Softmax" in str(costs["Alpha", "conversions"]["By operation"])
    assert costs["Beta", "layers that INT8 makes slower"]["Layers"] == 3
    assert not any(kind == "layers that stayed in float" for _, kind in costs), (
        "it costs neither of them"
    )


@pytest.mark.usefixtures("shown")
def test_the_checklist_tells_each_line_by_sign_word_and_figure() -> None:
    at = open_page("models")
    lines = [one.label.replace("\\", "") for one in at.expander]
    assert any(
        line.startswith("**✓ pass**: Convolutions and matrix products take most")
        and "86.5 % of an inference of fp32@default" in line
        for line in lines
    )
    assert any(
        line.startswith("**\N{MULTIPLICATION SIGN} fail**: INT8 is faster, one synchronous")
        for line in lines
    )
    assert any(line.startswith("**? unknown**: Quantising beats") for line in lines)
    assert "Not worth it: int8-simplified@default takes 1.30x as long" in words(at)
    assert "Passes with: at least 50 % of a float inference" in words(at)


@pytest.mark.usefixtures("shown")
def test_variants_are_told_with_size_accuracy_and_recipe() -> None:
    rows = _frame(open_page("models"), {"Variant id"})
    assert [(row["Model"], row["Variant"]) for row in rows] == [
        ("Alpha", "fp32"), ("Alpha", "int8-simplified"),
        ("Beta", "fp32"), ("Beta", "int8-simplified"),
    ]  # fmt: skip
    assert rows[1]["Size (kB)"] == pytest.approx(14.0)
    assert (rows[1]["Mode"], rows[1]["Samples"], rows[1]["Accuracy"]) == (
        "simplified", "4", "not judged",
    )  # fmt: skip


@pytest.mark.usefixtures("shown")
def test_all_that_is_chosen_stands_in_the_address() -> None:
    at = open_page("models")
    told = {name: str(value) for name, value in at.query_params.items()}
    assert told["left"] == model_id_of("alpha")
    assert told["right"] == model_id_of("beta")
    assert told["runtime"] == "2026.4.1-00000-planted"
    assert {"device", "driven", "baseline", "candidate"} <= set(told)
    assert _title(open_page("models", told)) == _title(at)


@pytest.mark.usefixtures("shown")
def test_choosing_the_other_sides_network_makes_them_change_places() -> None:
    at = open_page("models")
    at.selectbox(key="control-left").set_value(model_id_of("beta")).run()
    assert_no_exception(at)
    assert at.query_params["left"] == model_id_of("beta")
    assert at.query_params["right"] == model_id_of("alpha")
    assert at.metric[0].label.startswith("Beta")


@pytest.mark.usefixtures("shown")
def test_one_network_on_both_sides_is_noted_and_stands_on_the_left() -> None:
    same = model_id_of("beta")
    at = open_page("models", {"left": same, "right": same})
    assert_no_exception(at)
    notes = "\n".join(warning.value for warning in at.warning).replace("\\", "")
    assert f"asks for right = {same}, which stands on the left already; it is ignored" in notes
    assert (at.query_params["left"], at.query_params["right"]) == (same, model_id_of("alpha"))
    assert at.selectbox(key="control-left").value == same


@pytest.mark.usefixtures("shown")
def test_a_layer_takes_as_long_in_every_table() -> None:
    """All at the pace of the headline, which is said."""
    at = open_page("models")
    costs = _frame(at, {"What INT8 costs"})
    spent = {
        row["Model"]: row["Time (µs)"] for row in costs if row["What INT8 costs"] == "conversions"
    }
    added = _frame(at, {"Layer type"})
    for name, time_us in spent.items():
        own = [row for row in added if (row["Model"], row["Arm"]) == (name, INT8)]
        assert sum(float(str(row["Time (µs)"])) for row in own) == pytest.approx(time_us)
    assert "brought to the pace of the timing launches" in words(at)


@pytest.mark.usefixtures("shown")
def test_another_baseline_is_another_verdict() -> None:
    at = open_page("models", {"against": ARMS[0]})
    assert ARMS[0] in words(at)
    at.segmented_control(key="control-against").set_value(ARMS[1]).run()
    assert_no_exception(at)
    assert "against" not in at.query_params, "the default needs no word"


@pytest.mark.usefixtures("one_run")
def test_one_model_stands_alone() -> None:
    at = open_page("models")
    assert_no_exception(at)
    assert _title(at) == "With OpenVINO 2026.4.1 INT8 makes Tiny faster."
    assert [one.label.replace("\\", "") for one in at.metric] == [
        "Tiny: INT8 speed-up", "Parameters", "Work", "Conversions",
    ]  # fmt: skip


def test_two_that_never_ran_in_one_place_are_warned_of(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, models=("alpha",))
    planted_store(tmp_path, models=("beta",), name="other")
    show(tmp_path)
    at = open_page("models")
    assert_no_exception(at)
    assert any("never ran in one place" in one.value for one in at.warning)


def test_a_failed_arm_is_named_with_its_reason(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, models=("alpha", "beta"), failed_cell=True)
    show(tmp_path)
    at = open_page("models")
    assert_no_exception(at)
    assert "nothing is known of INT8 for Alpha (planted failure)" in _title(at)
    assert any("planted failure" in one.value for one in at.warning)


def test_a_store_that_knows_next_to_nothing_breaks_nothing(tmp_path: Path, show: Show) -> None:
    altered_store(tmp_path, nothing_known)
    show(tmp_path)
    at = open_page("models")
    assert_no_exception(at)
    assert "INT8 makes" in _title(at)


def test_without_profiles_it_says_that_no_layers_are_stored(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, models=("alpha", "beta"), profile_launches=0)
    show(tmp_path)
    at = open_page("models")
    assert_no_exception(at)
    assert "No layers are stored for these models here" in words(at)
    assert "It is not known: no INT8 arm here was profiled" in words(at)


def test_models_of_one_name_are_told_apart(tmp_path: Path, show: Show) -> None:
    def same_title(fact: Fact) -> Iterator[Fact]:
        yield replace(fact, title="One name") if isinstance(fact, Model) else fact

    def two(root: Path) -> Store:
        return planted_store(root, models=("alpha", "beta"))

    altered_store(tmp_path, same_title, two)
    show(tmp_path)
    at = open_page("models")
    assert_no_exception(at)
    assert f"One name ({model_id_of('alpha')})" in _title(at)


def _times(cell: str, **spent: float) -> list[Executed]:
    return [
        Executed(
            cell, "run", kind, tied=True, node_type=kind,
            runtime_precision="bf16" if kind == "MatMul" else "f32", layers=1, time_us=us,
        )
        for kind, us in spent.items()
    ]  # fmt: skip


def test_the_charts_have_a_bar_for_each_arm_in_its_colour_and_say_it_in_words() -> None:
    columns = [ArmColumn("<b>A</b>", ARMS[0]), ArmColumn("B", INT8)]
    times = [
        operator_times(_times("a", Convolution=75.0, MatMul=25.0)),
        operator_times(_times("b", Convolution=100.0)),
    ]
    shares = operator_shares(shares_beside(times, 5), columns)
    first, second = shares.figure.data
    assert list(first.x) == pytest.approx([75.0, 25.0])
    assert list(second.x) == pytest.approx([100.0, 0.0])
    assert first.marker.color == theme.arm_colour(ARMS[0])
    assert second.marker.color == theme.arm_colour(INT8)
    assert all(trace.showlegend for trace in shares.figure.data), "each arm is named once"
    titles = [note.text for note in shares.figure.layout.annotations]
    assert titles[0] == "<b>&lt;b&gt;A&lt;/b&gt;</b>", "a model's name is no markup"
    assert "B, int8-simplified@default: Convolution 100.0 %" in shares.alt
    ran = network_precisions(columns, times)
    assert {trace.name: list(trace.x) for trace in ran.figure.data} == {
        "f32": pytest.approx([75.0, 100.0]), "bf16": pytest.approx([25.0, 0.0]),
    }  # fmt: skip
    assert "f32 75.0 %, bf16 25.0 %" in ran.alt
