"""Layers: every exec node of one cell, the graph they make, and the precisions they ran in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import streamlit as st

from dashboard import charts, layer_tables, text
from dashboard.cache import layers as asked
from dashboard.cache.layers import OtherSide
from dashboard.link import to_params
from dashboard.views import controls, frame, layer_graph, names, parts, picking
from results import format as fmt
from results.comparison import CellView
from results.graph import ExecGraph, opening_node
from results.headline import precision_shares
from results.layer_words import cell_headline, method_words, steps_sentence
from results.precision_steps import PrecisionStep
from results.twin_layers import opposites

_MOST_TRIED = 4


def show() -> None:
    """The page."""
    here = frame.current()
    cell = here.cell(here.link.shown_cell)
    top = st.container()
    _selector()
    runs = asked.runs_of(here.lens, cell)
    if not runs:
        top.title("This cell has no good launch", anchor=False)
        top.page_link("views/runs.py", label="Why?", query_params=to_params(here.link))
        return
    against = _against(cell)
    run_id = _run(cell, against, runs)
    other = asked.other_side(here.lens, cell, run_id, against)
    found = asked.layers_of(here.lens, cell, run_id, other.pace)
    has_layers = found.kernels.num_rows > 0
    _pin(run_id, found.graph if has_layers else None)
    head = cell_headline(found.kernels, found.graph, found.roofs, pace=found.pace)
    with top:
        parts.answer(head.sentence, head.figures)
        parts.model_notes([cell])
    if has_layers:
        layer_graph.show(cell, run_id, found.graph, other, found.roofs)
        _rollup(found.kernels)
    _table(found, other)
    if has_layers:
        _steps(found.steps)
    _method(cell, run_id, found)


def _selector() -> None:
    here = frame.current()
    named = names.of_store(here.lens)
    controls.pick(
        "Cell", "cell", list(named), value=here.link.shown_cell, show=named.__getitem__,
        alter=lambda link, value: replace(link, cell=value, node="", run=""),
    )  # fmt: skip


def _run(cell: CellView, against: CellView, runs: Sequence[str]) -> str:
    """The run that the address names, else the one that the cell is compared in, else the newest.

    So that the layers are those of the verdict.
    """
    lens, wanted = frame.current().lens, frame.current().link.run
    if wanted and wanted not in runs:
        told = f"The address asks for run = {wanted}, in which this cell has no good launch; "
        st.warning(text.md(f"{told}it is ignored."), icon=":material/link_off:")
    compared = asked.compared_run(lens, cell, against)
    has_layers = compared in runs and lens.kernels(cell, compared or "").num_rows > 0
    run_id = wanted if wanted in runs else compared if compared and has_layers else runs[0]
    if len(runs) > 1:
        controls.pick("Run", "run", list(runs), value=run_id, show=_run_words,
                      alter=lambda link, value: replace(link, run=value, node=""))  # fmt: skip
    if run_id != runs[0]:
        parts.note(text.md(f"Shown is the run {run_id}; the newest of this cell is {runs[0]}."))
    return run_id


def _run_words(run_id: str) -> str:
    return next((f"{fmt.when(x.started_at)}, {x.machine_title}, {run_id}"
                 for x in frame.current().lens.runs() if x.run_id == run_id), run_id)  # fmt: skip


def _pin(run_id: str, graph: ExecGraph | None) -> None:
    """The run and the opened layer belong to the address, so that a new run changes neither."""
    link = frame.current().link
    opening = opening_node(graph) if graph and not link.node else None
    node = graph.keys[opening.place] if graph and opening else link.node
    frame.pin(replace(link, run=run_id, node=node))


def _against(cell: CellView) -> CellView:
    """What the layers are held against: the pair's other cell, or one like it that was launched."""
    here = frame.current()
    found = opposites(here.lens.cells(), cell, (here.link.baseline, here.link.candidate))
    near = found[:_MOST_TRIED]
    launched = (one for one in near if here.lens.run_of(one) is not None)
    return next(launched, next(iter(near), cell))


def _rollup(kernels: pa.Table) -> None:
    st.header("In which precision the time is spent", anchor=False)
    parts.chart(
        lambda: charts.precisions(precision_shares(kernels)),
        "precisions",
        "u8 and i8 are INT8, unsigned and signed. Shares are of the sum of the layers.",
    )
    st.header("Which kernels take it", anchor=False)
    parts.chart(
        lambda: charts.kernels(kernels),
        "kernels",
        "The costliest kernels; the colour is the precision, as above.",
    )


def _table(layers: asked.Layers, other: OtherSide) -> None:
    st.header("Every layer", anchor=False)
    every = layers.every
    left, middle, right, last = st.columns(4, vertical_alignment="bottom")
    with left:
        controls.choose("Type", "types", _values(every, "node_type"))
    with middle:
        controls.choose("Precision", "precisions", _values(every, "runtime_precision"))
    with right:
        controls.find("Search", "part of a name or a kernel")
    with last:
        controls.toggle("Not executed too", "idle")
    found = layer_tables.fitting(every, frame.current().link)
    if not found.num_rows:
        st.markdown("No layer fits these filters.")
        return
    known = layer_tables.Known(layers.graph, layers.roofs, other.twins)
    shown = layer_tables.layers(found, known)
    indices = [f"#{index}" for index in found["node_index"].to_pylist()]
    picking.table(shown, "layers", "Every layer of the cell", indices, _open)
    against = f" Speed-up is against {text.md(other.cell.arm)}." if other.twins else ""
    parts.note(
        f"{fmt.count(found.num_rows)} of {fmt.count(every.num_rows)} layers; {picking.HOW} above."
        f"{against}"
    )


def _open(key: str) -> None:
    frame.change(lambda link: replace(link, node=key))


def _values(found: pa.Table, column: str) -> list[str]:
    return sorted(set(found[column].to_pylist()))


def _steps(found: Sequence[PrecisionStep]) -> None:
    st.header("From precision to precision", anchor=False)
    st.markdown(text.md(steps_sentence(found)))
    if found:
        parts.table(layer_tables.steps(found), "steps", "Ways from precision to precision")
        parts.note("A way is a pair of layers of which one reads what the other wrote, straight "
                   "or over inserted layers; int8 is i8 and u8. Each inserted layer counts in "
                   "one row.")  # fmt: skip


def _driven(cell: CellView) -> str:
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)


def _told(cell: CellView) -> str:
    return (
        f"**{cell.origin.capitalize()}, not measured by INT8 Lens**: times and kernels are as "
        "the source tells them, averages since the model was compiled, its warm-up included; "
        "their sum is not the latency."
    )


def _method(cell: CellView, run_id: str, found: asked.Layers) -> None:
    st.header("How it was measured", anchor=False)
    st.markdown(
        f"{text.md(cell.model_title)}, {text.md(cell.arm)}, on {text.md(cell.device)}, OpenVINO "
        f"{text.md(cell.runtime)}, {text.md(_driven(cell))}; run "
        f"{text.md(run_id)}. "
        f"{text.md(method_words(found.pace)) if cell.is_measured else _told(cell)}"
    )
    if not any(roof.candidate_share is not None for roof in found.roofs.values()):
        parts.note("The share of the roof is not known: no peaks of this device were measured.")
    link = frame.current().link
    st.page_link(
        "views/runs.py", label="This run", icon=":material/arrow_forward:",
        query_params=to_params(replace(link, run=run_id)),
    )  # fmt: skip


show()
