"""The float file in the other precision, beside the baseline of a comparison.

On many CPUs the FP32 file runs in bf16 unless it is told not to, so a ratio to one of the two
float arms says little without the other one. What is told of it is in ``results.sentence``.
"""

from __future__ import annotations

from results import queries
from results.candidate_queries import launches_against
from results.comparison import CellView
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.pairing import Sample
from results.sentence import DEFAULT, FORCED, OtherBaseline
from results.shelf import Shelf
from results.store import Index

_OTHER = {FORCED: DEFAULT, DEFAULT: FORCED}


def other_baseline(
    shelf: Shelf, baseline: CellView, candidate: CellView, run_id: str, *, only: bool = False
) -> OtherBaseline | None:
    """The candidate against the same float variant in the other precision.

    Of ``run_id`` where they share blocks there, else, unless that run ``only`` counts, of the
    latest that both share; unpaired estimates say so themselves. None where the pair is
    not INT8 against float in one place, or the store has no times of it.
    """
    wanted = _OTHER.get(baseline.precision)
    if wanted is None or not _is_pair(baseline, candidate):
        return None
    twins = shelf.place(baseline.model_id, baseline.device_id, baseline.runtime_id)
    other = next((cell for cell in twins if _is_twin(cell, baseline, wanted)), None)
    if other is None:
        return None
    used = _sample_of(shelf, other, candidate, run_id)
    if not only and (used is None or not used.paired):
        used = _latest_sample(shelf.index, other, candidate)
    if used is None:
        return None
    run = used.baseline[0].run_id
    return OtherBaseline(other, used.estimate(), shelf.mean_precisions(other.cell_id, run))


def _is_twin(cell: CellView, baseline: CellView, precision: str) -> bool:
    """Whether it is the same variant in the same place, asked for in this precision."""
    same = cell.variant_id == baseline.variant_id and _place(cell) == _place(baseline)
    return same and cell.precision == precision


def _sample_of(shelf: Shelf, other: CellView, candidate: CellView, run_id: str) -> Sample | None:
    """The launches that count in one run."""
    cells = (other.cell_id, candidate.cell_id)
    launches = [launch for cell in cells for launch in shelf.launches(cell, run_id)]
    return LaunchBook(launches, shelf.cautions((run_id,))).sample(other, candidate)


def _latest_sample(index: Index, other: CellView, candidate: CellView) -> Sample | None:
    """The launches that count in the latest run that both share."""
    launches = launches_against(index, other.cell_id, [candidate.cell_id])
    runs = sorted({launch.run_id for launch in launches})
    return LaunchBook(launches, queries.cautions(index, runs)).sample(other, candidate)


def _is_pair(baseline: CellView, candidate: CellView) -> bool:
    """Whether it is INT8 against float in one place."""
    int8, of_float = is_int8_variant(candidate.variant_kind), is_int8_variant(baseline.variant_kind)
    return int8 and not of_float and _place(baseline) == _place(candidate)


def _place(cell: CellView) -> tuple[object, ...]:
    """All but the arm."""
    return (
        cell.origin, cell.model_id, cell.device_id, cell.runtime_id, cell.scenario,
        cell.batch, cell.streams, cell.threads, cell.requests,
    )  # fmt: skip
