"""The list of built-in models: name, what it is, how it is built.

OpenVINO is imported only when a model is built, so that the list can be shown
without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.models.request import DataRequest, Judging
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

SYNTHETIC_NOTE = "synthetic weights: speed only"
_SEED = 20191


@dataclass(frozen=True)
class BuiltinModel:
    """A built-in network and the figures its paper publishes; None where there is no paper.

    ``model_type`` is what NNCF has to be told: "transformer", or None for the rest.
    ``in_demo`` says that the demo measures it. ``judging`` is what its accuracy is judged on,
    None where the weights are synthetic.
    """

    name: str
    title: str
    build: Callable[[], ov.Model]
    published_parameters: float | None
    published_macs: float | None
    model_type: str | None = None
    in_demo: bool = False
    judging: Judging | None = None
    synthetic_weights: bool = True


def _mobilenet_v2() -> ov.Model:
    from collector.builtin.mobilenet import mobilenet_v2

    return mobilenet_v2(_SEED)


def _mobilenet_v3() -> ov.Model:
    from collector.builtin.layers import HSWISH_OPERATION
    from collector.builtin.mobilenet_v3 import mobilenet_v3_large

    return mobilenet_v3_large(_SEED, HSWISH_OPERATION)


def _mobilenet_v3_spelled() -> ov.Model:
    from collector.builtin.layers import HSWISH_SPELLED_OUT
    from collector.builtin.mobilenet_v3 import mobilenet_v3_large

    return mobilenet_v3_large(_SEED, HSWISH_SPELLED_OUT)


def _resnet_50() -> ov.Model:
    from collector.builtin.resnet import resnet_50

    return resnet_50(_SEED)


def _mobilenet_v1() -> ov.Model:
    from collector.builtin.mobilenet import mobilenet_v1

    return mobilenet_v1(_SEED)


def _efficientnet_b0() -> ov.Model:
    from collector.builtin.efficientnet import efficientnet_b0

    return efficientnet_b0(_SEED)


def _bert_mini() -> ov.Model:
    from collector.builtin.bert import bert_mini

    return bert_mini(_SEED)


def _digits() -> ov.Model:
    from collector.builtin.digits_model import digits

    return digits()


_DIGITS_JUDGING = Judging(
    data=DataRequest("collector.builtin.digits:held_out", title="digits, held out"),
    calibration=DataRequest("collector.builtin.digits:training", title="digits, training"),
)

BUILTIN_MODELS: tuple[BuiltinModel, ...] = (
    BuiltinModel("mobilenet_v2", "MobileNetV2 1.0", _mobilenet_v2, 3.5e6, 0.30e9, in_demo=True),
    BuiltinModel(
        "mobilenet_v3_large", "MobileNetV3-Large 1.0", _mobilenet_v3, 5.4e6, 0.22e9, in_demo=True
    ),
    BuiltinModel(
        "mobilenet_v3_large_spelled",
        "MobileNetV3-Large 1.0, h-swish spelled out",
        _mobilenet_v3_spelled,
        5.4e6,
        0.22e9,
        in_demo=True,
    ),
    BuiltinModel("resnet_50", "ResNet-50", _resnet_50, 25.6e6, 4.1e9, in_demo=True),
    BuiltinModel(
        "digits",
        "Handwritten digits, MobileNetV3 style",
        _digits,
        None,
        None,
        in_demo=True,
        judging=_DIGITS_JUDGING,
        synthetic_weights=False,
    ),
    BuiltinModel("mobilenet_v1", "MobileNetV1 1.0", _mobilenet_v1, 4.2e6, 0.569e9),
    BuiltinModel("efficientnet_b0", "EfficientNet-B0", _efficientnet_b0, 5.3e6, 0.39e9),
    BuiltinModel(
        "bert_mini", "BERT-Mini, 128 tokens", _bert_mini, 11.2e6, 0.44e9, model_type="transformer"
    ),
)


def builtin_model(name: str) -> BuiltinModel:
    """The built-in model called ``name``; UsageError names those there are."""
    for model in BUILTIN_MODELS:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in BUILTIN_MODELS)
    raise UsageError(f"no built-in model is called {name!r}", hint=f"choose one of: {known}")
