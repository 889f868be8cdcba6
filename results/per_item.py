"""Layer times of a throughput cell, brought from an inference to an item.

A counter tells how long a layer took in one inference of one stream. In throughput
several streams run at the same time and an inference carries a batch, so that the time
per item, which is what the headline tells, is that much shorter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import median_low

from results.comparison import CellView
from results.nodes import Side
from results.views import LaunchView

_STREAM_PROPERTIES = ("NUM_STREAMS", "CPU_THROUGHPUT_STREAMS")
"""The second is the name that OpenVINO 2021 had for it."""


def per_item(side: Side, cell: CellView, launches: Sequence[LaunchView]) -> Side:
    """The side with its times per item: divided by the streams that ran, times the batch.

    So that the layers of a throughput cell add up to its time per item, 1 / (inferences
    times batch per second). A latency cell is given back as it is: one inference at a
    time. ``launches`` are those of the cell in its run; where none tells how many
    streams there were, the number asked for counts, else 1.
    """
    if not cell.is_throughput:
        return side
    return side.scaled(1.0 / items_of(cell, launches))


def items_of(cell: CellView, launches: Sequence[LaunchView]) -> int:
    """Items that share the time of one inference: streams times batch in throughput, else 1."""
    return streams_run(cell, launches) * cell.batch if cell.is_throughput else 1


def streams_run(cell: CellView, launches: Sequence[LaunchView]) -> int:
    """Streams that really ran at the same time: never more than there were requests."""
    if not cell.is_throughput:
        return 1
    found = [
        _busy(streams, launch.requests)
        for launch in launches
        if launch.cell_id == cell.cell_id and launch.kind == "timing" and launch.ok
        if (streams := _streams(launch.properties)) is not None
    ]
    return median_low(found) if found else _busy(cell.streams or 1, cell.requests)


def _busy(streams: int, requests: int | None) -> int:
    return max(1, streams if requests is None else min(streams, requests))


def _streams(properties: str | None) -> int | None:
    """The number of streams in a launch's properties; None where it is not a number there."""
    try:
        found = json.loads(properties or "{}")
    except ValueError:
        return None
    values = [found.get(name) for name in _STREAM_PROPERTIES] if isinstance(found, dict) else []
    told = [str(value) for value in values if value is not None]
    return int(told[0]) if told and told[0].isdecimal() else None
