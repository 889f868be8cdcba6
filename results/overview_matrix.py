"""Verdicts as a matrix of models and places: which are shown, and the others counted.

A place is a device with a version in a scenario. A few verdicts are all shown; of many as
many as a room can read, the worst first, and every one is counted by its model. The grid of
models and places is in ``results.verdict_grid``. Pure: picks and counts what
``results.headline`` picked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from results.comparison import ShownCaution, Verdict
from results.headline import Pick
from results.overview import OverviewRow

MOST_CARDS = 24
"""More verdicts than this nobody reads at a glance."""
FEW_CARDS = 12
"""So many stand below the counts where there are more."""
WORST = "Where INT8 does worst"
_WORST_FIRST = (Verdict.SLOWER, Verdict.EQUIVALENT, Verdict.INCONCLUSIVE, Verdict.FASTER)


@dataclass(frozen=True)
class Section:
    """Verdicts that have a place in common, or a model: ``by_model`` says which.

    ``is_mixed``: they have neither in common.
    """

    title: str
    by_model: bool
    picks: tuple[Pick, ...]
    is_mixed: bool = False


@dataclass(frozen=True)
class Matrix:
    """The verdicts that are shown, in sections, and how many of all there are."""

    sections: tuple[Section, ...]
    shown: int
    every: int

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All that are shown."""
        return tuple(pick for section in self.sections for pick in section.picks)


@dataclass(frozen=True)
class Tally:
    """A model's verdicts over all places, and how many places have none."""

    model_id: str
    model_title: str
    counts: tuple[tuple[Verdict, int], ...]
    without: int

    @property
    def judged(self) -> int:
        """How many places have a verdict."""
        return sum(number for _, number in self.counts)


@dataclass(frozen=True)
class ToldCaution:
    """A kind of caution, told once: ``alike`` counts others of its kind with other values."""

    message: str
    action: str
    models: tuple[str, ...]
    verdicts: int
    alike: int


def matrix(picked: Sequence[Pick], most: int = MOST_CARDS) -> Matrix:
    """The verdicts by place where there are fewer places than models, else by model.

    Of more than ``most`` the worst, in one section. Places without any verdict come last.
    """
    if len(picked) > most:
        kept = tuple(sorted(picked, key=badness)[:most])
        return Matrix((Section(WORST, True, kept, is_mixed=True),), len(kept), len(picked))
    places: dict[tuple[object, ...], list[Pick]] = {}
    for pick in picked:
        places.setdefault(_place(pick.row), []).append(pick)
    order = sorted(places.values(), key=lambda own: not any(pick.verdict for pick in own))
    models = {pick.row.model_id for pick in picked}
    sections = _by_place(order) if len(order) <= len(models) else _by_model(order)
    return Matrix(sections, len(picked), len(picked))


def badness(pick: Pick) -> tuple[int, float]:
    """Sorts the worst first: slower, then no gain, then undecided, then faster, then no verdict."""
    if pick.verdict is None:
        return len(_WORST_FIRST), 0.0
    estimate = pick.verdict.estimate
    return _WORST_FIRST.index(estimate.verdict), estimate.speedup


def _by_place(places: Sequence[list[Pick]]) -> tuple[Section, ...]:
    return tuple(
        Section(place_title(own[0].row), by_model=False, picks=tuple(own)) for own in places
    )


def _by_model(places: Sequence[list[Pick]]) -> tuple[Section, ...]:
    """One section a model, the places in the same order in each."""
    models: dict[str, list[Pick]] = {}
    for own in places:
        for pick in own:
            models.setdefault(pick.row.model_id, []).append(pick)
    return tuple(
        Section(own[0].row.model_title, by_model=True, picks=tuple(own)) for own in models.values()
    )


def _place(row: OverviewRow) -> tuple[object, ...]:
    return row.device_id, row.runtime_id, row.scenario_title


def place_title(row: OverviewRow) -> str:
    """``AMD EPYC, OpenVINO 2026.4.1, latency, batch 1``."""
    return f"{row.device}, OpenVINO {row.runtime}, {row.scenario_title}"


def card_titles(picked: Sequence[Pick]) -> tuple[str, tuple[str, ...]]:
    """What the places of these verdicts share, and of each what is left to tell.

    ``OpenVINO 2026.4.1, latency, batch 1`` and the names of the devices; what differs stands
    with the device.
    """
    rows = [pick.row for pick in picked]
    columns = [[f"OpenVINO {row.runtime}" for row in rows], [row.scenario_title for row in rows]]
    shared = [column[0] for column in columns if len(set(column)) == 1]
    told = [column for column in columns if len(set(column)) > 1]
    titles = (
        ", ".join((row.device, *(column[n] for column in told))) for n, row in enumerate(rows)
    )
    return ", ".join(shared), tuple(titles)


def tallies(picked: Sequence[Pick]) -> tuple[Tally, ...]:
    """Each model's verdicts counted; those with most of them first."""
    models: dict[str, list[Pick]] = {}
    for pick in picked:
        models.setdefault(pick.row.model_id, []).append(pick)
    found = [_tally(own) for own in models.values()]
    return tuple(sorted(found, key=lambda tally: -tally.judged))


def _tally(own: Sequence[Pick]) -> Tally:
    counts = Counter(pick.verdict.estimate.verdict for pick in own if pick.verdict)
    return Tally(
        model_id=own[0].row.model_id,
        model_title=own[0].row.model_title,
        counts=tuple((kind, counts[kind]) for kind in Verdict),
        without=len(own) - counts.total(),
    )


def holding(picked: Sequence[Pick], wanted: str) -> tuple[Pick, ...]:
    """Those whose model, device or version has these words."""
    return tuple(pick for pick in picked if fits(pick.row, wanted))


def fits(row: OverviewRow, wanted: str) -> bool:
    """Whether its model, device or version has all of these words."""
    told = f"{row.model_title} {row.model} {place_title(row)}".casefold()
    return all(word in told for word in wanted.casefold().split())


def is_of_devices(picked: Sequence[Pick], wanted: str) -> bool:
    """Whether the names of devices alone have all of these words."""
    words = wanted.casefold().split()
    return any(all(word in pick.row.device.casefold() for word in words) for pick in picked)


def told_cautions(picked: Sequence[Pick]) -> tuple[ToldCaution, ...]:
    """What lowers trust in these verdicts: each kind once, that of most verdicts first."""
    found: dict[str, list[tuple[ShownCaution, Pick]]] = {}
    for pick in picked:
        for caution in pick.verdict.cautions if pick.verdict else ():
            found.setdefault(caution.caution_id, []).append((caution, pick))
    told = [_told(same) for same in found.values()]
    return tuple(sorted(told, key=lambda one: -one.verdicts))


def _told(same: Sequence[tuple[ShownCaution, Pick]]) -> ToldCaution:
    first = same[0][0]
    return ToldCaution(
        message=first.message,
        action=first.action,
        models=tuple(dict.fromkeys(pick.row.model_title for _, pick in same)),
        verdicts=len({id(pick) for _, pick in same}),
        alike=len({caution.message for caution, _ in same}) - 1,
    )
