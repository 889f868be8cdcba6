"""Integer inputs and outputs of quantised networks: their scale and zero point.

A network that its framework quantised may take and give integers that stand for real
numbers, real = (integer - zero point) x scale (Jacob et al. 2018,
https://arxiv.org/abs/1712.05877, equation 1). The numbers are not written on the input: they
are found on the way from it to the first step that turns it into real numbers, a FakeQuantize
or Subtract and Multiply, and for an output on the way back to the FakeQuantize that made it.
Which inputs need the mapping is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import openvino as ov

_RANGES = {"i8": (-128, 127), "u8": (0, 255), "i16": (-32768, 32767), "u16": (0, 65535)}
_DTYPES = {"i8": np.int8, "u8": np.uint8, "i16": np.int16, "u16": np.uint16}
_Ranges: TypeAlias = tuple[float | None, float | None, float | None, float | None]
_MOVING = {"Transpose", "Reshape", "Squeeze", "Unsqueeze", "Convert"}
# Ranges are stored as float32: a zero point worked out from them is off by this at most.
_ZERO_POINT_SLACK = 0.02
_OUTSIDE = 0.1
_FILLED = 0.8


@dataclass(frozen=True)
class Quantisation:
    """real = (integer - ``zero_point``) x ``scale``; ``kind`` is i8, u8, i16 or u16."""

    scale: float
    zero_point: int
    kind: str


def quantise(values: NDArray[Any], quantisation: Quantisation) -> NDArray[Any]:
    """Real numbers as integers of the same shape; halves go to even, the rest is clipped."""
    low, high = _RANGES[quantisation.kind]
    steps = np.rint(values.astype(np.float64) / quantisation.scale) + quantisation.zero_point
    stored: NDArray[Any] = np.clip(steps, low, high).astype(_DTYPES[quantisation.kind])
    return stored


def dequantise(values: NDArray[Any], quantisation: Quantisation) -> NDArray[np.float32]:
    """Integers as the real numbers that they stand for, of the same shape."""
    steps = values.astype(np.float64) - quantisation.zero_point
    return (steps * quantisation.scale).astype(np.float32)


def covers(mapping: Quantisation, other: Quantisation) -> bool:
    """Whether the integers of both stand for nearly the same range of real numbers.

    A range is calibrated: a tenth of ``other`` may lie outside on either side, and a fifth of
    ``mapping`` may be left free. Where more is, the numbers are in other units: a network that
    goes on to subtract a mean, say, whose twin takes what comes out of that.
    """
    low, high = _RANGES[mapping.kind]
    ends = [(end - other.zero_point) * other.scale for end in _RANGES[other.kind]]
    first, last = (end / mapping.scale + mapping.zero_point for end in ends)
    slack = _OUTSIDE * (last - first)
    is_inside = first >= low - slack and last <= high + slack
    return is_inside and last - first >= _FILLED * (high - low)


def input_mappings(graph: ov.Model) -> tuple[Quantisation | None, ...]:
    """Per input what its integers stand for; None where none is found, or the input is real."""
    return tuple(_of_input(port) for port in graph.inputs)


def output_mappings(graph: ov.Model) -> tuple[Quantisation | None, ...]:
    """Per output what its integers stand for; None where none is found, or it is real."""
    return tuple(_of_output(port) for port in graph.outputs)


def _of_input(port: ov.Output) -> Quantisation | None:
    kind = port.get_element_type().get_type_name()
    if kind not in _RANGES:
        return None
    found = _below(port, kind)
    return found.pop() if len(found) == 1 else None  # readers that disagree tell nothing


def _below(port: ov.Output, kind: str) -> set[Quantisation]:
    """The mappings that the readers of an output put behind it."""
    found: set[Quantisation] = set()
    for target in port.get_target_inputs():
        op, is_data = target.get_node(), target.get_index() == 0
        if op.get_type_name() in _MOVING and is_data:
            found |= _below(op.output(0), kind)
        elif op.get_type_name() == "FakeQuantize" and is_data:
            found |= _mapping(_ranges(op), kind)
        elif op.get_type_name() == "Subtract" and is_data:
            found |= _scaled(op.output(0), _number(op.input(1).get_source_output()), kind)
        elif op.get_type_name() == "Multiply":
            found |= _mapping_of(_other(target), 0.0, kind)
        elif op.get_type_name() == "Divide" and is_data:
            found |= _mapping_of(_inverse(_other(target)), 0.0, kind)
    return found


def _scaled(port: ov.Output, zero_point: float | None, kind: str) -> set[Quantisation]:
    found: set[Quantisation] = set()
    for target in port.get_target_inputs():
        if target.get_node().get_type_name() == "Multiply":
            found |= _mapping_of(_other(target), zero_point, kind)
    return found


def _other(target: ov.Input) -> float | None:
    """The number on the other side of a Multiply or Divide."""
    return _number(target.get_node().input(1 - target.get_index()).get_source_output())


def _inverse(number: float | None) -> float | None:
    return 1 / number if number else None


def _of_output(port: ov.Output) -> Quantisation | None:
    kind = port.get_element_type().get_type_name()
    if kind not in _RANGES:
        return None
    op = port.get_node()
    while op.get_type_name() in _MOVING | {"Result"}:
        op = op.input(0).get_source_output().get_node()
    if op.get_type_name() != "FakeQuantize":
        return None
    real_low, real_high, low, high = _ranges(op)
    found = _mapping((low, high, real_low, real_high), kind)
    return found.pop() if found else None


def _ranges(op: ov.Node) -> _Ranges:
    """Input low and high, output low and high of a FakeQuantize."""
    low, high, out_low, out_high = (
        _number(op.input(place).get_source_output()) for place in range(1, 5)
    )
    return low, high, out_low, out_high


def _mapping(ranges: _Ranges, kind: str) -> set[Quantisation]:
    """The mapping that takes the integers low..high to the real numbers low..high."""
    low, high, real_low, real_high = ranges
    if low is None or high is None or real_low is None or real_high is None or low == high:
        return set()
    scale = (real_high - real_low) / (high - low)
    return _mapping_of(scale, low - real_low / scale if scale else None, kind)


def _mapping_of(scale: float | None, zero_point: float | None, kind: str) -> set[Quantisation]:
    if scale is None or zero_point is None or not scale > 0:
        return set()
    whole = round(zero_point)
    low, high = _RANGES[kind]
    if abs(zero_point - whole) > _ZERO_POINT_SLACK or not low <= whole <= high:
        return set()  # a mean that is subtracted, say, and no zero point
    return {Quantisation(scale, whole, kind)}


def _number(port: ov.Output) -> float | None:
    """The one number that a constant holds; None where it holds several, or is computed."""
    op = port.get_node()
    while op.get_type_name() in _MOVING:
        op = op.input(0).get_source_output().get_node()
    if op.get_type_name() != "Constant":
        return None
    values = np.unique(op.get_data())
    return float(values[0]) if values.size == 1 else None
