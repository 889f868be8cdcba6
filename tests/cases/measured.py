"""Measured pairs: what is true of them, and which cells of the measured store they are.

The labels rest on how the networks are built (``measured_nets``) and on what the compiled
graphs show: which layers run in f32, how many Reorders there are. They name the machine's own
facts too: it has VNNI and bf16, and no AMX. ``make`` measures them.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.cases.labels import Half, Label, half_of, label, same

F32, DEFAULT, INT8, NATIVE = (
    "fp32@f32", "fp32@default", "int8-simplified@default", "int8-native@default",
)  # fmt: skip
OWN = ""
"""The collector's own OpenVINO, whichever it is."""


@dataclass(frozen=True)
class Place:
    """A cell of the measured store."""

    model: str
    arm: str
    isa_cap: str | None = None
    runtime: str = OWN


@dataclass(frozen=True)
class MeasuredCase:
    """A pair that was really measured, with its label."""

    name: str
    label: Label
    baseline: Place
    candidate: Place

    @property
    def half(self) -> Half:
        """The half that it belongs to."""
        return half_of(self.name)


_INPUT = "every network that NNCF quantised quantises its input in a layer of its own"
_AROUND = "layers in float need Reorders around them"
_MEASURED = "whether a kernel is slower is measured and not built in"
_GATES = "the sigmoid and the product of a spelled-out gate are operations of their own"
_LOW = "elementwise and depthwise layers do few operations per byte"
_SHORT = "in so short a network each microsecond is a large share"
_FLOAT_GATES = "the 16 small convolutions of the squeeze-and-excite gates do run in float"
_CLASSIFIER = "the classifier, a thousandth of the time, does run on jit_gemm"
_OLD = "old versions run multiplications of their own beside the layers"


def _pair(
    name: str, about: Label, model: str, baseline: str = F32, candidate: str = INT8, *,
    cap: str | None = None, runtime: str = OWN,
) -> MeasuredCase:  # fmt: skip
    return MeasuredCase(
        name, about, Place(model, baseline, cap, runtime), Place(model, candidate, cap, runtime)
    )


NETS = (
    _pair("measured_sound", label("dense convolutions in INT8", lone_fake_quantize=_INPUT),
          "dense_convolutions"),
    _pair("measured_half_baseline",
          label("dense convolutions; float ran in bf16", "baseline_is_bf16",
                lone_fake_quantize=_INPUT),
          "dense_convolutions", DEFAULT),
    _pair("measured_f32_against_half", label("float in bf16 against float in f32"),
          "dense_convolutions", F32, DEFAULT),
    _pair("measured_capped_to_avx2",
          label("dense convolutions, capped to AVX2", "no_int8_instructions",
                lone_fake_quantize=_INPUT, slower_kernel=_MEASURED, fallback_kernel=_CLASSIFIER),
          "dense_convolutions", cap="AVX2"),
    _pair("measured_same_on_avx2", same("there is no bf16 on AVX2: both arms run in f32"),
          "dense_convolutions", F32, DEFAULT, cap="AVX2"),
    _pair("measured_partly_quantised",
          label("an ignored scope holds 7 of 8 convolutions in float", "left_in_float",
                inserted_reorders=_AROUND, lone_fake_quantize=_INPUT),
          "partly_quantised"),
    _pair("measured_spelled_gates",
          label("x * sigmoid(x): fused in float, alone in INT8", "unfused_activation",
                lost_fusion=_GATES, lone_fake_quantize=_INPUT, memory_bound=_LOW),
          "spelled_gates"),
    _pair("measured_selu",
          label("SELUs run alone on the reference kernel on both sides, and take most of "
                "the time", "little_to_gain",
                lone_fake_quantize="a FakeQuantize runs behind each SELU, but takes little",
                inserted_reorders="float has them in the same places, with one step less",
                memory_bound=_LOW),
          "selu_layers"),
    _pair("measured_tiny",
          label("three tiny convolutions", "overhead_bound", little_to_gain=_SHORT,
                lone_fake_quantize=_SHORT, slower_kernel=_SHORT, inserted_reorders=_SHORT),
          "tiny_layers"),
    _pair("measured_tiny_half_baseline",
          label("three tiny convolutions against bf16", "overhead_bound", "baseline_is_bf16",
                little_to_gain=_SHORT, lone_fake_quantize=_SHORT, slower_kernel=_SHORT,
                inserted_reorders=_SHORT),
          "tiny_layers", DEFAULT),
    _pair("measured_wide_products",
          label("large products at batch 1", "memory_bound"), "wide_products"),
    _pair("measured_wide_products_half_baseline",
          label("large products at batch 1 against bf16", "memory_bound", "baseline_is_bf16"),
          "wide_products", DEFAULT),
)  # fmt: skip

SEED = (
    _pair("seed_on_2021",
          label("MobileNetV3-Large on 2021.4: depthwise convolutions and gates in f32, 42 "
                "Reorders", "left_in_float", "inserted_reorders", lone_fake_quantize=_INPUT,
                slower_kernel=_MEASURED, lost_fusion=_OLD, memory_bound=_LOW),
          "mobilenet_v3_large", runtime="2021.4.2"),
    _pair("seed_on_2022",
          label("MobileNetV3-Large on 2022.3: depthwise convolutions and gates in f32, 24 "
                "Reorders", "left_in_float", "inserted_reorders", lone_fake_quantize=_INPUT,
                slower_kernel=_MEASURED, lost_fusion=_OLD, memory_bound=_LOW),
          "mobilenet_v3_large", runtime="2022.3.2"),
    _pair("seed_on_2022_half_baseline",
          label("the same against bf16", "left_in_float", "inserted_reorders",
                "baseline_is_bf16", lone_fake_quantize=_INPUT, slower_kernel=_MEASURED,
                lost_fusion=_OLD, memory_bound=_LOW),
          "mobilenet_v3_large", DEFAULT, runtime="2022.3.2"),
    _pair("seed_today",
          label("MobileNetV3-Large today: depthwise convolutions in INT8, hardly a Reorder",
                left_in_float=_FLOAT_GATES, lone_fake_quantize=_INPUT,
                slower_kernel=_MEASURED, memory_bound=_LOW),
          "mobilenet_v3_large"),
    _pair("seed_today_half_baseline",
          label("the same against bf16", "baseline_is_bf16", left_in_float=_FLOAT_GATES,
                lone_fake_quantize=_INPUT, slower_kernel=_MEASURED, memory_bound=_LOW),
          "mobilenet_v3_large", DEFAULT),
)  # fmt: skip

MEASURED = (*NETS, *SEED)
"""Every measured pair."""
