"""The executed graph of one cell: what a node is, what the graph is, and finding a node in it.

Shapes and look-ups only. ``results.graph_building`` makes a graph of stored rows,
``results.neighbourhood`` picks what is near a node, ``results.graph_layout`` says where that
is drawn, and ``results.twin_layers`` what the same layers took on another side.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from results.comparison import InsertedKind, LayerSide

INSERTED_COUNTS = 0.05
"""From this share of the time on, what was inserted is where a graph opens."""
_NUMBER = re.compile(r"_\d+")


class EdgeSource(StrEnum):
    """What tells which node feeds which."""

    EXECUTED = "the executed graph"
    SOURCE_OPS = "the operations of the model that the layers carry"
    ORDER = "the order of execution"


class Role(StrEnum):
    """What a node is there for; each has a shape of its own in a drawing."""

    LAYER = "layer of the model"
    INSERTED = "inserted"
    IDLE = "not executed"
    END = "input or output"


@dataclass(frozen=True)
class SourceLink:
    """A source op that a node carries, by which method it was tied, and how sure that is."""

    op_name: str
    method: str
    confidence: float


@dataclass(frozen=True)
class GraphNode:
    """An exec node with its place in the graph; ``share`` is of the sum of all layers' times.

    ``layer.time_us`` is 0 where it was not executed. ``producers`` and ``consumers`` are
    places. ``kind`` says what an inserted node is there for.
    """

    place: int
    layer: LayerSide
    role: Role
    executed: bool
    kind: InsertedKind | None
    share: float
    input_precisions: tuple[str, ...]
    input_layouts: tuple[str, ...]
    output_precisions: tuple[str, ...]
    links: tuple[SourceLink, ...]
    producers: tuple[int, ...]
    consumers: tuple[int, ...]

    @property
    def words(self) -> str:
        """Its role in words: an inserted one with what it is there for."""
        return f"{self.role}: {self.kind}" if self.kind else str(self.role)


@dataclass(frozen=True)
class ExecGraph:
    """The nodes in execution order, and what their edges come from.

    ``left_out`` counts what is not on the data's way: folded constants and fused layers, which
    the compiled graph lists and never runs. ``bridged`` is False where no layer is tied to a
    source op: then only the type of a node tells whether it was inserted.
    """

    nodes: tuple[GraphNode, ...]
    edges: EdgeSource
    left_out: int
    bridged: bool

    @cached_property
    def executed(self) -> tuple[GraphNode, ...]:
        """The nodes that ran at inference."""
        return tuple(node for node in self.nodes if node.executed)

    @cached_property
    def inserted(self) -> tuple[GraphNode, ...]:
        """The nodes that no operation of the model asked for."""
        return tuple(node for node in self.nodes if node.role is Role.INSERTED)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """How an address names each node: by its name, or by ``#index`` where others have it."""
        counts = Counter(node.layer.name for node in self.nodes)
        return tuple(
            name if name and counts[name] == 1 else f"#{node.layer.node_index}"
            for node in self.nodes
            for name in (node.layer.name,)
        )


def find_node(graph: ExecGraph, asked: str) -> GraphNode | None:
    """The node of this key, name or index; else the only one of this name but for its numbers.

    Those numbers (``Multiply_27024``) are another process's: so a link to an older run still
    finds its layer.
    """
    by_key = dict(zip(graph.keys, graph.nodes, strict=True))
    if asked in by_key:
        return by_key[asked]
    index = asked.removeprefix("#")
    if index.isdecimal():
        return next((one for one in graph.nodes if str(one.layer.node_index) == index), None)
    wanted = unnumbered(asked)
    alike = [node for node in graph.nodes if unnumbered(node.layer.name) == wanted]
    return alike[0] if len(alike) == 1 else None


def opening_node(graph: ExecGraph) -> GraphNode | None:
    """Where a graph opens: at the costliest inserted node where those cost, else the costliest."""
    cost = sum(node.share for node in graph.inserted)
    among = graph.inserted if cost >= INSERTED_COUNTS else graph.executed or graph.nodes
    return max(among, key=lambda node: node.layer.time_us, default=None)


def unnumbered(name: str) -> str:
    """A name without its numbers, as ``results.nodes`` knows a node again in another launch."""
    return _NUMBER.sub("", name)
