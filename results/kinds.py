"""Kinds of operations and precisions: the vocabulary that alignment and causes judge by.

Only classification of names lives here. Operation types come from OpenVINO's
opsets (https://docs.openvino.ai, "Available operation sets"), layer types from
the CPU plugin's ``cpu_types.cpp``. Nothing here knows a time or a graph.
"""

from __future__ import annotations

import re
from functools import lru_cache

INT8_PRECISIONS = frozenset({"i8", "u8", "int8", "uint8", "i4", "u4"})
HALF_PRECISIONS = frozenset({"bf16", "f16", "fp16"})
FLOAT_PRECISIONS = HALF_PRECISIONS | {"f32", "fp32", "f64"}

HEAVY_TYPES = frozenset({
    "Convolution", "GroupConvolution", "BinaryConvolution", "DeformableConvolution",
    "ConvolutionBackpropData", "GroupConvolutionBackpropData", "Deconvolution",
    "MatMul", "FullyConnected", "Gemm",
})  # fmt: skip
"""Operations and layers that INT8 instructions speed up: convolutions and matrix products."""

ACTIVATION_TYPES = frozenset({
    "HSwish", "HSigmoid", "HardSigmoid", "Swish", "Clamp", "PRelu", "PReLU", "Sigmoid", "Gelu",
    "Relu", "ReLU", "Elu", "Mish", "SoftPlus", "SoftSign", "Tanh", "Selu",
})  # fmt: skip

ELEMENTWISE_TYPES = frozenset({"Add", "Multiply", "Divide", "Subtract", "Maximum", "Minimum"})
"""What an activation is spelled out in, beside the activation itself."""

_SUM_AND_RELU = frozenset({"Add", "Relu", "ReLU", "PRelu", "PReLU"})

INPUT_TYPES = frozenset({"Input", "Parameter"})
OUTPUT_TYPES = frozenset({"Output", "Result"})
CONVERSION_TYPES = frozenset({"Reorder", "Convert"})

_PRECISION_SPELLINGS = {
    "fp64": "f64", "fp32": "f32", "fp16": "f16", "int8": "i8", "uint8": "u8",
}  # fmt: skip
_OLD_TYPES = {
    "Quantize": "FakeQuantize", "Gemm": "MatMul", "SoftMax": "Softmax", "Const": "Constant",
    "ReLU": "Relu",
}  # fmt: skip
"""Layer types as OpenVINO 2021 called them, and what they are called since."""

_FALLBACKS = ("ref", "gemm_blas", "jit_gemm")
"""Kernels that the CPU plugin takes where it has no other: plain loops, or a general product
over data that was copied into a matrix."""
_WIDTHS = {"sse42": 128, "sse41": 128, "avx": 256, "avx2": 256, "avx512": 512}

_OPSET = re.compile(r"^(?:opset|v)?\d*$|^opset\w*$", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPELLING = re.compile(r"[^a-z0-9]+")
_QUANTISE_NAME = re.compile(r"/fq_|/nncf_smooth_quant|FakeQuantize|Dequantization")


@lru_cache(maxsize=4096)
def base_type(op_type: str) -> str:
    """The type without its opset: ``opset1::Convolution`` and ``Convolution-1`` are Convolution."""
    words = [word for word in _WORDS.findall(op_type) if not _OPSET.match(word)]
    return words[0] if words else op_type


@lru_cache(maxsize=256)
def canonical_precision(precision: str) -> str:
    """One spelling: ``FP32`` (OpenVINO up to 2023.0) and ``f32`` are f32, ``U8`` is u8."""
    lower = precision.lower()
    return _PRECISION_SPELLINGS.get(lower, lower)


def canonical_type(node_type: str) -> str:
    """The layer type as today's OpenVINO calls it: ``Quantize`` (2021.2) is FakeQuantize."""
    return _OLD_TYPES.get(node_type, node_type)


def is_int8(precision: str) -> bool:
    """Whether a layer that runs in this precision runs in 8-bit (or 4-bit) integers."""
    return precision.lower() in INT8_PRECISIONS


def is_half(precision: str) -> bool:
    """Whether the precision is a 16-bit float."""
    return precision.lower() in HALF_PRECISIONS


def is_float(precision: str) -> bool:
    """Whether the precision is a float of any width."""
    return precision.lower() in FLOAT_PRECISIONS


def is_int8_variant(kind: str) -> bool:
    """Whether a variant kind is quantised, as ``int8-simplified`` is."""
    return kind.startswith("int8")


@lru_cache(maxsize=4096)
def is_heavy(types: tuple[str, ...]) -> bool:
    """Whether one of the operation or layer types is a convolution or a matrix product."""
    return any(base_type(name) in HEAVY_TYPES for name in types)


def is_lone_activation(types: tuple[str, ...]) -> bool:
    """Whether the types are an activation and nothing but its spelled-out arithmetic.

    A sum with a ReLU behind it is none: no activation is spelled out so, but a residual
    block ends in it.
    """
    bases = {base_type(name) for name in types}
    if "Add" in bases and bases <= _SUM_AND_RELU:
        return False
    return bool(bases & ACTIVATION_TYPES) and bases <= ACTIVATION_TYPES | ELEMENTWISE_TYPES


@lru_cache(maxsize=4096)
def is_fallback_kernel(primitive: str) -> bool:
    """Whether a kernel is one of last resort: ``ref_any_I8``, ``gemm_blas_I8``, ``jit_gemm_I8``."""
    return any(primitive == kind or primitive.startswith(f"{kind}_") for kind in _FALLBACKS)


@lru_cache(maxsize=4096)
def vector_width(primitive: str) -> int | None:
    """Bits of the vectors that a kernel's name tells; None where it names no instruction set.

    ``brgconv_avx512_amx_I8`` is 512: a kernel on tiles is no narrower than its vectors.
    """
    return max((_WIDTHS[token] for token in primitive.split("_") if token in _WIDTHS), default=None)


def is_quantise(node_type: str, original_names: tuple[str, ...]) -> bool:
    """Whether a node only quantises: a FakeQuantize, or names that quantisation added alone.

    A convolution or matrix product never does, whatever quantisation named it.
    """
    if canonical_type(node_type) == "FakeQuantize":
        return True
    if is_heavy((node_type,)):
        return False
    return bool(original_names) and all(_QUANTISE_NAME.search(name) for name in original_names)


def normalised(name: str) -> str:
    """A model's name without what spelling changes: ``resnet-50`` and ``ResNet_50`` are one."""
    return _SPELLING.sub("_", name.casefold()).strip("_")
