"""Which API the OpenVINO of an interpreter has, and the engine for it."""

from __future__ import annotations

import importlib
import importlib.util

from collector.probe.engine import Engine
from collector.probe.inference_engine_api import InferenceEngine
from collector.probe.openvino_api import OpenVinoEngine
from collector.probe.process import without_statistics


def load_engine() -> Engine:
    """The engine for the OpenVINO that this interpreter has."""
    without_statistics()
    module = importlib.import_module("openvino")
    # Found, not tried: a 2022.x whose libraries are broken has an inference_engine, too.
    if not hasattr(module, "Core") and not importlib.util.find_spec("openvino.runtime"):
        return InferenceEngine(importlib.import_module("openvino.inference_engine"))
    if not hasattr(module, "Core"):
        module = importlib.import_module("openvino.runtime")
    return OpenVinoEngine(module)
