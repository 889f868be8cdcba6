"""How near layers come to what the device can do, and how fast INT8 could be here at most.

Holds what groups do (``results.work``) against measured peaks (the roofline) and against
the instruction set's factors (the ceiling). Formulas, sources and limits: docs/ceiling.md.
Pure; peaks are read in ``results.peak_queries``, the factors stand in ``results.isa``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from results.comparison import CellView, Group, Inserted, LayerSide
from results.facts import Peak, SourceOp
from results.groups import heavy_layers
from results.inserted import BASELINE
from results.isa import Ceiling, ceiling
from results.kinds import canonical_precision, is_float, is_int8, is_int8_variant
from results.roof import GroupRoof, ModelCeiling, Peaks
from results.work import Work, element_bytes, model_batch, readers, weights_read, work_of

FLOPS, BANDWIDTH = "flops", "bandwidth"
"""The two kinds of a peak."""

CACHE_OVER_COPY = 2
"""A cache holds so many times what the copy that measured it read and wrote."""
_INT8 = "int8"
_INT8_BYTES = 1.0
_GIGA = 1e9
_US_PER_S = 1e6


@dataclass(frozen=True)
class _Setting:
    """How one side ran: its batch over the model's, and what its times are per."""

    cell: CellView
    items: float
    per: float
    model_weights: int


@dataclass(frozen=True)
class _Roof:
    """The least time that the peaks allow a group, in µs: computing, and moving data."""

    compute_us: float
    memory_us: float

    @property
    def least_us(self) -> float:
        return max(self.compute_us, self.memory_us)


def peak_flops(peaks: Peaks, precision: str) -> float | None:
    """The most operations per second that ran in this precision; None where not measured."""
    wanted = _compute_kind(precision)
    rates = [
        row.value * _GIGA
        for row in _rows(peaks, FLOPS)
        if _compute_kind(row.executed_precision) == wanted
    ]
    return max(rates, default=None)


def peak_bandwidth(peaks: Peaks, size_bytes: float) -> float | None:
    """Bytes per second for data of this size; None where not measured.

    Bandwidth falls with the size, from cache to memory. A copy in a cache was measured at half
    of what the cache holds, so that it stands for data of up to twice its size; larger data
    come from the next level, the largest from memory.
    """
    rows = sorted(_rows(peaks, BANDWIDTH), key=lambda row: row.working_set_bytes)
    holding = (row for row in rows if CACHE_OVER_COPY * row.working_set_bytes >= size_bytes)
    row = next(holding, rows[-1] if rows else None)
    return None if row is None else row.value * _GIGA


def ridge(peaks: Peaks, precision: str) -> float | None:
    """Operations per byte from memory above which computing is what limits; None if unknown."""
    flops, bandwidth = peak_flops(peaks, precision), peak_bandwidth(peaks, math.inf)
    return None if flops is None or bandwidth is None else flops / bandwidth


def _rows(peaks: Peaks, kind: str) -> tuple[Peak, ...]:
    return tuple(row for row in peaks.rows if row.kind == kind and row.value > 0)


def _compute_kind(precision: str) -> str:
    """Signed and unsigned bytes run at one speed."""
    return _INT8 if is_int8(precision) else canonical_precision(precision)


def with_roofs(
    groups: Sequence[Group],
    baseline: CellView,
    candidate: CellView,
    ops: Sequence[SourceOp],
    peaks: Peaks | None,
) -> tuple[Group, ...]:
    """The groups with their roofs; those whose ops are not known keep None.

    ``ops`` are the source ops of the model's float variant. Times, operations and bytes are
    per inference of the cell, in throughput per item. ``gflop`` is the candidate's. Peaks
    hold for the device that they were measured on alone, and for a throughput cell only
    where they were measured on the whole of it.
    """
    by_name, read_by = {op.op_name: op for op in ops}, readers(ops)
    weights, batch = sum(map(weights_read, ops)), model_batch(ops)
    sides = [_setting(cell, batch, weights) for cell in (baseline, candidate)]
    found = []
    for group in groups:
        work = work_of(group.source_ops, by_name, read_by)
        counted = work.flops or work.activations or work.weights
        roof = _group_roof(group, work, sides[0], sides[1], peaks) if counted else None
        found.append(replace(group, roof=roof))
    return tuple(found)


def _setting(cell: CellView, batch: int, model_weights: int) -> _Setting:
    per = float(cell.batch) if cell.is_throughput else 1.0
    return _Setting(cell, cell.batch / batch, per, model_weights)


def _group_roof(
    group: Group, work: Work, baseline: _Setting, candidate: _Setting, peaks: Peaks | None
) -> GroupRoof:
    precision_a, precision_b = _precision(group.baseline), _precision(group.candidate)
    roof_a = _roof(work, precision_a, baseline, peaks)
    roof_b = _roof(work, precision_b, candidate, peaks)
    heavy = precision_a if heavy_layers(group.baseline) else None
    top = None if heavy is None else _ceiling(baseline.cell, candidate.cell, heavy)
    moving_us = None if peaks is None else _memory_us(work, _INT8_BYTES, baseline, peaks)
    return GroupRoof(
        gflop=work.flops * candidate.items / candidate.per / _GIGA,
        baseline_bytes=_bytes(work, precision_a, baseline),
        candidate_bytes=_bytes(work, precision_b, candidate),
        baseline_share=_share(roof_a, group.baseline_us),
        candidate_share=_share(roof_b, group.candidate_us),
        possible=_possible(top, roof_a, moving_us),
        memory_bound=None if roof_b is None else roof_b.memory_us > roof_b.compute_us,
    )


def _precision(layers: Sequence[LayerSide]) -> str | None:
    """What a side ran in: the precision of its longest convolution or product, else layer."""
    telling = heavy_layers(layers) or tuple(layers)
    if not telling:
        return None
    return max(telling, key=lambda layer: layer.time_us).runtime_precision


def _bytes(work: Work, precision: str | None, setting: _Setting) -> float:
    """Bytes that a side has to move; 0 where it has no layer there."""
    if precision is None:
        return 0.0
    elements = work.activations * setting.items + work.weights
    return elements * element_bytes(precision) / setting.per


def _roof(
    work: Work, precision: str | None, setting: _Setting, peaks: Peaks | None
) -> _Roof | None:
    """The least time at the peaks; None where they do not tell it, or not for this cell."""
    if peaks is None or precision is None or not _holds(peaks, setting.cell):
        return None
    memory_us = _memory_us(work, element_bytes(precision), setting, peaks)
    flops = peak_flops(peaks, precision) if work.flops else math.inf
    if memory_us is None or flops is None:
        return None
    compute_s = work.flops * setting.items / flops
    return _Roof(compute_s * _US_PER_S / setting.per, memory_us)


def _memory_us(work: Work, size: float, setting: _Setting, peaks: Peaks) -> float | None:
    """The least time that moving the data takes, with elements of so many bytes.

    Activations were just written by the layer before: they come from as near as a group's
    own data fit. Weights come round once per inference: from as near as all of the model's
    fit, for every layer's weights go through the caches in between.
    """
    activation_bytes = work.activations * setting.items * size
    near = peak_bandwidth(peaks, activation_bytes)
    far = peak_bandwidth(peaks, setting.model_weights * size)
    if near is None or far is None:
        return None
    memory_s = activation_bytes / near + work.weights * size / far
    return memory_s * _US_PER_S / setting.per


def _holds(peaks: Peaks, cell: CellView) -> bool:
    """Whether a cell ran on what the peaks were measured on."""
    if peaks.device_id != cell.device_id:
        return False
    told = {row.threads for row in peaks.rows if row.threads is not None}
    if cell.threads is not None:
        return told == {cell.threads}
    return peaks.whole_device or not cell.is_throughput


def _share(roof: _Roof | None, time_us: float) -> float | None:
    return roof.least_us / time_us if roof and 0 < time_us < math.inf else None


def _possible(top: Ceiling | None, roof: _Roof | None, moving_us: float | None) -> float | None:
    """How many times as fast the group could be at most in INT8 as in the baseline's precision.

    Without peaks the instruction set's factor. With them the baseline's roof over that of
    INT8: computing shrinks by the factor, moving data of a byte each takes ``moving_us``, and
    the longer of the two counts.
    """
    if top is None or roof is None or moving_us is None:
        return None if top is None else top.high
    least_us = max(roof.compute_us / top.high, moving_us)
    return roof.least_us / least_us if least_us else top.high


def _ceiling(baseline: CellView, candidate: CellView, precision: str) -> Ceiling | None:
    """The factor for a layer; None unless INT8 stands against a float layer of the device."""
    comparable = is_int8_variant(candidate.variant_kind) and not is_int8_variant(
        baseline.variant_kind
    )
    if not comparable or not is_float(precision) or baseline.device_id != candidate.device_id:
        return None
    return ceiling(candidate.isa_flags, candidate.isa_cap, precision)


def model_ceiling(
    baseline: CellView,
    candidate: CellView,
    groups: Sequence[Group],
    inserted: Sequence[Inserted],
    baseline_us: float,
) -> ModelCeiling | None:
    """How many times as fast INT8 could be at most as the baseline was, the whole model.

    Amdahl's law (G. M. Amdahl, AFIPS 1967): the time of each convolution and matrix product
    shrinks by the ceiling of what it ran in, everything else stays: other layers, and what of
    ``baseline_us``, the baseline's wall time per inference or item, no layer accounts for.
    ``layer_low`` and ``layer_high`` are those of the precision that most of that time ran
    in. None unless an INT8 candidate stands against a float baseline of the same device
    whose instruction set is known, and where no time of such layers is.
    """
    layers = [layer for group in groups for layer in group.baseline]
    times = _heavy_us(layers)
    tops = {precision: _ceiling(baseline, candidate, precision) for precision in times}
    known = {precision: top for precision, top in tops.items() if top is not None}
    if not known:
        return None
    removed = [node.layer for node in inserted if node.side == BASELINE]
    all_us = math.fsum(layer.time_us for layer in (*layers, *removed))
    total_us = max(baseline_us, all_us)
    if not math.isfinite(total_us):
        return None
    saved_us = math.fsum(times[name] * (1.0 - 1.0 / top.high) for name, top in known.items())
    main = known[max(known, key=lambda name: (times[name], name))]
    return ModelCeiling(
        isa=main.isa.value,
        layer_low=main.low,
        layer_high=main.high,
        model=total_us / (total_us - saved_us),
        heavy_share=math.fsum(times.values()) / total_us,
    )


def _heavy_us(layers: Sequence[LayerSide]) -> dict[str, float]:
    """Time of convolutions and matrix products by the precision they ran in, where any."""
    times: dict[str, float] = {}
    for layer in heavy_layers(layers):
        if layer.time_us > 0:
            precision = layer.runtime_precision
            times[precision] = times.get(precision, 0.0) + layer.time_us
    return times
