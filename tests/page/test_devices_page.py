"""The page Devices: the fastest device, where INT8 pays, and nothing passed off as another CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from results.facts import Device, Fact, Run
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.stores import altered_store
from tests.planted import ARMS, THROUGHPUT, model_id_of, planted_store
from tests.planted_fleet import planted_fleet
from tests.planted_peaks import planted_peaks

DEVICES = 45


@pytest.fixture(scope="module")
def fleet_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fleet")
    planted_fleet(root, DEVICES)
    return root


@pytest.fixture
def fleet(fleet_root: Path, show: Show) -> Path:
    show(fleet_root)
    return fleet_root


def _open(params: dict[str, str] | None = None) -> AppTest:
    at = open_page("devices", params)
    assert_no_exception(at)
    return at


def _alts(at: AppTest) -> list[str]:
    return [chart.proto.alt for chart in at.get("plotly_chart")]


def _column(at: AppTest, name: str) -> list[object]:
    return next(f.value for f in at.dataframe if "Governor" in f.value.columns)[name].tolist()


@pytest.mark.usefixtures("fleet")
def test_the_answer_is_the_fastest_device_and_how_many_gain() -> None:
    at = _open()
    title = at.title[0].value.replace("\\", "")
    assert title.startswith("Alpha is fastest on Intel Xeon Platinum 8488C (host-000-host), ")
    assert "INT8 gains on" in title
    assert len(at.metric) == 4
    assert at.metric[0].value == "0.240 ms"
    said = words(at)
    assert "unpaired" in said
    assert "Unpaired: unlike machines never share a block" in said


@pytest.mark.usefixtures("fleet")
def test_forty_devices_are_drawn_and_the_table_has_every_one() -> None:
    at = _open()
    assert "INT8 and float on 40 devices" in _alts(at)[0]
    assert "the 40 quickest of 45 are drawn, all are in the table" in words(at)
    assert len(_column(at, "Device")) == DEVICES


@pytest.mark.usefixtures("fleet")
def test_a_search_narrows_all_of_the_page_as_it_does_on_overview() -> None:
    at = _open()
    at.text_input(key="control-find").set_value("EPYC").run()
    assert_no_exception(at)
    title = at.title[0].value.replace("\\", "")
    assert title.startswith("Alpha is fastest on AMD EPYC 9354 (host-001-host), ")
    assert title.endswith(" of 7 devices.")
    assert at.metric[2].value.endswith(" of 7")
    assert at.query_params["find"] == "EPYC"
    assert all("EPYC" in str(name) for name in _column(at, "Device"))
    assert "7 of 45 devices fit the search; this page is of these alone" in words(at)
    at.text_input(key="control-find").set_value("no such CPU").run()
    assert_no_exception(at)
    assert at.title[0].value == "Alpha was measured on no device called no such CPU\\."


@pytest.mark.usefixtures("fleet")
def test_the_address_says_all_that_is_shown_and_shows_it_again() -> None:
    at = _open()
    at.segmented_control(key="control-against").set_value(ARMS[0]).run()
    options = at.selectbox(key="control-device").options
    at.selectbox(key="control-device").select_index(len(options) - 1).run()
    assert_no_exception(at)
    asked = {name: str(value) for name, value in at.query_params.items()}
    assert asked["model"] == model_id_of("alpha")
    assert asked["driven"] == "latency, batch 1"
    again = _open(asked)
    assert words(again) == words(at)
    assert ARMS[0] in set(_column(again, "Float arm"))


@pytest.mark.usefixtures("fleet")
def test_a_capped_device_is_told_as_capped_wherever_it_stands() -> None:
    at = _open({"find": "capped"})
    names = [str(name) for name in _column(at, "Device")]
    assert names
    assert all(", capped to AVX2" in name for name in names)
    assert set(_column(at, "Capped to")) == {"AVX2"}
    isas = next(f.value for f in _open().dataframe if "Of them capped" in f.value.columns)
    by_name = dict(zip(isas["Instruction set"], isas["Of them capped"], strict=True))
    assert by_name["AVX2-VNNI"] == 0
    assert by_name["AVX2"] > 0


@pytest.mark.usefixtures("fleet")
def test_two_devices_lead_to_compare_with_both_cells() -> None:
    at = _open()
    links = [one for one in at.get("page_link") if "Compare both" in one.proto.label]
    assert links
    query = links[0].proto.query_string
    assert "baseline=" in query
    assert "candidate=" in query


@pytest.mark.usefixtures("fleet")
def test_a_device_that_failed_is_in_the_table_with_its_reason() -> None:
    at = _open()
    told = dict(zip(_column(at, "Device"), _column(at, "Verdict"), strict=True))
    reasons = _column(at, "Reason")
    assert sum(str(word).endswith("failed") for word in told.values()) == 4
    assert reasons.count("planted failure") == 4


def test_one_device_is_enough(one_run: object) -> None:
    at = _open()
    assert "the only device that has a time; INT8 gains on it" in words(at)
    assert not at.get("page_link") or all(
        "Compare both" not in one.proto.label for one in at.get("page_link")
    )


def test_throughput_is_told_per_second_and_per_item(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path, drive=THROUGHPUT)
    show(tmp_path)
    at = _open()
    assert at.metric[0].value.endswith("/s")
    assert "per item" in words(at)
    assert _column(at, "INT8 (1/s)")


def test_measured_peaks_are_beside_their_device(tmp_path: Path, show: Show) -> None:
    store = planted_store(tmp_path)
    device = store.index().fetch("SELECT device_id FROM devices")["device_id"].to_pylist()[0]
    planted_peaks(tmp_path, device)
    show(tmp_path)
    at = _open()
    assert _column(at, "INT8 peak (GFLOP/s)") == [400.0]
    share = _column(at, "Of the INT8 peak (%)")[0]
    assert share == pytest.approx(100 * 6e6 / 1.1e-3 / 400e9, rel=0.01)


@pytest.mark.usefixtures("one_run")
def test_without_peaks_there_are_no_empty_columns_for_them() -> None:
    at = _open()
    table = next(f.value for f in at.dataframe if "Governor" in f.value.columns)
    assert not [name for name in table.columns if "peak" in name]


def test_what_was_published_for_an_instruction_set_stands_beside_the_gain(
    tmp_path: Path, show: Show
) -> None:
    def published(fact: Fact) -> Iterator[Fact]:
        source = "a list of benchmarks"
        yield replace(fact, kind="published", source=source) if isinstance(fact, Run) else fact

    planted_store(tmp_path, models=("al_pha",))
    altered_store(
        tmp_path,
        published,
        lambda root: planted_store(root, models=("al-pha",), name="theirs", drive=THROUGHPUT),
    )
    show(tmp_path)
    at = _open()
    assert "published for AVX-512 VNNI CPUs: 1.82x (1.82 to 1.82, 1 CPU)" in words(at)
    assert "Planted CPU theirs" not in [str(name) for name in _column(at, "Device")]
    assert "published for AVX-512 VNNI" in _alts(at)[1]


def test_names_that_are_markup_are_shown_as_text(tmp_path: Path, show: Show) -> None:
    evil = "<script>alert(1)</script> **bold** [x](http://evil)"

    def named(fact: Fact) -> Iterator[Fact]:
        yield replace(fact, title=evil) if isinstance(fact, Device) else fact

    altered_store(tmp_path, named)
    show(tmp_path)
    at = _open()
    shown = [one.value for one in (*at.title, *at.markdown)]
    assert not [value for value in shown if "<script>" in value or "**bold**" in value]
    assert evil in words(at)


def test_a_store_of_imported_results_only_says_what_to_do(tmp_path: Path, show: Show) -> None:
    def foreign(fact: Fact) -> Iterator[Fact]:
        yield replace(fact, kind="imported") if isinstance(fact, Run) else fact

    altered_store(tmp_path, foreign)
    show(tmp_path)
    at = _open()
    assert "Nothing was measured on a device of yours yet" in at.title[0].value


@pytest.mark.usefixtures("fleet")
def test_the_overview_of_many_devices_counts_searches_and_stays_short() -> None:
    at = open_page()
    assert_no_exception(at)
    said = words(at)
    assert "12 of 45 verdicts have a card" in said
    assert len(at.subheader) == 12
    cpus, models, *_ = _alts(at)
    assert cpus.startswith("Verdicts of INT8, counted. Verdicts, of every model on every machine")
    assert "Intel Xeon Platinum 8488C \N{MULTIPLICATION SIGN} " in cpus
    assert cpus.index("i5-7440HQ") < cpus.index("8488C"), "what loses goes first"
    assert models.startswith("Verdicts of INT8, counted. Devices. Alpha: faster on")
    verdicts = next(f.value for f in at.dataframe if "Lowest time" in f.value.columns)
    assert len(verdicts) == DEVICES
    at.text_input(key="control-find").set_value("EPYC").run()
    assert_no_exception(at)
    assert "7 of 45 verdicts fit the search" in words(at)
    assert at.metric[0].value.endswith(" of 7")
    assert len(at.subheader) == 7
    (link,) = [one for one in at.get("page_link") if "Compare the devices" in one.proto.label]
    assert "find=EPYC" in link.proto.query_string
    at.text_input(key="control-find").set_value("**no such**").run()
    assert_no_exception(at)
    title = at.title[0].value.replace("\\", "")
    assert title == "No model, device or verdict here is called **no such**."
    assert not at.metric


@pytest.mark.usefixtures("fleet")
def test_overview_and_devices_count_the_same_verdicts() -> None:
    params = {"against": ARMS[0]}
    overview, devices = open_page("overview", params), _open(params)
    assert overview.metric[0].value == devices.metric[2].value
    assert overview.metric[1].value == devices.metric[3].value
