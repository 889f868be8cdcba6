"""Who may see the dashboard: everybody, or those whom an OIDC provider knows and a list allows.

Reads the same secrets as Streamlit's login does (``[auth]`` in ``secrets.toml``) and decides;
asking people to log in is ``dashboard.views.login``. A setting that cannot be read lets
nobody in: it must never open what somebody meant to close.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from results.errors import HostError, UsageError

ALLOW_VARIABLE = "INT8_LENS_ALLOW"
_SECTION = "int8_lens"
_BELIEVE = "believe_missing_email_verified"
_HINT = "mend it as docs/dashboard.md says; until then nobody is let in"


class Admission(StrEnum):
    """What is done with somebody who asks for a page."""

    ADMITTED = "admitted"
    LOGIN = "login"
    REFUSED = "refused"


@dataclass(frozen=True)
class Access:
    """The rules of a server.

    ``providers`` are the names to log in with, "" for the one without a name; without any
    of them everybody is let in. ``allowed`` are addresses and domains in lower case; without
    any of them everybody whom the provider knows is let in. ``believes_missing`` says that an
    address counts of which the provider does not say whether it was verified.
    """

    providers: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    believes_missing: bool = False

    @property
    def needs_login(self) -> bool:
        """Whether nothing is shown before a login."""
        return bool(self.providers)


def read_access(environ: Mapping[str, str], secrets: Iterable[Path]) -> Access:
    """The rules in the secrets files that there are, and in ``INT8_LENS_ALLOW``.

    Raises UsageError where they cannot be read or contradict each other, HostError where
    they ask for a login that is not installed.
    """
    told = _merged(secrets)
    auth = told.get("auth")
    if auth is not None and not isinstance(auth, dict):
        raise UsageError("[auth] in the secrets is no table", hint=_HINT)
    asked = [*_allowed_of(told), *environ.get(ALLOW_VARIABLE, "").split(",")]
    allowed = tuple(dict.fromkeys(filter(None, (one.strip().casefold() for one in asked))))
    if auth is None:
        if allowed:
            raise UsageError("there is a list of who may log in, but no login", hint=_HINT)
        return Access()
    found = Access(_providers(auth), allowed, _believes_missing(told))
    if not find_spec("authlib"):
        raise HostError("the login needs Authlib", hint="install requirements-dashboard.txt")
    return found


def admission(access: Access, claims: Mapping[str, object]) -> Admission:
    """What the rules say of somebody with these claims (``st.user``).

    An address counts only where the provider says that it was verified: of many of them
    everybody can get an account under an address of somebody else.
    """
    if not access.needs_login:
        return Admission.ADMITTED
    if claims.get("is_logged_in") is not True:
        return Admission.LOGIN
    if not access.allowed:
        return Admission.ADMITTED
    email = claims.get("email")
    if not isinstance(email, str) or not _is_verified(access, claims):
        return Admission.REFUSED
    return Admission.ADMITTED if _is_listed(email.casefold(), access) else Admission.REFUSED


def _is_verified(access: Access, claims: Mapping[str, object]) -> bool:
    """As JSON says it, or as some providers do, who send it as text."""
    claim = claims.get("email_verified", access.believes_missing)
    return claim is True or claim == "true"


def _is_listed(email: str, access: Access) -> bool:
    """Whether an address, or all of its domain, is on the list."""
    name, at, domain = email.rpartition("@")
    if not (name and at and domain):
        return False
    return any(
        one == email if "@" in one.removeprefix("@") else one.removeprefix("@") == domain
        for one in access.allowed
    )


def _merged(secrets: Iterable[Path]) -> dict[str, object]:
    """The tables of all files, later ones first, as Streamlit takes them."""
    told: dict[str, object] = {}
    for path in secrets:
        if path.is_dir():
            raise UsageError(f"{path} is a folder, not a file of secrets", hint=_HINT)
        try:
            told |= tomllib.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path} cannot be read ({error})", hint=_HINT) from error
    return told


def _section(told: Mapping[str, object]) -> Mapping[str, object]:
    """What stands under ``[int8_lens]`` in the secrets."""
    section = told.get(_SECTION, {})
    if not isinstance(section, dict):
        raise UsageError(f"[{_SECTION}] in the secrets is no table", hint=_HINT)
    return section


def _allowed_of(told: Mapping[str, object]) -> list[str]:
    """The list in the secrets: ``allow = [...]``."""
    found = _section(told).get("allow", [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise UsageError(f"allow in [{_SECTION}] is no list of addresses", hint=_HINT)
    return found


def _believes_missing(told: Mapping[str, object]) -> bool:
    found = _section(told).get(_BELIEVE, False)
    if not isinstance(found, bool):
        raise UsageError(f"{_BELIEVE} in [{_SECTION}] is neither true nor false", hint=_HINT)
    return found


def _providers(auth: Mapping[str, object]) -> tuple[str, ...]:
    named = tuple(name for name, value in auth.items() if _is_provider(value))
    found = (*([""] if _is_provider(auth) else []), *named)
    if not found:
        raise UsageError("[auth] in the secrets names no provider", hint=_HINT)
    return found


def _is_provider(value: object) -> bool:
    return isinstance(value, dict) and "client_id" in value
