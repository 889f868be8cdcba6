"""Planted pairs with one fault each: a sound INT8 network, and one known thing wrong with it.

A fault takes at least 7 % of the candidate's time: nobody could call it small. What comes
with a fault by its nature, or cannot be judged from what is stored, is optional, and says why.
"""

from __future__ import annotations

from tests.cases import edits, nets
from tests.cases.from_sample import measured
from tests.cases.labels import label
from tests.cases.plan import AMX, ARM, CAPPED, HASWELL, SKYLAKE
from tests.cases.planted_case import PlantedCase, against_half, int8

AROUND = "the layers in float need some Reorders around them; here they are short"
FALLBACK_SLOW = "the fallback kernel is slower than its float twin too"
LOW_INTENSITY = "depthwise layers do few operations per byte; without peaks nobody can tell"
LITTLE_WORK = "norms and softmax do few operations per byte; without peaks nobody can tell"
SPELLED = "the Add and the Multiply of a spelled-out h-swish are operations of their own"
RELU_TOO = "the ReLU behind the addition left the convolution together with it"
SHORT = "convolutions are a small share of so short an inference"
_MOBILE = {"memory_bound": LOW_INTENSITY}

REORDERS = (
    PlantedCase(
        "reorder_between_two_convolutions",
        label("one Reorder of 250 us changes the layout between two convolutions",
              "inserted_reorders"),
        int8(nets.plain_cnn, edits.reorders(250, edits.named("conv6"))),
    ),
    PlantedCase(
        "reorders_around_resize",
        label("a resize that runs in f32 on both sides costs a Reorder before and behind it",
              "inserted_reorders"),
        int8(lambda: nets.plain_cnn(resize=True),
             edits.all_of(edits.reorders(130, edits.named("resize"), kind="to_float"),
                          edits.reorders(130, edits.named("conv6"), kind="to_int8"))),
    ),
    PlantedCase(
        "many_reorders_resnet",
        label("36 Reorders of 80 us in front of the 1x1 convolutions", "inserted_reorders"),
        int8(lambda: measured("resnet_50"), edits.reorders(80, edits.pointwise)),
    ),
    PlantedCase(
        "reorders_around_norms",
        label("Reorders to f32 before each norm and back behind it", "inserted_reorders"),
        int8(nets.encoder,
             edits.all_of(edits.reorders(110, lambda layer: layer.node_type == "MVN",
                                         kind="to_float"),
                          edits.reorders(110, lambda layer: layer.name.endswith("query"),
                                         kind="to_int8"))),
    ),
)  # fmt: skip

IN_FLOAT = (
    PlantedCase(
        "one_convolution_in_float",
        label("an ignored scope holds the largest convolution in f32", "left_in_float",
              inserted_reorders=AROUND),
        int8(nets.plain_cnn,
             edits.all_of(edits.float_layers(edits.named("conv7")),
                          edits.reorders(12, edits.named("conv7"), kind="to_float"),
                          edits.reorders(12, edits.named("conv8"), kind="to_int8"))),
    ),
    PlantedCase(
        "all_but_one_in_float",
        label("an ignored scope holds all convolutions but one in f32", "left_in_float",
              **_MOBILE),
        int8(nets.mobile,
             edits.float_layers(lambda layer: layer.is_heavy and layer.name != "last")),
    ),
    PlantedCase(
        "products_in_float",
        label("one matrix product of each block stays in f32", "left_in_float"),
        int8(nets.encoder, edits.float_layers(lambda layer: layer.name.endswith("/down"))),
    ),
    PlantedCase(
        "depthwise_in_float",
        label("all depthwise convolutions run in f32, a Reorder on each side",
              "left_in_float", "inserted_reorders", **_MOBILE),
        int8(lambda: measured("mobilenet_v2"),
             edits.all_of(edits.float_layers(edits.depthwise),
                          edits.reorders(16, edits.depthwise, kind="to_float"),
                          edits.reorders(16, lambda layer: layer.name.endswith("project"),
                                         kind="to_int8"))),
    ),
)  # fmt: skip

KERNELS = (
    PlantedCase(
        "reference_kernel",
        label("one convolution runs on the reference kernel", "fallback_kernel",
              slower_kernel=FALLBACK_SLOW),
        int8(nets.plain_cnn, edits.kernel(edits.named("conv3"), "ref_any_I8", 12)),
    ),
    PlantedCase(
        "gemm_blas_depthwise",
        label("depthwise convolutions run on gemm_blas, four times as long as in f32",
              "fallback_kernel", slower_kernel=FALLBACK_SLOW, **_MOBILE),
        int8(lambda: measured("mobilenet_v2"),
             edits.kernel(edits.depthwise, "gemm_blas_I8", 8)),
    ),
    PlantedCase(
        "kernels_of_an_older_isa",
        label("on a CPU with AVX-512 VNNI the convolutions run on AVX2 kernels, a little "
              "faster than f32", "fallback_kernel"),
        int8(nets.plain_cnn, edits.kernel(
            lambda layer: layer.node_type == "Convolution", "jit_avx2_I8", 2.6)),
    ),
    PlantedCase(
        "reference_product",
        label("one matrix product of each block runs on the reference kernel",
              "fallback_kernel", slower_kernel=FALLBACK_SLOW),
        int8(nets.encoder, edits.kernel(
            lambda layer: layer.name.endswith("/up"), "ref_any_I8", 5)),
    ),
    PlantedCase(
        "jit_gemm_pointwise",
        label("1x1 convolutions run on jit_gemm, nearly as long as in f32", "fallback_kernel",
              **_MOBILE),
        int8(nets.mobile, edits.kernel(edits.pointwise, "jit_gemm_I8", 2.8)),
    ),
    PlantedCase(
        "slower_depthwise",
        label("INT8 depthwise convolutions take 1.8 times as long as in f32", "slower_kernel",
              **_MOBILE),
        int8(lambda: measured("mobilenet_v2"), edits.scaled(edits.depthwise, 3.6)),
    ),
    PlantedCase(
        "slower_pointwise_amx",
        label("1x1 convolutions with few channels are slower on AMX than in f32",
              "slower_kernel", **_MOBILE),
        int8(nets.mobile, edits.scaled(edits.pointwise, 7), kit=AMX),
    ),
    PlantedCase(
        "one_slower_convolution",
        label("one INT8 convolution takes 1.9 times as long as in f32", "slower_kernel"),
        int8(nets.plain_cnn, edits.scaled(edits.named("conv1"), 6)),
    ),
)  # fmt: skip

FUSIONS = (
    PlantedCase(
        "hswish_alone",
        label("h-swish runs as a layer of its own in f32, in float it is fused",
              "unfused_activation", **_MOBILE),
        int8(nets.mobile, edits.alone("/hswish", 60, precision="f32")),
    ),
    PlantedCase(
        "leaky_relu_alone",
        label("leaky ReLU runs as a layer of its own, in float it is fused",
              "unfused_activation"),
        int8(lambda: nets.plain_cnn("PRelu"), edits.alone("/prelu", 50)),
    ),
    PlantedCase(
        "spelled_hswish_alone",
        label("each operation of a spelled-out h-swish runs alone, in float all are fused",
              "unfused_activation", lost_fusion=SPELLED, **_MOBILE),
        int8(lambda: measured("mobilenet_v3_large_spelled"),
             edits.alone("/hswish/add", 60, each=True, precision="f32")),
    ),
    PlantedCase(
        "residual_addition_alone",
        label("the residual additions run as layers of their own, in float they are fused",
              "lost_fusion", **_MOBILE),
        int8(nets.mobile, edits.alone("/sum", 90)),
    ),
    PlantedCase(
        "channel_scale_alone",
        label("the scale by channel runs alone behind each convolution, in float it is fused",
              "lost_fusion"),
        int8(nets.scaled_cnn, edits.alone("/scale", 45)),
    ),
    PlantedCase(
        "resnet_addition_alone",
        label("the residual additions of ResNet-50 run alone with their ReLU", "lost_fusion",
              unfused_activation=RELU_TOO),
        int8(lambda: measured("resnet_50"), edits.alone("/add", 90)),
    ),
    PlantedCase(
        "quantisers_alone",
        label("five FakeQuantize run as layers of their own", "lone_fake_quantize"),
        int8(nets.plain_cnn, edits.lone_quantisers(
            60, edits.named("conv2", "conv4", "conv6", "conv8", "conv10"))),
    ),
    PlantedCase(
        "quantisers_alone_encoder",
        label("a FakeQuantize runs alone in each block", "lone_fake_quantize"),
        int8(nets.encoder, edits.lone_quantisers(
            160, lambda layer: layer.name.endswith("query"))),
    ),
    PlantedCase(
        "quantisers_alone_mobilenet",
        label("a FakeQuantize runs alone before each 1x1 convolution", "lone_fake_quantize",
              **_MOBILE),
        int8(lambda: measured("mobilenet_v2"), edits.lone_quantisers(15, edits.pointwise)),
    ),
)  # fmt: skip

DEVICE = (
    PlantedCase(
        "capped_to_avx2",
        label("the device is capped to AVX2", "no_int8_instructions"),
        int8(nets.plain_cnn, kit=CAPPED),
    ),
    PlantedCase(
        "cpu_with_avx2_only",
        label("the CPU has nothing newer than AVX2", "no_int8_instructions", **_MOBILE),
        int8(nets.mobile, kit=HASWELL),
    ),
    PlantedCase(
        "avx512_without_vnni",
        label("the CPU has AVX-512 without VNNI", "no_int8_instructions"),
        int8(nets.encoder, kit=SKYLAKE),
    ),
    PlantedCase(
        "half_baseline_cnn",
        label("the float baseline ran in bf16 by default", "baseline_is_bf16"),
        against_half(nets.plain_cnn),
    ),
    PlantedCase(
        "half_baseline_amx",
        label("the float baseline ran in bf16 on AMX", "baseline_is_bf16"),
        against_half(nets.encoder, kit=AMX),
    ),
    PlantedCase(
        "half_baseline_arm",
        label("the float baseline ran in f16 on Arm", "baseline_is_bf16", **_MOBILE),
        against_half(nets.mobile, kit=ARM, precision="f16"),
    ),
)  # fmt: skip

NETWORK = (
    PlantedCase(
        "little_convolution",
        label("convolutions are a quarter of the float time", "little_to_gain",
              memory_bound=LITTLE_WORK),
        int8(nets.few_convolutions),
    ),
    PlantedCase(
        "hardly_any_convolution",
        label("convolutions are an eighth of the float time", "little_to_gain",
              memory_bound=LITTLE_WORK),
        int8(lambda: nets.few_convolutions(30)),
    ),
    PlantedCase(
        "three_tiny_layers",
        label("three layers of 2 us: starting them is all there is", "overhead_bound",
              little_to_gain=SHORT),
        int8(nets.tiny, edits.scaled(edits.heavy, 3)),
    ),
    PlantedCase(
        "eighty_tiny_layers",
        label("80 layers of 2 us: starting them is all there is", "overhead_bound",
              little_to_gain=SHORT),
        int8(lambda: nets.tiny(80), edits.scaled(edits.heavy, 3)),
    ),
    PlantedCase(
        "large_products_at_batch_1",
        label("each weight is read once per inference and used once: memory decides",
              "memory_bound"),
        int8(nets.wide_dense),
    ),
    PlantedCase(
        "larger_products_on_amx",
        label("the same with larger products on AMX", "memory_bound"),
        int8(lambda: nets.wide_dense(3, 4096), kit=AMX),
    ),
)  # fmt: skip

SINGLE = (*REORDERS, *IN_FLOAT, *KERNELS, *FUSIONS, *DEVICE, *NETWORK)
"""Every pair with one fault."""
