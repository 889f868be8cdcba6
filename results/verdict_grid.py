"""Every verdict in a grid: models across, places down, the worst of both first.

A place is a device with a version in a scenario, as in ``results.overview_matrix``. Pure: no
estimate is made here, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from results.comparison import Verdict
from results.headline import Pick
from results.overview_matrix import badness, card_titles

MOST_PLACES = 24
MOST_MODELS = 8


@dataclass(frozen=True)
class GridCell:
    """A verdict at its model's column and its place's row, both counted from 0.

    ``has_failed`` says that a cell of it could not be measured and there is no verdict.
    """

    column: int
    line: int
    pick: Pick

    @property
    def verdict(self) -> Verdict | None:
        """The verdict; None where there is none."""
        return self.pick.verdict.estimate.verdict if self.pick.verdict else None

    @property
    def has_failed(self) -> bool:
        """Whether there is no verdict because a cell failed."""
        return self.pick.verdict is None and any(arm.error for arm in self.pick.row.arms)


@dataclass(frozen=True)
class Grid:
    """The verdicts that have room, by the titles of their columns and lines.

    ``shared`` is what all places have in common; ``models_left`` and ``places_left`` count
    what has no room.
    """

    models: tuple[str, ...]
    places: tuple[str, ...]
    cells: tuple[GridCell, ...]
    shared: str
    models_left: int
    places_left: int


def grid(picked: Sequence[Pick]) -> Grid:
    """The verdicts of at most ``MOST_MODELS`` models in at most ``MOST_PLACES`` places.

    Those with most slow-downs come first, then those with most that is no gain, both ways. Of
    the places those that ran one of the models.
    """
    models = _worst_first(picked, _model)
    columns = {key: n for n, key in enumerate(models[:MOST_MODELS])}
    places = _worst_first([pick for pick in picked if _model(pick) in columns], _place)
    lines = {key: n for n, key in enumerate(places[:MOST_PLACES])}
    cells = tuple(
        GridCell(columns[_model(pick)], lines[_place(pick)], pick)
        for pick in picked
        if _model(pick) in columns and _place(pick) in lines
    )
    shared, titles = card_titles(picked)
    named = {_place(pick): title for pick, title in zip(picked, titles, strict=True)}
    titled = {_model(pick): pick.row.model_title for pick in picked}
    return Grid(
        tuple(titled[key] for key in columns),
        tuple(named[key] for key in lines),
        cells,
        shared,
        len(models) - len(columns),
        len({_place(pick) for pick in picked}) - len(lines),
    )


def _worst_first(picked: Sequence[Pick], key: Callable[[Pick], Hashable]) -> list[Hashable]:
    """What these verdicts are of, that with most of the worst kind first; ties as they come."""
    counts: dict[Hashable, list[int]] = {}
    for pick in picked:
        own = counts.setdefault(key(pick), [0] * (len(Verdict) + 1))
        own[badness(pick)[0]] += 1
    return sorted(counts, key=lambda one: [-number for number in counts[one]])


def _model(pick: Pick) -> Hashable:
    return pick.row.model_id


def _place(pick: Pick) -> Hashable:
    return pick.row.device_id, pick.row.runtime_id, pick.row.scenario_title
