"""What the page Devices asks for: one model on all devices, and two devices in one arm."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.cache.lens import Lens
from dashboard.chosen_fleet import Fleet, rows_of
from dashboard.shown_rows import measured
from results import device_queries
from results.comparison import PUBLISHED, CellView, Estimate
from results.devices import DeviceRow, Known, device_rows
from results.index import Index
from results.isa import Isa, best_isa
from results.kinds import normalised
from results.overview import OverviewRow
from results.published import FLOAT_ARM, PublishedSpeedup, published_for
from results.versus import versus

_KEPT = 64
_PAIRS_KEPT = 512
_BF16_ARM = "fp32@bf16"


def device_rows_of(lens: Lens, fleet: Fleet) -> tuple[DeviceRow, ...]:
    """A row for each device that measured this model, the lowest INT8 time first."""
    return _device_rows(lens.digest, fleet, lens)


def estimate(lens: Lens, baseline: CellView, candidate: CellView) -> Estimate | None:
    """Two cells by their launches alone; None where one has no good launch."""
    return _estimate(
        lens.digest, baseline.cell_id, candidate.cell_id, lens.index, baseline, candidate
    )


def published_gains(lens: Lens, rows: Sequence[DeviceRow]) -> dict[Isa, PublishedSpeedup]:
    """By instruction set, what others published for the model of these rows."""
    if not rows:
        return {}
    model = rows[0].row.model
    wanted = normalised(model)
    flags = {
        (cell.isa_flags, cell.isa_cap)
        for cell in lens.cells()
        if cell.origin == PUBLISHED and normalised(cell.model) == wanted
    }
    classes = {isa for isa in (best_isa(*one) for one in flags) if isa is not None}
    found = {isa: _published(lens.digest, model, isa, _ran_as(rows, isa), lens.index)
             for isa in classes}  # fmt: skip
    return {isa: one for isa, one in found.items() if one is not None}


def _ran_as(rows: Sequence[DeviceRow], isa: Isa) -> str:
    """The float arm that the figures of this instruction set are beside."""
    ran = {row.float_precision for row in rows if row.facts.isa is isa and row.floating}
    return _BF16_ARM if ran == {"bf16"} else FLOAT_ARM


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _device_rows(digest: str, fleet: Fleet, _lens: Lens) -> tuple[DeviceRow, ...]:
    del digest
    rows = rows_of(measured(_lens.overview()), fleet)
    return device_rows(rows, fleet.against, fleet.arm, _known(_lens, rows, fleet))


def _known(lens: Lens, rows: Sequence[OverviewRow], fleet: Fleet) -> Known:
    device_ids = [row.device_id for row in rows]
    cells = [arm.cell for row in rows for arm in row.arms]
    standings = lens.standings([row.arms[0].cell for row in rows])
    times = device_queries.times_of(lens.index, [cell.cell_id for cell in cells])
    pairs = {
        (one.baseline.cell_id, one.candidate.cell_id)
        for row in rows
        for one in row.verdicts
        if one.estimate.paired and one.baseline.arm == fleet.against
    }
    return Known(
        facts=device_queries.facts_of(lens.index, device_ids),
        times=times,
        peaks=device_queries.peaks_of(lens.index, device_ids),
        certified={(one.device_id, one.runtime_id): one.certified for one in standings},
        operations=device_queries.operations_of(lens.index, fleet.model_id),
        shared=device_queries.shared_times_of(lens.index, pairs, times),
    )


@st.cache_data(max_entries=_PAIRS_KEPT, show_spinner=False)
def _estimate(
    digest: str,
    baseline_id: str,
    candidate_id: str,
    _index: Index,
    _baseline: CellView,
    _candidate: CellView,
) -> Estimate | None:
    del digest, baseline_id, candidate_id
    return versus(_index, _baseline, _candidate)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _published(
    digest: str, model: str, isa: Isa, ran_as: str, _index: Index
) -> PublishedSpeedup | None:
    del digest
    return published_for(_index, model, isa, ran_as)
