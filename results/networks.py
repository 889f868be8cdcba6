"""A network as it was read: its size, its operations by type, its activations.

Shapes and pure functions; the questions to the index stand in ``results.network_queries``, how
its activations are spelled in ``results.activations``, what its layers took in
``results.operator_times``, what INT8 costs it in ``results.network_costs``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from results.activations import Activation, ActivationOp, activations_of, may_be_part
from results.facts import Model, SourceOp
from results.kinds import INPUT_TYPES, OUTPUT_TYPES, base_type

_FLOPS_PER_MAC = 2


@dataclass(frozen=True)
class TypeCount:
    """The operations of one type with its opset: how many, FLOP, elements read from constants.

    ``flops`` is None where they are not counted for this type.
    """

    op_type: str
    count: int
    flops: int | None
    weights: int


@dataclass(frozen=True)
class Network:
    """A model as it was read. ``macs`` are per inference at batch 1, as ``models`` has them."""

    model_id: str
    title: str
    parameters: int | None
    macs: int | None
    operators: tuple[TypeCount, ...]
    activations: tuple[Activation, ...]

    @property
    def flops(self) -> int | None:
        """Operations per inference at batch 1: two for each multiply-accumulate."""
        return None if self.macs is None else _FLOPS_PER_MAC * self.macs

    @property
    def operations(self) -> int:
        """How many operations there are."""
        return sum(one.count for one in self.operators)

    @property
    def kinds(self) -> dict[str, int]:
        """By kind how many activations there are, the commonest first."""
        return dict(Counter(one.kind for one in self.activations).most_common())

    def count(self, kind: str) -> int:
        """How many operations of a type there are."""
        return sum(one.count for one in self.operators if one.op_type == kind)


def network_of(model_id: str, model: Model | None, ops: Sequence[SourceOp]) -> Network:
    """A model from its float operations in topological order; one not stored has its id alone."""
    return Network(
        model_id=model_id,
        title=model.title if model else model_id,
        parameters=model.parameters if model else None,
        macs=model.macs if model else None,
        operators=operators_of(_type_counts(ops)),
        activations=activations_of(
            [
                ActivationOp(op.op_name, op.op_type, op.producers, op.weight_elements)
                for op in ops
                if may_be_part(op.op_type)
            ]
        ),
    )


def _type_counts(ops: Sequence[SourceOp]) -> Iterator[TypeCount]:
    """Of each type with its opset."""
    by_type: dict[str, list[SourceOp]] = {}
    for op in ops:
        by_type.setdefault(op.op_type, []).append(op)
    for op_type, own in by_type.items():
        counted = [op.flops for op in own if op.flops is not None]
        flops = sum(counted) if counted else None
        yield TypeCount(op_type, len(own), flops, sum(op.weight_elements for op in own))


def operators_of(found: Iterable[TypeCount]) -> tuple[TypeCount, ...]:
    """By type without opset, the commonest first; the ends of the model are left out."""
    sums: dict[str, TypeCount] = {}
    for one in found:
        kind = base_type(one.op_type)
        if kind in INPUT_TYPES | OUTPUT_TYPES:
            continue
        other = sums.get(kind, TypeCount(kind, 0, None, 0))
        counted = [flops for flops in (one.flops, other.flops) if flops is not None]
        sums[kind] = TypeCount(
            kind,
            one.count + other.count,
            sum(counted) if counted else None,
            one.weights + other.weights,
        )
    return tuple(sorted(sums.values(), key=lambda one: (-one.count, one.op_type)))


def type_names(networks: Iterable[Network]) -> dict[str, str]:
    """What operation types are called beside the activations that they are: ``Clamp (ReLU6)``.

    Only types that activations are made of under another name are in it, where they are no more
    than that: an Add that an HSwish is spelled out in is an Add.
    """
    kinds: dict[str, list[str]] = {}
    for network in networks:
        for one in network.activations:
            if not one.is_spelled and one.kind != one.types[0]:
                kinds.setdefault(one.types[0], []).append(one.kind)
    return {kind: f"{kind} ({', '.join(dict.fromkeys(own))})" for kind, own in kinds.items()}


def only_in(one: Network, other: Network) -> dict[str, int]:
    """By type, how many operations a network has of what the other has none, the most first.

    Activations are told by their kind: what is spelled out counts as what it spells.
    """
    mine, others = _vocabulary(one), _vocabulary(other)
    found = {kind: count for kind, count in mine.items() if not others.get(kind)}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _vocabulary(network: Network) -> dict[str, int]:
    """Operations by type less those in activations, and activations by kind."""
    counts = Counter({one.op_type: one.count for one in network.operators})
    for activation in network.activations:
        counts -= Counter(activation.types)
    return dict(counts + Counter(one.kind for one in network.activations))
