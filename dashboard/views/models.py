"""Models: two networks side by side, and why the one gains from INT8 and the other does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import accuracy_tables, chosen_models, model_tables, text
from dashboard.cache import Lens, shown_models
from dashboard.cache import models as cached
from dashboard.charts import models as charts
from dashboard.chosen_models import ShownNetwork
from dashboard.link import Link, to_params
from dashboard.older import OLDER
from dashboard.views import controls, failed, frame, parts, readiness
from results import network_place
from results.comparison import CellView
from results.headline import TIME_OVER_LAUNCHES
from results.kinds import is_int8_variant
from results.network_answer import evidence, headline
from results.network_place import Pair, Stand
from results.operator_times import shares_beside

_MOST_OPERATORS = 10
_NO_COSTS = "Nothing: no conversions, and no layer that stayed in float."
_PACE = "Times are brought to the pace of the timing launches, as on Compare and Layers."
_COSTS_UNKNOWN = "It is not known: no INT8 arm here was profiled beside a float one."


def show() -> None:
    """The page."""
    here = frame.current()
    rows = here.lens.overview()
    wanted = chosen_models.wanted_of(here.link, names_pair=here.names_pair)
    titles = network_place.models_of(rows)
    pair = network_place.pair_of(rows, wanted)
    if pair is None:
        st.title("No model was measured or imported yet", anchor=False)
        return
    if wanted.is_twice:
        _twice(wanted.right)
    frame.pin(chosen_models.pinned(here.link, pair))
    shown = shown_models.networks(here.lens, pair, titles)
    judged = [one.judged for one in shown]
    runtime, device = chosen_models.place_told(pair)
    head = headline(runtime, judged[0], judged[1] if len(judged) > 1 else None, device)
    parts.answer(head.sentence, head.figures)
    st.markdown("\n".join(f"- {text.md(line)}" for line in evidence(judged)))
    _settings(pair, titles)
    _notes(pair, titles)
    _pictures(shown)
    _structure(shown)
    _time(shown)
    readiness.beside(here.lens, pair.stands, titles)
    _variants(here.lens, shown, titles)
    _method(pair, titles)


def _twice(model_id: str) -> None:
    """A note as for every other value of an address that does not fit."""
    st.warning(
        f"The address asks for right = {text.md(model_id)}, which stands on the left already; it "
        "is ignored.",
        icon=":material/link_off:",
    )


def _settings(pair: Pair, titles: Mapping[str, str]) -> None:
    """Which networks, and where they ran."""
    row = pair.left.row
    devices = {one.device_id: one.device for one in pair.rows}
    runtimes = {one.runtime_id: one.runtime for one in pair.rows}
    driven = list(dict.fromkeys(one.scenario_title for one in pair.rows))
    arms = {cell.arm for stand in pair.stands for cell in _int8(stand)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(titles) > 1 and pair.right is not None:
            controls.pick("Left", "left", list(titles), value=row.model_id,
                          show=titles.__getitem__, alter=_put("left", "right"))  # fmt: skip
            controls.pick("Right", "right", list(titles), value=pair.right.row.model_id,
                          show=titles.__getitem__, alter=_put("right", "left"))  # fmt: skip
        if len(devices) > 1:
            controls.pick("Device", "device", list(devices), value=row.device_id,
                          show=devices.__getitem__)  # fmt: skip
        if len(runtimes) > 1:
            controls.pick("OpenVINO", "runtime", list(runtimes), value=row.runtime_id,
                          show=runtimes.__getitem__)  # fmt: skip
        if len(driven) > 1:
            controls.pick("Scenario", "driven", driven, value=row.scenario_title, show=str)
        if len(arms) > 1 and pair.left.verdict is not None:
            controls.pick("INT8 arm", "arm", sorted(arms), value=pair.left.verdict.candidate.arm,
                          show=str)  # fmt: skip
        controls.against("Baseline", frame.current().link.against)


def _int8(stand: Stand) -> list[CellView]:
    return [arm.cell for arm in stand.row.arms if is_int8_variant(arm.cell.variant_kind)]


def _put(field: str, other: str) -> controls.Alter:
    """Another network on a side; chosen on both sides, the two change places."""

    def alter(link: Link, value: str) -> Link:
        changed: dict[str, Any] = {field: value}
        if getattr(link, other) == value:
            changed[other] = getattr(link, field)
        return replace(link, **changed)

    return alter


def _notes(pair: Pair, titles: Mapping[str, str]) -> None:
    """What has to be said of the models, of cells that failed, and of two places."""
    parts.model_notes([stand.row.arms[0].cell for stand in pair.stands])
    if not pair.is_shared:
        where = "; ".join(
            f"{titles[stand.row.model_id]} on {stand.row.device}, OpenVINO {stand.row.runtime}, "
            f"{stand.row.scenario_title}"
            for stand in pair.stands
        )
        st.warning(
            f"**These two never ran in one place**, so they differ in more than the model: "
            f"{text.md(where)}.",
            icon=":material/compare_arrows:",
        )
    for stand in pair.stands:
        for arm in stand.row.arms:
            if arm.error:
                word = OLDER if arm.is_older else failed.WORD
                st.warning(
                    f"**{word}: {text.md(titles[stand.row.model_id])}, {text.md(arm.cell.arm)}**"
                    f": {text.md(arm.error)}",
                    icon=":material/error:",
                )


def _pictures(shown: Sequence[ShownNetwork]) -> None:
    st.header("Where the time goes", anchor=False)
    arms = [(one, arm) for one in shown for arm in one.profiled]
    if not arms:
        st.markdown("No layers are stored for these models here: none of their arms was profiled.")
        return
    columns = [charts.ArmColumn(one.name, arm.cell.arm) for one, arm in arms]
    times = [arm.times for _, arm in arms]
    parts.chart(
        lambda: charts.operator_shares(shares_beside(times, _MOST_OPERATORS), columns),
        "operator-shares",
        "Each bar is an operation's share of all layers' time in one arm, so that the bars of one "
        "colour in one panel add up to 100 %. A layer that carries several operations counts for "
        "the one with most work, a convolution or matrix product always as that; *inserted* layers "
        "carry none: OpenVINO added them.",
    )
    parts.chart(
        lambda: charts.network_precisions(columns, times),
        "network-precisions",
        "Each bar is one arm; a colour is the precision that the layers ran in, not the one that "
        "was asked for.",
    )


def _structure(shown: Sequence[ShownNetwork]) -> None:
    st.header("What they are made of", anchor=False)
    parts.table(model_tables.networks(shown), "networks", "Size and work of the networks")
    if any(one.judged.network.operators for one in shown):
        parts.table(model_tables.operators(shown), "operators", "Operations by type")
    else:
        st.markdown("Their operations are not stored.")
    ran = model_tables.activations(shown)
    if ran.num_rows:
        st.markdown("**Activations, and how they ran**")
        parts.table(ran, "activations", "Activations by arm: fused or on their own")
        parts.note(
            "Fused is what ran inside the layer of a convolution or matrix product. One that is "
            "spelled out in Add, Clamp and Multiply counts as the activation that it spells. A "
            "Clamp is called ReLU6 where its name says so: its bounds are not stored."
        )


def _time(shown: Sequence[ShownNetwork]) -> None:
    st.header("What INT8 costs beside computing", anchor=False)
    found = model_tables.costs(shown)
    if found.num_rows:
        told = "What INT8's layer time goes to beside computing in INT8"
        parts.table(found, "int8-costs", told, {"By operation": "large"})
        parts.note(
            f"{_PACE} Shares are of the INT8 arm's layer time. Conversions are those that the "
            "baseline has not; one is told under both operations that it stands between. Of layers "
            "that INT8 makes slower, what they take longer."
        )
    else:
        st.markdown(_NO_COSTS if any(one.judged.costs for one in shown) else _COSTS_UNKNOWN)
    added = model_tables.inserted(shown)
    if added.num_rows:
        st.markdown("**Inserted layers of every arm**")
        parts.table(added, "inserted", "Layers that no operation asked for, by arm")
        parts.note(_PACE)
    with st.expander("Every operation in figures"):
        parts.table(model_tables.times(shown), "operator-times", "Time by arm and operation")
        parts.note(_PACE)


def _variants(lens: Lens, shown: Sequence[ShownNetwork], titles: Mapping[str, str]) -> None:
    st.header("Their variants", anchor=False)
    stored, judged = cached.variants(lens, [one.model_id for one in shown])
    found = [replace(one, model_title=titles[one.model_id]) for one in stored]
    parts.table(model_tables.variants(found, judged), "model-variants", "Variants of the models")
    for one in found:
        if is_int8_variant(one.kind):
            with st.expander(f"The recipe of {text.md(one.kind)}, {text.md(one.model_title)}"):
                parts.table(
                    accuracy_tables.recipe(one),
                    f"recipe-{one.variant_id}",
                    "Options it was made with",
                )


def _method(pair: Pair, titles: Mapping[str, str]) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        "Speed-ups are of timing launches, which share blocks where they are called paired; "
        f"intervals are 95 %; {TIME_OVER_LAUNCHES}. "
        "Layers come from profile launches with counters on, in the newest "
        "run of each arm that has them: shares are of the sum of the layers' medians, not of the "
        "wall clock. Operations, parameters and work are counted on the float model as it was "
        "read; work is two operations for each multiply-accumulate. A reason is told only where "
        "verdicts or intervals tell the networks apart and the layers account for the difference."
    )
    link = frame.current().link
    for stand in pair.stands:
        if stand.verdict is not None:
            chosen = replace(
                link,
                baseline=stand.verdict.baseline.cell_id,
                candidate=stand.verdict.candidate.cell_id,
                cell="",
            )
            st.page_link("views/compare.py", label=f"Why? {text.md(titles[stand.row.model_id])}",
                         icon=":material/arrow_forward:",
                         query_params=to_params(chosen))  # fmt: skip
    runs = dict.fromkeys(arm.run_id for stand in pair.stands for arm in stand.row.arms)
    for run_id in filter(None, runs):
        st.page_link("views/runs.py", label=f"Run {text.md(run_id)}",
                     icon=":material/arrow_forward:",
                     query_params=to_params(replace(link, run=run_id)))  # fmt: skip


show()
