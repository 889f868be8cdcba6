"""What INT8 gains on each class of instruction sets, beside the ceiling and what was published.

Counts and medians over the rows of ``results.devices``; no estimate is made here. Ceilings
are those of ``results.isa``, published figures those of ``results.published``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from results.comparison import Estimate, Verdict
from results.devices import DeviceRow
from results.isa import Ceiling, Isa
from results.published import PublishedSpeedup

UNKNOWN_ISA = "instruction set not known"


@dataclass(frozen=True)
class OwnCeiling:
    """The ceiling of one convolution over a float precision."""

    precision: str
    ceiling: Ceiling

    @property
    def words(self) -> str:
        """``4.00x over f32``, ``2.70x to 4.00x over f32``."""
        low, high = self.ceiling.low, self.ceiling.high
        told = f"{high:.2f}x" if low == high else f"{low:.2f}x to {high:.2f}x"
        return f"{told} over {self.precision}"


@dataclass(frozen=True)
class IsaGain:
    """The devices of one instruction set: what INT8 gains on them.

    ``judged`` are the devices with a verdict, the highest speed-up first, ``capped`` counts
    those of ``devices`` whose instruction set is a cap's and not their hardware's. ``ceilings``
    are those of the precisions that the float arms ran in; ``published`` what others published
    for CPUs of this instruction set, None where nothing was.
    """

    isa: Isa | None
    devices: int
    capped: int
    judged: tuple[DeviceRow, ...]
    ceilings: tuple[OwnCeiling, ...]
    published: PublishedSpeedup | None

    @property
    def name(self) -> str:
        """The instruction set in words."""
        return self.isa.value if self.isa else UNKNOWN_ISA

    @property
    def speedups(self) -> tuple[float, ...]:
        """Speed-ups of the judged devices, the highest first."""
        return tuple(estimate.speedup for estimate in _estimates(self.judged))

    @property
    def middle(self) -> float | None:
        """Median speed-up over the judged devices; None without any."""
        return median(self.speedups) if self.judged else None

    def counted(self, verdict: Verdict) -> int:
        """How many of the judged devices have this verdict."""
        return Counter(one.verdict for one in _estimates(self.judged))[verdict]


def isa_gains(
    rows: Sequence[DeviceRow], published: Mapping[Isa, PublishedSpeedup]
) -> tuple[IsaGain, ...]:
    """The instruction sets that devices or published figures have, the plainest first."""
    there = {row.facts.isa for row in rows}
    order = [isa for isa in Isa if isa in there or isa in published]
    return tuple(
        _gain(isa, [row for row in rows if row.facts.isa is isa], published)
        for isa in (*order, *([None] if None in there else []))
    )


def _gain(
    isa: Isa | None, rows: Sequence[DeviceRow], published: Mapping[Isa, PublishedSpeedup]
) -> IsaGain:
    judged = [(row.verdict.estimate.speedup, n) for n, row in enumerate(rows) if row.verdict]
    ceilings = {
        row.float_precision: row.ceiling for row in rows if row.float_precision and row.ceiling
    }
    return IsaGain(
        isa=isa,
        devices=len(rows),
        capped=sum(row.facts.isa_cap is not None for row in rows),
        judged=tuple(rows[n] for _, n in sorted(judged, reverse=True)),
        ceilings=tuple(OwnCeiling(name, found) for name, found in sorted(ceilings.items())),
        published=published.get(isa) if isa else None,
    )


def _estimates(rows: Sequence[DeviceRow]) -> tuple[Estimate, ...]:
    return tuple(row.verdict.estimate for row in rows if row.verdict is not None)
