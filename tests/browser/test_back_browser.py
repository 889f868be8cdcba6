"""One thing done is one press of Back: from every page, by the menu, by a link, by a control."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.held_back import HeldBack
from tests.browser.served import served
from tests.browser.visitor import Visitor
from tests.page.pages import PATHS
from tests.planted import ARMS, planted_store
from tests.planted_fleet import planted_fleet

pytestmark = pytest.mark.browser

_NOWHERE = "about:blank"
_CLOCK_MS = 4_000
"""Longer than the line on top of every page waits before it asks again."""
_PAGE_LINK = "[data-testid=stMain] [data-testid=stPageLink-NavLink]"
_TARGETS = """(links) => links.map((one) => one.offsetParent ? new URL(one.href).pathname : "")"""
_MIDDLE_OF = """([plot, field]) => {
  const box = plot.querySelector(".nsewdrag").getBoundingClientRect()
  const { xaxis, yaxis } = plot._fullLayout
  return [box.left + xaxis.d2p(field[0]), box.top + yaxis.d2p(field[1])]
}"""


@pytest.fixture(scope="module")
def two_runs_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three models on two machines with two versions: every page has something to choose."""
    root = tmp_path_factory.mktemp("two-runs")
    planted_store(root, models=("alpha", "beta", "gamma"), default_ratio=0.9)
    planted_store(root, models=("alpha", "beta"), name="other", runtime="2025.1.0")
    with served(root) as address:
        yield address


@pytest.fixture(scope="module")
def fleet_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two models on thirteen devices: their verdicts stand in a grid."""
    root = tmp_path_factory.mktemp("fleet")
    planted_fleet(root, 13, ("alpha", "beta"))
    with served(root) as address:
        yield address


@pytest.fixture
def reader(browser: Browser, two_runs_address: str) -> Iterator[Visitor]:
    """Someone who reads the store of two runs; no errors and no strangers, as elsewhere."""
    with closing(Visitor(browser, two_runs_address)) as guest:
        yield guest
        assert guest.errors == []
        assert guest.strangers == []


@pytest.mark.parametrize("start", ["overview", "compare"])
def test_one_press_of_back_undoes_the_menu(reader: Visitor, start: str) -> None:
    page = reader.open(PATHS[start])
    before = _shown(page)
    for name in [other for other in PATHS if other != start]:
        reader.follow(name.capitalize())
        there = _shown(page)
        assert there != before, name
        assert _back(reader) == before, name
        assert _forward(reader) == there, name
        assert _back(reader) == before, name


@pytest.mark.parametrize("name", PATHS)
def test_one_press_of_back_undoes_a_link_to_every_page(reader: Visitor, name: str) -> None:
    page = reader.open(PATHS[name])
    before = _shown(page)
    links = page.locator(_PAGE_LINK)
    targets = [path for path in dict.fromkeys(links.evaluate_all(_TARGETS)) if path]
    if name in {"overview", "compare", "models", "layers", "versions"}:
        assert targets, "there are links to follow"
    for target in targets:
        place = links.evaluate_all(_TARGETS).index(target)
        links.nth(place).click()
        page.wait_for_url(re.compile(rf"^[^?]+{re.escape(target)}(\?|$)"))
        page.wait_for_timeout(400)
        reader.settle()
        assert _shown(page) != before
        assert _back(reader) == before


@pytest.mark.parametrize("name", PATHS)
def test_back_leaves_a_page_that_was_opened_without_an_address(reader: Visitor, name: str) -> None:
    reader.page.goto(_NOWHERE)
    page = reader.open(PATHS[name])
    assert _asked(page, "baseline")
    page.go_back()
    assert page.url == _NOWHERE


@pytest.mark.parametrize(
    ("name", "label"),
    [("overview", "fp32@f32"), ("compare", "Baseline (A)"), ("devices", "Model"),
     ("versions", "Model"), ("models", "Right"), ("layers", "Cell"), ("runs", "Run")],
)  # fmt: skip
def test_one_press_of_back_undoes_one_control(reader: Visitor, name: str, label: str) -> None:
    page = reader.open(PATHS[name])
    before = _shown(page)
    if name == "overview":
        page.get_by_role("radio", name=label).click()
    else:
        reader.unfold(label)
        page.get_by_role("option", selected=False).last.click()
    expect(page).not_to_have_url(before[0])
    reader.settle()
    assert _shown(page) != before
    assert _back(reader) == before


def test_a_browser_that_is_told_late_does_not_undo_what_was_chosen(
    browser: Browser, two_runs_address: str
) -> None:
    """Its clock asks for the line on top of the page, and repeats what the controls showed."""
    with closing(Visitor(browser, two_runs_address)) as guest:
        held = HeldBack(guest.page)
        page = guest.open(PATHS["compare"])
        before = _shown(page)
        with held:
            page.get_by_role("button", name="Swap").click()
            page.wait_for_timeout(_CLOCK_MS)
        page.wait_for_timeout(700)
        swapped = _shown(guest.settle())
        assert _asked(page, "baseline") == parse_qs(urlsplit(before[0]).query)["candidate"][0]
        page.wait_for_timeout(_CLOCK_MS)
        assert _shown(guest.settle()) == swapped
        assert _back(guest) == before
        assert guest.errors == []


def test_a_way_through_all_pages_is_walked_back_page_by_page(reader: Visitor) -> None:
    page = reader.open("")
    seen = [_shown(page)]
    for name in list(PATHS)[1:]:
        reader.follow(name.capitalize())
        seen.append(_shown(page))
    for shown in reversed(seen[:-1]):
        assert _back(reader) == shown


def test_two_pages_back_at_once_shows_the_page_as_it_was_there(reader: Visitor) -> None:
    page = reader.open("")
    before = _shown(page)
    reader.unfold("OpenVINO version")
    page.get_by_role("option", name="2025.1.0").click()
    expect(page).to_have_url(re.compile("runtime="))
    reader.settle()
    assert _shown(page) != before
    reader.follow("Compare")
    page.evaluate("history.go(-2)")
    page.wait_for_timeout(700)
    reader.settle()
    assert _shown(page) == before


def test_the_address_says_all_as_soon_as_the_page_stands(
    reader: Visitor, browser: Browser, two_runs_address: str
) -> None:
    page = reader.open("")
    for name, chosen in (("Layers", "node"), ("Models", "left"), ("Devices", "model")):
        reader.follow(name)
        assert _asked(page, chosen)
        with closing(Visitor(browser, two_runs_address)) as other:
            other.page.goto(page.url)
            other.settle()
            assert _shown(other.page) == _shown(page)


@pytest.mark.parametrize("by", ["menu", "link"])
def test_the_baseline_that_is_chosen_on_overview_is_compared(reader: Visitor, by: str) -> None:
    page = reader.open("")
    page.get_by_role("radio", name=ARMS[0]).click()
    expect(page).to_have_url(re.compile("against="))
    reader.settle()
    if by == "menu":
        reader.follow("Compare")
    else:
        page.get_by_role("link", name="Why?").first.click()
        page.wait_for_url("**/compare?**")
        reader.settle()
    side = page.get_by_role("combobox", name="Baseline (A)")
    expect(side).to_have_value(re.compile(re.escape(ARMS[0])))


def test_a_click_on_a_field_of_the_grid_compares_that_pair(
    browser: Browser, fleet_address: str
) -> None:
    with closing(Visitor(browser, fleet_address)) as guest:
        page = guest.open("")
        before = _shown(page)
        plot = page.locator(".st-key-grid .js-plotly-plot")
        plot.scroll_into_view_if_needed()
        guest.settle()
        marks = plot.evaluate("(one) => one.data[1].hovertext")
        place = next(n for n, told in enumerate(marks) if "faster" in told and n > 2)
        model, device = marks[place].split(": ")[0].split(", ", 1)
        speedup = re.search(r"\d\.\d\dx", marks[place])
        assert speedup
        field = plot.evaluate("(one, n) => [one.data[1].x[n], one.data[1].y[n]]", place)
        page.mouse.click(*page.evaluate(_MIDDLE_OF, [plot.element_handle(), field]))
        page.wait_for_url("**/compare?**")
        guest.settle()
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"faster: {speedup[0]}")
        for side in ("Baseline (A)", "Candidate (B)"):
            value = page.get_by_role("combobox", name=side).input_value()
            assert model in value
        assert device.split(",")[0].split(" (")[0] in page.get_by_test_id("stMain").inner_text()
        assert _back(guest) == before
        assert guest.errors == []
        assert guest.strangers == []


def _shown(page: Page) -> tuple[str, str]:
    """The address and the answer."""
    return page.url, page.get_by_role("heading", level=1).inner_text()


def _back(visitor: Visitor) -> tuple[str, str]:
    """One press."""
    visitor.page.go_back()
    visitor.page.wait_for_timeout(700)
    return _shown(visitor.settle())


def _forward(visitor: Visitor) -> tuple[str, str]:
    visitor.page.go_forward()
    visitor.page.wait_for_timeout(700)
    return _shown(visitor.settle())


def _asked(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]
