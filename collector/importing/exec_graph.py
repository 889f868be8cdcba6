"""Execution graphs (``-exec_graph_path``): the layers of the compiled graph, as they were told.

It is an IR whose layers carry ``execOrder``, ``primitiveType`` and the like; ``execTimeMcs``
is in µs. How layers become facts is decided in ``layers``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.importing.source_file import SourceFile
from collector.importing.xml_tree import Element, read_tree
from results.kinds import INPUT_TYPES

NOT_EXECUTED = "not_executed"
_CONSTANT_TYPES = frozenset({"Const", "Constant"})


@dataclass(frozen=True)
class GraphLayer:
    """A layer of the compiled graph; ``time_us`` is None where it does not run.

    ``inputs`` are (place of the producer in the graph's layers, place of its output).
    """

    name: str
    node_type: str
    order: int
    primitive: str
    precision: str
    output_precisions: tuple[str, ...]
    output_layouts: tuple[str, ...]
    output_shapes: tuple[str, ...]
    original_names: tuple[str, ...]
    time_us: float | None
    inputs: tuple[tuple[int, int], ...]

    @property
    def is_constant(self) -> bool:
        """Whether it is a constant itself."""
        return self.node_type in _CONSTANT_TYPES


@dataclass(frozen=True)
class Graph:
    """The layers of an execution graph, in the order of the file."""

    source: SourceFile
    name: str
    layers: tuple[GraphLayer, ...]

    @property
    def batch(self) -> int | None:
        """The first dimension of the first input; None where it is not told."""
        shapes = [shape for layer in self.layers if layer.node_type in INPUT_TYPES
                  for shape in layer.output_shapes]  # fmt: skip
        first = shapes[0].strip("[]").split(",")[0] if shapes else ""
        return int(first) if first.isdigit() and int(first) > 0 else None

    def from_constants(self) -> frozenset[int]:
        """Places of the layers that depend on constants alone: they run at compile time."""
        found: set[int] = set()
        for at in sorted(range(len(self.layers)), key=lambda at: self.layers[at].order):
            layer = self.layers[at]
            reads = [producer for producer, _ in layer.inputs]
            if layer.is_constant or (reads and all(producer in found for producer in reads)):
                found.add(at)
        return frozenset(found)


def read_graph(source: SourceFile) -> Graph:
    """The execution graph in a file; UsageError with the line at fault where it is none."""
    root = read_tree(source)
    layers = list(root.find("layers", "layer"))
    if root.tag != "net" or not layers:
        raise source.fault(1, f"<{root.tag}> with {len(layers)} layers is no execution graph")
    places = {layer.attributes.get("id", ""): at for at, layer in enumerate(layers)}
    inputs = _inputs(source, root, layers, places)
    read = tuple(_layer(source, layer, inputs[at]) for at, layer in enumerate(layers))
    first: dict[int, str] = {}
    for layer, element in zip(read, layers, strict=True):
        if layer.order in first:
            both = f"layers {first[layer.order]!r} and {layer.name!r}"
            raise source.fault(element.line, f"{both} have the same execOrder, {layer.order}")
        first[layer.order] = layer.name
    return Graph(source, root.attributes.get("name", ""), read)


def _layer(source: SourceFile, layer: Element, inputs: Sequence[tuple[int, int]]) -> GraphLayer:
    name, line = layer.attributes.get("name", ""), layer.line
    told = next((data.attributes for data in layer.find("data")), {})
    if "execOrder" not in told or "primitiveType" not in told:
        raise source.fault(
            line,
            f"layer {name!r} has no execOrder: this is a model, not an execution graph",
            hint="give the file that benchmark_app -exec_graph_path wrote",
        )
    time = told.get("execTimeMcs", NOT_EXECUTED)
    return GraphLayer(
        name=name,
        node_type=told.get("layerType") or layer.attributes.get("type", ""),
        order=_order(source, told["execOrder"], line),
        primitive=told["primitiveType"],
        precision=told.get("runtimePrecision", "unknown").lower(),
        output_precisions=_listed(told.get("outputPrecisions", "").lower()),
        output_layouts=_listed(told.get("outputLayouts", "")),
        output_shapes=tuple(_shape(port) for port in layer.find("output", "port")),
        original_names=_listed(told.get("originalLayersNames", "")),
        time_us=None if time == NOT_EXECUTED else source.number(time, line, "execTimeMcs"),
        inputs=tuple(inputs),
    )


def _order(source: SourceFile, text: str, line: int) -> int:
    value = source.number(text, line, "execOrder")
    if not math.isclose(value, int(value)):
        raise source.fault(line, f"execOrder is {text!r}, not a whole number")
    return int(value)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _shape(port: Element) -> str:
    return f"[{','.join(dim.text.strip() for dim in port.find('dim'))}]"


def _inputs(
    source: SourceFile,
    root: Element,
    layers: Sequence[Element],
    places: dict[str, int],
) -> list[list[tuple[int, int]]]:
    """What each layer reads, in the order of its ports."""
    outputs = [
        [port.attributes.get("id", "") for port in layer.find("output", "port")] for layer in layers
    ]
    found: list[list[tuple[int, int, int]]] = [[] for _ in layers]
    for edge in root.find("edges", "edge"):
        ends = [
            edge.attributes.get(key, "")
            for key in ("from-layer", "to-layer", "from-port", "to-port")
        ]
        if ends[0] not in places or ends[1] not in places:
            raise source.fault(
                edge.line, f"an edge goes from layer {ends[0]} to {ends[1]}: not there"
            )
        producer = places[ends[0]]
        port = _place(ends[2], outputs[producer])
        found[places[ends[1]]].append((_port(ends[3]), producer, port))
    return [[(producer, port) for _, producer, port in sorted(own)] for own in found]


def _port(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _place(port: str, ports: Iterable[str]) -> int:
    listed = list(ports)
    return listed.index(port) if port in listed else 0
