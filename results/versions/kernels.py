"""Which kernel ran a layer, whatever a version of OpenVINO calls it.

The CPU plugin writes a kernel as tokens: an implementation (``jit``, ``brgconv``, ``gemm``,
``ref``), an instruction set, ``dw`` or ``1x1``, and the precision of the first input. The
precision is spelled ``_FP32`` up to 2023.0 and ``_f32`` from 2023.3, ``_I8`` stood for both
kinds of 8 bits and for u8 since; layer types were renamed too. A change of spelling is no
change of kernel; nothing else is known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from results.comparison import LayerSide
from results.kinds import canonical_precision, canonical_type, is_float, is_half, is_int8

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


def same_kernels(before: Iterable[LayerSide], after: Iterable[LayerSide]) -> bool:
    """Whether two sets of layers ran on the same kernels.

    A kernel that is not known is no evidence of a change.
    """
    left, right = sorted(map(kernel_of, before)), sorted(map(kernel_of, after))
    if not all(kernel.stem for kernel in (*left, *right)):
        return len(left) == len(right)
    return left == right


def spelled(layer: LayerSide) -> str:
    """The primitive as today's OpenVINO spells it: ``jit_avx512_dw_f32``."""
    tokens, precision = _split(layer.primitive)
    return "_".join([*tokens, *([precision] if precision else [])])


def stem_of(layer: LayerSide) -> str:
    """The kernel without its precision, ``jit_avx512_dw``; the primitive where it is unknown."""
    return kernel_of(layer).stem or spelled(layer) or "an unknown kernel"


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
    if is_int8(precision):
        return "int8"
    return precision if is_half(precision) or is_float(precision) else precision or "unknown"


def _split(primitive: str) -> tuple[list[str], str]:
    """The tokens without the precision, and the precision as it is spelled today."""
    tokens = primitive.split("_") if primitive else []
    if not tokens:
        return [], ""
    last = _PRECISION_TOKENS.get(tokens[-1], tokens[-1])
    return (tokens[:-1], last) if last in _MODERN_TOKENS | {"bool"} else (tokens, "")
