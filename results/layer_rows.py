"""The layers of a comparison as one list: aligned groups and what has no source op.

Every bar of the waterfall is the sum of the rows of its class, so that a bar can be opened
down to its layers. Each row has a key that a link can name. What two sides of a row are unlike
in is said here too; who belongs together is decided in ``results.align``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.comparison import FoundCause, Group, GroupClass, Inserted, LayerSide
from results.inserted import CANDIDATE
from results.kinds import canonical_precision, canonical_type, is_float, is_int8
from results.layer_calls import Call, call_of

_LEVEL_US = 0.05
"""Tables tell differences to a tenth of a µs: below this they read 0.0."""
_OF_INT8 = frozenset({GroupClass.INT8_FASTER, GroupClass.INT8_SLOWER})
_OF_LOST_TIME = frozenset({"slower_kernel", "lost_fusion", "unfused_activation"})
"""Causes whose layers lose time against aligned ones; in the others the layers' whole time counts.
"""


@dataclass(frozen=True)
class LayerRow:
    """A group, or nodes without a source op: either ``group`` is set or ``inserted`` is not empty.

    ``inserted`` holds two nodes where both sides convert in the same place, the baseline's first.
    Times in µs per inference, or per item in throughput; None where the side has no layer.
    ``delta_us`` is candidate minus baseline, a missing side counting as 0; its bounds and
    ``differs`` are those of the group. ``key`` is unique in a comparison, and the same in every
    comparison of the same two graphs.
    """

    key: str
    label: str
    op_type: str
    layer_class: GroupClass
    baseline: tuple[LayerSide, ...]
    candidate: tuple[LayerSide, ...]
    baseline_us: float | None
    candidate_us: float | None
    delta_low_us: float | None = None
    delta_high_us: float | None = None
    differs: bool | None = None
    group: Group | None = None
    inserted: tuple[Inserted, ...] = ()

    @property
    def delta_us(self) -> float:
        """Candidate minus baseline in µs: negative is time saved."""
        return (self.candidate_us or 0.0) - (self.baseline_us or 0.0)

    @property
    def times_as_fast(self) -> float | None:
        """How many times as fast the candidate's layers are; None where a side has no time."""
        if not self.baseline_us or not self.candidate_us:
            return None
        return self.baseline_us / self.candidate_us

    @property
    def call(self) -> Call:
        """Whether it became faster or slower, as far as that is known of a single layer."""
        return call_of(self)

    @property
    def is_level(self) -> bool:
        """Whether a layer in INT8 is neither faster nor slower: its difference is shown as 0."""
        return self.layer_class in _OF_INT8 and abs(self.delta_us) < _LEVEL_US

    @property
    def names(self) -> tuple[str, ...]:
        """What a search looks through: names of source ops, layers and kernels."""
        sides = (*self.baseline, *self.candidate)
        ops = self.group.source_ops if self.group else ()
        return (self.label, *ops, *(word for one in sides for word in (one.name, one.primitive)))


def layer_rows(groups: Sequence[Group], inserted: Sequence[Inserted]) -> tuple[LayerRow, ...]:
    """Every layer of a comparison's both sides, the largest difference first."""
    taken: set[str] = set()
    rows = [_of_group(group, _key(group.label, taken)) for group in groups]
    for nodes in _paired(inserted):
        sides = "both" if len(nodes) > 1 else nodes[0].side
        rows.append(_of_inserted(nodes, _key(f"{sides}: {_place(nodes[0])}", taken)))
    return tuple(sorted(rows, key=lambda row: (-abs(row.delta_us), row.key)))


def _key(name: str, taken: set[str]) -> str:
    """The name, numbered where it is taken: keys must be unique."""
    key, number = name, 2
    while key in taken:
        key, number = f"{name}~{number}", number + 1
    taken.add(key)
    return key


def _paired(inserted: Sequence[Inserted]) -> list[tuple[Inserted, ...]]:
    """Each node alone, but those that both sides have in one place: baseline, then candidate."""
    waiting: dict[str, list[Inserted]] = {}
    for one in inserted:
        if one.shared and one.side != CANDIDATE:
            waiting.setdefault(_place(one), []).append(one)
    found: list[tuple[Inserted, ...]] = []
    for one in inserted:
        if one.side == CANDIDATE:
            twins = waiting.get(_place(one), []) if one.shared else []
            found.append((twins.pop(0), one) if twins else (one,))
    found += [(one,) for one in inserted if one.side != CANDIDATE and not one.shared]
    return found + [(one,) for alone in waiting.values() for one in alone]


def _place(one: Inserted) -> str:
    """Where a node stands; its own name only where the graph does not tell that."""
    kind = canonical_type(one.layer.node_type)
    before, after = one.producer_op or one.producer, one.consumer_op or one.consumer
    if before is None and after is None:
        return f"{kind} {one.layer.name}"
    return f"{kind} {before or 'nothing'} > {after or 'nothing'}"


def _of_group(group: Group, key: str) -> LayerRow:
    return LayerRow(
        key=key,
        label=group.label,
        op_type=group.op_type,
        layer_class=group.group_class,
        baseline=group.baseline,
        candidate=group.candidate,
        baseline_us=group.baseline_us if group.baseline else None,
        candidate_us=group.candidate_us if group.candidate else None,
        delta_low_us=group.delta_low_us,
        delta_high_us=group.delta_high_us,
        differs=group.differs,
        group=group,
    )


def _of_inserted(nodes: tuple[Inserted, ...], key: str) -> LayerRow:
    baseline = tuple(one.layer for one in nodes if one.side != CANDIDATE)
    candidate = tuple(one.layer for one in nodes if one.side == CANDIDATE)
    return LayerRow(
        key=key,
        label=_place(nodes[0]),
        op_type=canonical_type(nodes[0].layer.node_type),
        layer_class=_inserted_class(nodes[0]),
        baseline=baseline,
        candidate=candidate,
        baseline_us=sum(layer.time_us for layer in baseline) if baseline else None,
        candidate_us=sum(layer.time_us for layer in candidate) if candidate else None,
        inserted=nodes,
    )


def _inserted_class(one: Inserted) -> GroupClass:
    if one.shared:
        return GroupClass.CONVERTED_ON_BOTH
    return GroupClass.INSERTED if one.side == CANDIDATE else GroupClass.REMOVED


def sum_us(rows: Iterable[LayerRow]) -> float:
    """What these rows add to the difference on the wall clock, in µs."""
    return math.fsum(row.delta_us for row in rows)


def rows_of_cause(cause: FoundCause, rows: Sequence[LayerRow]) -> tuple[LayerRow, ...]:
    """The rows that hold the layers a cause names, the worst first.

    That is the one that lost most where the cause is lost time, else the one that takes most.
    """
    named = frozenset(cause.layers)
    held = [row for row in rows if any(layer.name in named for layer in row.candidate)]
    if is_lost_time(cause):
        return tuple(sorted(held, key=lambda row: -row.delta_us))
    return tuple(sorted(held, key=lambda row: -(row.candidate_us or 0.0)))


def is_lost_time(cause: FoundCause) -> bool:
    """Whether a cause is told by what its layers lost, and not by the time that they take."""
    return cause.cause_id in _OF_LOST_TIME


def other_precision(row: LayerRow) -> bool:
    """Whether the sides of an aligned row ran in different precisions."""
    return _both(row) and _precisions(row.baseline) != _precisions(row.candidate)


def other_kernel(row: LayerRow) -> bool:
    """Whether the sides ran on different kernels, whatever precision the kernel's name tells."""
    return _both(row) and _kernels(row.baseline) != _kernels(row.candidate)


def other_fusion(row: LayerRow) -> bool:
    """Whether the same operations are cut into layers differently."""
    return _both(row) and _cuts(row.baseline) != _cuts(row.candidate)


def _both(row: LayerRow) -> bool:
    """Whether both sides have it, as an operation of the model."""
    return bool(row.group and row.baseline and row.candidate)


def _precisions(layers: Sequence[LayerSide]) -> set[str]:
    return {layer.runtime_precision for layer in layers}


def _kernels(layers: Sequence[LayerSide]) -> set[str]:
    return {kernel_family(layer.primitive) for layer in layers}


def kernel_family(primitive: str) -> str:
    """A kernel's name without its precision: ``brgconv_avx512_I8`` is ``brgconv_avx512``."""
    head, _, last = primitive.rpartition("_")
    precision = canonical_precision(last)
    return head if head and (is_int8(precision) or is_float(precision)) else primitive


def _cuts(layers: Sequence[LayerSide]) -> list[tuple[str, ...]]:
    return sorted(tuple(sorted(layer.op_types)) for layer in layers)
