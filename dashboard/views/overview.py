"""Overview: what should I ship? Every model on every device, with the baseline named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, tables, text
from dashboard.cache import overview as asked
from dashboard.link import EVERY_VERSION, Link, about, to_params
from dashboard.overview_shown import OverviewShown
from dashboard.views import (
    accuracy,
    controls,
    elsewhere,
    failed,
    frame,
    names,
    overview_counts,
    overview_trust,
    parts,
    picking,
    verdict_cards,
)
from results import format as fmt
from results.headline import TIME_OVER_LAUNCHES, Pick
from results.overview import OverviewRow
from results.overview_matrix import MOST_CARDS, Matrix
from results.overview_search import Only


def show() -> None:
    """The page."""
    overview_counts.open_picked()
    here = frame.current()
    shown, link = asked.shown(here.lens, here.link), here.link
    _answer(shown)
    _settings(shown, is_searched=len(shown.every) > MOST_CARDS or bool(link.find))
    if link.find:
        _fitting(shown)
    overview_trust.choice(shown, link)
    if shown.is_many and not link.only:
        overview_counts.show(shown)
    _listed(shown)
    if shown.is_many and link.only:
        overview_counts.show(shown)
    parts.model_notes(shown.first_cells)
    _failures(shown)
    _times(shown.panels, len(shown.timed) - len(shown.panels))
    st.header(overview_trust.title(link.only) or "All verdicts", anchor=False)
    _table(shown)
    accuracy.unmeasured(here.lens.unmeasured_variants())
    _cells(shown)
    elsewhere.show(shown.foreign)
    _method(shown.picked)


def _table(shown: OverviewShown) -> None:
    """All that is listed; each row opens what a card or a field of the grid would."""
    picking.table(
        shown.verdicts_table, "verdicts", "Verdict of INT8 for each model and device",
        [str(place) for place in range(len(shown.listed))],
        lambda place: overview_counts.open_pair(shown.listed[int(place)]), name="Model",
    )  # fmt: skip
    if shown.listed:
        parts.note(f"To compare what a verdict is of, or see why it failed: {picking.HOW}.")


def _answer(shown: OverviewShown) -> None:
    """The answer, and the way to the comparison behind the worst of its figures."""
    link = frame.current().link
    if link.find and not shown.picked:
        parts.answer(f"No model, device or verdict here is called {link.find}.", ())
        return
    head = shown.headline
    parts.answer(head.sentence, head.figures)
    if shown.losses:
        st.markdown(f"**{text.md(shown.losses)}**")
    overview_trust.cautions_line(shown)
    if verdict := shown.worst:
        sides = verdict.baseline.cell_id, verdict.candidate.cell_id
        name = text.md(f"{verdict.candidate.model_title} on {verdict.candidate.device}")
        st.page_link(
            "views/compare.py", label=f"{head.figures[-1].label}: why {name}?",
            icon=":material/arrow_forward:", query_params=to_params(about(link, *sides)),
        )  # fmt: skip


def _fitting(shown: OverviewShown) -> None:
    """How many verdicts the page is about; a search for devices goes on to their page."""
    every = fmt.counted(len(shown.every), "verdict")
    parts.note(
        f":material/filter_alt: {len(shown.picked)} of {every} fit the search; "
        "this page is of these alone."
    )
    if shown.picked:
        link = frame.current().link
        _to_devices(replace(link, find=link.find if shown.is_of_devices else ""))


def _to_devices(link: Link) -> None:
    st.page_link("views/devices.py", label="**Compare the devices**",
                 icon=":material/arrow_forward:", query_params=to_params(link))  # fmt: skip


def _listed(shown: OverviewShown) -> None:
    """The verdicts of the chosen kind; cautions go first where they were asked for."""
    if shown.picked and not shown.listed:
        st.markdown("No verdict here is of this kind.")
    is_asked = frame.current().link.only == Only.CAUTIONED
    if is_asked:
        overview_trust.cautions(shown, is_asked=True)
    _verdicts(shown)
    if not is_asked:
        overview_trust.cautions(shown, is_asked=False)


def _verdicts(shown: OverviewShown) -> None:
    """Each of the listed verdicts on a card; of many the worst."""
    if len(shown.listed) > MOST_CARDS:
        _left_out(shown.cards)
    verdict_cards.show(shown, overview_trust.title(frame.current().link.only))


def _left_out(found: Matrix) -> None:
    """How many verdicts have a card, and where the others are."""
    parts.note(
        f":material/filter_alt: {found.shown} of {fmt.count(found.every)} verdicts have a card, "
        "the worst first. All are in the table below; one model on all devices is on Devices."
    )
    if not frame.current().link.find:
        _to_devices(frame.current().link)


def _settings(shown: OverviewShown, *, is_searched: bool) -> None:
    """What the verdicts are against, and which of the store's results are shown."""
    link = frame.current().link
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.against("Compare INT8 against", link.against)
        _version(shown)
        if len(shown.scenarios) > 1:
            controls.pick(
                "Scenario", "scenario", ["", *shown.scenarios], value=link.scenario,
                show=lambda name: name or "all",
            )  # fmt: skip
        if is_searched:
            controls.find("Find", "a model, a device, slower, caution")
    _other_versions(shown)


def _version(shown: OverviewShown) -> None:
    if len(shown.versions) > 1:
        words = {"": "the newest", EVERY_VERSION: "all"}
        chosen = frame.current().link.runtime
        controls.pick(
            "OpenVINO version", "runtime", ["", *shown.versions, EVERY_VERSION],
            value=shown.builds.get(chosen, chosen), show=lambda name: words.get(name, name),
        )  # fmt: skip


def _other_versions(shown: OverviewShown) -> None:
    """That there is more than one version, and where they stand side by side."""
    found, broken = shown.versions, shown.failed_versions
    if len(found) < 2:
        return
    told = f", in {len(broken)} of them cells failed" if broken else ""
    st.page_link(
        "views/versions.py",
        label=f"**{len(found)} versions measured{told}: see Versions**",
        icon=":material/timeline:",
        query_params=to_params(frame.current().link),
    )


def _failures(shown: OverviewShown) -> None:
    """Of every version, unless one is chosen: a version that fails is a fact about it."""
    if not shown.is_cut or not shown.failures:
        failed.listed(shown.failures)
        return
    with st.expander(f"{failed.WORD}: what could not be measured, and why"):
        failed.listed(shown.failures)


def _times(rows: Sequence[OverviewRow], left: int) -> None:
    """``left`` are the verdicts that have a card and no panel."""
    st.header("How long each arm takes", anchor=False)
    if not rows:
        st.markdown("Nothing was measured in these settings.")
        return
    named = names.places([row.arms[0].cell for row in rows])
    titles = [named[row.arms[0].cell.cell_id] for row in rows]
    parts.chart(
        lambda: charts.arms(rows, titles, tables.spreads(frame.current().lens.summaries())),
        "arms",
        f"Shorter is better. {_bar_words(rows)} Whiskers go from the lowest to the highest launch. "
        "Each panel has its own scale.",
    )
    if left > 0:
        parts.note(f"{left} more of the verdicts above are not drawn.")


def _bar_words(rows: Sequence[OverviewRow]) -> str:
    words = (
        f"A bar is an arm by itself: {TIME_OVER_LAUNCHES}. On the cards are the times of the "
        "paired comparison, so the two can differ a little."
    )
    if any(arm.cell.is_throughput for row in rows for arm in row.arms):
        words += " A time per item is 1000 ms over the inferences per second."
    return words


def _cells(shown: OverviewShown) -> None:
    """The figures behind the verdicts that are shown."""
    st.header("Every cell in figures", anchor=False)
    if shown.is_cut:
        parts.note("Of the verdicts that have a card; search for others above.")
    parts.table(shown.cells_table, "cells", "Each cell's latest run in figures")
    parts.note(
        "Time is what verdicts compare, the geometric mean over the launches; in throughput it is "
        "the time per item, and an item of a batch counts as an inference. Latencies are "
        "percentiles in both scenarios. Compilation, first inference and memory are measured apart "
        "from it."
    )


def _method(picked: Sequence[Pick]) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        "Each verdict compares launches of the same block, each a fresh process: they are alive "
        "together and take turns of about 0.1 s in random order (in older runs they ran back to "
        "back). The speed-up is the baseline's time over INT8's, with its 95 % "
        f"interval; {TIME_OVER_LAUNCHES}. A verdict is "
        "*faster* or *slower* where the interval excludes 1 and the effect is over 2 %, "
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
    if any(pick.row.undecided for pick in picked):
        parts.note(
            "Arms not told apart from the one with the lowest time have an inconclusive verdict "
            "with it: either may be the quicker one."
        )


show()
