"""How a run went: its pace, which launches count, what the turns of a sitting show.

Pure. When a launch counts as disturbed is said in ``results.pairing``, and from where a
machine counts as unsteady in ``results.trust``; both are only applied here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median, pstdev

from results import cautions as words
from results.comparison import CellView, ShownCaution
from results.facts import Caution
from results.format import counted
from results.kinds import is_int8_variant
from results.pairing import dirty_launches, headlines_ms, one_per_block
from results.trust import UNSTEADY
from results.views import LaunchView

_STEADIER = 0.8
"""Below this share of the baseline's own spread the ratio is called steadier."""


@dataclass(frozen=True)
class DriftPoint:
    """A good timing launch: minutes since the run's first one, and how far it is off.

    ``deviation`` is its headline over the median of those of the cell's launches, less 1.
    """

    launch_id: str
    cell_id: str
    block: int | None
    attempt: int
    minutes: float
    headline_ms: float
    deviation: float


def drift(launches: Sequence[LaunchView]) -> tuple[DriftPoint, ...]:
    """The timing launches of one run as points in time order; failed ones are left out."""
    timed = [
        (launch, launch.headline_ms)
        for launch in launches
        if launch.kind == "timing" and launch.ok and launch.headline_ms is not None
    ]
    if not timed:
        return ()
    first = min(launch.started_at for launch, _ in timed)
    by_cell: dict[str, list[float]] = {}
    for launch, headline_ms in timed:
        by_cell.setdefault(launch.cell_id, []).append(headline_ms)
    middle = {cell_id: median(values) for cell_id, values in by_cell.items()}
    return tuple(
        DriftPoint(
            launch_id=launch.launch_id,
            cell_id=launch.cell_id,
            block=launch.block,
            attempt=launch.attempt,
            minutes=(launch.started_at - first).total_seconds() / 60.0,
            headline_ms=headline_ms,
            deviation=headline_ms / middle[launch.cell_id] - 1.0,
        )
        for launch, headline_ms in sorted(timed, key=lambda pair: pair[0].started_at)
    )


class LaunchUse(StrEnum):
    """What became of a launch; every one of them is kept."""

    USED = "used"
    DISTURBED = "disturbed, used all the same"
    AGAIN = "disturbed, measured again"
    ALONG = "measured again with its block"
    LAYERS = "for the layers"
    START = "for the start from the cache"
    FAILED = "failed"

    @property
    def is_disturbed(self) -> bool:
        """Whether something from outside disturbed the launch."""
        return self in {LaunchUse.DISTURBED, LaunchUse.AGAIN}


_OTHER_KINDS = {"profile": LaunchUse.LAYERS, "startup": LaunchUse.START}


def launch_uses(
    launches: Sequence[LaunchView], cautions: Sequence[Caution]
) -> Mapping[str, LaunchUse]:
    """By launch id, what the launches of one run are used for: of each block one attempt."""
    dirty = dirty_launches(cautions)
    used = {launch.launch_id for launch in (*_used(launches, dirty), *_with_layers(launches))}
    return {launch.launch_id: _use(launch, used, dirty) for launch in launches}


def _with_layers(launches: Sequence[LaunchView]) -> Iterator[LaunchView]:
    """Profile launches whose layers are stored: of each round the last attempt that worked."""
    last: dict[tuple[str, str, int | None], LaunchView] = {}
    for launch in sorted(launches, key=lambda launch: launch.attempt):
        if launch.kind == "profile" and launch.ok:
            alone = launch.launch_id if launch.block is None else ""
            last[launch.cell_id, alone, launch.block] = launch
    yield from last.values()


def _used(launches: Sequence[LaunchView], dirty: frozenset[str]) -> Iterator[LaunchView]:
    for cell_id in dict.fromkeys(launch.cell_id for launch in launches):
        own = [
            launch
            for launch in launches
            if launch.cell_id == cell_id
            and launch.kind == "timing"
            and launch.ok
            and launch.headline_ms is not None
        ]
        yield from one_per_block(own, dirty)


def _use(launch: LaunchView, used: set[str], dirty: frozenset[str]) -> LaunchUse:
    if not launch.ok:
        return LaunchUse.FAILED
    if launch.kind == "startup" or (launch.kind == "profile" and launch.launch_id in used):
        return _OTHER_KINDS[launch.kind]
    is_used, is_dirty = launch.launch_id in used, launch.launch_id in dirty
    if is_used:
        return LaunchUse.DISTURBED if is_dirty else LaunchUse.USED
    return LaunchUse.AGAIN if is_dirty else LaunchUse.ALONG


@dataclass(frozen=True)
class Pace:
    """Which cells of a run have launches that lie too far apart, and the caution for it."""

    unsteady_ids: frozenset[str]
    cells: int
    cautions: tuple[ShownCaution, ...]

    @property
    def unsteady(self) -> int:
        """How many cells' launches lie too far apart."""
        return len(self.unsteady_ids)


def pace(
    launches: Sequence[LaunchView], cautions: Sequence[Caution], cells: Mapping[str, CellView]
) -> Pace:
    """Whether one run kept its pace, by the launches that are used; tells the widest cell."""
    by_cell: dict[str, list[LaunchView]] = {}
    for launch in _used(launches, dirty_launches(cautions)):
        by_cell.setdefault(launch.cell_id, []).append(launch)
    ranges = {
        i: (min(times), max(times)) for i, own in by_cell.items() if (times := headlines_ms(own))
    }
    wide = {i: bounds for i, bounds in ranges.items() if bounds[1] > UNSTEADY * bounds[0]}
    if not wide:
        return Pace(frozenset(), len(ranges), ())
    widest = max(wide, key=lambda i: wide[i][1] / wide[i][0])
    name = f"{cells[widest].arm} of {cells[widest].model_title}"
    shown = replace(words.unsteady_machine(name, *wide[widest]), subject="run")
    if len(wide) > 1:
        shown = replace(shown, message=f"{shown.message}, and in {_more(len(wide) - 1)}")
    return Pace(frozenset(wide), len(ranges), (shown,))


def _more(cells: int) -> str:
    return "1 more cell" if cells == 1 else f"{cells} more cells"


def told_cautions(
    stored: Sequence[Caution], launches: Sequence[LaunchView], cells: Mapping[str, CellView]
) -> tuple[ShownCaution, ...]:
    """The stored cautions of one run in words; what several launches share is told once."""
    found: dict[tuple[str, str], list[Caution]] = {}
    for caution in dict.fromkeys(stored):
        cell = cells.get(caution.subject_id)
        subject = f"{cell.arm} of {cell.model_title}" if cell else caution.subject
        found.setdefault((caution.caution_id, subject), []).append(caution)
    return tuple(
        words.of(caution_id, subject, _details(same, len(launches)))
        for (caution_id, subject), same in found.items()
    )


def _details(same: Sequence[Caution], launches: int) -> str:
    details = list(dict.fromkeys(caution.detail for caution in same))
    more = f" and {len(details) - 1} more" if len(details) > 1 else ""
    met = len({caution.subject_id for caution in same})
    where = f", in {met} of {counted(launches, 'launch')}" if same[0].subject == "launch" else ""
    return f"{details[0]}{more}{where}"


@dataclass(frozen=True)
class TurnLine:
    """A launch of a sitting: in each turn its distance from its own median, as a share."""

    cell_id: str
    deviations: tuple[float, ...]


@dataclass(frozen=True)
class SittingTurns:
    """The turns of a sitting, and the ratio of two of its launches turn by turn.

    ``ratio`` holds each turn's ratio candidate / baseline over the median of the turns,
    less 1. The spreads are standard deviations over the turns of the log: of the
    baseline alone, and of the ratio.
    """

    block: int
    attempt: int
    lines: tuple[TurnLine, ...]
    baseline_id: str
    candidate_id: str
    ratio: tuple[float, ...]
    alone_spread: float
    ratio_spread: float

    @property
    def is_steadier(self) -> bool:
        """Whether the ratio varies clearly less than the baseline alone."""
        return self.ratio_spread < _STEADIER * self.alone_spread

    @property
    def how_steady(self) -> str:
        """How the ratio varies beside a launch alone: ``varies less``."""
        if self.is_steadier:
            return "varies less"
        fewer = self.ratio_spread < self.alone_spread
        return "varies hardly less" if fewer else "does not vary less"


def widest_sitting(
    launches: Sequence[LaunchView], cells: Mapping[str, CellView]
) -> SittingTurns | None:
    """The sitting in which the pace changed most; None where no two launches took turns."""
    sittings: dict[tuple[object, ...], list[LaunchView]] = {}
    for launch in launches:
        if launch.kind == "timing" and launch.ok and launch.sitting is not None and _paced(launch):
            key = (launch.block, launch.attempt, launch.sitting, *_driven(cells[launch.cell_id]))
            sittings.setdefault(key, []).append(launch)
    found = [_turns(members, cells) for members in sittings.values() if len(members) > 1]
    known = [turns for turns in found if turns is not None]
    return max(known, key=lambda turns: turns.alone_spread, default=None)


def _driven(cell: CellView) -> tuple[object, ...]:
    """What launches whose ratio means something have in common."""
    ran_on = cell.model_id, cell.device_id, cell.runtime_id
    return *ran_on, cell.scenario, cell.batch, cell.streams, cell.requests


def _paced(launch: LaunchView) -> bool:
    """Whether it has at least two turns, each with a time."""
    return launch.slice_ms is not None and len(launch.slice_ms) > 1 and min(launch.slice_ms) > 0


def _turns(members: Sequence[LaunchView], cells: Mapping[str, CellView]) -> SittingTurns | None:
    by_cell = {launch.cell_id: launch.slice_ms or () for launch in members}
    if len(by_cell) < 2 or len({len(slices) for slices in by_cell.values()}) > 1:
        return None
    ordered = sorted(by_cell, key=lambda cell_id: is_int8_variant(cells[cell_id].variant_kind))
    a, b = by_cell[ordered[0]], by_cell[ordered[-1]]
    ratios = [y / x for x, y in zip(a, b, strict=True)]
    return SittingTurns(
        block=members[0].block or 0,
        attempt=members[0].attempt,
        lines=tuple(TurnLine(cell_id, _deviations(by_cell[cell_id])) for cell_id in ordered),
        baseline_id=ordered[0],
        candidate_id=ordered[-1],
        ratio=_deviations(ratios),
        alone_spread=_log_spread(a),
        ratio_spread=_log_spread(ratios),
    )


def _deviations(values: Sequence[float]) -> tuple[float, ...]:
    middle = median(values)
    return tuple(value / middle - 1.0 for value in values)


def _log_spread(values: Sequence[float]) -> float:
    return pstdev(math.log(value) for value in values)
