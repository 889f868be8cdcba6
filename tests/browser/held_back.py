"""A slow line to a browser: what the server says is kept for a while, what it is asked is not."""

from __future__ import annotations

import re
from functools import partial
from types import TracebackType

from playwright.sync_api import Page, WebSocketRoute

_STREAM = re.compile("/_stcore/stream")


class HeldBack:
    """Keeps back what a page is told while the block lasts, then tells it in the same order.

    To be made before the page is opened.
    """

    def __init__(self, page: Page) -> None:
        self._kept: list[partial[None]] = []
        self._is_holding = False
        page.route_web_socket(_STREAM, self._between)

    def __enter__(self) -> None:
        self._is_holding = True

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        self._is_holding = False
        for tell in self._kept:
            tell()
        self._kept.clear()

    def _between(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(server.send)
        server.on_message(partial(self._told, browser))

    def _told(self, browser: WebSocketRoute, message: str | bytes) -> None:
        if self._is_holding:
            self._kept.append(partial(browser.send, message))
        else:
            browser.send(message)
