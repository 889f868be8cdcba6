"""Which cells of two versions, or of a series, belong together; only measured ones do.

What was imported or published was measured by others in ways that nobody knows: it never
stands in a series or a triage.
"""

from __future__ import annotations

from collections.abc import Iterable

from results import selector
from results.comparison import CellView

CellKey = tuple[object, ...]


def measured(cells: Iterable[CellView]) -> tuple[CellView, ...]:
    """The cells that a run of this project measured."""
    return tuple(cell for cell in cells if cell.is_measured)


def chosen(
    cells: Iterable[CellView],
    *,
    model: str | None = None,
    arm: str | None = None,
    device: str | None = None,
    scenario: str | None = None,
) -> tuple[CellView, ...]:
    """The cells that fit, named as in a selector; None leaves a part open.

    Raises UsageError where nothing fits; it lists what there is.
    """
    asked = {"model": model, "arm": arm, "device": device, "scenario": scenario}
    parts = tuple((key, value) for key, value in asked.items() if value is not None)
    text = ",".join(f"{key}={value}" for key, value in parts)
    return selector.matching(tuple(cells), selector.Selector(text, parts))


def place_of(cell: CellView) -> CellKey:
    """Model, device and scenario: what a history is about."""
    return (
        cell.model_id, cell.device_id, cell.scenario,
        cell.batch, cell.streams, cell.threads, cell.requests,
    )  # fmt: skip


def arm_of(cell: CellView) -> CellKey:
    """The same arm in the same place, of whichever variant and version."""
    return (*place_of(cell), cell.variant_kind, cell.precision)


def key_of(cell: CellView) -> CellKey:
    """All but the version: cells that share it differ in the runtime only."""
    return (*arm_of(cell), cell.variant_id)
