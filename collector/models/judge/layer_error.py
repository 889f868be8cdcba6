"""How far each layer of a variant is from the float variant: the table ``layer_accuracy``.

Both graphs run on the same samples with further outputs at their operations. What SQNR at a
layer means, and what it does not, is in docs/accuracy.md. Which operation of a network that
was quantised elsewhere is which of the float one is decided in ``collector.bridge``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.models.data.dataset import Sample
from collector.models.judge.inference import VariantGraph, open_runner
from collector.models.judge.metrics import Squares
from collector.models.steps import Report
from results.facts import LayerAccuracy, SourceOp

if TYPE_CHECKING:
    import openvino as ov

_CUT_OFFS = ("Relu", "Clamp")
_CHUNK_BYTES = 128 * 2**20
"""So many bytes of both graphs' outputs are alive together; one larger layer goes alone."""
_ELEMENT_BYTES = 4


@dataclass(frozen=True)
class _Tap:
    """A source op, and the outputs that are compared for it."""

    op_name: str
    reference: ov.Output
    variant: ov.Output

    @property
    def bytes(self) -> int:
        return 2 * _ELEMENT_BYTES * math.prod(int(size) for size in self.reference.get_shape())


def layer_errors(
    reference: VariantGraph,
    variant: VariantGraph,
    source_ops: Sequence[SourceOp],
    samples: Sequence[Sample],
    *,
    dataset_id: str,
    twin_names: Mapping[str, str] | None,
    report: Report,
) -> tuple[LayerAccuracy, ...]:
    """SQNR between the float variant and another at the first output of each source op.

    ``source_ops`` are those of the float variant; the result follows their order.
    ``twin_names`` has, by the name in the variant, the name in the float variant for networks
    that were quantised elsewhere. Left out are operations that the variant lacks, whose
    output is not real, not of one known shape, or of another shape there, and those with
    values that are not finite.
    """
    names = _names_in_variant(source_ops, twin_names)
    chunks = _chunks(_taps(reference.graph, variant.graph, names))
    found: dict[str, Squares] = {}
    for place, chunk in enumerate(chunks):
        wanted = {name: names[name] for name in chunk}
        told = _told(samples, place, len(chunks), report)
        found |= _compared(reference.graph, variant.graph, wanted, told)
    return tuple(
        LayerAccuracy(
            variant_id=variant.variant_id,
            dataset_id=dataset_id,
            op_name=op_name,
            method="name" if twin_names is None else "structure",
            signal_power=squares.signal / squares.elements,
            noise_power=squares.noise / squares.elements,
            sqnr_db=squares.sqnr_db,
            samples=len(samples),
        )
        for op_name, squares in found.items()
        if squares.is_known and squares.elements
    )


def _names_in_variant(
    source_ops: Sequence[SourceOp], twin_names: Mapping[str, str] | None
) -> dict[str, str]:
    """Per source op of the float variant its name in the other, in the order of the ops."""
    if twin_names is None:
        return {op.op_name: op.op_name for op in source_ops}
    theirs = {wanted: name for name, wanted in twin_names.items()}
    return {op.op_name: theirs[op.op_name] for op in source_ops if op.op_name in theirs}


def _taps(reference: ov.Model, variant: ov.Model, names: Mapping[str, str]) -> list[_Tap]:
    first, second = _by_name(reference), _by_name(variant)
    taps = []
    for name, theirs in names.items():
        if name in first and theirs in second:
            read = as_read(second[theirs].output(0))
            tap = _Tap(name, _counterpart(first[name].output(0), theirs, read), read)
            if _is_comparable(tap.reference, tap.variant):
                taps.append(tap)
    return taps


def _by_name(graph: ov.Model) -> dict[str, ov.Node]:
    ops = [op for op in graph.get_ordered_ops() if op.get_output_size() > 0]
    return {op.get_friendly_name(): op for op in reversed(ops)}


def _counterpart(reference: ov.Output, theirs: str, read: ov.Output) -> ov.Output:
    """What the reference has in the place of ``read``, the output of ``theirs`` as it is read.

    A FakeQuantize may cut off below zero and so be the ReLU too, which the variant then lacks:
    its value is held against that of the reference's ReLU.
    """
    if read.get_node().get_friendly_name() == theirs:
        return reference
    for kind in _CUT_OFFS:
        cut = _only_reader(reference, kind)
        if cut is not None and _only_reader(read, kind) is None:
            return cut
    return reference


def _is_comparable(reference: ov.Output, variant: ov.Output) -> bool:
    shapes = [port.get_partial_shape() for port in (reference, variant)]
    is_real = all(port.get_element_type().is_real() for port in (reference, variant))
    return is_real and all(shape.is_static for shape in shapes) and shapes[0] == shapes[1]


def as_read(port: ov.Output) -> ov.Output:
    """An operation's output as its readers see it, in real numbers.

    Where the one thing that reads it is a FakeQuantize, that is the quantised value: what
    FakeQuantize gives, or where that is in integers (QDQ) what Subtract and Multiply make of
    them. Where readers see different values it is the output itself.
    """
    step = _only_reader(port, "FakeQuantize")
    if step is None:
        return port
    integers = _only_reader(step, "Convert")
    if integers is None or integers.get_element_type().is_real():
        return step
    # An exporter may write one DequantizeLinear per reader; all of them give the same.
    back = sorted(
        (target.get_node() for target in integers.get_target_inputs()),
        key=lambda op: str(op.get_friendly_name()),
    )
    if not back or any(op.get_type_name() != "Convert" for op in back):
        return port
    real = back[0].output(0)
    real = _only_reader(real, "Subtract") or real
    return _only_reader(real, "Multiply") or port


def _only_reader(port: ov.Output, kind: str) -> ov.Output | None:
    """The output of the one operation that reads ``port`` as its data, if it is of this kind."""
    targets = list(port.get_target_inputs())
    if len(targets) != 1 or targets[0].get_node().get_type_name() != kind:
        return None
    return targets[0].get_node().output(0) if targets[0].get_index() == 0 else None


def _chunks(taps: Sequence[_Tap]) -> list[list[str]]:
    """Names of taps in order, together where their outputs fit into ``_CHUNK_BYTES``."""
    chunks: list[list[str]] = []
    room = 0
    for tap in taps:
        if tap.bytes > room:
            chunks.append([])
            room = _CHUNK_BYTES
        chunks[-1].append(tap.op_name)
        room -= tap.bytes
    return chunks


def _told(samples: Sequence[Sample], chunk: int, chunks: int, report: Report) -> Iterator[Sample]:
    """The samples, each reported when it is done with."""
    for number, sample in enumerate(samples, start=1):
        yield sample
        report("comparing layers", chunk * len(samples) + number, chunks * len(samples))


def _compared(
    reference: ov.Model, variant: ov.Model, names: Mapping[str, str], samples: Iterator[Sample]
) -> dict[str, Squares]:
    """Squares per source op, over all samples."""
    first, second = reference.clone(), variant.clone()
    taps = _taps(first, second, names)
    runners = (
        open_runner(first, reference, [tap.reference for tap in taps]),
        open_runner(second, reference, [tap.variant for tap in taps]),
    )
    found = {tap.op_name: Squares() for tap in taps}
    for sample in samples:
        wanted, theirs = (runner.run(sample)[-len(taps) :] for runner in runners)
        for squares, expected, values in zip(found.values(), wanted, theirs, strict=True):
            squares.add(expected, values)
    return found
