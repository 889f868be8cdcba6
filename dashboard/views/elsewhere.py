"""What was not measured here: imported and published results, always marked by a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import tables, text
from dashboard.views import columns, frame, parts
from results.headline import Pick, picks
from results.overview import BASELINE_ARMS, OverviewRow

_WORDS = {
    "imported": "Imported from reports of others' runs: one launch each, no interval, and nobody "
    "here knows how it was measured. Never mixed with what was measured.",
    "published": "Published by others, for other machines: no interval, and how it was measured "
    "is only what the source says. Never mixed with what was measured.",
}

_WIDTHS: dict[str, columns.Width] = {"Model": 180, "Result": 140, "Device": 230}
"""So narrow that the result and its device are in sight on a narrow page."""


def show(found: Mapping[str, Sequence[OverviewRow]]) -> None:
    """A table for each origin, under its own heading."""
    against = frame.current().link.against
    for origin, rows in found.items():
        st.header(f"{origin.capitalize()}, not measured here", anchor=False)
        st.markdown(f":gray-badge[:material/input: **{text.md(origin)}**]")
        parts.note(_WORDS.get(origin, ""))
        picked = [_pick(row, against) for row in rows]
        parts.table(tables.foreign(picked), f"rows-{origin}", f"{origin} results", _WIDTHS)


def _pick(row: OverviewRow, against: str) -> Pick:
    """Against the chosen baseline, else against the one that the source has."""
    found = [picks([row], arm)[0] for arm in (against, *BASELINE_ARMS)]
    return next((pick for pick in found if pick.verdict is not None), found[0])


def beside_a_verdict(pick: Pick) -> None:
    """What others published for this model on CPUs of this instruction set, with its sources."""
    if pick.verdict is None:
        return
    found = frame.current().lens.published(pick.verdict.baseline, pick.verdict.candidate)
    if found is not None:
        parts.note(f":material/public: {text.md(found.words)}")
