"""The door: where a login is configured, nothing of a store is shown before it.

Who is let in is decided in ``dashboard.access``; the login itself is Streamlit's.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import streamlit as st

from dashboard import text
from dashboard.access import Access, Admission, admission, read_access
from dashboard.views import address, parts
from results.errors import LensError

_KEEP_JS = """
export default function ({ data }) {
  const { pathname, search } = window.location
  try { window.sessionStorage.setItem(data.name, pathname + search) } catch { /* not allowed */ }
}
"""
_keep_address = st.components.v2.component("int8_lens_keep_address", js=_KEEP_JS)


def admitted() -> bool:
    """Whether whoever asks may see pages; else what they can do is on the page.

    To be asked on every rerun, before anything of a store is read.
    """
    try:
        access = _access()
    except LensError as error:
        st.error(f"**{text.md(error.message)}**: {text.md(error.hint)}")
        return False
    found = admission(access, st.user.to_dict())
    if found is Admission.LOGIN:
        _ask(access)
    elif found is Admission.REFUSED:
        _refuse()
    elif access.needs_login:
        _who()
    return found is Admission.ADMITTED


def still_admitted() -> bool:
    """The same question without a word on the page: for a part of it that runs by itself."""
    try:
        return admission(_access(), st.user.to_dict()) is Admission.ADMITTED
    except LensError:
        return False


def _access() -> Access:
    """The rules as they are now; raises LensError where they cannot be read."""
    return read_access(os.environ, map(Path, st.get_option("secrets.files")))


def _ask(access: Access) -> None:
    st.title("Log in to see the results", anchor=False)
    for name in access.providers:
        label = f"Log in with {text.md(name)}" if name else "Log in"
        st.button(label, key=f"login-{name}", on_click=partial(st.login, name or None))
    _keep_address(key="keep-address", data={"name": address.BEFORE_LOGIN})
    parts.note("A link that brought you here is opened once you are logged in.")


def _refuse() -> None:
    st.title("You may not see these results", anchor=False)
    email = str(st.user.to_dict().get("email", "an account without an address"))
    st.markdown(
        f"You are logged in as {text.md(email)}, which is not on this server's list, or whose "
        "address your provider did not verify. Ask whoever runs the server."
    )
    st.button("Log out", key="logout", on_click=st.logout)


def _who() -> None:
    """Who is logged in, and the way out."""
    claims = st.user.to_dict()
    name = str(claims.get("email") or claims.get("name") or "somebody")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.markdown(f":small[:gray[Logged in as {text.md(name)}]]", width="content")
        st.button("Log out", key="logout", on_click=st.logout, type="tertiary")
