"""The layers and edges of an OpenVINO IR's text, to be read and changed in place.

What may be changed into what is not known here (``collector.models.opsets``). A graph is the
network itself or the body of a loop or branch in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from numpy.typing import NDArray

Buffer: TypeAlias = bytes | memoryview

_OPERATIONS = {"Const": "Constant", "ReLU": "Relu", "SoftMax": "Softmax"}
_OPSET = re.compile(r"opset(\d+)")
_INTEGERS = {
    "i8": np.int8, "u8": np.uint8, "i16": np.int16, "u16": np.uint16,
    "i32": np.int32, "u32": np.uint32, "i64": np.int64,
}  # fmt: skip


def graphs(root: Element, weights: Buffer) -> Iterator[Graph]:
    """The network with every body in it; ``weights`` are the bytes of the .bin."""
    for element in root.iter():
        layers, edges = element.find("layers"), element.find("edges")
        if layers is not None:
            yield Graph(layers, edges if edges is not None else Element("edges"), weights)


@dataclass(frozen=True)
class Graph:
    """The layers of one graph, its edges, and the bytes that constants are cut out of."""

    layers: Element
    edges: Element
    weights: Buffer

    def all_layers(self) -> tuple[Layer, ...]:
        """Every layer, in the order of the text."""
        return tuple(Layer(element, self) for element in self.layers)

    @cached_property
    def _by_id(self) -> dict[str, Layer]:
        return {layer.element.get("id", ""): layer for layer in self.all_layers()}

    def edges_where(self, end: str, layer: Layer, port: str | None = None) -> tuple[Element, ...]:
        """The edges whose ``from`` or ``to`` end is at a layer, or just at one of its ports."""
        return tuple(
            edge
            for edge in self.edges
            if edge.get(f"{end}-layer") == layer.element.get("id")
            and port in (None, edge.get(f"{end}-port"))
        )

    def source(self, layer: Layer, port: str) -> Layer | None:
        """The layer that an input port reads; None where nothing is connected."""
        found = self.edges_where("to", layer, port)
        return self._by_id.get(found[0].get("from-layer", "")) if found else None

    def new_id(self) -> str:
        """An id that no layer has."""
        return str(1 + max(int(element.get("id", "0")) for element in self.layers))


@dataclass(frozen=True)
class Layer:
    """One layer. Ports are counted from 0 among the inputs, or among the outputs."""

    element: Element
    graph: Graph

    @property
    def name(self) -> str:
        """The friendly name."""
        return self.element.get("name", "")

    @property
    def operation(self) -> str:
        """The operation as its opset names it: ``Softmax``, which the text calls SoftMax."""
        kind = self.element.get("type", "")
        return _OPERATIONS.get(kind, kind)

    @property
    def version(self) -> int | None:
        """Number of the opset that brought this version in; None for other sets of operations."""
        found = _OPSET.fullmatch(self.element.get("version", ""))
        return int(found[1]) if found else None

    @property
    def title(self) -> str:
        """``Softmax-8``; the name of the set where it is no opset: ``Softmax-extension``."""
        return f"{self.operation}-{self.version or self.element.get('version', 'unknown')}"

    def become(self, operation: str, version: int) -> None:
        """Be another operation, or another version of this one."""
        if operation != self.operation:
            self.element.set("type", operation)
        self.element.set("version", f"opset{version}")

    @property
    def data(self) -> Element:
        """The element that holds the attributes; made where there is none."""
        found = self.element.find("data")
        if found is None:
            found = Element("data")
            self.element.insert(0, found)
        return found

    def attribute(self, name: str, default: str = "") -> str:
        """An attribute in lower case, as the readers compare them."""
        return self.data.get(name, default).lower()

    def numbers(self, name: str) -> tuple[int, ...]:
        """An attribute that lists numbers, such as ``1, 1``."""
        return tuple(int(number) for number in self.data.get(name, "").split(",") if number.strip())

    def drop_attributes(self, *names: str) -> None:
        """Remove attributes, those that are there."""
        for name in names:
            self.data.attrib.pop(name, None)

    def ports(self, side: str) -> tuple[Element, ...]:
        """The ``input`` or ``output`` ports."""
        return tuple(self.element.iterfind(f"{side}/port"))

    def shape(self, port: int) -> tuple[int, ...]:
        """Shape of an input; () where there is no such input."""
        found = self.ports("input")
        return shape_of(found[port]) if port < len(found) else ()

    def source(self, port: int) -> Layer | None:
        """The layer that an input reads."""
        found = self.ports("input")
        return self.graph.source(self, found[port].get("id", "")) if port < len(found) else None

    def is_used(self, output: int) -> bool:
        """Whether somebody reads this output."""
        found = self.ports("output")
        if output >= len(found):
            return False
        return bool(self.graph.edges_where("from", self, found[output].get("id")))

    def drop_output(self, output: int) -> None:
        """Remove an output that nobody reads, if it is there."""
        element, found = self.element.find("output"), self.ports("output")
        if element is not None and output < len(found):
            element.remove(found[output])

    def drop_input(self, port: int) -> None:
        """Remove an input, and the constant that it alone read."""
        element, found = self.element.find("input"), self.ports("input")
        if element is None or port >= len(found):
            return
        source = self.source(port)
        for edge in self.graph.edges_where("to", self, found[port].get("id")):
            self.graph.edges.remove(edge)
        element.remove(found[port])
        is_constant = source is not None and source.operation == "Constant"
        if source is not None and is_constant and not self.graph.edges_where("from", source):
            self.graph.layers.remove(source.element)

    def integers(self, port: int) -> NDArray[np.int64] | None:
        """Values of an input that is a constant of integers; None where it is none."""
        source = self.source(port)
        if source is None or source.operation != "Constant":
            return None
        kind = _INTEGERS.get(source.attribute("element_type"))
        start = int(source.data.get("offset", "0"))
        end = start + int(source.data.get("size", "0"))
        if kind is None or end > len(self.graph.weights):
            return None
        return np.frombuffer(self.graph.weights[start:end], kind).astype(np.int64)

    def insert_converted(self, port: int, destination: str, precision: str) -> None:
        """A new input in front of ``port``: what that port reads, converted to another type.

        The inputs from there on, and the outputs, move up by one.
        """
        read = self.ports("input")[port]
        convert = self._new_convert(read, destination, precision)
        for step in range(len((*self.ports("input"), *self.ports("output"))) - 1, port - 1, -1):
            self._renumber(step)
        new = Element("port", {"id": str(port), "precision": precision})
        new.extend(_copies(read))
        inputs = self.element.find("input")
        if inputs is not None:
            inputs.insert(port, new)
        self._connect(convert, "1", self, str(port))

    def _new_convert(self, read: Element, destination: str, precision: str) -> Layer:
        """A Convert of what the port ``read`` of this layer reads."""
        number = self.graph.new_id()
        name = f"{self.name}/{destination}_{read.get('id')}"
        element = Element(
            "layer", {"id": number, "name": name, "type": "Convert", "version": "opset1"}
        )
        SubElement(element, "data", {"destination_type": destination})
        taken = SubElement(
            SubElement(element, "input"),
            "port",
            {"id": "0", "precision": read.get("precision", "")},
        )
        given = SubElement(
            SubElement(element, "output"), "port", {"id": "1", "precision": precision}
        )
        taken.extend(_copies(read))
        given.extend(_copies(read))
        self.graph.layers.insert(list(self.graph.layers).index(self.element), element)
        convert = Layer(element, self.graph)
        edge = self.graph.edges_where("to", self, read.get("id"))[0]
        from_layer, from_port = edge.get("from-layer", ""), edge.get("from-port", "")
        self._add_edge(from_layer, from_port, number, "0")
        return convert

    def _renumber(self, place: int) -> None:
        """Give the port with this id the next id, in the layer and in its edges."""
        old, new = str(place), str(place + 1)
        for edge in self.graph.edges_where("to", self, old):
            edge.set("to-port", new)
        for edge in self.graph.edges_where("from", self, old):
            edge.set("from-port", new)
        for found in (*self.ports("input"), *self.ports("output")):
            if found.get("id") == old:
                found.set("id", new)

    def _connect(self, source: Layer, from_port: str, target: Layer, to_port: str) -> None:
        self._add_edge(
            source.element.get("id", ""), from_port, target.element.get("id", ""), to_port
        )

    def _add_edge(self, from_layer: str, from_port: str, to_layer: str, to_port: str) -> None:
        names = {"from-layer": from_layer, "from-port": from_port,
                 "to-layer": to_layer, "to-port": to_port}  # fmt: skip
        SubElement(self.graph.edges, "edge", names)


def shape_of(port: Element) -> tuple[int, ...]:
    """The sizes of a port; -1 where only run time tells."""
    return tuple(int(dimension.text or "-1") for dimension in port.iterfind("dim"))


def _copies(port: Element) -> list[Element]:
    found = []
    for size in shape_of(port):
        copy = Element("dim")
        copy.text = str(size)
        found.append(copy)
    return found


Change: TypeAlias = Callable[[Layer], None]
"""Rewrites a layer, or raises what says why it cannot."""
