"""What the layers of a cell spend on each operation of its network, and in which precision.

Pure: sums of the store in, shares out; the questions stand in ``results.network_queries``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from results.kinds import (
    INPUT_TYPES,
    OUTPUT_TYPES,
    base_type,
    canonical_precision,
    canonical_type,
    is_heavy,
)

INSERTED_SUFFIX = ", inserted"
ENDS = "input and output"
_HEAVY_OPERATIONS = {
    "FullyConnected": "MatMul", "Gemm": "MatMul", "Deconvolution": "ConvolutionBackpropData",
}  # fmt: skip
"""What a layer computes whose type is called otherwise than the operation."""


@dataclass(frozen=True)
class Executed:
    """Layers of a cell with the same main operation, layer type and precision, of one run.

    ``op_type`` is that of the source op with most FLOP that their names tell, None for those that
    carry none; ``tied`` says whether the layers carry any source op, its type known or not.
    ``time_us`` is the sum of their medians over the profile launches.
    """

    cell_id: str
    run_id: str
    op_type: str | None
    tied: bool
    node_type: str
    runtime_precision: str
    layers: int
    time_us: float


@dataclass(frozen=True)
class OperatorTime:
    """What a cell spends on an operation in one precision: layers, µs, share of all its layers."""

    operator: str
    precision: str
    layers: int
    time_us: float
    share: float


def operator_times(rows: Iterable[Executed]) -> tuple[OperatorTime, ...]:
    """What the layers of one cell spend by operation and precision, the longest first.

    A layer counts for its source op with most FLOP, a convolution or matrix product always as
    that: names that are stored of it may be those of its bias alone. One that carries no source
    op counts for its own type and is marked as inserted, unless no layer of the cell carries
    any. Shares are 0 where no layer took a microsecond.
    """
    kept = list(rows)
    total_us = math.fsum(row.time_us for row in kept)
    any_tied = any(row.tied for row in kept)
    sums: dict[tuple[str, str], list[Executed]] = {}
    for row in kept:
        key = operator_name(row, any_tied=any_tied), canonical_precision(row.runtime_precision)
        sums.setdefault(key, []).append(row)
    found = [
        OperatorTime(operator, precision, sum(row.layers for row in own), us, _share(us, total_us))
        for (operator, precision), own in sums.items()
        for us in (math.fsum(row.time_us for row in own),)
    ]
    return tuple(sorted(found, key=lambda one: (-one.time_us, one.operator, one.precision)))


def at_pace(times: Iterable[OperatorTime], by: float) -> tuple[OperatorTime, ...]:
    """The same with their times divided, as ``results.network_pace`` says; shares stay."""
    return tuple(replace(one, time_us=one.time_us / by) for one in times)


def operator_name(row: Executed, *, any_tied: bool) -> str:
    """The main operation of layers, or their own type; inserted ones say so."""
    kind = canonical_type(row.node_type)
    if kind in INPUT_TYPES | OUTPUT_TYPES:
        return ENDS
    if is_heavy((kind,)) and not is_heavy((row.op_type or "",)):
        return _HEAVY_OPERATIONS.get(kind, kind)
    if row.op_type is not None:
        return base_type(row.op_type)
    return f"{kind}{INSERTED_SUFFIX}" if any_tied and not row.tied else kind


def by_operator(times: Iterable[OperatorTime]) -> tuple[OperatorTime, ...]:
    """The same with all precisions of an operation put together, told from the longest on."""
    sums: dict[str, list[OperatorTime]] = {}
    for one in times:
        sums.setdefault(one.operator, []).append(one)
    found = [
        OperatorTime(
            operator,
            ", ".join(one.precision for one in own),
            sum(one.layers for one in own),
            math.fsum(one.time_us for one in own),
            math.fsum(one.share for one in own),
        )
        for operator, own in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.time_us, one.operator)))


def by_precision(times: Iterable[OperatorTime]) -> tuple[OperatorTime, ...]:
    """The same with all operations of a precision put together, under the name ``all``."""
    every = by_operator([replace(one, operator=one.precision) for one in times])
    return tuple(replace(one, operator="all", precision=one.operator) for one in every)


def inserted_times(times: Iterable[OperatorTime]) -> tuple[OperatorTime, ...]:
    """Those of layers that carry no source op, by their layer type."""
    return tuple(one for one in times if one.operator.endswith(INSERTED_SUFFIX))


@dataclass(frozen=True)
class OperatorShares:
    """An operation's share of the layers' time in several cells, 0 where a cell has none of it."""

    operator: str
    shares: tuple[float, ...]


def shares_beside(cells: Sequence[Sequence[OperatorTime]], most: int) -> tuple[OperatorShares, ...]:
    """The operations of several cells side by side, those with the largest share first.

    From the ``most``-th on they are put together in one row, which says how many they are;
    what takes no time anywhere is left out.
    """
    by_cell = [{one.operator: one.share for one in by_operator(times)} for times in cells]
    names = {name for found in by_cell for name in found}
    every = [
        OperatorShares(name, tuple(found.get(name, 0.0) for found in by_cell))
        for name in sorted(names)
    ]
    told = sorted((one for one in every if max(one.shares) > 0), key=lambda one: -max(one.shares))
    if len(told) <= most:
        return tuple(told)
    rest = told[most - 1 :]
    sums = tuple(math.fsum(shares) for shares in zip(*(one.shares for one in rest), strict=True))
    return (*told[: most - 1], OperatorShares(f"{len(rest)} other operations", sums))


def _share(part_us: float, total_us: float) -> float:
    return part_us / total_us if total_us > 0 else 0.0
