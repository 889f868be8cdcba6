"""What the layers of one cell took on the other side of a comparison.

Turns the groups of a comparison around, so that a layer finds the group it stands in. Which
layers belong together is ``results.align``'s matter. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from results.comparison import CellView, Comparison, Group, LayerSide
from results.graph import ExecGraph, unnumbered
from results.kinds import is_int8_variant
from results.layer_calls import Call, call_of
from results.overview import DEFAULT_BASELINE


@dataclass(frozen=True)
class Twin:
    """The group of a layer as its own side sees it: what it took here, and there.

    Times are per inference, in throughput per item. ``others`` are the layers of the other
    side; ``call`` is what is called of the group, this side against the other.
    """

    label: str
    own: tuple[LayerSide, ...]
    others: tuple[LayerSide, ...]
    own_us: float
    other_us: float
    call: Call

    @property
    def speedup(self) -> float | None:
        """How many times as fast as on the other side; None where one side took no time."""
        return self.other_us / self.own_us if self.own_us > 0 and self.other_us > 0 else None

    @property
    def is_faster(self) -> bool:
        """Whether it is called faster here, or leans that way."""
        return self.call in {Call.FASTER, Call.LEANS_FASTER}

    @property
    def is_slower(self) -> bool:
        """Whether it is called slower here, or leans that way."""
        return self.call in {Call.SLOWER, Call.LEANS_SLOWER}


def opposites(
    cells: Sequence[CellView], cell: CellView, pair: Sequence[str]
) -> tuple[CellView, ...]:
    """What the layers of a cell can be held against, the most telling first.

    The other cell of the chosen ``pair``, given by ids, where that is of the cell's model; then
    those of its model and setting, float against INT8, the default baseline before others.
    """
    own_int8 = is_int8_variant(cell.variant_kind)
    alike = [one for one in cells if one.model_id == cell.model_id and one.cell_id != cell.cell_id]
    return tuple(
        sorted(
            alike,
            key=lambda one: (
                pair.index(one.cell_id) if one.cell_id in pair else len(pair),
                one.origin != cell.origin,
                _setting(one) != _setting(cell),
                is_int8_variant(one.variant_kind) == own_int8,
                one.arm != DEFAULT_BASELINE,
            ),
        )
    )


def _setting(cell: CellView) -> tuple[object, ...]:
    driven = cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
    return cell.device_id, cell.runtime_id, *driven


def twins_of(graph: ExecGraph, comparison: Comparison, cell_id: str) -> Mapping[int, Twin]:
    """By place the twin of every layer of this cell that has layers on the other side."""
    is_candidate = comparison.candidate.cell_id == cell_id
    found: dict[tuple[int, str], Twin] = {}
    for group in comparison.groups:
        own = group.candidate if is_candidate else group.baseline
        others = group.baseline if is_candidate else group.candidate
        if own and others:
            twin = _twin(group, own, others, is_candidate=is_candidate)
            found.update({_key(layer): twin for layer in own})
    return {
        node.place: found[_key(node.layer)] for node in graph.nodes if _key(node.layer) in found
    }


def _twin(
    group: Group,
    own: tuple[LayerSide, ...],
    others: tuple[LayerSide, ...],
    *,
    is_candidate: bool,
) -> Twin:
    call = call_of(group) if is_candidate else call_of(group).turned
    times = group.candidate_us, group.baseline_us
    own_us, other_us = times if is_candidate else times[::-1]
    return Twin(group.label, own, others, own_us, other_us, call)


def _key(layer: LayerSide) -> tuple[int, str]:
    """As ``results.nodes`` knows a layer again in another launch."""
    return layer.node_index, unnumbered(layer.name)


def joined(twins: Iterable[Twin]) -> Twin | None:
    """Several layers' twins as one, each group counted once; None of none.

    Of several the call is that of the layer that differs most.
    """
    found = tuple(dict.fromkeys(twins))
    if len(found) < 2:
        return found[0] if found else None
    most = max(found, key=lambda twin: abs(twin.own_us - twin.other_us))
    return Twin(
        label=f"{len(found)} layers",
        own=tuple(layer for twin in found for layer in twin.own),
        others=tuple(layer for twin in found for layer in twin.others),
        own_us=math.fsum(twin.own_us for twin in found),
        other_us=math.fsum(twin.other_us for twin in found),
        call=most.call,
    )
