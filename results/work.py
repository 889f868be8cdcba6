"""What source ops do when they run as one layer: operations, elements, bytes.

Counted on the model as it was read; what a layer took is not known here. What is counted
and what is left out: docs/ceiling.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from results.facts import SourceOp
from results.kinds import INPUT_TYPES, base_type, canonical_precision

Readers = Mapping[str, frozenset[str]]
"""By source op the ops that read it."""

_BYTES = {"f64": 8, "i64": 8, "u64": 8, "f16": 2, "bf16": 2, "i16": 2, "u16": 2,
          "i8": 1, "u8": 1, "i4": 0.5, "u4": 0.5}  # fmt: skip
_BYTES_ELSE = 4
_SHAPE = re.compile(r"\[([\d,\s]*)\]")
_LOOKS_UP = frozenset({"Gather", "GatherND", "GatherElements"})
"""Operations that read only the part of a constant that they are asked for."""


@dataclass(frozen=True)
class Work:
    """What some source ops do in one inference at the batch they were read with.

    ``activations`` are the elements read and written that depend on the input, ``weights``
    those read from constants: they do not grow with the batch.
    """

    flops: int
    activations: int
    weights: int


def work_of(names: Iterable[str], ops: Mapping[str, SourceOp], read_by: Readers) -> Work:
    """Operations and elements of source ops that run as one layer.

    The layer reads what its first ops read and writes what its last ones write: a value that
    is made and read inside of it never exists. Of a producer outside it reads no more than
    that producer writes, however many of its ops read it. A value that an op outside reads
    too is written; so is one that nobody reads, which is a result of the model.
    """
    inside = [ops[name] for name in dict.fromkeys(names) if name in ops]
    held = {op.op_name for op in inside}
    reads: dict[str, int] = {}
    for op in inside:
        for producer, elements in _reads(op, ops):
            if producer not in held:
                reads[producer] = reads.get(producer, 0) + elements
    read = sum(min(many, _written(name, ops, many)) for name, many in reads.items())
    written = sum(
        op.output_elements
        for op in inside
        if not (readers := read_by.get(op.op_name)) or not readers <= held
    )
    return Work(
        flops=sum(op.flops or 0 for op in inside),
        activations=read + written,
        weights=sum(map(weights_read, inside)),
    )


def readers(ops: Sequence[SourceOp]) -> Readers:
    """Which ops read each op."""
    found: dict[str, set[str]] = {}
    for op in ops:
        for producer in op.producers:
            found.setdefault(producer, set()).add(op.op_name)
    return {name: frozenset(names) for name, names in found.items()}


def weights_read(op: SourceOp) -> int:
    """Elements that an op reads from constants: of a table that it looks things up in, those."""
    if base_type(op.op_type) in _LOOKS_UP:
        return min(op.weight_elements, op.output_elements)
    return op.weight_elements


def _reads(op: SourceOp, ops: Mapping[str, SourceOp]) -> Iterable[tuple[str, int]]:
    """Each producer of an op with the elements read of it; all it writes where untold."""
    told = len(op.input_shapes) == len(op.producers)
    shapes = op.input_shapes if told else ("",) * len(op.producers)
    for producer, shape in zip(op.producers, shapes, strict=True):
        elements = _elements(shape)
        yield producer, _written(producer, ops, 0) if elements is None else elements


def _written(name: str, ops: Mapping[str, SourceOp], otherwise: int) -> int:
    return ops[name].output_elements if name in ops else otherwise


@lru_cache(maxsize=4096)
def _elements(shape: str) -> int | None:
    """Elements of a shape such as ``[1,3,8,8]``; None where it is dynamic or untold.

    Remembered: a network has few shapes.
    """
    sizes = _sizes(shape)
    return None if sizes is None else math.prod(sizes)


def _sizes(shape: str) -> tuple[int, ...] | None:
    match = _SHAPE.fullmatch(shape)
    if match is None:
        return None
    return tuple(int(size) for size in match[1].split(",") if size.strip())


def element_bytes(precision: str) -> float:
    """Size of an element; 4 bytes for what is not known."""
    return _BYTES.get(canonical_precision(precision), _BYTES_ELSE)


def model_batch(ops: Sequence[SourceOp]) -> int:
    """The batch that the ops are counted at: the commonest first axis of the inputs, else 1.

    Inputs of one axis have no batch. Of axes that are as common the largest.
    """
    sizes = [_sizes(op.output_shapes[0]) for op in ops if _is_input(op)]
    batches = Counter(found[0] for found in sizes if found and len(found) > 1 and found[0] > 0)
    return max(batches, key=lambda batch: (batches[batch], batch), default=1)


def _is_input(op: SourceOp) -> bool:
    return base_type(op.op_type) in INPUT_TYPES and bool(op.output_shapes)
