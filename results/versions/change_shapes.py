"""What a change between two versions is made of: groups of layers, conversions, sums, causes.

Only shapes live here, without the cells and versions that they are about: ``shapes`` has
those.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from results.comparison import InsertedKind

LEAST_TOLD_US = 0.005
"""What moved less is told as 0.00 µs, and moved nothing."""


class ChangeKind(StrEnum):
    """What happened to a group of layers, or to the conversions between them."""

    KERNEL = "kernel"
    PRECISION = "precision"
    FUSION_GAINED = "fusion gained"
    FUSION_LOST = "fusion lost"
    REORDER_GONE = "conversion gone"
    REORDER_COME = "conversion come"
    CONVERTED_IN_BOTH = "conversions that both have"
    SAME = "same kernel"
    UNMATCHED = "without a partner"


@dataclass(frozen=True)
class GroupChange:
    """A group of layers that the two versions run differently; times in µs.

    ``from_kernel`` and ``to_kernel`` are spelled as in today's OpenVINO, several joined by
    ``+``; precisions likewise. ``from_layers`` and ``to_layers`` name the executed layers.
    ``is_depthwise`` says that the group holds a convolution with one channel per group;
    ``cause`` is the change in words that fit every cell that has it.
    """

    kind: ChangeKind
    label: str
    op_type: str
    is_depthwise: bool
    from_kernel: str
    to_kernel: str
    from_precision: str
    to_precision: str
    from_layers: tuple[str, ...]
    to_layers: tuple[str, ...]
    before_us: float
    after_us: float
    cause: str

    @property
    def delta_us(self) -> float:
        """After minus before: negative is time saved."""
        return self.after_us - self.before_us


class Moved(Protocol):
    """What became of a group, as far as causes and sums look at it."""

    @property
    def kind(self) -> ChangeKind:
        """What happened to it."""

    @property
    def cause(self) -> str:
        """That in words which fit every cell that has it; empty where nothing happened."""

    @property
    def delta_us(self) -> float:
        """After minus before: negative is time saved."""


@dataclass(frozen=True)
class InsertedChange:
    """A Reorder, Convert or the like that only one of the versions has; time in µs."""

    kind: ChangeKind
    name: str
    node_type: str
    why: InsertedKind
    producer: str | None
    consumer: str | None
    time_us: float


@dataclass(frozen=True)
class KindSum:
    """All changes of a kind: how many, and what they add to the time (negative: saved)."""

    kind: ChangeKind
    count: int
    delta_us: float


@dataclass(frozen=True)
class ChangeCause:
    """A change in words that do not depend on the cell, so that it can be told once for many.

    ``count`` is how many layers of the cell it is about, ``delta_us`` what they add to its
    time; None where the layers' times explain nothing.
    """

    text: str
    count: int
    delta_us: float | None


@dataclass(frozen=True)
class LoneLayer:
    """A layer with operations that runs by itself in one of the versions only; time in µs.

    ``kind`` says what became of its operations in the other one: they have no layer there, or
    are fused into one. ``is_candidate`` says which version has it; ``operations`` are the types
    that it carries.
    """

    kind: ChangeKind
    is_candidate: bool
    name: str
    operations: tuple[str, ...]
    kernel: str
    time_us: float
