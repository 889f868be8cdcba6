"""What the pictures of a page say of themselves: which cells the page is about, and their runs.

The words come from ``results``; kept, since every chart and every table of a page asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import streamlit as st

from dashboard import chosen_fleet, chosen_models, followed
from dashboard.cache import devices as asked
from dashboard.cache import overview as of_overview
from dashboard.cache import versions as of_versions
from dashboard.cache.lens import Lens
from dashboard.cache.runs import shown_run
from dashboard.link import Link
from dashboard.shown_rows import measured
from results import network_place, picture_words
from results.comparison import CellView
from results.errors import LensError
from results.run_queries import runs_of
from results.short_sentence import picture_source, picture_title
from results.views import RunView

_KEPT = 256


@dataclass(frozen=True)
class Pictured:
    """Of a page: its models for the name of a file, what it shows, what that rests on.

    ``has_answer`` says that ``about`` tells what came out too. ``of_charts`` are the words of
    charts, by key, that show other arms than the page is about.
    """

    models: str
    about: str
    source: str
    has_answer: bool = False
    of_charts: Mapping[str, str] = field(default_factory=dict)

    def about_chart(self, key: str) -> str:
        """What the chart with this key shows."""
        return self.of_charts.get(key, self.about)


@dataclass(frozen=True)
class _Cells:
    """The cells of a page, the arms that it is about (empty: all of them), its one run.

    ``charts`` are, by key, the cells of charts that show others. ``titles`` are its models where
    it is about no cells, such as a run that only quantised.
    """

    cells: Sequence[CellView]
    arms: Sequence[str] = ()
    against: str = ""
    run: str = ""
    charts: Mapping[str, Sequence[CellView]] = field(default_factory=dict)
    titles: Sequence[str] = ()

    @property
    def models(self) -> str:
        """The models for the name of a file."""
        return picture_words.models(self.cells) or picture_words.named_models(self.titles)


def pictured(lens: Lens, link: Link, page: str) -> Pictured:
    """What this page shows in this state."""
    return _pictured(lens.digest, str(link), page, lens, link)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _pictured(digest: str, state: str, page: str, _lens: Lens, _link: Link) -> Pictured:
    del digest, state
    if page == "compare" and (found := _compared(_lens, _link)):
        return found
    own = _PAGES.get(page, _nothing)(_lens, _link)
    return Pictured(
        own.models,
        picture_words.about(own.cells, own.arms, own.against),
        picture_words.from_runs(_runs(_lens, _run_ids(_lens, own))),
        of_charts={key: picture_words.about(cells) for key, cells in own.charts.items()},
    )


def _run_ids(lens: Lens, own: _Cells) -> Collection[str]:
    if own.run:
        return {own.run}
    return runs_of(lens.index, [cell.cell_id for cell in own.cells])


def _compared(lens: Lens, link: Link) -> Pictured | None:
    """A pair with what came out; None where it cannot be compared."""
    sides = _pair(lens, link).cells
    try:
        comparison = lens.compare(*sides)
    except LensError:
        return None
    days = picture_words.days(_runs(lens, comparison.run_ids))
    return Pictured(
        picture_words.models(sides),
        f"{picture_title(comparison)}; {picture_words.driven(comparison.candidate)}",
        f"{picture_source(comparison)}, measured {days}",
        has_answer=True,
    )


def _runs(lens: Lens, run_ids: Collection[str]) -> list[RunView]:
    return [run for run in lens.runs() if run.run_id in run_ids]


def _nothing(lens: Lens, link: Link) -> _Cells:
    del lens, link
    return _Cells(())


def _pair(lens: Lens, link: Link) -> _Cells:
    by_id = lens.cells_by_id()
    return _Cells([by_id[link.baseline], by_id[link.candidate]])


def _overview(lens: Lens, link: Link) -> _Cells:
    """The verdicts, each against the one baseline; how long it takes is drawn of every arm."""
    found = of_overview.shown(lens, link)
    judged = {pick.verdict.candidate.arm: None for pick in found.listed if pick.verdict}
    cells = [cell for pick in found.listed for cell in pick.row.cells]
    arms = [arm for row in found.panels for arm in row.arms]
    drawn = {"arms": [arm.cell for arm in arms if arm.median_ms is not None]}
    return _Cells(cells, list(judged), link.against if judged else "", charts=drawn)


def _devices(lens: Lens, link: Link) -> _Cells:
    stored = measured(lens.overview())
    if not stored:
        return _Cells(())
    fleet = chosen_fleet.fleet_of(stored, link, lens.cells_by_id()[link.baseline])
    rows = chosen_fleet.found(asked.device_rows_of(lens, fleet), link.find)
    sides = [arm.cell for row in rows for arm in (row.int8, row.floating) if arm is not None]
    return _Cells(sides)


def _versions(lens: Lens, link: Link) -> _Cells:
    places = of_versions.places(lens)
    if not places:
        return _Cells(())
    place = followed.place_of(places, link, lens.cells_by_id()[link.baseline])
    return _Cells([lens.cells_by_id()[cell_id] for cell_id in place.cell_ids])


def _models(lens: Lens, link: Link) -> _Cells:
    pair = network_place.pair_of(lens.overview(), chosen_models.wanted_of(link))
    stands = pair.stands if pair else ()
    return _Cells([arm.cell for stand in stands for arm in stand.row.arms])


def _layers(lens: Lens, link: Link) -> _Cells:
    return _Cells([lens.cells_by_id()[link.shown_cell]] if link.shown_cell else (), run=link.run)


def _run(lens: Lens, link: Link) -> _Cells:
    """Of the run that the page shows."""
    run = shown_run(lens, link)
    if run is None:
        return _Cells(())
    by_id = lens.cells_by_id()
    launched = dict.fromkeys(sorted(one.cell_id for one in lens.launches(run.run_id)))
    cells = [by_id[one] for one in launched if one in by_id]
    return _Cells(cells, run=run.run_id, titles=run.model_titles)


_PAGES: Mapping[str, Callable[[Lens, Link], _Cells]] = MappingProxyType({
    "overview": _overview, "compare": _pair, "devices": _devices, "versions": _versions,
    "models": _models, "layers": _layers, "runs": _run,
})  # fmt: skip
