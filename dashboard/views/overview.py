"""Overview: what should I ship? Every model on every device, with the baseline named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, tables, text
from dashboard.link import to_params
from dashboard.views import controls, frame, parts
from results import format as fmt
from results.headline import Pick, overview_headline, picks
from results.overview import BASELINE_ARMS, ArmVerdict, OverviewRow

_CARD_PX = 304


def show() -> None:
    """The page."""
    here = frame.current()
    rows = _wanted(here.lens.overview())
    picked = picks(rows, here.link.against)
    head = overview_headline(picked, here.link.against)
    parts.answer(head.sentence, head.figures)
    _settings(here.lens.overview())
    _matrix(picked)
    parts.model_notes([arm.cell for row in rows for arm in row.arms])
    _times(rows)
    st.header("All verdicts", anchor=False)
    parts.table(tables.overview(picked), "verdicts", "Verdict of INT8 for each model and device")
    _method(picked)


def _wanted(rows: Sequence[OverviewRow]) -> tuple[OverviewRow, ...]:
    link = frame.current().link
    return tuple(
        row
        for row in rows
        if link.runtime in {"", row.runtime} and link.scenario in {"", row.scenario}
    )


def _settings(rows: Sequence[OverviewRow]) -> None:
    """What the verdicts are against, and which of the store's results are shown."""
    link = frame.current().link
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.switch("Compare INT8 against", "against", BASELINE_ARMS, link.against)
        for label, field in (("OpenVINO version", "runtime"), ("Scenario", "scenario")):
            found = list(dict.fromkeys(getattr(row, field) for row in rows))
            if len(found) > 1:
                controls.pick(
                    label,
                    field,
                    ["", *found],
                    value=getattr(link, field),
                    show=lambda x: x or "all",
                )


def _matrix(picked: Sequence[Pick]) -> None:
    """A card for each model, by device; devices without any verdict come last."""
    for title, members in _by_device(picked).items():
        st.header(text.md(title), anchor=False)
        with st.container(horizontal=True):
            for pick in members:
                with st.container(border=True, width=_CARD_PX, height="stretch"):
                    _card(pick)


def _by_device(picked: Sequence[Pick]) -> dict[str, list[Pick]]:
    found: dict[str, list[Pick]] = {}
    for pick in picked:
        row = pick.row
        title = f"{row.device}, OpenVINO {row.runtime}, {row.scenario}, batch {row.batch}"
        found.setdefault(title, []).append(pick)
    return dict(sorted(found.items(), key=lambda item: not any(pick.verdict for pick in item[1])))


def _card(pick: Pick) -> None:
    title = f"**{text.md(pick.row.model_title)}**"
    if pick.verdict is None:
        st.subheader(":gray[no result]", anchor=False)
        st.markdown(title)
        parts.note(text.md(pick.reason or ""))
        return
    _verdict(title, pick.verdict)
    parts.note(f"Lowest time: {text.md(tables.best_arms(pick))}")
    link = replace(
        frame.current().link,
        baseline=pick.verdict.baseline.cell_id,
        candidate=pick.verdict.candidate.cell_id,
        cell="",
    )
    st.page_link("views/compare.py", label="Why?", icon=":material/arrow_forward:",
                 query_params=to_params(link))  # fmt: skip


def _verdict(title: str, verdict: ArmVerdict) -> None:
    estimate = verdict.estimate
    low, high = estimate.speedup_bounds
    st.subheader(parts.verdict(estimate.verdict, estimate.speedup), anchor=False)
    st.markdown(
        f"{title}  \n95 % interval {fmt.interval(low, high)}  \n"
        f"{text.md(verdict.candidate.arm)}: **{fmt.ms(estimate.candidate_ms)}**  \n"
        f"against {text.md(verdict.baseline.arm)}: **{fmt.ms(estimate.baseline_ms)}**"
    )


def _times(rows: Sequence[OverviewRow]) -> None:
    st.header("How long each arm takes", anchor=False)
    if not rows:
        st.markdown("Nothing fits these settings.")
        return
    several = len({(row.device, row.runtime, row.scenario) for row in rows}) > 1
    titles = [
        f"{row.model_title}, {row.device}, {row.runtime}, {row.scenario}"
        if several
        else row.model_title
        for row in rows
    ]
    parts.chart(
        charts.arms(rows, titles, tables.spreads(frame.current().lens.summaries())),
        "arms",
        "Shorter is better. A bar is the typical launch median, its whiskers go from the lowest "
        "to the highest launch. Each model has its own scale.",
    )


def _method(picked: Sequence[Pick]) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        "Each verdict compares launches that ran back to back in the same block, in random order, "
        "each a fresh process. The speed-up is the baseline's time over INT8's, with its 95 % "
        "interval: *faster* or *slower* where the interval excludes 1 and the effect is over 2 %, "
        "*equivalent* where it lies within 2 %, else *inconclusive*. "
        "**fp32@f32** forces 32-bit execution; **fp32@default** is what the device does with the "
        "same file by itself, which may be bf16."
    )
    if any(pick.row.ties for pick in picked):
        parts.note("Arms joined by = are equivalent.")


show()
