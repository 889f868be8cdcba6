"""The CPU flags that decide which kernels are chosen, under one set of names.

The names are Linux's (``/proc/cpuinfo``), for x86 and Arm; what macOS calls them is
translated to these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from results.isa import best_isa, ceiling, has_int8_instructions

_X86 = (
    "sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx_vnni_int8", "avx512f",
    "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile",
    "amx_int8", "amx_bf16", "amx_fp16",
)  # fmt: skip
_ARM = (
    "neon", "asimd", "asimdhp", "asimddp", "i8mm", "bf16", "sve", "sve2", "svei8mm", "svebf16",
    "sme",
)  # fmt: skip
_ARM_INT8 = frozenset({"asimddp", "i8mm", "svei8mm"})
# Darwin's names: xnu, osfmk/i386/cpuid.c and the sysctl node hw.optional.
_DARWIN = {
    "SSE4.1": "sse4_1", "SSE4.2": "sse4_2", "AVX1.0": "avx", "F16C": "f16c", "FMA": "fma",
    "AVX2": "avx2", "AVX512F": "avx512f", "AVX512BW": "avx512bw", "AVX512DQ": "avx512dq",
    "AVX512VL": "avx512vl", "AVX512VNNI": "avx512_vnni",
}  # fmt: skip
_DARWIN_ARM = {
    "hw.optional.AdvSIMD": "asimd", "hw.optional.arm.AdvSIMD": "asimd",
    "hw.optional.arm.FEAT_FP16": "asimdhp", "hw.optional.arm.FEAT_DotProd": "asimddp",
    "hw.optional.arm.FEAT_I8MM": "i8mm", "hw.optional.arm.FEAT_BF16": "bf16",
    "hw.optional.arm.FEAT_SME": "sme",
}  # fmt: skip


def telling_flags(present: Collection[str]) -> tuple[str, ...]:
    """Of a CPU's flags those that matter here, in a fixed order."""
    return tuple(flag for flag in (*_X86, *_ARM) if flag in present)


def darwin_flags(sysctl: Mapping[str, str]) -> tuple[str, ...]:
    """The same from what ``sysctl -a`` tells on macOS."""
    x86 = " ".join(
        sysctl.get(f"machdep.cpu.{key}", "") for key in ("features", "leaf7_features")
    ).split()
    arm = [flag for key, flag in _DARWIN_ARM.items() if sysctl.get(key) == "1"]
    return telling_flags({_DARWIN[name] for name in x86 if name in _DARWIN} | set(arm))


def missing_int8(flags: Collection[str]) -> str | None:
    """What the CPU has instead of 8-bit dot products; None where it has them, or is not known."""
    isa = best_isa(flags, None)
    if isa is not None:
        limit = ceiling(flags, None, "f32")
        told = limit is not None and not has_int8_instructions(isa)
        return f"{isa}, at most {limit.high:g} times FP32" if limit and told else None
    is_arm = "asimd" in flags or "neon" in flags
    return "Arm without dot product and i8mm" if is_arm and not _ARM_INT8 & set(flags) else None
