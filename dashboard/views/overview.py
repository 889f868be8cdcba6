"""Overview: what should I ship? Every model on every device, with the baseline named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, tables, text
from dashboard.cache import overview as asked
from dashboard.link import EVERY_VERSION, Link, about, to_params
from dashboard.shown_rows import failed_versions, foreign, measured, shown, versions
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
    verdict_cards,
)
from results import format as fmt
from results.comparison import CellView
from results.headline import Pick, failures, overview_headline, picks, ranked
from results.overview import OverviewRow
from results.overview_matrix import FEW_CARDS, MOST_CARDS, Matrix, matrix
from results.overview_search import Only, fits, holding, is_of_devices, only
from results.overview_tallies import by_cpu, losses_sentence

_MOST_PANELS = 24


def show() -> None:
    """The page."""
    overview_counts.open_picked()
    here = frame.current()
    stored = here.lens.overview()
    every = measured(stored)
    all_picked = picks(shown(every, here.link), here.link.against)
    wanted = here.link.find
    picked = holding(all_picked, wanted)
    titles = asked.cpu_titles(here.lens)
    _answer(picked, wanted, titles)
    _settings(every, is_searched=len(all_picked) > MOST_CARDS or bool(wanted))
    if wanted:
        _fitting(picked, len(all_picked), wanted)
    overview_trust.choice(picked, here.link)
    listed = only(picked, here.link.only)
    if len(picked) > MOST_CARDS and not here.link.only:
        overview_counts.show(picked, titles)
    found = _listed(picked, listed)
    if len(picked) > MOST_CARDS and here.link.only:
        overview_counts.show(picked, titles)
    seen = [pick.row for pick in found.picks]
    parts.model_notes([pick.row.arms[0].cell for pick in picked])
    _failures([row for row in every if fits(row, wanted)], is_large=found.shown < found.every)
    _times([row for row in seen if row.best is not None])
    st.header(overview_trust.title(here.link.only) or "All verdicts", anchor=False)
    parts.table(tables.overview(listed), "verdicts", "Verdict of INT8 for each model and device")
    accuracy.unmeasured(here.lens.unmeasured_variants())
    _cells([cell for row in seen for cell in row.cells], found)
    elsewhere.show(foreign(stored))
    _method(picked)


def _answer(picked: Sequence[Pick], wanted: str, titles: Mapping[str, str]) -> None:
    """The answer, and the way to the comparison behind the worst of its figures."""
    link = frame.current().link
    if wanted and not picked:
        parts.answer(f"No model, device or verdict here is called {wanted}.", ())
        return
    head = overview_headline(picked, link.against)
    parts.answer(head.sentence, head.figures)
    if losses := losses_sentence(by_cpu(picked, titles)):
        st.markdown(f"**{text.md(losses)}**")
    overview_trust.cautions_line(picked)
    worst = ranked(picked)[1:][-1:]
    for verdict in worst:
        sides = verdict.baseline.cell_id, verdict.candidate.cell_id
        name = text.md(f"{verdict.candidate.model_title} on {verdict.candidate.device}")
        st.page_link(
            "views/compare.py", label=f"{head.figures[-1].label}: why {name}?",
            icon=":material/arrow_forward:", query_params=to_params(about(link, *sides)),
        )  # fmt: skip


def _fitting(picked: Sequence[Pick], every: int, wanted: str) -> None:
    """How many verdicts the page is about; a search for devices goes on to their page."""
    parts.note(
        f":material/filter_alt: {len(picked)} of {fmt.counted(every, 'verdict')} fit the search; "
        "this page is of these alone."
    )
    if picked:
        find = wanted if is_of_devices(picked, wanted) else ""
        _to_devices(replace(frame.current().link, find=find))


def _to_devices(link: Link) -> None:
    st.page_link("views/devices.py", label="**Compare the devices**",
                 icon=":material/arrow_forward:", query_params=to_params(link))  # fmt: skip


def _listed(picked: Sequence[Pick], listed: Sequence[Pick]) -> Matrix:
    """The verdicts of the chosen kind; cautions go first where they were asked for."""
    if picked and not listed:
        st.markdown("No verdict here is of this kind.")
    is_asked = frame.current().link.only == Only.CAUTIONED
    if is_asked:
        overview_trust.cautions(listed, is_asked=True)
    found = _verdicts(picked, listed)
    if not is_asked:
        overview_trust.cautions(listed, is_asked=False)
    return found


def _verdicts(picked: Sequence[Pick], listed: Sequence[Pick]) -> Matrix:
    """Each of the listed verdicts on a card; of many the worst."""
    kind = frame.current().link.only
    is_large = len(listed) > MOST_CARDS
    found = matrix(listed, FEW_CARDS if is_large else MOST_CARDS)
    if is_large:
        _left_out(found)
    verdict_cards.show(found, picked, overview_trust.title(kind))
    return found


def _left_out(found: Matrix) -> None:
    """How many verdicts have a card, and where the others are."""
    parts.note(
        f":material/filter_alt: {found.shown} of {fmt.count(found.every)} verdicts have a card, "
        "the worst first. All are in the table below; one model on all devices is on Devices."
    )
    if not frame.current().link.find:
        _to_devices(frame.current().link)


def _settings(rows: Sequence[OverviewRow], *, is_searched: bool) -> None:
    """What the verdicts are against, and which of the store's results are shown."""
    link = frame.current().link
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.against("Compare INT8 against", link.against)
        _version(rows)
        driven = list(dict.fromkeys(row.scenario for row in rows))
        if len(driven) > 1:
            controls.pick(
                "Scenario", "scenario", ["", *driven], value=link.scenario,
                show=lambda name: name or "all",
            )  # fmt: skip
        if is_searched:
            controls.find("Find", "a model, a device, slower, caution")
    _other_versions(rows)


def _version(rows: Sequence[OverviewRow]) -> None:
    found = versions(rows)
    if len(found) > 1:
        words = {"": "the newest", EVERY_VERSION: "all"}
        chosen = frame.current().link.runtime
        builds = {row.runtime_id: row.runtime for row in rows}
        controls.pick(
            "OpenVINO version", "runtime", ["", *found, EVERY_VERSION],
            value=builds.get(chosen, chosen), show=lambda name: words.get(name, name),
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


def _failures(rows: Sequence[OverviewRow], *, is_large: bool) -> None:
    """Of every version, unless one is chosen: a version that fails is a fact about it."""
    link = frame.current().link
    wanted = replace(link, runtime=link.runtime or EVERY_VERSION)
    found = failures(shown(rows, wanted))
    if not is_large or not found:
        failed.listed(found)
        return
    with st.expander(f"{failed.WORD}: what could not be measured, and why"):
        failed.listed(found)


def _times(rows: Sequence[OverviewRow]) -> None:
    st.header("How long each arm takes", anchor=False)
    if not rows:
        st.markdown("Nothing was measured in these settings.")
        return
    rows, left = rows[:_MOST_PANELS], len(rows) - _MOST_PANELS
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
        "A bar is the typical median latency of a launch of that arm by itself; on the cards are "
        "the times of the paired comparison, so the two can differ a little."
    )
    if any(arm.cell.is_throughput for row in rows for arm in row.arms):
        words += " In throughput it is the time per item, 1000 ms over the inferences per second."
    return words


def _cells(cells: Sequence[CellView], found: Matrix) -> None:
    """The figures behind the verdicts that are shown."""
    st.header("Every cell in figures", anchor=False)
    if found.shown < found.every:
        parts.note("Of the verdicts that have a card; search for others above.")
    shown_cells = tables.cells(frame.current().lens.summaries(), cells)
    parts.table(shown_cells, "cells", "Each cell's latest run in figures")
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
