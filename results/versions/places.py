"""Where a model was measured over the versions: what there is a history of, before any is made.

A store of a fleet has hundreds of them, and a page follows one: these say which there are,
from the cells alone. The history of a place is made in ``results.versions.series``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from results import format as fmt
from results.comparison import CellView
from results.versions.cells import CellKey, measured, place_of


@dataclass(frozen=True)
class HistoryPlace:
    """A model on a device in a scenario; ``versions`` counts the runtimes of its cells."""

    model_id: str
    model_title: str
    device_id: str
    device: str
    scenario: str
    scenario_title: str
    versions: int
    cell_ids: tuple[str, ...]


def history_places(cells: Iterable[CellView]) -> tuple[HistoryPlace, ...]:
    """The places of what was measured here, in the order of the cells."""
    found: dict[CellKey, list[CellView]] = {}
    for cell in measured(cells):
        found.setdefault(place_of(cell), []).append(cell)
    return tuple(map(_place, found.values()))


def _place(cells: list[CellView]) -> HistoryPlace:
    first = cells[0]
    driven = first.scenario, first.batch, first.streams, first.threads, first.requests
    return HistoryPlace(
        model_id=first.model_id,
        model_title=first.model_title,
        device_id=first.device_id,
        device=first.device,
        scenario=first.scenario,
        scenario_title=fmt.scenario(*driven),
        versions=len({cell.runtime_id for cell in cells}),
        cell_ids=tuple(cell.cell_id for cell in cells),
    )
