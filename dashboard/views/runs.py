"""Runs: where the numbers come from, and how far to trust them."""

from __future__ import annotations

import streamlit as st

from dashboard import charts, tables, text
from dashboard.views import controls, frame, parts
from results import format as fmt
from results.cautions import show as show_caution
from results.comparison import CellView
from results.drift import drift
from results.headline import run_headline
from results.views import LaunchView, RunView


def show() -> None:
    """The page."""
    here = frame.current()
    runs = {run.run_id: run for run in here.lens.runs()}
    run = runs.get(here.link.run) or here.lens.runs()[0]
    head = run_headline(run)
    parts.answer(head.sentence, head.figures)
    _selector(runs, run)
    cells = {cell.cell_id: cell for cell in here.lens.cells()}
    launches = here.lens.launches(run.run_id)
    ids = dict.fromkeys(launch.cell_id for launch in launches)
    parts.model_notes([cells[cell_id] for cell_id in ids])
    _drift(launches, cells)
    _cautions(run)
    _launches(launches, cells)
    _machine(run)
    _properties(launches, cells)
    _provenance(run)


def _selector(runs: dict[str, RunView], run: RunView) -> None:
    if len(runs) > 1:
        controls.pick(
            "Run", "run", list(runs), value=run.run_id,
            show=lambda i: f"{fmt.when(runs[i].started_at)}, {runs[i].machine_title}, {i}",
        )  # fmt: skip


def _drift(launches: tuple[LaunchView, ...], cells: dict[str, CellView]) -> None:
    st.header("Did the machine keep its pace?", anchor=False)
    points = drift(launches)
    if not points:
        st.markdown("No timing launch of this run succeeded.")
        return
    parts.chart(
        charts.drift(points, cells),
        "drift",
        "Each mark is the median of one launch, as its distance from the median of its cell's "
        "launches. A machine that keeps its pace gives a flat band; lines that move together are "
        "a drift, which paired blocks cancel.",
    )


def _cautions(run: RunView) -> None:
    st.header("Cautions", anchor=False)
    stored = frame.current().lens.cautions(run.run_id)
    parts.cautions(list(dict.fromkeys(show_caution(caution) for caution in stored)))


def _launches(launches: tuple[LaunchView, ...], cells: dict[str, CellView]) -> None:
    st.header("Launches", anchor=False)
    failed = [launch for launch in launches if not launch.ok]
    for reason in dict.fromkeys(launch.error or fmt.UNKNOWN for launch in failed):
        st.warning(f"Launches failed: {text.md(reason)}", icon=":material/error:")
    parts.table(tables.launches(launches, cells), "launches", "Every launch of the run")


def _machine(run: RunView) -> None:
    st.header("The machine", anchor=False)
    found = frame.current().lens.machine(run.machine_id)
    if found is None:
        st.markdown("The store knows nothing about it.")
        return
    parts.table(tables.machine(found), "machine", "Facts of the machine")


def _properties(launches: tuple[LaunchView, ...], cells: dict[str, CellView]) -> None:
    st.header("What the compiled models reported", anchor=False)
    found = tables.properties(launches, cells)
    if not found.num_rows:
        st.markdown("No launch reported any property.")
        return
    parts.table(found, "properties", "Effective properties of the compiled models")


def _provenance(run: RunView) -> None:
    st.header("How it was measured", anchor=False)
    host, title = run.hostname or fmt.UNKNOWN, run.machine_title or fmt.UNKNOWN
    st.markdown(
        f"- Run {text.md(run.run_id)} ({text.md(run.kind)}), {fmt.when(run.started_at)} to "
        f"{fmt.when(run.ended_at)}\n"
        f"- On {text.md(host)}, {text.md(title)}\n"
        f"- INT8 Lens {text.md(run.tool_version)}, seed of the order in the blocks {run.seed}\n"
        f"- Models: {text.md(', '.join(run.model_titles) or fmt.UNKNOWN)}"
    )
    st.code(run.command, language="sh", wrap_lines=True)


show()
