"""While people read: the collector's progress on the page, and a run that lands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, expect

from results.journal import Journal
from results.under_way import Doing, Teller
from tests.browser.served import served
from tests.browser.visitor import Visitor
from tests.page.hostile_stores import hostile_store
from tests.page.pages import PATHS
from tests.planted import planted_store
from tests.unit.test_read_only_store import tree_of

pytestmark = pytest.mark.browser

RUN_ID = "20261123T011500Z-3fa9c1"
_WATCHED = "document.querySelector('[data-testid=stMain]')"


@pytest.fixture(scope="module")
def hostile_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on a store in which every name is hostile."""
    with served(hostile_store(tmp_path_factory.mktemp("hostile")).root) as address:
        yield address


def test_the_progress_changes_on_an_open_page_which_stays_as_it_is(
    browser: Browser, tmp_path: Path
) -> None:
    planted_store(tmp_path)
    teller = Teller(tmp_path)
    with served(tmp_path) as address, closing(Visitor(browser, address)) as guest:
        page = guest.open("compare")
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
        page.evaluate(f"{_WATCHED}.scrollTo(0, 900)")
        page.evaluate("document.querySelector('.js-plotly-plot').dataset.mine = 'yes'")
        before = page.evaluate(f"{_WATCHED}.scrollTop")
        assert before > 0
        for number in (1, 2):
            teller.tell(Doing(run_id=RUN_ID, activity=f"tiny, block {number} of 5", left_s=60))
            expect(page.get_by_text(f"tiny, block {number} of 5")).to_be_attached()
        assert page.locator(".js-plotly-plot").first.get_attribute("data-mine") == "yes"
        assert page.locator("[data-stale=true]").count() == 0
        with Journal.create(tmp_path, RUN_ID, "{}"):
            teller.end()
        expect(page.get_by_text(f"--resume --run {RUN_ID}")).to_be_attached()
        expect(page.get_by_text("The collector is at work")).to_have_count(0)
        assert guest.errors == []


def test_a_run_that_lands_is_told_and_shown_by_a_click_with_the_baseline_pinned(
    browser: Browser, tmp_path: Path
) -> None:
    planted_store(tmp_path, models=("alpha",))
    with served(tmp_path) as address, closing(Visitor(browser, address)) as guest:
        page = guest.open("compare")
        heading = page.get_by_role("heading", level=1)
        said, url = heading.inner_text(), page.url
        planted_store(tmp_path, models=("beta",), name="second")
        expect(page.get_by_text("A new run has arrived.")).to_be_visible()
        assert heading.inner_text() == said
        page.get_by_role("button", name="Show it").click()
        expect(page.get_by_text("A new run has arrived.")).to_have_count(0)
        guest.settle()
        assert (heading.inner_text(), page.url) == (said, url)
        guest.unfold("Baseline (A)")
        expect(page.get_by_role("option", name="Beta").first).to_be_visible()
        assert guest.errors == []


def test_an_empty_page_shows_the_first_run_by_itself(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as address, closing(Visitor(browser, address)) as guest:
        page = guest.open("")
        expect(page.get_by_role("heading", name="Nothing has been measured yet")).to_be_visible()
        planted_store(tmp_path)
        expect(page.get_by_role("heading", name="INT8 is faster")).to_be_visible()
        assert guest.errors == []


def test_a_server_leaves_the_store_as_it_was(browser: Browser, tmp_path: Path) -> None:
    root = planted_store(tmp_path / "store").root
    Teller(root).tell(Doing(activity="block 1 of 5"))
    for folder in (root, *root.rglob("*")):
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    before = tree_of(root)
    with served(root) as address, closing(Visitor(browser, address)) as guest:
        for path in PATHS.values():
            guest.open(path)
        guest.page.wait_for_timeout(4000)
    after = tree_of(root)
    for folder in (root, *root.rglob("*")):
        folder.chmod(0o755)
    assert after == before


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_nothing_that_a_store_says_runs_or_asks_for_anything(
    browser: Browser, hostile_address: str, path: str
) -> None:
    with closing(Visitor(browser, hostile_address)) as guest:
        ran: list[str] = []
        asked: list[str] = []

        def opened(dialog: Dialog) -> None:
            ran.append(dialog.message)
            dialog.dismiss()

        guest.page.on("dialog", opened)
        guest.page.on("request", lambda request: asked.append(request.url))
        page = guest.open(f"{path}?find=<img src=x onerror=alert(3)>")
        page.wait_for_timeout(1500)
        assert ran == []
        assert [url for url in asked if url.endswith(("/x", "passwd"))] == []
        assert page.locator("img[src='x'], a[href^='javascript'], main script").count() == 0
        assert guest.errors == []
        assert guest.strangers == []
