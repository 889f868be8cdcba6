"""In what two cells are alike, where that decides what may be said of them together.

What a difference lowers trust in is a caution (``results.trust``); here stands what forbids a
statement altogether.
"""

from __future__ import annotations

from results.comparison import CellView
from results.errors import UsageError
from results.kinds import normalised


def is_same_model(a: CellView, b: CellView) -> bool:
    """By their content; by their names where the two come from different sources.

    An imported or published model is often known by no more than its name.
    """
    if a.origin == b.origin:
        return a.model_id == b.model_id
    return normalised(a.model) == normalised(b.model)


def is_same_place(a: CellView, b: CellView) -> bool:
    """Whether both ran on one device, driven alike: causes and ceilings hold only there."""
    return _place(a) == _place(b)


def refuse_other_batch(a: CellView, b: CellView) -> None:
    """Raise UsageError where a latency stands against a time with another batch.

    A latency is that of a whole batch, so the larger one takes longer whatever runs it.
    """
    if a.batch == b.batch or (a.is_throughput and b.is_throughput):
        return
    raise UsageError(
        f"batch {a.batch} cannot be compared with batch {b.batch}: a latency is that of a whole"
        " batch",
        hint="choose cells of one batch (batch=), or throughput, which is told per item",
    )


def _place(cell: CellView) -> tuple[str | int | None, ...]:
    return (
        cell.device_id, cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests,
    )  # fmt: skip
