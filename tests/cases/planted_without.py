"""Planted pairs of INT8 against float with nothing to explain: no cause is true of them.

Every layer that is quantised runs on the kernel that it should, all by the same factor faster
than in float, or as fast; nothing is inserted, left in float or fused otherwise. Rules are
looked at in such pairs, other than in those of one program. Networks whose layers might wait
for memory are left out: nobody could tell.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from tests.cases import nets
from tests.cases.from_sample import measured
from tests.cases.labels import causeless
from tests.cases.plan import AMX, VNNI, Kit, Net
from tests.cases.planted_case import OTHER_INT8_ARM, MakeNet, PlantedCase, Sides, int8

AS_FAST = 1.0


def _evenly(factor: float, make_net: MakeNet, kit: Kit = VNNI) -> Sides:
    """INT8 against f32 where each quantised layer takes ``factor`` of its float time."""
    even = MappingProxyType(dict.fromkeys(kit.int8, factor))
    return int8(make_net, kit=replace(kit, int8=even), arm=OTHER_INT8_ARM)


def _resnet() -> Net:
    return measured("resnet_50")


def _leaky_cnn() -> Net:
    return nets.plain_cnn("PRelu")


def _resizing_cnn() -> Net:
    return nets.plain_cnn(resize=True)


WITHOUT_CAUSE = (
    PlantedCase(
        "int8_as_fast_cnn", causeless("every layer takes in INT8 what it takes in f32"),
        _evenly(AS_FAST, nets.plain_cnn),
    ),
    PlantedCase(
        "int8_as_fast_encoder",
        causeless("every matrix product takes in INT8 what it takes in f32"),
        _evenly(AS_FAST, nets.encoder),
    ),
    PlantedCase(
        "int8_as_fast_in_two_runs",
        causeless("every layer takes in INT8 what it takes in f32, measured days apart"),
        _evenly(AS_FAST, nets.plain_cnn), paired=False,
    ),
    PlantedCase(
        "int8_as_fast_resnet", causeless("ResNet-50 runs in INT8 layer by layer as in f32"),
        _evenly(AS_FAST, _resnet),
    ),
    PlantedCase(
        "int8_as_fast_scaled_cnn",
        causeless("every layer takes in INT8 what it takes in f32, with the scale it carries"),
        _evenly(AS_FAST, nets.scaled_cnn),
    ),
    PlantedCase(
        "int8_evenly_faster_resnet",
        causeless("every quantised layer of ResNet-50 takes a third of its float time"),
        _evenly(0.33, _resnet),
    ),
    PlantedCase(
        "int8_evenly_faster_resize",
        causeless("every quantised layer takes half its float time; the resize is f32 on both"),
        _evenly(0.5, _resizing_cnn),
    ),
    PlantedCase(
        "int8_evenly_faster_on_amx",
        causeless("every matrix product takes half its float time on AMX"),
        _evenly(0.5, nets.encoder, AMX),
    ),
    PlantedCase(
        "int8_evenly_faster_cnn", causeless("every layer takes 0.45 of its float time"),
        _evenly(0.45, nets.plain_cnn),
    ),
    PlantedCase(
        "int8_evenly_faster_in_two_runs",
        causeless("every layer takes 0.6 of its float time, measured days apart"),
        _evenly(0.6, nets.plain_cnn), paired=False,
    ),
    PlantedCase(
        "int8_evenly_faster_scaled_cnn", causeless("every layer takes 0.9 of its float time"),
        _evenly(0.9, nets.scaled_cnn),
    ),
    PlantedCase(
        "int8_evenly_faster_leaky_relu",
        causeless("every layer, with its leaky ReLU, takes 0.7 of its float time"),
        _evenly(0.7, _leaky_cnn),
    ),
)  # fmt: skip
"""Every pair of INT8 against float of which no cause is true."""
