"""Behind a login, and behind a reverse proxy: what people meet there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.oidc_provider import CLIENT, PEOPLE, OidcProvider, provider
from tests.browser.reverse_proxy import ReverseProxy, proxied
from tests.browser.served import ROOT, free_port, served
from tests.browser.visitor import SETTLED, Visitor
from tests.page.pages import PATHS
from tests.planted import planted_store

pytestmark = pytest.mark.browser

ADA, EVE = PEOPLE
BASE = "/team/lens"
STORE_WORDS = ("Alpha", "faster")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one model."""
    return planted_store(tmp_path_factory.mktemp("behind"), models=("alpha",)).root


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcProvider]:
    """Where people log in."""
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def guarded(
    root: Path, oidc: OidcProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a dashboard that asks for a login and lets in one domain."""
    port = free_port()
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    secrets.write_text(
        f"""
        [auth]
        redirect_uri = "http://localhost:{port}/oauth2callback"
        cookie_secret = "{"a secret of these tests alone, long enough" * 2}"
        client_id = "{CLIENT}"
        client_secret = "none"
        server_metadata_url = "{oidc.issuer}/.well-known/openid-configuration"
        """,
        encoding="utf-8",
    )
    environ = {"INT8_LENS_ALLOW": "example.org"}
    with served(root, "--secrets", str(secrets), port=port, environ=environ) as address:
        yield address


@pytest.fixture(scope="module")
def proxy(root: Path) -> Iterator[ReverseProxy]:
    """A reverse proxy in front of a dashboard that answers below a path."""
    port = free_port()
    options = ("--base-path", BASE, "--allow-host", "lens.localhost")
    headers = tuple(f"{name}: {value}" for name, value in documented_headers())
    with served(root, *options, port=port, path=BASE), proxied(BASE, port, headers) as found:
        yield found


def documented_headers() -> list[tuple[str, str]]:
    """What the docs let a proxy add to every answer."""
    docs = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
    found = re.findall(r'add_header (\S+) "?(.+?)"? always;', docs)
    assert {"Content-Security-Policy", "X-Content-Type-Options"} <= {name for name, _ in found}
    return [(name, value) for name, value in found if name != "Strict-Transport-Security"]


@pytest.mark.parametrize("path", [*PATHS.values(), "runs?run=x"])
def test_nothing_of_the_store_is_shown_before_the_login(
    browser: Browser, guarded: str, path: str
) -> None:
    with closing(Visitor(browser, guarded)) as guest:
        page = guest.page
        frames: list[bytes] = []
        page.on(
            "websocket", lambda ws: ws.on("framereceived", lambda got: frames.append(_raw(got)))
        )
        guest.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in to see the results")
        shown = page.content() + b"".join(frames).decode("utf-8", "replace")
        assert not any(word in shown for word in STORE_WORDS)
        assert guest.errors == []


def test_who_is_on_the_list_logs_in_sees_the_results_and_logs_out(
    browser: Browser, guarded: str, oidc: OidcProvider
) -> None:
    with closing(Visitor(browser, guarded)) as guest:
        _log_in(guest, ADA)
        page = guest.page
        expect(page.get_by_text(f"Logged in as {ADA}")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_contain_text("INT8 is faster")
        ended = oidc.ended
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in to see the results")
        assert oidc.ended == ended + 1
        guest.open("compare")
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in to see the results")


def test_a_link_that_was_opened_before_the_login_is_opened_after_it(
    browser: Browser, guarded: str
) -> None:
    with closing(Visitor(browser, guarded)) as guest:
        _log_in(guest, ADA, "runs?run=x")
        page = guest.page
        page.wait_for_url("**/runs?**")
        guest.settle()
        expect(page.get_by_test_id("stMain")).to_contain_text("run = x")
        guest.follow("Overview")
        guest.open("")
        assert urlsplit(page.url).path == "/"
        assert guest.errors == []


def test_who_is_not_on_the_list_sees_nothing_and_can_log_out(
    browser: Browser, guarded: str
) -> None:
    with closing(Visitor(browser, guarded)) as guest:
        _log_in(guest, EVE)
        page = guest.page
        expect(page.get_by_role("heading", level=1)).to_have_text("You may not see these results")
        assert not any(word in page.content() for word in STORE_WORDS)
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in to see the results")


def test_a_forged_cookie_is_no_login(browser: Browser, guarded: str) -> None:
    with closing(Visitor(browser, guarded)) as guest:
        page = guest.open("")
        page.evaluate("""document.cookie = '_streamlit_user={"is_logged_in":true}; path=/'""")
        guest.open("compare")
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in to see the results")


def test_behind_a_reverse_proxy_every_click_stays_below_its_path(
    browser: Browser, proxy: ReverseProxy
) -> None:
    address = f"http://localhost:{proxy.port}{BASE}"
    with closing(Visitor(browser, address)) as guest:
        page = guest.open("")
        expect(page.get_by_role("heading", level=1)).to_contain_text("INT8 is faster")
        guest.follow("Compare")
        assert urlsplit(page.url).path == f"{BASE}/compare"
        guest.settle()
        page.get_by_role("button", name="Swap").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("slower")
        guest.settle()
        with page.expect_download() as picture:
            page.get_by_role("button", name="SVG: save").first.click()
        assert b"INT8 Lens, page Compare" in Path(picture.value.path()).read_bytes()
        with closing(Visitor(browser, address)) as other:
            other.page.goto(page.url)
            other.settle()
            expect(other.page.get_by_role("heading", level=1)).to_contain_text("slower")
        assert guest.errors == []
        assert guest.strangers == []
    assert f"{BASE}/_stcore/stream" in proxy.asked
    assert proxy.outside == []


def test_a_browser_that_asks_for_another_name_gets_no_page(
    browser: Browser, proxy: ReverseProxy
) -> None:
    """As a page of a stranger does that points a name of its own at this machine."""
    with closing(Visitor(browser, f"http://rebound.localhost:{proxy.port}{BASE}")) as guest:
        refused: list[str] = []
        heard = partial(_keep, refused)
        guest.page.on("websocket", lambda socket: socket.on("socketerror", heard))
        guest.page.goto(guest.address)
        guest.page.wait_for_timeout(3000)
        assert refused
        assert guest.page.locator("h1").count() == 0
    with closing(Visitor(browser, f"http://lens.localhost:{proxy.port}{BASE}")) as guest:
        expect(guest.open("").get_by_role("heading", level=1)).to_contain_text("INT8 is faster")


def _log_in(guest: Visitor, person: str, path: str = "") -> None:
    page: Page = guest.open(path)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=person).click()
    page.wait_for_selector("h1:not(:text('Who are you?'))")
    page.wait_for_selector(SETTLED)


def _keep(found: list[str], error: str) -> None:
    found.append(error)


def _raw(got: str | bytes) -> bytes:
    return got if isinstance(got, bytes) else got.encode("utf-8")
