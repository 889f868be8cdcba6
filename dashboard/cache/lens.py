"""The open store as the pages see it: every answer that several pages share is cached.

Answers are frozen, so that all sessions are given the same objects: nothing is copied for a
rerun, and a page must not change what it is given.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import pyarrow as pa
import streamlit as st

from dashboard import source
from dashboard.failures import CellFailure, failure_of
from dashboard.source import Source, open_source, watched_root
from results import accuracy_queries, queries
from results.accuracy import AccuracyView, JudgedVariant
from results.beside import Beside, published_beside
from results.certificate import CertificateView, standings
from results.compare import compare_cells
from results.comparison import CellView, Comparison, Standing
from results.facts import Caution, CertificateTrial, Dataset, Machine, Model
from results.index import Index, Problem
from results.overview import OverviewRow, overview
from results.shelf import Shelf
from results.store import Store, glance
from results.views import LaunchView, RunView

_KEPT = 256
_LARGE_KEPT = 64
"""Answers that hold the layers of a cell."""
_LOOK_EVERY_S = 300.0
"""How long a file that was changed inside of a run may go unseen; a new run is seen at once."""

Ids = tuple[str, ...]
"""Cells as answers are kept by them: in one store an id is all that a cell is known by.

To make a key of the cells themselves Streamlit reads every name in them, each time.
"""
Pair = tuple[CellView, CellView]


class Lens:
    """An open store as the pages see it: every answer is cached."""

    def __init__(self, source: Source) -> None:
        self.root = source.store.root
        self.is_sample = source.is_sample
        self.digest = source.store.digest
        self.half_copied = source.store.half_copied
        self._index = _index(str(self.root), self.digest, source.store)

    @property
    def index(self) -> Index:
        """The open index, for what one page alone asks."""
        return self._index

    @property
    def is_unmeasured(self) -> bool:
        """Whether no cell was ever launched; there may be runs all the same."""
        return not self.cells()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Runs that are left out."""
        return self._index.problems

    def cells(self) -> tuple[CellView, ...]:
        """All cells that have launches."""
        return _cells(self.digest, self._index)

    def cells_by_id(self) -> Mapping[str, CellView]:
        """The same cells by their ids, in the same order."""
        return _cells_by_id(self.digest, self._index)

    def runs(self) -> tuple[RunView, ...]:
        """All runs, newest first."""
        return _runs(self.digest, self._index)

    def overview(self) -> tuple[OverviewRow, ...]:
        """Every model on every device at a glance."""
        return _overview(self.digest, self._index)

    def summaries(self) -> pa.Table:
        """Each cell's latest run in figures."""
        return _summaries(self.digest, self._index)

    def accuracy(self) -> tuple[AccuracyView, ...]:
        """How good the answers of all variants are, as ``accuracy_queries.accuracy`` has it."""
        return _accuracy(self.digest, self._index)

    def models(self) -> tuple[Model, ...]:
        """All models, by name."""
        return _models(self.digest, self._index)

    def shelf(self, pairs: Sequence[Pair]) -> Shelf:
        """For who compares these pairs and no others: what all of them need is read at once."""
        return _new_shelf(self.digest, self._index, pairs)

    def compare(
        self, baseline: CellView, candidate: CellView, *, shelf: Shelf | None = None
    ) -> Comparison:
        """A against B; raises LensError where they cannot be compared.

        ``shelf`` is what to read from, where it is not that of all pages.
        """
        pair = baseline, candidate
        return _comparison(self.digest, ids_of(*pair), self._index, pair, shelf)

    def failure(self, cell: CellView) -> CellFailure | None:
        """Why a cell has no result; None where it has one."""
        return _failure(self.digest, cell.cell_id, self._index, cell)

    def published(self, baseline: CellView, candidate: CellView) -> Beside | None:
        """What others published beside a verdict on a CPU."""
        pair = baseline, candidate
        return _published(self.digest, ids_of(*pair), self._index, pair)

    def run_of(self, cell: CellView) -> str | None:
        """The newest run in which a cell has a good launch."""
        return _run_of(self.digest, self._index, cell.cell_id)

    def layers(self, cell: CellView, run_id: str) -> pa.Table:
        """Every exec node of a cell in a run."""
        return _layers(self.digest, self._index, cell.cell_id, run_id)

    def kernels(self, cell: CellView, run_id: str) -> pa.Table:
        """The layers of a cell in a run, by kernel and precision."""
        return _kernels(self.digest, self._index, cell.cell_id, run_id)

    def launches(self, run_id: str) -> tuple[LaunchView, ...]:
        """The launches of a run, failed ones too."""
        return _launches(self.digest, self._index, run_id)

    def machine(self, machine_id: str) -> Machine | None:
        """The facts of a machine."""
        return _machine(self.digest, self._index, machine_id)

    def cautions(self, run_id: str) -> tuple[Caution, ...]:
        """What lowers trust in a run."""
        return _cautions(self.digest, self._index, run_id)

    def certificates(self) -> tuple[CertificateView, ...]:
        """All certificates, newest first."""
        return _certificates(self.digest, self._index)

    def certificate_trials(self, run_id: str) -> tuple[CertificateTrial, ...]:
        """The comparisons of a certificate."""
        return _certificate_trials(self.digest, self._index, run_id)

    def variants_of_run(self, run_id: str) -> tuple[JudgedVariant, ...]:
        """The variants that a run brought, with their accuracy."""
        return _variants_of_run(self.digest, self._index, run_id)

    def datasets_of_run(self, run_id: str) -> tuple[Dataset, ...]:
        """The data that a run judged on or calibrated with."""
        return _datasets_of_run(self.digest, self._index, run_id)

    def unmeasured_variants(self) -> tuple[JudgedVariant, ...]:
        """INT8 variants that were made and never measured."""
        return _unmeasured_variants(self.digest, self._index)

    def standings(self, cells: Iterable[CellView]) -> tuple[Standing, ...]:
        """Whether the devices and runtimes of these cells are certified."""
        return standings(cells, self.certificates())


def ids_of(*cells: CellView) -> Ids:
    """The key of an answer about these cells."""
    return tuple(cell.cell_id for cell in cells)


def open_lens() -> Lens:
    """The store that the environment names; raises LensError where it cannot be read."""
    roots = watched_root(os.environ), source.SAMPLE_DATA
    seen = tuple(f"{root} {glance(root)}" for root in roots)
    return Lens(_source(seen, time.monotonic() // _LOOK_EVERY_S))


@st.cache_resource(max_entries=4, show_spinner=False)
def _source(seen: tuple[str, ...], at: float) -> Source:
    """The store as long as it looks the same: to open one, every file of it is looked at."""
    del seen, at
    return open_source(os.environ)


@st.cache_resource(max_entries=2, show_spinner="Reading the results")
def _index(root: str, digest: str, _store: Store) -> Index:
    """The open index; one that is put away is closed when no page that is drawn holds it."""
    del root, digest
    return _store.index(beside=False)


@st.cache_resource(max_entries=4, show_spinner=False)
def _cells(digest: str, _index: Index) -> tuple[CellView, ...]:
    del digest
    return queries.cells(_index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _cells_by_id(digest: str, _index: Index) -> Mapping[str, CellView]:
    return MappingProxyType({cell.cell_id: cell for cell in _cells(digest, _index)})


@st.cache_resource(max_entries=4, show_spinner=False)
def _runs(digest: str, _index: Index) -> tuple[RunView, ...]:
    del digest
    return queries.run_views(_index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _overview(digest: str, _index: Index) -> tuple[OverviewRow, ...]:
    return overview(_index, cells=_cells_by_id(digest, _index), accuracy=_accuracy(digest, _index))


@st.cache_resource(max_entries=4, show_spinner=False)
def _accuracy(digest: str, _index: Index) -> tuple[AccuracyView, ...]:
    del digest
    return accuracy_queries.accuracy(_index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _models(digest: str, _index: Index) -> tuple[Model, ...]:
    del digest
    return queries.models(_index)


@st.cache_resource(max_entries=4, show_spinner=False)
def _summaries(digest: str, _index: Index) -> pa.Table:
    del digest
    return queries.cell_summaries(_index)


@st.cache_resource(max_entries=_LARGE_KEPT, show_spinner=False)
def _comparison(
    digest: str, ids: Ids, _index: Index, _pair: Pair, _own: Shelf | None
) -> Comparison:
    del ids
    return compare_cells(_index, *_pair, shelf=_own or _shelf(digest, _index))


@st.cache_resource(max_entries=2, show_spinner=False)
def _shelf(digest: str, _index: Index) -> Shelf:
    """What several comparisons have in common: a page makes up to four of one cell."""
    return _new_shelf(digest, _index)


def _new_shelf(digest: str, index: Index, pairs: Sequence[Pair] = ()) -> Shelf:
    """With what every page has at hand already."""
    return Shelf(
        index,
        _cells(digest, index),
        pairs=pairs,
        accuracy=partial(_accuracy, digest, index),
        certificates=partial(_certificates, digest, index),
    )


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _failure(digest: str, cell_id: str, _index: Index, _cell: CellView) -> CellFailure | None:
    del digest
    return failure_of(_cell, queries.launches(_index, cell_ids=[cell_id]))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _published(digest: str, ids: Ids, _index: Index, _pair: Pair) -> Beside | None:
    del digest, ids
    return published_beside(_index, *_pair)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _run_of(digest: str, _index: Index, cell_id: str) -> str | None:
    del digest
    return queries.latest_run_of(_index, cell_id)


@st.cache_resource(max_entries=_LARGE_KEPT, show_spinner=False)
def _layers(digest: str, _index: Index, cell_id: str, run_id: str) -> pa.Table:
    del digest
    return queries.layers_table(_index, cell_id, run_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _kernels(digest: str, _index: Index, cell_id: str, run_id: str) -> pa.Table:
    del digest
    return queries.kernel_rollup(_index, cell_id, run_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _launches(digest: str, _index: Index, run_id: str) -> tuple[LaunchView, ...]:
    del digest
    return queries.launches(_index, run_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _machine(digest: str, _index: Index, machine_id: str) -> Machine | None:
    del digest
    return queries.machine(_index, machine_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _cautions(digest: str, _index: Index, run_id: str) -> tuple[Caution, ...]:
    del digest
    return queries.cautions(_index, [run_id])


@st.cache_resource(max_entries=4, show_spinner=False)
def _certificates(digest: str, _index: Index) -> tuple[CertificateView, ...]:
    del digest
    return queries.certificates(_index)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _certificate_trials(digest: str, _index: Index, run_id: str) -> tuple[CertificateTrial, ...]:
    del digest
    return queries.certificate_trials(_index, run_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _variants_of_run(digest: str, _index: Index, run_id: str) -> tuple[JudgedVariant, ...]:
    del digest
    return accuracy_queries.variants_of_run(_index, run_id)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _datasets_of_run(digest: str, _index: Index, run_id: str) -> tuple[Dataset, ...]:
    del digest
    return accuracy_queries.datasets_of_run(_index, run_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _unmeasured_variants(digest: str, _index: Index) -> tuple[JudgedVariant, ...]:
    del digest
    return accuracy_queries.unmeasured_variants(_index)
