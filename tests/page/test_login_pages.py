"""A door that cannot be read stays closed: no page shows anything of a store behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config

from dashboard import access
from dashboard.access import ALLOW_VARIABLE
from results.store import Store
from tests.page.pages import PAGES, assert_no_exception, open_page, words

AUTH = '[auth]\nredirect_uri = "x"\ncookie_secret = "y"\nclient_id = "z"\n'


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file in which this server's secrets are looked for."""
    monkeypatch.setattr(access, "find_spec", lambda _name: object())
    before = st.get_option("secrets.files")
    path = tmp_path / "secrets.toml"
    config.set_option("secrets.files", [str(path)])
    yield path
    config.set_option("secrets.files", before)


def _is_closed(page: str) -> str:
    """What a closed page says; it shows nothing of the store."""
    at = open_page(page)
    assert_no_exception(at)
    said = words(at)
    assert "Tiny" not in said
    assert not at.dataframe
    return said


@pytest.mark.parametrize("page", PAGES)
def test_a_login_that_is_asked_for_comes_before_every_page(
    one_run: Store, secrets: Path, page: str
) -> None:
    assert "Tiny" in words(open_page(page))
    secrets.write_text(AUTH)
    assert "Log in to see the results" in _is_closed(page)


@pytest.mark.parametrize("page", PAGES)
def test_secrets_that_are_broken_while_the_server_runs_close_every_page(
    one_run: Store, secrets: Path, page: str
) -> None:
    secrets.write_text("[auth")
    assert "cannot be read" in _is_closed(page)


def test_a_list_without_a_login_closes_every_page(
    one_run: Store, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "example.org")
    assert "no login" in _is_closed("overview")


def test_each_provider_has_its_button(one_run: Store, secrets: Path) -> None:
    secrets.write_text(f'{AUTH}[auth.blue]\nclient_id = "b"\n')
    labels = [button.label for button in open_page().button]
    assert labels == ["Log in", "Log in with blue"]
