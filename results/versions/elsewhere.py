"""Where cells failed that one history does not tell of: other models, devices, scenarios.

Picks rows of the overview; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from results.comparison import MEASURED
from results.overview_rows import OverviewRow
from results.versions.order import sort_key
from results.versions.shapes import History, Version


@dataclass(frozen=True)
class FailedPlace:
    """A model on a device in a scenario, with the versions in which a cell of it failed.

    ``versions`` are the oldest first, each once.
    """

    model_id: str
    model_title: str
    device_id: str
    device: str
    scenario_title: str
    versions: tuple[str, ...]


def failed_elsewhere(rows: Iterable[OverviewRow], history: History) -> tuple[FailedPlace, ...]:
    """The places beside that of the history where cells failed; most versions first.

    Only what was measured here has versions to follow.
    """
    own = history.model_id, history.device_id, history.scenario_title
    held: dict[tuple[str, str, str], list[OverviewRow]] = {}
    for row in rows:
        key = row.model_id, row.device_id, row.scenario_title
        if key != own and row.origin == MEASURED and any(arm.error for arm in row.arms):
            held.setdefault(key, []).append(row)
    found = [_place(members) for members in held.values()]
    return tuple(sorted(found, key=lambda one: (-len(one.versions), one.model_title)))


def _place(rows: list[OverviewRow]) -> FailedPlace:
    first = rows[0]
    versions = {row.runtime: Version(row.runtime_id, row.runtime, "", row.runtime) for row in rows}
    return FailedPlace(
        model_id=first.model_id,
        model_title=first.model_title,
        device_id=first.device_id,
        device=first.device,
        scenario_title=first.scenario_title,
        versions=tuple(sorted(versions, key=lambda name: sort_key(versions[name]))),
    )
