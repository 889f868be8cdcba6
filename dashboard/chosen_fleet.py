"""What the page Devices shows by its link: a model, how it is driven, two arms, a version.

Picks and counts; what the devices say comes from ``results.devices``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashboard.link import EVERY_VERSION, Link
from dashboard.shown_rows import newest
from results.comparison import CellView
from results.devices import DeviceRow
from results.headline import picks
from results.kinds import is_int8_variant
from results.overview import OverviewRow


@dataclass(frozen=True)
class Fleet:
    """One model in one scenario: INT8's ``arm`` (empty: the quickest) against a float arm.

    ``runtime`` is a version or the id of one build of it, empty for the newest of each device.
    """

    model_id: str
    driven: str
    against: str
    arm: str
    runtime: str


def fleet_of(rows: Sequence[OverviewRow], link: Link, baseline: CellView) -> Fleet:
    """The chosen one; without a choice the model that ran on most devices, the baseline's first.

    ``rows`` are measured ones, at least one. What the chosen model does not have is as if it
    was not chosen (``unfitting`` tells of it). An arm or a version that is the same on every
    device counts as chosen, so that a run of another changes nothing of what is shown.
    """
    model_id = link.model or _most([(r.model_id, r.device_id) for r in rows], baseline.model_id)
    own = [row for row in rows if row.model_id == model_id] or list(rows)
    titles = {row.scenario_title for row in own if link.scenario in {"", row.scenario}}
    driven = link.driven if link.driven in {row.scenario_title for row in own} else ""
    there = [row for row in own if row.scenario_title in titles] or own
    fleet = Fleet(
        model_id=own[0].model_id,
        driven=driven or _most([(row.scenario_title, row.device_id) for row in there], ""),
        against=link.against,
        arm=link.arm if link.arm in int8_arms(own) else "",
        runtime=link.runtime if link.runtime in _runtimes(own) else "",
    )
    return _settled(fleet, rows_of(rows, fleet))


def _settled(fleet: Fleet, own: Sequence[OverviewRow]) -> Fleet:
    """The fleet by what all of its rows have in common: the quickest arm, the build."""
    builds, versions_there = {row.runtime_id for row in own}, {row.runtime for row in own}
    runtime = next((min(x) for x in (builds, versions_there) if len(x) == 1), fleet.runtime)
    arms = _quickest_arms(own, fleet.against)
    return replace(fleet, runtime=runtime, arm=fleet.arm or (min(arms) if len(arms) == 1 else ""))


def unchosen(rows: Sequence[OverviewRow], fleet: Fleet) -> Fleet:
    """The same without a chosen arm and version: empty where devices differ in them."""
    free = replace(fleet, arm="", runtime="")
    return _settled(free, rows_of(rows, free))


def version_of(rows: Sequence[OverviewRow], fleet: Fleet) -> str:
    """The version of a fleet by its name; empty for the newest of each device."""
    names = {row.runtime_id: row.runtime for row in rows}
    return names.get(fleet.runtime, fleet.runtime)


def _quickest_arms(own: Sequence[OverviewRow], against: str) -> set[str]:
    """The INT8 arms that stand for the devices where none is chosen."""
    found = picks(own, against)
    judged = {pick.verdict.candidate.arm for pick in found if pick.verdict}
    return judged | set(int8_arms([pick.row for pick in found if pick.verdict is None]))


def unfitting(rows: Sequence[OverviewRow], link: Link, fleet: Fleet) -> tuple[str, ...]:
    """What the address asks for and this model does not have, and what is shown in its place."""
    own = [row for row in rows if row.model_id == fleet.model_id]
    there = {
        "driven": (link.driven, {row.scenario_title for row in own}, fleet.driven),
        "arm": (link.arm, set(int8_arms(own)), fleet.arm or "the quickest of each device"),
        "runtime": (
            link.runtime,
            {EVERY_VERSION, *_runtimes(own)},
            fleet.runtime or "the newest of each device",
        ),
    }
    return tuple(
        f"The address asks for {name} = {asked}, which {own[0].model_title} was not measured with "
        f"on any device; shown is {shown}."
        for name, (asked, known, shown) in there.items()
        if asked and asked not in known
    )


def _runtimes(rows: Sequence[OverviewRow]) -> set[str]:
    """How the versions of these rows may be named: as such, or one build by its id."""
    return {*(row.runtime for row in rows), *(row.runtime_id for row in rows)}


def rows_of(rows: Sequence[OverviewRow], fleet: Fleet) -> tuple[OverviewRow, ...]:
    """The rows of a fleet: one for each device, unless it ran several builds of a version."""
    own = [
        row for row in rows
        if (row.model_id, row.scenario_title) == (fleet.model_id, fleet.driven)
    ]  # fmt: skip
    if fleet.runtime:
        return tuple(row for row in own if fleet.runtime in {row.runtime, row.runtime_id})
    return newest(own)


def int8_arms(rows: Sequence[OverviewRow]) -> tuple[str, ...]:
    """The INT8 arms of these rows, each once."""
    arms = (arm.cell for row in rows for arm in row.arms)
    return tuple(dict.fromkeys(c.arm for c in arms if is_int8_variant(c.variant_kind)))


def found(rows: Sequence[DeviceRow], wanted: str) -> tuple[DeviceRow, ...]:
    """The rows whose device, CPU, host, instruction set, version or governor has these words."""
    words = wanted.casefold().split()
    return tuple(row for row in rows if all(word in _text(row) for word in words))


def _text(row: DeviceRow) -> str:
    isa, governor = row.facts.isa, row.facts.governor
    told = (
        row.label,
        row.facts.cpu,
        row.facts.hostname,
        isa or "",
        row.row.runtime,
        governor or "",
    )
    return " ".join(told).casefold()


def _most(found: Sequence[tuple[str, str]], first: str) -> str:
    """What most devices have; of equals ``first``, else what stands first."""
    counts = Counter(value for value, _ in dict.fromkeys(found))
    return max(counts, key=lambda value: (counts[value], value == first))
