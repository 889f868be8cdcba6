"""All labelled cases, the stores they are in, and the comparison of each.

The planted store is written anew wherever it is needed; the measured one is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from results import queries
from results.compare import compare_cells
from results.comparison import CellView, Comparison
from results.errors import UsageError
from results.store import Index, Store
from results.version import __version__
from results.writer import RunWriter
from tests.cases.measured import MEASURED, OWN, MeasuredCase, Place
from tests.cases.planted_case import PlantedCase
from tests.cases.planted_several import SEVERAL_OR_NONE
from tests.cases.planted_single import SINGLE
from tests.cases.planted_without import WITHOUT_CAUSE
from tests.cases.planting import runs_of

PLANTED: tuple[PlantedCase, ...] = (*SINGLE, *SEVERAL_OR_NONE, *WITHOUT_CAUSE)
"""Every planted pair."""
MEASURED_STORE = Path(__file__).parent / "store"

Case = PlantedCase | MeasuredCase


def plant(folder: Path, cases: Iterable[PlantedCase]) -> Store:
    """Write the planted pairs as a store under ``folder``: a run for each machine."""
    for run_id, facts in runs_of(case.pair() for case in cases):
        with RunWriter(folder, run_id) as writer:
            writer.add(*facts)
            writer.commit(tool_version=__version__)
    return Store(folder)


def planted_comparisons(
    folder: Path, cases: Iterable[PlantedCase]
) -> Iterator[tuple[PlantedCase, Comparison]]:
    """Plant the cases under ``folder`` and compare each as any two cells of a store."""
    chosen = tuple(cases)
    with closing(plant(folder, chosen).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        for case in chosen:
            baseline, candidate = case.pair().cell_ids
            yield case, compare_cells(index, cells[baseline], cells[candidate])


def measured_comparisons(
    cases: Iterable[MeasuredCase] = MEASURED, folder: Path = MEASURED_STORE
) -> Iterator[tuple[MeasuredCase, Comparison]]:
    """Compare the measured cases; none where nothing was measured yet."""
    store = Store(folder)
    if store.is_empty:
        return
    with closing(store.index()) as index:
        cells = queries.cells(index)
        for case in cases:
            pair = (_cell(index, cells, case.baseline), _cell(index, cells, case.candidate))
            yield case, compare_cells(index, *pair)


def _cell(index: Index, cells: Iterable[CellView], place: Place) -> CellView:
    """The cell at a place; of the collector's own version where none is named: the newest."""
    found = [
        cell
        for cell in cells
        if (cell.model, cell.arm, cell.isa_cap) == (place.model, place.arm, place.isa_cap)
        and place.runtime in {OWN, cell.runtime}
    ]
    if not found:
        raise UsageError(
            f"{place.arm} of {place.model} was not measured",
            hint="measure the cases anew: python -m tests.cases.make --measured",
        )
    return max(found, key=lambda cell: tuple(map(int, cell.runtime.split(".")[:2])))
