"""The verdict matrix of the overview: a card for each verdict, in sections that can be read.

No page script of its own; which verdicts are shown is decided by ``results.overview_matrix``.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import tables, text
from dashboard.link import about, to_params
from dashboard.views import elsewhere, failed, frame, parts
from results import format as fmt
from results.accuracy_words import briefs
from results.comparison import PUBLISHED
from results.headline import Pick, time_words
from results.overview import ArmVerdict
from results.overview_matrix import Matrix, Section, card_titles, told_cautions

_CARD_PX = 304
_MOST_CAUTIONS = 12
_MOST_MODELS = 3
_MOST_STANDINGS = 4


def show(found: Matrix) -> None:
    """Every section with its cards, named by what its cards do not share."""
    shared, places = card_titles(found.picks)
    named = dict(zip(map(id, found.picks), places, strict=True))
    if any(section.by_model for section in found.sections):
        if shared:
            parts.note(text.md(f"All on {shared}."))
        _standings(found.picks)
    for section in found.sections:
        st.header(text.md(section.title), anchor=False)
        if not section.by_model:
            _standing(section)
        with st.container(horizontal=True):
            for pick in section.picks:
                with st.container(border=True, width=_CARD_PX, height="stretch"):
                    _card(pick, _name(section, pick, named[id(pick)]))


def _name(section: Section, pick: Pick, place: str) -> str:
    """By what a card differs from the others of its section."""
    if section.is_mixed:
        return f"{pick.row.model_title}, {place}"
    return place if section.by_model else pick.row.model_title


def _standing(section: Section) -> None:
    if any(pick.row.best is not None for pick in section.picks):
        lens = frame.current().lens
        parts.standings(lens.standings([section.picks[0].row.arms[0].cell]))


def _standings(picked: Sequence[Pick]) -> None:
    """Of each place that has a time; of many only how many are certified."""
    cells = {
        (pick.row.device_id, pick.row.runtime_id): pick.row.arms[0].cell
        for pick in picked
        if pick.row.best is not None
    }
    told = frame.current().lens.standings(cells.values())
    if len(told) <= _MOST_STANDINGS:
        parts.standings(told)
        return
    certified = sum(one.certified for one in told)
    parts.note(
        f":material/gpp_maybe: {certified} of these {len(told)} devices are certified; the page "
        "Devices says which."
    )


def _card(pick: Pick, name: str) -> None:
    title = f"**{text.md(name)}**"
    if pick.verdict is None:
        st.subheader(f":gray[{tables.verdict_words(pick)}]", anchor=False)
        st.markdown(title)
        parts.note(text.md(pick.reason or ""))
        return
    _verdict(title, pick.verdict)
    for line in briefs(pick.accuracy):
        parts.note(f":material/target: {text.md(line)}")
    _published(pick)
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


def _published(pick: Pick) -> None:
    """Asked for only where the store holds anything that was published."""
    if any(cell.origin == PUBLISHED for cell in frame.current().lens.cells()):
        elsewhere.beside_a_verdict(pick)


def cautions(picked: Sequence[Pick]) -> None:
    """What the cautions say, each kind once, folded up: the verdicts stay in sight."""
    told = told_cautions(picked)
    if not told:
        return
    judged = [pick.verdict for pick in picked if pick.verdict is not None]
    marked = sum(bool(verdict.cautions) for verdict in judged)
    parts.note(
        f":material/warning: **! {marked} of {len(judged)} verdicts carry cautions** that lower "
        "trust in them"
    )
    with st.expander("What the cautions say, and what to do"):
        for one in told[:_MOST_CAUTIONS]:
            alike = f" (and {one.alike} more like it)" if one.alike else ""
            st.markdown(
                f"- **{fmt.counted(one.verdicts, 'verdict')}** of {_models(one.models)}: "
                f"{text.md(one.message)}{alike}. *What to do:* {text.coded(one.action)}."
            )
        if len(told) > _MOST_CAUTIONS:
            parts.note(f"{len(told) - _MOST_CAUTIONS} more kinds are in the table of verdicts.")


def _models(names: Sequence[str]) -> str:
    shown = ", ".join(text.md(name) for name in names[:_MOST_MODELS])
    more = len(names) - _MOST_MODELS
    return f"{shown} and {more} more" if more > 0 else shown
