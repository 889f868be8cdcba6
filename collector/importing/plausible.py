"""Figures given by hand: which cannot be, and which can hardly be meant.

The first are refused where they are read, the second become a caution. Nothing is read or
stored here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from collector.importing.described import Driven
from results import format as fmt
from results.comparison import THROUGHPUT

_MOST = 1e12
"""In ms 31 years; in inferences per second more than any machine makes."""
_LATENCY_MS = (1e-4, 3.6e6)
"""From a tenth of a microsecond to an hour: what one inference may take without a question."""
_RATE_FPS = (1 / 3600, 1e7)
_MOST_SYNC, _MOST_STREAMED = 1.25, 2.5
"""Inferences in flight for each stream: one at a time, its median a little off its mean; with
streams the tool keeps up to two requests for each in flight."""
_LEAST = 0.5
"""Less means that the device stood still for most of the time."""


def is_possible(value: float) -> bool:
    """Whether a latency in ms or a rate per second can be at all: finite, above 0, no nonsense."""
    return math.isfinite(value) and 1 / _MOST <= value <= _MOST


def oddities(
    latency_ms: float | None, throughput_fps: float | None, driven: Driven
) -> Iterator[str]:
    """What is implausible about an arm's figures, in words.

    Latency and throughput belong together by Little's law: inferences in flight are rate times
    latency (J. D. C. Little, A Proof for the Queuing Formula L = λW, 1961).
    """
    if latency_ms is not None and not _LATENCY_MS[0] <= latency_ms <= _LATENCY_MS[1]:
        yield f"a latency of {latency_ms:g} ms"
    if throughput_fps is not None and not _RATE_FPS[0] <= throughput_fps <= _RATE_FPS[1]:
        yield f"a throughput of {throughput_fps:g} inferences/s"
    if latency_ms is None or throughput_fps is None:
        return
    in_flight = throughput_fps * latency_ms / 1000.0 / driven.batch
    least, most = _in_flight(driven)
    if not least <= in_flight <= most:
        expected = f"at least {least:g}" if in_flight < least else f"at most {most:g}"
        yield (
            f"{latency_ms:g} ms and {throughput_fps:g} inferences/s are {in_flight:.3g} batches in"
            f" flight, {_told(driven)} has {expected}"
        )


def _in_flight(driven: Driven) -> tuple[float, float]:
    """The least and the most that are plausible; streams that nobody told have no most."""
    streams = driven.streams or 1
    if driven.scenario == THROUGHPUT:
        return _LEAST * streams, _MOST_STREAMED * streams if driven.streams else math.inf
    return _LEAST * streams, (_MOST_SYNC if streams == 1 else _MOST_STREAMED) * streams


def _told(driven: Driven) -> str:
    streams = f" with {fmt.counted(driven.streams, 'stream')}" if driven.streams else ""
    return f"{driven.scenario}{streams}"
