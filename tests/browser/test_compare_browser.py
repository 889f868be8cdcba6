"""Compare as people use it: from a bar to its layers, from a layer to its exec nodes and back."""

from __future__ import annotations

import re
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor
from tests.planted import ARMS, cell_id_of

pytestmark = pytest.mark.browser

PAIR = f"compare?baseline={cell_id_of('alpha')}&candidate={cell_id_of('alpha', ARMS[2])}"
_TRIES, _A_WHILE_MS = 30, 300
"""A chart that is drawn anew while the page settles does not feel the mouse yet."""
STEM_KERNEL = re.compile(r"Kernel: brgconv_avx512_I8")


def test_a_bar_leads_to_its_layers_and_a_layer_to_its_exec_nodes(
    visitor: Visitor, browser: Browser, address: str
) -> None:
    page = visitor.open(PAIR)
    click_row(visitor, "waterfall", "less time in INT8")
    expect(page.get_by_text("The layers below are those")).to_be_visible()
    assert asked(page, "class") == "int8_faster"
    click_row(visitor, "pairs", "stem")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(STEM_KERNEL)).to_be_visible()
    assert asked(page, "layer") == "stem"
    with closing(Visitor(browser, address)) as other:
        other.page.goto(page.url)
        other.settle()
        expect(other.page.get_by_role("dialog").get_by_text(STEM_KERNEL)).to_be_visible()
        expect(other.page.get_by_text("The layers below are those")).to_be_attached()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("layer="))
    visitor.settle()
    assert asked(page, "class") == "int8_faster"
    click_row(visitor, "pairs", "stem")
    expect(dialog.get_by_text(STEM_KERNEL)).to_be_visible()


def test_a_second_click_on_a_bar_shows_all_layers_again(visitor: Visitor) -> None:
    page = visitor.open(PAIR)
    click_row(visitor, "waterfall", "inserted")
    expect(page.get_by_text("The layers below are those")).to_be_visible()
    click_row(visitor, "waterfall", "inserted")
    expect(page.get_by_text("The layers below are those")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("class="))


def test_a_clicked_bar_says_how_many_layers_it_holds_and_leads_down_to_them(
    visitor: Visitor,
) -> None:
    page = visitor.open(PAIR)
    click_row(visitor, "waterfall", "inserted")
    told = page.get_by_text(re.compile(r"1 row, together \+1\d\d µs"))
    expect(told).to_be_in_viewport()
    visitor.settle()
    drawn = page.locator(".st-key-waterfall").bounding_box()
    line = told.bounding_box()
    assert drawn
    assert line
    below = drawn["y"] + drawn["height"]
    assert below <= line["y"] < below + 60, "right below the chart, before how to read it"
    layers = page.get_by_role("heading", name="Layers side by side")
    expect(layers).not_to_be_in_viewport()
    page.get_by_role("link", name="Go to them").click()
    expect(layers).to_be_in_viewport()
    assert asked(page, "class") == "inserted"


def test_a_cause_leads_to_its_layer(visitor: Visitor) -> None:
    page = visitor.open(PAIR)
    page.get_by_text("Its layers: 1").first.click()
    page.get_by_role("button", name="Reorder fc > softmax").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("No operation of the model asked for it")).to_be_visible()
    expect(dialog.get_by_text("between fc and softmax")).to_be_visible()


def test_a_row_of_the_candidates_becomes_the_candidate(visitor: Visitor) -> None:
    page = visitor.open(PAIR)
    table = page.locator(".st-key-many").get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    expect(table.locator("canvas").first).to_be_visible()
    visitor.settle()
    table.click(position={"x": 120, "y": 35 * 2 + 17})
    expect(page.get_by_role("heading", level=2).first).to_contain_text("fp32@default")
    visitor.settle()
    assert asked(page, "candidate") == cell_id_of("alpha", ARMS[1])


def click_row(visitor: Visitor, chart: str, name: str) -> None:
    """Click far right of a bar, on the row with this name: the whole row counts."""
    page = visitor.settle()
    plot = page.locator(f".st-key-{chart} .js-plotly-plot").first
    label = plot.locator(".ytick").get_by_text(re.compile(rf"^(\W )?{re.escape(name)}$"))
    hovered = plot.locator(".hoverlayer .hovertext")
    for _ in range(_TRIES):
        label.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
        row, area = label.bounding_box(), plot.locator(".nsewdrag").first.bounding_box()
        if row is not None and area is not None:
            at = (area["x"] + 0.95 * area["width"], row["y"] + row["height"] / 2)
            page.mouse.move(at[0] - 5, at[1])
            page.mouse.move(*at)
            page.wait_for_timeout(_A_WHILE_MS)
            if hovered.count():
                page.mouse.click(*at)
                return
    pytest.fail(f"the row {name} of {chart} cannot be pointed at")


def asked(page: Page, name: str) -> str | None:
    """What the address says."""
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]
