"""Which two networks stand side by side, and where both of them ran.

Picks rows of the overview; nothing is estimated here.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from results.comparison import MEASURED, Verdict
from results.kinds import normalised
from results.overview import ArmVerdict, OverviewRow
from results.versions.order import SortKey, sort_key
from results.versions.shapes import Version

_KNOWN_PAIR = ("mobilenet_v2", "mobilenet_v3_large")
"""The question that the project began with: why the one, and why not the other?"""


@dataclass(frozen=True)
class Wanted:
    """What was asked for; empty means not chosen.

    ``runtime`` is a version, or a runtime's id. ``candidate`` is the cell that the other pages
    judge: its model, its place and its arm are shown where no others were asked for.
    """

    left: str = ""
    right: str = ""
    device: str = ""
    runtime: str = ""
    driven: str = ""
    arm: str = ""
    against: str = ""
    candidate: str = ""

    @property
    def is_twice(self) -> bool:
        """Whether one model was asked for on both sides."""
        return bool(self.left) and self.left == self.right


@dataclass(frozen=True)
class Stand:
    """A model in a place, with the verdict to show; None where there is none."""

    row: OverviewRow
    verdict: ArmVerdict | None

    @property
    def quicker(self) -> ArmVerdict | None:
        """The verdict of the quickest INT8 arm there, where another one is shown."""
        if self.verdict is None:
            return None
        found = quickest(self.row, self.verdict.baseline.arm)
        return None if found is None or found.candidate == self.verdict.candidate else found

    @property
    def missing(self) -> str:
        """Why there is no verdict."""
        errors = [arm.error for arm in self.row.arms if arm.error]
        return "" if self.verdict else errors[0] if errors else "INT8 and float were not measured"


@dataclass(frozen=True)
class Pair:
    """The stands side by side; ``right`` is None where there is one model, ``rows`` are all.

    ``is_shared`` says whether both ran on one device, with one version, driven alike.
    """

    left: Stand
    right: Stand | None
    rows: tuple[OverviewRow, ...]

    @property
    def stands(self) -> tuple[Stand, ...]:
        """One or both."""
        return (self.left,) if self.right is None else (self.left, self.right)

    @property
    def is_shared(self) -> bool:
        """Whether there is one place to both."""
        return len({place_of(stand.row) for stand in self.stands}) == 1


Place = tuple[str, str, str]
"""Device, runtime and how it is driven."""


def place_of(row: OverviewRow) -> Place:
    """Where the cells of a row ran."""
    return row.device_id, row.runtime_id, row.scenario_title


def models_of(rows: Iterable[OverviewRow]) -> dict[str, str]:
    """Titles by model id, those that were measured here first; equal titles with their id."""
    ranked = sorted(rows, key=lambda row: row.origin != MEASURED)
    titles = {row.model_id: row.model_title for row in ranked}
    told = list(titles.values())
    return {
        model_id: title if told.count(title) == 1 else f"{title} ({model_id})"
        for model_id, title in titles.items()
    }


def pair_of(rows: Sequence[OverviewRow], wanted: Wanted) -> Pair | None:
    """The two networks and where they ran; None without any row.

    Where nothing is chosen the model of the judged cell with a partner (``_around``); without
    such a cell MobileNetV2 and MobileNetV3-Large, else the two models that INT8 helps most and
    least in the newest place that most models share. Both stand in one place if there is one, the
    nearest to what was asked for, then to the judged cell: the newest version, measured in both
    arms. One model asked for on both sides counts as asked for on the left.
    """
    if not rows:
        return None
    pinned = _row_with(rows, wanted.candidate)
    asked = replace(wanted, right="") if wanted.is_twice else wanted
    left, right = _models(rows, asked, pinned)
    mine = [row for row in rows if row.model_id == left]
    others = [row for row in rows if row.model_id == right]
    judged = {place_of(row) for row in others if row.verdicts}
    shared = {place_of(row) for row in mine} & {place_of(row) for row in others}
    row = _nearest([row for row in mine if place_of(row) in shared] or mine, wanted, pinned, judged)
    if not others:
        return Pair(_stand(row, wanted.against, _arm([row], wanted)), None, tuple(mine))
    beside = [one for one in others if place_of(one) == place_of(row)] or others
    other = _nearest(beside, wanted, pinned)
    arm = _arm([row, other], wanted)
    stands = [_stand(one, wanted.against, arm) for one in (row, other)]
    return Pair(stands[0], stands[1], (*mine, *others))


def quickest(row: OverviewRow, against: str, arm: str = "") -> ArmVerdict | None:
    """The INT8 arm with the lowest time of those named ``arm``, or of all, against a baseline."""
    found = [one for one in row.verdicts if one.baseline.arm == against]
    fitting = [one for one in found if arm in {"", one.candidate.arm}]
    return min(fitting, key=lambda one: one.estimate.candidate_ms, default=None)


def _arm(rows: Sequence[OverviewRow], wanted: Wanted) -> str:
    """One INT8 arm for both: as asked for, else that of the judged cell, else the left's best."""
    judged = [one.candidate for row in rows for one in row.verdicts]
    if wanted.arm in {cell.arm for cell in judged}:
        return wanted.arm
    pinned = [cell.arm for cell in judged if cell.cell_id == wanted.candidate]
    left = quickest(rows[0], wanted.against)
    return pinned[0] if pinned else left.candidate.arm if left else ""


def _stand(row: OverviewRow, against: str, arm: str) -> Stand:
    """With this INT8 arm, else the quickest one, as on the other pages."""
    return Stand(row, quickest(row, against, arm) or quickest(row, against))


def _row_with(rows: Sequence[OverviewRow], cell_id: str) -> OverviewRow | None:
    """The row that this cell stands in."""
    return next((row for row in rows if cell_id in {cell.cell_id for cell in row.cells}), None)


def _models(
    rows: Sequence[OverviewRow], wanted: Wanted, pinned: OverviewRow | None
) -> tuple[str, str]:
    """The chosen models; what is not chosen is the default, or what it leaves over."""
    if pinned is not None and not (wanted.left or wanted.right):
        return _around(rows, pinned, wanted.against)
    first, second = _default(rows)
    if wanted.left:
        right = wanted.right or (second if wanted.left == first else first)
        return wanted.left, "" if right == wanted.left else right
    if wanted.right:
        return (first if wanted.right != first else second) or wanted.right, wanted.right
    return first, second


def _around(rows: Sequence[OverviewRow], pinned: OverviewRow, against: str) -> tuple[str, str]:
    """The model of this row and one that ran beside it, with a verdict if any has one.

    The default two of that place where it is one of them, else the one there whose gain is the
    most unlike its own.
    """
    beside = [row for row in rows if place_of(row) == place_of(pinned)]
    judged = [row for row in beside if row.verdicts]
    several = (found for found in (judged, beside) if len({row.model_id for row in found}) > 1)
    there = next(several, rows)
    default = _default(there)
    if pinned.model_id in default:
        return default
    return pinned.model_id, _most_unlike(there, pinned, against) or default[0]


def _most_unlike(rows: Sequence[OverviewRow], pinned: OverviewRow, against: str) -> str:
    """The model whose gain is the most unlike that of this row; empty without verdicts.

    One of which it is known whether INT8 helps goes before one that is inconclusive.
    """
    mine = quickest(pinned, against)
    found = [
        (one.estimate.verdict is not Verdict.INCONCLUSIVE,
         abs(math.log(one.estimate.ratio / mine.estimate.ratio)), row.model_id)
        for row in rows
        if row.model_id != pinned.model_id and mine and (one := quickest(row, against))
    ]  # fmt: skip
    return max(found)[-1] if found else ""


def _default(rows: Sequence[OverviewRow]) -> tuple[str, str]:
    by_name: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.origin != MEASURED):
        by_name.setdefault(normalised(row.model), row.model_id)
    known = [by_name[name] for name in _KNOWN_PAIR if name in by_name]
    if len(known) == len(_KNOWN_PAIR):
        return known[0], known[1]
    ends = _ends(rows)
    every = list(dict.fromkeys([*ends, *by_name.values()]))
    return every[0], every[1] if len(every) > 1 else ""


def _ends(rows: Sequence[OverviewRow]) -> list[str]:
    """The models that INT8 helps most and least, in the newest place that most of them share."""
    by_place: dict[Place, dict[str, float]] = {}
    for row in sorted(rows, key=_age, reverse=True):
        if row.verdicts and row.origin == MEASURED:
            ratio = min(one.estimate.ratio for one in row.verdicts)
            by_place.setdefault(place_of(row), {})[row.model_id] = ratio
    widest = max(by_place.values(), key=len, default={})
    ranked = sorted(widest, key=widest.__getitem__)
    return [ranked[0], ranked[-1]] if len(ranked) > 1 else ranked


def _nearest(
    rows: Sequence[OverviewRow],
    wanted: Wanted,
    pinned: OverviewRow | None,
    judged: Collection[Place] = (),
) -> OverviewRow:
    """The row that differs least from what was asked for, then from the judged cell's row.

    Of equals the newest version. ``judged`` are places where another model has a verdict.
    """
    here = place_of(pinned) if pinned else None
    newest_first = sorted(rows, key=_age, reverse=True)
    return min(
        newest_first,
        key=lambda row: (
            bool(wanted.device) and row.device_id != wanted.device,
            bool(wanted.runtime) and wanted.runtime not in {row.runtime, row.runtime_id},
            bool(wanted.driven) and row.scenario_title != wanted.driven,
            *(() if here is None else map(operator.ne, place_of(row), here)),
            not row.verdicts,
            bool(judged) and place_of(row) not in judged,
            row.origin != MEASURED,
            row.scenario != "latency",
        ),
    )


def _age(row: OverviewRow) -> SortKey:
    return sort_key(Version(row.runtime_id, row.runtime, "", row.runtime))
