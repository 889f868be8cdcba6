"""Infers and takes the times: a session of one compiled model, its warm-up, its slices."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from collector.probe.channel import attempt
from collector.probe.engine import Engine, ms_of


class Slice:
    """One stretch of measuring: latencies in ms, items in the steady window, its length in s."""

    def __init__(self, latencies_ms: list[float], items: int, window_s: float) -> None:
        self.latencies_ms = latencies_ms
        self.items = items
        self.window_s = window_s


class Session:
    """A compiled model with its inputs set, ready to infer; counts what it infers."""

    def __init__(self, engine: Engine, request: dict[str, Any], profiled: bool = False) -> None:
        self.inferences = 0
        self.inference_s = 0.0
        self.network = engine.load(request, profiled)
        # Only a profile reads these: a node with a time before any inference was
        # run by OpenVINO itself, once, because it reads constants only.
        self.counters_at_compile = self.network.counters() if profiled else {}
        self.network.prepare(request)
        _, self.first_inference_ms = ms_of(attempt, "infer", self.network.first)
        self.inferences += 1
        # A node whose average is under 1 us is reported as not executed; the first,
        # cold inference is slow enough to tell it from one that really is not.
        self.counters_at_first = self.network.counters() if profiled else {}

    @property
    def is_async(self) -> bool:
        return self.network.queue is not None

    def run(self, seconds: float, at_least: int) -> Slice:
        """Infer for some seconds, and at least so many inferences."""
        started = time.perf_counter()
        found = (self._run_async if self.is_async else self._run_sync)(seconds, at_least)
        self.inference_s += time.perf_counter() - started
        return found

    def _run_sync(self, seconds: float, at_least: int) -> Slice:
        """One request at a time; latency as OpenVINO takes it, around the inference alone."""
        clock, infer, request = time.perf_counter, self.network.infer, self.network.single
        latencies = []  # type: list[float]
        started = clock()
        while len(latencies) < at_least or clock() - started < seconds:
            infer()
            latencies.append(request.latency)
        self.inferences += len(latencies)
        return Slice(latencies, len(latencies), clock() - started)

    def _run_async(self, seconds: float, at_least: int) -> Slice:
        """All requests in flight, at least so many inferences of each.

        The window opens when each has come back once and ends with a whole wave of returns,
        so that neither the filling nor the draining counts. Requests that were started
        together come back together: a window from the last of a wave to the first of
        another would miss one.
        """
        clock, queue, flying = time.perf_counter, self.network.queue, set()
        latencies = []  # type: list[float]
        returned, opened, now = 0, 0.0, clock()
        wave = len(queue)
        while not (
            opened
            and len(latencies) >= at_least * wave
            and len(latencies) % wave == 0
            and now - opened >= seconds
        ):
            place = queue.get_idle_request_id()
            now = clock()
            if place not in flying:
                flying.add(place)
            else:
                returned += 1
                if opened:
                    latencies.append(queue[place].latency)
                elif returned >= wave:
                    opened = now
            queue.start_async()
        queue.wait_all()
        self.inferences += returned + len(flying)
        return Slice(latencies, len(latencies), now - opened)


def headline_ms(found: Slice, session: Session, request: dict[str, Any]) -> float:
    """Median latency, or in throughput the time per item, in ms."""
    if session.is_async:
        items = found.items * int(request["items"])
        return found.window_s * 1e3 / items
    return float(np.median(found.latencies_ms))


def warm_up(session: Session, request: dict[str, Any]) -> tuple[int, bool, float]:
    """Infer until the headlines of two windows differ by less than the tolerance.

    Returns (number of inferences, whether it settled, the last window's headline in ms).
    """
    before, deadline = session.inferences, time.perf_counter() + request["warmup_max_s"]
    window, least = request["warmup_window_s"], request["warmup_min_iterations"]
    previous = headline_ms(session.run(window, least), session, request)
    while True:  # two windows at least, however slow the model is
        now = headline_ms(session.run(window, least), session, request)
        settled = abs(now - previous) <= request["warmup_tolerance"] * previous
        previous = now
        if settled or time.perf_counter() >= deadline:
            return session.inferences - before, settled, previous
