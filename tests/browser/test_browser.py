"""The dashboard as people meet it: navigation, links, themes, widths, hostile names."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import HOSTILE
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TWO_LAYERS = "Every layer that fits the filters, 2 in all"
NAVIGATION = (
    ("Compare", "faster: 1.63x"),
    ("Devices", "is fastest on Planted tiny"),
    ("Versions", "the only version measured"),
    ("Models", "INT8 makes Beta slower, but Alpha faster"),
    ("Layers", "that the layers take is in"),
    ("Runs", "of this run"),
    ("Overview", "INT8 is faster than"),
)


def test_the_navigation_leads_to_every_page_and_keeps_the_state(visitor: Visitor) -> None:
    page = visitor.open("")
    baseline = _baseline(page.url)
    for name, answer in NAVIGATION:
        visitor.follow(name)
        expect(page.get_by_role("heading", level=1)).to_contain_text(answer)
        assert _baseline(page.url) == baseline


def test_overview_leads_to_the_reason_and_to_the_layers(visitor: Visitor) -> None:
    page = visitor.open("")
    slower = page.get_by_role("heading", name="slower: 0.69x")
    expect(slower).to_be_visible()
    page.get_by_role("link", name="Why?").nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("slower: 0.69x")
    expect(page.get_by_role("heading", name="Where the difference comes from")).to_be_visible()
    visitor.settle()
    visitor.follow("Every layer of the candidate")
    expect(page.get_by_role("heading", level=1)).to_contain_text("that the layers take is in")
    expect(page.get_by_text("Beta, int8-simplified@default, on")).to_be_visible()


def test_a_copied_link_shows_the_same_thing_elsewhere(
    visitor: Visitor, browser: Browser, address: str
) -> None:
    page = visitor.open("compare")
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("slower: 0.61x")
    visitor.settle()
    search = page.get_by_role("textbox", name="Search")
    search.fill("block/")
    search.press("Enter")
    expect(page.get_by_text(TWO_LAYERS)).to_be_visible()
    with closing(Visitor(browser, address)) as other:
        other.page.goto(page.url)
        other.settle()
        expect(other.page.get_by_role("heading", level=1)).to_contain_text("slower: 0.61x")
        expect(
            other.page.get_by_text("Every layer that fits the filters, 2 in all")
        ).to_be_visible()
        assert other.page.url == page.url


def test_back_goes_back(visitor: Visitor) -> None:
    page = visitor.open("compare")
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("slower: 0.61x")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("faster: 1.63x")


def test_a_bad_address_is_told_and_mended(visitor: Visitor) -> None:
    page = visitor.open("compare?baseline=nosuch")
    expect(page.get_by_text("which names no cell of this store")).to_be_visible()
    assert re.fullmatch(r"[0-9a-f]+", _baseline(page.url))


def test_a_hostile_name_is_only_text(visitor: Visitor) -> None:
    page = visitor.open("")
    expect(page.get_by_text(HOSTILE.title(), exact=True).first).to_be_visible()
    assert page.locator("img[src='x'], a[href^='javascript']").count() == 0


def test_a_chart_has_a_text_and_its_words_follow_the_theme(visitor: Visitor) -> None:
    page = visitor.open("compare")
    expect(page.locator("[aria-label^='Waterfall from']").first).to_be_attached()
    word = page.locator(".js-plotly-plot .annotation-text").first
    expect(word).to_have_css("fill", "rgb(88, 98, 110)")
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(15, 20, 26)")
    page.get_by_role("button", name="Swap").click()
    expect(word).to_have_css("fill", "rgb(163, 174, 187)")


def test_a_filter_changes_the_chart_too(visitor: Visitor) -> None:
    page = visitor.open("compare?find=softmax")
    rows = page.get_by_test_id("stPlotlyChart").nth(1).locator(".ytick")
    expect(rows).to_have_count(2)  # the softmax, and the Reorder before it
    search = page.get_by_role("textbox", name="Search")
    search.fill("block/dw")
    search.press("Enter")
    expect(rows).to_have_count(1)


def test_a_certificate_has_its_page_among_the_runs(visitor: Visitor) -> None:
    page = visitor.open("")
    expect(page.get_by_text("certified: 3 false alarms in 100 comparisons").first).to_be_visible()
    visitor.follow("Runs")
    visitor.unfold("Run")
    page.get_by_role("option", name="certificate").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Certified: 3 false alarms in 100 comparisons of A against A")
    visitor.settle()
    chart = page.locator(".js-plotly-plot").first
    expect(chart.locator(".legendtext")).to_have_text(["equivalent: 97", "false alarm, slower: 3"])
    expect(chart.locator(".scatterlayer .point")).to_have_count(100)
    expect(chart.locator(".annotation-text")).to_have_text("truth: 1")
    assert "run=20261031" in page.url


def _baseline(url: str) -> str:
    found = re.search(r"baseline=([^&]+)", url)
    return found.group(1) if found else ""
