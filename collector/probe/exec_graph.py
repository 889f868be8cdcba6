"""The compiled graph as OpenVINO 2021 writes it: an XML file becomes the probe's nodes. Pure."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import TreeBuilder
from xml.parsers import expat

_PRECISIONS = frozenset({
    "FP64", "FP32", "FP16", "BF16", "I64", "U64", "I32", "U32", "I16", "U16", "I8", "U8",
    "BOOL", "BIN",
})  # fmt: skip


def counters_of(text: str) -> dict[str, int | None]:
    """Running average per node in µs, by execution order; None: not executed."""
    answer = {}
    for layer in _parsed(text).iter("layer"):
        info = _info(layer)
        time_us = info["execTimeMcs"]
        answer[info["execOrder"]] = int(time_us) if time_us.isdigit() else None
    return answer


def nodes_of(text: str) -> list[dict[str, Any]]:
    """Every node with what it reads, as plain values."""
    graph = _parsed(text)
    layers = {layer.get("id"): layer for layer in graph.iter("layer")}
    reads = {key: [] for key in layers}  # type: dict[str | None, list[tuple[int, str, int]]]
    for edge in graph.iter("edge"):
        source = layers[edge.get("from-layer")]
        place = [port.get("id") for port in source.findall("output/port")].index(
            edge.get("from-port")
        )
        reads[edge.get("to-layer")].append(
            (int(edge.get("to-port", "0")), source.get("name", ""), place)
        )
    return [_node(layer, sorted(reads[key])) for key, layer in layers.items()]


def _parsed(text: str) -> Any:
    builder, parser = TreeBuilder(), expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(text, True)
    return builder.close()


def _node(layer: Any, reads: list[tuple[int, str, int]]) -> dict[str, Any]:
    info = _info(layer)
    primitive = info.get("primitiveType", "")
    return {
        "order": int(info["execOrder"]),
        "name": layer.get("name"),
        "type": layer.get("type"),
        "primitive": primitive,
        "precision": info.get("runtimePrecision", _precision_of(primitive)),
        "layouts": info.get("outputLayouts", ""),
        "precisions": info.get("outputPrecisions", ""),
        "original_names": info.get("originalLayersNames", ""),
        "shapes": [_shape(port) for port in layer.findall("output/port")],
        "inputs": [[name, place] for _, name, place in reads],
    }


def _precision_of(primitive: str) -> str:
    """2021.2 tells it only at the end of a kernel's name, as in jit_avx512_FP32; not of all."""
    last = primitive.rsplit("_", 1)[-1]
    return last if last in _PRECISIONS else ""


def _info(layer: Any) -> dict[str, str]:
    data = layer.find("data")
    return {} if data is None else dict(data.attrib)


def _shape(port: Any) -> str:
    return "[{}]".format(",".join(dim.text for dim in port.findall("dim")))
