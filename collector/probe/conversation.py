"""Takes the request and answers it.

The first line on standard input is the request, JSON. Answers are JSON lines on standard
output, each with an ``event``; the last is ``done`` or ``failed``. ``action`` is one of

``describe``  versions, devices, the device's name and capabilities
``timing``    says ``ready`` and waits for ``go``; compiles, warms up, says ``warm``; then
              measures for every ``slice SECONDS`` that it reads, until it reads ``end``
``profile``   the same in one go, with PERF_COUNT: per-node counters between two readings
``startup``   compiles with OpenVINO's model cache, infers once
"""

from __future__ import annotations

import json
import traceback
from functools import partial
from typing import Any

from collector.probe.channel import Channel, ProbeError, attempt
from collector.probe.engine import Engine, load_engine
from collector.probe.interference import Interference
from collector.probe.measuring import Session, Slice, headline_ms, warm_up
from collector.probe.process import die_with_parent, limit, peak_memory_mib


def describe(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    return engine.describe(request["device"])


def timing(engine: Engine, request: dict[str, Any], channel: Channel) -> dict[str, Any]:
    channel.say("ready", {})
    channel.read()
    session = Session(engine, request)
    iterations, settled, expected_ms = warm_up(session, request)
    channel.say("warm", {"expected_ms": expected_ms, "requests": session.network.requests()})
    slices, interference = [], Interference(request)
    for command in iter(channel.read, "end"):
        seconds = float(command.split()[1])
        if not session.is_async:  # the others' turns have emptied the caches
            session.run(request["rewarm_s"], 1)
        interference.start()
        slices.append(session.run(seconds, request["slice_min_iterations"]))
        interference.stop()
        channel.say("slice", {})
    answer = _common(session, iterations, settled)
    return dict(answer, **_measured(session, request, slices, interference))


def profile(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    session = Session(engine, request, profiled=True)
    network = session.network
    iterations, settled, _ = warm_up(session, request)
    first_count, first = session.inferences, network.counters()
    interference = Interference(request)
    interference.start()
    found = session.run(request["measure_s"], request["min_iterations"])
    interference.stop()
    second_count, second = session.inferences, network.counters()
    answer = _common(session, iterations, settled)
    answer.update(_measured(session, request, [found], interference))
    answer["nodes"] = network.nodes()
    answer["at_compile"] = timed(session.counters_at_compile)
    answer["at_first"] = timed(session.counters_at_first)
    answer["counters"] = [[first_count, first], [second_count, second]]
    return answer


def startup(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    session = Session(engine, request)
    return dict(_common(session, 0, None), from_cache=session.network.from_cache())


def timed(reading: dict[str, int | None]) -> list[str]:
    """Execution orders of the nodes that have a time in a reading."""
    return [order for order, time_us in reading.items() if time_us is not None]


def _common(session: Session, warmup_iterations: int, settled: bool | None) -> dict[str, Any]:
    network = session.network
    return {
        "read_ms": network.read_ms,
        "compile_ms": network.compile_ms,
        "first_inference_ms": session.first_inference_ms,
        "warmup_iterations": warmup_iterations,
        "warmup_settled": settled,
        "inference_s": session.inference_s + session.first_inference_ms / 1e3,
        "requests": network.requests(),
        "properties": network.properties(),
        "adjustments": network.adjustments,
        "peak_memory_mib": peak_memory_mib(),
    }


def _measured(
    session: Session, request: dict[str, Any], slices: list[Slice], interference: Interference
) -> dict[str, Any]:
    return {
        "interference": interference.answer(),
        "samples_ms": [sample for found in slices for sample in found.latencies_ms],
        "slice_ms": [headline_ms(found, session, request) for found in slices],
        "items": sum(found.items for found in slices) * request["items"],
        "wall_s": sum(found.window_s for found in slices),
    }


def main() -> None:
    """Read the request, answer it, end."""
    channel = Channel()
    request = json.loads(channel.read())
    die_with_parent(request["parent"])
    actions = {
        "describe": describe,
        "timing": partial(timing, channel=channel),
        "profile": profile,
        "startup": startup,
    }  # type: dict[str, Any]
    try:
        attempt("limit", limit, request)
        engine = attempt("import", load_engine)
        channel.say("done", actions[request["action"]](engine, request))
    except ProbeError as error:
        channel.say("failed", {"stage": error.stage, "error": error.message})
    except MemoryError:
        channel.say("failed", {"stage": "memory", "error": "out of memory"})
    except Exception as error:  # OpenVINO's own, outside the steps above
        traceback.print_exc()
        channel.say("failed", {"stage": request["action"], "error": str(error) or repr(error)})
