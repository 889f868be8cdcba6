"""Overview: many verdicts counted, by CPU and by model, and all of them in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard import charts, text, theme
from dashboard.link import Link, about, to_params
from dashboard.overview_shown import OverviewShown
from dashboard.shown_rows import sides
from dashboard.views import frame, parts, picking
from results import format as fmt
from results.cpu_names import plain_cpu
from results.headline import Pick
from results.overview_tallies import Tally
from results.verdict_grid import Grid

_MOST_BARS = 16
_MOST_LINKS = 3
_OPENS = "overview-opens"


def open_picked() -> None:
    """Go where the last click on a picture leads, if it leads anywhere."""
    target: tuple[str, Link] | None = st.session_state.pop(_OPENS, None)
    if target is not None:
        frame.go_to(*target)


def show(shown: OverviewShown) -> None:
    """The pictures of many verdicts."""
    if len(shown.cpus) > 1:
        _cpus(shown)
    _models(shown.models)
    _grid(shown.grid)


def _cpus(shown: OverviewShown) -> None:
    st.header("Which machines lose, by CPU", anchor=False)
    found = shown.cpus
    drawn = found[:_MOST_BARS]
    names = [f"{plain_cpu(one.title)} \N{MULTIPLICATION SIGN} {one.devices}" for one in drawn]
    picking.chart(
        lambda: charts.tallies(drawn, names, "Verdicts, of every model on every machine of a kind"),
        "cpus",
        "A bar is a kind of CPU with the number of its machines; its parts are the verdicts of "
        f"INT8 against {frame.current().link.against} there. Those with most slow-downs are on "
        "top. A click on a bar opens its machines on Devices.",
        partial(_open_cpu, drawn),
    )
    _more(len(found) - len(drawn), "kind", "of CPU lose less and are in the figures")
    for one in [cpu for cpu in found if cpu.losing][:_MOST_LINKS]:
        st.page_link(
            "views/devices.py",
            label=f"Devices: {text.md(plain_cpu(one.title))}, where it does worst",
            icon=":material/arrow_forward:", query_params=to_params(_devices_of(one)),
        )  # fmt: skip
    with st.expander("The CPUs in figures"):
        parts.table(shown.cpus_table, "cpus", "Verdicts of INT8, counted by CPU")


def _devices_of(cpu: Tally) -> Link:
    """The machines of a kind on the page Devices, with the model that does worst on them."""
    worst = cpu.worst.row
    return replace(
        frame.current().link, model=worst.model_id, driven=worst.scenario_title, find=cpu.title,
        device="", arm="", runtime="", only="",
    )  # fmt: skip


def _open_cpu(found: Sequence[Tally], place: str) -> None:
    st.session_state[_OPENS] = "devices", _devices_of(found[int(place)])


def _models(found: Sequence[Tally]) -> None:
    st.header("On how many devices INT8 pays, by model", anchor=False)
    drawn = found[:_MOST_BARS]
    parts.chart(
        lambda: charts.tallies(drawn, [one.title for one in drawn], "Devices"),
        "tallies",
        "A bar is a model, its parts are the devices (each with its version and scenario) on which "
        f"INT8 is faster than {frame.current().link.against}, slower, no different, or not "
        "decided yet. Those with most slow-downs are on top.",
    )
    _more(len(found) - len(drawn), "model", "with fewer slow-downs are in the table of verdicts")


def _more(number: int, noun: str, where: str) -> None:
    if number > 0:
        parts.note(f"{fmt.counted(number, noun)} {where}.")


def _grid(found: Grid) -> None:
    """Every model on every device, as far as there is room; a click opens the comparison."""
    if min(len(found.places), len(found.models)) < 2:  # one model is the page Devices'
        return
    st.header("Every model on every device", anchor=False)
    shared = f"All on {found.shared}. " if found.shared else ""
    picking.chart(
        lambda: charts.verdict_grid(found),
        "grid",
        f"{text.md(shared)}In a field: the verdict's sign and how many times as fast INT8 is, "
        f"▲ faster, ▼ slower, = no difference, ? inconclusive, {theme.FAILED.sign} failed. Those "
        "with most slow-downs are on top and on the left. A click on a field opens its comparison, "
        f"on {theme.FAILED.sign} why it failed; the table of all verdicts has the figures, and its "
        "rows open the same, from the keyboard too.",
        partial(_open_field, found),
    )
    left = [
        fmt.counted(number, noun)
        for number, noun in ((found.models_left, "model"), (found.places_left, "device"))
        if number
    ]
    if left:
        parts.note(f"{' and '.join(left)} more have no room here; the table has all, Find any.")


def _open_field(found: Grid, place: str) -> None:
    open_pair(found.cells[int(place)].pick)


def open_pair(pick: Pick) -> None:
    """Have the rerun that follows compare what a verdict is of, or tell why there is none."""
    link = frame.current().link
    pair = sides(pick, link.against)
    if pair is not None:
        st.session_state[_OPENS] = "compare", about(link, *(cell.cell_id for cell in pair))
