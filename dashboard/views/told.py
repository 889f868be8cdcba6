"""The page of an imported or published run: where its figures are from, and what was told.

No page script of its own: Runs shows it for a run whose figures somebody else measured. There
is no pace, no turn and no order to show: nobody here knows how it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import run_tables, text
from dashboard.views import failed, frame, parts
from results import format as fmt
from results.comparison import CellView
from results.drift import told_cautions
from results.views import LaunchView, RunView


def show(run: RunView, made: Sequence[LaunchView]) -> None:
    """Its source first, then its figures, cautions and the machine."""
    lens = frame.current().lens
    cells = {cell.cell_id: cell for cell in lens.cells()}
    _source(run)
    parts.model_notes([cells[i] for i in dict.fromkeys(launch.cell_id for launch in made)])
    failed.in_run(made, cells)
    _figures(made, cells)
    st.header("Cautions", anchor=False)
    parts.cautions(told_cautions(lens.cautions(run.run_id), made, cells))
    _machine(run)
    if any(launch.properties for launch in made):
        st.header("What the compiled models reported", anchor=False)
        parts.table(run_tables.properties(made, cells), "properties", "Effective properties")


def _source(run: RunView) -> None:
    st.header("Where it is from", anchor=False)
    source = text.md(run.source) if run.source else f"{fmt.UNKNOWN}, nobody told it"
    st.markdown(
        f"- Source: **{source}**\n"
        f"- {run.kind.capitalize()}, not measured by INT8 Lens; brought in on "
        f"{fmt.when(run.started_at)} as run {text.md(run.run_id)} with INT8 Lens "
        f"{text.md(run.tool_version)}\n"
        f"- Machine: {text.md(run.machine_title or 'several, each figure names its own')}\n"
        f"- Models: {text.md(', '.join(run.model_titles) or fmt.UNKNOWN)}"
    )
    parts.command(run.command)
    parts.note(
        ":material/gpp_maybe: No certificate: one is of a device that INT8 Lens measured itself. "
        "These figures have no interval and are never mixed with what was measured."
    )


def _figures(made: Sequence[LaunchView], cells: Mapping[str, CellView]) -> None:
    st.header("What was told", anchor=False)
    if made:
        parts.table(run_tables.told(made, cells), "launches", "Every figure of the run")
    else:
        st.markdown("No figure.")


def _machine(run: RunView) -> None:
    if run.machine_id is None:
        return
    st.header("The machine", anchor=False)
    found = frame.current().lens.machine(run.machine_id)
    if found is None:
        st.markdown("The store knows nothing about it.")
    else:
        parts.table(run_tables.machine(found), "machine", "Facts of the machine")
