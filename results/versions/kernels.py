"""Which kernel ran a layer, whatever a version of OpenVINO calls it.

The CPU plugin writes a kernel as tokens: an implementation (``jit``, ``brgconv``, ``gemm``,
``ref``), an instruction set, ``dw`` or ``1x1``, and the precision of the first input. The
precision is spelled ``_FP32`` up to 2023.0 and ``_f32`` from 2023.3, ``_I8`` stood for both
kinds of 8 bits and for u8 since; layer types were renamed too. A change of spelling is no
change of kernel; nothing else is known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from results.comparison import LayerSide
from results.kinds import canonical_precision, canonical_type, is_int8

_PRECISION_TOKENS = {
    "FP32": "f32", "BF16": "bf16", "FP16": "f16", "FP64": "f64", "U8": "I8", "INT8": "I8",
    "I32": "i32", "I64": "i64", "BIN": "bin", "BOOL": "bool",
}  # fmt: skip
_MODERN_TOKENS = frozenset({"f32", "bf16", "f16", "f64", "i8", "I8", "u8", "i32", "i64", "bin"})
_UNKNOWN = frozenset({"", "unknown", "undef"})
_NOTHING_SAID = frozenset({"any"})
"""Tokens that say nothing: ``ref_any`` is ``ref``."""


@dataclass(frozen=True, order=True)
class Kernel:
    """What ran a layer: its type and implementation, without precision; one spelling each.

    ``stem`` is empty where the plugin does not say what ran.
    """

    node_type: str
    stem: str


def kernel_of(layer: LayerSide) -> Kernel:
    """The kernel of an executed layer."""
    tokens, _ = _split(layer.primitive)
    telling = [token for token in tokens if token not in _NOTHING_SAID]
    stem = "_".join(telling)
    return Kernel(canonical_type(layer.node_type), "" if stem in _UNKNOWN else stem)


def ran_alike(before: Sequence[LayerSide], after: Sequence[LayerSide]) -> bool:
    """Whether the plugin tells the very same of both sides, layer by layer: nothing changed.

    So it is of most layers; where it is not, they may be spelled otherwise and still be alike.
    """
    return [_as_told(layer) for layer in before] == [_as_told(layer) for layer in after]


def _as_told(layer: LayerSide) -> tuple[str, str, str]:
    return layer.node_type, layer.primitive, layer.runtime_precision


def same_kernels(before: Iterable[LayerSide], after: Iterable[LayerSide]) -> bool:
    """Whether two sets of as many layers ran on the same kernels.

    A kernel that is not known is no evidence of a change, nor does it hide one of others.
    """
    return not all(changed_kernels(before, after))


def changed_kernels(
    before: Iterable[LayerSide], after: Iterable[LayerSide]
) -> tuple[list[Kernel], list[Kernel]]:
    """The known kernels of each side that the other one surely does not have.

    Two sides of as many layers differ where both have one. Kernels that both have are taken
    out in pairs, unknown ones with their like, then each that is left with an unknown one of
    the other side, of a layer of the same type.
    """
    return _apart(map(kernel_of, before), map(kernel_of, after))


def changed_widths(
    before: Iterable[LayerSide], after: Iterable[LayerSide]
) -> tuple[list[Kernel], list[Kernel]]:
    """The same for the widths of layers, as kernels without a type and named by the width.

    What a layer ran in may be unknown too, such as a ``ref_any`` of OpenVINO 2021.2.
    """
    sides = [[Kernel("", _known_width(layer)) for layer in side] for side in (before, after)]
    return _apart(*sides)


def _apart(before: Iterable[Kernel], after: Iterable[Kernel]) -> tuple[list[Kernel], list[Kernel]]:
    mine, others = sorted(before), sorted(after)
    if mine == others:  # as of most layers: nothing needs to be counted
        return [], []
    left, right = Counter(mine), Counter(others)
    return _without(left - right, right - left), _without(right - left, left - right)


def _without(mine: Counter[Kernel], other: Counter[Kernel]) -> list[Kernel]:
    """The known ones of ``mine`` that no unknown one of the other side can be."""
    free = Counter({kernel.node_type: n for kernel, n in other.items() if not kernel.stem})
    left = []
    for kernel in sorted(mine.elements()):
        if kernel.stem and free[kernel.node_type]:
            free[kernel.node_type] -= 1
        elif kernel.stem:
            left.append(kernel)
    return left


def spelled(layer: LayerSide) -> str:
    """The primitive as today's OpenVINO spells it: ``jit_avx512_dw_f32``."""
    tokens, precision = _split(layer.primitive)
    return "_".join([*tokens, *([precision] if precision else [])])


def precision_of(layer: LayerSide) -> str:
    """In what a layer ran, in one spelling; from the kernel's name where nothing else tells.

    OpenVINO 2021.2 has no runtime precision.
    """
    told = canonical_precision(layer.runtime_precision)
    if told and told not in {"unspecified", "undefined", "undef"}:
        return told
    return canonical_precision(_split(layer.primitive)[1])


def width_of(layer: LayerSide) -> str:
    """``int8``, ``bf16``, ``f16`` or ``f32``: signed or not is no difference."""
    precision = precision_of(layer)
    return "int8" if is_int8(precision) else precision or "unknown"


def _known_width(layer: LayerSide) -> str:
    """``width_of``; empty where it is not known."""
    width = width_of(layer)
    return "" if width in _UNKNOWN else width


@lru_cache(maxsize=4096)
def _split(primitive: str) -> tuple[tuple[str, ...], str]:
    """The tokens without the precision, and the precision as it is spelled today."""
    tokens = tuple(primitive.split("_")) if primitive else ()
    if not tokens:
        return (), ""
    last = _PRECISION_TOKENS.get(tokens[-1], tokens[-1])
    return (tokens[:-1], last) if last in _MODERN_TOKENS | {"bool"} else (tokens, "")
