"""A network as it was read and as it runs, on paper: operations, layers, their true times.

Plans are made by ``nets`` and ``from_sample``, altered by ``edits`` and turned into stored
facts by ``planting``. Nothing here is noisy: times are what a layer truly takes, in µs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

HEAVY = frozenset({"Convolution", "FullyConnected"})
"""Layer types of convolutions and matrix products."""
STAYS_FLOAT = frozenset({"Softmax", "MVN", "Interpolate", "Input", "Output", "Reorder"})
"""Layer types that quantising a network leaves as they are."""


@dataclass(frozen=True)
class Op:
    """An operation of the float network; elements as in ``facts.SourceOp``."""

    name: str
    op_type: str
    shape: tuple[int, ...]
    producers: tuple[str, ...]
    flops: int | None = None
    input_elements: int = 0
    weight_elements: int = 0


@dataclass(frozen=True)
class Layer:
    """A layer as it runs; ``ops`` are the operations it carries, ``reads`` layers by name.

    ``aliases`` are further original names; ``time_us`` is None where it never runs. A layer
    in INT8 knows how it was ``in_f32``.
    """

    name: str
    node_type: str
    primitive: str
    precision: str
    time_us: float | None
    ops: tuple[str, ...]
    reads: tuple[str, ...]
    shape: tuple[int, ...]
    aliases: tuple[str, ...] = ()
    input_precision: str = ""
    output_precision: str = ""
    input_layout: str = "acdb"
    output_layout: str = "acdb"
    in_f32: Layer | None = None

    @property
    def is_heavy(self) -> bool:
        """Whether it is a convolution or a matrix product."""
        return self.node_type in HEAVY

    @property
    def is_depthwise(self) -> bool:
        """Whether its kernel is one for depthwise convolutions."""
        return "_dw_" in self.primitive

    @property
    def runs(self) -> bool:
        """Whether it is executed."""
        return self.time_us is not None


Layers = tuple[Layer, ...]
Edit = Callable[[Layers], Layers]
"""A change to a side, such as a Reorder that is inserted."""


@dataclass(frozen=True)
class Net:
    """The operations of the float network, and its layers in f32."""

    ops: tuple[Op, ...]
    layers: Layers


@dataclass(frozen=True)
class Kit:
    """A device: its flags, and what another precision makes of an f32 layer's time.

    ``int8`` and ``half`` are factors by kind of layer (``kind_of``); ``isa`` is how
    the kernels name the instruction set.
    """

    name: str
    flags: tuple[str, ...]
    isa: str
    int8: Mapping[str, float]
    half: Mapping[str, float]
    cap: str | None = None
    pace: float = 1.0


_FLAGS = ("sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2")
_AVX512 = (*_FLAGS, "avx512f", "avx512bw", "avx512dq", "avx512vl")
_VNNI = MappingProxyType({"heavy": 0.32, "depthwise": 0.5, "fc": 0.28, "other": 0.6})
_AMX = MappingProxyType({"heavy": 0.2, "depthwise": 0.5, "fc": 0.27, "other": 0.6})
_WIDE = MappingProxyType({"heavy": 0.56, "depthwise": 0.75, "fc": 0.5, "other": 0.7})
_NARROW = MappingProxyType({"heavy": 0.8, "depthwise": 0.85, "fc": 0.6, "other": 0.75})
_HALF = MappingProxyType({"heavy": 0.55, "depthwise": 0.65, "fc": 0.52, "other": 0.8})

VNNI = Kit("planted-vnni", (*_AVX512, "avx512_vnni", "avx512_bf16"), "avx512", _VNNI, _HALF)
AMX = Kit("planted-amx", (*VNNI.flags, "amx_tile", "amx_int8", "amx_bf16"), "avx512_amx",
          _AMX, _HALF)  # fmt: skip
SKYLAKE = Kit("planted-avx512", _AVX512, "avx512", _NARROW, _HALF)
HASWELL = Kit("planted-avx2", _FLAGS, "avx2", _WIDE, _HALF, pace=2.0)
CAPPED = replace(VNNI, isa="avx2", int8=_WIDE, cap="AVX2", pace=2.0)
ARM = Kit("planted-arm", ("asimd", "asimdhp", "asimddp"), "acl", _VNNI, _HALF)


def kind_of(layer: Layer) -> str:
    """Which of a kit's factors holds for a layer."""
    if layer.is_depthwise:
        return "depthwise"
    if layer.node_type == "FullyConnected":
        return "fc"
    return "heavy" if layer.is_heavy else "other"


def kernel(kit: Kit, layer: Layer, precision: str) -> str:
    """How the kernel of a layer is named in a precision: ``brgconv_avx512_dw_I8``."""
    suffix = "I8" if precision == "u8" else precision
    place = {"depthwise": "_dw", "heavy": "_1x1" if "_1x1_" in layer.primitive else ""}
    kind = {"FullyConnected": "brgemm", "Convolution": "brgconv"}.get(layer.node_type, "jit")
    # Only dense products run on tiles; where there is no brgconv, the kernel is plain.
    isa = kit.isa if layer.is_heavy and not layer.is_depthwise else kit.isa.removesuffix("_amx")
    if kind == "brgconv" and isa == "avx2":
        kind = "jit"
    return f"{kind}_{isa}{place.get(kind_of(layer), '')}_{suffix}"


def as_float(layers: Iterable[Layer], kit: Kit) -> Layers:
    """The layers in f32 on a device."""
    return tuple(
        replace(layer, primitive=_float_kernel(kit, layer), time_us=_times(layer, kit.pace))
        if layer.runs else layer
        for layer in layers
    )  # fmt: skip


def as_half(layers: Iterable[Layer], kit: Kit, precision: str = "bf16") -> Layers:
    """The layers in half precision, as a float model runs by default on such a device."""
    return tuple(
        replace(layer, primitive=kernel(kit, layer, precision), precision=precision,
                time_us=_times(layer, kit.pace * kit.half[kind_of(layer)]))
        if layer.runs else layer
        for layer in layers
    )  # fmt: skip


def as_int8(layers: Iterable[Layer], kit: Kit) -> Layers:
    """The layers as a network that quantised without any trouble runs: nothing is lost.

    Every FakeQuantize went into the layer before it, which keeps the name.
    """
    return tuple(_quantised(layer, kit, at) for at, layer in enumerate(layers))


def _quantised(layer: Layer, kit: Kit, at: int) -> Layer:
    if not layer.runs:
        return layer
    if layer.node_type in STAYS_FLOAT:
        return replace(layer, primitive=_float_kernel(kit, layer),
                       time_us=_times(layer, kit.pace))  # fmt: skip
    last = layer.ops[-1] if layer.ops else layer.name
    scaling = (f"Multiply_{11_000 + 37 * at}",) if layer.is_heavy else ()
    return replace(
        layer, primitive=kernel(kit, layer, "u8"), precision="u8",
        time_us=_times(layer, kit.pace * kit.int8[kind_of(layer)]),
        aliases=(*scaling, f"{last}/fq_output_0"), in_f32=as_float([layer], kit)[0],
    )  # fmt: skip


def _float_kernel(kit: Kit, layer: Layer) -> str:
    """Plans are written for AVX-512: there a float layer keeps its kernel."""
    return layer.primitive if kit.isa == "avx512" else kernel(kit, layer, "f32")


def _times(layer: Layer, factor: float) -> float | None:
    return None if layer.time_us is None else layer.time_us * factor


def total_us(layers: Iterable[Layer]) -> float:
    """What all layers take together, in µs."""
    return sum(layer.time_us or 0.0 for layer in layers)
