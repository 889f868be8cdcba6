"""Causes in layers that the candidate runs and float does not: conversions, lost fusions.

One pure function per cause. Each takes only layers that no cause before it has claimed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from results.causes.case import AT_INPUT, MEDIUM, Case, Finding, plural, short, sum_us
from results.comparison import Group, Inserted, InsertedKind, LayerSide
from results.groups import heavy_layers
from results.kinds import CONVERSION_TYPES, is_lone_activation


def lone_fake_quantize(case: Case) -> Finding | None:
    """FakeQuantize, or a Subgraph of nothing else, executed as a node of its own.

    At the input alone it is less sure to be won back: somebody has to quantise what comes in.
    """
    nodes = [node for node in case.added() if node.kind is InsertedKind.QUANTIZE]
    layers = [node.layer for node in nodes]
    found = case.finding(
        layers, plural(len(layers), "layer only quantises", "layers only quantise")
    )
    if found is None or not all(node.producer_op == AT_INPUT for node in nodes):
        return found
    return replace(found, confidence=MEDIUM)


def inserted_reorders(case: Case) -> Finding | None:
    """Reorders and Converts in the candidate where the baseline has none."""
    nodes = [node for node in case.added() if node.layer.node_type in CONVERSION_TYPES]
    if not nodes:
        return None
    kinds = Counter(node.kind.value for node in nodes)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    layers = [node.layer for node in nodes]
    count = plural(len(nodes), "conversion", "conversions")
    return case.finding(layers, f"{count} ({told})", then=_longest(nodes))


def _longest(nodes: Sequence[Inserted]) -> str:
    """Where the longest conversion stands; empty where the graph does not say."""
    worst = max(nodes, key=lambda node: node.layer.time_us)
    if worst.producer_op is None or worst.consumer_op is None:
        return ""
    between = f"{short(worst.producer_op)} and {short(worst.consumer_op)}"
    return f"; the longest stands between {between}, {worst.layer.time_us:.0f} µs"


def unfused_activation(case: Case) -> Finding | None:
    """An activation that is a layer of its own in INT8 and part of another in float."""
    layers = [
        layer
        for group in case.matched()
        if not any(is_lone_activation(one.op_types) for one in group.baseline)
        for layer in group.candidate
        if is_lone_activation(layer.op_types) and case.free(layer)
    ]
    kinds = ", ".join(sorted({name for layer in layers for name in layer.op_types}))
    return case.finding(layers, f"{plural(len(layers), 'layer', 'layers')} of {kinds} alone")


def lost_fusion(case: Case) -> Finding | None:
    """Groups that are more layers in the candidate; the extra ones are the price.

    Whether the group as a whole got faster does not matter: it would have been faster still
    with the extra layers in their neighbour. At least the floor of a single layer, so that
    noise is no cause.
    """
    split = [(group, extra) for group in case.matched() if (extra := _extra(case, group))]
    layers = [layer for _, extra in split for layer in extra]
    if sum_us(layers) <= case.floor_us:
        return None
    told = plural(len(split), "group is", "groups are")
    seen = f"{told} split into more layers than in float"
    return case.finding(layers, seen, then=" in the extra")


def _extra(case: Case, group: Group) -> tuple[LayerSide, ...]:
    """The unclaimed among the layers that a group has more than in float.

    Those are the shortest, a convolution or product last of all: it is what the others would
    fuse into, unless there are more of them than in float. Of the rest the ones that another
    cause has claimed come first: they are extra already.
    """
    count = len(group.candidate) - len(group.baseline)
    if count <= 0:
        return ()
    heavy = {id(layer) for layer in heavy_layers(group.candidate)}
    ranked = sorted(
        group.candidate, key=lambda one: (id(one) in heavy, case.free(one), one.time_us)
    )
    return tuple(layer for layer in ranked[:count] if case.free(layer))
