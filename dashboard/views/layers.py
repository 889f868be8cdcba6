"""Layers: every exec node of one cell, its kernels, and the precisions it ran in."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import streamlit as st

from dashboard import charts, filters, tables, text
from dashboard.link import to_params
from dashboard.views import controls, frame, names, parts
from results import format as fmt
from results.comparison import CellView
from results.headline import layers_headline, precision_shares

_MEASURED = (
    "Times are those of one inference, in throughput of one stream's; they come from profile "
    "launches with counters on, the median of the launches; their sum is not the latency. "
    "Headline times come from other launches, without counters."
)


def show() -> None:
    """The page."""
    here = frame.current()
    cell = here.cell(here.link.shown_cell)
    top = st.container()
    _selector()
    run_id = here.lens.run_of(cell)
    if run_id is None:
        top.title("This cell has no good launch", anchor=False)
        top.page_link("views/runs.py", label="Why?", query_params=to_params(here.link))
        return
    kernels = here.lens.kernels(cell, run_id)
    head = layers_headline(kernels)
    with top:
        parts.answer(head.sentence, head.figures)
        parts.model_notes([cell])
    if kernels.num_rows:
        _rollup(kernels)
    _table(cell, run_id)
    _method(cell, run_id)


def _selector() -> None:
    here = frame.current()
    named = names.of_cells(here.lens.cells())
    controls.pick("Cell", "cell", list(named), value=here.link.shown_cell, show=named.__getitem__)


def _rollup(kernels: pa.Table) -> None:
    st.header("In which precision the time is spent", anchor=False)
    parts.chart(
        charts.precisions(precision_shares(kernels)),
        "precisions",
        "u8 and i8 are INT8, unsigned and signed. Shares are of the sum of the layers.",
    )
    st.header("Which kernels take it", anchor=False)
    parts.chart(
        charts.kernels(kernels),
        "kernels",
        "The costliest kernels; the colour is the precision, as above.",
    )


def _table(cell: CellView, run_id: str) -> None:
    st.header("Every layer", anchor=False)
    every = frame.current().lens.layers(cell, run_id)
    left, middle, right, last = st.columns(4, vertical_alignment="bottom")
    with left:
        controls.choose("Type", "types", _values(every, "node_type"))
    with middle:
        controls.choose("Precision", "precisions", _values(every, "runtime_precision"))
    with right:
        controls.find("Search", "part of a name or a kernel")
    with last:
        controls.toggle("Not executed too", "idle")
    found = filters.layers(every, frame.current().link)
    if not found.num_rows:
        st.markdown("No layer fits these filters.")
        return
    parts.table(tables.layers(found), "layers", "Every layer of the cell")
    parts.note(f"{fmt.count(found.num_rows)} of {fmt.count(every.num_rows)} layers.")


def _values(found: pa.Table, column: str) -> list[str]:
    return sorted(set(found[column].to_pylist()))


def _driven(cell: CellView) -> str:
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)


def _told(cell: CellView) -> str:
    return (
        f"**{cell.origin.capitalize()}, not measured by INT8 Lens**: times and kernels are as "
        "the source tells them, averages since the model was compiled, its warm-up included; "
        "their sum is not the latency."
    )


def _method(cell: CellView, run_id: str) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        f"{text.md(cell.model_title)}, {text.md(cell.arm)}, on {text.md(cell.device)}, OpenVINO "
        f"{text.md(cell.runtime)}, {text.md(_driven(cell))}; run "
        f"{text.md(run_id)}. {_MEASURED if cell.is_measured else _told(cell)}"
    )
    link = frame.current().link
    st.page_link(
        "views/runs.py", label="This run", icon=":material/arrow_forward:",
        query_params=to_params(replace(link, run=run_id)),
    )  # fmt: skip


show()
