"""What checklists are read from: the store, or what whoever asks has read of it already.

A page shows the checklists of two models beside each other: what both need is then asked for
once. What is made of it all stands in ``read``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TypeVar

from results import accuracy_queries, queries, timing_queries, version_queries
from results.accuracy import AccuracyView, JudgedVariant
from results.compare import compare_cells
from results.comparison import CellView, Comparison
from results.facts import Caution, Device, Model
from results.index import Index
from results.launch_book import LaunchBook
from results.versions.order import ordered
from results.versions.shapes import Version
from results.views import LaunchView, RunView

Comparer = Callable[[CellView, CellView], Comparison]
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class AtHand:
    """Every answer is asked for where it is needed and no sooner; ``of`` reads all of an index.

    ``cells`` gives those of the store, ``compare`` compares two of them, ``runs`` gives the runs,
    newest first, ``accuracy`` that of all variants, ``unmeasured`` the INT8 variants without a
    cell. ``expected`` gives the ids of cells whose launches are read with the first of theirs.
    """

    index: Index
    cells: Callable[[], Sequence[CellView]]
    compare: Comparer
    runs: Callable[[], Sequence[RunView]]
    models: Callable[[], Sequence[Model]]
    accuracy: Callable[[], Sequence[AccuracyView]]
    unmeasured: Callable[[], Sequence[JudgedVariant]]
    expected: Callable[[], Sequence[str]] = tuple

    @classmethod
    def of(cls, index: Index) -> AtHand:
        """With nothing read yet, and nothing read twice."""

        def once(ask: Callable[[Index], AnswerT]) -> Callable[[], AnswerT]:
            return lru_cache(maxsize=1)(partial(ask, index))

        return cls(
            index=index,
            cells=once(queries.cells),
            compare=partial(compare_cells, index),
            runs=once(queries.run_views),
            models=once(queries.models),
            accuracy=once(accuracy_queries.accuracy),
            unmeasured=once(accuracy_queries.unmeasured_variants),
        )

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The versions that cells were launched with, oldest first."""
        return ordered(version_queries.runtimes(self.index))

    @cached_property
    def devices(self) -> dict[str, Device]:
        """The devices that any cell ran on, by id."""
        ids = sorted({cell.device_id for cell in self.cells()})
        return {device.device_id: device for device in queries.devices(self.index, ids)}

    def book(self, cell_ids: Sequence[str]) -> LaunchBook:
        """The timing launches of these cells, and the cautions of the runs that these are of."""
        is_expected = self._expected.issuperset(cell_ids)
        found = self._together if is_expected else _Timed.read(self.index, cell_ids)
        return found.book(cell_ids)

    @cached_property
    def _expected(self) -> frozenset[str]:
        return frozenset(self.expected())

    @cached_property
    def _together(self) -> _Timed:
        return _Timed.read(self.index, sorted(self._expected))


@dataclass(frozen=True)
class _Timed:
    """Timing launches by cell, and the cautions of their runs."""

    launches: Mapping[str, Sequence[LaunchView]]
    cautions: Sequence[Caution]

    @classmethod
    def read(cls, index: Index, cell_ids: Sequence[str]) -> _Timed:
        """Those of these cells."""
        found: dict[str, list[LaunchView]] = {}
        for launch in timing_queries.timings(index, cell_ids):
            found.setdefault(launch.cell_id, []).append(launch)
        runs = {launch.run_id for own in found.values() for launch in own}
        return cls(found, queries.cautions(index, sorted(runs)))

    def book(self, cell_ids: Sequence[str]) -> LaunchBook:
        """Those of these cells alone: ids of launches are unique in their run and no further."""
        own = [launch for one in dict.fromkeys(cell_ids) for launch in self.launches.get(one, ())]
        runs = {launch.run_id for launch in own}
        return LaunchBook(own, [caution for caution in self.cautions if caution.run_id in runs])
