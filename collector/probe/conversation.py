"""Takes the request and answers it.

The first line on standard input is the request, JSON. Answers are JSON lines on standard
output, each with an ``event``; the last is ``done`` or ``failed``. ``action`` is one of

``describe``  versions, devices, the device's name and capabilities
``timing``    says ``ready`` and waits for ``go``; compiles, warms up, says ``warm``; then
              measures for every ``slice SECONDS`` that it reads, until it reads ``end``
``profile``   the same with PERF_COUNT; reads the counters of all nodes twice: after the
              warm-up, before ``warm``, and after ``end``
``startup``   compiles with OpenVINO's model cache, infers once
"""

from __future__ import annotations

import json
import traceback
from functools import partial
from typing import Any

from collector.probe.channel import Channel, ProbeError, attempt
from collector.probe.engine import Engine
from collector.probe.interference import Interference
from collector.probe.loading import load_engine
from collector.probe.measuring import Session, Slice, headline_ms, warm_up
from collector.probe.process import die_with_parent, limit, peak_memory_mib


def describe(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    return engine.describe(request["device"])


def timing(engine: Engine, request: dict[str, Any], channel: Channel) -> dict[str, Any]:
    session, warmed = _warm(engine, request, channel, profiled=False)
    return _in_turns(session, warmed, request, channel)


def profile(engine: Engine, request: dict[str, Any], channel: Channel) -> dict[str, Any]:
    """Two readings and no more: each is truncated to whole µs, an error that grows with the
    number of inferences before it, and a reading around every slice would add to it. So the
    inferences that warm up again before a slice count in the layers, not in the headline.
    """
    session, warmed = _warm(engine, request, channel, profiled=True)
    network = session.network
    first_count, first = session.inferences, network.counters()
    answer = _in_turns(session, warmed, request, channel)
    second_count, second = session.inferences, network.counters()
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


def _warm(
    engine: Engine, request: dict[str, Any], channel: Channel, profiled: bool
) -> tuple[Session, tuple[int, bool, float]]:
    """When it is told to: a session that is warm, and what ``warm_up`` says of it."""
    channel.say("ready", {})
    channel.read()
    session = Session(engine, request, profiled)
    return session, warm_up(session, request)


def _in_turns(
    session: Session, warmed: tuple[int, bool, float], request: dict[str, Any], channel: Channel
) -> dict[str, Any]:
    """Measure a slice whenever it is told to, until the end."""
    iterations, settled, expected_ms = warmed
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
        "profile": partial(profile, channel=channel),
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
