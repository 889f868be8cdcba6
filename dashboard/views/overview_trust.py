"""Overview: how far to trust the verdicts: which carry cautions, which devices are certified."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import text
from dashboard.link import Link
from dashboard.overview_shown import OverviewShown
from dashboard.theme import FAILED, LOOKS
from dashboard.views import controls, frame, parts
from results import format as fmt
from results.comparison import Verdict
from results.headline import Pick
from results.overview_search import Only

_MOST_STANDINGS = 4
_MOST_NAMED = 6
_MOST_KINDS = 12
_WORDS = {
    "": "All",
    Only.CAUTIONED.value: "! with cautions",
    Only.WITHOUT.value: f"{FAILED.sign} no verdict",
    **{kind.value: f"{LOOKS[kind].sign} {LOOKS[kind].word}" for kind in Verdict},
}


def choice(shown: OverviewShown, link: Link) -> None:
    """Which verdicts are listed: all, or one kind; only those that there are can be chosen."""
    counts = shown.counts
    offered = [kind for kind, number in counts.items() if number or kind in {"", link.only}]
    is_worth_it = shown.is_many or counts[Only.CAUTIONED.value]
    if link.only or (is_worth_it and len(offered) > 2):
        controls.switch(
            "List these verdicts", "only", offered, link.only,
            show=lambda kind: f"{_WORDS[kind]}: {counts[kind]}",
        )  # fmt: skip


def title(kind: str) -> str:
    """What a list of one kind is called; empty for all."""
    return f"Verdicts: {_WORDS[kind]}" if kind else ""


def cautions_line(shown: OverviewShown) -> None:
    """How many of the verdicts carry cautions, right where the answer stands."""
    marked = shown.counts[Only.CAUTIONED.value]
    if not marked:
        return
    parts.note(
        f":material/warning: **! {marked} of {shown.judged} verdicts carry cautions** that lower "
        "trust in them: *! with cautions* below lists them, each with its figures"
    )


def cautions(shown: OverviewShown, *, is_asked: bool) -> None:
    """What the cautions of the listed verdicts say; unfolded where they were asked for."""
    told = shown.told_cautions
    if told:
        with st.expander("What the cautions say, and what to do", expanded=is_asked):
            for one in told[:_MOST_KINDS]:
                st.markdown(
                    f"- **{fmt.counted(one.verdicts, 'verdict')}**, "
                    f"{fmt.counted(one.models, 'model')} on {fmt.counted(one.devices, 'device')}: "
                    f"{'such as: ' if one.alike else ''}{text.md(one.message)}. "
                    f"*What to do:* {text.coded(one.action)}."
                )
            parts.table(
                shown.cautions_table, "cautions",
                "Each caution of each verdict, by device and model",
                {"Device": 230, "Caution": 520, "What to do": 380},
            )  # fmt: skip
    if any(pick.verdict for pick in shown.listed):
        parts.note(
            "Here stands what lowers trust in a verdict itself. Compare says more: what holds for "
            "a whole machine (that it is virtual, that it changed its pace: paired blocks cancel "
            "what both arms share, the interval holds the rest) and what concerns layers alone."
        )


def standings(picked: Sequence[Pick]) -> None:
    """Whether each device that has a time is certified; of many, how many and which."""
    cells = {
        (pick.row.device_id, pick.row.runtime_id): pick.row.arms[0].cell
        for pick in picked
        if pick.row.best is not None
    }
    told = frame.current().lens.standings(cells.values())
    if len(told) <= _MOST_STANDINGS:
        parts.standings(told)
        return
    devices = {one.device_id for one in told}
    named = list(dict.fromkeys(one.device for one in told if one.certified))
    if not named:
        parts.note(
            f":material/gpp_maybe: None of the {len(devices)} devices here is certified: run "
            "`python -m collector certify` on each"
        )
        return
    rest = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    parts.note(
        f":material/gpp_maybe: {len(named)} of the {len(devices)} devices here are certified: "
        f"{text.md('; '.join(named[:_MOST_NAMED]))}{rest}; the page Devices says which in its "
        "column Certified"
    )
