"""What the pilot blocks of an adaptive run tell: how far pairs of cells scatter. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from itertools import combinations
from statistics import median, stdev
from types import MappingProxyType

from collector.effort import PILOT_BLOCKS
from results.facts import Launch
from results.stats import turns_log_ratio


def pilot_spreads(
    launches: Iterable[Launch], neighbours: Mapping[str, Hashable] = MappingProxyType({})
) -> tuple[float, ...]:
    """Standard deviation of the log-ratio over the pilot blocks, for every pair that is compared.

    ``neighbours`` says of each cell what it is compared with: cells that share the value.
    Where none do, every pair counts. The last attempt of a block counts; a pair with
    fewer than two common blocks tells nothing.
    """
    blocks: dict[int, dict[str, Launch]] = {}
    for launch in sorted(launches, key=lambda launch: launch.attempt):
        if _is_pilot(launch):
            blocks.setdefault(launch.block or 0, {})[launch.cell_id] = launch
    ratios: dict[tuple[str, str], list[float]] = {}
    for measured in blocks.values():
        for a, b in combinations(sorted(measured), 2):
            ratios.setdefault((a, b), []).append(_log_ratio(measured[a], measured[b]))
    known = {pair: stdev(found) for pair, found in ratios.items() if len(found) > 1}
    compared = [
        spread for (a, b), spread in known.items()
        if neighbours.get(a, a) == neighbours.get(b, b)
    ]  # fmt: skip
    return tuple(compared or known.values())


def _log_ratio(a: Launch, b: Launch) -> float:
    """Turn by turn where the two sat together, else by the middle of their turns."""
    a_ms, b_ms = a.slice_ms or (), b.slice_ms or ()
    together = (a.sitting, a.attempt) == (b.sitting, b.attempt)
    ratio = turns_log_ratio(a_ms, b_ms) if together else None
    return math.log(median(b_ms) / median(a_ms)) if ratio is None else ratio


def _is_pilot(launch: Launch) -> bool:
    seated = launch.kind == "timing" and launch.status == "ok" and bool(launch.slice_ms)
    return seated and launch.block is not None and launch.block < PILOT_BLOCKS
