"""The page Versions: its answer, the series, what changed, the triage, and its address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import charts, followed, theme
from results.store import Store
from results.versions.series import histories
from results.versions.shapes import History
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.version_stores import CRASH, REFUSED, versions_store
from tests.planted import (
    ARMS,
    cell_id_of,
    model_id_of,
    planted_certificate,
    planted_store,
)

INT8 = ARMS[2]


@pytest.fixture(scope="module")
def versions_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six versions of two models, of which 2021.2 fails four cells; two of them capped."""
    root = tmp_path_factory.mktemp("versions")
    versions_store(root)
    versions_store(root, ("2023.0.0", "2026.4.1"), isa_cap="AVX2", failed={})
    return root


@pytest.fixture
def shown(versions_root: Path, show: Show) -> Path:
    """That store, shown."""
    show(versions_root)
    return versions_root


@pytest.fixture
def alpha(versions_root: Path) -> History:
    """The history of the first model on the machine as it is."""
    return histories(Store(versions_root).index())[0]


def _alt(at: AppTest) -> str:
    return str(at.get("plotly_chart")[0].proto.alt)


@pytest.mark.usefixtures("shown")
def test_it_opens_with_the_best_version_and_since_when_int8_pays() -> None:
    at = open_page("versions")
    assert_no_exception(at)
    title = at.title[0].value.replace("\\", "")
    assert title == (
        f"Alpha on Planted CPU tiny is fastest with OpenVINO 2026.4.1 ({INT8}); "
        "INT8 pays since 2023.0.0."
    )
    told = {metric.label: metric.value for metric in at.metric}
    assert told == {
        "Lowest time on": "2026.4.1",
        "INT8 pays since": "2023.0.0",
        "Largest step": "▲ 2.48x",
        "Versions measured": "6",
    }


def test_time_has_no_ticks_below_zero_where_failures_are_marked(alpha: History) -> None:
    axis = charts.versions(alpha).figure.layout.yaxis
    assert axis.range[0] < 0
    assert axis.tickvals[0] == 0
    assert 3 <= len(axis.tickvals) <= 7
    assert max(axis.tickvals) <= axis.range[1]


@pytest.mark.usefixtures("shown")
def test_the_chart_tells_change_points_and_failures_in_words() -> None:
    told = _alt(open_page("versions"))
    assert f"{INT8}: 2021.2 failed, 2021.4.2 3.36 ms" in told
    assert "2023.0.0 1.20 ms (change point ▲ 2.48x since 2022.3.2)" in told
    assert "2024.6.0 1.20 ms, 2026.4.1" in told, "no change point where nothing changed"


def test_the_chart_has_a_line_for_each_arm_with_whiskers_and_a_mark_for_each_failure(
    alpha: History,
) -> None:
    figure = charts.versions(alpha).figure
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}
    assert list(lines) == list(ARMS)
    int8 = lines[INT8]
    assert int8.y[0] is None, "a version that failed has no time"
    assert int8.error_y.array[0] == 0.0
    assert min(int8.error_y.array[1:]) > 0.0
    assert list(int8.marker.symbol).count("diamond") == 3
    (failed,) = [trace for trace in figure.data if trace.mode == "markers+text"]
    assert failed.x == (0,)
    assert failed.y[0] < 0.0
    assert failed.text[0].strip() == "int8 failed", "which arm is told in words too"
    assert failed.marker.color == int8.line.color
    above = [note.text for note in figure.layout.annotations]
    assert sum("int8 ▲ 2.48x" in text for text in above) == 1
    assert sum("f32 ▲ 1.29x<br>" in text for text in above) == 1


def test_items_per_second_are_the_same_points_the_other_way_round(alpha: History) -> None:
    times, rates = charts.versions(alpha).figure.data[0], charts.versions(alpha, rate=True).figure
    assert rates.data[0].y[5] == pytest.approx(1000.0 / times.y[5])
    low = times.y[5] - times.error_y.arrayminus[5]
    assert rates.data[0].y[5] + rates.data[0].error_y.array[5] == pytest.approx(1000.0 / low)
    assert "per second" in rates.layout.yaxis.title.text


def test_the_axis_has_room_for_every_whisker(alpha: History) -> None:
    wide = replace(alpha.series[0].points[0], high_ms=50.0)
    first = replace(alpha.series[0], points=(wide, *alpha.series[0].points[1:]))
    figure = charts.versions(replace(alpha, series=(first, *alpha.series[1:]))).figure
    assert figure.layout.yaxis.range[1] > 50.0


def test_what_stands_over_a_mark_is_in_the_unit_of_the_axis(alpha: History) -> None:
    times, rates = charts.versions(alpha), charts.versions(alpha, rate=True)
    assert times.figure.data[0].hovertext[5].startswith(f"{ARMS[0]}, OpenVINO 2026.4.1: 1.96 ms")
    told = rates.figure.data[0].hovertext[5].partition(";")[0]
    assert told.startswith(f"{ARMS[0]}, OpenVINO 2026.4.1: 510 /s (95 %: ")
    assert "ms" not in told


def test_arms_have_short_names_that_tell_them_apart(alpha: History) -> None:
    assert followed.short_names(alpha) == ("f32", "default", "int8")
    full = replace(alpha.series[2], arm="int8-full@default", variant_kind="int8-full")
    two = replace(alpha, series=(*alpha.series, full))
    assert followed.short_names(two) == ("f32", "default", "int8-simplified", "int8-full")
    forced = replace(alpha.series[2], arm="int8-simplified@f32")
    same = replace(alpha, series=(*alpha.series, forced))
    assert followed.short_names(same) == (*ARMS, "int8-simplified@f32")


def test_int8_of_an_unknown_recipe_has_a_colour_of_its_own() -> None:
    arms = (*ARMS, "int8@default", "int8-full@default", "int8-native@default")
    assert len({theme.arm_colour(arm) for arm in arms}) == len(arms)


@pytest.mark.usefixtures("shown")
def test_causes_are_told_once() -> None:
    said = words(open_page("versions"))
    assert said.count("depthwise convolution from f32 to int8 kernels") == 1
    assert said.count("depthwise convolutions from f32 to int8 kernels") == 1, "over all cells"
    assert "Most often" not in said


@pytest.mark.usefixtures("shown")
def test_what_the_page_chose_by_itself_is_in_the_address() -> None:
    at = open_page("versions")
    assert at.query_params["model"] == model_id_of("alpha")
    assert at.query_params["driven"] == "latency, batch 1"
    assert at.query_params["arm"] == INT8
    assert at.query_params["from"] == "2022.3.2-00000-planted"
    assert at.query_params["to"] == "2023.0.0-00000-planted"
    assert at.query_params["device"]


def test_a_copied_link_shows_the_same_after_a_new_run(tmp_path: Path, show: Show) -> None:
    versions_store(tmp_path, ("2024.6.0", "2026.4.1"), failed={})
    show(tmp_path)
    first = open_page("versions")
    assert "What changed from 2024.6.0 to 2026.4.1" in words(first)
    copied = dict(first.query_params)
    versions_store(tmp_path, ("2022.3.2", "2023.0.0", "2024.6.0"), failed={})
    at = open_page("versions", copied)
    assert "What changed from 2024.6.0 to 2026.4.1" in words(at)
    assert dict(at.query_params) == copied


@pytest.mark.usefixtures("shown")
def test_another_baseline_on_compare_is_followed_on_versions() -> None:
    at = open_page("versions")
    at.switch_page("views/compare.py").run()
    at.selectbox(key="control-baseline").set_value(
        cell_id_of("beta", "fp32@f32", runtime="2026.4.1")
    ).run()
    at.switch_page("views/versions.py")
    at.query_params = {}
    assert "Beta" in at.run().title[0].value


@pytest.mark.usefixtures("shown")
def test_what_changed_opens_with_the_largest_step() -> None:
    at = open_page("versions")
    said = words(at)
    assert "What changed from 2022.3.2 to 2023.0.0" in said
    assert "▲ faster: 2.48x" in said
    assert "95 % interval 2.47x to 2.49x, 5 paired blocks" in said
    kernels = next(f.value for f in at.dataframe if "From kernel" in f.value.columns)
    assert kernels["Layer"].tolist() == ["block/dw"]
    assert kernels["From precision"].tolist() == ["f32"]
    assert kernels["To precision"].tolist() == ["u8"]
    assert kernels["Difference (µs)"].tolist()[0] < 0.0


@pytest.mark.usefixtures("shown")
def test_the_triage_tells_fixed_cells_and_each_reason_once() -> None:
    at = open_page("versions", {"from": "2021.2", "to": "2021.4.2"})
    assert_no_exception(at)
    said = words(at)
    assert "What changed from 2021.2 to 2021.4.2" in said
    assert "✓ fixed: 4" in said
    assert f"{REFUSED}: 3 cells" in said.replace("**", "")
    assert f"{CRASH}: 1 cell of" in said.replace("**", "")
    triage = next(f.value for f in at.dataframe if "Bucket" in f.value.columns)
    assert triage["Bucket"].tolist().count("✓ fixed") == 4
    at.multiselect(key="control-buckets").set_value(["fixed"]).run()
    triage = next(f.value for f in at.dataframe if "Bucket" in f.value.columns)
    assert set(triage["Bucket"]) == {"✓ fixed"}
    assert at.query_params["bucket"] == "fixed"


@pytest.mark.usefixtures("shown")
def test_an_arm_that_failed_says_why_and_is_no_error() -> None:
    at = open_page("versions", {"from": "2021.2", "to": "2021.4.2", "arm": INT8})
    assert_no_exception(at)
    told = [warning.value.replace("\\", "") for warning in at.warning]
    assert f"**{theme.FAILED.sign} failed: {INT8} on OpenVINO 2021.2**: {CRASH}" in told
    assert "Kernels and precisions" not in words(at)


@pytest.mark.usefixtures("shown")
def test_a_step_down_is_asked_for_by_swapping_the_versions() -> None:
    at = open_page("versions", {"from": "2023.0.0", "to": "2022.3.2", "arm": INT8})
    assert_no_exception(at)
    assert "▼ slower: 0.40x" in words(at)
    assert "▼▼ much slower: 6" in words(at)


@pytest.mark.usefixtures("shown")
def test_what_is_chosen_is_in_the_address_and_a_copied_one_shows_the_same() -> None:
    first = open_page("versions")
    first.selectbox(key="control-model").set_value(first.selectbox(key="control-model").options[1])
    first.run()
    first.selectbox(key="control-arm").set_value("fp32@f32").run()
    first.toggle(key="control-rate").set_value(True).run()
    assert_no_exception(first)
    asked = dict(first.query_params)
    assert {"model", "arm", "from", "to", "rate"} <= set(asked)
    second = open_page("versions", asked)
    assert words(second) == words(first)
    assert _alt(second) == _alt(first)
    assert "Beta" in second.title[0].value
    assert dict(second.query_params) == asked


@pytest.mark.usefixtures("shown")
def test_another_device_has_a_history_of_its_own() -> None:
    at = open_page("versions")
    box = at.selectbox(key="control-device")
    box.set_value(box.options[1]).run()
    assert_no_exception(at)
    assert "capped to AVX2" in at.title[0].value
    assert {metric.label: metric.value for metric in at.metric}["Versions measured"] == "2"


@pytest.mark.usefixtures("shown")
def test_one_version_twice_is_noted_and_compared_with_the_newest() -> None:
    at = open_page("versions", {"from": "2023.0.0", "to": "2023.0.0"})
    assert_no_exception(at)
    notes = "\n".join(warning.value for warning in at.warning).replace("\\", "")
    assert "asks for to = 2023.0.0, which is the version that it compares from" in notes
    assert "What changed from 2023.0.0 to 2026.4.1" in words(at)
    assert at.query_params["from"] != at.query_params["to"]


@pytest.mark.usefixtures("shown")
def test_choosing_the_other_sides_version_makes_them_change_places() -> None:
    at = open_page("versions", {"from": "2022.3.2", "to": "2023.0.0"})
    box = at.selectbox(key="control-new")
    box.set_value(at.selectbox(key="control-old").value).run()
    assert_no_exception(at)
    assert "What changed from 2023.0.0 to 2022.3.2" in words(at)


@pytest.mark.usefixtures("shown")
def test_what_changed_adds_up_and_says_what_no_layer_accounts_for() -> None:
    said = words(open_page("versions", {"from": "2022.3.2", "to": "2023.0.0"}))
    assert "what no layer accounts for (unattributed)" in said
    assert "µs, by the wall clock." in said


@pytest.mark.usefixtures("shown")
def test_cells_that_failed_in_other_histories_are_told_with_a_link() -> None:
    """Overview counts them: here is where they are."""
    at = open_page("versions")
    alpha = [link.proto for link in at.get("page_link") if "elsewhere" in link.proto.label]
    assert [link.label for link in alpha] == [f"{theme.FAILED.sign} failed elsewhere: Beta"]
    assert "Beta on Planted CPU tiny, latency, batch 1, with OpenVINO 2021.2" in words(at)
    told = {metric.label: metric for metric in at.metric}
    assert told["Versions measured"].value == "6"
    assert f"model={model_id_of('beta')}" in alpha[0].query_string


@pytest.mark.usefixtures("shown")
def test_versions_that_are_not_there_are_ignored_with_a_note() -> None:
    asked = {"from": "1999.1", "to": "'; DROP", "model": "nosuch", "bucket": "nosuch"}
    at = open_page("versions", asked)
    assert_no_exception(at)
    notes = "\n".join(warning.value for warning in at.warning).replace("\\", "")
    for name, value in asked.items():
        assert f"asks for {name} = {value}" in notes
    assert "What changed from 2022.3.2 to 2023.0.0" in words(at)


def test_a_single_version_says_what_to_run_for_another(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    show(tmp_path)
    at = open_page("versions")
    assert_no_exception(at)
    said = words(at)
    assert "Only one version, OpenVINO 2026.4.1, was measured here" in said
    assert "python -m collector runtimes add" in said
    assert "--openvino" in said
    assert "What changed" not in said


def test_a_store_without_cells_says_what_to_type(tmp_path: Path, show: Show) -> None:
    planted_certificate(tmp_path)
    show(tmp_path)
    at = open_page("versions")
    assert_no_exception(at)
    assert "python -m collector run --model FILE" in words(at)


def test_where_every_version_failed_there_is_no_best_one(tmp_path: Path, show: Show) -> None:
    versions = ("2022.3.2", "2023.0.0")
    failed = {(version, "alpha", arm): CRASH for version in versions for arm in ARMS}
    versions_store(tmp_path, versions, failed=failed, models=("alpha",))
    show(tmp_path)
    at = open_page("versions")
    assert_no_exception(at)
    assert "every version failed" in at.title[0].value
    assert CRASH in words(at)


def test_versions_without_layers_have_a_ratio_and_no_layer_story(
    tmp_path: Path, show: Show
) -> None:
    for version in ("2025.4.0", "2026.4.1"):
        planted_store(tmp_path, runtime=version, profile_launches=0)
    show(tmp_path)
    at = open_page("versions")
    assert_no_exception(at)
    said = words(at)
    assert "No layers: one of the two versions was not profiled." in said
    assert "launches, unpaired" in said
