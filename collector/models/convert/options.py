"""What ``convert`` is asked to do, read from the options' old spelling.

The values are written as the Model Optimizer took them: ``input[127.5,127.5,127.5]``,
``[1,224,224,3]``, ``input(nhwc->nchw)``. Whether they fit the model is not known here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from results.errors import UsageError

_GROUP = re.compile(r"\s*([^\[\](),]*?)\s*[\[(]([^\[\]()]*)[\])]\s*(,|$)")
_LAYOUT = re.compile(r"[A-Za-z?.]+")


@dataclass(frozen=True)
class Values:
    """One number, or one per channel, for an input; None means the input in the same place."""

    input_name: str | None
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class LayoutChange:
    """The layout that the model's input has, and the one that the converted model shall take."""

    input_name: str | None
    source: str
    target: str


@dataclass(frozen=True)
class ConvertOptions:
    """Everything that decides what the converted model looks like."""

    inputs: tuple[str, ...] = ()
    input_shapes: tuple[tuple[int, ...], ...] = ()
    outputs: tuple[str, ...] = ()
    means: tuple[Values, ...] = ()
    scales: tuple[Values, ...] = ()
    reverse_channels: bool = False
    layouts: tuple[LayoutChange, ...] = ()
    half_weights: bool = False

    def to_json(self) -> str:
        """The options as text; equal options give equal text."""
        return json.dumps(asdict(self), sort_keys=True)


def names(option: str, text: str | None) -> tuple[str, ...]:
    """Names with commas between them."""
    if text is None:
        return ()
    found = tuple(name.strip() for name in text.split(","))
    if not all(found) or any("->" in name for name in found):
        raise _not_understood(option, text, "names with commas between them, such as a,b")
    if len(set(found)) < len(found):
        raise UsageError(f"{option} {text} names one twice", hint="name each once")
    return found


def shapes(option: str, text: str | None) -> tuple[tuple[int, ...], ...]:
    """Shapes such as ``[1,224,224,3]``, ``1,224,224,3`` or ``[1,3],[1,4]``."""
    return tuple(_shape(option, text or "", part) for _, part in _groups(option, text))


def _shape(option: str, text: str, part: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(size) for size in part.replace(" ", ",").split(",") if size)
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise _not_understood(option, text, "sizes of 1 or more, such as [1,224,224,3]")
    return sizes


def values(option: str, text: str | None, *, divisors: bool = False) -> tuple[Values, ...]:
    """Numbers per channel, such as ``input[127.5,127.5,127.5]``; divisors are not zero."""
    return tuple(
        Values(name, _numbers(option, text or "", part, divisors=divisors))
        for name, part in _groups(option, text)
    )


def _numbers(option: str, text: str, part: str, *, divisors: bool) -> tuple[float, ...]:
    try:
        found = tuple(float(number) for number in part.split(","))
    except ValueError:
        found = ()
    if not found or not all(math.isfinite(number) for number in found):
        raise _not_understood(option, text, "numbers, such as input[127.5,127.5,127.5]")
    if divisors and 0 in found:
        raise UsageError(f"{option} {text} divides by zero", hint="give numbers other than 0")
    return found


def layouts(option: str, text: str | None) -> tuple[LayoutChange, ...]:
    """Layouts such as ``nhwc``, ``input(nhwc)`` or ``NHWC->NCHW``."""
    return tuple(_layout(option, text or "", *group) for group in _groups(option, text))


def _layout(option: str, text: str, name: str | None, part: str) -> LayoutChange:
    sides = [side.strip().upper() for side in part.split("->")]
    if not 1 <= len(sides) <= 2 or not all(_LAYOUT.fullmatch(side) for side in sides):
        raise _not_understood(option, text, "a letter per axis, such as nhwc or input(nhwc->nchw)")
    return LayoutChange(name, sides[0], sides[-1])


def _groups(option: str, text: str | None) -> Iterator[tuple[str | None, str]]:
    """The input's name, if there is one, and the values of every group in brackets."""
    if text is None:
        return
    if not re.search(r"[\[\]()]", text):
        yield None, text
        return
    place, more = 0, True
    while more:
        group = _GROUP.match(text, place)
        if group is None:
            raise _not_understood(option, text, "values in brackets, such as input[1,2,3]")
        yield group[1] or None, group[2]
        place, more = group.end(), group[3] == ","


def _not_understood(option: str, text: str, wanted: str) -> UsageError:
    return UsageError(f"{option} {text!r} is not understood", hint=f"give {wanted}")
