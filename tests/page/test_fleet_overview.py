"""Overview of a fleet: the grid, the worst first, the way to Compare; and room for whiskers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import charts, theme
from dashboard.cache import open_lens
from dashboard.link import Link, default_pair
from dashboard.shown_rows import sides
from dashboard.views import frame, overview_counts
from results import device_queries, queries
from results.comparison import Verdict
from results.devices import DeviceRow, Known, device_rows
from results.headline import picks
from results.index import Index
from results.overview import overview
from results.store import Store
from results.verdict_grid import grid
from tests.page.conftest import Show
from tests.page.pages import APP, assert_no_exception, open_page, words
from tests.planted import ARMS, planted_store
from tests.planted_fleet import planted_fleet


def _devices(index: Index) -> tuple[DeviceRow, ...]:
    rows = overview(index)
    ids = [row.device_id for row in rows]
    cells = [arm.cell.cell_id for row in rows for arm in row.arms]
    known = Known(
        facts=device_queries.facts_of(index, ids),
        times=device_queries.times_of(index, cells),
        peaks=device_queries.peaks_of(index, ids),
        certified={},
        operations=None,
    )
    return device_rows(rows, ARMS[0], "", known)


def test_whiskers_stay_inside_of_their_panels(tmp_path: Path) -> None:
    with closing(planted_fleet(tmp_path, 3).index()) as index:
        rows = _devices(index)
    first = rows[0]
    assert first.floating
    assert first.verdict
    time = replace(first.floating.time, log_spread=1.0)
    assert time.bounds_ms
    longest = time.bounds_ms[1]
    assert longest > 2 * time.time_ms
    wide = replace(
        first,
        floating=replace(first.floating, time=time),
        verdict=replace(first.verdict, estimate=replace(
            first.verdict.estimate, ci_low=0.02, ci_high=30.0
        )),
    )  # fmt: skip
    layout = charts.devices([wide, *rows[1:]]).figure.layout
    high = layout.xaxis.range[1]
    assert (10**high if layout.xaxis.type == "log" else high) > longest
    low, high = (10**end for end in layout.xaxis2.range)
    assert low < 1 / 30
    assert high > 50


def test_the_grid_is_a_field_for_each_verdict_with_sign_number_and_colour(tmp_path: Path) -> None:
    with closing(planted_fleet(tmp_path, 8, ("alpha", "beta")).index()) as index:
        found = grid(picks(overview(index), ARMS[0]))
    chart = charts.verdict_grid(found)
    fields, words = chart.figure.data
    assert len(words.text) == len(words.customdata) == len(found.cells) == 16
    told = {cell.verdict: text for cell, text in zip(found.cells, words.text, strict=True)}
    assert told[Verdict.SLOWER].startswith("\N{BLACK DOWN-POINTING TRIANGLE} 0.")
    assert told[None] == theme.FAILED.sign
    scale = dict.fromkeys(colour for _, colour in fields.colorscale)
    for cell in found.cells:
        if cell.verdict is not None:
            level = fields.z[cell.line][cell.column]
            assert list(scale)[level] == theme.LOOKS[cell.verdict].colour or level == 3
    assert "slower" in chart.alt


def test_a_fleet_opens_with_its_grid_its_worst_verdicts_and_the_way_to_them(
    tmp_path: Path, show: Show
) -> None:
    planted_fleet(tmp_path, 13, ("alpha", "beta"))
    show(tmp_path)
    at = open_page("overview", {"against": ARMS[0]})
    assert_no_exception(at)
    assert "Every model on every device" in [header.value for header in at.header]
    assert "Where INT8 does worst" in [header.value for header in at.header]
    (worst,) = [one for one in at.get("page_link") if "speed-up: why" in one.proto.label]
    assert "baseline=" in worst.proto.query_string


def test_what_failed_opens_the_page_that_says_why(tmp_path: Path, show: Show) -> None:
    with closing(planted_fleet(tmp_path, 8, ("alpha", "beta")).index()) as index:
        every = picks(overview(index), ARMS[0])
    failed = next(pick for pick in every if pick.verdict is None)
    show(tmp_path)
    pair = sides(failed, ARMS[0])
    assert pair
    baseline, candidate = pair
    assert baseline.arm == ARMS[0]
    assert baseline != candidate
    at = open_page("compare", {"baseline": baseline.cell_id, "candidate": candidate.cell_id})
    assert_no_exception(at)
    assert "nothing to compare" in at.title[0].value
    assert failed.reason
    assert failed.reason in words(at)


def test_a_click_on_any_field_of_the_grid_opens_a_comparison_also_where_it_failed(
    tmp_path: Path, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(planted_fleet(tmp_path, 8, ("alpha", "beta")).index()) as index:
        found = grid(picks(overview(index), ARMS[0]))
    show(tmp_path)
    lens = open_lens()
    for place, cell in enumerate(found.cells):
        here = frame.Frame(lens, Link(against=ARMS[0]), names_pair=False)
        state: dict[str, object] = {"frame": here}
        monkeypatch.setattr(st, "session_state", state)
        overview_counts._open_field(found, str(place))
        (opened,) = [value for name, value in state.items() if name != "frame"]
        assert isinstance(opened, tuple)
        page, link = opened
        assert page == "compare"
        candidate = lens.cells_by_id()[link.candidate]
        assert candidate.model_id == cell.pick.row.model_id
        assert candidate.device_id == cell.pick.row.device_id


def test_the_machines_that_lose_are_named_and_lead_to_devices(tmp_path: Path, show: Show) -> None:
    planted_fleet(tmp_path, 13, ("alpha", "beta"))
    show(tmp_path)
    at = open_page("overview", {"against": ARMS[0]})
    said = words(at)
    assert "slower verdicts" in said
    assert "Which machines lose, by CPU" in [header.value for header in at.header]
    links = [one for one in at.get("page_link") if one.proto.label.startswith("Devices: ")]
    assert any("i5" in one.proto.label and "find=" in one.proto.query_string for one in links)
    found = next(f.value for f in at.dataframe if "Of them losing" in f.value.columns)
    assert found["Of them losing"].tolist()[0] > 0
    assert found["Of them losing"].tolist()[-1] == 0


def test_one_kind_of_verdict_can_be_listed_and_the_address_says_so(
    tmp_path: Path, show: Show
) -> None:
    planted_fleet(tmp_path, 13, ("alpha", "beta"))
    show(tmp_path)
    at = open_page("overview", {"against": ARMS[0]})
    headline = at.title[0].value
    at.segmented_control(key="control-only").set_value("slower").run()
    assert_no_exception(at)
    assert at.query_params["only"] == "slower"
    assert at.title[0].value == headline, "the answer is of all, the list of one kind"
    assert all("slower" in one.value for one in at.subheader)
    listed = next(f.value for f in at.dataframe if "Lowest time" in f.value.columns)
    assert set(listed["Verdict"]) == {"\N{BLACK DOWN-POINTING TRIANGLE} slower"}
    assert len(listed) == len(at.subheader) > 1


def test_what_is_searched_for_can_be_seen_and_cleared_in_a_small_store(
    tmp_path: Path, show: Show
) -> None:
    planted_store(tmp_path)
    show(tmp_path)
    assert not [one for one in open_page("overview").text_input if one.key == "control-find"]
    at = open_page("overview", {"find": "';DROP"})
    assert at.text_input(key="control-find").value == "';DROP"
    assert not at.metric
    at.text_input(key="control-find").set_value("").run()
    assert "find" not in at.query_params
    assert at.metric


def test_a_parameter_that_no_page_has_is_told(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    show(tmp_path)
    at = open_page("overview", {"agianst": "fp32@f32"})
    (note,) = [one.value for one in at.warning if "agianst" in one.value]
    assert "no page knows" in note


def test_a_parameter_that_is_there_twice_is_told(one_run: Store) -> None:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.query_params["against"] = [ARMS[1], ARMS[0]]
    at.run()
    assert_no_exception(at)
    told = "The address has against more than once; only the last one counts."
    assert told in [warning.value.replace("\\", "") for warning in at.warning]
    assert at.query_params["against"] == ARMS[0]


def test_the_pages_open_on_a_device_that_is_not_capped(tmp_path: Path) -> None:
    planted_store(tmp_path, name="capped", isa_cap="AVX2", int8_ratios={"tiny": 0.2})
    with closing(planted_store(tmp_path, name="plain", int8_ratios={"tiny": 0.9}).index()) as index:
        cells, rows = queries.cells(index), overview(index)
    capped = [row for row in rows if row.arms[0].cell.isa_cap]
    assert len(capped) == 1
    for order in (rows, rows[::-1]):
        baseline, candidate = default_pair(cells, order)
        assert baseline.isa_cap is None
        assert candidate is not None
        assert candidate.isa_cap is None
    assert default_pair(cells, ())[0].isa_cap is None
    assert default_pair(cells, capped)[0].isa_cap == "AVX2", "where there is no other"
