"""Controls whose value is a field of the link: the address decides what they show.

Each is set from the link before it is drawn, and writes the link when it is used. ``standing``
tells that from a value that the browser only repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import filters, text
from dashboard.link import Link, param_of, with_arm
from dashboard.views import frame, parts, standing
from results.overview import BASELINE_ARMS

Alter = Callable[[Link, Any], Link]


def pick(
    label: str,
    field: str,
    options: Sequence[str],
    *,
    value: str,
    show: Callable[[str], str],
    alter: Alter | None = None,
) -> None:
    """A list to choose one of; ``alter`` says what else changes with it.

    The browser names what was chosen by its words, so equal ones get what they stand for.
    """
    key = _key(field, value)
    words = filters.told_apart({option: show(option) for option in options})
    st.selectbox(
        label, options, key=key, format_func=words.__getitem__, on_change=_used,
        args=(key, field, alter),
    )  # fmt: skip


def switch(
    label: str,
    field: str,
    options: Sequence[str],
    value: str,
    alter: Alter | None = None,
    *,
    show: Callable[[str], str] = str,
) -> None:
    """A few options side by side, one of them chosen; ``alter`` and ``show`` as for ``pick``."""
    key = _key(field, value)
    st.segmented_control(
        label, options, key=key, required=True, on_change=_used, args=(key, field, alter),
        format_func=show,
    )  # fmt: skip


def against(label: str, value: str) -> None:
    """What verdicts are against; the pair that other pages compare follows."""
    cells = frame.current().lens.cells()
    switch(label, "against", BASELINE_ARMS, value,
           lambda link, arm: with_arm(link, arm, cells))  # fmt: skip


def choose(
    label: str,
    field: str,
    options: Sequence[str],
    show: Callable[[str], str] = str,
    placeholder: str = "all",
) -> tuple[str, ...]:
    """A filter of several values; what does not occur here is left out with a note."""
    wanted = getattr(frame.current().link, field)
    found, missing = filters.known(wanted, options)
    key = _key(field, list(found))
    st.multiselect(
        label,
        options,
        key=key,
        format_func=show,
        placeholder=placeholder,
        on_change=_used,
        args=(key, field, None),
    )
    if missing:
        names = ", ".join(missing)
        parts.note(text.md(f"Nothing here has {param_of(field)} = {names}; it is ignored."))
    return found


def find(label: str, placeholder: str) -> None:
    """The text to look for."""
    key = _key("find", frame.current().link.find)
    st.text_input(
        label, key=key, placeholder=placeholder, on_change=_used, args=(key, "find", None)
    )


def toggle(label: str, field: str) -> None:
    """On or off."""
    key = _key(field, getattr(frame.current().link, field))
    st.toggle(label, key=key, on_change=_used, args=(key, field, None))


def _key(field: str, value: object) -> str:
    return standing.key_for(_name(field), value)


def _name(field: str) -> str:
    return f"control-{field}"


def _used(key: str, field: str, alter: Alter | None) -> None:
    if not standing.is_chosen(_name(field), key):
        return
    value = st.session_state[key]
    if isinstance(value, list):
        value = tuple(value)
    frame.change(lambda link: alter(link, value) if alter else replace(link, **{field: value}))
