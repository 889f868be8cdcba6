"""What the pages say about trust: certified or not, cautions, failures, disturbed launches."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import theme
from results.drift import SittingTurns
from results.facts import Caution, Fact, Launch
from results.store import Store
from tests.page import stores
from tests.page.conftest import Show, ShowOnce
from tests.page.pages import PAGES, assert_no_exception, open_page, words
from tests.planted import ARMS, THROUGHPUT, Drive, cell_id_of, planted_certificate, planted_store

NOT_CERTIFIED = "not certified: run `python -m collector certify`"
CERTIFIED = "certified: 3 false alarms in 100 comparisons of A against A (1.0-8.5 %)"


@pytest.fixture
def shaken(tmp_path: Path, show: Show) -> Store:
    """A block disturbed and measured again, an INT8 arm that did not run in INT8."""
    store = stores.altered_store(tmp_path, stores.disturbed())
    show(tmp_path)
    return store


def _marks(at: AppTest, words_wanted: str) -> list[str]:
    said = [element.value.replace("\\", "") for element in at.markdown]
    return [line for line in said if words_wanted in line]


@pytest.mark.parametrize("page", ["overview", "compare", "runs"])
def test_a_machine_without_a_certificate_is_told_what_to_run(page: str, one_run: object) -> None:
    (line,) = _marks(open_page(page), NOT_CERTIFIED)
    assert ":material/gpp_maybe:" in line


@pytest.mark.parametrize("page", ["overview", "compare", "runs"])
def test_a_certificate_is_told_with_its_counts(page: str, tmp_path: Path, show: Show) -> None:
    run = planted_store(tmp_path).runs[0]
    planted_certificate(tmp_path)
    show(tmp_path)
    at = open_page(page, {"run": run.path.name})
    assert_no_exception(at)
    (line,) = _marks(at, CERTIFIED)
    assert ":material/verified:" in line
    assert "2026-12-01" in line
    assert NOT_CERTIFIED not in words(at)


def test_each_device_has_its_own_standing(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_store(tmp_path, name="other")
    planted_certificate(tmp_path)
    show(tmp_path)
    at = open_page()
    assert len(_marks(at, CERTIFIED)) == 1
    assert len(_marks(at, NOT_CERTIFIED)) == 1
    both = {"baseline": cell_id_of(), "candidate": cell_id_of(name="other")}
    at = open_page("compare", both)
    assert_no_exception(at)
    assert _marks(at, f"Planted CPU tiny, OpenVINO 2026.4.1: {CERTIFIED}")
    assert _marks(at, f"Planted CPU other, OpenVINO 2026.4.1: {NOT_CERTIFIED}")


def test_a_certificate_has_a_page_with_its_comparisons(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_certificate(tmp_path, false_alarms=12)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    assert "Not certified: 12 false alarms in 100 comparisons" in words(at)
    assert [metric.value for metric in at.metric] == ["12.0 %", "12", "87", "2"]
    assert "more than 8 %; quiet the machine, then run" in words(at)
    (alt,) = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert "100 comparisons of A against A around 1; 12 of them are false alarms" in alt
    assert at.dataframe[1].value["Called"].tolist().count("slower") == 12


def test_an_older_certificate_points_at_the_one_that_counts(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_certificate(tmp_path, day=30, false_alarms=12)
    runs = planted_certificate(tmp_path, day=20).runs
    old = next(run.path.name for run in runs if run.path.name.startswith("20261121"))
    show(tmp_path)
    at = open_page("runs", {"run": old})
    assert words(at).startswith("Certified: 3 false alarms")
    assert "A newer certificate counts" in words(at)


def test_a_store_with_a_certificate_alone_says_what_it_knows(tmp_path: Path, show: Show) -> None:
    planted_certificate(tmp_path)
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    assert "Nothing has been measured yet" in words(at)
    assert CERTIFIED in words(at)


def test_a_verdict_with_a_caution_is_marked_and_told(shaken: Store) -> None:
    at = open_page()
    assert_no_exception(at)
    (title,) = [element.value for element in at.subheader if "faster" in element.value]
    assert title.endswith("**!**")
    said = words(at)
    assert "1 of 1 verdicts carry cautions" in said
    assert "no layer of int8-simplified@default ran in INT8" in said
    listed, verdicts = (frame.value for frame in at.dataframe[:2])
    assert verdicts["Verdict"].tolist() == ["▲ faster !"]
    assert "not the precision" in verdicts["Cautions"][0]
    assert listed["Model"].tolist() == ["Tiny"] * len(listed)
    assert any("not the precision" in caution for caution in listed["Caution"])


def test_compare_warns_beside_the_verdict_of_what_lowers_trust_in_it(
    tmp_path: Path, show: Show
) -> None:
    def ignoring(fact: Fact) -> tuple[Fact, ...]:
        if isinstance(fact, Launch) and fact.kind == "profile" and fact.position == 0:
            said = Caution(fact.run_id, "isa_cap_ignored", "cell", fact.cell_id, "jit_avx512")
            return (fact, said)
        return (fact,)

    stores.altered_store(tmp_path, ignoring)
    show(tmp_path)
    at = open_page("compare")
    assert any("wider instructions than the cap" in warning.value for warning in at.warning)


def test_a_clean_verdict_has_no_mark(one_run: object) -> None:
    at = open_page()
    assert not [element.value for element in at.subheader if "!" in element.value]
    assert "cautions" not in at.title[0].value
    assert at.dataframe[0].value["Verdict"].tolist() == ["▲ faster"]


def test_compare_says_in_which_precisions_both_sides_ran(one_run: object) -> None:
    said = words(open_page("compare")).replace("*", "")
    assert "Baseline fp32@default ran in: f32 100 %" in said
    assert "Candidate int8-simplified@default ran in: u8 80 %, f32 20 %" in said


def test_compare_without_a_profile_does_not_guess_precisions(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, profile_launches=0)
    show(tmp_path)
    assert "fp32@default ran in: unknown" in words(open_page("compare")).replace("*", "")


def test_a_device_that_is_not_there_is_told_on_overview(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    stores.altered_store(tmp_path, stores.missing_device, partial(planted_store, name="gpu"))
    show(tmp_path)
    at = open_page()
    assert_no_exception(at)
    (told,) = [warning.value.replace("\\", "") for warning in at.warning]
    assert told.startswith(f"**{theme.FAILED.sign} failed: GPU.0 (not there), OpenVINO ")
    assert stores.MISSING in told
    assert "fp32@f32, fp32@default, int8-simplified@default of Tiny" in told
    assert len(_marks(at, NOT_CERTIFIED)) == 1
    assert_no_exception(open_page("compare", {"baseline": cell_id_of(name="gpu")}))


def test_runs_keeps_disturbed_launches_and_says_what_became_of_them(shaken: Store) -> None:
    at = open_page("runs")
    assert_no_exception(at)
    used = at.dataframe[0].value["Use"].tolist()
    assert used.count("disturbed, measured again") == 1
    assert used.count("measured again with its block") == 2
    assert used.count("used") == 15
    assert "1 disturbed, measured again" in words(at)
    assert "other processes used the CPU while it was measured: 37 %" in words(at)
    assert any("1 of them were disturbed" in chart.proto.alt for chart in at.get("plotly_chart"))


def test_runs_tells_effort_and_that_a_run_was_continued(shaken: Store) -> None:
    at = open_page("runs")
    said = words(at)
    assert "Effort: publish; continued 1 time after it had ended early" in said
    assert any("publish effort" in line for line in said.splitlines())


def test_runs_shows_what_each_launch_was_and_met(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, drive=THROUGHPUT, startup_launches=1)
    show(tmp_path)
    rows = open_page("runs").dataframe[0].value
    timing = rows[rows["Kind"] == "timing"].iloc[0]
    assert timing["Turns"] == 20
    assert timing["Requests"] == 4
    assert timing["Pinned to"] == "0-3"
    assert timing["Waited for a CPU (ms)"] == pytest.approx(0.1)
    startup = rows[rows["Kind"] == "startup"].iloc[0]
    assert startup["Use"] == "for the start from the cache"
    assert startup["Compile, from cache (ms)"] == 8.0


def test_a_failed_launch_shows_the_end_of_its_standard_error(tmp_path: Path, show: Show) -> None:
    plant = partial(planted_store, failed_cell=True)
    stores.altered_store(tmp_path, stores.failing, plant)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    assert "5 launches failed: planted failure" in words(at)
    assert "5 of int8-simplified@default of Tiny" in words(at)
    assert at.expander[0].code[0].value == stores.STDERR


def test_a_run_on_an_unsteady_machine_says_so(tmp_path: Path, show: Show) -> None:
    def slow_start(fact: Fact) -> tuple[Fact]:
        if isinstance(fact, Launch) and fact.kind == "timing" and fact.block == 0:
            return (replace(fact, p50_ms=3 * (fact.p50_ms or 0.0)),)
        return (fact,)

    stores.altered_store(tmp_path, slow_start)
    show(tmp_path)
    said = words(open_page("runs"))
    assert "The launches of 3 of 3 cells lie more than 25.0 % apart" in said
    assert "the machine changed its pace during the run" in said
    assert "and in 2 more cells" in said


def test_the_turns_of_a_sitting_show_why_pairing_works(one_run: object) -> None:
    at = open_page("runs")
    assert (
        "from turn to turn a launch alone varies by **12.1 %**, the ratio of two by **0.0 %**"
        in (words(at))
    )
    assert len(at.get("plotly_chart")) == 2
    said = words(at)
    assert "Why the ratio holds while the pace changes" in said
    assert "here the dotted ratio varies less from turn to turn" in said


@pytest.mark.parametrize(
    ("alone", "ratio", "said"),
    [
        (0.121, 0.02, "varies less"),
        (0.169, 0.145, "varies hardly less"),
        (0.10, 0.12, "does not vary less"),
    ],
)
def test_how_steady_the_ratio_is_follows_from_its_figures(
    alone: float, ratio: float, said: str
) -> None:
    found = SittingTurns(0, 0, (), "a", "b", (), alone, ratio)
    assert found.how_steady == said
    assert found.is_steadier is (said == "varies less")


def test_a_ratio_that_varies_as_much_is_not_said_to_hold(tmp_path: Path, show: Show) -> None:
    """INT8 keeps its pace while that of fp32 changes: the ratio varies as fp32 does."""

    def apart(fact: Fact) -> tuple[Fact]:
        if isinstance(fact, Launch) and fact.slice_ms and fact.cell_id == cell_id_of(arm=ARMS[2]):
            fact = replace(fact, slice_ms=tuple(1.0 for _ in fact.slice_ms))
        return (fact,)

    stores.altered_store(tmp_path, apart)
    show(tmp_path)
    said = words(open_page("runs"))
    assert "Whether the ratio holds while the pace changes" in said
    assert "Why the ratio holds" not in said
    assert "here the dotted ratio varies less" not in said


def _unknown(root: Path) -> Store:
    return stores.altered_store(root, stores.nothing_known)


@pytest.mark.parametrize("page", PAGES)
def test_a_store_with_everything_unknown_breaks_no_page(page: str, show_once: ShowOnce) -> None:
    show_once(_unknown)
    at = open_page(page)
    assert_no_exception(at)
    if page == "runs":
        assert "Effort: unknown" in words(at)
        assert len(at.get("plotly_chart")) == 1


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_sample_from_before_these_columns_breaks_no_page(
    page: str, show: Show
) -> None:
    show(Path(__file__).parents[2] / "data" / "sample")
    at = open_page(page)
    assert_no_exception(at)
    assert at.title


def _driven(root: Path) -> Store:
    planted_store(root, startup_launches=1)
    planted_store(root, drive=THROUGHPUT)
    return planted_store(root, drive=Drive("throughput", batch=8, streams=4, requests=8))


@pytest.fixture
def driven(show_once: ShowOnce) -> Store:
    """One model in latency, in throughput, and in throughput with a batch of 8."""
    return show_once(_driven)


@pytest.mark.parametrize("page", PAGES)
def test_a_store_with_both_scenarios_breaks_no_page(page: str, driven: Store) -> None:
    assert_no_exception(open_page(page))


def test_overview_calls_the_headline_by_what_it_is(driven: Store) -> None:
    at = open_page("overview", {"against": "fp32@f32"})
    said = words(at)
    assert "**908 inferences/s, 1.10 ms per item**" in said
    assert "int8-simplified@default: **1.10 ms**" in said
    (alt,) = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert alt.startswith("Median latency or time per item of each arm. Tiny, latency: ")
    assert "Tiny, throughput, batch 8, 4 streams, 8 requests: " in alt
    verdicts = at.dataframe[0].value
    assert verdicts["Time is"].tolist() == ["median latency", "time per item", "time per item"]
    assert verdicts["INT8 (1/s)"].tolist()[1:] == pytest.approx([908.3, 908.3], rel=1e-3)


def test_cells_tell_latencies_and_what_is_apart_from_the_headline(driven: Store) -> None:
    cells = open_page().dataframe[1].value
    own = cells[cells["Scenario"] == "throughput, batch 8, 4 streams, 8 requests"].iloc[0]
    assert own["Time (ms)"] == pytest.approx(2.0, rel=0.01)
    assert own["Latency 50 % (ms)"] == pytest.approx(64.0, rel=0.01)
    assert own["Latency 99 % (ms)"] == pytest.approx(76.8, rel=0.01)
    latency = cells[cells["Scenario"] == "latency, batch 1"].iloc[0]
    assert latency["Compile, cold (ms)"] == pytest.approx(80.0, rel=0.01)
    assert latency["Compile, from cache (ms)"] == 8.0
    assert latency["First inference (ms)"] == pytest.approx(3.0, rel=0.01)
    assert latency["Peak memory (MiB)"] == 120.0


def test_compare_tells_the_scenarios_apart_in_its_lists(driven: Store) -> None:
    drive = Drive("throughput", batch=8, streams=4, requests=8)
    cell_id = cell_id_of(arm="int8-simplified@default", drive=drive)
    at = open_page("compare", {"candidate": cell_id, "baseline": cell_id_of(drive=drive)})
    assert_no_exception(at)
    options = at.selectbox(key="control-baseline").options
    assert "fp32@f32, Tiny, latency" in options
    assert "fp32@f32, Tiny, throughput, batch 8, 4 streams, 8 requests" in options
    assert "Planted CPU tiny, OpenVINO 2026.4.1, throughput, batch 8, 4 streams" in words(at)
    assert [metric.value for metric in at.metric][1:3] == ["500 /s", "908 /s"]
