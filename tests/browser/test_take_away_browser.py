"""The way from the overview to a layer, the address that is copied there, and what is saved."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

_WHITE = (255, 255, 255)
_REORDER = "Reorder fc > softmax"
_NAME = r"int8-lens_compare_{key}_beta_\d{{4}}-\d\d-\d\d\.{ending}"
_PARSED = """(svg) => {
  const found = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement
  if (found.tagName !== "svg") throw new Error(found.textContent)
  const words = [...found.querySelectorAll("text")].filter((one) => one.textContent)
  const grounds = [found, ...found.querySelectorAll("rect")]
  return [words.map((one) => one.style.fill), grounds.map((one) => one.getAttribute("style") ?? "")]
}"""

_OUTLINE = "(one) => parseFloat(getComputedStyle(one).outlineWidth)"
_COLOURS = """(one) => {
  let ground = one
  const clear = "rgba(0, 0, 0, 0)"
  while (ground && getComputedStyle(ground).backgroundColor === clear) ground = ground.parentElement
  return [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor]
}"""
_HEAD_AND_CHART = """(svg) => {
  const there = document.createElement("div")
  there.innerHTML = svg
  document.body.append(there)
  const root = there.querySelector("svg")
  const box = (one) => one.getBoundingClientRect()
  const own = [...root.querySelectorAll(":scope > text")]
  const chart = [...root.querySelectorAll(":scope > g:not(:last-child) text")]
  const drawn = chart.filter((one) => one.textContent && box(one).height)
  const found = [
    Math.max(...own.map((one) => box(one).bottom)),
    Math.min(...drawn.map((one) => box(one).top)),
    [...own, ...root.querySelectorAll(":scope > g:last-child text")]
      .map((one) => one.textContent).join(" "),
  ]
  there.remove()
  return found
}"""
_LEFTMOST = """(svg) => {
  const there = document.createElement("div")
  there.innerHTML = svg
  document.body.append(there)
  const left = there.querySelector("svg").getBoundingClientRect().left
  const words = [...there.querySelectorAll("text")].filter((one) => one.textContent)
  const found = Math.min(...words.map((one) => one.getBoundingClientRect().left - left))
  there.remove()
  return found
}"""


@pytest.fixture(params=["light", "dark"])
def saver(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone on Compare, in each theme."""
    with closing(Visitor(browser, address, theme=request.param)) as guest:
        guest.open("compare?baseline=model=beta,arm=fp32@default")
        expect(guest.page.locator(".st-key-waterfall .main-svg").first).to_be_visible()
        yield guest
        assert guest.errors == []
        assert guest.strangers == []


def test_a_chart_is_saved_readable_on_white_in_both_themes(saver: Visitor) -> None:
    button = _pictures(saver.page).get_by_role("button", name="SVG")
    svg = _saved(saver.page, button, "where-the-difference-comes-from", "svg").decode()
    fills, grounds = saver.page.evaluate(_PARSED, svg)
    for told in ("Where the difference comes from", "against fp32@default", "speed-up 0.69x",
                 "OpenVINO 2026.4.1", "latency, batch 1", "INT8 Lens, page Compare, run ",
                 ", measured 20"):  # fmt: skip
        assert told in svg, told
    assert saver.page.evaluate(_LEFTMOST, svg) > 0, "no name is cut at the left edge"
    assert fills
    assert min(_contrast(_rgb(fill), _WHITE) for fill in fills) > 4.5, (
        "words are dark enough on white"
    )
    assert any("rgb(255, 255, 255)" in ground for ground in grounds)
    ground = saver.page.locator(".st-key-waterfall .main-svg").first
    expect(ground).to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_a_table_is_saved_as_csv_and_as_parquet(saver: Visitor) -> None:
    page = saver.page
    name = "latencies-throughput-compilation-and"
    named = _saved(page, page.locator(".st-key-sides-csv button"), name, "csv")
    parquet = _saved(page, page.locator(".st-key-sides-parquet button"), name, "parquet")
    from_csv, table = pacsv.read_csv(io.BytesIO(named)), pq.read_table(io.BytesIO(parquet))
    assert from_csv.column_names == table.column_names
    assert from_csv.num_rows == table.num_rows == 2
    times = [field for field in table.schema if field.name.endswith("(ms)")]
    assert times
    known = [field for field in times if not pa.types.is_null(field.type)]
    assert any(pa.types.is_floating(field.type) for field in known)
    assert not any(pa.types.is_string(field.type) for field in known)
    for field in known:
        assert from_csv[field.name].to_pylist() == pytest.approx(table[field.name].to_pylist())


def test_pictures_are_saved_from_the_keyboard_too(saver: Visitor) -> None:
    button = _pictures(saver.page).get_by_role("button", name="SVG")
    button.focus()
    with saver.page.expect_download() as saved:
        saver.page.keyboard.press("Enter")
    assert saved.value.suggested_filename.endswith(".svg")
    saver.page.keyboard.press("Tab")
    focused = saver.page.locator("*:focus")
    expect(focused).to_have_role("button")
    expect(focused).to_have_accessible_name(
        "\N{DOWNWARDS ARROW} PNG: save Where the difference comes from as a picture"
    )
    assert focused.evaluate(_OUTLINE) >= 2, "the focus is seen"


def test_the_buttons_can_be_read_in_both_themes(saver: Visitor) -> None:
    for button in _pictures(saver.page).get_by_role("button").all():
        ink, ground = map(_rgb, button.evaluate(_COLOURS))
        assert _contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("width", [800, 1440, 2560])
def test_a_picture_is_a_slide_from_every_window(visitor: Visitor, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 900})
    page = visitor.open("compare?baseline=model=beta,arm=fp32@default")
    png = _saved(
        page, _pictures(page).get_by_role("button", name="PNG"),
        "where-the-difference-comes-from", "png",
    )  # fmt: skip
    assert png.startswith(b"\x89PNG\r\n")
    assert [int.from_bytes(png[at : at + 4]) for at in (16, 20)] == [3200, 1800]


def test_a_charts_own_button_gives_the_same_slide(visitor: Visitor) -> None:
    page = visitor.open("compare?baseline=model=beta,arm=fp32@default")
    page.locator(".st-key-waterfall .js-plotly-plot").hover()
    own = page.locator(".st-key-waterfall .modebar-btn").first
    saved = _saved(page, own, "where-the-difference-comes-from", "svg")
    assert b"INT8 Lens, page Compare" in saved


@pytest.mark.parametrize("path", ["", "compare", "devices", "versions", "models", "layers", "runs"])
def test_no_word_of_a_picture_lies_on_another_and_each_says_what_it_shows(
    browser: Browser, versions_address: str, path: str
) -> None:
    with closing(Visitor(browser, versions_address)) as guest:
        page = guest.open(path)
        heading = page.get_by_role("heading", level=1).inner_text()
        buttons = page.get_by_role("button", name="SVG: save").all()
        assert buttons
        for button in filter(Locator.is_visible, buttons):
            with page.expect_download() as download:
                button.click()
            svg = Path(download.value.path()).read_text(encoding="utf-8")
            head, drawn, said = page.evaluate(_HEAD_AND_CHART, svg)
            assert head <= drawn, f"{download.value.suggested_filename}: words over the chart"
            assert "OpenVINO" in said
            assert "latency, batch 1" in said or "2 scenarios" in said
            assert re.search(r"INT8 Lens, page \w+, .*run.*, measured 20", said)
            if path != "compare":
                assert " ".join(heading.split()) in said, "the answer"
        assert guest.errors == []


def test_from_the_overview_by_a_cause_to_its_layer_and_the_link_shows_it_elsewhere(
    visitor: Visitor, browser: Browser, address: str
) -> None:
    page = visitor.open("")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    verdict = page.get_by_role("heading", name="slower: 0.69x").first
    card = page.get_by_test_id("stVerticalBlock").filter(has=verdict).last
    card.get_by_role("link", name="Why?").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("slower: 0.69x")
    visitor.settle()
    cause = _cause(page, "Data is converted between layers")
    expect(cause.get_by_text("Evidence:")).to_be_visible()
    expect(cause.get_by_text("What to do:")).to_be_visible()
    cause.get_by_text("Its layers: 1").click()
    cause.get_by_role("button", name=_REORDER).click()
    opened = page.get_by_role("dialog")
    expect(opened.get_by_text("No operation of the model asked for it")).to_be_visible()
    visitor.settle()
    opened.get_by_role("button", name="Copy link to this page").click()
    expect(opened.get_by_role("button", name="Link copied")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied == page.url
    said = opened.inner_text().replace("Link copied", "Copy link to this page")
    title = _title(page)
    with closing(Visitor(browser, address)) as other:
        other.page.goto(copied)
        other.settle()
        expect(other.page.get_by_role("heading", level=1)).to_have_text(title)
        expect(other.page.get_by_role("dialog")).to_have_text(said, use_inner_text=True)
        assert other.page.url == copied
        assert other.errors == []


def test_back_and_forward_go_through_what_was_shown(visitor: Visitor) -> None:
    page = visitor.open("compare")
    first = _title(page)
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    second = _title(page)
    visitor.settle()
    visitor.follow("Layers")
    third = _title(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    visitor.settle()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    visitor.settle()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    visitor.settle()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(third)


@pytest.mark.parametrize(
    "query", ["find=%ff%fe", "find=" + 3000 * "x", "class=a&class=b", "run=%00"]
)
def test_a_broken_address_is_told_and_the_page_stands(visitor: Visitor, query: str) -> None:
    page = visitor.open(f"compare?{query}")
    expect(page.get_by_text("The address asks for").first).to_be_visible()
    expect(page.get_by_text("it is ignored").first).to_be_visible()
    assert "%EF%BF%BD" not in page.url
    assert len(page.url) < 500


def _cause(page: Page, title: str) -> Locator:
    """The card of a cause on Compare."""
    heading = page.get_by_role("heading", level=3, name=title)
    return page.get_by_test_id("stVerticalBlock").filter(has=heading).last


def _title(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def _pictures(page: Page) -> Locator:
    return page.locator(".st-key-waterfall-pictures")


def _saved(page: Page, button: Locator, key: str, ending: str) -> bytes:
    """What a click on this saves, under a name of the page's own."""
    with page.expect_download() as saved:
        button.click()
    assert re.fullmatch(_NAME.format(key=key, ending=ending), saved.value.suggested_filename)
    return Path(saved.value.path()).read_bytes()


def _rgb(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _contrast(ink: tuple[int, ...], ground: tuple[int, ...]) -> float:
    """Of words in this colour on this ground, by WCAG 2."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[int, ...]) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
