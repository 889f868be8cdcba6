"""The small networks that a device's peaks are measured with, and what they do per inference.

Made of operations of the lowest opsets, so that every OpenVINO reads them. How they are
launched is ``collector.peaks``'s matter. OpenVINO is imported where a network is built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from results.format import file_size
from results.roofline import BANDWIDTH, FLOPS
from results.work import element_bytes

if TYPE_CHECKING:
    import openvino as ov

INT8 = "int8"
_FEW_THREADS = 8
_CHANNELS, _KERNEL = 256, 3
_ROW = 1024
_SEED = 0


@dataclass(frozen=True)
class CountedLayer:
    """A layer of such a network: operations, or bytes, that it needs for an inference."""

    name: str
    operation: str
    kind: str
    amount: float
    working_set_bytes: int


@dataclass(frozen=True)
class PeakNet:
    """A network to launch once: the precision to ask for, and the layers to time."""

    name: str
    precision: str
    layers: tuple[CountedLayer, ...]
    build: Callable[[], ov.Model]

    @property
    def title(self) -> str:
        """Name for people: ``MatMul and Convolution in f32``, ``Add over 268.4 MB in f32``."""
        operations = " and ".join(layer.operation for layer in self.layers)
        first = self.layers[0]
        size = f" over {file_size(first.working_set_bytes)}" if first.kind == BANDWIDTH else ""
        return f"{operations}{size} in {self.precision}"


def heavy_net(precision: str, threads: int) -> PeakNet:
    """A large matrix product and a large convolution, each with an input of its own.

    Larger on many threads, so that each has enough to do. For int8 both the data and the
    weights go through FakeQuantize.
    """
    few = threads < _FEW_THREADS
    size, side = (1024, 28) if few else (2048, 56)
    width = int(element_bytes("u8" if precision == INT8 else precision))
    image, weights = _CHANNELS * side**2, _CHANNELS**2 * _KERNEL**2
    layers = (
        CountedLayer("product", "MatMul", FLOPS, 2.0 * size**3, 3 * size**2 * width),
        CountedLayer("convolution", "Convolution", FLOPS, 2.0 * weights * side**2,
                     (2 * image + weights) * width),
    )  # fmt: skip
    return PeakNet(f"heavy-{precision}", precision, layers, lambda: _heavy(precision, size, side))


def copy_net(working_set_bytes: int) -> PeakNet:
    """An addition of a row to a matrix: reads and writes so many bytes, computes next to nothing.

    The size is rounded down to whole rows. Counted are the bytes that are read and those that
    are written, as STREAM counts them (J. D. McCalpin, 1995).
    """
    rows = max(1, working_set_bytes // (2 * 4 * _ROW))
    moved = 2 * 4 * _ROW * rows
    layer = CountedLayer("copy", "Add", BANDWIDTH, float(moved), moved)
    return PeakNet(f"copy-{moved}", "f32", (layer,), lambda: _copy(rows))


def _heavy(precision: str, size: int, side: int) -> ov.Model:
    import openvino as ov
    from openvino import opset1

    random = np.random.default_rng(_SEED)
    quantised = precision == INT8
    rows = opset1.parameter([size, size], np.float32, name="rows")
    image = opset1.parameter([1, _CHANNELS, side, side], np.float32, name="image")
    filters = (_CHANNELS, _CHANNELS, _KERNEL, _KERNEL)
    product = opset1.matmul(
        _data(rows, quantised=quantised),
        _weights((size, size), size, random, quantised=quantised),
        transpose_a=False, transpose_b=False,
    )  # fmt: skip
    convolution = opset1.convolution(
        _data(image, quantised=quantised),
        _weights(filters, _CHANNELS * _KERNEL**2, random, quantised=quantised),
        [1, 1], [1, 1], [1, 1], [1, 1],
    )  # fmt: skip
    product.set_friendly_name("product")
    convolution.set_friendly_name("convolution")
    results = [opset1.result(product), opset1.result(convolution)]
    return ov.Model(results, [rows, image], "peaks")


def _data(data: ov.Node, *, quantised: bool) -> ov.Node:
    """Unsigned bytes, as after a ReLU: what instruction sets without signs multiply best."""
    return _rounded(data, 0.0, 4.0, 256) if quantised else data


def _weights(
    shape: tuple[int, ...], inputs: int, random: np.random.Generator, *, quantised: bool
) -> ov.Node:
    from openvino import opset1

    values = random.standard_normal(shape, dtype=np.float32) / np.float32(inputs**0.5)
    limit = float(np.abs(values).max())
    constant = opset1.constant(values)
    return _rounded(constant, -limit, limit, 255) if quantised else constant


def _rounded(data: ov.Node, low: float, high: float, levels: int) -> ov.Node:
    from openvino import opset1

    limits = [opset1.constant(np.float32(value)) for value in (low, high, low, high)]
    return opset1.fake_quantize(data, *limits, levels)


def _copy(rows: int) -> ov.Model:
    import openvino as ov
    from openvino import opset1

    data = opset1.parameter([rows, _ROW], np.float32, name="data")
    row = np.linspace(0.5, 1.5, _ROW, dtype=np.float32).reshape(1, _ROW)
    added = opset1.add(data, opset1.constant(row))
    added.set_friendly_name("copy")
    return ov.Model([opset1.result(added)], [data], "copy")
