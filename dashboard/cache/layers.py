"""What the page Layers alone asks: a cell's executed graph, its roofs, its twins elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from dashboard.cache.lens import Lens
from results import graph_queries, peak_queries, queries
from results.compare import compare_cells
from results.comparison import CellView, Comparison
from results.errors import LensError
from results.graph import ExecGraph
from results.index import Index
from results.layer_roofs import layer_roofs
from results.pace import graph_at_pace, own_pace, side_pace, table_at_pace
from results.per_item import streams_run
from results.precision_steps import PrecisionStep, precision_steps
from results.roof import GroupRoof
from results.twin_layers import Twin, twins_of

_KEPT = 64


@dataclass(frozen=True)
class OtherSide:
    """The cell that layers are held against, and their twins by place in the graph.

    Where there are no twins ``reason`` says why. ``pace`` is what brings the times of the layers
    to the headline's: those of a comparison with the other are divided by it too.
    """

    cell: CellView
    twins: Mapping[int, Twin]
    pace: float
    reason: str = ""


@dataclass(frozen=True)
class Layers:
    """The layers of a cell in a run, every time divided by ``pace``; roofs by place in the graph.

    ``kernels`` and ``every`` are ``queries.kernel_rollup`` and ``queries.layers_table``.
    """

    pace: float
    kernels: pa.Table
    every: pa.Table
    graph: ExecGraph
    roofs: Mapping[int, GroupRoof]
    steps: tuple[PrecisionStep, ...]


def runs_of(lens: Lens, cell: CellView) -> tuple[str, ...]:
    """The runs in which a cell has a good launch, the newest first."""
    return _runs_of(lens.digest, lens, cell.cell_id)


def compared_run(lens: Lens, cell: CellView, other: CellView) -> str | None:
    """The run of a cell that a comparison with the other is made of; None where there is none."""
    try:
        return lens.compare(other, cell).run_ids[-1]
    except LensError:
        return None


def layers_of(lens: Lens, cell: CellView, run_id: str, pace: float) -> Layers:
    """The layers of a cell in a run at this pace, such as that of ``other_side``."""
    return _at_pace(lens.digest, lens, cell, run_id, pace)


def node_times_us(
    lens: Lens, cell: CellView, run_id: str, node_index: int, pace: float
) -> tuple[float, ...]:
    """What a layer took in each profile launch, in µs per inference, divided by ``pace``."""
    found = _node_times_us(lens.digest, lens.index, cell.cell_id, run_id, node_index)
    return tuple(time_us / pace for time_us in found)


def other_side(lens: Lens, cell: CellView, run_id: str, other: CellView) -> OtherSide:
    """The layers of a cell in a run against another cell, which is then the baseline.

    Without twins where the two cannot be compared with that run: layers of one run are never held
    against a comparison that is made of another.
    """
    if other.cell_id == cell.cell_id:
        pace = _own_pace(lens.digest, lens.index, cell, run_id)
        return OtherSide(other, {}, pace, "there is no other cell to hold it against")
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
def _at_pace(digest: str, _lens: Lens, cell: CellView, run_id: str, pace: float) -> Layers:
    graph = graph_at_pace(_graph(digest, _lens.index, cell.cell_id, run_id, cell.model_id), pace)
    return Layers(
        pace=pace,
        kernels=table_at_pace(_lens.kernels(cell, run_id), pace),
        every=table_at_pace(_lens.layers(cell, run_id), pace),
        graph=graph,
        roofs=_roofs(_lens.index, cell, run_id, graph),
        steps=precision_steps(graph),
    )


def _roofs(_index: Index, cell: CellView, run_id: str, graph: ExecGraph) -> Mapping[int, GroupRoof]:
    """By place how near each layer comes to its device's peaks; without shares where unmeasured."""
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
def _node_times_us(
    digest: str, _index: Index, cell_id: str, run_id: str, node_index: int
) -> tuple[float, ...]:
    del digest
    return graph_queries.node_times_us(_index, cell_id, run_id, node_index)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _other_side(
    digest: str, _lens: Lens, cell: CellView, run_id: str, other: CellView
) -> OtherSide:
    try:
        comparison = _compared(_lens, cell, run_id, other)
    except LensError as error:
        return OtherSide(other, {}, _own_pace(digest, _lens.index, cell, run_id), error.message)
    graph = _graph(digest, _lens.index, cell.cell_id, run_id, cell.model_id)
    twins = twins_of(graph, comparison, cell.cell_id)
    reason = "" if twins else "no layer of one is known to be a layer of the other"
    if comparison.pace is None:
        pace = _own_pace(digest, _lens.index, cell, run_id)
    else:
        pace = side_pace(comparison, cell.cell_id)
    return OtherSide(other, twins, pace, reason)


def _compared(lens: Lens, cell: CellView, run_id: str, other: CellView) -> Comparison:
    """The cell in this run against the other."""
    comparison = lens.compare(other, cell)
    if comparison.run_ids[-1] == run_id:
        return comparison
    return compare_cells(lens.index, other, cell, run_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _own_pace(digest: str, _index: Index, cell: CellView, run_id: str) -> float:
    del digest
    return own_pace(cell, graph_queries.launches_of(_index, cell.cell_id, run_id))
