"""How cells are named in lists: only by what tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from results.comparison import CellView

_PARTS: tuple[tuple[str, Callable[[CellView], str]], ...] = (
    ("arm", lambda cell: cell.arm),
    ("model", lambda cell: cell.model_title),
    ("device", lambda cell: cell.device),
    ("runtime", lambda cell: f"OpenVINO {cell.runtime}"),
    ("scenario", lambda cell: cell.scenario),
    ("batch", lambda cell: f"batch {cell.batch}"),
    ("streams", lambda cell: f"{cell.streams} streams"),
    ("threads", lambda cell: f"{cell.threads or 'all'} threads"),
)
_ALWAYS = frozenset({"model", "arm"})


def of_cells(cells: Sequence[CellView]) -> dict[str, str]:
    """By id: arm and model, and of the rest what differs; equal names get their id.

    The arm comes first: it tells apart what is compared, and lists cut at the end.
    """
    telling = [
        part for name, part in _PARTS if name in _ALWAYS or len({part(c) for c in cells}) > 1
    ]
    names = {cell.cell_id: ", ".join(part(cell) for part in telling) for cell in cells}
    taken = list(names.values())
    return {i: name if taken.count(name) == 1 else f"{name} ({i})" for i, name in names.items()}
