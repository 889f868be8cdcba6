"""Units and number formats: the one place that turns a figure into text for people.

What is not known reads ``unknown``. Machine-readable output does not come from here.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

UNKNOWN = "unknown"
DASH = "\N{EN DASH}"
TOO_WIDE = "too wide to tell"
_WIDEST = 100.0
_DIGITS_NEAR_1, _MOST_DIGITS = 3, 6
_LEAST_SHOWN = 1e-9


def number(value: float) -> str:
    """Three significant digits, whole numbers from 100 on with separators: 1,234, 12.3, 0.00312."""
    size = abs(value)
    if size >= 99.95:
        return f"{value:,.0f}"
    if size >= 9.995:
        return f"{value:.1f}"
    if size >= 0.9995 or size == 0:
        return f"{value:.2f}"
    if size < _LEAST_SHOWN:
        return f"{value:.3g}"
    return f"{value:.{2 - math.floor(math.log10(float(f'{size:.2e}')))}f}"


def _with_unit(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{number(value)} {unit}"


def ms(value: float | None) -> str:
    """Milliseconds: ``1.23 ms``."""
    return _with_unit(value, "ms")


def us(value: float | None) -> str:
    """Microseconds: ``1,234 µs``."""
    return _with_unit(value, "µs")


def delta_us(value: float | None) -> str:
    """A difference in microseconds, with its sign: ``+12.3 µs``."""
    return UNKNOWN if value is None else f"{'+' if value > 0 else ''}{number(value)} µs"


def fps(value: float | None) -> str:
    """Inferences per second: ``131 /s``."""
    return _with_unit(value, "/s")


def per_second(time_ms: float | None) -> float | None:
    """Items per second from the time per item in ms."""
    return None if time_ms is None else 1000.0 / time_ms


@lru_cache(maxsize=1024)
def scenario(
    name: str, batch: int, streams: int | None, threads: int | None, requests: int | None
) -> str:
    """How a cell is driven: ``throughput, batch 8, 4 streams``; what was left open is not told.

    The one stream and the one request of ``latency`` go without saying.
    """
    latency = name == "latency"
    numbers = (
        (streams, "stream", latency and streams == 1),
        (threads, "thread", False),
        (requests, "request", latency and requests == 1),
    )
    told = [
        f"{number} {noun if number == 1 else f'{noun}s'}"
        for number, noun, plain_case in numbers
        if number is not None and not plain_case
    ]
    return ", ".join([name, f"batch {batch}", *told])


def mib(value: float | None) -> str:
    """Memory: ``120 MiB``."""
    return UNKNOWN if value is None else f"{value:,.0f} MiB"


def file_size(size_bytes: float | None) -> str:
    """Size of a file: ``645 kB``, ``12.9 MB``."""
    if size_bytes is None:
        return UNKNOWN
    if size_bytes < 1e6:
        return f"{size_bytes / 1e3:,.0f} kB"
    return f"{size_bytes / 1e6:,.1f} MB"


def speedup(value: float | None) -> str:
    """How many times as fast: ``1.94x``."""
    return UNKNOWN if value is None else f"{value:.2f}x"


def percent(share: float | None) -> str:
    """A share of 1 as per cent: ``25.6 %``."""
    return UNKNOWN if share is None else f"{100.0 * share:.1f} %"


def share(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A share of 1 with its interval: ``97.2 % (95.5-98.3)``."""
    if value is None or low is None or high is None:
        return percent(value)
    return f"{percent(value)} ({100.0 * low:.1f}-{100.0 * high:.1f})"


def points(value: float | None) -> str:
    """A difference of two shares: ``1.8 points``; its sign is left to the words around it."""
    return UNKNOWN if value is None else f"{abs(value):.1f} points"


def db(value: float | None) -> str:
    """A ratio of powers: ``35.2 dB``."""
    return UNKNOWN if value is None else f"{value:.1f} dB"


def p_value(value: float) -> str:
    """The p of a test: ``p = 0.013``, ``p < 0.001``; never rounded onto 0.05 from either side."""
    if value < 0.001:
        return "p < 0.001"
    digits = 3 if abs(value - 0.05) >= 0.0005 or value == 0.05 else 6
    return f"p = {value:.{digits}f}"


def count(value: float | None) -> str:
    """A whole number with separators: ``1,234``."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def when(value: datetime | None) -> str:
    """A time to the minute: ``2026-11-23 01:15 UTC``."""
    return UNKNOWN if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def interval(low: float | None, high: float | None, *, unit: str = "x") -> str:
    """An interval of a ratio: ``1.80x to 2.10x``; ``unknown`` where a bound is, else ``bounds``."""
    if low is None or high is None:
        return UNKNOWN
    found = bounds(low, high)
    return TOO_WIDE if found is None else f"{found[0]}{unit} to {found[1]}{unit}"


def bounds(low: float, high: float) -> tuple[str, str] | None:
    """Both bounds of a ratio's interval, ``1.80`` and ``2.10``; None where they say nothing.

    They say nothing where one is more than a hundred times the other. A bound that is not 1
    has more digits where two would round it onto 1.00.
    """
    if low <= 0 or high > _WIDEST * low:
        return None
    excludes_1 = low > 1 or high < 1
    most = _MOST_DIGITS if excludes_1 else _DIGITS_NEAR_1
    return _bound(low, most), _bound(high, most)


def _bound(value: float, most: int) -> str:
    digits = 2
    while value != 1 and digits < most and float(f"{value:.{digits}f}") == 1:
        digits += 1
    return f"{value:.{digits}f}"


def counted(number: float, noun: str) -> str:
    """``1 cell``, ``1,234 cells``; ``1 launch``, ``2 launches``."""
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{count(number)} {noun if number == 1 else plural}"


def plain(text: str) -> str:
    """Text from a model or a device without control characters, safe for a terminal."""
    if text.isprintable():  # then it has none, and most texts have none
        return text
    return "".join(c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
                   for c in text)  # fmt: skip
