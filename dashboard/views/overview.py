"""Overview: what should I ship? Every model on every device, with the baseline named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, tables, text
from dashboard.link import EVERY_VERSION, about, to_params
from dashboard.shown_rows import failed_versions, foreign, measured, shown, versions
from dashboard.views import accuracy, controls, elsewhere, failed, frame, names, parts
from results import format as fmt
from results.accuracy_words import briefs
from results.comparison import CellView
from results.headline import Pick, failures, overview_headline, picks, time_words
from results.overview import BASELINE_ARMS, ArmVerdict, OverviewRow

_CARD_PX = 304
_MOST_CAUTIONS = 2


def show() -> None:
    """The page."""
    here = frame.current()
    stored = here.lens.overview()
    every = measured(stored)
    rows = shown(every, here.link)
    picked = picks(rows, here.link.against)
    head = overview_headline(picked, here.link.against)
    parts.answer(head.sentence, head.figures)
    _cautioned(picked)
    _settings(every)
    _matrix(picked)
    cells = [cell for row in rows for cell in row.cells]
    parts.model_notes(cells)
    _failures(every)
    _times([row for row in rows if row.best is not None])
    st.header("All verdicts", anchor=False)
    parts.table(tables.overview(picked), "verdicts", "Verdict of INT8 for each model and device")
    accuracy.unmeasured(here.lens.unmeasured_variants())
    _cells(cells)
    elsewhere.show(foreign(stored))
    _method(picked)


def _settings(rows: Sequence[OverviewRow]) -> None:
    """What the verdicts are against, and which of the store's results are shown."""
    link = frame.current().link
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.switch("Compare INT8 against", "against", BASELINE_ARMS, link.against)
        _version(rows)
        driven = list(dict.fromkeys(row.scenario for row in rows))
        if len(driven) > 1:
            controls.pick(
                "Scenario", "scenario", ["", *driven], value=link.scenario,
                show=lambda name: name or "all",
            )  # fmt: skip
    _other_versions(rows)


def _version(rows: Sequence[OverviewRow]) -> None:
    found = versions(rows)
    if len(found) > 1:
        words = {"": "the newest", EVERY_VERSION: "all"}
        controls.pick(
            "OpenVINO version", "runtime", ["", *found, EVERY_VERSION],
            value=frame.current().link.runtime, show=lambda name: words.get(name, name),
        )  # fmt: skip


def _other_versions(rows: Sequence[OverviewRow]) -> None:
    """That there is more than one version, and where they stand side by side."""
    found = versions(rows)
    if len(found) < 2:
        return
    broken = failed_versions(rows)
    told = f", in {len(broken)} of them cells failed" if broken else ""
    st.page_link(
        "views/versions.py",
        label=f"**{len(found)} versions measured{told}: see Versions**",
        icon=":material/timeline:",
        query_params=to_params(frame.current().link),
    )


def _cautioned(picked: Sequence[Pick]) -> None:
    """How many verdicts are to be read with care."""
    judged = [pick.verdict for pick in picked if pick.verdict is not None]
    marked = sum(bool(verdict.cautions) for verdict in judged)
    if marked:
        parts.note(
            f":material/warning: **! {marked} of {len(judged)} verdicts carry cautions** that "
            "lower trust in them: they are told on their cards"
        )


def _matrix(picked: Sequence[Pick]) -> None:
    """A card for each model, by device; devices without any verdict come last."""
    lens = frame.current().lens
    for title, members in _by_device(picked).items():
        st.header(text.md(title), anchor=False)
        if any(pick.row.best is not None for pick in members):
            parts.standings(lens.standings([members[0].row.arms[0].cell]))
        with st.container(horizontal=True):
            for pick in members:
                with st.container(border=True, width=_CARD_PX, height="stretch"):
                    _card(pick)


def _by_device(picked: Sequence[Pick]) -> dict[str, list[Pick]]:
    found: dict[str, list[Pick]] = {}
    for pick in picked:
        row = pick.row
        title = f"{row.device}, OpenVINO {row.runtime}, {row.scenario_title}"
        found.setdefault(title, []).append(pick)
    return dict(sorted(found.items(), key=lambda item: not any(pick.verdict for pick in item[1])))


def _card(pick: Pick) -> None:
    title = f"**{text.md(pick.row.model_title)}**"
    if pick.verdict is None:
        st.subheader(f":gray[{tables.verdict_words(pick)}]", anchor=False)
        st.markdown(title)
        parts.note(text.md(pick.reason or ""))
        return
    _verdict(title, pick.verdict)
    for line in briefs(pick.accuracy):
        parts.note(f":material/target: {text.md(line)}")
    elsewhere.beside_a_verdict(pick)
    failed.on_card(pick)
    parts.caution_badges(pick.verdict.cautions, _MOST_CAUTIONS)
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


def _failures(rows: Sequence[OverviewRow]) -> None:
    """Of every version, unless one is chosen: a version that fails is a fact about it."""
    link = frame.current().link
    wanted = replace(link, runtime=link.runtime or EVERY_VERSION)
    failed.listed(failures(shown(rows, wanted)))


def _times(rows: Sequence[OverviewRow]) -> None:
    st.header("How long each arm takes", anchor=False)
    if not rows:
        st.markdown("Nothing was measured in these settings.")
        return
    named = names.places([row.arms[0].cell for row in rows])
    titles = [named[row.arms[0].cell.cell_id] for row in rows]
    parts.chart(
        charts.arms(rows, titles, tables.spreads(frame.current().lens.summaries())),
        "arms",
        f"Shorter is better. {_bar_words(rows)} Whiskers go from the lowest to the highest launch. "
        "Each panel has its own scale.",
    )


def _bar_words(rows: Sequence[OverviewRow]) -> str:
    words = "A bar is the typical median latency of a launch."
    if any(arm.cell.is_throughput for row in rows for arm in row.arms):
        words += " In throughput it is the time per item, 1000 ms over the inferences per second."
    return words


def _cells(cells: Sequence[CellView]) -> None:
    st.header("Every cell in figures", anchor=False)
    found = tables.cells(frame.current().lens.summaries(), cells)
    parts.table(found, "cells", "Each cell's latest run in figures")
    parts.note(
        "Time is what verdicts compare; in throughput it is the time per item, and an item of a "
        "batch counts as an inference. Latencies are percentiles in both scenarios. Compilation, "
        "first inference and memory are measured apart from it."
    )


def _method(picked: Sequence[Pick]) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        "Each verdict compares launches of the same block, each a fresh process: they are alive "
        "together and take turns of about 0.1 s in random order (in older runs they ran back to "
        "back). The speed-up is the baseline's time over INT8's, with its 95 % "
        "interval: *faster* or *slower* where the interval excludes 1 and the effect is over 2 %, "
        "*equivalent* where it lies within 2 %, else *inconclusive*. "
        "**fp32@f32** forces 32-bit execution; **fp32@default** is what the device does with the "
        "same file by itself, which may be bf16."
    )
    if any(pick.accuracy for pick in picked):
        parts.note(
            "Accuracy is that of the INT8 arm's file, with its 95 % interval (Wilson); a drop "
            "against fp32 is real where McNemar's exact test on the same samples gives p < 0.05."
        )
    if any(pick.row.ties for pick in picked):
        parts.note("Arms joined by = are equivalent.")


show()
