"""The address in the browser: what it says, the next one, and completing the one that stands.

What somebody does is a new entry of the browser's history, which ``st.query_params`` makes.
What a page adds to its address by itself takes the place of the entry that led there, else
Back would need a press for each: Streamlit has no way to say so, so the browser is told by
the script that the page's link button carries. What is chosen is ``frame``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.link import FIRST

BEFORE_LOGIN = "int8-lens-address-before-login"
"""Where a browser's tab keeps the address that somebody opened before the login."""
_BROWSER = "address-of-browser"
_EMBEDDING = ("embed", "embed_options")
"""What Streamlit keeps in the address for a page in a frame; it is none of the state."""


@dataclass(frozen=True)
class Said:
    """What the browser's address says; ``is_again`` where it told the same in the last run.

    ``repeated`` are the parameters that it has more than once; the last of each counts.

    A browser repeats what it was last told by Streamlit, so without what was completed since.
    """

    params: Mapping[str, str]
    is_again: bool
    is_by_history: bool
    repeated: tuple[str, ...] = ()


def said() -> Said:
    """What the address says at the start of a rerun, or after a control has moved it."""
    context = get_script_run_ctx()
    query = context.query_string if context else ""
    is_again = st.session_state.get(_BROWSER) == query
    st.session_state[_BROWSER] = query
    is_by_history = context is not None and context.is_history_navigation
    params = st.query_params
    repeated = tuple(name for name in params if len(params.get_all(name)) > 1)
    return Said(params.to_dict(), is_again, is_by_history, repeated)


def move(params: Mapping[str, str]) -> None:
    """Another address, with an entry of its own in the history unless it stands there already."""
    st.query_params.from_dict(params)
    context = get_script_run_ctx()
    st.session_state[_BROWSER] = context.query_string if context else urlencode(params)


def complete(params: Mapping[str, str]) -> None:
    """Say all of this in the address that stands; ``told`` has the browser do it."""
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as known:
        known.clear_with_no_forward_msg(preserve_embed=True)
        for name, value in params.items():
            known.set_with_no_forward_msg(name, value)
    browser = str(st.session_state.get(_BROWSER, ""))
    context.query_string = urlencode([*_embedding(browser), *params.items()])


def told() -> dict[str, object]:
    """For the script of the page: which address of which page to complete, and to what.

    And where the address is kept that was opened before a login.
    """
    context = get_script_run_ctx()
    query = context.query_string if context else ""
    return {
        "page": "" if page_name() == FIRST else page_name(),
        "pages": _pages(),
        "from": st.session_state.get(_BROWSER, query),
        "to": query,
        "opened": BEFORE_LOGIN,
    }


def page_name() -> str:
    """The page's name in the address; that of the first one, whose path is empty, too."""
    context = get_script_run_ctx()
    if context is None:
        return ""
    known = context.pages_manager.get_pages().get(context.page_script_hash)
    return str(known["url_pathname"] or FIRST) if known else FIRST


def _pages() -> list[str]:
    """The paths of all pages but the first."""
    context = get_script_run_ctx()
    known = context.pages_manager.get_pages().values() if context else ()
    return [str(page["url_pathname"]) for page in known if page["url_pathname"]]


def _embedding(query: str) -> list[tuple[str, str]]:
    asked = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in asked if name.lower() in _EMBEDDING]
