"""What the page Models asks for: networks, what their layers took, checklists, variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.cache.lens import Lens
from results import accuracy_queries, network_queries, timing_queries
from results.accuracy import AccuracyView
from results.activations import Carried
from results.index import Index
from results.networks import Network
from results.operator_times import Executed
from results.readiness.checklist import checklists
from results.readiness.read import Wanted
from results.readiness.shapes import Checklist
from results.views import LaunchView, VariantView

_KEPT = 128


def networks(lens: Lens, model_ids: Sequence[str]) -> tuple[Network, ...]:
    """These models as they were read."""
    return _networks(lens.digest, tuple(model_ids), lens.index)


def ran(
    lens: Lens, networks: Sequence[Network], cell_ids: Sequence[str]
) -> tuple[tuple[Executed, ...], tuple[Carried, ...]]:
    """What the layers of these cells took, and which carry activations of these networks."""
    names = (name for network in networks for one in network.activations for name in one.ops)
    return _ran(lens.digest, tuple(cell_ids), tuple(dict.fromkeys(names)), lens.index)


def launches(lens: Lens, profiled: Sequence[tuple[str, str]]) -> tuple[LaunchView, ...]:
    """The launches of these cells in these runs (run, cell)."""
    return _launches(lens.digest, tuple(profiled), lens.index)


def readiness(lens: Lens, model_id: str, wanted: Wanted) -> tuple[Checklist, ...]:
    """The checklist of a model; raises LensError where nothing fits."""
    return _readiness(lens.digest, model_id, wanted, lens)


def variants(
    lens: Lens, model_ids: Sequence[str]
) -> tuple[tuple[VariantView, ...], tuple[AccuracyView, ...]]:
    """All variants of these models, and how good their answers are."""
    return _variants(lens.digest, tuple(model_ids), lens.index)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _networks(digest: str, model_ids: tuple[str, ...], _index: Index) -> tuple[Network, ...]:
    del digest
    return network_queries.networks(_index, model_ids)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _ran(
    digest: str, cell_ids: tuple[str, ...], op_names: tuple[str, ...], _index: Index
) -> tuple[tuple[Executed, ...], tuple[Carried, ...]]:
    del digest
    return network_queries.ran(_index, cell_ids, op_names)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _launches(
    digest: str, profiled: tuple[tuple[str, str], ...], _index: Index
) -> tuple[LaunchView, ...]:
    del digest
    return timing_queries.of_runs(_index, profiled)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _readiness(digest: str, model_id: str, wanted: Wanted, _lens: Lens) -> tuple[Checklist, ...]:
    """Comparisons that the page has shown are not made again."""
    del digest
    return checklists(_lens.index, model_id, wanted, _lens.cells(), _lens.compare, runs=_lens.runs)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _variants(
    digest: str, model_ids: tuple[str, ...], _index: Index
) -> tuple[tuple[VariantView, ...], tuple[AccuracyView, ...]]:
    del digest
    found = network_queries.variants_of_models(_index, model_ids)
    return found, accuracy_queries.accuracy(_index, list(model_ids))
