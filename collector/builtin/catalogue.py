"""The list of built-in models: name, what it is, how it is built.

OpenVINO is imported only when a model is built, so that the list can be shown
without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

SYNTHETIC_NOTE = "synthetic weights: speed only"
_SEED = 20191


@dataclass(frozen=True)
class BuiltinModel:
    """A built-in network and the figures its paper publishes."""

    name: str
    title: str
    build: Callable[[], ov.Model]
    published_parameters: float
    published_macs: float


def _mobilenet_v2() -> ov.Model:
    from collector.builtin.mobilenet import mobilenet_v2

    return mobilenet_v2(_SEED)


def _mobilenet_v3() -> ov.Model:
    from collector.builtin.layers import HSWISH_OPERATION
    from collector.builtin.mobilenet import mobilenet_v3_large

    return mobilenet_v3_large(_SEED, HSWISH_OPERATION)


def _mobilenet_v3_spelled() -> ov.Model:
    from collector.builtin.layers import HSWISH_SPELLED_OUT
    from collector.builtin.mobilenet import mobilenet_v3_large

    return mobilenet_v3_large(_SEED, HSWISH_SPELLED_OUT)


def _resnet_50() -> ov.Model:
    from collector.builtin.resnet import resnet_50

    return resnet_50(_SEED)


BUILTIN_MODELS: tuple[BuiltinModel, ...] = (
    BuiltinModel("mobilenet_v2", "MobileNetV2 1.0", _mobilenet_v2, 3.5e6, 0.30e9),
    BuiltinModel("mobilenet_v3_large", "MobileNetV3-Large 1.0", _mobilenet_v3, 5.4e6, 0.22e9),
    BuiltinModel(
        "mobilenet_v3_large_spelled",
        "MobileNetV3-Large 1.0, h-swish spelled out",
        _mobilenet_v3_spelled,
        5.4e6,
        0.22e9,
    ),
    BuiltinModel("resnet_50", "ResNet-50", _resnet_50, 25.6e6, 4.1e9),
)


def builtin_model(name: str) -> BuiltinModel:
    """The built-in model called ``name``; UsageError names those there are."""
    for model in BUILTIN_MODELS:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in BUILTIN_MODELS)
    raise UsageError(f"no built-in model is called {name!r}", hint=f"choose one of: {known}")
