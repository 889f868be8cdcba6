"""Small networks that hold one operation newer than opset 5; some have an exact older form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import openvino as ov
from numpy.typing import ArrayLike
from openvino import (
    opset1,
    opset6,
    opset7,
    opset8,
    opset9,
    opset11,
    opset12,
    opset13,
    opset14,
    opset15,
    opset16,
)

Build = Callable[[ov.Node], ov.Node]
IMAGE = (1, 4, 8, 8)


@dataclass(frozen=True)
class Single:
    """An operation on one input, ``old`` being what it is called in opset 5."""

    build: Build
    old: str = ""
    shape: tuple[int, ...] = IMAGE
    kind: str = "f32"

    def model(self) -> ov.Model:
        """Input ``data``, the operation ``layer``, its first output as 32-bit floats."""
        kind = ov.Type.f32 if self.kind == "f32" else ov.Type.i32
        data = opset1.parameter(list(self.shape), kind, name="data")
        taken = opset1.equal(data, opset1.constant(1, np.int32)) if self.kind == "bool" else data
        layer = self.build(taken)
        layer.set_friendly_name("layer")
        end = layer.output(0)
        if end.get_element_type() != ov.Type.f32:
            picked = opset1.select(end, floats(1.0), floats(0.0)) if self.kind == "bool" else (
                opset1.convert(end, "f32"))  # fmt: skip
            end = picked.output(0)
        return ov.Model([opset1.result(end)], [data], "single")


def integers(values: ArrayLike) -> ov.Node:
    """A constant of 64-bit integers."""
    return opset1.constant(np.array(values, dtype=np.int64))


def floats(values: ArrayLike) -> ov.Node:
    """A constant of 32-bit floats."""
    return opset1.constant(np.array(values, dtype=np.float32))


def _random(*shape: int) -> ov.Node:
    return floats(np.random.default_rng(3).standard_normal(shape))


def max_pool(data: ov.Node, *, dilation: int = 1, rounding: str = "floor") -> ov.Node:
    """Version 14."""
    return opset14.max_pool(data, [2, 2], [dilation] * 2, [0, 0], [1, 1], [3, 3], rounding)


def max_pool_with_indices(data: ov.Node) -> ov.Node:
    """Version 8; its indices go into the result."""
    pool = opset8.max_pool(data, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2])
    indices = opset1.convert(pool.output(1), "f32")
    return opset1.add(pool.output(0), indices)


def resized(data: ov.Node, mode: str = "linear_onnx", *, by: str = "sizes") -> ov.Node:
    """Version 11, along the last two axes."""
    target = integers([16, 12]) if by == "sizes" else floats([2.0, 1.5])
    return opset11.interpolate(data, target, mode, by, axes=integers([2, 3]))


def sliced(data: ov.Node, axes: list[int] | None) -> ov.Node:
    """From the front, and from the back with a step."""
    start, stop, step = integers([0, -3]), integers([1, 99]), integers([1, 2])
    found = None if axes is None else integers(axes)
    return opset8.slice(data, start, stop, step, found)


def deformed(data: ov.Node, *, mask: bool = False) -> ov.Node:
    """Version 8 with offsets of less than a pixel."""
    weights, offsets = _random(2, 4, 3, 3), _random(1, 18, 6, 6)
    masked = _random(1, 9, 6, 6) if mask else None
    return opset8.deformable_convolution(
        data, offsets, weights, [1, 1], [0, 0], [0, 0], [1, 1], masked
    )


EXACT: dict[str, Single] = {
    "Softmax-8": Single(lambda data: opset8.softmax(data, -3), "SoftMax-1"),
    "Gather-8": Single(lambda data: opset8.gather(data, integers([2, 0]), integers(1)), "Gather-1"),
    "Gather-7": Single(lambda data: opset7.gather(data, integers([2, 0]), integers(1)), "Gather-1"),
    "GatherND-8": Single(
        lambda data: opset8.gather_nd(data, integers([[1, 3]]), 1), "GatherND-5"
    ),
    "MaxPool-14": Single(max_pool, "MaxPool-1"),
    "MaxPool-8": Single(
        lambda data: opset8.max_pool(data, [1, 1], [1, 1], [1, 1], [0, 0], [2, 2], "ceil"),
        "MaxPool-1",
    ),
    "AvgPool-14": Single(
        lambda data: opset14.avg_pool(data, [2, 2], [1, 1], [0, 0], [3, 3], True, "ceil"),
        "AvgPool-1",
    ),
    "AvgPool-16": Single(
        lambda data: opset16.avg_pool(
            data, [2, 2], [0, 0], [0, 0], [2, 2], False, dilations=[1, 1]
        ),
        "AvgPool-1",
    ),
    "AdaptiveAvgPool-8": Single(
        lambda data: opset8.adaptive_avg_pool(data, integers([2, 4])), "AvgPool-1"
    ),
    "AdaptiveMaxPool-8": Single(
        lambda data: opset8.adaptive_max_pool(data, integers([1, 2]), "i32"), "MaxPool-1"
    ),
    "Gelu-7": Single(lambda data: opset7.gelu(data, "erf"), "Gelu-2"),
    "MVN-6": Single(
        lambda data: opset6.mvn(data, integers([2, -1]), True, 1e-3, "inside_sqrt"), "MVN-2"
    ),
    "MVN-6 across channels": Single(
        lambda data: opset6.mvn(data, integers([1, 2, 3]), False, 1e-3, "outside_sqrt"), "MVN-2"
    ),
    "Interpolate-11 sizes": Single(resized, "Interpolate-4"),
    "Interpolate-11 scales": Single(
        lambda data: resized(data, "nearest", by="scales"), "Interpolate-4"
    ),
    "Pad-12": Single(
        lambda data: opset12.pad(data, integers([0, 0, 1, 2]), integers([0, 0, 2, 1]), "constant",
                                 floats(0.5)), "Pad-1",
    ),
    "Slice-8": Single(lambda data: sliced(data, [0, 1]), "StridedSlice-1"),
    "Slice-8 without axes": Single(lambda data: sliced(data, None), "StridedSlice-1"),
    "TopK-11": Single(
        lambda data: opset11.topk(data, integers(3), 1, "max", "value", "i32"), "TopK-3"
    ),
    "Squeeze-15": Single(lambda data: opset15.squeeze(data, integers(0)), "Squeeze-1"),
    "ScatterElementsUpdate-12": Single(
        lambda data: opset12.scatter_elements_update(
            data, integers([[[[3]]]]), floats([[[[9.0]]]]), integers(2), "none"),
        "ScatterElementsUpdate-3",
    ),
    "ScatterNDUpdate-15": Single(
        lambda data: opset15.scatter_nd_update(
            data, integers([[0, 1]]), _random(1, 8, 8), "none"), "ScatterNDUpdate-4",
    ),
    "OneHot-16": Single(
        lambda data: opset16.one_hot(data, integers(4), floats(2.0), floats(0.5), -1,
                                     "ignore_negative"), "OneHot-1", (6,), "i32",
    ),
    "ROIAlign-9": Single(
        lambda data: opset9.roi_align(
            data, floats([[1.0, 1.0, 6.0, 5.0]]), opset1.constant(np.array([0], np.int32)),
            2, 2, 2, 1.0, "avg", "asymmetric"), "ROIAlign-3",
    ),
    "DeformableConvolution-8": Single(deformed, "DeformableConvolution-1"),
    "EmbeddingBagOffsets-15": Single(
        lambda data: opset15.embedding_bag_offsets(
            data, integers([0, 2, 3, 4]), integers([0, 2, 2]), integers(0)),
        "EmbeddingBagOffsetsSum-3", (5, 2),
    ),
    "EmbeddingBagPacked-15": Single(
        lambda data: opset15.embedding_bag_packed(data, integers([[0, 2], [1, 2]])),
        "EmbeddingBagPackedSum-3", (5, 2),
    ),
    "BitwiseAnd-13": Single(lambda data: opset13.bitwise_and(data, data), "LogicalAnd-1",
                            kind="bool"),
    "BitwiseOr-13": Single(lambda data: opset13.bitwise_or(data, data), "LogicalOr-1", kind="bool"),
    "BitwiseXor-13": Single(lambda data: opset13.bitwise_xor(data, data), "LogicalXor-1",
                            kind="bool"),
    "BitwiseNot-13": Single(opset13.bitwise_not, "LogicalNot-1", kind="bool"),
}  # fmt: skip
"""Operations that opset 5 can express exactly, by what they are called."""

REFUSED: dict[str, tuple[Single, str]] = {
    "Einsum-7": (Single(lambda data: opset7.einsum([data], "abcd->abdc")), "is not in opset5"),
    "SoftSign-9": (Single(opset9.softsign), "is not in opset5, the newest that this OpenVINO"),
    "Gather-8": (
        Single(lambda data: opset8.gather(data, integers([0, -1]), integers(1))),
        "and Gather-7 cannot stand in: it has negative indices",
    ),
    "Gather-8 of data": (
        Single(lambda data: opset8.gather(floats([1.0, 2.0]), data, integers(0)), kind="i32"),
        "its indices are not constant",
    ),
    "Gather-7": (
        Single(lambda data: opset7.gather(data, integers([[0, 1]]), integers(1), 1)),
        "it has batch_dims",
    ),
    "GatherND-8": (
        Single(lambda data: opset8.gather_nd(data, integers([[[1], [2], [3], [0]]]), 2)),
        "it has more than one batch_dims",
    ),
    "MaxPool-14": (Single(lambda data: max_pool(data, rounding="ceil_torch")), "as ceil_torch"),
    "MaxPool-14 dilated": (Single(lambda data: max_pool(data, dilation=2)), "it is dilated"),
    "MaxPool-8": (Single(max_pool_with_indices), "its indices are used"),
    "AdaptiveAvgPool-8": (
        Single(lambda data: opset8.adaptive_avg_pool(data, integers([3, 4]))),
        "its windows differ in size",
    ),
    "Gelu-7": (Single(lambda data: opset7.gelu(data, "tanh")), "it approximates by tanh"),
    "MVN-6": (
        Single(lambda data: opset6.mvn(data, integers([3]), True, 1e-3, "inside_sqrt")),
        "over other axes",
    ),
    "MVN-6 outside": (
        Single(lambda data: opset6.mvn(data, integers([2, 3]), True, 1e-3, "outside_sqrt")),
        "it adds eps outside the root",
    ),
    "Interpolate-11": (Single(lambda data: resized(data, "bilinear_pillow")), "as Pillow does"),
    "Pad-12": (
        Single(lambda data: opset12.pad(data, integers([0, 0, -1, 0]), integers([0, 0, 0, 0]),
                                        "constant")), "it has negative pads",
    ),
    "Slice-8": (Single(lambda data: sliced(data, [2, 3])), "it skips the first axes"),
    "TopK-11": (
        Single(lambda data: opset11.topk(data, integers(3), 1, "max", "index", "i32", True)),
        "it sorts stably",
    ),
    "Squeeze-15": (
        Single(lambda data: opset15.squeeze(data, integers(0), True)), "it skips axes",
    ),
    "ScatterElementsUpdate-12": (
        Single(lambda data: opset12.scatter_elements_update(
            data, integers([[[[3]]]]), floats([[[[9.0]]]]), integers(2), "sum")),
        "it has a reduction",
    ),
    "OneHot-16": (
        Single(lambda data: opset16.one_hot(data, integers(4), floats(1.0), floats(0.0), -1,
                                            "normalize"), shape=(6,), kind="i32"),
        "it counts negative indices from the end",
    ),
    "ROIAlign-9": (
        Single(lambda data: opset9.roi_align(
            data, floats([[1.0, 1.0, 6.0, 5.0]]), opset1.constant(np.array([0], np.int32)),
            2, 2, 2, 1.0, "avg", "half_pixel")), "it is aligned otherwise",
    ),
    "DeformableConvolution-8": (Single(lambda data: deformed(data, mask=True)), "it has a mask"),
    "EmbeddingBagPacked-15": (
        Single(lambda data: opset15.embedding_bag_packed(data, integers([[0, 2]]),
                                                         reduction="mean"), shape=(5, 2)),
        "it takes means",
    ),
    "BitwiseNot-13": (Single(opset13.bitwise_not, kind="i32"), "its inputs are not booleans"),
}  # fmt: skip
"""Operations that opset 5 does not have, and what is said of them."""
