"""Every page on a sample, an empty, a one-run and a hostile store: what it promises to say."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import theme
from tests.page.conftest import Show
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import cell_id_of, planted_store


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("sample")
def test_the_sample_is_called_sample_on_every_page(page: str) -> None:
    at = open_page(page)
    assert_no_exception(at)
    assert "Sample data, measured on Planted CPU tiny, 2026-11-01" in words(at).replace("*", "")


@pytest.mark.parametrize("page", PAGES)
def test_one_run_is_enough_for_every_page(page: str, one_run: object) -> None:
    at = open_page(page)
    assert_no_exception(at)
    assert "Sample data" not in words(at)
    assert "synthetic weights: speed only" in words(at)


def test_an_empty_store_says_what_to_type(tmp_path: Path, show: Show) -> None:
    show(tmp_path / "empty")
    at = open_page()
    assert_no_exception(at)
    assert "make demo" in words(at)
    assert "python -m collector run --model FILE" in words(at)


def test_a_store_that_cannot_be_read_is_one_clear_line(tmp_path: Path, show: Show) -> None:
    path = tmp_path / "file"
    path.touch()
    show(path)
    at = open_page()
    assert_no_exception(at)
    assert "is a file" in at.error[0].value


@pytest.mark.parametrize("page", PAGES)
def test_a_single_cell_that_failed_breaks_no_page(page: str, tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, failed_cell=True, profile_launches=0)
    show(tmp_path)
    assert_no_exception(open_page(page))


def test_overview_answers_with_baseline_and_verdicts(rich: Path) -> None:
    at = open_page()
    said = words(at)
    headline = at.title[0].value.replace("\\", "")
    assert "faster than the FP32 file as the device runs it by default on 1 of 3" in headline
    at = open_page("overview", {"against": "fp32@f32"})
    said = words(at)
    assert "INT8 is faster than the FP32 file forced to f32 on 1 of 3" in said
    for verdict in ("▲ faster: 1.82x", "▼ slower: 0.77x", "= equivalent: 1.00x"):
        assert verdict in said
    assert "against fp32@f32" in said
    assert f"{theme.FAILED.sign} failed" in said
    assert "planted failure" in said
    assert len(at.metric) <= 4


def test_overview_switches_its_baseline_and_keeps_it_in_the_address(rich: Path) -> None:
    at = open_page()
    at.segmented_control(key="control-against").set_value("fp32@f32").run()
    assert_no_exception(at)
    assert at.query_params["against"] == "fp32@f32"
    assert "the FP32 file forced to f32" in words(at)


def test_compare_shows_verdict_waterfall_layers_and_causes(rich: Path) -> None:
    assert_no_exception(open_page("compare"))
    params = {
        "baseline": cell_id_of("alpha", "fp32@f32"),
        "candidate": cell_id_of("alpha", "int8-simplified@default"),
    }
    at = open_page("compare", params)
    assert_no_exception(at)
    said = words(at)
    assert "▲ faster: 1.82x" in said
    assert "Data is converted between layers" in said
    assert "What to do:" in said
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert any(alt.startswith("Waterfall from fp32@f32") for alt in alts)
    assert any(alt.startswith("Baseline and candidate time") for alt in alts)
    assert "Difference (µs)" in at.dataframe[0].value.columns


def test_compare_warns_where_more_than_one_thing_differs(rich: Path) -> None:
    params = {
        "baseline": cell_id_of("alpha", "fp32@f32"),
        "candidate": cell_id_of("alpha", "fp32@default", name="other", isa_cap="AVX2"),
    }
    at = open_page("compare", params)
    assert_no_exception(at)
    assert any("differ in more than one respect" in w.value for w in at.warning)


def test_compare_says_why_two_cells_cannot_be_compared(rich: Path) -> None:
    params = {
        "baseline": cell_id_of("alpha", "fp32@f32", name="other", isa_cap="AVX2"),
        "candidate": cell_id_of("alpha", "int8-simplified@default", name="other", isa_cap="AVX2"),
    }
    at = open_page("compare", params)
    assert_no_exception(at)
    assert "planted failure" in words(at)


def test_compare_without_profiles_withholds_the_layer_story(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, profile_launches=0)
    show(tmp_path)
    at = open_page("compare")
    assert_no_exception(at)
    assert "There is no layer story" in words(at)


def test_compare_filters_layers_by_type_and_text(rich: Path) -> None:
    at = open_page("compare", {"op": "Softmax"})
    assert at.dataframe[0].value["Layer"].tolist() == ["softmax"]
    at = open_page("compare", {"find": "block/"})
    assert set(at.dataframe[0].value["Layer"]) == {"block/pw", "block/dw"}
    assert_no_exception(at)


def test_another_baseline_takes_the_candidate_to_its_model(rich: Path) -> None:
    at = open_page("compare")
    wanted = cell_id_of("beta", "fp32@f32")
    at.selectbox(key="control-baseline").set_value(wanted).run()
    assert_no_exception(at)
    assert at.query_params["baseline"] == wanted
    assert at.query_params["candidate"] == cell_id_of("beta", "int8-simplified@default")
    assert "▼ slower: 0.77x" in words(at)


def test_swap_swaps(rich: Path) -> None:
    at = open_page("compare")
    before = dict(at.query_params)
    at.button[0].click().run()
    assert_no_exception(at)
    assert at.query_params["baseline"] == before["candidate"]
    assert at.query_params["candidate"] == before["baseline"]


def test_layers_shows_every_layer_and_filters(rich: Path) -> None:
    at = open_page("layers")
    assert_no_exception(at)
    assert "Reorder" in at.dataframe[0].value["Type"].tolist()
    at.multiselect(key="control-types").set_value(["Convolution"]).run()
    assert set(at.dataframe[0].value["Type"]) == {"Convolution"}
    assert at.query_params["type"] == "Convolution"
    at.toggle(key="control-idle").set_value(True).run()
    at.multiselect(key="control-types").set_value([]).run()
    assert_no_exception(at)
    assert "Input" in at.dataframe[0].value["Type"].tolist()


def test_runs_shows_failures_machine_facts_and_cautions(rich: Path) -> None:
    at = open_page("runs", {"run": _run_with_failures(rich)})
    assert_no_exception(at)
    said = words(at)
    assert "planted failure" in said
    facts = at.dataframe[2].value.set_index("Fact")["Value"]
    assert facts["hypervisor, where the CPU says it runs under one"] == "unknown"
    assert facts["whether turbo is enabled"] == "unknown"


def _run_with_failures(root: Path) -> str:
    from results import queries
    from results.store import Store

    index = Store(root).index()
    return next(run.run_id for run in queries.run_views(index) if run.failed_launches)


def test_a_new_run_is_seen_without_a_restart(one_run: object, tmp_path: Path) -> None:
    at = open_page("runs")
    assert len(at.selectbox) == 0
    planted_store(tmp_path / "one", name="second")
    at.run()
    assert_no_exception(at)
    assert len(at.selectbox[0].options) == 2


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_name_is_shown_as_text(page: str, tmp_path: Path, show: Show) -> None:
    hostile = "<img src=x onerror=alert(1)> **b** :red[x] $y$ [a](javascript:alert(1)) '; DROP--"
    planted_store(tmp_path, models=(hostile,))
    show(tmp_path)
    at = open_page(page)
    assert_no_exception(at)
    markdown = [element.value for kind in (at.title, at.markdown) for element in kind]
    named = [text for text in markdown if "nerror" in text.lower()]
    assert all("\\<" in text and "\\*\\*" in text and "\\:red\\[" in text.lower() for text in named)
    assert named or page == "layers"


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_run_is_named_and_the_rest_is_shown(
    page: str, tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path)
    broken = planted_store(tmp_path, name="broken", runtime="2025.0.0").runs[0]
    (broken.path / "launches.parquet").write_bytes(b"PAR1")
    show(tmp_path)
    at = open_page(page)
    assert_no_exception(at)
    assert "1 run is left out (1 damaged)" in _folded(at)
    assert f"python -m results verify --data {tmp_path} --dry-run" in words(at)
    assert not any("left out" in warning.value for warning in at.warning)
    assert at.title


def test_all_that_is_left_out_stands_in_one_folded_line_with_every_name(
    tmp_path: Path, show: Show
) -> None:
    runs = planted_store(tmp_path, runs=7).runs
    for broken in runs[:5]:
        (broken.path / "launches.parquet").write_bytes(b"PAR1")
    (runs[5].path / "manifest.json").unlink()
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    (folded,) = [one for one in at.expander if "left out" in one.label]
    label = folded.label.replace("\\", "")
    assert "5 runs are left out (5 damaged)" in label
    assert "1 folder holds no manifest (unfinished or half copied)" in label
    said = "\n".join(one.value for one in folded.markdown).replace("\\", "")
    assert all(broken.path.name in said for broken in runs[:6])
    assert runs[6].path.name not in said


def _folded(at: AppTest) -> str:
    return "\n".join(one.label for one in at.expander).replace("\\", "")


def test_a_store_of_damaged_runs_only_says_so(tmp_path: Path, show: Show) -> None:
    (run,) = planted_store(tmp_path).runs
    (run.path / "launches.parquet").unlink()
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    assert "1 run is left out (1 damaged)" in _folded(at)
    assert f"make demo DATA={tmp_path}" in words(at)
    assert f"python -m collector run --model FILE --data {tmp_path}" in words(at)


@pytest.mark.parametrize("page", ["overview", "compare", "devices", "versions", "models"])
@pytest.mark.usefixtures("rich")
def test_a_time_over_several_launches_is_said_to_be_their_geometric_mean(page: str) -> None:
    said = words(open_page(page))
    assert "the geometric mean over the launches" in said
    assert "typical" not in said
