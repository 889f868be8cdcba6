"""What a rule of the catalogue looks at, and what it gives back.

Only the shapes and the sums that all rules share live here; what must be seen for a cause
stands in ``conversions``, ``kernels`` and ``limits``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from results.comparison import CellView, Group, Inserted, LayerSide
from results.groups import floor_us
from results.inserted import CANDIDATE
from results.isa import Isa, best_isa, ceiling
from results.kinds import FLOAT_PRECISIONS, INT8_PRECISIONS
from results.versions.kernels import precision_of

MEDIUM = "medium"
AT_INPUT = "the input"
"""What ``Inserted.producer_op`` is for a node that stands before every layer."""
TOLD_SHARE = 0.005
"""Layers that together take less of the candidate's time are no cause worth a line."""
LEAST_US = 2.0
"""Counters are whole µs, cut off: less than two in an inference may be none."""
UNKNOWN_GAIN = 2.0
"""Gain assumed where nothing is known of the instruction set: the least of a wide vector."""
_LONGEST_NAME = 60
_KNOWN = INT8_PRECISIONS | FLOAT_PRECISIONS

LayerKey = tuple[int, str]


@dataclass(frozen=True)
class Finding:
    """What a rule saw: µs that could be won back, the evidence, the layers it claims.

    ``confidence`` is set where it is not the one that the catalogue declares. ``seen`` is the
    evidence that needs no times; empty where there is none.
    """

    recoverable_us: float
    evidence: str
    layers: tuple[str, ...] = ()
    claims: frozenset[LayerKey] = frozenset()
    confidence: str | None = None
    seen: str = ""


@dataclass(frozen=True)
class Case:
    """An aligned pair, INT8 against float, and the candidate's layers already claimed.

    ``baseline_us`` and ``candidate_us`` are wall times per inference, or per item; the
    baseline's is None where it was not told. ``in_turns``: the profile launches of both sides
    took turns with each other. ``items`` share the time of one inference (``per_item``).
    """

    baseline: CellView
    candidate: CellView
    baseline_us: float | None
    candidate_us: float
    groups: tuple[Group, ...]
    inserted: tuple[Inserted, ...]
    claimed: frozenset[LayerKey] = frozenset()
    in_turns: bool = True
    items: float = 1.0

    def free(self, layer: LayerSide) -> bool:
        """Whether no cause before has claimed this layer of the candidate."""
        return key_of(layer) not in self.claimed

    def added(self) -> tuple[Inserted, ...]:
        """Inserted nodes of the candidate that the baseline lacks there, unclaimed."""
        return tuple(
            node
            for node in self.inserted
            if node.side == CANDIDATE and not node.shared and self.free(node.layer)
        )

    def matched(self) -> tuple[Group, ...]:
        """Groups that both sides have layers of."""
        return tuple(group for group in self.groups if group.baseline and group.candidate)

    def layers_of(self, side: str) -> tuple[LayerSide, ...]:
        """Every executed layer of a side, those without a source op too."""
        mine = [
            layer
            for group in self.groups
            for layer in (group.candidate if side == CANDIDATE else group.baseline)
        ]
        return (*mine, *(node.layer for node in self.inserted if node.side == side))

    def gain_over(self, precision: str) -> float:
        """How many times as fast INT8 could be as this float precision: a bound, by the ISA."""
        return _gain(self.candidate.isa_flags, self.candidate.isa_cap, precision)

    @cached_property
    def isa(self) -> Isa | None:
        """The best instruction set that the candidate's device has and its cap allows."""
        return best_isa(self.candidate.isa_flags, self.candidate.isa_cap)

    @property
    def floor_us(self) -> float:
        """What a single layer must differ by."""
        return floor_us(self.candidate_us, self.items)

    def worth_telling(self, time_us: float) -> bool:
        """Whether it is more than next to nothing of the candidate's time."""
        return time_us >= max(LEAST_US / self.items, TOLD_SHARE * self.candidate_us)

    def finding(
        self,
        layers: Sequence[LayerSide],
        seen: str,
        recoverable_us: float | None = None,
        *,
        then: str = "",
    ) -> Finding | None:
        """These layers, claimed; all their time is recoverable unless less is told.

        The evidence is what is ``seen``, with the layers' time behind it and what comes
        ``then``. None where the time is next to nothing.
        """
        total_us = sum_us(layers)
        won_us = total_us if recoverable_us is None else recoverable_us
        if not self.worth_telling(total_us) or not self.worth_telling(won_us):
            return None
        evidence = f"{seen}: {us(layers)}{then}"
        return Finding(won_us, evidence, names_of(layers), claims_of(layers), seen=seen)

    def after(self, finding: Finding) -> Case:
        """The case as the next rule sees it."""
        return replace(self, claimed=self.claimed | finding.claims)


@lru_cache(maxsize=256)
def _gain(flags: tuple[str, ...], cap: str | None, precision: str) -> float:
    top = ceiling(flags, cap, precision)
    return UNKNOWN_GAIN if top is None else min(top.high, top.memory)


def precision(layer: LayerSide) -> str:
    """In what a layer ran; OpenVINO 2021.2 tells it in the kernel's name alone."""
    told = layer.runtime_precision
    return told if told in _KNOWN else precision_of(layer)


def key_of(layer: LayerSide) -> LayerKey:
    """What tells a layer of a side from all others of it."""
    return layer.node_index, layer.name


def claims_of(layers: Iterable[LayerSide]) -> frozenset[LayerKey]:
    """The keys of layers."""
    return frozenset(key_of(layer) for layer in layers)


def names_of(layers: Iterable[LayerSide]) -> tuple[str, ...]:
    """The names of layers."""
    return tuple(layer.name for layer in layers)


def sum_us(layers: Iterable[LayerSide]) -> float:
    """What layers take together."""
    return math.fsum(layer.time_us for layer in layers)


def us(layers: Iterable[LayerSide]) -> str:
    """The same in words."""
    return f"{sum_us(layers):.0f} µs"


def plural(count: int, one: str, many: str) -> str:
    """``1 layer runs``, ``2 layers run``."""
    return f"{count} {one if count == 1 else many}"


def short(name: str) -> str:
    """A name that fits into a sentence."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def precisions(layers: Iterable[LayerSide]) -> str:
    """``bf16, f32``."""
    return ", ".join(sorted({precision(layer) for layer in layers}))
