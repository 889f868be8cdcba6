"""Layers in a browser: a click on a layer or on a bar moves there, and Back comes back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def _node(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("node", [""])[0]


def _press(page: Page, mark: Locator) -> None:
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_click_on_a_bar_and_on_a_layer_moves_there_and_back_comes_back(visitor: Visitor) -> None:
    page = visitor.open("layers")
    opened = page.locator("h3").first
    bars = page.locator(".js-plotly-plot").nth(0).locator(".barlayer .point path")
    expect(bars).not_to_have_count(0)
    _press(page, bars.nth(0))
    expect(opened).to_have_text("stem")
    assert _node(page) == "stem"
    visitor.settle()
    drawn = page.locator(".js-plotly-plot").nth(1)
    expect(drawn.get_by_text("block/pw")).to_be_visible()
    layers = drawn.locator(".scatterlayer .trace").filter(has_text="block/pw")
    _press(page, layers.locator("path.point").nth(2))
    expect(opened).to_have_text("block/pw")
    assert _node(page) == "block/pw"
    visitor.settle()
    page.go_back()
    expect(opened).to_have_text("stem")
    assert visitor.errors == []
    assert visitor.strangers == []
