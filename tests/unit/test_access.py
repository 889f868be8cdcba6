"""Who is let in: nobody by mistake. A setting that cannot be read closes the door."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dashboard import access
from dashboard.access import ALLOW_VARIABLE, Access, Admission, admission, read_access
from results.errors import HostError, UsageError

AUTH = '[auth]\nredirect_uri = "x"\ncookie_secret = "y"\n'
ONE = f'{AUTH}client_id = "a"\n'
TWO = f'{AUTH}[auth.blue]\nclient_id = "a"\n[auth.green]\nclient_id = "b"\n'
ADA: dict[str, object] = {"is_logged_in": True, "email": "Ada@Example.org", "email_verified": True}


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "find_spec", lambda _name: object())


def rules(tmp_path: Path, text: str, allow: str = "") -> Access:
    path = tmp_path / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    return read_access({ALLOW_VARIABLE: allow} if allow else {}, [tmp_path / "none", path])


def test_without_a_login_everybody_is_let_in(tmp_path: Path) -> None:
    assert read_access({}, [tmp_path / "none"]) == Access()
    assert rules(tmp_path, "[other]\nx = 1") == Access()
    assert admission(Access(), {}) is Admission.ADMITTED


def test_with_a_login_everybody_whom_the_provider_knows_is_let_in(tmp_path: Path) -> None:
    found = rules(tmp_path, ONE)
    assert (found.providers, found.allowed) == (("",), ())
    assert admission(found, {}) is Admission.LOGIN
    assert admission(found, {"is_logged_in": False}) is Admission.LOGIN
    assert admission(found, {"is_logged_in": "true"}) is Admission.LOGIN
    assert admission(found, {"is_logged_in": True}) is Admission.ADMITTED


def test_several_providers_are_named(tmp_path: Path) -> None:
    assert rules(tmp_path, TWO).providers == ("blue", "green")


@pytest.mark.parametrize(
    ("allow", "email", "found"),
    [
        ("example.org", "ada@example.org", Admission.ADMITTED),
        ("@example.org", "ada@example.org", Admission.ADMITTED),
        ("EXAMPLE.org", "Ada@Example.ORG", Admission.ADMITTED),
        ("ada@example.org", "ada@example.org", Admission.ADMITTED),
        ("x.test, ada@example.org", "ada@example.org", Admission.ADMITTED),
        ("ada@example.org", "bob@example.org", Admission.REFUSED),
        ("example.org", "ada@example.org.evil.test", Admission.REFUSED),
        ("example.org", "ada@sub.example.org", Admission.REFUSED),
        ("example.org", "ada@notexample.org", Admission.REFUSED),
        ("example.org", "example.org", Admission.REFUSED),
        ("example.org", "@example.org", Admission.REFUSED),
        ("example.org", "ada@evil.test@example.org ", Admission.REFUSED),
        ("example.org", "", Admission.REFUSED),
        ("example.org", None, Admission.REFUSED),
        ("example.org", ["ada@example.org"], Admission.REFUSED),
    ],
)
def test_a_list_lets_in_who_is_on_it(
    tmp_path: Path, allow: str, email: object, found: Admission
) -> None:
    claims: Mapping[str, object] = ADA | {"email": email}
    assert admission(rules(tmp_path, ONE, allow), claims) is found


@pytest.mark.parametrize("verified", [False, "false", None, 0, 1, [], {}])
def test_an_address_that_is_not_verified_is_nobodys(tmp_path: Path, verified: object) -> None:
    found = rules(tmp_path, ONE, "example.org")
    assert admission(found, ADA) is Admission.ADMITTED
    assert admission(found, ADA | {"email_verified": verified}) is Admission.REFUSED


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("", Admission.REFUSED),
        ("believe_missing_email_verified = false", Admission.REFUSED),
        ("believe_missing_email_verified = true", Admission.ADMITTED),
    ],
)
def test_an_address_that_nobody_verified_is_believed_only_where_that_is_asked_for(
    tmp_path: Path, setting: str, found: Admission
) -> None:
    told = rules(tmp_path, f"{ONE}[int8_lens]\nallow = ['example.org']\n{setting}")
    silent = {name: claim for name, claim in ADA.items() if name != "email_verified"}
    assert admission(told, silent) is found
    assert admission(told, ADA) is Admission.ADMITTED
    assert admission(told, ADA | {"email_verified": False}) is Admission.REFUSED


def test_the_list_may_stand_in_the_secrets_too(tmp_path: Path) -> None:
    text = f'{ONE}[int8_lens]\nallow = ["Example.org"]\n'
    assert rules(tmp_path, text, "ada@x.test").allowed == ("example.org", "ada@x.test")


@pytest.mark.parametrize(
    "text",
    [
        "[auth",
        "auth = 3",
        AUTH,
        "[int8_lens]\nallow = ['example.org']",
        f"{ONE}[int8_lens]\nallow = 'example.org'",
        f"{ONE}[int8_lens]\nallow = [3]",
        f"int8_lens = 3\n{ONE}",
        f"{ONE}[int8_lens]\nbelieve_missing_email_verified = 'yes'",
    ],
)
def test_settings_that_cannot_be_right_let_nobody_in(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        rules(tmp_path, text)


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError):
        read_access({}, [path])
    with pytest.raises(UsageError):
        read_access({}, [tmp_path])


def test_a_list_without_a_login_lets_nobody_in() -> None:
    with pytest.raises(UsageError, match="no login"):
        read_access({ALLOW_VARIABLE: "example.org"}, [])


def test_a_login_that_is_not_installed_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "find_spec", lambda _name: None)
    with pytest.raises(HostError, match="Authlib"):
        rules(tmp_path, ONE)
