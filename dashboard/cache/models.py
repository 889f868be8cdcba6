"""What the page Models asks for: networks, what their layers took, checklists, variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.cache.lens import Lens
from results import accuracy_queries, network_queries
from results.accuracy import AccuracyView
from results.activations import Carried
from results.index import Index
from results.networks import Network
from results.operator_times import Executed
from results.readiness.checklist import checklists
from results.readiness.read import Wanted
from results.readiness.shapes import Checklist
from results.views import VariantView

_KEPT = 128


def networks(lens: Lens, model_ids: Sequence[str]) -> tuple[Network, ...]:
    """These models as they were read."""
    return tuple(_network(lens.digest, model_id, lens.index) for model_id in model_ids)


def executed(lens: Lens, cell_ids: Sequence[str]) -> tuple[Executed, ...]:
    """What the layers of these cells took."""
    return _executed(lens.digest, tuple(cell_ids), lens.index)


def carriers(
    lens: Lens, networks: Sequence[Network], cell_ids: Sequence[str]
) -> tuple[Carried, ...]:
    """The executed layers of these cells that carry activations of these networks."""
    model_ids = tuple(one.model_id for one in networks)
    return _carriers(lens.digest, model_ids, tuple(cell_ids), lens.index, networks)


def readiness(lens: Lens, model_id: str, wanted: Wanted) -> tuple[Checklist, ...]:
    """The checklist of a model; raises LensError where nothing fits."""
    return _readiness(lens.digest, model_id, wanted, lens)


def variants(
    lens: Lens, model_ids: Sequence[str]
) -> tuple[tuple[VariantView, ...], tuple[AccuracyView, ...]]:
    """All variants of these models, and how good their answers are."""
    return _variants(lens.digest, tuple(model_ids), lens.index)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _network(digest: str, model_id: str, _index: Index) -> Network:
    del digest
    return network_queries.networks(_index, [model_id])[0]


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _executed(digest: str, cell_ids: tuple[str, ...], _index: Index) -> tuple[Executed, ...]:
    del digest
    return network_queries.executed(_index, cell_ids)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _carriers(
    digest: str,
    model_ids: tuple[str, ...],
    cell_ids: tuple[str, ...],
    _index: Index,
    _networks: Sequence[Network],
) -> tuple[Carried, ...]:
    del digest, model_ids
    names = [name for network in _networks for one in network.activations for name in one.ops]
    return network_queries.carriers(_index, cell_ids, list(dict.fromkeys(names)))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _readiness(digest: str, model_id: str, wanted: Wanted, _lens: Lens) -> tuple[Checklist, ...]:
    """Comparisons that the page has shown are not made again."""
    del digest
    return checklists(_lens.index, model_id, wanted, _lens.cells(), _lens.compare)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _variants(
    digest: str, model_ids: tuple[str, ...], _index: Index
) -> tuple[tuple[VariantView, ...], tuple[AccuracyView, ...]]:
    del digest
    found = network_queries.variants_of_models(_index, model_ids)
    return found, accuracy_queries.accuracy(_index, list(model_ids))
