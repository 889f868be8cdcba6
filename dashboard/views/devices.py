"""Devices: one model on every device, which is the fastest, and where INT8 pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import charts, chosen_fleet, device_tables, text
from dashboard.cache import devices as asked
from dashboard.chosen_fleet import Fleet
from dashboard.link import Link, about, to_params
from dashboard.shown_rows import measured, versions
from dashboard.views import controls, failed, frame, parts
from results import device_words
from results import format as fmt
from results.devices import DeviceRow, Lead, TimedArm, fastest
from results.headline import TIME_OVER_LAUNCHES, failures
from results.isa_gains import isa_gains
from results.overview import OverviewRow

_MOST_DRAWN = 40


def show() -> None:
    """The page."""
    here = frame.current()
    stored = measured(here.lens.overview())
    if not stored:
        _nothing()
        return
    fleet = chosen_fleet.fleet_of(stored, here.link, here.cell(here.link.baseline))
    for note in chosen_fleet.unfitting(stored, here.link, fleet):
        st.warning(text.md(note), icon=":material/link_off:")
    frame.pin(replace(here.link, model=fleet.model_id, driven=fleet.driven, arm=fleet.arm,
                      runtime=fleet.runtime))  # fmt: skip
    every = asked.device_rows_of(here.lens, fleet)
    rows = chosen_fleet.found(every, here.link.find)
    order = fastest(rows)
    _answer(every, rows, order)
    _settings(stored, fleet)
    if here.link.find:
        _fitting(len(rows), len(every))
    parts.model_notes([row.row.arms[0].cell for row in rows[:1]])
    if not rows and every:
        return
    _picture(rows)
    _isas(rows)
    _table(rows)
    failed.listed(failures([replace(row.row, arms=row.failed) for row in rows]))
    _two(order)
    _method(rows)


def _answer(
    every: Sequence[DeviceRow], rows: Sequence[DeviceRow], order: Sequence[DeviceRow]
) -> None:
    """What the devices that fit the search say; all of them without one."""
    if every and not rows:
        model, wanted = every[0].row.model_title, frame.current().link.find
        parts.answer(f"{model} was measured on no device called {wanted}.", ())
        return
    lead = _lead(order[0], order[1]) if len(order) > 1 else None
    model = rows[0].row.model_title if rows else fmt.UNKNOWN
    head = device_words.devices_headline(model, rows, lead)
    parts.answer(head.sentence, head.figures)


def _fitting(shown: int, every: int) -> None:
    """That the page is of the devices that fit alone, as Overview is."""
    parts.note(
        f":material/filter_alt: {shown} of {fmt.counted(every, 'device')} fit the search; "
        "this page is of these alone."
    )


def _nothing() -> None:
    st.title("Nothing was measured on a device of yours yet", anchor=False)
    st.markdown("The store holds nothing that was measured by INT8 Lens itself. To measure:")
    parts.command("python -m collector run --model FILE")


def _settings(stored: Sequence[OverviewRow], fleet: Fleet) -> None:
    """Which model, how it is driven, which arms, which version."""
    own = [row for row in stored if row.model_id == fleet.model_id]
    models = {row.model_id: row.model_title for row in stored}
    driven = list(dict.fromkeys(row.scenario_title for row in own))
    arms, found = chosen_fleet.int8_arms(own), versions(own)
    free = chosen_fleet.unchosen(stored, fleet)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(models) > 1:
            controls.pick("Model", "model", list(models), value=fleet.model_id,
                          show=models.__getitem__, alter=_other_model)  # fmt: skip
        if len(driven) > 1:
            controls.pick("Scenario", "driven", driven, value=fleet.driven, show=str,
                          alter=_other_scenario)  # fmt: skip
        controls.against("Compare INT8 against", fleet.against)
        if len(arms) > 1:
            controls.pick("INT8 arm", "arm", _with_any(free.arm, arms), value=fleet.arm,
                          show=lambda name: name or "the quickest")  # fmt: skip
        if len(found) > 1:
            controls.pick("OpenVINO version", "runtime", _with_any(free.runtime, found),
                          value=chosen_fleet.version_of(own, fleet),
                          show=lambda name: name or "the newest of each")  # fmt: skip
        controls.find("Find devices", "a CPU, a host, AVX2, powersave")


def _with_any(unchosen: str, options: Sequence[str]) -> list[str]:
    """With each device's own before them, where devices differ: else that is one of these."""
    return [*options] if unchosen else ["", *options]


def _other_model(link: Link, value: str) -> Link:
    """Another model: how it is driven, the arm and the version are chosen anew."""
    return replace(link, model=value, driven="", arm="", runtime="")


def _other_scenario(link: Link, value: str) -> Link:
    return replace(link, driven=value, arm="", runtime="")


def _lead(first: DeviceRow, other: DeviceRow) -> Lead:
    """The quicker arm of one device against that of another."""
    if first.best is None or other.best is None:
        return Lead(first, other, None)
    lens = frame.current().lens
    return Lead(first, other, asked.estimate(lens, other.best.cell, first.best.cell))


def _picture(shown: Sequence[DeviceRow]) -> None:
    st.header("How long it takes on each device, and what INT8 gains", anchor=False)
    timed = [row for row in shown if row.best is not None]
    if not timed:
        st.markdown("No device that fits has a time.")
        return
    drawn = timed[:_MOST_DRAWN]
    scale = " on a log scale" if charts.devices_are_wide(drawn) else ""
    parts.chart(
        lambda: charts.devices(drawn),
        "devices",
        f"Sorted by INT8's time, the quickest on top. Left: time{scale}, a mark for each arm, "
        "further left is better. Right: how many times as fast INT8 is; right of the dotted line "
        "it gains. Whiskers are 95 % intervals over the launches.",
    )
    _not_drawn(len(shown), len(drawn), len(timed))


def _not_drawn(shown: int, drawn: int, timed: int) -> None:
    """How many devices the picture leaves out, and why."""
    told = []
    if drawn < timed:
        told.append(f"the {drawn} quickest of {timed} are drawn, all are in the table")
    if timed < shown:
        told.append(f"{shown - timed} have no time, see the table")
    if told:
        parts.note(f":material/filter_alt: {text.md('; '.join(told))}")


def _isas(rows: Sequence[DeviceRow]) -> None:
    st.header("What INT8 gains on each instruction set", anchor=False)
    gains = isa_gains(rows, asked.published_gains(frame.current().lens, rows))
    parts.chart(
        lambda: charts.isa_gains(gains),
        "isas",
        "A mark is a device, higher and lower only to keep marks apart; a hollow triangle or "
        "square is a device capped to that instruction set. The bar is what INT8 could gain at "
        "most in one convolution there (operations per cycle and core): a whole model stays below "
        "it, as only part of it shrinks.",
    )
    for gain in gains:
        if gain.published:
            parts.note(f":material/public: {text.md(_published_words(gain.published.sentence))}")
    with st.expander("The instruction sets in figures"):
        parts.table(device_tables.isas(gains), "isas", "What INT8 gains on each instruction set")


def _published_words(sentence: str) -> str:
    return f"{sentence}, in throughput, measured by others on other machines"


def _table(shown: Sequence[DeviceRow]) -> None:
    st.header("Every device", anchor=False)
    parts.table(device_tables.devices(shown), "devices", "Each device with its times and facts",
                {"Device": 230, "Host": 130, "Reason": "large"})  # fmt: skip
    if any(_is_over_ceiling(row) for row in shown):
        parts.note(
            "A speed-up above the ceiling is no mistake by itself: the ceiling counts operations "
            "of one convolution, and INT8 also moves fewer bytes and may fuse or skip layers."
        )
    if any(row.share_of_peak is not None for row in shown):
        parts.note(
            "Of the INT8 peak: the operations of the whole model over INT8's time, of the most "
            "that the device was measured to do in INT8. Small models leave most of it unused."
        )


def _is_over_ceiling(row: DeviceRow) -> bool:
    """Whether INT8 gains more than the ceiling of one layer."""
    if row.verdict is None or row.ceiling is None:
        return False
    return row.verdict.estimate.speedup > row.ceiling.high


def _two(order: Sequence[DeviceRow]) -> None:
    """The fastest device against a chosen one, arm by arm, and the way to their layers."""
    if len(order) < 2:
        return
    st.header("Two devices side by side", anchor=False)
    first, others = order[0], {row.row.device_id: row for row in order[1:]}
    others.pop(first.row.device_id, None)
    if not others:
        return
    link = frame.current().link
    other = others.get(link.device) or next(iter(others.values()))
    controls.pick("The fastest device against", "device", list(others),
                  value=other.row.device_id, show=lambda i: others[i].label)  # fmt: skip
    pairs = [
        pair for pair in ((first.int8, other.int8), (first.floating, other.floating))
        if pair[0] is not None and pair[1] is not None
    ]  # fmt: skip
    for a, b in pairs:
        if a is not None and b is not None:
            _pair(first, other, (a, b))


def _pair(first: DeviceRow, other: DeviceRow, arms: tuple[TimedArm, TimedArm]) -> None:
    here = frame.current()
    candidate, baseline = arms[0].cell, arms[1].cell
    lead = Lead(first, other, asked.estimate(here.lens, baseline, candidate))
    if lead.estimate is None:
        return
    bounds = fmt.interval(*lead.estimate.speedup_bounds)
    st.markdown(
        f"**{parts.verdict(lead.estimate.verdict, lead.estimate.speedup)}** "
        f"(95 %: {bounds})  \n{text.md(device_words.arm_times(lead, arms))}"
    )
    parts.note(text.md(device_words.basis_sentence(lead)))
    link = about(here.link, baseline.cell_id, candidate.cell_id)
    st.page_link("views/compare.py", label=f"Compare both in {text.md(candidate.arm)}",
                 icon=":material/arrow_forward:", query_params=to_params(link))  # fmt: skip


def _method(rows: Sequence[DeviceRow]) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        "On one device INT8 and float are launched in the same blocks, so what INT8 gains there is "
        "paired: the drift of the machine cancels. Unlike machines never share a block; their "
        f"times are compared launch against launch (Welch), unpaired: {TIME_OVER_LAUNCHES}. "
        "The interval of a time is "
        "over its launches, so it holds how the machine's pace varied. A device whose instruction "
        "set is capped is hardware that was told to do less: it says so in its name and stands for "
        "no other CPU."
    )
    runtimes = dict.fromkeys(row.row.runtime for row in rows)
    if len(runtimes) > 1:
        names = ", ".join(runtimes)
        parts.note(
            f":material/warning: Devices were measured with unlike versions of OpenVINO "
            f"({text.md(names)}), so times of two devices may differ by the version too."
        )


show()
