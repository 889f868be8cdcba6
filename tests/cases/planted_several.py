"""Planted pairs with several faults, with none, and pairs whose sides are the same program.

What is harmless is planted too: it takes less than half a percent of the time, or it is
there on both sides. Whoever names it has raised a false alarm.
"""

from __future__ import annotations

from dataclasses import replace

from tests.cases import edits, nets
from tests.cases.from_sample import measured
from tests.cases.labels import label, same
from tests.cases.plan import AMX, CAPPED, HASWELL, Edit, Layer, Layers
from tests.cases.planted_case import (
    DEFAULT_ARM,
    FLOAT_ARM,
    INT8_ARM,
    NATIVE_ARM,
    OLDER,
    OTHER_INT8_ARM,
    PlantedCase,
    against_half,
    in_f32,
    in_half,
    in_int8,
    int8,
    twice,
)
from tests.cases.planted_single import FALLBACK_SLOW, LITTLE_WORK, LOW_INTENSITY, SHORT

_MOBILE = {"memory_bound": LOW_INTENSITY}


def _norms(layer: Layer) -> bool:
    return layer.node_type == "MVN"


def _projections(layer: Layer) -> bool:
    return layer.name.endswith("project")


def _float_depthwise(time_us: float) -> Edit:
    """Depthwise convolutions in f32 between Reorders of ``time_us`` each."""
    return edits.all_of(
        edits.float_layers(edits.depthwise),
        edits.reorders(time_us, edits.depthwise, kind="to_float"),
        edits.reorders(time_us, _projections, kind="to_int8"),
    )


def _renumbered(layers: Layers) -> Layers:
    """The numbers that the plugin gives its scalings change from process to process."""
    return tuple(
        replace(layer, aliases=tuple(one.replace("Multiply_", "Multiply_9") for one in
                                     layer.aliases))
        for layer in layers
    )  # fmt: skip


NATIVE = (
    PlantedCase(
        "native_depthwise_in_float",
        label("a network quantised by its framework: depthwise convolutions run in f32 between "
              "Reorders", "native_int8", "left_in_float", "inserted_reorders", **_MOBILE),
        int8(nets.mobile, _float_depthwise(45), arm=NATIVE_ARM),
    ),
    PlantedCase(
        "native_quantisers_alone",
        label("a network quantised by its framework: its FakeQuantize run alone",
              "native_int8", "lone_fake_quantize"),
        int8(nets.plain_cnn, edits.lone_quantisers(
            55, lambda layer: layer.name.startswith("conv")), arm=NATIVE_ARM),
    ),
    PlantedCase(
        "native_half_in_float",
        label("a network quantised by its framework: every projection runs in f32",
              "native_int8", "left_in_float", **_MOBILE),
        int8(lambda: measured("mobilenet_v2"), edits.float_layers(_projections),
             arm=NATIVE_ARM),
    ),
)  # fmt: skip

SEVERAL = (
    PlantedCase(
        "like_the_seed",
        label("MobileNetV3 as in 2019: gemm_blas depthwise, a Reorder before each 1x1 "
              "convolution, h-swish alone in f32",
              "fallback_kernel", "inserted_reorders", "unfused_activation",
              slower_kernel=FALLBACK_SLOW, **_MOBILE),
        int8(lambda: measured("mobilenet_v3_large"),
             edits.all_of(edits.kernel(edits.depthwise, "gemm_blas_I8", 8),
                          edits.alone("/hswish", 25, precision="f32"),
                          edits.reorders(20, edits.pointwise, kind="to_int8"))),
    ),
    PlantedCase(
        "avx2_and_a_float_convolution",
        label("capped to AVX2, and the largest convolution stays in f32",
              "no_int8_instructions", "left_in_float"),
        int8(nets.plain_cnn, edits.float_layers(edits.named("conv7", "conv6")), kit=CAPPED),
    ),
    PlantedCase(
        "half_baseline_and_reorders",
        label("the baseline ran in bf16, and four Reorders are inserted",
              "baseline_is_bf16", "inserted_reorders"),
        against_half(nets.plain_cnn, edits.reorders(
            120, edits.named("conv3", "conv5", "conv7", "conv9"))),
    ),
    PlantedCase(
        "half_baseline_and_memory",
        label("large products at batch 1 against bf16", "baseline_is_bf16", "memory_bound"),
        against_half(nets.wide_dense),
    ),
    PlantedCase(
        "little_convolution_and_reorders",
        label("few convolutions, and a Reorder on each side of them",
              "little_to_gain", "inserted_reorders", memory_bound=LITTLE_WORK),
        int8(nets.few_convolutions,
             edits.all_of(edits.reorders(220, _norms, kind="to_float"),
                          edits.reorders(220, edits.heavy, kind="to_int8"))),
    ),
    PlantedCase(
        "avx2_and_little_convolution",
        label("a CPU with AVX2 only, and few convolutions",
              "no_int8_instructions", "little_to_gain", memory_bound=LITTLE_WORK),
        int8(nets.few_convolutions, kit=HASWELL),
    ),
    PlantedCase(
        "quantisers_and_activation_alone",
        label("leaky ReLU runs alone, and so do three FakeQuantize",
              "unfused_activation", "lone_fake_quantize"),
        int8(lambda: nets.plain_cnn("PRelu"),
             edits.all_of(edits.alone("/prelu", 45), edits.lone_quantisers(
                 100, edits.named("conv2", "conv6", "conv10")))),
    ),
    PlantedCase(
        "slower_depthwise_and_addition_alone",
        label("slower depthwise kernels, and residual additions that run alone",
              "slower_kernel", "lost_fusion", **_MOBILE),
        int8(nets.mobile, edits.all_of(edits.scaled(edits.depthwise, 3.4),
                                       edits.alone("/sum", 130))),
    ),
    PlantedCase(
        "tiny_and_half_baseline",
        label("three tiny layers against bf16", "overhead_bound", "baseline_is_bf16",
              little_to_gain=SHORT),
        against_half(nets.tiny, edits.scaled(edits.heavy, 3)),
    ),
    PlantedCase(
        "slower_product_on_amx",
        label("one matrix product of each block is slower on AMX than in f32",
              "slower_kernel"),
        int8(nets.encoder, edits.scaled(lambda layer: layer.name.endswith("/query"), 7.5),
             kit=AMX),
    ),
)  # fmt: skip

HARMLESS = (
    PlantedCase(
        "sound_resnet", label("ResNet-50 in INT8 without any fault"),
        int8(lambda: measured("resnet_50")),
    ),
    PlantedCase(
        "sound_encoder", label("a transformer's encoder in INT8 without any fault"),
        int8(nets.encoder),
    ),
    PlantedCase(
        "tiny_reorders", label("a Reorder of 0.9 us before each convolution, 0.4 % of the time"),
        int8(nets.plain_cnn, edits.reorders(0.9, lambda layer: layer.name.startswith("conv"))),
    ),
    PlantedCase(
        "activation_alone_on_both_sides",
        label("a leaky ReLU that runs alone in float and, faster, in INT8"),
        int8(lambda: nets.plain_cnn("PRelu"), edits.alone("/prelu", 25),
             baseline_edit=edits.alone("/prelu", 60, precision="f32")),
    ),
    PlantedCase(
        "resize_in_float_on_both_sides", label("a resize that runs in f32 on both sides"),
        int8(lambda: nets.plain_cnn(resize=True)),
    ),
    PlantedCase(
        "a_slower_tiny_layer",
        label("the classifier takes three times as long as in float: 7 us of 2700"),
        int8(nets.plain_cnn, edits.scaled(edits.named("classifier"), 11)),
    ),
    PlantedCase(
        "tiny_product_in_float",
        label("the classifier stays in f32: 3 us of 2700"),
        int8(nets.plain_cnn, edits.float_layers(edits.named("classifier"))),
    ),
    PlantedCase(
        "reference_softmax",
        label("a softmax runs on the reference kernel on both sides, as it has no other"),
        int8(
            nets.encoder,
            edits.kernel(lambda layer: layer.node_type == "Softmax", "ref_any_f32", 1.0),
            baseline_edit=edits.kernel(
                lambda layer: layer.node_type == "Softmax", "ref_any_f32", 1.0
            ),
        ),
    ),
    PlantedCase(
        "tiny_activation_alone",
        label("one leaky ReLU of 3 us runs alone, 0.1 % of the time"),
        int8(lambda: nets.plain_cnn("PRelu"), edits.alone("conv11/prelu", 3)),
    ),
    PlantedCase(
        "quantiser_of_the_input",
        label("the input is quantised by itself, as in every network of NNCF's: 0.2 %"),
        int8(nets.plain_cnn, edits.lone_quantisers(5, edits.named("conv0"))),
    ),
    PlantedCase(
        "hardly_slower_kernel",
        label("the pooling of ResNet-50 is 2 us slower than in float, of 12 500"),
        int8(lambda: measured("resnet_50"), edits.scaled(edits.named("head/pool"), 1.75)),
    ),
    PlantedCase(
        "reorder_on_both_sides", label("the same Reorder behind the input of both sides"),
        int8(nets.plain_cnn, edits.reorders(60, edits.named("conv0")),
             baseline_edit=edits.reorders(60, edits.named("conv0"), precision="f32")),
    ),
    PlantedCase(
        "reorders_removed", label("the float network has Reorders that INT8 does without"),
        int8(nets.plain_cnn,
             baseline_edit=edits.reorders(100, edits.named("conv2", "conv7"),
                                          precision="f32")),
    ),
    PlantedCase(
        "native_all_in_int8",
        label("a network quantised by its framework that runs all in INT8"),
        int8(nets.plain_cnn, arm=NATIVE_ARM),
    ),
    PlantedCase(
        "newer_float_is_faster", label("the same float network with kernels that got faster"),
        twice(nets.plain_cnn, in_f32, FLOAT_ARM, other_runtime=OLDER,
              other_edit=edits.scaled(edits.heavy, 0.8)),
    ),
)  # fmt: skip

SAME = (
    PlantedCase(
        "same_float_resnet", same("ResNet-50 in f32 twice"),
        twice(lambda: measured("resnet_50"), in_f32, FLOAT_ARM),
    ),
    PlantedCase(
        "same_int8_mobile", same("two INT8 variants that run alike"),
        twice(nets.mobile, in_int8, INT8_ARM, other_arm=OTHER_INT8_ARM),
    ),
    PlantedCase(
        "same_faults_on_both_sides",
        same("the same Reorders, float layers and lone activations on both sides"),
        twice(nets.mobile, in_int8, INT8_ARM, other_arm=OTHER_INT8_ARM,
              edit=edits.all_of(_float_depthwise(60),
                                edits.alone("/hswish", 60, precision="f32"))),
    ),
    PlantedCase(
        "same_under_other_names", same("the same times under other names of layers"),
        twice(nets.plain_cnn, in_f32, FLOAT_ARM, other_runtime=OLDER,
              other_edit=edits.renamed(lambda layer: f"{layer.name}/WithoutBiases")),
    ),
    PlantedCase(
        "same_under_other_numbers", same("the same INT8 network, its nodes numbered anew"),
        twice(lambda: measured("mobilenet_v2"), in_int8, INT8_ARM, other_arm=OTHER_INT8_ARM,
              other_edit=_renumbered, other_step=4),
    ),
    PlantedCase(
        "same_in_half", same("bf16 on both sides"),
        twice(nets.plain_cnn, in_half, DEFAULT_ARM, other_runtime=OLDER),
    ),
    PlantedCase(
        "same_tiny", same("a tiny network twice"), twice(nets.tiny, in_f32, FLOAT_ARM),
    ),
    PlantedCase(
        "same_int8_on_avx2", same("the same INT8 network on AVX2 twice"),
        twice(nets.plain_cnn, in_int8, INT8_ARM, other_runtime=OLDER, kit=CAPPED),
    ),
    PlantedCase(
        "same_in_two_runs", same("MobileNetV2 in f32 in two runs, days apart"),
        twice(lambda: measured("mobilenet_v2"), in_f32, FLOAT_ARM), paired=False,
    ),
    PlantedCase(
        "same_large_products", same("large products at batch 1 on AMX twice"),
        twice(nets.wide_dense, in_int8, INT8_ARM, kit=AMX, other_runtime=OLDER),
    ),
)  # fmt: skip

SEVERAL_OR_NONE = (*NATIVE, *SEVERAL, *HARMLESS, *SAME)
"""Every pair with several faults or none."""
