"""What the probe asks of an OpenVINO, whatever its API: describe itself, compile, infer.

Also the rules that hold for every one. Measuring lives in ``measuring``; the APIs themselves in
``openvino_api`` and ``inference_engine_api``; which of them an interpreter has, in ``loading``.
"""

from __future__ import annotations

import time
from typing import Any, Callable

_CAPS_WITH_BF16 = ("AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX")


class Network:
    """A compiled model.

    After ``prepare`` there is either a ``queue`` of requests (throughput) with the methods of
    OpenVINO's AsyncInferQueue, or one ``single`` request with its ``latency`` in ms, which
    ``infer`` runs without copying its outputs. ``adjustments``: what was asked of OpenVINO
    otherwise than planned, and why.
    """

    read_ms = 0.0
    compile_ms = 0.0
    queue = None  # type: Any
    single = None  # type: Any
    infer = None  # type: Any

    def __init__(self) -> None:
        self.adjustments = []  # type: list[str]

    def prepare(self, request: dict[str, Any]) -> None:
        """Make the requests of the scenario and fill their inputs."""
        raise NotImplementedError

    def first(self) -> None:
        """The first inference."""
        if self.queue is None:
            self.infer()
        else:
            self.queue.start_async()
            self.queue.wait_all()

    def requests(self) -> int:
        """How many inferences may be in flight."""
        return 1 if self.queue is None else len(self.queue)

    def properties(self) -> dict[str, object]:
        """All properties that the compiled model reports, by name."""
        raise NotImplementedError

    def from_cache(self) -> bool | None:
        """Whether it was compiled from OpenVINO's model cache; None: not told."""
        raise NotImplementedError

    def counters(self) -> dict[str, int | None]:
        """Running average per node since it was compiled in µs, by execution order.

        None: not executed.
        """
        raise NotImplementedError

    def nodes(self) -> list[dict[str, Any]]:
        """Every node of the compiled graph with what it reads, as plain values."""
        raise NotImplementedError


class Engine:
    """An OpenVINO of one API generation."""

    def describe(self, device: str) -> dict[str, Any]:
        """Versions, available devices, and what the device says of itself, if it is here."""
        raise NotImplementedError

    def load(self, request: dict[str, Any], profiled: bool) -> Network:
        """Read and compile the model of a request, with counters where it is profiled."""
        raise NotImplementedError


def ms_of(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What a call returns, and how long it took in ms."""
    started = time.perf_counter()
    found = function(*arguments)
    return found, (time.perf_counter() - started) * 1e3


def is_available(device: str, available: list[str]) -> bool:
    """Whether ``device`` names one of the available devices or a combination of them."""
    kind, _, members = device.partition(":")
    known = set(available) | {name.split(".")[0] for name in available}
    known |= {name + ".0" for name in available if "." not in name and name != "CPU"}
    if kind in ("AUTO", "MULTI", "HETERO", "BATCH"):
        wanted = [part.split("(")[0].lstrip("-") for part in members.split(",") if part]
        return all(part in known for part in wanted)
    return device in known


def needs_f32(cap: str | None, config: dict[str, Any], capabilities: list[str]) -> bool:
    """Whether a cap to a CPU without bf16 is not kept, as bf16 would still be chosen.

    An OpenVINO that keeps the cap in its kernels alone still tells that it has bf16 and, where
    no precision was asked for, takes it; there is then no kernel, or a slow one. Versions
    2022.1 to 2025.4 and 2026.4 were seen to keep it everywhere.
    """
    if cap is None or cap in _CAPS_WITH_BF16 or "INFERENCE_PRECISION_HINT" in config:
        return False
    return "BF16" in capabilities


def f32_instead(cap: str) -> str:
    """The sentence that tells of it."""
    return (
        "f32 was asked for in place of the default precision: under the cap {} this OpenVINO "
        "would still choose bf16, which a CPU of that class has not".format(cap)
    )


def plain(value: object) -> object:
    """A property value as JSON can hold it."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return str(value)
