"""Ties exec nodes to the source ops of the float variant that they carry. Pure.

Rules, in the order of docs/method.md: names that the float variant knows, else
the only consumer's node, else a producer's. Names that the plugin invented
(``Multiply_27024``) are not in the float variant and fall away by themselves; what
it put behind a name (``classifier/FC``) falls away where the rest is known.
The name of a quantisation step (``relu/fq_output_0``) that was fused into a node
speaks for the operation it belongs to, whose own name is often dropped; one that
runs as a node of its own carries no operation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from collector.twins import Twins, twins
from results.facts import SourceOp

__all__ = ["BridgedNode", "Link", "bridge", "twins"]

NAME_CONFIDENCE = 1.0
NEIGHBOUR_CONFIDENCE = 0.8
# How NNCF names the FakeQuantize it puts behind or in front of an operation.
# How OpenVINO names the scaling that it folds into a quantised layer.
_DEQUANTISER = re.compile(r"/DequantizationMultiply\w*$")
_QUANTISER = re.compile(r"/fq_(input|output|weights)_\d+$")
# What OpenVINO 2021 and 2022 put behind the name of a matrix product with its bias, and of a
# mean that they compute as a pooling.
_REPLACED = re.compile(r"/(FC|pool)$")


@dataclass(frozen=True)
class BridgedNode:
    """What the bridge needs to know of an exec node."""

    node_index: int
    names: tuple[str, ...]
    executed: bool


@dataclass(frozen=True)
class Link:
    """Exec node ``node_index`` carries source op ``op_name``."""

    node_index: int
    op_name: str
    method: str
    confidence: float


def bridge(
    nodes: Iterable[BridgedNode],
    universe: Sequence[SourceOp],
    twin_names: Twins | None = None,
) -> tuple[Link, ...]:
    """Links between exec nodes and source ops; deterministic, linear in its input.

    ``universe`` is in topological order. A source op whose nodes all went
    unexecuted still keeps its named links, so that it can be shown; it also joins
    a neighbour, so that it belongs to time that was spent. With ``twin_names``
    (see ``collector.twins``) the nodes' names are those of another graph and are translated;
    a link is then as sure as the twin is.
    """
    known = {op.op_name for op in universe}
    links = [
        link
        for node in nodes
        if node.executed
        for link in (_named(node, known) if twin_names is None else _structural(node, twin_names))
    ]
    claims: dict[str, tuple[int, ...]] = defaultdict(tuple)
    for link in links:
        claims[link.op_name] = (*claims[link.op_name], link.node_index)
    claims = dict(claims)
    links += _join_consumers(universe, claims)
    links += _join_producers(universe, claims)
    return tuple(links)


def _named(node: BridgedNode, known: set[str]) -> Iterable[Link]:
    names = dict.fromkeys(_with_hosts(list(_as_read(node.names, known)), known))
    return [Link(node.node_index, name, "name", NAME_CONFIDENCE) for name in names if name in known]


def _structural(node: BridgedNode, twin_names: Twins) -> Iterable[Link]:
    """The twins of what a node carries in its own network."""
    plain = (_DEQUANTISER.sub("", name) for name in _as_read(node.names, twin_names.keys()))
    return [
        Link(node.node_index, twin_names[name], "structure", twin_names.confidence(name))
        for name in dict.fromkeys(plain)
        if name in twin_names
    ]


def _with_hosts(names: list[str], known: Set[str]) -> list[str]:
    """Names, and for quantisation steps fused into a known operation their hosts.

    A dequantiser that runs as a node of its own has no other name and carries nothing.
    """
    hosts = [_DEQUANTISER.sub("", name) for name in names] if len(names) > 1 else names
    if not any(name in known for name in hosts):
        return []
    return [*hosts, *(_QUANTISER.sub("", name) for name in names if _QUANTISER.search(name))]


def _as_read(names: Iterable[str], known: Set[str]) -> tuple[str, ...]:
    """Names as the graph has them: without what the plugin put behind one that is known."""
    plain = ((name, _REPLACED.sub("", name)) for name in names)
    return tuple(stem if name not in known and stem in known else name for name, stem in plain)


def _join_consumers(universe: Sequence[SourceOp], claims: dict[str, tuple[int, ...]]) -> list[Link]:
    consumers = _consumers(universe)
    links: list[Link] = []
    for op in reversed(universe):
        readers = consumers[op.op_name]
        if op.op_name in claims or len(readers) != 1 or readers[0] not in claims:
            continue
        # The consumer's first node is the one that reads this op's result.
        links += _neighbour(op, claims[readers[0]][:1], "consumer", claims)
    return links


def _join_producers(universe: Sequence[SourceOp], claims: dict[str, tuple[int, ...]]) -> list[Link]:
    links: list[Link] = []
    for op in universe:
        claimed = [name for name in op.producers if name in claims]
        if op.op_name not in claims and claimed:
            links += _neighbour(op, claims[claimed[0]][-1:], "producer", claims)
    return links


def _neighbour(
    op: SourceOp, nodes: tuple[int, ...], method: str, claims: dict[str, tuple[int, ...]]
) -> list[Link]:
    claims[op.op_name] = nodes
    return [Link(node, op.op_name, method, NEIGHBOUR_CONFIDENCE) for node in nodes]


def _consumers(universe: Sequence[SourceOp]) -> Mapping[str, list[str]]:
    consumers: dict[str, list[str]] = defaultdict(list)
    for op in universe:
        for producer in dict.fromkeys(op.producers):
            consumers[producer].append(op.op_name)
    return consumers
