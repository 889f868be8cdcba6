"""Versions: a model over the OpenVINO versions, what changed between two, the triage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import charts, followed, text, version_tables
from dashboard.cache import versions as cached
from dashboard.link import Link, to_params
from dashboard.views import controls, failed, frame, parts, what_changed
from results import format as fmt
from results.headline import TIME_OVER_LAUNCHES
from results.versions import answers
from results.versions.elsewhere import failed_elsewhere
from results.versions.places import HistoryPlace
from results.versions.series_words import elsewhere_words, others_words, together
from results.versions.shapes import History
from results.versions.words import BESIDE, OTHER_RUN, TIMES_AND_RATIOS

_MOST_PLACES = 4


def show() -> None:
    """The page."""
    here = frame.current()
    places = cached.places(here.lens)
    if not places:
        _nothing()
        return
    place = followed.place_of(places, here.link, here.cell(here.link.baseline))
    history = cached.history(here.lens, place)
    pair = followed.versions_of(history, here.link)
    if here.link.new and here.link.old == here.link.new:
        _twice(history, here.link.new)
    frame.pin(followed.pinned(here.link, history, pair))
    head = answers.headline(history)
    parts.answer(head.sentence, head.figures)
    _failed_elsewhere(history)
    _settings(places, history)
    _model_note(history)
    if len(history.versions) == 1:
        _one_version(history)
    _series(history)
    if pair is not None:
        what_changed.show(history, pair)
        what_changed.triage(pair)
    _method(history)


def _nothing() -> None:
    st.title("No version was measured here yet", anchor=False)
    st.markdown("The store holds nothing that was measured by INT8 Lens itself. To measure:")
    parts.command("python -m collector run --model FILE")


def _twice(history: History, runtime_id: str) -> None:
    """A note as for every other value of an address that does not fit."""
    labels = [one.label for one in history.versions if one.runtime_id == runtime_id]
    st.warning(
        f"The address asks for to = {text.md(labels[0] if labels else runtime_id)}, which is the "
        "version that it compares from; it is ignored.",
        icon=":material/link_off:",
    )


def _failed_elsewhere(history: History) -> None:
    """Where cells failed of which this history tells nothing, each place with its link.

    Streamlit cuts the words of a link where the page is too narrow, so where it was stands below.
    """
    here = frame.current()
    found = failed_elsewhere(here.lens.overview(), history)
    for one in found[:_MOST_PLACES]:
        link = replace(
            here.link, model=one.model_id, device=one.device_id, driven=one.scenario_title,
            scenario="", arm="", old="", new="",
        )  # fmt: skip
        where = f"{one.model_title} on {one.device}, {one.scenario_title}"
        with st.container(gap=None):
            st.page_link(
                "views/versions.py",
                label=f"{failed.WORD} elsewhere: {text.md(one.model_title)}",
                icon=":material/arrow_forward:",
                query_params=to_params(link),
            )
            parts.note(text.md(f"{where}, with OpenVINO {together(one.versions)}"))
    if len(found) > _MOST_PLACES:
        parts.note(f"Cells failed in {len(found) - _MOST_PLACES} more places: Overview lists them.")


def _settings(places: Sequence[HistoryPlace], history: History) -> None:
    """Which model, device and scenario is followed, and in which unit."""
    models = {one.model_id: one.model_title for one in places}
    devices = {one.device_id: one.device for one in places if one.model_id == history.model_id}
    driven = [
        one.scenario_title for one in places
        if (one.model_id, one.device_id) == (history.model_id, history.device_id)
    ]  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for label, field, names, value in (
            ("Model", "model", models, history.model_id),
            ("Device", "device", devices, history.device_id),
        ):
            if len(names) > 1:
                controls.pick(label, field, list(names), value=value, show=names.__getitem__,
                              alter=_follow(field))  # fmt: skip
        if len(driven) > 1:
            controls.pick("Scenario", "driven", driven, value=history.scenario_title, show=str,
                          alter=_follow("driven"))  # fmt: skip
        controls.toggle("Items per second", "rate")


def _follow(field: str) -> controls.Alter:
    """Another history: the arm and the versions are chosen anew, the rest stays."""

    def alter(link: Link, value: str) -> Link:
        changed: dict[str, Any] = {field: value}
        return replace(link, **changed, arm="", old="", new="")

    return alter


def _model_note(history: History) -> None:
    parts.model_notes([point.cell for one in history.series[:1] for point in one.points[:1]])


def _one_version(history: History) -> None:
    """What to do for a second one."""
    only = history.versions[0].label
    st.info(
        f"**Only one version, OpenVINO {text.md(only)}, was measured here**, so there is nothing "
        "to follow yet. Versions that are measured in one run share its blocks, and are paired:",
        icon=":material/info:",
    )
    parts.command(
        "python -m collector runtimes add 2023.3 2024.6\n"
        "python -m collector run --model FILE --openvino 2023.3 --openvino 2024.6 "
        f"--openvino {fmt.plain(history.versions[0].version)}"
    )


def _series(history: History) -> None:
    link = frame.current().link
    st.header("Over the versions", anchor=False)
    parts.chart(
        lambda: charts.versions(history, rate=link.rate),
        "series",
        f"{_better(link)} A mark is a version's time with its 95 % interval over the blocks. A "
        "diamond is a change point, a step told by the statistics (Holm over the paired steps of "
        f"a line); its speed-up since the version before stands above it. {_rare_marks(history)}"
        f"{TIMES_AND_RATIOS.capitalize()}.",
    )
    for one in history.series:
        if elsewhere := elsewhere_words(one.points):
            parts.note(f"{text.md(one.arm)}: {text.md(elsewhere)}")
        if one.others:
            parts.note(f"{text.md(one.arm)}: {text.md(others_words(one.others))}.")
    for version, arms, reason in answers.failures_of(history):
        st.warning(
            f"**{failed.WORD}: OpenVINO {text.md(version)}**: {text.md(reason)}  \n"
            f"{text.md(', '.join(arms))}",
            icon=":material/error:",
        )
    _evidence(history)
    with st.expander("Every point in words and in figures"):
        for series in history.series:
            st.markdown(f"- {text.md(series.sentence)}")
        parts.table(version_tables.series(history), "points", "Each version and arm in figures")


def _rare_marks(history: History) -> str:
    """What marks mean that few histories have."""
    points = [point for one in history.series for point in one.points]
    told = ""
    if any(point.of_another_run for point in points):
        told += f"A hollow mark is a version {OTHER_RUN}, beside the line and {BESIDE}. "
    if any(point.failure is not None for point in points):
        told += "A cross is a version that failed. "
    return told


def _better(link: Link) -> str:
    return "Higher is better." if link.rate else "Lower is better."


def _evidence(history: History) -> None:
    """What the answer rests on."""
    said = [history.best.sentence] if history.best else []
    said += [one.sentence for one in history.pays]
    for sentence in dict.fromkeys(said):
        st.markdown(f"- {text.md(sentence)}")


def _method(history: History) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        "Versions of one run are launched in the same blocks, each in a fresh process of its own "
        "environment, so their ratio is paired; versions that never shared a block are compared "
        "launch against launch, marked unpaired: a drift of the machine between the runs is not "
        "seen there, so such a step is no change point and does not settle whether INT8 pays, or "
        "which version is the best. A line is of one run, that which launched most of its "
        f"versions, and in it {TIME_OVER_LAUNCHES}. A "
        "version that failed stays in the series with its reason and is never the best one. "
        "Layers come from profile launches with counters on, and a change of spelling in a "
        "kernel's name is no change."
    )
    link = frame.current().link
    runs = dict.fromkeys(
        point.run_id for one in history.series for point in one.points if point.run_id
    )
    for run_id in runs:
        st.page_link("views/runs.py", label=f"Run {text.md(run_id)}",
                     icon=":material/arrow_forward:",
                     query_params=to_params(replace(link, run=run_id)))  # fmt: skip


show()
