"""Ties exec nodes to the source ops of the float variant that they carry. Pure.

Rules, in the order of docs/method.md: names that the float variant knows, else
the only consumer's node, else a producer's. Names that quantisation or the
plugin invented (``.../fq_output_0``, ``Multiply_27024``) are not in the float
variant and fall away by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from results.facts import SourceOp

NAME_CONFIDENCE = 1.0
NEIGHBOUR_CONFIDENCE = 0.8


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


def bridge(nodes: Iterable[BridgedNode], universe: Sequence[SourceOp]) -> tuple[Link, ...]:
    """Links between exec nodes and source ops; deterministic, linear in its input.

    ``universe`` is in topological order. A source op whose nodes all went
    unexecuted still keeps its named links, so that it can be shown; it also joins
    a neighbour, so that it belongs to time that was spent.
    """
    known = {op.op_name for op in universe}
    links = [
        Link(node.node_index, name, "name", NAME_CONFIDENCE)
        for node in nodes
        for name in dict.fromkeys(node.names)
        if name in known and node.executed
    ]
    claims: dict[str, tuple[int, ...]] = defaultdict(tuple)
    for link in links:
        claims[link.op_name] = (*claims[link.op_name], link.node_index)
    claims = dict(claims)
    links += _join_consumers(universe, claims)
    links += _join_producers(universe, claims)
    return tuple(links)


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
