"""How cells are named in lists: only by what tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from results import format as fmt
from results.comparison import CellView

_PLACE: tuple[Callable[[CellView], str], ...] = (
    lambda cell: cell.device,
    lambda cell: f"OpenVINO {cell.runtime}",
)


def of_cells(cells: Sequence[CellView]) -> dict[str, str]:
    """By id: arm and model, and of the rest what differs; equal names get their id.

    The arm comes first: it tells apart what is compared, and lists cut at the end.
    """
    rest = places(cells)
    names = {cell.cell_id: f"{cell.arm}, {rest[cell.cell_id]}" for cell in cells}
    taken = list(names.values())
    return {i: name if taken.count(name) == 1 else f"{name} ({i})" for i, name in names.items()}


def places(cells: Sequence[CellView]) -> dict[str, str]:
    """By id: the model, how it is driven and where it ran, of the latter what differs."""
    driven = scenarios(cells)
    told = [part for part in _PLACE if len({part(cell) for cell in cells}) > 1]
    several = len(set(driven.values())) > 1
    return {
        cell.cell_id: _marked(
            cell,
            ", ".join(
                [cell.model_title]
                + ([driven[cell.cell_id]] if several else [])
                + [part(cell) for part in told]
            ),
        )
        for cell in cells
    }


def _marked(cell: CellView, name: str) -> str:
    """What was not measured here says so, if its device does not already."""
    return name if cell.is_measured or cell.origin in name else f"{cell.origin}, {name}"


def scenarios(cells: Sequence[CellView]) -> dict[str, str]:
    """By id, how a cell is driven; in one word where that tells it apart from the others."""
    ways = {_driven(cell) for cell in cells}
    names = [name for name, *_ in ways]
    return {
        cell.cell_id: cell.scenario
        if names.count(cell.scenario) == 1
        else fmt.scenario(*_driven(cell))
        for cell in cells
    }


def _driven(cell: CellView) -> tuple[str, int, int | None, int | None, int | None]:
    return cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
