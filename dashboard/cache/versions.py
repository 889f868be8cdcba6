"""What the page Versions asks for: histories, what changed between two versions, the triage."""

from __future__ import annotations

import streamlit as st

from dashboard.cache.lens import Ids, Lens, Pair, ids_of
from results import version_queries
from results.comparison import CellView
from results.versions.changes import changes_between
from results.versions.order import ordered
from results.versions.places import HistoryPlace, history_places
from results.versions.series import histories
from results.versions.shapes import Changes, History, Triage, Version
from results.versions.triage import triage as triage_of

_KEPT = 256
_LARGE_KEPT = 64
"""Answers that hold the layers of a cell."""
_PAIRS_KEPT = 32
_MOST_EXPLAINED = 12
"""Cells of two versions whose layers are aligned for one page; each takes some 20 ms."""


def places(lens: Lens) -> tuple[HistoryPlace, ...]:
    """Every model on every device that there is a history of; measured ones only."""
    return _places(lens.digest, lens)


def history(lens: Lens, place: HistoryPlace) -> History:
    """A model on a device over all versions."""
    return _history(lens.digest, place.cell_ids, lens)


def changes(lens: Lens, older: CellView, newer: CellView) -> Changes:
    """What changed between two versions of a cell; raises LensError as ``Lens.compare``."""
    return _changes(lens.digest, ids_of(older, newer), lens, (older, newer))


def triage(lens: Lens, older: Version, newer: Version) -> Triage:
    """Every cell of two versions in its bucket."""
    return _triage(lens.digest, lens, older, newer)


@st.cache_resource(max_entries=4, show_spinner=False)
def _versions(digest: str, _lens: Lens) -> tuple[Version, ...]:
    """All of them, oldest first."""
    del digest
    return ordered(version_queries.runtimes(_lens.index))


@st.cache_resource(max_entries=4, show_spinner=False)
def _places(digest: str, _lens: Lens) -> tuple[HistoryPlace, ...]:
    del digest
    return history_places(_lens.cells())


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _history(digest: str, cell_ids: Ids, _lens: Lens) -> History:
    by_id, known = _lens.cells_by_id(), _versions(digest, _lens)
    (found,) = histories(_lens.index, [by_id[cell_id] for cell_id in cell_ids], versions=known)
    return found


@st.cache_resource(max_entries=_LARGE_KEPT, show_spinner=False)
def _changes(digest: str, ids: Ids, _lens: Lens, _pair: Pair) -> Changes:
    del ids
    known, shelf = _versions(digest, _lens), _lens.shelf([_pair])
    return changes_between(_lens.index, *_pair, shelf=shelf, versions=known)


@st.cache_resource(max_entries=_PAIRS_KEPT, show_spinner="Comparing the versions")
def _triage(digest: str, _lens: Lens, older: Version, newer: Version) -> Triage:
    del digest
    cells = _lens.cells()
    return triage_of(_lens.index, older, newer, cells, most_explained=_MOST_EXPLAINED)
