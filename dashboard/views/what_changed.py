"""Between two versions: what changed for one cell, and the triage over all cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import followed, text, version_tables
from dashboard.cache import versions as cached
from dashboard.link import Link, to_params
from dashboard.views import controls, failed, frame, parts
from results import format as fmt
from results.errors import LensError
from results.versions.answers import point_at
from results.versions.change_shapes import ChangeKind
from results.versions.closing import (
    CUT_OTHERWISE,
    closing_lines,
    is_cut_otherwise,
    total_words,
)
from results.versions.shapes import Bucket, Changes, History, Series, SharedCause, Triage, Version
from results.versions.words import NOTHING_CHANGED, triage_sentence

_FUSIONS = (ChangeKind.FUSION_GAINED, ChangeKind.FUSION_LOST)
_KERNELS = (ChangeKind.KERNEL, ChangeKind.PRECISION)
_MOST_CAUSES = 8


def show(history: History, pair: tuple[Version, Version]) -> None:
    """One cell in both versions: its ratio, then kernels, fusions, conversions."""
    old, new = pair
    series = followed.series_of(history, frame.current().link, pair)
    st.header(f"What changed from {text.md(old.label)} to {text.md(new.label)}", anchor=False)
    _selectors(history, series, pair)
    failures = [
        (version, point.failure)
        for version in pair
        if (point := point_at(series, version)) is not None and point.failure is not None
    ]
    for version, reason in failures:
        st.warning(f"**{failed.WORD}: {text.md(series.arm)} on OpenVINO {text.md(version.label)}**"
                   f": {text.md(reason)}", icon=":material/error:")  # fmt: skip
    cells = [point.cell for version in pair if (point := point_at(series, version)) is not None]
    if failures or len(cells) < 2:
        if not failures:
            st.markdown("One of the two versions never launched this arm.")
        return
    try:
        found = cached.changes(frame.current().lens, cells[0], cells[1])
    except LensError as error:
        st.warning(f"{text.md(error.message)}: {text.md(error.hint)}.")
        return
    _changes(found)


def _selectors(history: History, series: Series, pair: tuple[Version, Version]) -> None:
    known = {version.runtime_id: version.label for version in history.versions}
    arms = list(dict.fromkeys(one.arm for one in history.series))
    left, middle, right = st.columns(3)
    with left:
        controls.pick("Baseline version", "old", list(known), value=pair[0].runtime_id,
                      show=known.__getitem__, alter=_pinned("old", pair))  # fmt: skip
    with middle:
        controls.pick("Candidate version", "new", list(known), value=pair[1].runtime_id,
                      show=known.__getitem__, alter=_pinned("new", pair))  # fmt: skip
    with right:
        controls.pick("Arm", "arm", arms, value=series.arm, show=str, alter=_pinned("arm", pair))


def _pinned(field: str, pair: tuple[Version, Version]) -> controls.Alter:
    """One choice; the versions that are shown stay, though nobody chose them yet.

    The version of the other side makes the two change places.
    """
    old, new = (version.runtime_id for version in pair)

    def alter(link: Link, value: str) -> Link:
        shown = replace(link, old=old, new=new)
        if value == {"old": new, "new": old}.get(field):
            return replace(shown, old=new, new=old)
        changed: dict[str, Any] = {field: value}
        return replace(shown, **changed)

    return alter


def _changes(found: Changes) -> None:
    estimate = found.estimate
    low, high = estimate.speedup_bounds
    st.subheader(parts.verdict(estimate.verdict, estimate.speedup), anchor=False)
    paired = "paired blocks" if estimate.paired else "launches, unpaired"
    st.markdown(
        f"95 % interval {fmt.interval(low, high)}, {estimate.blocks} {paired}: "
        f"**{fmt.ms(estimate.baseline_ms)}** to **{fmt.ms(estimate.candidate_ms)}**"
    )
    _link(found)
    if not found.profiled:
        st.info("No layers: one of the two versions was not profiled.")
        return
    if found.withheld:
        st.info(
            "Which layers changed holds, but their times explain nothing: what they leave "
            f"unexplained ({fmt.delta_us(found.unattributed_us)}) is larger than the difference."
        )
    _causes(found)
    parts.table(version_tables.sums(found), "sums", "What changed, by kind")
    _parts(found)


def _causes(found: Changes) -> None:
    """What changed, each told once, up to the difference that all of it makes."""
    if not found.causes:
        st.markdown(NOTHING_CHANGED)
    for line in closing_lines(found, _MOST_CAUSES):
        st.markdown(f"- {text.md(line)}")
    if total := total_words(found):
        st.markdown(text.md(total))
    if len(found.causes) > _MOST_CAUSES:
        parts.note(f"and {len(found.causes) - _MOST_CAUSES} more in the tables below")
    if is_cut_otherwise(found):
        parts.note(CUT_OTHERWISE)


def _link(found: Changes) -> None:
    link = replace(
        frame.current().link, cell="",
        baseline=found.comparison.baseline.cell_id, candidate=found.comparison.candidate.cell_id,
    )  # fmt: skip
    st.page_link("views/compare.py", label="Layer by layer on Compare",
                 icon=":material/arrow_forward:", query_params=to_params(link))  # fmt: skip


def _parts(found: Changes) -> None:
    """Kernels and precisions, fusions, conversions: a table each, where there is any."""
    for title, key, rows in (
        ("Kernels and precisions", "kernels", found.of_kind(*_KERNELS)),
        ("Fusions", "fusions", found.of_kind(*_FUSIONS)),
    ):
        st.markdown(f"**{title}**")
        if rows:
            parts.table(version_tables.groups(rows), key, f"{title} that changed")
        else:
            st.markdown("Nothing changed.")
    st.markdown("**Layers that only one version has**")
    if found.lone:
        parts.table(version_tables.lone(found), "lone", "Layers that only one version has")
    else:
        st.markdown("None.")
    st.markdown("**Conversions gone and come**")
    moved = (*found.gone, *found.come)
    if moved:
        st.markdown(f"{len(found.gone)} gone, {len(found.come)} come.")
        parts.table(version_tables.conversions(moved), "moved", "Conversions gone and come")
    else:
        st.markdown("Both versions have the same ones.")


def triage(pair: tuple[Version, Version]) -> None:
    """Every cell of both versions, sorted into buckets; causes and reasons told once."""
    found = cached.triage(frame.current().lens, *pair)
    st.header(f"Every cell of {text.md(pair[0].label)} and {text.md(pair[1].label)}", anchor=False)
    st.markdown(text.md(triage_sentence(*pair, found.counts, (), (), unpaired=found.unpaired)))
    st.markdown(" ".join(_badge(bucket, count) for bucket, count in found.counts if count))
    _told_once("Causes, each told once", found.causes)
    if found.unexplained:
        parts.note(
            "Causes were looked for in the cells that changed most; "
            f"{fmt.counted(found.unexplained, 'more cell')} changed. Choose a model above for its "
            "own, or ask `python -m results changes` for all."
        )
    _told_once("Failures, each told once", found.failures)
    _rows(found)


def _badge(bucket: Bucket, count: int) -> str:
    return f":{_COLOURS.get(bucket, 'gray')}-badge[{bucket.sign} {text.md(bucket.value)}: {count}]"


_COLOURS = {
    Bucket.MUCH_SLOWER: "orange", Bucket.SLOWER: "orange",
    Bucket.FASTER: "blue", Bucket.MUCH_FASTER: "blue",
}  # fmt: skip


def _told_once(title: str, found: Sequence[SharedCause]) -> None:
    if not found:
        return
    st.markdown(f"**{title}**")
    for cause in found[:_MOST_CAUSES]:
        signs = " ".join(f"{bucket.sign} {bucket.value}" for bucket in cause.buckets)
        adds = "" if cause.delta_us is None else f", {fmt.delta_us(cause.delta_us)}"
        st.markdown(
            f"- **{text.md(cause.text)}**: {fmt.counted(cause.cells, 'cell')} of "
            f"{text.md(', '.join(cause.models))} ({text.md(signs)}{text.md(adds)})"
        )
    if len(found) > _MOST_CAUSES:
        parts.note(f"and {len(found) - _MOST_CAUSES} more in the table")


def _rows(found: Triage) -> None:
    there = [bucket.value for bucket, count in found.counts if count]
    wanted = controls.choose("Bucket", "buckets", there)
    rows = [row for row in found.rows if not wanted or row.bucket.value in wanted]
    parts.table(version_tables.triage(rows), "triage", "Every cell of the two versions")
