"""What the pages read, kept under the digest of the store it was read from.

A newly arrived run gives another digest, so the next rerun of a page sees it. Nothing
is ever written to the store. The only module besides the frame and the views that
knows Streamlit.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import pyarrow as pa
import streamlit as st

from dashboard.failures import CellFailure, failure_of
from dashboard.source import Source, open_source
from results import accuracy_queries, queries
from results.accuracy import JudgedVariant
from results.beside import Beside, published_beside
from results.certificate import CertificateView, standings
from results.compare import compare_cells
from results.comparison import CellView, Comparison, Standing
from results.facts import Caution, CertificateTrial, Dataset, Machine
from results.index import Index, Problem
from results.overview import OverviewRow, overview
from results.store import Store
from results.versions.changes import changes_between
from results.versions.series import histories
from results.versions.shapes import Changes, History, Triage, Version
from results.versions.triage import triage
from results.views import LaunchView, RunCell, RunView

_KEPT = 256
_PAIRS_KEPT = 32


class Lens:
    """An open store as the pages see it: every answer is cached."""

    def __init__(self, source: Source) -> None:
        self.root = source.store.root
        self.is_sample = source.is_sample
        self.digest = source.store.digest
        self._index = _index(str(self.root), self.digest, source.store)

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

    def runs(self) -> tuple[RunView, ...]:
        """All runs, newest first."""
        return _runs(self.digest, self._index)

    def run_cells(self) -> tuple[RunCell, ...]:
        """Which run launched which cell."""
        return _run_cells(self.digest, self._index)

    def overview(self) -> tuple[OverviewRow, ...]:
        """Every model on every device at a glance."""
        return _overview(self.digest, self._index)

    def summaries(self) -> pa.Table:
        """Each cell's latest run in figures."""
        return _summaries(self.digest, self._index)

    def compare(self, baseline: CellView, candidate: CellView) -> Comparison:
        """A against B; raises LensError where they cannot be compared."""
        return _comparison(self.digest, self._index, baseline, candidate)

    def failure(self, cell: CellView) -> CellFailure | None:
        """Why a cell has no result; None where it has one."""
        return _failure(self.digest, self._index, cell)

    def published(self, baseline: CellView, candidate: CellView) -> Beside | None:
        """What others published beside a verdict on a CPU."""
        return _published(self.digest, self._index, baseline, candidate)

    def histories(self) -> tuple[History, ...]:
        """Every model on every device over all versions; measured ones only."""
        return _histories(self.digest, self._index)

    def changes(self, older: CellView, newer: CellView) -> Changes:
        """What changed between two versions of a cell; raises LensError as ``compare``."""
        return _changes(self.digest, self._index, older, newer)

    def triage(self, older: Version, newer: Version) -> Triage:
        """Every cell of two versions in its bucket."""
        return _triage(self.digest, self._index, older, newer)

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


def open_lens() -> Lens:
    """The store that the environment names; raises LensError where it cannot be read."""
    return Lens(open_source(os.environ))


@st.cache_resource(max_entries=2, show_spinner="Reading the results", on_release=Index.close)
def _index(root: str, digest: str, _store: Store) -> Index:
    """The open index; the one before stays open for pages that are still being drawn."""
    del root, digest
    return _store.index()


@st.cache_data(max_entries=4, show_spinner=False)
def _cells(digest: str, _index: Index) -> tuple[CellView, ...]:
    del digest
    return queries.cells(_index)


@st.cache_data(max_entries=4, show_spinner=False)
def _runs(digest: str, _index: Index) -> tuple[RunView, ...]:
    del digest
    return queries.run_views(_index)


@st.cache_data(max_entries=4, show_spinner=False)
def _run_cells(digest: str, _index: Index) -> tuple[RunCell, ...]:
    del digest
    return queries.run_cells(_index)


@st.cache_data(max_entries=4, show_spinner=False)
def _overview(digest: str, _index: Index) -> tuple[OverviewRow, ...]:
    del digest
    return overview(_index)


@st.cache_data(max_entries=4, show_spinner=False)
def _summaries(digest: str, _index: Index) -> pa.Table:
    del digest
    return queries.cell_summaries(_index)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _comparison(digest: str, _index: Index, baseline: CellView, candidate: CellView) -> Comparison:
    del digest
    return compare_cells(_index, baseline, candidate)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _failure(digest: str, _index: Index, cell: CellView) -> CellFailure | None:
    del digest
    return failure_of(cell, queries.launches(_index, cell_ids=[cell.cell_id]))


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _published(
    digest: str, _index: Index, baseline: CellView, candidate: CellView
) -> Beside | None:
    del digest
    return published_beside(_index, baseline, candidate)


@st.cache_data(max_entries=4, show_spinner=False)
def _histories(digest: str, _index: Index) -> tuple[History, ...]:
    del digest
    return histories(_index)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _changes(digest: str, _index: Index, older: CellView, newer: CellView) -> Changes:
    del digest
    return changes_between(_index, older, newer)


@st.cache_data(max_entries=_PAIRS_KEPT, show_spinner="Comparing the versions")
def _triage(digest: str, _index: Index, older: Version, newer: Version) -> Triage:
    del digest
    return triage(_index, older, newer)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _run_of(digest: str, _index: Index, cell_id: str) -> str | None:
    del digest
    return queries.latest_run_of(_index, cell_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _layers(digest: str, _index: Index, cell_id: str, run_id: str) -> pa.Table:
    del digest
    return queries.layers_table(_index, cell_id, run_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _kernels(digest: str, _index: Index, cell_id: str, run_id: str) -> pa.Table:
    del digest
    return queries.kernel_rollup(_index, cell_id, run_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _launches(digest: str, _index: Index, run_id: str) -> tuple[LaunchView, ...]:
    del digest
    return queries.launches(_index, run_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _machine(digest: str, _index: Index, machine_id: str) -> Machine | None:
    del digest
    return queries.machine(_index, machine_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _cautions(digest: str, _index: Index, run_id: str) -> tuple[Caution, ...]:
    del digest
    return queries.cautions(_index, [run_id])


@st.cache_data(max_entries=4, show_spinner=False)
def _certificates(digest: str, _index: Index) -> tuple[CertificateView, ...]:
    del digest
    return queries.certificates(_index)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _certificate_trials(digest: str, _index: Index, run_id: str) -> tuple[CertificateTrial, ...]:
    del digest
    return queries.certificate_trials(_index, run_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _variants_of_run(digest: str, _index: Index, run_id: str) -> tuple[JudgedVariant, ...]:
    del digest
    return accuracy_queries.variants_of_run(_index, run_id)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _datasets_of_run(digest: str, _index: Index, run_id: str) -> tuple[Dataset, ...]:
    del digest
    return accuracy_queries.datasets_of_run(_index, run_id)


@st.cache_data(max_entries=4, show_spinner=False)
def _unmeasured_variants(digest: str, _index: Index) -> tuple[JudgedVariant, ...]:
    del digest
    return accuracy_queries.unmeasured_variants(_index)
