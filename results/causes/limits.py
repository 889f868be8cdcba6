"""Causes that bound what INT8 can gain: the device, the baseline, the model.

They claim no layer and no time: nothing of them is won back by changing a layer. So they
are told where the layers' times explain nothing too. One pure function per cause.
"""

from __future__ import annotations

from results.causes.case import AT_INPUT, Case, Finding, names_of, plural, precision, sum_us
from results.comparison import Group, LayerSide
from results.groups import heavy_layers
from results.inserted import BASELINE, CANDIDATE
from results.isa import Ceiling, ceiling, has_int8_instructions
from results.kinds import is_float, is_half
from results.precision import whole_percent

LOW = "low"

MOST = 0.5
"""A bound is told where it holds for half of the time or more."""
TINY_US = 1000.0
"""An inference of a millisecond or more is not short, whatever no layer accounts for."""
SMALL_LAYER_US = 3.0
"""Counters are whole µs: of a shorter layer the start is as long as the work, and neither known."""
LOW_INTENSITY = 2.0
"""FLOP per byte where each byte that comes in is used for one multiplication and one addition.

A matrix times a vector has it. No CPU computes so slowly that this is not bound by memory, once
the data come from farther than a core's own cache.
"""
FAR_BYTES = 2 * 1024 * 1024
"""More than most cores' own cache (level 2) holds."""
_NATIVE = "int8-native"
_ENDS = frozenset({AT_INPUT, "the output"})
"""Where what the model is fed or hands out is converted, as ``Inserted.producer_op`` has it."""


def no_int8_instructions(case: Case) -> Finding | None:
    """A CPU, or a cap, without VNNI and AMX."""
    cell = case.candidate
    isa = case.isa
    top = ceiling(cell.isa_flags, cell.isa_cap, "f32")
    if isa is None or top is None or has_int8_instructions(isa):
        return None
    because = f"capped to {cell.isa_cap}" if cell.isa_cap else f"the best is {isa}"
    return Finding(0.0, f"no VNNI and no AMX ({because}): {_times(top)} over f32 by instructions")


def baseline_is_bf16(case: Case) -> Finding | None:
    """Most of the baseline's convolution and matrix time ran in bf16 or f16."""
    heavy = [layer for group in case.groups for layer in heavy_layers(group.baseline)]
    half = [layer for layer in heavy if is_half(precision(layer))]
    total, in_half = sum_us(heavy), sum_us(half)
    if total <= 0 or in_half <= MOST * total:
        return None
    names = " and ".join(sorted({precision(layer) for layer in half}))
    return Finding(
        0.0,
        f"{case.baseline.arm} spends {whole_percent(in_half / total)} of its convolution and matrix"
        f" time in {names}",
    )


def little_to_gain(case: Case) -> Finding | None:
    """Convolutions and matrix products are under half of float's inference; Amdahl's bound.

    Not where the candidate is faster than that bound: other layers gained too.
    """
    layers = case.layers_of(BASELINE)
    total = max(sum_us(layers), case.baseline_us or 0.0)
    share = sum_us(heavy_layers(layers)) / total if total > 0 else 1.0
    if share >= MOST:
        return None
    free = 1.0 / (1.0 - share)
    if case.baseline_us is not None and case.baseline_us >= free * case.candidate_us:
        return None
    return Finding(
        0.0,
        f"convolutions and matrix products are {100 * share:.0f} % of the float time: even if"
        f" they took none, the model would be {free:.2f}x as fast at most",
    )


def overhead_bound(case: Case) -> Finding | None:
    """Half of a short inference, or more, is in no layer or in layers too short to time."""
    layers = case.layers_of(CANDIDATE)
    wall_us = case.candidate_us * case.items
    if not layers or not 0 < wall_us < TINY_US:
        return None
    outside_us = max(0.0, wall_us - case.items * sum_us(layers))
    small = [layer for layer in layers if case.items * layer.time_us < SMALL_LAYER_US]
    small_us = case.items * sum_us(small)
    fixed_us = outside_us + small_us
    if fixed_us < MOST * wall_us:
        return None
    told = plural(len(small), "layer", "layers")
    return Finding(
        0.0,
        f"{outside_us:.0f} of {wall_us:.0f} µs are in no layer, {small_us:.0f} µs in {told}"
        f" of under {SMALL_LAYER_US:.0f} µs each",
    )


def memory_bound(case: Case) -> Finding | None:
    """Most of the candidate's time is in convolutions and products that wait for data.

    Layers that a cause before has claimed wait for something else: their kernel, or a precision.
    """
    heavy = [
        group
        for group in case.groups
        if group.roof and (layers := heavy_layers(group.candidate)) and all(map(case.free, layers))
    ]
    told = [group for group in heavy if group.roof and group.roof.memory_bound is not None]
    if told:
        bound = [group for group in told if group.roof and group.roof.memory_bound]
        return _bound(case, bound, "below the measured ridge", None)
    bound = [group for group in heavy if _intensity(group) <= LOW_INTENSITY]
    if _bytes(bound) < FAR_BYTES:
        return None
    by = "below any CPU's ridge"
    return _bound(case, bound, by, LOW)


def _bound(case: Case, groups: list[Group], by: str, confidence: str | None) -> Finding | None:
    executed_us = sum_us(case.layers_of(CANDIDATE))
    bound_us = sum(group.candidate_us for group in groups)
    if bound_us <= 0 or bound_us < MOST * executed_us:
        return None
    flops = sum(group.roof.gflop for group in groups if group.roof) * 1e9
    layers: list[LayerSide] = [one for group in groups for one in heavy_layers(group.candidate)]
    return Finding(
        0.0,
        f"{100 * bound_us / executed_us:.0f} % of the layers' time is in convolutions and matrix"
        f" products of {flops / _bytes(groups):.1f} FLOP per byte, {by}",
        names_of(layers),
        confidence=confidence,
    )


def _bytes(groups: list[Group]) -> float:
    return sum(group.roof.candidate_bytes for group in groups if group.roof)


def _intensity(group: Group) -> float:
    """FLOP per byte; above every bound where it is not counted."""
    roof = group.roof
    counted = roof is not None and roof.gflop > 0 and roof.candidate_bytes > 0
    return roof.gflop * 1e9 / roof.candidate_bytes if roof and counted else float("inf")


def native_int8(case: Case) -> Finding | None:
    """A network that came quantised, with layers that causes before found not to run in INT8.

    What is converted or quantised at an input or output says nothing about its structure:
    every quantised network may have that.
    """
    if case.candidate.variant_kind != _NATIVE:
        return None
    in_float = [
        layer
        for group in case.groups
        for layer in group.candidate
        if not case.free(layer) and is_float(precision(layer))
    ]
    added = [
        node
        for node in case.inserted
        if node.side == CANDIDATE
        and not node.shared
        and not case.free(node.layer)
        and not {node.producer_op, node.consumer_op} & _ENDS
    ]
    if not in_float and not added:
        return None
    return Finding(
        0.0,
        f"{plural(len(in_float), 'layer', 'layers')} in float and {len(added)} inside that only"
        " convert or quantise; their time stands under the other causes",
    )


def _times(top: Ceiling) -> str:
    return f"{top.low:g}x" if top.low == top.high else f"{top.low:g}-{top.high:g}x"
