"""What INT8 could gain in theory on an instruction set.

Only instruction sets are known here: names of flags and caps in, factors out.
The factors are operations per cycle and core, INT8 over float, from the widths and
throughputs of the instructions (Intel 64 and IA-32 Architectures Optimization Reference
Manual, chapters on VNNI and AMX; design §6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from results.kinds import is_half


class Isa(StrEnum):
    """The instruction sets that decide how fast INT8 can be."""

    SSE42 = "SSE4.2"
    AVX2 = "AVX2"
    AVX2_VNNI = "AVX2-VNNI"
    AVX512 = "AVX-512 without VNNI"
    AVX512_VNNI = "AVX-512 VNNI"
    AMX = "AMX"


@dataclass(frozen=True)
class Ceiling:
    """At most this many times as fast: compute-bound from ``low`` to ``high``, memory-bound."""

    isa: Isa
    low: float
    high: float
    memory: float


_FLAGS = (
    (Isa.AMX, frozenset({"amx_int8"})),
    (Isa.AVX512_VNNI, frozenset({"avx512_vnni"})),
    (Isa.AVX2_VNNI, frozenset({"avx_vnni"})),
    (Isa.AVX512, frozenset({"avx512f", "avx512_core", "avx512bw"})),
    (Isa.AVX2, frozenset({"avx2"})),
    (Isa.SSE42, frozenset({"sse4_2", "sse4_1", "sse42", "sse41"})),
)
_ALLOWED_BY_CAP = {
    "SSE41": frozenset({Isa.SSE42}),
    "AVX": frozenset({Isa.SSE42}),
    "AVX2": frozenset({Isa.SSE42, Isa.AVX2}),
    "AVX2_VNNI": frozenset({Isa.SSE42, Isa.AVX2, Isa.AVX2_VNNI}),
    "AVX2_VNNI_2": frozenset({Isa.SSE42, Isa.AVX2, Isa.AVX2_VNNI}),
    "AVX512_CORE": frozenset({Isa.SSE42, Isa.AVX2, Isa.AVX512}),
    "AVX512_CORE_VNNI": frozenset(Isa) - {Isa.AMX},
    "AVX512_CORE_BF16": frozenset(Isa) - {Isa.AMX},
    "AVX512_CORE_FP16": frozenset(Isa) - {Isa.AMX},
}
_OVER_F32 = {
    Isa.SSE42: (2.7, 4.0),
    Isa.AVX2: (2.0, 2.0),
    Isa.AVX2_VNNI: (4.0, 4.0),
    Isa.AVX512: (1.33, 1.33),
    Isa.AVX512_VNNI: (4.0, 4.0),
    Isa.AMX: (32.0, 32.0),
}
_INT8_OVER_HALF = 2.0
_MEMORY_OVER_F32 = 4.0
_HAS_INT8_DOT = frozenset({Isa.AVX2_VNNI, Isa.AVX512_VNNI, Isa.AMX})


def best_isa(flags: Iterable[str], cap: str | None) -> Isa | None:
    """The best of the known instruction sets that the CPU has and the cap allows.

    None where the flags name none of them: another architecture, or not recorded.
    """
    present = {flag.lower() for flag in flags}
    allowed = _ALLOWED_BY_CAP.get(cap or "", frozenset(Isa))
    return next((isa for isa, any_of in _FLAGS if any_of & present and isa in allowed), None)


def has_int8_instructions(isa: Isa) -> bool:
    """Whether one instruction multiplies and accumulates 8-bit integers (VNNI, AMX)."""
    return isa in _HAS_INT8_DOT


def ceiling(flags: Iterable[str], cap: str | None, float_precision: str) -> Ceiling | None:
    """What INT8 can gain over a kernel of this float precision; None where not known.

    Over bf16 and f16 it is 2 for compute and memory; the rest is design §6's list.
    """
    isa = best_isa(flags, cap)
    if isa is None:
        return None
    if is_half(float_precision):
        return Ceiling(isa, _INT8_OVER_HALF, _INT8_OVER_HALF, _INT8_OVER_HALF)
    low, high = _OVER_F32[isa]
    return Ceiling(isa, low, high, _MEMORY_OVER_F32)
