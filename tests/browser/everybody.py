"""What every page keeps for everybody: axe-core, no word cut, no scrolling sideways, a picture.

The pages that are looked at stand here too; which theme and store is the tests' matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor
from tests.page.pages import PATHS
from tests.planted import ARMS, cell_id_of

ARTIFACTS = Path(__file__).parents[2] / "test-artifacts"
GRAVE = {"serious", "critical"}
LOOKS = {
    **PATHS,
    "compare-opened": f"compare?baseline={cell_id_of()}&candidate={cell_id_of(arm=ARMS[2])}"
    "&layer=stem",
}
"""The name of a picture, and the address of what is on it."""
SIX_VERSIONS = {
    "six-overview-oldest": "?runtime=2021.2",
    "six-versions": "versions",
    "six-changed": "versions?from=2021.2&to=2021.4.2",
}
"""Those of a store with six versions, the oldest with failed cells."""

_CUT = """() => [...document.querySelectorAll(
    "h1, h2, h3, [data-testid=stMetricLabel] p, [data-testid=stMetricValue] div," +
    " [data-testid=stMarkdownContainer] p, [data-testid=stMain] button p")]
  .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).display !== "inline")
  .map((one) => one.innerText.slice(0, 80))"""
_OFF_THE_CHART = """() => [...document.querySelectorAll(".js-plotly-plot .main-svg text")]
  .filter((one) => {
    const [word, chart] = [one, one.closest(".js-plotly-plot")].map(
      (element) => element.getBoundingClientRect())
    return word.width > 0 && (word.left < chart.left - 2 || word.right > chart.right + 2
      || word.top < chart.top - 2 || word.bottom > chart.bottom + 2)
  })
  .map((one) => one.textContent.slice(0, 80))"""


@dataclass(frozen=True)
class OfStreamlit:
    """A finding in a widget of Streamlit's own that no option of it mends."""

    rule: str
    part_of_selector: str
    reason: str


EXCUSED: tuple[OfStreamlit, ...] = ()
"""Nothing of our own content may stand here."""


def assert_for_everybody(
    browser: Browser, address: str, theme: str, look: tuple[str, str], widths: Sequence[int]
) -> None:
    """Open a look, a name and a path, and check all of it at these widths in pixels."""
    name, path = look
    ARTIFACTS.mkdir(exist_ok=True)
    with closing(Visitor(browser, address, theme=theme)) as guest:
        page = guest.open(path)
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
        for buttons in ("[class*='-pictures']", ".st-key-copy-link"):
            expect(page.locator(f"{buttons} button").first).to_be_visible()
        assert grave_findings(page) == []
        for width in widths:
            guest.photograph(ARTIFACTS / f"{name}-{theme}-{width}.png", width)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            cut, off = page.evaluate(_CUT), page.evaluate(_OFF_THE_CHART)
            assert cut == [], f"words are cut at {width} pixels: {cut}"
            assert off == [], f"words leave a chart at {width} pixels: {off}"
        assert guest.errors == []
        assert guest.strangers == []


def grave_findings(page: Page) -> list[str]:
    """What axe-core finds that is serious or worse, but for what is excused."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
        if not any(
            excuse.rule == one["id"] and excuse.part_of_selector in str(node["target"])
            for excuse in EXCUSED
        )
    ]
