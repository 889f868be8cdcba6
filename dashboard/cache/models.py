"""What the page Models asks for: networks, what their layers took, checklists, variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.cache.lens import Lens
from results import network_queries
from results.accuracy import AccuracyView
from results.activations import Carried
from results.index import Index
from results.networks import Network, network_of
from results.operator_times import Executed
from results.readiness.at_hand import AtHand
from results.readiness.checklist import checklists
from results.readiness.read import Wanted, expected_cells
from results.readiness.shapes import Checklist
from results.shelf import Shelf
from results.views import LaunchView, VariantView

_KEPT = 128


def networks(lens: Lens, model_ids: Sequence[str], shelf: Shelf) -> tuple[Network, ...]:
    """These models as they were read."""
    return _networks(lens.digest, tuple(model_ids), lens, shelf)


def ran(
    lens: Lens, networks: Sequence[Network], cell_ids: Sequence[str]
) -> tuple[tuple[Executed, ...], tuple[Carried, ...]]:
    """What the layers of these cells took, and which carry activations of these networks."""
    model_ids = tuple(network.model_id for network in networks)
    return _ran(lens.digest, tuple(cell_ids), model_ids, networks, lens.index)


def launches(
    lens: Lens, profiled: Sequence[tuple[str, str]], shelf: Shelf
) -> tuple[LaunchView, ...]:
    """The launches of these cells in these runs (cell, run)."""
    return _launches(lens.digest, tuple(profiled), shelf)


def at_hand(lens: Lens, asked: Sequence[tuple[str, Wanted]]) -> AtHand:
    """What the checklists of these models are read from, all of them together."""

    def expected() -> list[str]:
        cells = lens.cells()
        return [cell_id for one in asked for cell_id in expected_cells(cells, *one)]

    return AtHand(
        index=lens.index,
        cells=lens.cells,
        compare=lens.compare,  # comparisons that the page has shown are not made again
        runs=lens.runs,
        models=lens.models,
        accuracy=lens.accuracy,
        unmeasured=lens.unmeasured_variants,
        expected=expected,
    )


def readiness(lens: Lens, model_id: str, wanted: Wanted, hand: AtHand) -> tuple[Checklist, ...]:
    """The checklist of a model; raises LensError where nothing fits."""
    return _readiness(lens.digest, model_id, wanted, hand)


def variants(
    lens: Lens, model_ids: Sequence[str]
) -> tuple[tuple[VariantView, ...], tuple[AccuracyView, ...]]:
    """All variants of these models, and how good their answers are."""
    found = _variants(lens.digest, tuple(model_ids), lens.index)
    return found, tuple(view for view in lens.accuracy() if view.model_id in model_ids)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _networks(
    digest: str, model_ids: tuple[str, ...], _lens: Lens, _shelf: Shelf
) -> tuple[Network, ...]:
    del digest
    known = {model.model_id: model for model in _lens.models()}
    return tuple(network_of(one, known.get(one), _shelf.float_ops(one)) for one in model_ids)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _ran(
    digest: str,
    cell_ids: tuple[str, ...],
    model_ids: tuple[str, ...],
    _networks: Sequence[Network],
    _index: Index,
) -> tuple[tuple[Executed, ...], tuple[Carried, ...]]:
    """The networks are known by their ids: hundreds of names would take long to make a key of."""
    del digest, model_ids
    names = (name for network in _networks for one in network.activations for name in one.ops)
    return network_queries.ran(_index, cell_ids, tuple(dict.fromkeys(names)))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _launches(
    digest: str, profiled: tuple[tuple[str, str], ...], _shelf: Shelf
) -> tuple[LaunchView, ...]:
    del digest
    return tuple(launch for one in profiled for launch in _shelf.launches(*one))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _readiness(digest: str, model_id: str, wanted: Wanted, _hand: AtHand) -> tuple[Checklist, ...]:
    del digest
    return checklists(_hand.index, model_id, wanted, hand=_hand)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _variants(digest: str, model_ids: tuple[str, ...], _index: Index) -> tuple[VariantView, ...]:
    del digest
    return network_queries.variants_of_models(_index, model_ids)
