"""Walks through a graph with the bodies of its loops and branches; finds what is constant in it.

OpenVINO is not imported here, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino as ov

BRANCH = "If"
LOOPS = frozenset({"Loop", "TensorIterator"})


def bodies_of(op: ov.Node) -> tuple[ov.Model, ...]:
    """The graphs inside one operation: a loop's body, both branches of If; mostly none."""
    if op.get_type_name() == BRANCH:
        return op.get_function(0), op.get_function(1)
    return (op.get_function(),) if op.get_type_name() in LOOPS else ()


def all_graphs(graph: ov.Model, kinds: Set[str] = LOOPS | {BRANCH}) -> Iterator[ov.Model]:
    """The graph itself, and at any depth every body of operations of these kinds."""
    yield graph
    for op in graph.get_ordered_ops():
        for body in bodies_of(op) if op.get_type_name() in kinds else ():
            yield from all_graphs(body, kinds)


def constant_names(graph: ov.Model) -> frozenset[str]:
    """Names of everything computed from constants alone, such as decompressed weights."""
    found: set[str] = set()
    for op in graph.get_ordered_ops():
        sources = [source_of(port).get_friendly_name() for port in op.inputs()]
        if op.get_type_name() == "Constant" or (sources and found.issuperset(sources)):
            found.add(op.get_friendly_name())
    return frozenset(found)


def source_of(port: ov.Input) -> ov.Node:
    """The operation that an input reads."""
    return port.get_source_output().get_node()
