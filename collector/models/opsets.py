"""Which newer operations of OpenVINO an older opset can express exactly, and how.

Versions and attributes are those of OpenVINO's operation specifications
(https://docs.openvino.ai, "Available operation sets"). An operation that is not in the table
has no older form. A step goes to the next older version; several may follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from collector.models.ir_layers import Change, Layer


class NotExactError(Exception):
    """An older version would compute something else for this layer; says why."""


@dataclass(frozen=True)
class Step:
    """``operation``-``version`` can become ``older``-``older_version`` by ``change``."""

    operation: str
    version: int
    older: str
    older_version: int
    change: Change

    def apply(self, layer: Layer) -> None:
        """Rewrite a layer; NotExactError where the older operation would compute something else."""
        self.change(layer)
        layer.become(self.older, self.older_version)

    @property
    def title(self) -> str:
        """``Softmax-1``: what comes out."""
        return f"{self.older}-{self.older_version}"


def step_from(layer: Layer) -> Step | None:
    """How to express a layer by an older operation; None where there is no way."""
    return _TABLE.get((layer.operation, layer.version or 0))


def _need(holds: bool, reason: str) -> None:
    if not holds:
        raise NotExactError(reason)


def _as_it_is(_: Layer) -> None:
    """The older version has the same inputs and attributes."""


def _softmax(layer: Layer) -> None:
    layer.data.set("axis", str(_from_front(int(layer.data.get("axis", "1")), layer)))


def _from_front(axis: int, layer: Layer) -> int:
    return axis if axis >= 0 else axis + len(layer.shape(0))


def _gather_8(layer: Layer) -> None:
    """Version 7 does not count negative indices from the end."""
    indices = layer.integers(1)
    _need(indices is not None, "its indices are not constant, and negative ones would differ")
    _need(indices is None or bool((indices >= 0).all()), "it has negative indices")


def _gather_7(layer: Layer) -> None:
    _need(layer.attribute("batch_dims", "0") == "0", "it has batch_dims")
    layer.drop_attributes("batch_dims")


def _pool_of_new_rounding(layer: Layer) -> None:
    _need(layer.attribute("rounding_type", "floor") != "ceil_torch", "it rounds as ceil_torch")


def _without_dilation(layer: Layer) -> None:
    _need(all(step == 1 for step in layer.numbers("dilations")), "it is dilated")
    layer.drop_attributes("dilations")


def _max_pool_8(layer: Layer) -> None:
    _without_dilation(layer)
    _without_indices(layer)
    layer.drop_attributes("axis")


def _without_indices(layer: Layer) -> None:
    _need(not layer.is_used(1), "its indices are used")
    layer.drop_output(1)
    layer.drop_attributes("index_element_type")


def _adaptive_average(layer: Layer) -> None:
    _even_windows(layer)
    layer.data.set("exclude-pad", "true")


def _adaptive_maximum(layer: Layer) -> None:
    _without_indices(layer)
    _even_windows(layer)


def _even_windows(layer: Layer) -> None:
    """Windows of an adaptive pooling are those of a plain one where they are all as large."""
    wanted, sizes = layer.integers(1), layer.shape(0)[2:]
    if wanted is None:
        raise NotExactError("its output shape is not constant")
    pairs = list(zip(sizes, wanted.tolist(), strict=True))
    _need(all(size % out == 0 for size, out in pairs), "its windows differ in size")
    window = ",".join(str(size // out) for size, out in pairs)
    nothing = ",".join("0" for _ in pairs)
    layer.drop_input(1)
    layer.data.attrib.update({
        "kernel": window, "strides": window, "pads_begin": nothing, "pads_end": nothing,
        "rounding_type": "floor", "auto_pad": "explicit",
    })  # fmt: skip


def _gelu(layer: Layer) -> None:
    _need(layer.attribute("approximation_mode", "erf") == "erf", "it approximates by tanh")
    layer.drop_attributes("approximation_mode")


def _interpolate(layer: Layer) -> None:
    """Version 4 reads sizes and scales and uses one of them: the other may be anything."""
    _need(not layer.attribute("mode").endswith("_pillow"), "it interpolates as Pillow does")
    if layer.attribute("shape_calculation_mode") == "scales":
        layer.insert_converted(1, "i64", "I64")
    else:
        _insert_scales(layer)


def _insert_scales(layer: Layer) -> None:
    """The scales come behind the sizes: put a copy before, then let them change places."""
    layer.insert_converted(1, "f32", "FP32")
    first, second = layer.ports("input")[1:3]
    scales, sizes = (layer.graph.edges_where("to", layer, port) for port in ("1", "2"))
    for edge in scales:
        edge.set("to-port", "2")
    for edge in sizes:
        edge.set("to-port", "1")
    precision = first.get("precision", "")
    first.set("precision", second.get("precision", ""))
    second.set("precision", precision)


def _pad(layer: Layer) -> None:
    for port in (1, 2):
        pads = layer.integers(port)
        _need(pads is not None, "its pads are not constant, and negative ones would differ")
        _need(pads is None or bool((pads >= 0).all()), "it has negative pads")


def _top_k(layer: Layer) -> None:
    _need(layer.attribute("stable", "false") == "false", "it sorts stably")
    layer.drop_attributes("stable")


def _squeeze(layer: Layer) -> None:
    _need(layer.attribute("allow_axis_skip", "false") == "false", "it skips axes")
    layer.drop_attributes("allow_axis_skip")


def _scatter(layer: Layer) -> None:
    _need(layer.attribute("reduction", "none") == "none", "it has a reduction")
    layer.drop_attributes("reduction", "use_init_val")


def _gather_nd(layer: Layer) -> None:
    """Version 5 gives the batch's axes as one."""
    _need(int(layer.attribute("batch_dims", "0")) <= 1, "it has more than one batch_dims")


def _roi_align(layer: Layer) -> None:
    _need(layer.attribute("aligned_mode", "asymmetric") == "asymmetric", "it is aligned otherwise")
    layer.drop_attributes("aligned_mode")


def _deformable(layer: Layer) -> None:
    _need(len(layer.ports("input")) == 3, "it has a mask")
    padded = layer.attribute("bilinear_interpolation_pad", "false")
    _need(padded in {"false", "0"}, "it pads its interpolation")
    layer.drop_attributes("bilinear_interpolation_pad")


def _one_hot(layer: Layer) -> None:
    mode = layer.attribute("negative_indices_mode", "ignore_negative")
    _need(mode == "ignore_negative", "it counts negative indices from the end")
    layer.drop_attributes("negative_indices_mode")


def _embedding_bag(layer: Layer) -> None:
    _need(layer.attribute("reduction", "sum") == "sum", "it takes means")
    layer.drop_attributes("reduction")


def _slice(layer: Layer) -> None:
    """A strided slice starts at the first axis; the axes behind what it names stay whole."""
    starts = layer.shape(1)
    axes = layer.integers(4) if len(layer.ports("input")) > 4 else None
    if len(layer.ports("input")) > 4:
        _need(axes is not None, "its axes are not constant")
        _need(axes is None or axes.tolist() == list(range(starts[0])), "it skips the first axes")
        layer.drop_input(4)
    mask = ",".join("0" for _ in range(starts[0]))
    layer.data.attrib.update({
        "begin_mask": mask, "end_mask": mask, "new_axis_mask": "", "shrink_axis_mask": "",
        "ellipsis_mask": "",
    })  # fmt: skip


def _mvn(layer: Layer) -> None:
    """Version 2 normalises from the second or the third axis on."""
    axes, rank = layer.integers(1), len(layer.shape(0))
    if axes is None:
        raise NotExactError("its axes are not constant")
    found = sorted(_from_front(axis, layer) for axis in axes.tolist())
    across = found == list(range(1, rank))
    _need(across or found == list(range(2, rank)), "it normalises over other axes")
    scaled = layer.attribute("normalize_variance", "true") in {"true", "1"}
    inside = layer.attribute("eps_mode", "inside_sqrt") == "inside_sqrt"
    _need(inside or not scaled, "it adds eps outside the root")
    layer.drop_input(1)
    layer.drop_attributes("eps_mode")
    layer.data.set("across_channels", "true" if across else "false")
    layer.data.set("reduction_axes", ",".join(map(str, found)))  # 2021.2 reads it, 2021.4 not


def _read_value(layer: Layer) -> None:
    """Version 6 may do without an initial value, version 3 may not."""
    _need(len(layer.ports("input")) == 1, "it has no initial value")


def _of_booleans(layer: Layer) -> None:
    kinds = {port.get("precision") for port in layer.ports("input")}
    _need(kinds == {"BOOL"}, "its inputs are not booleans")


STEPS = (
    Step("Softmax", 8, "Softmax", 1, _softmax),
    Step("Gather", 8, "Gather", 7, _gather_8),
    Step("Gather", 7, "Gather", 1, _gather_7),
    Step("GatherND", 8, "GatherND", 5, _gather_nd),
    Step("MaxPool", 14, "MaxPool", 8, _pool_of_new_rounding),
    Step("MaxPool", 8, "MaxPool", 1, _max_pool_8),
    Step("AvgPool", 16, "AvgPool", 14, _without_dilation),
    Step("AvgPool", 14, "AvgPool", 1, _pool_of_new_rounding),
    Step("AdaptiveAvgPool", 8, "AvgPool", 1, _adaptive_average),
    Step("AdaptiveMaxPool", 8, "MaxPool", 1, _adaptive_maximum),
    Step("Gelu", 7, "Gelu", 2, _gelu),
    Step("MVN", 6, "MVN", 2, _mvn),
    Step("Interpolate", 11, "Interpolate", 4, _interpolate),
    Step("Pad", 12, "Pad", 1, _pad),
    Step("Slice", 8, "StridedSlice", 1, _slice),
    Step("TopK", 11, "TopK", 3, _top_k),
    Step("Squeeze", 15, "Squeeze", 1, _squeeze),
    Step("ScatterElementsUpdate", 12, "ScatterElementsUpdate", 3, _scatter),
    Step("ScatterNDUpdate", 15, "ScatterNDUpdate", 4, _scatter),
    Step("OneHot", 16, "OneHot", 1, _one_hot),
    Step("ROIAlign", 9, "ROIAlign", 3, _roi_align),
    Step("DeformableConvolution", 8, "DeformableConvolution", 1, _deformable),
    Step("EmbeddingBagOffsets", 15, "EmbeddingBagOffsetsSum", 3, _embedding_bag),
    Step("EmbeddingBagPacked", 15, "EmbeddingBagPackedSum", 3, _embedding_bag),
    Step("ReadValue", 6, "ReadValue", 3, _read_value),
    Step("Assign", 6, "Assign", 3, _as_it_is),
    Step("BitwiseAnd", 13, "LogicalAnd", 1, _of_booleans),
    Step("BitwiseOr", 13, "LogicalOr", 1, _of_booleans),
    Step("BitwiseXor", 13, "LogicalXor", 1, _of_booleans),
    Step("BitwiseNot", 13, "LogicalNot", 1, _of_booleans),
)
"""Every way down, each to the next older version that there is."""

_TABLE = {(step.operation, step.version): step for step in STEPS}
