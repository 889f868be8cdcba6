"""What quantising a graph gives: the graph, what was put back to float, what has to be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino as ov


@dataclass(frozen=True)
class Reverted:
    """An operation that accuracy control put back to float.

    Operations of one ``step``, from 0, were put back together. The drops are losses of the
    metric against float, in the metric's own unit, before and after the step.
    """

    op_name: str
    step: int
    metric: str
    drop_before: float
    drop_after: float


@dataclass(frozen=True)
class Quantised:
    """A quantised copy of a graph; ``note`` says where it is not what was asked for."""

    graph: ov.Model
    note: str | None = None
    reverted: tuple[Reverted, ...] = ()
