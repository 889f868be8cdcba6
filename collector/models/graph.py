"""Reads facts off an OpenVINO graph: source ops, FLOPs, weights, content hash.

OpenVINO is not imported here: the functions take a graph that somebody else has
read. Formulas: a convolution does 2·N·K·P·Q·(C/g)·R·S operations, a transposed one
2·N·C·H·W·(K/g)·R·S, a matrix product 2·B·M·N·K (Sze et al. 2017,
https://arxiv.org/abs/1703.09039, section III); see docs/ceiling.md.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from collector.models.bodies import BRANCH, bodies_of, constant_names, source_of
from collector.models.judge.quantised import QUANTISERS, quantisation_of
from results.facts import SourceOp

if TYPE_CHECKING:
    import openvino as ov

_NOT_OPS = {"Constant", "Result"}
_TRANSPOSED = frozenset({"ConvolutionBackpropData", "GroupConvolutionBackpropData"})
_COUNTED = _TRANSPOSED | {
    "Convolution", "GroupConvolution", "BinaryConvolution", "DeformableConvolution", "MatMul",
}  # fmt: skip
_WEIGHTS_PORT = {"DeformableConvolution": 2}
"""Its offsets come before its weights; the others have them second."""
QUANTISED_OPS = QUANTISERS


def source_ops(graph: ov.Model, variant_id: str) -> tuple[SourceOp, ...]:
    """The operations of a graph in topological order, without constants and results."""
    weights = constant_names(graph)
    kept = [
        op for op in graph.get_ordered_ops() if _is_op(op) and op.get_friendly_name() not in weights
    ]
    return tuple(_source_op(op, place, variant_id, weights) for place, op in enumerate(kept))


def _is_op(op: ov.Node) -> bool:
    return op.get_type_name() not in _NOT_OPS


def _source_op(op: ov.Node, place: int, variant_id: str, weights: frozenset[str]) -> SourceOp:
    name = op.get_friendly_name()
    data = [port for port in op.inputs() if _producer_name(port) not in weights]
    constants = [port for port in op.inputs() if _producer_name(port) in weights]
    macs = multiply_accumulates(op)
    return SourceOp(
        variant_id=variant_id,
        op_name=name,
        op_type=op.get_type_name(),
        position=place,
        input_shapes=tuple(_shape_text(port.get_partial_shape()) for port in data),
        output_shapes=tuple(_shape_text(port.get_partial_shape()) for port in op.outputs()),
        producers=tuple(_producer_name(port) for port in data),
        flops=None if macs is None else 2 * macs,
        input_elements=sum(_elements(port.get_partial_shape()) for port in data),
        weight_elements=sum(_elements(port.get_partial_shape()) for port in constants),
        output_elements=sum(_elements(port.get_partial_shape()) for port in op.outputs()),
        module_path=name.rpartition("/")[0],
    )


def _producer_name(port: ov.Input) -> str:
    return str(source_of(port).get_friendly_name())


def _shape_text(shape: ov.PartialShape) -> str:
    return str(shape)


def _elements(shape: ov.PartialShape) -> int:
    return math.prod(shape.to_shape()) if shape.is_static else 0


def multiply_accumulates(op: ov.Node) -> int | None:
    """Multiply-accumulates of a convolution or matrix product; None for other operations.

    None too where a shape is not known before it runs. Padding is counted as data is, and
    of a transposed convolution every product is, those that are cut off at the edge too.
    """
    kind = op.get_type_name()
    if kind not in _COUNTED or not _is_static(op):
        return None
    if kind == "MatMul":
        rows = op.get_input_shape(0)
        inner = rows[-2 if op.get_attributes()["transpose_a"] and len(rows) > 1 else -1]
        return _product(op.get_output_shape(0)) * int(inner)
    # weights: [K, C/g, R, S], transposed [C, K, R, S]; with groups [g, K/g, ...] or [g, C/g, ...]
    weights = op.get_input_shape(_WEIGHTS_PORT.get(kind, 1))
    per_value = _product(weights[2:] if kind.startswith("Group") else weights[1:])
    values = op.get_input_shape(0) if kind in _TRANSPOSED else op.get_output_shape(0)
    return _product(values) * per_value


def _is_static(op: ov.Node) -> bool:
    ports = (*op.inputs(), *op.outputs())
    return all(port.get_partial_shape().is_static for port in ports)


def _product(sizes: Sequence[int]) -> int:
    return math.prod(int(size) for size in sizes)


def total_macs(graph: ov.Model) -> int:
    """Multiply-accumulates of one inference with the graph's own batch."""
    return sum(multiply_accumulates(op) or 0 for op in graph.get_ordered_ops())


def parameter_count(graph: ov.Model) -> int:
    """Floating-point values in constants that have more than one element.

    Single numbers (the 3 and 1/6 of a spelled-out h-swish, clamps) are attributes
    of an operation rather than weights.
    """
    sizes = (
        math.prod(op.get_output_shape(0))
        for op in graph.get_ordered_ops()
        if op.get_type_name() == "Constant" and op.get_output_element_type(0).is_real()
    )
    return sum(size for size in sizes if size > 1)


def is_quantised(graph: ov.Model) -> bool:
    """Whether a framework or tool has quantised this graph already.

    8-bit inputs alone do not say so: a float network may take its image as bytes.
    """
    return quantisation_of(graph) is not None


def signature(graph: ov.Model) -> str:
    """Shapes of inputs and outputs, such as ``[1,3,8,8] -> [1,10]``; types are left out."""
    inputs, outputs = (
        ", ".join(_shape_text(port.get_partial_shape()) for port in ports)
        for ports in (graph.inputs, graph.outputs)
    )
    return f"{inputs} -> {outputs}"


def batch_size(graph: ov.Model) -> int:
    """Size of the first axis of the first input; 1 for inputs of one axis or none."""
    shape = graph.inputs[0].get_partial_shape() if graph.inputs else None
    if shape is None or not shape.is_static or len(shape) < 2:
        return 1
    return int(shape.to_shape()[0])


def content_hash(graph: ov.Model) -> str:
    """Hash of what the graph computes: operations, attributes, wiring, constants.

    Independent of the OpenVINO version that wrote the file, of folders, and of
    names generated while reading.
    """
    digest = hashlib.sha256()
    _hash_graph(graph, digest)
    return digest.hexdigest()[:16]


def _hash_graph(graph: ov.Model, digest: hashlib._Hash) -> Mapping[str, int]:
    """Hash a graph with all bodies in it; gives the place of each of its operations."""
    places = {op.get_friendly_name(): place for place, op in enumerate(graph.get_ordered_ops())}
    for op in graph.get_ordered_ops():
        sources = [port.get_source_output() for port in op.inputs()]
        wiring = [(places[s.get_node().get_friendly_name()], s.get_index()) for s in sources]
        digest.update(repr((op.get_type_name(), wiring, *_attributes(op))).encode())
        if op.get_type_name() == "Constant":
            digest.update(np.ascontiguousarray(op.get_data()).tobytes())
        for place, body in enumerate(bodies_of(op)):
            inside = _hash_graph(body, digest)
            if op.get_type_name() == BRANCH:  # of loops it is not hashed: ids are in stores
                digest.update(repr(_ports_of_branch(op, place, body, inside)).encode())
    return places


def _ports_of_branch(
    op: ov.Node, branch: int, body: ov.Model, places: Mapping[str, int]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What an If feeds into a branch and takes out of it: its ports, and places in the branch."""
    given, taken = body.get_parameters(), body.get_results()
    inputs = [
        (one.input_index, places[given[one.body_parameter_index].get_friendly_name()])
        for one in op.get_input_descriptions(branch)
    ]
    outputs = [
        (one.output_index, places[taken[one.body_value_index].get_friendly_name()])
        for one in op.get_output_descriptions(branch)
    ]
    return sorted(inputs), sorted(outputs)


def _attributes(op: ov.Node) -> Iterator[str]:
    for port in op.outputs():
        yield f"{port.get_partial_shape()} {port.get_element_type().get_type_name()}"
    for key, value in sorted(op.get_attributes().items()):
        yield f"{key}={value}"
