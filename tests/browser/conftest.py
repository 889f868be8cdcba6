"""A real browser on a really started dashboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Error, Playwright, expect, sync_playwright

from tests.browser.served import served
from tests.browser.visitor import Visitor
from tests.page.version_stores import versions_store
from tests.planted import planted_certificate, planted_store

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "z <img src=x onerror=alert(1)> **b** :red[x] $y$ [a](javascript:alert(1))"
_APPEARS_MS = 20_000
"""A machine with other work to do takes longer than Playwright's five seconds to draw."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own, else no test."""
    expect.set_options(timeout=_APPEARS_MS)
    with sync_playwright() as playwright, closing(_launch(playwright)) as found:
        yield found


def _launch(playwright: Playwright) -> Browser:
    system = next(filter(None, map(shutil.which, SYSTEM_BROWSERS)), None)
    try:
        return playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
    except Error as error:
        reason = f"no Chromium to test in: {str(error).strip().splitlines()[0]}"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on three planted models, one of them with a hostile name.

    The machine was certified the day before.
    """
    root = tmp_path_factory.mktemp("store")
    planted_store(
        root, models=("alpha", "beta", HOSTILE), int8_ratios={HOSTILE: 1.0}, default_ratio=0.9
    )
    planted_certificate(root, day=-1)
    with served(root) as address:
        yield address


@pytest.fixture(scope="session")
def versions_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on six OpenVINO versions, the oldest with failed cells."""
    root = tmp_path_factory.mktemp("versions")
    versions_store(root)
    with served(root) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone who opens pages; the test fails where a page logs an error or asks a stranger."""
    with closing(Visitor(browser, address)) as guest:
        yield guest
        assert guest.errors == []
        assert guest.strangers == []
