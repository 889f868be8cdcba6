"""Tables in a browser without a mouse: focus alone changes nothing, a key or a click does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor
from tests.planted import ARMS, cell_id_of

pytestmark = pytest.mark.browser
PAIR = f"compare?baseline={cell_id_of()}&candidate={cell_id_of(arm=ARMS[2])}"
_SELECTED_MS = 700
"""Longer than a table waits before it tells the server what is selected."""
_MOST_TABS = 60
_ROW_PX = 35
_TICK_X, _NAME_X = 15, 60
_FOCUSED = """(table) => table.contains(document.activeElement)
  && ["TD", "CANVAS"].includes(document.activeElement.tagName)"""
_STEP_MS = 200
"""A table that got the focus hands it to one of its cells in a later frame."""


def test_tabbing_through_the_table_of_compare_opens_nothing_and_leaves_it(
    visitor: Visitor,
) -> None:
    page = visitor.open(PAIR)
    before = page.url
    table = _table(page, "groups")
    for _ in _tabs_through(page, table):
        assert page.get_by_role("dialog").count() == 0
    assert page.url == before


def test_tabbing_through_the_table_of_layers_moves_nowhere(visitor: Visitor) -> None:
    page = visitor.open("layers")
    visitor.settle()
    before = page.url
    for _ in _tabs_through(page, _table(page, "layers")):
        assert page.url == before


def test_a_key_opens_a_row_and_escape_keeps_it_closed(visitor: Visitor) -> None:
    page = visitor.open(PAIR)
    table, dialog = _table(page, "groups"), page.get_by_role("dialog")
    _focus(page, table)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(dialog).to_be_visible()
    visitor.settle()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.wait_for_timeout(3 * _SELECTED_MS)
    assert dialog.count() == 0
    assert "layer=" not in page.url


def test_a_key_opens_the_comparison_behind_a_verdict_of_the_overview(visitor: Visitor) -> None:
    page = visitor.open("")
    _focus(page, _table(page, "verdicts"), page.get_by_role("link", name="Why?").last)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    page.wait_for_url("**/compare?**")
    visitor.settle()
    assert "baseline=" in page.url


@pytest.mark.parametrize("x", [_TICK_X, _NAME_X], ids=["its tick", "its name"])
def test_a_click_on_a_row_opens_it_and_once_more_after_it_was_closed(
    visitor: Visitor, x: int
) -> None:
    page = visitor.open(PAIR)
    table, dialog = _table(page, "groups"), page.get_by_role("dialog")
    for _ in range(2):
        table.click(position={"x": x, "y": _ROW_PX + _ROW_PX // 2})
        expect(dialog).to_be_visible()
        visitor.settle()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        visitor.settle()


def _table(page: Page, key: str) -> Locator:
    table = page.locator(f".st-key-{key}").get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    expect(table.locator("canvas").first).to_be_visible()
    return table


def _focus(page: Page, table: Locator, start: Locator | None = None) -> None:
    """Onward from the search field, or ``start``, until a cell of the table has the focus."""
    (start or page.get_by_label("Search", exact=True).first).focus()
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        page.wait_for_timeout(_STEP_MS)
        if table.evaluate(_FOCUSED):
            page.wait_for_timeout(_SELECTED_MS)
            return
    pytest.fail("the table is never reached")


def _tabs_through(page: Page, table: Locator) -> Iterator[int]:
    """Each stop in the table; the test fails where the focus never gets out of it."""
    _focus(page, table)
    for stop in range(_MOST_TABS):
        if not table.evaluate(_FOCUSED):
            return
        yield stop
        page.keyboard.press("Tab")
        page.wait_for_timeout(_SELECTED_MS)
    pytest.fail("the focus never leaves the table")
