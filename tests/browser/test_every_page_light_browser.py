"""Every page in the light theme for everybody, from 800 to 2,560 pixels.

Pictures stay in ``test-artifacts`` for a look at them.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.everybody import LOOKS, SIX_VERSIONS, assert_for_everybody

pytestmark = pytest.mark.browser

WIDTHS = (2560, 1440, 800)


@pytest.mark.parametrize("look", LOOKS.items(), ids=LOOKS)
def test_every_page_is_for_everybody(browser: Browser, address: str, look: tuple[str, str]) -> None:
    assert_for_everybody(browser, address, "light", look, WIDTHS)


@pytest.mark.parametrize("look", SIX_VERSIONS.items(), ids=SIX_VERSIONS)
def test_six_versions_are_for_everybody(
    browser: Browser, versions_address: str, look: tuple[str, str]
) -> None:
    assert_for_everybody(browser, versions_address, "light", look, WIDTHS)
