"""Versions and failed cells as people meet them: from Overview to the reason, and by a link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.served import served
from tests.browser.visitor import Visitor
from tests.page.version_stores import CRASH, PACES, REFUSED, versions_store
from tests.planted import ARMS

pytestmark = pytest.mark.browser

_NARROW_PX = 800
_CUT = """() => [...document.querySelectorAll("[data-testid=stMain] p")]
  .filter((one) => one.offsetParent && one.textContent.includes("OpenVINO 2021.2"))
  .filter((one) => {
    const words = document.createRange()
    words.selectNodeContents(one)
    const right = words.getBoundingClientRect().right
    let around = one
    while (around && getComputedStyle(around).overflowX === "visible") around = around.parentElement
    return right > (around ?? document.body).getBoundingClientRect().right + 1
  })
  .map((one) => one.textContent)"""
"""Paragraphs that name the version and go on behind the edge of what holds them."""


@pytest.fixture
def reader(browser: Browser, versions_address: str) -> Iterator[Visitor]:
    """Someone who reads a store of six versions; no errors and no strangers, as elsewhere."""
    with closing(Visitor(browser, versions_address)) as guest:
        yield guest
        assert guest.errors == []
        assert guest.strangers == []


def test_overview_leads_to_the_versions_and_to_what_changed(reader: Visitor) -> None:
    page = reader.open("")
    expect(page.get_by_text("6 versions measured, in 1 of them cells failed")).to_be_visible()
    reader.follow("6 versions measured")
    expect(page.get_by_role("heading", level=1)).to_contain_text("INT8 pays since 2023.0.0")
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator(".legendtext")).to_have_text(
        ["fp32@f32", "fp32@default", "int8-simplified@default", "change point", "failed"]
    )
    expect(chart.get_by_text("2.48x")).to_be_visible()
    reader.follow("Layer by layer on Compare")
    expect(page.get_by_role("heading", level=1)).to_contain_text("faster: 2.48x")


def test_a_copied_link_to_two_versions_shows_them_elsewhere(
    reader: Visitor, browser: Browser, versions_address: str
) -> None:
    page = reader.open("versions")
    expect(page.get_by_role("heading", name="How it was measured")).to_be_visible()
    reader.settle()
    reader.unfold("Baseline version")
    page.get_by_role("option", name="2021.2").click()
    expect(page.get_by_role("heading", name="What changed from 2021.2 to 2023.0.0")).to_be_visible()
    expect(page.get_by_text(CRASH).first).to_be_visible()
    expect(page.get_by_text("fixed: 4").first).to_be_visible()
    reader.settle()
    with closing(Visitor(browser, versions_address)) as other:
        other.page.goto(page.url)
        other.settle()
        heading = other.page.get_by_role("heading", name="What changed from 2021.2 to 2023.0.0")
        expect(heading).to_be_visible()
        expect(other.page.get_by_text(REFUSED).first).to_be_visible()
        assert other.page.url == page.url


def test_a_failed_candidate_on_compare_says_why(reader: Visitor) -> None:
    reader.open("compare?candidate=runtime=2021.2,arm=int8-simplified@default,model=alpha")
    page = reader.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("failed: nothing to compare")
    expect(page.get_by_role("paragraph").filter(has_text=CRASH)).to_be_visible()
    page.get_by_text("The end of what it wrote to standard error").click()
    expect(page.get_by_text("Segmentation fault <b>(core dumped)</b>")).to_be_visible()


def test_where_cells_failed_elsewhere_can_be_read_in_a_narrow_window(
    browser: Browser, tmp_path: Path
) -> None:
    failed = {(version, "beta", arm): CRASH for version in list(PACES)[:-1] for arm in ARMS}
    versions_store(tmp_path, failed=failed, isa_cap="AVX512_CORE_VNNI")
    with served(tmp_path) as address, closing(Visitor(browser, address)) as guest:
        guest.page.set_viewport_size({"width": _NARROW_PX, "height": 700})
        page = guest.open("versions")
        expect(page.get_by_text("with OpenVINO 2021.2")).to_contain_text("and 2024.6.0")
        assert page.evaluate(_CUT) == []
        assert guest.errors == []


def test_a_link_to_another_state_of_its_own_page_is_an_address_that_back_leaves(
    reader: Visitor,
) -> None:
    page = reader.open("versions")
    heading, before = page.get_by_role("heading", level=1), page.url
    expect(heading).to_contain_text("Alpha on Planted CPU")
    reader.follow("failed elsewhere: Beta")
    expect(heading).to_contain_text("Beta on Planted CPU")
    there = page.url
    page.get_by_text("Items per second").click()
    page.wait_for_url("**rate=1**")
    reader.settle()
    expect(heading).to_contain_text("Beta on Planted CPU")
    page.go_back()
    page.wait_for_url(there)
    page.go_back()
    expect(heading).to_contain_text("Alpha on Planted CPU")
    assert page.url == before
