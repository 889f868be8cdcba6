"""The verdict matrix of the overview: a card for each verdict, in sections that can be read.

No page script of its own; which verdicts are shown is decided by ``results.overview_matrix``.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import tables, text
from dashboard.link import about, to_params
from dashboard.overview_shown import OverviewShown
from dashboard.views import elsewhere, failed, frame, overview_trust, parts
from results import format as fmt
from results.accuracy_words import briefs
from results.headline import Pick, time_words
from results.overview import ArmVerdict
from results.overview_matrix import Section, card_titles

_MOST_IN_A_ROW = 3
"""Four have no room for their words at 800 pixels."""


def show(shown: OverviewShown, title: str = "") -> None:
    """Every section with its cards, named by what its cards do not share.

    ``title`` is what a mixed section is called.
    """
    found = shown.cards
    shared, places = card_titles(found.picks)
    named = dict(zip(map(id, found.picks), places, strict=True))
    if any(section.by_model for section in found.sections):
        if shared:
            parts.note(text.md(f"All on {shared}."))
        overview_trust.standings(shown.picked)
    for section in found.sections:
        named_so = title if title and section.is_mixed else section.title
        st.header(text.md(named_so), anchor=False)
        if not section.by_model:
            _standing(section)
        for row in _rows(section.picks):
            with st.container(horizontal=True):
                for pick in row:
                    with st.container(border=pick is not None, height="stretch"):
                        if pick is None:
                            st.space(1)
                        else:
                            name = _name(section, pick, named[id(pick)])
                            _card(pick, name, has_published=shown.has_published)


def _rows(picked: Sequence[Pick]) -> list[list[Pick | None]]:
    """Cards in rows that are filled from side to side; None keeps the last ones as wide."""
    across = 2 if len(picked) in {1, 2, 4} else _MOST_IN_A_ROW
    cards: list[Pick | None] = [*picked, *[None] * (-len(picked) % across)]
    return [cards[at : at + across] for at in range(0, len(cards), across)]


def _name(section: Section, pick: Pick, place: str) -> str:
    """By what a card differs from the others of its section."""
    if section.is_mixed:
        return f"{pick.row.model_title}, {place}"
    return place if section.by_model else pick.row.model_title


def _standing(section: Section) -> None:
    if any(pick.row.best is not None for pick in section.picks):
        lens = frame.current().lens
        parts.standings(lens.standings([section.picks[0].row.arms[0].cell]))


def _card(pick: Pick, name: str, *, has_published: bool) -> None:
    title = f"**{text.md(name)}**"
    if pick.verdict is None:
        st.subheader(f":gray[{tables.verdict_words(pick)}]", anchor=False)
        st.markdown(title)
        parts.note(text.md(pick.reason or ""))
        return
    _verdict(title, pick.verdict)
    for line in briefs(pick.accuracy):
        parts.note(f":material/target: {text.md(line)}")
    if has_published:
        elsewhere.beside_a_verdict(pick)
    failed.on_card(pick)
    if pick.verdict.cautions:
        counted = fmt.counted(len(pick.verdict.cautions), "caution")
        st.markdown(f":gray-badge[:material/warning: **!** {counted}]")
    parts.note(f"Lowest time: {text.md(tables.best_arms(pick))}")
    sides = pick.verdict.baseline.cell_id, pick.verdict.candidate.cell_id
    link = about(frame.current().link, *sides)
    st.page_link("views/compare.py", label="Why?", icon=":material/arrow_forward:",
                 query_params=to_params(link))  # fmt: skip


def _verdict(title: str, verdict: ArmVerdict) -> None:
    estimate = verdict.estimate
    low, high = estimate.speedup_bounds
    mark = " **!**" if verdict.cautions else ""
    st.subheader(f"{parts.verdict(estimate.verdict, estimate.speedup)}{mark}", anchor=False)
    candidate = time_words(verdict.candidate, estimate.candidate_ms)
    baseline = time_words(verdict.baseline, estimate.baseline_ms)
    gap = "  \n" if verdict.candidate.is_throughput else " "
    st.markdown(
        f"{title}  \n95 % interval {fmt.interval(low, high)}  \n"
        f"{text.md(verdict.candidate.arm)}:{gap}**{candidate}**  \n"
        f"against {text.md(verdict.baseline.arm)}:{gap}**{baseline}**"
    )
