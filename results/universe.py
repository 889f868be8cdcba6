"""The source ops that layers can carry, and where an op goes that a side does not name.

Only the model as it was read: no exec node is known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results.facts import SourceOp
from results.kinds import (
    ACTIVATION_TYPES,
    ELEMENTWISE_TYPES,
    HEAVY_TYPES,
    INPUT_TYPES,
    OUTPUT_TYPES,
    base_type,
)

NEIGHBOUR_CONFIDENCE = 0.8
INFERRED_METHODS = frozenset({"consumer", "producer"})

_NO_LAYERS = INPUT_TYPES | OUTPUT_TYPES | {"Constant", "Const"}
_POST_OPS = ACTIVATION_TYPES | ELEMENTWISE_TYPES
_HOPS = 4


@dataclass(frozen=True)
class InferredLink:
    """An op that one side never names, joined to a neighbour that it does name."""

    op_name: str
    target: str
    method: str
    confidence: float


class Universe:
    """The source ops by name and in topological order, without inputs and outputs."""

    def __init__(self, ops: Sequence[SourceOp]) -> None:
        ordered = sorted(ops, key=lambda op: (op.position, op.op_name))
        self._ends = {op.op_name for op in ordered if base_type(op.op_type) in _NO_LAYERS}
        self.ops = tuple(op for op in ordered if op.op_name not in self._ends)
        self._by_name = {op.op_name: op for op in self.ops}
        self._types = {op.op_name: base_type(op.op_type) for op in self.ops}
        self._keys = {op.op_name: (at, op.op_name) for at, op in enumerate(self.ops)}
        self._consumers: dict[str, list[str]] = {}
        for op in self.ops:
            for producer in dict.fromkeys(op.producers):
                self._consumers.setdefault(producer, []).append(op.op_name)

    def holds(self, name: str) -> bool:
        """Whether a layer may claim this name: an op that is no input and no output.

        Where the model's ops are not stored, any name will do.
        """
        return name in self._by_name or (bool(name) and not self._by_name and not self._ends)

    def type_of(self, name: str) -> str:
        """Type without opset; empty where the op is not stored."""
        return self._types.get(name, "")

    def flops(self, name: str) -> int | None:
        """FLOP of the op; None where not counted."""
        op = self._by_name.get(name)
        return None if op is None else op.flops

    def order(self, name: str) -> tuple[int, str]:
        """Sort key: topological order, names that are not stored last."""
        return self._keys.get(name) or (len(self._keys), name)

    def only_consumer(self, name: str) -> str | None:
        """The op that reads this one, where there is exactly one."""
        consumers = self._consumers.get(name, [])
        return consumers[0] if len(consumers) == 1 else None

    def producer(self, name: str) -> str | None:
        """The first op that this one reads."""
        op = self._by_name.get(name)
        return op.producers[0] if op is not None and op.producers else None

    def inferred_links(
        self, claimed_a: frozenset[str], claimed_b: frozenset[str]
    ) -> Iterator[InferredLink]:
        """Design §6, step 3: an op that one side does not name went into a neighbour there.

        Its only consumer first, else its producer; activations and elementwise
        operations the other way round, because the plugin fuses those as post-ops
        of what computes their input. A convolution or matrix product never vanishes
        into a neighbour that one side has by itself: it stays unmatched. One that
        neither side names, or that one side names while the other names only its bias,
        goes by the bias's name there (OpenVINO names a fully connected layer so). Other
        ops that neither side names need no place.
        """
        for op in self.ops:
            in_a, in_b = op.op_name in claimed_a, op.op_name in claimed_b
            is_heavy = base_type(op.op_type) in HEAVY_TYPES
            if is_heavy and not in_a and not in_b:
                yield from self._bias_of(op.op_name, claimed_a | claimed_b)
            if is_heavy and in_a != in_b:
                own, other = (claimed_a, claimed_b) if in_a else (claimed_b, claimed_a)
                yield from self._bias_of(op.op_name, other - own)
            if in_a == in_b or is_heavy:
                continue
            link = self._neighbour(op.op_name, claimed_b if in_a else claimed_a)
            if link is not None:
                yield link

    def _bias_of(self, name: str, claimed: frozenset[str]) -> Iterator[InferredLink]:
        reader = self.only_consumer(name)
        if reader in claimed and self.type_of(reader) in ELEMENTWISE_TYPES:
            yield InferredLink(name, reader, "consumer", NEIGHBOUR_CONFIDENCE)

    def _neighbour(self, name: str, claimed: frozenset[str]) -> InferredLink | None:
        ways = [
            ("consumer", self.only_consumer),
            ("producer", self.producer),
        ]
        if self.type_of(name) in _POST_OPS:
            ways.reverse()
        for method, step in ways:
            at: str | None = name
            for _ in range(_HOPS):
                at = None if at is None else step(at)
                if at is not None and at in claimed:
                    return InferredLink(name, at, method, NEIGHBOUR_CONFIDENCE)
        return None
