"""Someone who looks at the dashboard in a browser and notices what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_TALLEST_PX = 9000
_DRAW_MS = 400
_PATIENCE_MS = 30_000
_STILL_MS = 300
_STILL = """([still, visit]) => {
  const main = document.querySelector("[data-testid=stMain]");
  if (!main) return false;
  const seen = (marks) => [...main.querySelectorAll(marks)].filter((one) => one.offsetParent);
  const awaited = seen("[data-testid=stSkeleton]").length
    + seen("[data-testid=stPlotlyChart]").filter((one) => !one.querySelector(".main-svg")).length;
  const [now, look] = [performance.now(), [
    main.scrollHeight, main.scrollTop, main.querySelectorAll(".js-plotly-plot .main-svg").length,
  ].join()];
  const last = window.stoodStill;
  const same = last && last.visit === visit && last.look === look && !awaited;
  const stood = same ? last.stood + Math.min(now - last.now, 50) : 0;
  window.stoodStill = { visit, look, now, stood };
  return stood >= still;
}"""
"""Looked at in every frame. A frame that took long counts little: a page that draws is busy."""


class Visitor:
    """A browser context of its own on one page; ``errors`` and ``strangers`` fill up."""

    def __init__(self, browser: Browser, address: str, *, theme: str = "light") -> None:
        self.address = address
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self._settled = 0
        self._context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
        )
        self.page: Page = self._context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)

    def open(self, path: str) -> Page:
        """Open a page by its path and wait until it is drawn."""
        self.page.goto(f"{self.address}/{path}")
        return self.settle()

    def settle(self) -> Page:
        """Wait until the script has run, the heading is there and the page stands still.

        A chart or a table that is drawn late moves what stands below it, and the scrolling
        that follows closes a list that was just opened.
        """
        self.page.wait_for_selector("h1", timeout=_PATIENCE_MS)
        self.page.wait_for_selector(SETTLED, timeout=_PATIENCE_MS)
        self._settled += 1
        self.page.wait_for_function(_STILL, arg=[_STILL_MS, self._settled], timeout=_PATIENCE_MS)
        return self.page

    def unfold(self, name: str) -> Page:
        """Open the list of a selectbox that is in sight; a scroll that still runs closes it."""
        box = self.page.get_by_role("combobox", name=name, exact=True)
        box.scroll_into_view_if_needed()
        self.settle()
        box.click()
        return self.page

    def follow(self, link: str) -> Page:
        """Click a link by its words and wait for the page behind it."""
        before = self.page.url
        self.page.get_by_role("link", name=link).first.click()
        self.page.wait_for_url(lambda url: url != before)
        self.page.wait_for_timeout(_DRAW_MS)
        return self.settle()

    def photograph(self, path: Path, width: int) -> None:
        """The whole page at this width, however far it scrolls."""
        self._resize(width, 900)
        full = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self._resize(width, min(max(int(full), 900), _TALLEST_PX))
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Leave."""
        self._context.close()

    def _resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_timeout(_DRAW_MS)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"} and url.hostname != "localhost":
            self.strangers.append(request.url)
