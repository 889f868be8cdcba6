"""Which control of the browser a value came from: the one that stands now, or one before it.

A browser repeats what all controls of its page show with everything that it asks, and over a
slow line it shows for a while what they showed before. So a control that the page has moved by
itself, such as both sides after a swap, gets another key: what comes under an older one was
said by a browser that has not been told yet, and there only what changed since is a choice.
"""

from __future__ import annotations

import streamlit as st

_MOVES = "moves-of-controls"
_LEFT = "left-by-controls"


def key_for(control: str, value: object) -> str:
    """The key of a control that is about to show this; another one where the page moved it."""
    key = _key(control)
    shown = st.session_state.get(key, value)
    if shown != value:
        _left()[key] = shown
        _moves()[control] = _moves().get(control, 0) + 1
    key = _key(control)
    st.session_state[key] = value
    return key


def is_chosen(control: str, key: str) -> bool:
    """Whether somebody used the control under this key, in a callback of its own."""
    if key == _key(control):
        return True
    value = st.session_state.get(key)
    is_repeated = _left().get(key, value) == value
    _left()[key] = value
    return not is_repeated


def _key(control: str) -> str:
    moves = _moves().get(control, 0)
    return f"{control}-{moves}" if moves else control


def _moves() -> dict[str, int]:
    """How often the page has moved each control by itself."""
    found: dict[str, int] = st.session_state.setdefault(_MOVES, {})
    return found


def _left() -> dict[str, object]:
    """What the browser was last known to show under keys that are no longer drawn."""
    found: dict[str, object] = st.session_state.setdefault(_LEFT, {})
    return found
