"""What goes wrong, on paper: each edit changes a plan's layers by one known amount.

Edits are pure and know nothing of how a fault is found. Times are in µs, true ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

from tests.cases.plan import Edit, Layer, Layers

Chosen = Callable[[Layer], bool]
"""Which layers an edit changes."""


def all_of(*edits: Edit) -> Edit:
    """One edit after the other."""
    return lambda layers: reduce(lambda done, edit: edit(done), edits, layers)


def named(*names: str) -> Chosen:
    """The layers of these names."""
    return lambda layer: layer.name in names


def heavy(layer: Layer) -> bool:
    """Every convolution and matrix product."""
    return layer.is_heavy


def depthwise(layer: Layer) -> bool:
    """Every depthwise convolution."""
    return layer.is_depthwise


def pointwise(layer: Layer) -> bool:
    """Every 1x1 convolution."""
    return "_1x1_" in layer.primitive


def reorders(
    time_us: float, before: Chosen, *, kind: str = "layout", precision: str = "u8"
) -> Edit:
    """A Reorder of ``time_us`` in front of each chosen layer's first input.

    ``kind`` is ``layout``, ``to_int8`` (f32 to u8) or ``to_float`` (u8 to f32).
    """

    def edit(layers: Layers) -> Layers:
        made = _in_front(
            layers, before, lambda layer, source: _reorder(layer, source, time_us, kind, precision)
        )
        return _giving_what_is_read(made)

    return edit


def lone_quantisers(time_us: float, before: Chosen) -> Edit:
    """A FakeQuantize that runs by itself in front of each chosen layer's first input."""
    return lambda layers: _in_front(
        layers, before, lambda layer, source: _quantiser(source, time_us)
    )


def float_layers(chosen: Chosen) -> Edit:
    """The chosen layers as they run in f32 on this device."""
    return lambda layers: tuple(
        replace(layer.in_f32, reads=layer.reads) if layer.in_f32 and chosen(layer) else layer
        for layer in layers
    )


def kernel(chosen: Chosen, primitive: str, factor: float) -> Edit:
    """Another kernel for the chosen layers, that takes ``factor`` times as long."""
    return lambda layers: tuple(
        _scaled(replace(layer, primitive=primitive), factor) if chosen(layer) else layer
        for layer in layers
    )


def scaled(chosen: Chosen, factor: float) -> Edit:
    """The chosen layers take ``factor`` times as long, with the kernel that they have."""
    return lambda layers: tuple(
        _scaled(layer, factor) if chosen(layer) else layer for layer in layers
    )


def alone(
    op_ending: str, time_us: float, *, node_type: str = "Eltwise", precision: str = "u8",
    each: bool = False,
) -> Edit:  # fmt: skip
    """The fused operation whose name ends so, and all behind it, run as a layer of their own.

    With ``each`` every one of them runs by itself, all taking ``time_us`` together.
    """
    return lambda layers: _taken_out(layers, op_ending, time_us, node_type, precision, each=each)


def renamed(spell: Callable[[Layer], str]) -> Edit:
    """Other names of layers; what they carry stays the same."""

    def edit(layers: Layers) -> Layers:
        names = {layer.name: spell(layer) for layer in layers}
        return tuple(
            replace(layer, name=names[layer.name], aliases=(layer.name, *layer.aliases),
                    reads=tuple(names[one] for one in layer.reads))
            for layer in layers
        )  # fmt: skip

    return edit


def _scaled(layer: Layer, factor: float) -> Layer:
    return layer if layer.time_us is None else replace(layer, time_us=layer.time_us * factor)


def _in_front(layers: Layers, chosen: Chosen, make: Callable[[Layer, Layer], Layer]) -> Layers:
    by_name = {layer.name: layer for layer in layers}
    made: list[Layer] = []
    for layer in layers:
        if not chosen(layer) or not layer.reads:
            made.append(layer)
            continue
        new = make(layer, by_name[layer.reads[0]])
        made += [new, replace(layer, reads=(new.name, *layer.reads[1:]))]
    return tuple(made)


def _reorder(layer: Layer, source: Layer, time_us: float, kind: str, precision: str) -> Layer:
    reads, gives = {
        "layout": (precision, precision), "to_int8": ("f32", "u8"), "to_float": ("u8", "f32"),
    }[kind]  # fmt: skip
    layouts = ("acdb", "aBcd16b") if kind == "layout" else ("acdb", "acdb")
    middle = "_".join(layouts if kind == "layout" else (reads, gives))
    return Layer(
        f"{source.name}_{middle}_{layer.name}", "Reorder", "jit_uni_I8", reads, time_us, (),
        (source.name,), source.shape, (), reads, gives, *layouts,
    )  # fmt: skip


def _giving_what_is_read(layers: Layers) -> Layers:
    """Each producer of a Reorder gives the precision that the Reorder reads."""
    given = {
        layer.reads[0]: layer.input_precision for layer in layers if layer.node_type == "Reorder"
    }
    return tuple(
        replace(layer, output_precision=given.get(layer.name, layer.output_precision))
        for layer in layers
    )


def _quantiser(source: Layer, time_us: float) -> Layer:
    last = source.ops[-1] if source.ops else source.name
    name = f"{last}/fq_output_0"
    return Layer(name, "FakeQuantize", "jit_avx512_f32", "f32", time_us, (), (source.name,),
                 source.shape, (name,), "f32", "u8")  # fmt: skip


def _taken_out(
    layers: Layers, ending: str, time_us: float, node_type: str, precision: str, *, each: bool
) -> Layers:
    made: list[Layer] = []
    moved: dict[str, str] = {}
    for plain in layers:
        layer = replace(plain, reads=tuple(moved.get(one, one) for one in plain.reads))
        at = next((at for at, op in enumerate(layer.ops) if at and op.endswith(ending)), None)
        if at is None:
            made.append(layer)
            continue
        host = replace(layer, ops=layer.ops[:at], reads=layer.reads[:1], aliases=())
        out = layer.ops[at:]
        parts = [(op,) for op in out] if each else [out]
        new = _chain(host, parts, layer.reads[1:], time_us / len(parts), node_type, precision)
        moved[layer.name] = new[-1].name
        made += [host, *new]
    return tuple(made)


def _chain(
    host: Layer, parts: Sequence[tuple[str, ...]], others: Sequence[str], time_us: float,
    node_type: str, precision: str,
) -> list[Layer]:  # fmt: skip
    suffix = "I8" if precision == "u8" else precision
    made = [host]
    for at, ops in enumerate(parts):
        reads = (made[-1].name, *(others if at == 0 else ()))
        aliases = (f"{ops[-1]}/fq_output_0",) if precision == "u8" and at == len(parts) - 1 else ()
        made.append(Layer(ops[0], node_type, f"jit_avx512_{suffix}", precision, time_us, ops,
                          reads, host.shape, aliases))  # fmt: skip
    return made[1:]
