"""The layers of a group that only one of two versions has.

A layer is told apart by what it carries: versions name the same layer differently. What
happened to the group is decided in ``results.versions.differences``; conversions, which carry
no operation, are not this module's matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.comparison import Group, LayerSide
from results.versions.change_causes import all_but_main, besides, operations_of
from results.versions.change_shapes import ChangeKind, LoneLayer
from results.versions.kernels import spelled


def lone_layers(group: Group, kind: ChangeKind) -> tuple[LoneLayer, ...]:
    """Layers without a partner, and those that the other version fuses into another layer."""
    match kind:
        case ChangeKind.UNMATCHED:
            alone = _told(kind, group.baseline, is_candidate=False)
            return alone + _told(kind, group.candidate, is_candidate=True)
        case ChangeKind.FUSION_GAINED:
            return _told(kind, _apart(group.baseline, group.candidate), is_candidate=False)
        case ChangeKind.FUSION_LOST:
            return _told(kind, _apart(group.candidate, group.baseline), is_candidate=True)
        case _:
            return ()


def _apart(many: Sequence[LayerSide], few: Sequence[LayerSide]) -> list[LayerSide]:
    """Those of ``many`` beside its heavy layers that ``few`` has no like of.

    Where that leaves none, as with two convolutions in one layer, all but the main one.
    """
    likes = [operations_of(layer) for layer in besides(few)]
    alone = []
    for layer in besides(many):
        if operations_of(layer) in likes:
            likes.remove(operations_of(layer))
        else:
            alone.append(layer)
    return alone or all_but_main(many)


def _told(
    kind: ChangeKind, layers: Sequence[LayerSide], *, is_candidate: bool
) -> tuple[LoneLayer, ...]:
    return tuple(
        LoneLayer(
            kind=kind,
            is_candidate=is_candidate,
            name=layer.name,
            operations=operations_of(layer),
            kernel=spelled(layer),
            time_us=layer.time_us,
        )
        for layer in layers
    )
