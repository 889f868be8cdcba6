"""Over a slow line: a control that is used before the browser was told what the page became."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.held_back import HeldBack
from tests.browser.served import served
from tests.browser.visitor import Visitor
from tests.planted import ARMS, planted_store

pytestmark = pytest.mark.browser

_ASKED_MS = 1_500
"""Long enough for a question to arrive and to be answered, less than the page's clock waits."""


@pytest.fixture(scope="module")
def two_runs_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three models on two machines with two versions: every page has something to choose."""
    root = tmp_path_factory.mktemp("told-late")
    planted_store(root, models=("alpha", "beta", "gamma"), default_ratio=0.9)
    planted_store(root, models=("alpha", "beta"), name="other", runtime="2025.1.0")
    with served(root) as address:
        yield address


@pytest.fixture
def guest(browser: Browser, two_runs_address: str) -> Iterator[Visitor]:
    """Someone with a line that can be held back."""
    with closing(Visitor(browser, two_runs_address)) as found:
        yield found
        assert found.errors == []


def test_a_filter_that_is_chosen_right_after_a_swap_does_not_undo_it(guest: Visitor) -> None:
    held = HeldBack(guest.page)
    page = guest.open("compare")
    before = _asked(page)
    with held:
        page.get_by_role("button", name="Swap").click()
        page.wait_for_timeout(_ASKED_MS)
        _choose_held(guest, "Unlike in", "another precision")
        page.wait_for_timeout(_ASKED_MS)
    after = _told(guest)
    assert (after["baseline"], after["candidate"]) == (before["candidate"], before["baseline"])
    assert after["mismatch"] == "precision"


def test_a_control_that_is_used_before_the_answer_is_obeyed_though_it_was_moved(
    guest: Visitor,
) -> None:
    held = HeldBack(guest.page)
    page = guest.open("compare")
    before = _asked(page)
    with held:
        page.get_by_role("button", name="Swap").click()
        page.wait_for_timeout(_ASKED_MS)
        page.get_by_role("combobox", name="Candidate (B)", exact=True).click()
        page.get_by_role("option", selected=False).last.click()
        page.wait_for_timeout(_ASKED_MS)
        _choose_held(guest, "Unlike in", "another precision")
        page.wait_for_timeout(_ASKED_MS)
    after = _told(guest)
    assert after["baseline"] == before["candidate"]
    assert after["candidate"] not in before.values()
    assert after["mismatch"] == "precision"


def test_a_control_that_is_used_right_after_back_does_not_undo_it(guest: Visitor) -> None:
    held = HeldBack(guest.page)
    page = guest.open("")
    page.get_by_role("radio", name=ARMS[0]).click()
    page.wait_for_url("**against=**")
    guest.settle()
    with held:
        page.go_back()
        page.wait_for_timeout(_ASKED_MS)
        page.get_by_role("combobox", name="OpenVINO version", exact=True).click()
        page.get_by_role("option", name="2025.1.0").click()
        page.wait_for_timeout(_ASKED_MS)
    after = _told(guest)
    assert "against" not in after
    assert after["runtime"] == "2025.1.0"
    expect(page.get_by_role("radio", name=ARMS[0])).not_to_be_checked()


def test_what_was_chosen_before_can_be_chosen_again_once_the_answer_is_there(
    guest: Visitor,
) -> None:
    page = guest.open("models")
    before = _asked(page)
    left, right = (_shown(page, side) for side in ("Left", "Right"))
    _choose(guest, "Right", left)
    swapped = _told(guest)
    assert (swapped["left"], swapped["right"]) == (before["right"], before["left"])
    _choose(guest, "Right", right)
    after = _told(guest)
    assert (after["left"], after["right"]) == (before["left"], before["right"])


def _choose(guest: Visitor, label: str, name: str) -> None:
    guest.unfold(label).get_by_role("option", name=name).click()
    guest.page.wait_for_timeout(_ASKED_MS)


def _choose_held(guest: Visitor, label: str, name: str) -> None:
    """As ``_choose``; the page does not stand still while its answer is held back."""
    box = guest.page.get_by_role("combobox", name=label, exact=True)
    box.scroll_into_view_if_needed()
    box.click()
    guest.page.get_by_role("option", name=name).click()


def _shown(page: Page, label: str) -> str:
    return page.get_by_role("combobox", name=label, exact=True).input_value()


def _told(guest: Visitor) -> dict[str, str]:
    """What the address says when everything has arrived."""
    guest.page.wait_for_timeout(_ASKED_MS)
    return _asked(guest.settle())


def _asked(page: Page) -> dict[str, str]:
    return {name: said[0] for name, said in parse_qs(urlsplit(page.url).query).items()}
