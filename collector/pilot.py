"""What the pilot blocks of an adaptive run tell: how far pairs of cells scatter. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from statistics import stdev

from collector.effort import PILOT_BLOCKS
from results.facts import Launch
from results.stats import turns_log_ratio


def pilot_spreads(launches: Iterable[Launch]) -> tuple[float, ...]:
    """Standard deviation of the log-ratio over the pilot blocks, for every pair of cells.

    Pairs are cells that sat together; the last attempt of a block counts. A pair with
    fewer than two common blocks tells nothing.
    """
    sittings: dict[tuple[int, int], dict[str, Launch]] = {}
    for launch in sorted(launches, key=lambda launch: launch.attempt):
        if _is_pilot(launch):
            sittings.setdefault((launch.block or 0, launch.sitting or 0), {})[launch.cell_id] = (
                launch
            )
    ratios: dict[tuple[str, str], list[float]] = {}
    for together in sittings.values():
        for a, b in combinations(sorted(together), 2):
            ratio = turns_log_ratio(together[a].slice_ms or (), together[b].slice_ms or ())
            if ratio is not None:
                ratios.setdefault((a, b), []).append(ratio)
    return tuple(stdev(found) for found in ratios.values() if len(found) > 1)


def _is_pilot(launch: Launch) -> bool:
    seated = launch.kind == "timing" and launch.status == "ok" and launch.sitting is not None
    return seated and launch.block is not None and launch.block < PILOT_BLOCKS
