"""The activations of a network, however they are spelled, and whether layers fused them.

Pure: operations as they were read and the layers that carry them in; what a network is made of
else stands in ``results.networks``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from results.kinds import ACTIVATION_TYPES, ELEMENTWISE_TYPES, base_type, is_heavy

RELU6 = "ReLU6"
HSWISH, HSIGMOID, SWISH = "HSwish", "HSigmoid", "Swish"
_SCALES = frozenset({"Multiply", "Divide"})
_NAMES = "|".join(sorted(ACTIVATION_TYPES | ELEMENTWISE_TYPES))
_TYPES = re.compile(f"(^|[^A-Za-z])({_NAMES})($|[^A-Za-z])")


@dataclass(frozen=True)
class ActivationOp:
    """An operation that is, or may be a part of, an activation."""

    op_name: str
    op_type: str
    producers: tuple[str, ...]
    weight_elements: int


@dataclass(frozen=True)
class Activation:
    """One activation of a network: its kind, the operations that make it up, and their types."""

    kind: str
    ops: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def is_spelled(self) -> bool:
        """Whether several operations make it up."""
        return len(self.ops) > 1


@dataclass(frozen=True)
class Carried:
    """An executed layer of a cell that carries an operation: the types of all that it carries."""

    cell_id: str
    op_name: str
    op_types: tuple[str, ...]


@dataclass(frozen=True)
class ActivationRun:
    """How a cell ran a network's activations of a kind.

    ``fused`` ran in the layer of a convolution or matrix product, ``alone`` in a layer of
    their own or with other arithmetic; no executed layer names the rest of ``count``.
    """

    kind: str
    count: int
    spelled: int
    fused: int
    alone: int

    @property
    def untold(self) -> int:
        """Those that no executed layer names."""
        return self.count - self.fused - self.alone


def may_be_part(op_type: str) -> bool:
    """Whether an operation of this type, ``opset4::HSwish`` or ``HSwish``, is of an activation."""
    return _TYPES.search(op_type) is not None


def activations_of(ops: Sequence[ActivationOp]) -> tuple[Activation, ...]:
    """The activations among these operations, in their order, those spelled out put together.

    h-sigmoid is Add, Clamp, and a Multiply or Divide by one constant; h-swish the same and a
    Multiply by what the Add read, the scale before or after it; swish is a Sigmoid times what
    it read (A. Howard et al., "Searching for MobileNetV3", 2019). A Clamp that stands for
    itself is a ReLU6 where its name says so: its bounds are not stored.
    """
    by_name = {op.op_name: op for op in ops}
    readers: dict[str, list[ActivationOp]] = {}
    for op in ops:
        for producer in dict.fromkeys(op.producers):
            readers.setdefault(producer, []).append(op)
    found: dict[str, Activation] = {}
    for op in ops:
        activation = _activation(op, by_name, readers)
        if activation is not None:
            found[op.op_name] = activation
    return tuple(found.values())


_Readers = Mapping[str, Sequence[ActivationOp]]


def _activation(
    op: ActivationOp, by_name: Mapping[str, ActivationOp], readers: _Readers
) -> Activation | None:
    """The activation whose core this operation is; None for an operation that is none."""
    kind = base_type(op.op_type)
    if kind == "Clamp":
        return _of_clamp(op, by_name, readers) or _made_of(_clamp_name(op), op)
    if kind == "Sigmoid" and op.producers:
        times = _times(op, op.producers[0], readers)
        if times is not None:
            return _made_of(SWISH, op, times)
    return _made_of(kind, op) if kind in ACTIVATION_TYPES else None


def _of_clamp(
    clamp: ActivationOp, by_name: Mapping[str, ActivationOp], readers: _Readers
) -> Activation | None:
    """The h-swish or h-sigmoid that a Clamp belongs to."""
    shift = by_name.get(clamp.producers[0]) if len(clamp.producers) == 1 else None
    if shift is None or base_type(shift.op_type) != "Add" or not _by_constant(shift):
        return None
    source = shift.producers[0]
    scale = _only(clamp, readers, _is_scale)
    if scale is not None:
        times = _times(scale, source, readers)
        if times is None:
            return _made_of(HSIGMOID, shift, clamp, scale)
        return _made_of(HSWISH, shift, clamp, scale, times)
    times = _times(clamp, source, readers)
    last = None if times is None else _only(times, readers, _is_scale)
    if times is None or last is None:
        return None
    return _made_of(HSWISH, shift, clamp, times, last)


def _made_of(kind: str, *ops: ActivationOp) -> Activation:
    types = tuple(base_type(op.op_type) for op in ops)
    return Activation(kind, tuple(op.op_name for op in ops), types)


def _is_scale(op: ActivationOp) -> bool:
    """Whether it multiplies one value by a constant, or divides it by one."""
    return base_type(op.op_type) in _SCALES and _by_constant(op)


def _times(op: ActivationOp, source: str, readers: _Readers) -> ActivationOp | None:
    """The product of an operation with ``source``, where that is all that reads it."""
    both = {op.op_name, source}

    def fits(reader: ActivationOp) -> bool:
        return base_type(reader.op_type) == "Multiply" and set(reader.producers) == both

    return _only(op, readers, fits)


def _only(
    op: ActivationOp, readers: _Readers, fits: Callable[[ActivationOp], bool]
) -> ActivationOp | None:
    found = readers.get(op.op_name, ())
    return found[0] if len(found) == 1 and fits(found[0]) else None


def _by_constant(op: ActivationOp) -> bool:
    """Whether it combines one value with a single constant."""
    return len(op.producers) == 1 and op.weight_elements == 1


def _clamp_name(op: ActivationOp) -> str:
    return RELU6 if "relu6" in op.op_name.casefold() else "Clamp"


def activation_runs(
    activations: Sequence[Activation], carried: Iterable[Carried]
) -> tuple[ActivationRun, ...]:
    """How one cell ran these activations, by kind, the commonest first.

    One that is spelled out counts as fused where any of its operations is.
    """
    layers: dict[str, list[tuple[str, ...]]] = {}
    for one in carried:
        layers.setdefault(one.op_name, []).append(one.op_types)
    found = [(one, _is_fused(one, layers)) for one in activations]
    kinds = Counter(one.kind for one in activations)
    return tuple(
        ActivationRun(
            kind,
            count,
            sum(one.is_spelled for one in activations if one.kind == kind),
            sum(fused is True for one, fused in found if one.kind == kind),
            sum(fused is False for one, fused in found if one.kind == kind),
        )
        for kind, count in kinds.most_common()
    )


def _is_fused(
    activation: Activation, layers: Mapping[str, Sequence[tuple[str, ...]]]
) -> bool | None:
    """None where no layer names any of its operations."""
    found = [types for name in activation.ops for types in layers.get(name, ())]
    return any(is_heavy(types) for types in found) if found else None
