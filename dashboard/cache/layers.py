"""What the page Layers alone asks: a cell's executed graph, its roofs, its twins elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.cache.lens import Lens
from results import graph_queries, peak_queries, queries
from results.compare import compare_cells
from results.comparison import CellView
from results.errors import LensError
from results.graph import ExecGraph
from results.index import Index
from results.layer_roofs import layer_roofs
from results.per_item import streams_run
from results.precision_steps import PrecisionStep, precision_steps
from results.roof import GroupRoof
from results.twin_layers import Twin, twins_of

_KEPT = 64


@dataclass(frozen=True)
class OtherSide:
    """The cell that layers are held against, and their twins by place in the graph.

    Where there are no twins ``reason`` says why.
    """

    cell: CellView
    twins: Mapping[int, Twin]
    reason: str = ""


def runs_of(lens: Lens, cell: CellView) -> tuple[str, ...]:
    """The runs in which a cell has a good launch, the newest first."""
    return _runs_of(lens.digest, lens, cell.cell_id)


def compared_run(lens: Lens, cell: CellView, other: CellView) -> str | None:
    """The run of a cell that a comparison with the other is made of; None where there is none."""
    try:
        return lens.compare(other, cell).run_ids[-1]
    except LensError:
        return None


def graph_of(lens: Lens, cell: CellView, run_id: str) -> ExecGraph:
    """The executed graph of a cell in a run."""
    return _graph(lens.digest, lens.index, cell.cell_id, run_id, cell.model_id)


def roofs_of(lens: Lens, cell: CellView, run_id: str) -> Mapping[int, GroupRoof]:
    """By place how near each layer comes to its device's peaks; without shares where unmeasured."""
    return _roofs(lens.digest, lens.index, cell, run_id)


def steps_of(lens: Lens, cell: CellView, run_id: str) -> tuple[PrecisionStep, ...]:
    """Where data goes from one precision to another."""
    return _steps(lens.digest, lens.index, cell.cell_id, run_id, cell.model_id)


def node_times_us(lens: Lens, cell: CellView, run_id: str, node_index: int) -> tuple[float, ...]:
    """What a layer took in each profile launch, in µs per inference."""
    return _node_times_us(lens.digest, lens.index, cell.cell_id, run_id, node_index)


def other_side(lens: Lens, cell: CellView, run_id: str, other: CellView) -> OtherSide:
    """The layers of a cell in a run against another cell, which is then the baseline.

    Without twins where the two cannot be compared with that run: layers of one run are never held
    against a comparison that is made of another.
    """
    if other.cell_id == cell.cell_id:
        return OtherSide(other, {}, "there is no other cell to hold it against")
    return _other_side(lens.digest, lens, cell, run_id, other)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _runs_of(digest: str, _lens: Lens, cell_id: str) -> tuple[str, ...]:
    del digest
    made = queries.launches(_lens.index, cell_ids=[cell_id])
    good = {launch.run_id for launch in made if launch.ok and launch.kind != "startup"}
    return tuple(run.run_id for run in _lens.runs() if run.run_id in good)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _graph(digest: str, _index: Index, cell_id: str, run_id: str, model_id: str) -> ExecGraph:
    del digest
    return graph_queries.exec_graph(_index, cell_id, run_id, model_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _roofs(digest: str, _index: Index, cell: CellView, run_id: str) -> Mapping[int, GroupRoof]:
    graph = _graph(digest, _index, cell.cell_id, run_id, cell.model_id)
    launches = graph_queries.launches_of(_index, cell.cell_id, run_id)
    inferences = streams_run(cell, launches) * cell.batch if cell.is_throughput else 1
    return layer_roofs(
        graph,
        cell,
        graph_queries.float_ops(_index, cell.model_id),
        peak_queries.peaks_of(_index, cell.device_id),
        inferences,
    )


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _steps(
    digest: str, _index: Index, cell_id: str, run_id: str, model_id: str
) -> tuple[PrecisionStep, ...]:
    return precision_steps(_graph(digest, _index, cell_id, run_id, model_id))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _node_times_us(
    digest: str, _index: Index, cell_id: str, run_id: str, node_index: int
) -> tuple[float, ...]:
    del digest
    return graph_queries.node_times_us(_index, cell_id, run_id, node_index)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _other_side(
    digest: str, _lens: Lens, cell: CellView, run_id: str, other: CellView
) -> OtherSide:
    del digest
    try:
        comparison = _lens.compare(other, cell)
        if comparison.run_ids[-1] != run_id:
            comparison = compare_cells(_lens.index, other, cell, run_id)
    except LensError as error:
        return OtherSide(other, {}, error.message)
    twins = twins_of(graph_of(_lens, cell, run_id), comparison, cell.cell_id)
    reason = "" if twins else "no layer of one is known to be a layer of the other"
    return OtherSide(other, twins, reason)
