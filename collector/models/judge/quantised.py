"""Recognises networks that a framework or a tool has quantised already, and says by what.

What counts: FakeQuantize and FakeConvert operations (NNCF, POT, TFLite and ONNX QDQ files as
OpenVINO reads them), and weights kept in 8 bits or fewer that are scaled back before a layer
uses them, or that an integer layer uses as they are. What does not: 16-bit weights, images
that come in as bytes, indices, masks. Nothing is quantised here.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.models.bodies import BRANCH, LOOPS, all_graphs, constant_names, source_of

if TYPE_CHECKING:
    import openvino as ov

QUANTISERS = {"FakeQuantize", "FakeConvert"}
_NARROW_BITS = 8
_LAYERS = {
    "Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData",
    "DeformableConvolution", "MatMul", "LSTMCell", "LSTMSequence", "GRUCell", "GRUSequence",
    "RNNCell", "RNNSequence", *LOOPS,
}  # fmt: skip
# What stands between packed weights and the layer that uses them.
_UNPACKING = {
    "Convert", "Subtract", "Multiply", "Reshape", "Transpose", "Unsqueeze", "Squeeze",
    "FakeQuantize",
}  # fmt: skip


@dataclass(frozen=True)
class FoundQuantisation:
    """What was found.

    ``of_activations`` and ``of_weights`` count the steps that quantise them; ``steps`` are the
    same steps by their type, ``packed`` the constants of weights by theirs.
    """

    of_activations: int
    of_weights: int
    steps: tuple[tuple[str, int], ...]
    packed: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        """Such as ``activations and weights, 31 FakeQuantize, 12 constants in i8``."""
        found = [f"{count} {kind}" for kind, count in self.steps]
        found += [f"{count} constant{'s'[: count > 1]} in {kind}" for kind, count in self.packed]
        return ", ".join([self._what, *found])

    @property
    def _what(self) -> str:
        if not self.of_activations:
            return "weights only"
        return "activations and weights" if self.of_weights or self.packed else "activations only"


def quantisation_of(graph: ov.Model) -> FoundQuantisation | None:
    """What is quantised in a graph, loops and branches included; None where nothing is."""
    steps: Counter[str] = Counter()
    packed: Counter[str] = Counter()
    weights = 0
    for body in all_graphs(graph):
        constants = constant_names(body)
        for op in body.get_ordered_ops():
            if op.get_type_name() in QUANTISERS:
                steps[op.get_type_name()] += 1
                weights += source_of(op.input(0)).get_friendly_name() in constants
            elif _is_packed_weights(op, constants):
                packed[op.get_output_element_type(0).get_type_name()] += 1
    if packed:  # without them an integer product is arithmetic of indices
        steps += _integer_layers(graph)
    if not steps and not packed:
        return None
    activations = steps.total() - weights
    by_kind, by_type = (tuple(sorted(counts.items())) for counts in (steps, packed))
    return FoundQuantisation(activations, weights, by_kind, by_type)


def _integer_layers(graph: ov.Model) -> Counter[str]:
    """Layers that compute in integers, as ONNX's ConvInteger and MatMulInteger do."""
    return Counter(
        f"integer {op.get_type_name()}"
        for body in all_graphs(graph)
        for op in body.get_ordered_ops()
        if op.get_type_name() in _LAYERS - LOOPS
        and op.get_output_element_type(0).is_integral_number()
    )


def _is_packed_weights(op: ov.Node, constants: frozenset[str]) -> bool:
    """Whether a constant of several narrow numbers ends, unpacked, as weights of a layer."""
    if op.get_type_name() != "Constant":
        return False
    kind = op.get_output_element_type(0)
    narrow = kind.bitwidth <= _NARROW_BITS and kind.get_type_name() != "boolean"
    several = math.prod(op.get_output_shape(0)) > 1
    return narrow and several and _ends_as_weights(op, constants, is_scaled=False)


def _ends_as_weights(op: ov.Node, constants: frozenset[str], *, is_scaled: bool) -> bool:
    for port in op.output(0).get_target_inputs():
        reader, kind = port.get_node(), port.get_node().get_type_name()
        is_table = kind == BRANCH or (kind == "Gather" and port.get_index() == 0)
        if kind in _LAYERS or (is_table and is_scaled):
            return True
        if kind in _UNPACKING and port.get_index() == 0 and reader.get_friendly_name() in constants:
            scaled = is_scaled or kind in {"Multiply", "FakeQuantize"}
            if _ends_as_weights(reader, constants, is_scaled=scaled):
                return True
    return False
