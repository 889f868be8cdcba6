"""Puts samples through the variants of a model, so that their answers can be compared.

A sample is in the units of the reference (the variant that it was read as). Where another
variant takes or gives integers in their place, they are mapped through their scale and zero
point; where both have the same type, values are passed as they are. A reference that takes
integers itself says by a scale of its own what they stand for, or they stand for themselves.
Nothing is judged here.

Every graph is compiled for the CPU with float work in f32: a variant's accuracy is stored
without device and precision, so it must not depend on whether the CPU would choose bf16. INT8
layers still run in INT8, because their quantisation steps say so and not the hint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from collector.models.data.dataset import Sample
from collector.models.judge.integer_io import (
    Quantisation,
    covers,
    dequantise,
    input_mappings,
    output_mappings,
    quantise,
)
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

_CONFIG = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}

_BYTE = 8
_SLACK = 0.1
"""A scale of 1 but for so much leaves integers what they are: scales are calibrated."""


@dataclass(frozen=True)
class VariantGraph:
    """A variant of a model and its graph, of static input shapes."""

    variant_id: str
    graph: ov.Model


@dataclass(frozen=True)
class Feed:
    """How an input is filled: from which input of the reference, and as what.

    ``names`` are those of the reference's input, ``place`` is its position. ``given`` is what
    the sample's own integers stand for, where ``mapping`` does not take them as they are.
    """

    names: frozenset[str]
    place: int
    dtype: np.dtype[Any]
    given: Quantisation | None
    mapping: Quantisation | None


@dataclass(frozen=True)
class Answer:
    """Where the reference's output is found in a variant, and what its integers stand for."""

    place: int
    mapping: Quantisation | None


@dataclass(frozen=True)
class Runner:
    """A compiled graph that takes samples in the reference's units and answers in them."""

    request: ov.InferRequest
    feeds: tuple[Feed, ...]
    answers: tuple[Answer, ...]
    keeps_state: bool

    def run(self, sample: Sample) -> list[NDArray[Any]]:
        """The answers, in the order of the reference's outputs, then of the extra ones."""
        if self.keeps_state:
            self.request.reset_state()
        found = self.request.infer([_filled(feed, sample.inputs) for feed in self.feeds])
        return [
            found[answer.place] if answer.mapping is None
            else dequantise(found[answer.place], answer.mapping)
            for answer in self.answers
        ]  # fmt: skip


def open_runner(graph: ov.Model, reference: ov.Model, extra: Sequence[ov.Output] = ()) -> Runner:
    """Compile a graph of the same network as ``reference``.

    ``extra`` are outputs of operations of ``graph`` to be answered too, as they are; they are
    added to it. Raises UsageError where inputs or outputs do not pair up, or integers stand
    for real numbers by a scale that is not found.
    """
    import openvino as ov

    feeds, answers = _feeds(graph, reference), _answers(graph, reference)
    taps = tuple(Answer(place, None) for place in _added(graph, extra))
    return _runner(ov.compile_model(graph, "CPU", _CONFIG), feeds, answers + taps)


def runner_on(compiled: ov.CompiledModel, graph: ov.Model) -> Runner:
    """Samples through what is compiled already, with the inputs and outputs of ``graph``."""
    return _runner(compiled, _feeds(graph, graph), _answers(graph, graph))


def _runner(
    compiled: ov.CompiledModel, feeds: tuple[Feed, ...], answers: tuple[Answer, ...]
) -> Runner:
    request = compiled.create_infer_request()
    return Runner(request, feeds, answers, bool(request.query_state()))


def check_pair(reference: ov.Model, native: ov.Model) -> None:
    """Raise the UsageError of ``open_runner`` for a pair that does not match; compiles nothing."""
    _feeds(native, reference)
    _answers(native, reference)


def _added(graph: ov.Model, extra: Sequence[ov.Output]) -> list[int]:
    """Add outputs to a graph; their places. One that is an output already is not added again."""
    if extra:
        graph.add_outputs(list(extra))
    return [int(graph.get_result_index(port)) for port in extra]


def output_names(graph: ov.Model) -> tuple[str, ...]:
    """One name per output: the first of its tensor's, else that of the operation it reads."""
    return tuple(
        min(_names(port), default=None)
        or str(port.get_node().input(0).get_source_output().get_node().get_friendly_name())
        for port in graph.outputs
    )


def _names(port: ov.Output) -> frozenset[str]:
    return frozenset(port.get_names())


def _filled(feed: Feed, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    named = [values for name, values in inputs.items() if name in feed.names]
    values = np.asarray(named[0] if named else list(inputs.values())[feed.place])
    if feed.given is not None:
        values = dequantise(values, feed.given)
    if feed.mapping is not None:
        return quantise(values, feed.mapping)
    return np.asarray(values, dtype=feed.dtype, order="C")


def _feeds(graph: ov.Model, reference: ov.Model) -> tuple[Feed, ...]:
    places = _pairs(graph.inputs, reference.inputs, "inputs")
    mappings, own = input_mappings(graph), input_mappings(reference)
    feeds: list[Feed | None] = [None] * len(places)
    for place, (mine, wanted) in enumerate(zip(places, reference.inputs, strict=True)):
        port = graph.inputs[mine]
        mapping = _mapping(port, wanted, mappings[mine])
        names = _names(wanted) | {wanted.get_node().get_friendly_name()}
        given = None if mapping is None else _given(port, wanted, mapping, own[place])
        feeds[mine] = Feed(names, place, port.get_element_type().to_dtype(), given, mapping)
    return tuple(feed for feed in feeds if feed is not None)


def _answers(graph: ov.Model, reference: ov.Model) -> tuple[Answer, ...]:
    places = _pairs(graph.outputs, reference.outputs, "outputs")
    mappings = output_mappings(graph)
    return tuple(
        Answer(place, _mapping(graph.outputs[place], wanted, mappings[place]))
        for place, wanted in zip(places, reference.outputs, strict=True)
    )


def _pairs(ports: Sequence[ov.Output], wanted: Sequence[ov.Output], what: str) -> list[int]:
    """Per port of the reference the place of its twin: by name where all are known, else order."""
    if len(ports) != len(wanted):
        raise UsageError(
            f"a variant has {len(ports)} {what}, the model it is judged against {len(wanted)}",
            hint="give variants of the same network",
        )
    known = {name: place for place, port in enumerate(ports) for name in _names(port)}
    found = [{known[name] for name in _names(port) if name in known} for port in wanted]
    places = [min(one) for one in found if one]
    in_order = list(range(len(ports)))
    return places if sorted(places) == in_order else in_order


def _mapping(
    port: ov.Output, wanted: ov.Output, mapping: Quantisation | None
) -> Quantisation | None:
    """The mapping where integers stand in for other values; None where the types agree."""
    kind, wanted_kind = port.get_element_type(), wanted.get_element_type()
    if kind == wanted_kind or not kind.is_integral_number():
        return None
    # Indices may be of 32 bits in one and 64 in the other; bytes cannot hold what they should.
    if mapping is None and (wanted_kind.is_real() or kind.bitwidth <= _BYTE):
        name = min(_names(port), default="")
        raise UsageError(
            f"{name!r} is of the type {kind.get_type_name()} where the model it is judged against "
            f"has {wanted_kind.get_type_name()}, and no scale was found for it",
            hint="leave the variant out, or export it with inputs and outputs in float",
        )
    return mapping


def _given(
    port: ov.Output, wanted: ov.Output, mapping: Quantisation, own: Quantisation | None
) -> Quantisation | None:
    """What the reference's integers stand for; None where ``mapping`` takes them as they are."""
    kind = wanted.get_element_type()
    if kind.is_real() or math.isclose(mapping.scale, 1.0, rel_tol=_SLACK):
        return None
    if own is None or not covers(mapping, own):
        name = min(_names(port), default="")
        raise UsageError(
            f"{name!r} takes {mapping.kind} in steps of {mapping.scale:.3g} where the model it is "
            f"judged against takes {kind.get_type_name()}, of which no scale goes with that",
            hint="leave the variant out, or give a float model whose input takes real numbers",
        )
    return own
