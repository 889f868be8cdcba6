"""Rewrites an IR of version 11 as version 10, which OpenVINO 2021 reads.

Every operation is checked against the newest opset of the OpenVINO that is to read it: a newer
one becomes an older one where that computes the same (``collector.models.opsets``), else the
rewriting is refused and the operation named. The weights stay where they are.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat

from collector.models.ir_files import replace_text
from collector.models.ir_layers import Buffer, Layer, graphs, shape_of
from collector.models.opsets import NotExactError, step_from
from results.errors import MeasurementError

_READ = {"10", "11"}
_KNOWN_TYPES = frozenset({
    "boolean", "f16", "f32", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64",
})  # fmt: skip
# 2021.4 computes rightly with these, 2021.2 does not.
_LATER_TYPES = {"bf16": 7, "f64": 7}
_PRECISIONS = {
    "BOOL": "boolean", "FP16": "f16", "FP32": "f32", "FP64": "f64", "BF16": "bf16",
}  # fmt: skip
_TYPE_ATTRIBUTES = ("element_type", "destination_type")
_HINT = "measure this model with OpenVINO 2022.1 or newer"


@dataclass(frozen=True)
class IrV10:
    """A network in IR version 10: its text, and the weights of the IR it was made from."""

    xml_path: Path
    weights_path: Path


def ir_v10(ir_path: Path, newest_opset: int, folder: Path) -> IrV10:
    """The IR at ``ir_path`` as version 10, its text kept below ``folder`` by content.

    Raises MeasurementError where it cannot be expressed, HostError where it cannot be written.
    """
    weights_path = ir_path.with_suffix(".bin")
    with _mapped(weights_path) as weights:
        text = rewrite_to_v10(ir_path.read_text(encoding="utf-8"), newest_opset, weights)
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = folder / f"{ir_path.stem}-v10-{name}.xml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        replace_text(path, text)
    return IrV10(path, weights_path)


@contextmanager
def _mapped(path: Path) -> Iterator[Buffer]:
    """The bytes of a file that may be large; an empty one cannot be mapped."""
    if path.stat().st_size == 0:
        yield b""
        return
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as weights,
    ):
        yield weights


def rewrite_to_v10(xml_text: str, newest_opset: int, weights: Buffer = b"") -> str:
    """The text of an IR of version 10 that computes the same, with operations up to an opset.

    ``weights`` are the bytes of the .bin: without them nothing is known of constants. Raises
    MeasurementError that names the first operation that cannot be expressed.
    """
    root = _parsed(xml_text)
    for graph in list(graphs(root, weights)):
        for layer in graph.all_layers():
            _express(layer, newest_opset)
    root.set("version", "10")
    _drop_notes(root)
    _spell_booleans(root)
    return '<?xml version="1.0"?>\n' + tostring(root, encoding="unicode") + "\n"


def _parsed(xml_text: str) -> Element:
    builder, parser = TreeBuilder(), expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(xml_text, True)
        root = builder.close()
    except expat.ExpatError as error:
        raise MeasurementError(f"this is no OpenVINO IR ({error})", hint=_HINT) from error
    version = root.get("version")
    if root.tag != "net" or version not in _READ:
        raise MeasurementError(
            f"IR version {version or 'unknown'} cannot be rewritten as version 10", hint=_HINT
        )
    return root


def _express(layer: Layer, newest_opset: int) -> None:
    """Bring a layer down to an operation of the opset, or refuse."""
    title = layer.title
    _check_shapes(layer)
    _check_types(layer, newest_opset)
    if layer.version is None:
        raise _refusal(layer, title, "is in none of OpenVINO's opsets")
    missing = f"is not in opset{newest_opset}, the newest that this OpenVINO knows"
    while (layer.version or 0) > newest_opset:
        step = step_from(layer)
        if step is None:
            raise _refusal(layer, title, missing)
        try:
            step.apply(layer)
        except NotExactError as reason:
            missing += f", and {step.title} cannot stand in: {reason}"
            raise _refusal(layer, title, missing) from None


def _check_shapes(layer: Layer) -> None:
    """Version 10 knows no shapes that only run time tells."""
    ports = (*layer.ports("input"), *layer.ports("output"))
    given = layer.attribute("shape") if layer.operation == "Parameter" else ""
    if "?" in given or ".." in given or "-1" in given or any(-1 in shape_of(p) for p in ports):
        detail = f" ({given})" if given else ""
        raise _refusal(
            layer, layer.title, f"has a shape{detail} that is known at run time only, which IR "
            "version 10 cannot say",
        )  # fmt: skip


def _check_types(layer: Layer, newest_opset: int) -> None:
    """2021's readers refuse newer element types, or read them wrongly: 4 bits in other order."""
    named = [layer.attribute(name) for name in _TYPE_ATTRIBUTES if name in layer.data.attrib]
    ports = (*layer.ports("input"), *layer.ports("output"))
    used = [*named, *(_type_of(port) for port in ports)]
    for name in used:
        if name not in _KNOWN_TYPES and _LATER_TYPES.get(name, newest_opset + 1) > newest_opset:
            reason = f"has elements of type {name}, which this OpenVINO does not compute with"
            raise _refusal(layer, layer.title, reason)
    if layer.operation == "Convert" and named == ["boolean"] and "boolean" not in used[1:-1]:
        reason = "converts numbers to booleans, which this OpenVINO does by cutting decimals off"
        raise _refusal(layer, layer.title, reason)


def _type_of(port: Element) -> str:
    precision = port.get("precision", "FP32")
    return _PRECISIONS.get(precision, precision.lower())


def _refusal(layer: Layer, title: str, reason: str) -> MeasurementError:
    return MeasurementError(f"{title} (layer {layer.name}) {reason}", hint=_HINT)


def _drop_notes(root: Element) -> None:
    """Remove what version 10 does not have: notes, names of tensors."""
    for parent in root.iter():
        for notes in parent.findall("rt_info"):
            parent.remove(notes)
    for port in root.iter("port"):
        port.attrib.pop("names", None)
    for layer in root.iter("layer"):
        layer.attrib.pop("output_names", None)


def _spell_booleans(root: Element) -> None:
    """Write MVN's truth values as numbers: 2021.2 reads nothing else there.

    All readers take 0 and 1 there. Elsewhere words stay: 2021.2 takes AvgPool's 1 for false.
    """
    spelled = {"true": "1", "false": "0"}
    for data in root.iterfind(".//layer[@type='MVN']/data"):
        for name, value in data.attrib.items():
            data.set(name, spelled.get(value, value))
