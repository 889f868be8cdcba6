"""The catalogue: every cause declared once, with its words and its rule.

What the rules see is decided in ``conversions``, ``kernels`` and ``limits``; each cause is
explained, with an example, in docs/causes.md, which a test holds to these words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from results.causes import conversions, kernels, limits
from results.causes.case import MEDIUM, Case, Finding

HIGH = "high"

_ALL = "all the time of these layers"
_NONE = "none: a bound, no loss"


@dataclass(frozen=True)
class Cause:
    """A named reason for a difference.

    ``seen_when`` is the evidence that is asked for, ``recoverable`` says which µs count as
    recoverable, ``detector`` is the rule itself. A finding may lower ``confidence``.
    """

    cause_id: str
    title: str
    seen_when: str
    recoverable: str
    action: str
    confidence: str
    detector: Callable[[Case], Finding | None]


CATALOGUE: tuple[Cause, ...] = (
    Cause(
        "lone_fake_quantize",
        "Quantisation runs as a layer of its own",
        "a FakeQuantize is executed as a node of its own where float has none",
        _ALL,
        "feed data of the type that the next layer reads, or let the layer before write that type",
        HIGH,
        conversions.lone_fake_quantize,
    ),
    Cause(
        "inserted_reorders",
        "Data is converted between layers",
        "the candidate runs Reorders or Converts where float has none",
        _ALL,
        "keep neighbours in one precision: quantise the layers between, or try a newer OpenVINO",
        HIGH,
        conversions.inserted_reorders,
    ),
    Cause(
        "unfused_activation",
        "An activation that float fuses is a layer of its own",
        "an activation is a layer of its own in INT8 and part of another one in float",
        _ALL,
        "use an activation that fuses in INT8 (ReLU6 for h-swish), or try a newer OpenVINO",
        HIGH,
        conversions.unfused_activation,
    ),
    Cause(
        "fallback_kernel",
        "An INT8 layer runs on a kernel of last resort",
        "an INT8 convolution or matrix product runs on ref, gemm_blas or jit_gemm, or on a kernel"
        " with narrower vectors than the device has, and its float twin does not",
        "their time less the float kernel's divided by the instruction set's ceiling",
        "try a newer OpenVINO, or leave these layers in float with an ignored scope",
        HIGH,
        kernels.fallback_kernel,
    ),
    Cause(
        "left_in_float",
        "Convolutions or matrix products still run in float",
        "a convolution or matrix product of the INT8 variant is executed in a float precision",
        "what the instruction set's ceiling would take off their time",
        "check the ignored scope and the layer's kind; try a newer OpenVINO or the full recipe",
        HIGH,
        kernels.left_in_float,
    ),
    Cause(
        "slower_kernel",
        "The INT8 kernel is slower than its float twin",
        "a layer has one twin in float and takes longer in INT8, alone or its whole type together",
        "what they take longer than in float",
        "leave these layers in float with an ignored scope, or try a newer OpenVINO",
        HIGH,
        kernels.slower_kernel,
    ),
    Cause(
        "lost_fusion",
        "What float runs as one layer is several in INT8",
        "a group is more layers in INT8 than in float, and the extra ones take more than the floor"
        " of a single layer",
        _ALL,
        "look at the layers for what stands between; try a newer OpenVINO",
        MEDIUM,
        conversions.lost_fusion,
    ),
    Cause(
        "native_int8",
        "Its framework's quantisation does not run in INT8 throughout",
        "the variant is int8-native, and causes above claim layers in float, conversions or"
        " quantisers of it",
        "none: the time stands under the causes that claim it",
        "quantise the float model with NNCF instead, and compare the two",
        MEDIUM,
        limits.native_int8,
    ),
    Cause(
        "no_int8_instructions",
        "The device has no INT8 instructions",
        "the CPU, or the cap, has neither VNNI nor AMX",
        _NONE,
        "expect little here; deploy INT8 on a CPU with VNNI or AMX, or lift the cap",
        HIGH,
        limits.no_int8_instructions,
    ),
    Cause(
        "baseline_is_bf16",
        "The float baseline ran in 16 bits",
        "over half of the baseline's convolution and matrix time ran in bf16 or f16",
        _NONE,
        "name the baseline that you would deploy; compare with fp32@f32 too",
        HIGH,
        limits.baseline_is_bf16,
    ),
    Cause(
        "little_to_gain",
        "Little of the time is in what INT8 speeds up",
        "convolutions and matrix products are under half of the float model's time, and INT8 is not"
        " faster than Amdahl's bound for that share",
        _NONE,
        "speed up the other layers first, or keep float",
        MEDIUM,
        limits.little_to_gain,
    ),
    Cause(
        "overhead_bound",
        "The model is so small that fixed cost dominates",
        "the inference takes under 1 ms, and half of it or more is in no layer or in layers of"
        " under 3 µs",
        _NONE,
        "infer several items at once (a larger batch, or throughput), or keep float",
        MEDIUM,
        limits.overhead_bound,
    ),
    Cause(
        "memory_bound",
        "Layers wait for data, not for arithmetic",
        "half of the layers' time or more is in convolutions and matrix products below the device's"
        " measured ridge; without measured peaks: at most 2 FLOP per byte, over 2 MiB in all",
        _NONE,
        "raise the batch, or make the weights smaller; expect 4x over f32 and 2x over bf16 at most",
        MEDIUM,
        limits.memory_bound,
    ),
)
