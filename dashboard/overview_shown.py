"""What the page Overview shows of a store in one state, each part worked out once.

The picks, counts and tables that follow from the rows and the link alone; the figures come from
``results``. Nothing is asked of a store here, and nothing is laid out: a page that runs again in
the same state is given the same object (``dashboard.cache.overview``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from dashboard import overview_tables, tables
from dashboard.link import EVERY_VERSION, Link
from dashboard.shown_rows import failed_versions, foreign, measured, shown, versions
from results.comparison import CellView
from results.headline import (
    Failure,
    Headline,
    Pick,
    failures,
    overview_headline,
    picks,
    ranked,
)
from results.overview import ArmVerdict, OverviewRow
from results.overview_cautions import ToldCaution, cautioned, told_cautions
from results.overview_matrix import FEW_CARDS, MOST_CARDS, Matrix, matrix
from results.overview_search import Only, fits, holding, is_of_devices, only
from results.overview_tallies import Tally, by_cpu, by_model, losses_sentence
from results.verdict_grid import Grid, grid

_MOST_PANELS = 24


def state_of(link: Link) -> Link:
    """The part of a link that the verdicts shown depend on: pages share what is kept by it."""
    return Link(
        against=link.against, runtime=link.runtime, scenario=link.scenario, find=link.find,
        only=link.only,
    )  # fmt: skip


@dataclass(frozen=True)
class OverviewShown:
    """The overview's rows in a state; ``titles`` has by device the name of its CPU.

    ``summaries`` are those of ``queries.cell_summaries``; ``has_published`` says whether the
    store holds anything that others published.
    """

    rows: tuple[OverviewRow, ...]
    link: Link
    titles: Mapping[str, str]
    summaries: pa.Table
    has_published: bool

    @cached_property
    def measured(self) -> tuple[OverviewRow, ...]:
        """All rows that were measured here, of every version and scenario."""
        return measured(self.rows)

    @cached_property
    def foreign(self) -> Mapping[str, tuple[OverviewRow, ...]]:
        """By origin, the rows that somebody else measured."""
        return foreign(self.rows)

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """The versions measured, the newest first."""
        return versions(self.measured)

    @cached_property
    def failed_versions(self) -> tuple[str, ...]:
        """Those in which a cell failed."""
        return failed_versions(self.measured)

    @cached_property
    def builds(self) -> Mapping[str, str]:
        """By the id of a build its version."""
        return {row.runtime_id: row.runtime for row in self.measured}

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios measured, in the order of the rows."""
        return tuple(dict.fromkeys(row.scenario for row in self.measured))

    @cached_property
    def every(self) -> tuple[Pick, ...]:
        """A pick for each row of the chosen version and scenario."""
        return picks(shown(self.measured, self.link), self.link.against)

    @cached_property
    def picked(self) -> tuple[Pick, ...]:
        """Those that fit the search: the page is about them."""
        return holding(self.every, self.link.find)

    @cached_property
    def listed(self) -> tuple[Pick, ...]:
        """Those of the one kind that is listed."""
        return only(self.picked, self.link.only)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many are of each kind, as ``Only`` names it; all for an empty one."""
        kinds = ("", *(one.value for one in Only))
        return {kind: len(only(self.picked, kind)) for kind in kinds}

    @property
    def is_many(self) -> bool:
        """Whether there are more verdicts than anybody reads at a glance."""
        return len(self.picked) > MOST_CARDS

    @cached_property
    def is_of_devices(self) -> bool:
        """Whether the search is one for devices."""
        return is_of_devices(self.picked, self.link.find)

    @cached_property
    def headline(self) -> Headline:
        """The answer."""
        return overview_headline(self.picked, self.link.against)

    @cached_property
    def worst(self) -> ArmVerdict | None:
        """The settled verdict with the least gain, where there are several."""
        return next(iter(ranked(self.picked)[1:][-1:]), None)

    @cached_property
    def cpus(self) -> tuple[Tally, ...]:
        """The verdicts counted by kind of CPU."""
        return by_cpu(self.picked, self.titles)

    @cached_property
    def losses(self) -> str | None:
        """On which CPUs INT8 is slower."""
        return losses_sentence(self.cpus)

    @cached_property
    def models(self) -> tuple[Tally, ...]:
        """The verdicts counted by model."""
        return by_model(self.picked)

    @cached_property
    def grid(self) -> Grid:
        """Every model on every device, as far as there is room."""
        return grid(self.picked)

    @cached_property
    def cards(self) -> Matrix:
        """The listed verdicts that have a card; of many the worst."""
        return matrix(self.listed, FEW_CARDS if len(self.listed) > MOST_CARDS else MOST_CARDS)

    @cached_property
    def timed(self) -> tuple[OverviewRow, ...]:
        """The rows of those that have a card and a time."""
        return tuple(pick.row for pick in self.cards.picks if pick.row.best is not None)

    @property
    def panels(self) -> tuple[OverviewRow, ...]:
        """Those of them that the chart of times has room for."""
        return self.timed[:_MOST_PANELS]

    @property
    def is_cut(self) -> bool:
        """Whether some of the listed verdicts have no card."""
        return self.cards.shown < self.cards.every

    @cached_property
    def judged(self) -> int:
        """How many verdicts there are."""
        return sum(pick.verdict is not None for pick in self.picked)

    @cached_property
    def told_cautions(self) -> tuple[ToldCaution, ...]:
        """Each kind of caution of the listed verdicts, once."""
        return told_cautions(self.listed)

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """What could not be measured, of every version unless one is chosen."""
        wanted = replace(self.link, runtime=self.link.runtime or EVERY_VERSION)
        fitting = [row for row in self.measured if fits(row, self.link.find)]
        return failures(shown(fitting, wanted))

    @cached_property
    def first_cells(self) -> tuple[CellView, ...]:
        """A cell of each pick."""
        return tuple(pick.row.arms[0].cell for pick in self.picked)

    @cached_property
    def verdicts_table(self) -> pa.Table:
        """A row for each listed verdict."""
        return tables.overview(self.listed)

    @cached_property
    def cautions_table(self) -> pa.Table:
        """A row for each caution of each listed verdict."""
        return overview_tables.cautions(cautioned(self.listed))

    @cached_property
    def cpus_table(self) -> pa.Table:
        """A row for each kind of CPU."""
        return overview_tables.cpus(self.cpus)

    @cached_property
    def cells_table(self) -> pa.Table:
        """The cells behind the verdicts that have a card, in figures."""
        cells = [cell for pick in self.cards.picks for cell in pick.row.cells]
        return tables.cells(self.summaries, cells)
