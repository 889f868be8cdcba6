"""A planted case, and the usual ways to make one: INT8 against float, a network against itself.

What edits there are is in ``edits``; the cases stand in ``planted_single`` and
``planted_several``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.cases.labels import Half, Label, half_of
from tests.cases.pair import Arm, Pair
from tests.cases.plan import VNNI, Edit, Kit, Layers, Net, as_float, as_half, as_int8

FLOAT_ARM, DEFAULT_ARM, INT8_ARM = "fp32@f32", "fp32@default", "int8-simplified@default"
OTHER_INT8_ARM, NATIVE_ARM = "int8-full@default", "int8-native@default"
OLDER = "2025.4.0"

Sides = Callable[[], tuple[Net, Arm, Arm]]
MakeNet = Callable[[], Net]
Runs = Callable[[Net, Kit], Layers]
"""How a network runs on a device: in f32, in half precision, in INT8."""


@dataclass(frozen=True)
class PlantedCase:
    """A pair whose truth was planted, with its label; not ``paired``: in two runs."""

    name: str
    label: Label
    sides: Sides
    paired: bool = True

    @property
    def half(self) -> Half:
        """The half that it belongs to."""
        return half_of(self.name)

    def pair(self) -> Pair:
        """Both sides."""
        net, baseline, candidate = self.sides()
        return Pair(self.name, net, baseline, candidate, self.paired)


def in_f32(net: Net, kit: Kit) -> Layers:
    """The float network, forced to f32."""
    return as_float(net.layers, kit)


def in_half(net: Net, kit: Kit) -> Layers:
    """The float network in bf16, as a device with bf16 runs it by default."""
    return as_half(net.layers, kit)


def in_int8(net: Net, kit: Kit) -> Layers:
    """The quantised network, without any fault."""
    return as_int8(net.layers, kit)


def unchanged(layers: Layers) -> Layers:
    """No edit."""
    return layers


def int8(
    make_net: MakeNet, edit: Edit = unchanged, *, kit: Kit = VNNI, arm: str = INT8_ARM,
    baseline_edit: Edit = unchanged,
) -> Sides:  # fmt: skip
    """INT8 with an edit, against f32; a network from elsewhere is aligned by structure."""

    def sides() -> tuple[Net, Arm, Arm]:
        net = make_net()
        candidate = Arm(arm, edit(in_int8(net, kit)), kit)
        if arm == NATIVE_ARM:
            candidate = replace(candidate, method="structure", confidence=0.6)
        return net, Arm(FLOAT_ARM, baseline_edit(in_f32(net, kit)), kit), candidate

    return sides


def against_half(
    make_net: MakeNet, edit: Edit = unchanged, *, kit: Kit = VNNI, precision: str = "bf16"
) -> Sides:
    """INT8 with an edit, against what "FP32" runs in by default: bf16 or f16."""

    def sides() -> tuple[Net, Arm, Arm]:
        net = make_net()
        baseline = Arm(DEFAULT_ARM, as_half(net.layers, kit, precision), kit)
        return net, baseline, Arm(INT8_ARM, edit(in_int8(net, kit)), kit)

    return sides


def twice(
    make_net: MakeNet, runs: Runs, arm: str, *, edit: Edit = unchanged,
    other_arm: str | None = None, other_runtime: str | None = None,
    other_edit: Edit = unchanged, kit: Kit = VNNI, other_step: int | None = None,
) -> Sides:  # fmt: skip
    """The same layers with the same times on both sides; only noise differs, and names.

    ``other_edit`` must leave the times as they are. ``other_step`` numbers the candidate's
    nodes otherwise.
    """

    def sides() -> tuple[Net, Arm, Arm]:
        net = make_net()
        layers = edit(runs(net, kit))
        one = Arm(arm, layers, kit)
        other = replace(one, layers=other_edit(layers), arm=other_arm or arm, threads=4)
        if other_runtime:
            other = replace(other, runtime=other_runtime, threads=None)
        if other_step:
            other = replace(other, first=7, step=other_step)
        return net, one, other

    return sides
