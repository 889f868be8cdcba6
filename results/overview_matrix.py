"""Verdicts as a matrix of models and places: which are shown, in which sections.

A place is a device with a version in a scenario. A few verdicts are all shown; of many as
many as a room can read, the worst first. All are counted in ``results.overview_tallies``, the
grid of models and places is in ``results.verdict_grid``. Pure: picks what
``results.headline`` picked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results.comparison import Verdict
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
